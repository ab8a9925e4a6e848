// The columns: order, filters, persons and counts, on few rows by hand and on many by a model.
import assert from "node:assert/strict";
import test from "node:test";
import { countPictures } from "../../functions/preview/dataset/counts.mjs";
import { createDataset, hideIn, hideNumbers } from "../../functions/preview/dataset/dataset.mjs";
import { leadOf } from "./fakes/core.mjs";

const put = (data, row, more = {}) =>
    data.put({ lead: leadOf(row, { reveal: true }), piece: 0, line: row.id, nth: 0, now: 0, ...more });
const ids = (data, view) => Array.from(view.rows, (row) => data.show(row).lead_id);
const T = Date.parse("2026-03-02T09:30:00+08:00"); // a Monday

function few() {
    const data = createDataset();
    put(data, { id: 1, name: "张三", phone: "13800000001", t: T, src: "ads", prov: "浙江省" });
    put(data, { id: 2, name: "李四", phone: "13800000002", t: T + 3600_000, src: "ads", prov: "江苏省" });
    put(data, {
        id: 3,
        name: "阿波",
        phone: "13800000001",
        t: T - 86_400_000,
        src: "scrm",
        prov: "浙江省",
        remark: "周末 联系",
    });
    put(data, { id: 4, name: "", src: "scrm" });
    put(
        data,
        { id: 5, name: "张三", phone: "13800000001", t: T + 7200_000, src: "ads", prov: "浙江省", odd: 1 },
        { unknown: ["odd"] },
    );
    return data;
}

test("sort: stable, rows without a value last both ways, names by pinyin", () => {
    const data = few();
    assert.deepEqual(ids(data, data.view({ sort: { column: "submitted" } })), ["3", "1", "2", "5", "4"]);
    assert.deepEqual(ids(data, data.view({ sort: { column: "submitted", descending: true } })), [
        "5",
        "2",
        "1",
        "3",
        "4",
    ]);
    assert.deepEqual(ids(data, data.view({ sort: { column: "name" } })), ["3", "2", "1", "5", "4"]);
    assert.deepEqual(ids(data, data.view({ sort: { column: "name", descending: true } })), ["1", "5", "2", "3", "4"]);
    assert.deepEqual(ids(data, data.view({ sort: { column: "source" } })), ["1", "2", "5", "3", "4"]);
});

test("filters: values, time, hour, text in name, digits, id and remark, with a masked display", () => {
    const data = few();
    const found = (...filters) => ids(data, data.view({ filters }));
    assert.deepEqual(
        found(
            { kind: "in", column: "province", values: ["浙江省"] },
            { kind: "in", column: "source", values: ["ads"] },
        ),
        ["1", "5"],
    );
    assert.deepEqual(found({ kind: "in", column: "province", values: [""] }), ["4"]);
    assert.deepEqual(found({ kind: "time", column: "submitted", from: T, to: T + 3600_000 }), ["1"]);
    assert.deepEqual(found({ kind: "hour", hour: 9, weekday: 0 }), ["1"]);
    assert.deepEqual(found({ kind: "text", text: "138 0000-0002" }), ["2"]);
    assert.deepEqual(found({ kind: "text", text: "联系" }), ["3"]);
    assert.deepEqual(found({ kind: "text", text: "张" }), ["1", "5"]);
    assert.deepEqual(found({ kind: "several" }), ["1", "3", "5"]);
    assert.deepEqual(found({ kind: "unknown" }), ["5"]);
    assert.deepEqual(found({ kind: "in", column: "nothing", values: [] }), []);
    assert.equal(data.show(1).phone, "138****0002");
    assert.equal(data.show(1, { reveal: true }).phone, "+8613800000002");
});

test("persons: by the E.164 number of a mobile across sources, never by masked, privacy or service numbers", () => {
    const data = few();
    const view = data.view({ sort: { column: "submitted", descending: true }, group: true });
    assert.deepEqual(ids(data, view), ["5", "1", "3", "2", "4"]);
    assert.deepEqual([...view.heads], [1, 0, 0, 1, 1]);
    assert.equal(view.persons, 3);
    const strangers = createDataset();
    for (const [i, phone] of [
        { class: "masked", masked: "138****0001" },
        { class: "privacy_ext", e164: "+8617000000000", raw: "x" },
        { class: "service", e164: "+864001234567" },
    ].entries()) {
        for (const id of [10 * i, 10 * i + 1]) {
            const lead = leadOf({ id, src: `s${id}` }, { reveal: true });
            lead.phones = [phone];
            strangers.put({ lead, piece: 0, line: id, nth: 0, now: 0 });
        }
    }
    assert.equal(strangers.groups().count, 0);
    for (const id of [90, 91]) {
        const lead = leadOf({ id }, { reveal: true });
        lead.phones = [{ class: "mobile", masked: "138****0001", hmac: "aa" }];
        strangers.put({ lead, piece: 0, line: id, nth: 0, now: 0 });
    }
    assert.equal(strangers.groups().count, 1, "a masked export is grouped by its HMAC");
});

test("the same lead again: a newer version or a phone that became readable replaces it, anything else is a repeat", () => {
    const data = createDataset();
    assert.equal(put(data, { id: 1, v: 9, name: "a", phone: "13800000001", enc: true }), "added");
    assert.equal(put(data, { id: 1, v: 9, name: "a", phone: "13800000001", enc: true }), "repeat");
    assert.equal(data.summary().unread, 1);
    assert.equal(put(data, { id: 1, v: 9, name: "b", phone: "13800000001" }), "replaced");
    assert.equal(data.summary().unread, 0);
    assert.equal(put(data, { id: 1, v: 10, name: "c", phone: "13800000001" }), "replaced");
    assert.equal(put(data, { id: 1, v: 9, name: "d", phone: "13800000001" }), "repeat");
    assert.equal(data.size, 1);
    assert.equal(data.show(0).name, "c");
});

test("numbers inside free text are hidden in a masked display, other digits are not", () => {
    assert.equal(hideNumbers("张三 138 1234 5678 急"), "张三 138****5678 急");
    assert.equal(hideNumbers("+86-13812345678"), "138****5678");
    assert.equal(hideNumbers("0571-88889999"), "0571****9999");
    assert.equal(
        hideNumbers("新半价2 3室2厅 120平 5314456 1694076956000"),
        "新半价2 3室2厅 120平 5314456 1694076956000",
    );
    assert.deepEqual(
        hideIn({
            mobile: '["145678388"]',
            n: 13800000000,
            id: 410983932389440,
            list: [{ remark: "打13800000000" }],
        }),
        {
            mobile: '["1****8388"]',
            n: "138****0000",
            id: 410983932389440,
            list: [{ remark: "打138****0000" }],
        },
    );
});

test("pictures: hours and weekdays in +08:00, sources, steps of the delay, shared persons", () => {
    const data = few();
    const pictures = countPictures(data, data.matching());
    assert.equal(pictures.total, 5);
    assert.equal(pictures.timed, 4);
    assert.deepEqual(
        [pictures.grid[0][9], pictures.grid[0][10], pictures.grid[0][11], pictures.grid[6][9]],
        [1, 1, 1, 1],
    );
    assert.equal(pictures.days.from, Date.parse("2026-03-01T00:00:00+08:00"));
    assert.deepEqual(
        pictures.days.bars.map((bar) => bar.reduce((a, b) => a + b)),
        [1, 3],
    );
    assert.deepEqual(pictures.source.values, [
        ["ads", 3],
        ["scrm", 2],
    ]);
    assert.deepEqual(pictures.duplicates, { persons: 2, shared: 1, pairs: [[["ads", "scrm"], 1]] });
});

for (const count of [100_000, 1_000_000]) {
    test(`${count} rows: order and filters agree with plain code; what it takes is printed`, () => {
        const data = createDataset();
        const surnames = [..."王李张刘陈杨黄赵周吴"];
        const given = [..."伟芳娜敏静强磊洋艳杰三四"];
        let random = 7;
        const next = (below) => (random = (Math.imul(random, 1103515245) + 12345) >>> 0) % below;
        const rows = [];
        const began = performance.now();
        for (let i = 0; i < count; i++) {
            const row = {
                id: i + 1,
                name: surnames[next(10)] + given[next(12)] + given[next(12)],
                phone: `138${String(next(100_000_000)).padStart(8, "0")}`,
                t: T + next(2_592_000) * 1000,
                src: `s${next(4)}`,
                prov: `p${next(30)}`,
            };
            if (count <= 100_000) rows.push(row);
            put(data, row);
        }
        const took = {};
        const time = (name, work) => {
            const at = performance.now();
            const result = work();
            took[name] = Math.round(performance.now() - at);
            return result;
        };
        const byTime = time("sort time", () => data.view({ sort: { column: "submitted", descending: true } }));
        const byName = time("sort name", () => data.view({ sort: { column: "name" } }));
        const text = time("search", () => data.view({ filters: [{ kind: "text", text: "王伟" }] }));
        const value = time("filter", () =>
            data.view({
                filters: [{ kind: "in", column: "province", values: ["p7"] }],
                sort: { column: "submitted" },
            }),
        );
        const grouped = time("group", () => data.view({ group: true }));
        time("pictures", () => countPictures(data, data.matching()));
        assert.equal(byTime.rows.length, count);
        assert.equal(byName.rows.length, count);
        assert.equal(grouped.rows.length, count);
        assert.equal(new Set(grouped.rows).size, count);
        const submitted = data.times.submitted.values;
        for (let i = 1; i < count; i++) assert.ok(submitted[byTime.rows[i - 1]] >= submitted[byTime.rows[i]]);
        if (rows.length > 0) {
            assert.equal(text.rows.length, rows.filter(({ name }) => name.includes("王伟")).length);
            const wanted = rows.filter(({ prov }) => prov === "p7").sort((a, b) => a.t - b.t || a.id - b.id);
            assert.deepEqual(
                ids(data, value),
                wanted.map(({ id }) => String(id)),
            );
            const persons = new Set(rows.map(({ phone }) => phone));
            assert.equal(grouped.persons, persons.size);
        }
        console.log(
            `# ${count} rows: put ${Math.round(performance.now() - began)} ms in all, ${JSON.stringify(took)} ms, columns ${Math.round(data.bytes / 1048576)} MB`,
        );
    });
}
