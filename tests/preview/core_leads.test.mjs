// The page's desk over the real module: every platform's documented sample, exports that come back as the same leads.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { drive, randomBytes } from "../../functions/host/drive.mjs";
import { createDesk } from "../../functions/preview/dataset/desk.mjs";
import { inventMany, SAMPLES } from "../../functions/preview/leads/samples.mjs";
import { pairUp } from "../../functions/preview/leads/pairs.mjs";
import { CSV_FIELDS } from "../../functions/preview/exports/writer.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const file = join(process.env.LEADBRIDGE_BUILD ?? join(root, "build"), "leadbridge.wasm");
assert.ok(existsSync(file), `${file} is not built`);
const module = new WebAssembly.Module(readFileSync(file));
const host = { now: () => Date.now(), random: randomBytes };
const call = async (event, bytes) => {
    const now = Date.now();
    const { exit, summary } = await drive({ module, configText: "{}", event, body: bytes, host });
    return { summary: { exit, ...summary }, now };
};
const desk = () => createDesk({ call, width: 1 });
const opened = async (name, content) => {
    const d = desk();
    await d.load([{ name, blob: new Blob([content]) }]);
    return d;
};
const sample = (wanted) => {
    const [, name, content] = SAMPLES.find(([platform]) => platform === wanted);
    return opened(name, content());
};

test("each documented sample becomes the right leads", async () => {
    const tmall = await sample("tmall");
    const [row] = tmall.window({}).rows;
    assert.deepEqual(
        [row.name, row.phone, row.province, row.city, row.district, row.platform, row.lead_id],
        ["张三", "135****8911", "浙江省", "杭州", "余杭区", "tmall", "371009"],
    );
    assert.equal(row.submitted, Date.parse("2021-07-17T23:59:59+08:00"));
    assert.deepEqual([tmall.stats().size, tmall.stats().problem, tmall.stats().unknown], [1, 0, []]);

    const alimama = await sample("alimama");
    const [ad] = alimama.window({}).rows;
    assert.deepEqual(
        [ad.name, ad.class, ad.form, ad.store, ad.channel, ad.lead_id, ad.unread],
        ["**三", "encrypted", "新半价2", "测试店铺名", "淘积木其他", "221985", true],
    );
    assert.deepEqual(alimama.stats().needs, ["mobile_key"]);

    const tanma = await sample("tanma");
    assert.deepEqual(
        tanma.window({}).rows.map(({ name, lead_id, phone }) => [name, lead_id, phone]),
        [
            ["打马赛克就", "410983932389440", tanma.window({}).rows[0].phone],
            ["uuu", "410984073320512", "178****3939"],
        ],
    );

    const etc = await sample("etc");
    assert.deepEqual(
        etc.window({}).rows.map(({ lead_id, platform }) => [lead_id, platform]),
        [
            ["215", "etc"],
            ["239", "etc"],
        ],
    );

    const statistics = await sample("outinvest");
    assert.deepEqual([statistics.stats().size, statistics.stats().rows], [0, 1]);
    assert.equal(statistics.rows().list[0].row.storeName, "222333444555666777");
});

test("the detail holds the raw row, and most of its fields stand beside what they became", async () => {
    const d = await sample("tmall");
    for (const reveal of [false, true]) {
        const { lead, raw, unknown } = await d.detail({ row: 0, reveal });
        assert.deepEqual(unknown, []);
        assert.equal(JSON.stringify({ lead, raw }).includes("13567658911"), reveal);
        const { pairs } = pairUp(raw, lead);
        const to = (path) => pairs.find((pair) => pair.path === path)?.mapped.map(([target]) => target) ?? [];
        assert.ok(to("taobao_nick").includes("person.nick"));
        assert.ok(to("gmt_appointment").includes("times.submitted.raw"), String(to("gmt_appointment")));
        assert.ok(to("name").includes("person.name"));
        assert.ok(to("record_id").includes("source.lead_id"));
    }
});

test("invented leads of three platforms: people are found across sources; an export dropped in again is the same leads", async () => {
    const d = await opened("many.ndjson", inventMany(2000, Date.parse("2026-03-02T12:00:00+08:00")));
    const stats = d.stats();
    assert.deepEqual([stats.size, stats.problem, stats.unread], [2000, 0, 0]);
    assert.deepEqual([...stats.files[0].platforms].sort(), ["alimama", "tanma", "tmall"]);
    assert.ok(stats.several > 50, String(stats.several));
    const list = (desk_) =>
        desk_
            .window({ from: 0, count: 2000, reveal: true })
            .rows.map(
                ({
                    name,
                    phone,
                    lead_id,
                    platform,
                    account,
                    province,
                    city,
                    district,
                    submitted,
                    store,
                    form,
                    channel,
                }) => ({
                    name,
                    phone,
                    lead_id,
                    platform,
                    account,
                    province,
                    city,
                    district,
                    submitted,
                    store,
                    form,
                    channel,
                }),
            );
    for (const format of ["csv", "ndjson", "json"]) {
        const { blob, rows, missing } = await d.export({ what: "all", format, reveal: true, fields: null });
        assert.deepEqual([rows, missing], [2000, 0]);
        const again = desk();
        await again.load([{ name: `again.${format}`, blob }]);
        assert.deepEqual(
            [again.stats().size, again.stats().problem],
            [2000, 0],
            JSON.stringify(again.problems().list[0]),
        );
        assert.deepEqual(list(again), list(d), format);
        assert.equal(again.stats().several, stats.several);
    }
});

test("a masked export holds no number, and comes back masked", async () => {
    const d = await opened("many.ndjson", inventMany(300));
    const numbers = d.window({ from: 0, count: 300, reveal: true }).rows.map(({ phone }) => phone.replace("+86", ""));
    for (const format of ["csv", "ndjson"]) {
        const { blob } = await d.export({ what: "all", format, reveal: false, fields: null });
        const text = await blob.text();
        assert.equal(numbers.filter((number) => text.includes(number)).length, 0);
        const again = desk();
        await again.load([{ name: "masked", blob }]);
        assert.equal(again.stats().size, 300);
        assert.equal(
            again.window({ from: 0, count: 1, reveal: true }).rows[0].phone,
            d.window({ from: 0, count: 1 }).rows[0].phone,
        );
    }
    assert.equal(CSV_FIELDS.length, 35);
});

test("bad input ends in a sentence: half a JSON, XML bomb, wrong and protected keys, mixed lines", async () => {
    const half = await opened("half.json", SAMPLES[0][2]().slice(0, 300));
    assert.equal(half.stats().size, 0);
    assert.ok(half.stats().problem > 0);
    const bomb = await opened(
        "bomb.xml",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    );
    assert.equal(bomb.problems().list.length, 1);
    assert.ok(bomb.problems().list[0].problem.length > 10);
    const wrong = desk();
    wrong.set({ mobile_key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" });
    await wrong.load([{ name: "a.json", blob: new Blob([SAMPLES[1][2]()]) }]);
    assert.equal(wrong.stats().unread, 1);
    assert.ok(wrong.stats().key_problem?.code, JSON.stringify(wrong.stats()));
    const mixed = await opened(
        "mixed.ndjson",
        [SAMPLES[0][2](), SAMPLES[1][2](), SAMPLES[2][2](), '{"half":', "", SAMPLES[3][2](), "nonsense"].join("\n"),
    );
    assert.deepEqual([mixed.stats().size, mixed.problems().list.map(({ line }) => line)], [6, [4, 7]]);
    assert.deepEqual([...mixed.stats().files[0].platforms].sort(), ["alimama", "etc", "tanma", "tmall"]);
});
