// The data worker's desk with a stand-in core: files to leads, problems with true lines, detail, keys, cancel, exports.
import assert from "node:assert/strict";
import test from "node:test";
import { createDesk } from "../../functions/preview/dataset/desk.mjs";
import { readFieldMap } from "../../functions/preview/exports/writer.mjs";
import { createFakeCore } from "./fakes/core.mjs";

const file = (name, content, more) => ({ name, blob: new Blob([content]), ...more });
const lines = (rows) => rows.map((row) => JSON.stringify(row)).join("\n");
const people = (count, more = {}) =>
    Array.from({ length: count }, (_, i) => ({
        id: i + 1,
        name: `人${i}`,
        phone: `138${String(i).padStart(8, "0")}`,
        t: 1_700_000_000_000 + i * 60_000,
        ...more,
    }));

function desk(width = 2) {
    const core = createFakeCore();
    return { ...core, desk: createDesk({ call: core.call, width }) };
}

test("NDJSON in pieces: leads in the order of the file, problems with its lines, detail of any row", async () => {
    const { desk: d, calls } = desk();
    const rows = people(1700).map((row) => JSON.stringify(row));
    rows[1234] = '{"id":';
    const reports = [];
    const result = await d.load([file("a.ndjson", rows.join("\n"))], (report) => reports.push(report));
    assert.equal(result.added, 1699);
    assert.equal(calls.length, 4);
    assert.ok(
        calls.every(({ event }) => event.reveal === true && event.kind === "preview" && event.format === "ndjson"),
    );
    assert.deepEqual(d.problems().list, [
        { file: "a.ndjson", line: 1235, code: "not_json", problem: "not JSON", piece: 2 },
    ]);
    const window = d.window({ from: 1233, count: 2 });
    assert.deepEqual(
        window.rows.map(({ lead_id }) => lead_id),
        ["1234", "1236"],
    );
    assert.equal(window.rows[0].phone, "138****1233");
    const detail = await d.detail({ row: window.rows[1].row });
    assert.deepEqual([detail.raw.id, detail.line, detail.lead.phones[0].raw], [1236, 1236, undefined]);
    assert.equal((await d.detail({ row: window.rows[1].row, reveal: true })).lead.phones[0].e164, "+8613800001235");
    assert.equal(reports.at(-1).share, 1);
});

test("CSV in pieces, several leads on one line, and the exact record behind each row", async () => {
    const { desk: d } = desk();
    await d.load([
        file(
            "t.csv",
            `id,name,phone\r\n${people(900)
                .map(({ id, name, phone }) => `${id},"${name}\r\n""x""",${phone}`)
                .join("\r\n")}`,
        ),
    ]);
    assert.equal(d.stats().size, 900);
    const detail = await d.detail({ row: 777 });
    assert.deepEqual([detail.raw.id, detail.raw.name, detail.line], ["778", '人777\r\n"x"', 2 + 777 * 2]);
    await d.load([
        file(
            "p.ndjson",
            lines([{ rows: people(3, { src: "p" }).map((row) => ({ ...row, id: row.id + 5000 })) }, { id: 9000 }]),
        ),
    ]);
    assert.equal((await d.detail({ row: 902 })).raw.id, 5003);
});

test("phones without a key stay readable later: the same source again, in place", async () => {
    const { desk: d } = desk();
    await d.load([file("a", lines(people(1200, { enc: 1 })))]);
    assert.deepEqual([d.stats().unread, d.stats().needs], [1200, ["mobile_key"]]);
    d.set({ mobile_key: "fake" });
    await d.retry();
    assert.deepEqual([d.stats().unread, d.stats().needs, d.stats().size, d.stats().problem], [0, [], 1200, 0]);
    assert.equal(d.window({ from: 5, count: 1, reveal: true }).rows[0].phone, "+8613800000005");
});

test("a record that stops the core is found and named; the others are read", async () => {
    const { desk: d } = desk();
    const rows = people(600).map((row) => JSON.stringify(row));
    rows[321] = '{"boom":1}';
    await d.load([file("a", rows.join("\n"))]);
    assert.equal(d.stats().size, 599);
    const list = d.problems().list.map(({ line, code }) => ({ line, code }));
    assert.deepEqual(list, [{ line: 322, code: "trap" }]);
});

test("cancel keeps what is there; another file can be opened at once", async () => {
    const { desk: d } = desk();
    const big = file("a", lines(people(20_000)));
    const running = d.load([big], ({ leads }) => leads > 0 && d.cancel());
    assert.equal((await running).cancelled, true);
    const { size } = d.stats();
    assert.ok(size > 0 && size < 20_000, String(size));
    await d.load([file("b", lines([{ id: "new" }]))]);
    assert.equal(d.stats().size, size + 1);
    await d.clear();
    assert.deepEqual([d.stats().size, d.stats().files.length], [0, 0]);
});

test("junk, empty and half files are named, mixed files go on", async () => {
    const { desk: d } = desk();
    const half = JSON.stringify({ list: people(20) });
    await d.load([
        file("x.xlsx", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0)),
        file("e.txt", " \n"),
        file("h.json", half.slice(0, half.length - 30)),
        file("ok", lines(people(2, { src: "ok" }))),
    ]);
    assert.deepEqual(
        d
            .stats()
            .problems.map(([code]) => code)
            .sort(),
        ["binary_zip", "cut_off", "empty", "not_json"],
    );
    assert.equal(d.stats().files[2].leads, 19);
});

test("exports: order of the view, only what is filtered, masked unless asked; the parts fit together", async () => {
    const { desk: d } = desk();
    await d.load([
        file("a", lines(people(1300))),
        file("b", lines(people(50, { src: "b" }).map((row) => ({ ...row, id: row.id + 10_000 })))),
    ]);
    d.query({
        filters: [{ kind: "in", column: "source", values: ["x"] }],
        sort: { column: "submitted", descending: true },
    });
    const view = await d.export({ what: "view", format: "ndjson", reveal: false, fields: null });
    const docs = (await view.blob.text())
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    assert.equal(docs.length, 1300);
    assert.deepEqual([docs[0].source.lead_id, docs[1299].source.lead_id], ["1300", "1"]);
    assert.ok(docs.every(({ phones }) => phones[0].raw === undefined));
    const all = await d.export({ what: "all", format: "json", reveal: true, fields: null });
    const list = JSON.parse(await all.blob.text());
    assert.equal(list.length, 1350);
    assert.equal(list[0].phones[0].e164, "+8613800000000");
    const { fields } = readFieldMap(
        '{"fields":[{"name":"手机","from":"phones.0.e164"},{"name":"渠道","value":"=1+1"},{"name":"n","from":"person.name"}]}',
    );
    const csv = await (await d.export({ what: "view", format: "csv", reveal: true, fields })).blob.text();
    assert.ok(csv.startsWith("手机,渠道,n\r\n'+8613800001299,'=1+1,人1299\r\n"), csv.slice(0, 80));
});

test("leads handed over as documents go the same way", async () => {
    const { desk: d } = desk();
    const result = await d.loadLeads(people(3), { source: "bridge" });
    assert.equal(result.added, 3);
    assert.equal(d.window({ from: 0, count: 1 }).rows[0].source, "bridge");
});
