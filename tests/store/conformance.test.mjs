// The store suite (conformance.json) on the JavaScript stores: memory, and D1 in Miniflare; then what only D1 can get wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { cut, openD1Store } from "../../functions/cloudflare/store_d1.mjs";
import { startModules } from "../../infra/dev/local_worker.mjs";
import { lines } from "./lines.mjs";
import { openMemoryStore } from "./memory.mjs";
import { cases, conformance } from "./suite.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const SQL = {
    schema: read("../../infra/sql/schema.sql"),
    statements: read("../../infra/sql/statements.sql"),
};
const NOW = 1_700_000_000_000;

describe("memory", () => conformance(() => openMemoryStore()));

describe("D1", () => {
    let worker;
    const EXTRA = 10;
    before(async () => {
        const names = Array.from({ length: cases.length + EXTRA }, (_, i) => `DB${i}`);
        const databases = Object.fromEntries(names.map((name) => [name, name]));
        ({ worker } = await startModules({ "empty.mjs": "export default {}" }, { databases }));
    });
    after(() => worker.dispose());
    const database = (i) => worker.getD1Database(`DB${i}`);
    const extra = (i) => database(cases.length + i);
    const lead = (id, more = {}) => ({
        id,
        source: "ads",
        platform: "alimama",
        account: "main",
        lead_id: id,
        version: 1,
        revision: 1,
        sort_at: NOW,
        doc: "{}",
        ...more,
    });
    const records = (commit, more) => lines({ commit, now: NOW, ...more });

    conformance(async (number) => openD1Store(await database(number), SQL));

    // Two stores over one database, as two isolates see it: each has its own binding object.
    const isolates = async (i, count) => {
        const db = await extra(i);
        return Array.from({ length: count }, () =>
            openD1Store({ prepare: (sql) => db.prepare(sql), batch: (all) => db.batch(all) }, SQL),
        );
    };

    test("ten first requests at once migrate once", async () => {
        const stores = await isolates(0, 10);
        const results = await Promise.all(
            stores.map((store, i) => store.commit([], records(`c${i}`, { leads: [lead(`l${i}`)] }))),
        );
        assert.deepEqual(
            results.map(({ outcome, inserted }) => [outcome, inserted]),
            Array(10).fill(["ok", 1]),
        );
        assert.deepEqual((await (await extra(0)).prepare("SELECT * FROM meta").all()).results, [
            { key: "schema_version", value: 2 },
        ]);
    });

    test("a migrated database costs one look per isolate", async () => {
        await (await isolates(1, 1))[0].load([], NOW);
        const db = await extra(1);
        const asked = [];
        const counting = {
            prepare: (sql) => {
                asked.push(sql);
                return db.prepare(sql);
            },
            batch: (all) => db.batch(all),
        };
        await openD1Store(counting, SQL).load([], NOW);
        assert.equal(asked.length, 2);
        await openD1Store(counting, SQL).load([], NOW);
        assert.equal(asked.length, 3);
    });

    test("a newer schema is refused", async () => {
        await (await isolates(2, 1))[0].load([], NOW);
        await (await extra(2)).prepare("UPDATE meta SET value = 7 WHERE key = 'schema_version'").run();
        const result = await (await isolates(2, 1))[0].commit([], records("c", { leads: [lead("l")] }));
        assert.equal(result.outcome, "error");
        assert.match(result.reason, /schema version 7, this Worker knows 2/);
    });

    test("a database of schema version 1 moves to the newest once", async () => {
        const db = await extra(7);
        const first = { ...SQL, schema: SQL.schema.slice(0, SQL.schema.indexOf("-- name: v2_")) };
        await openD1Store({ prepare: (sql) => db.prepare(sql), batch: (all) => db.batch(all) }, first).commit(
            [{ key: "walk", expected: 0, value: "old" }],
            "{}",
        );
        assert.equal(await db.prepare("SELECT value FROM meta").first("value"), 1);
        await db.prepare("INSERT INTO outbox (id, queue, due_at, payload) VALUES ('o1', 'q', 7, 'p')").run();
        const stores = await isolates(7, 5);
        const row = (id) => ({ set: "s", id, at: 1, doc: "{}" });
        const results = await Promise.all(
            stores.map((store, i) => store.commit([], records(`c${i}`, { leads: [lead("l1")], rows: [row(`r${i}`)] }))),
        );
        assert.equal(
            results.reduce((sum, { inserted }) => sum + inserted, 0),
            6,
            JSON.stringify(results),
        );
        assert.equal(await db.prepare("SELECT value FROM meta").first("value"), 2);
        assert.equal((await stores[0].load(["walk"], NOW)).records[0].value, "old");
        assert.deepEqual((await stores[0].scan("row_counts", {}, 10, "")).items, [{ set: "s", rows: 5, newest: 1 }]);
        assert.deepEqual((await stores[0].scan("queues", {}, 10, "")).items, [
            { queue: "q", waiting: 1, dead: 0, next_at: 7 },
        ]);
    });

    test("a page without rows asks no statement for them", async () => {
        const db = await extra(8);
        const asked = [];
        const counting = {
            prepare: (sql) => {
                asked.push(sql);
                return db.prepare(sql);
            },
            batch: (all) => db.batch(all),
        };
        const store = openD1Store(counting, SQL);
        await store.load([], NOW);
        asked.length = 0;
        const statements = async (commit, more) => {
            asked.length = 0;
            const { outcome, reason, ...counts } = await store.commit([], records(commit, more));
            assert.equal(outcome, "ok", reason);
            return [asked.length, ...Object.values(counts)];
        };
        assert.deepEqual(await statements("c", { leads: [lead("l")], rows: [] }), [1, 1, 0, 0]);
        assert.deepEqual(await statements("d", { rows: [] }), [0, 0, 0, 0]);
        // A push: what it writes says what a count would.
        const push = { leads: [lead("m")], marks: [{ key: "m", expires_at: NOW + 9, once: true }] };
        assert.deepEqual(await statements("e", push), [2, 1, 0, 0]);
        assert.deepEqual(await statements("f", { leads: [lead("m", { version: 2 })] }), [1, 0, 1, 0]);
        assert.deepEqual(await statements("g", { leads: [lead("m")] }), [2, 0, 0, 1]);
        // The same commit once more, and a list with an id twice.
        assert.deepEqual(await statements("f", { leads: [lead("m", { version: 2 })] }), [2, 0, 1, 0]);
        assert.deepEqual(await statements("h", { leads: [lead("n"), lead("n")] }), [2, 1, 0, 0]);
    });

    test("of many writers with one expected version exactly one wins", async () => {
        const stores = await isolates(3, 4);
        for (let version = 0; version < 5; version++) {
            const results = await Promise.all(
                stores.map((store, i) =>
                    store.commit(
                        [{ key: "walk", expected: version, value: `${version}/${i}` }],
                        records(`c${version}-${i}`, { leads: [lead(`${version}/${i}`)] }),
                    ),
                ),
            );
            assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ["conflict", "conflict", "conflict", "ok"]);
        }
        const {
            records: [walk],
        } = await stores[0].load(["walk"], NOW);
        assert.equal(walk.version, 5);
        const { items } = await stores[0].scan("leads", {}, 100, "");
        assert.equal(items.length, 5);
        assert.ok(items.some((item) => item.id === walk.value));
    });

    test("two claims at once share nothing", async () => {
        const stores = await isolates(4, 3);
        await stores[0].commit(
            [],
            records("c", {
                outbox: Array.from({ length: 30 }, (_, i) => ({
                    id: `o${i}`,
                    queue: "q",
                    due_at: 0,
                    payload: "",
                })),
            }),
        );
        const claims = await Promise.all(stores.map((store, i) => store.claim("q", 12, 1000, `L${i}`, NOW)));
        const ids = claims.flatMap(({ entries }) => entries.map(({ id }) => id));
        assert.equal(ids.length, 30);
        assert.equal(new Set(ids).size, 30);
    });

    test("lines are cut at line breaks, and at nothing else", () => {
        const odd = "a\u2028b\u2029c\u0085d\u000be\r";
        const all = { leads: [lead("l", { doc: odd })], rows: [{ set: "s", id: "\n", at: 1, doc: "}}" }] };
        const pieces = cut(records("c", all), 600_000);
        assert.deepEqual(
            pieces.map(({ list, text }) => [list, JSON.parse(text)]),
            Object.entries(all).map(([list, of]) => [list, { commit: "c", now: NOW, records: of }]),
        );
        const many = { leads: Array.from({ length: 50 }, (_, i) => lead(`l${i}`, { doc: "x".repeat(99) })) };
        const cuts = cut(records("c", many), 1000);
        assert.ok(cuts.length > 5 && cuts.every(({ text }) => text.length < 1200));
        assert.deepEqual(
            cuts.flatMap(({ text }) => JSON.parse(text).records),
            many.leads,
        );
        assert.deepEqual(cut("", 1000), []);
        for (const bad of [
            "{",
            "nonsense",
            '{}\n{"people":{}}',
            '{}\n{"leads":[]}',
            '{}\n{"leads":',
            "{}\n",
            '{}\n{"__proto__":{}}',
        ])
            assert.throws(() => cut(bad, 1000), undefined, bad);
    });

    test("one record above 2 MB is an error that says so, and nothing of its commit is kept", async () => {
        const [store] = await isolates(5, 1);
        const result = await store.commit(
            [{ key: "walk", expected: 0, value: "" }],
            records("c", { leads: [lead("a"), lead("b", { doc: "x".repeat(2_100_000) })] }),
        );
        assert.equal(result.outcome, "error");
        assert.match(result.reason, /2 MB/);
        assert.deepEqual((await store.load(["walk"], NOW)).records, []);
        assert.deepEqual(
            (await store.commit([], records("d", { leads: [lead("a"), lead("b", { doc: "x".repeat(1_700_000) })] })))
                .inserted,
            2,
        );
    });

    test("a D1 failure is a result, not a rejection", async () => {
        const broken = {
            prepare: () => ({
                bind() {
                    return this;
                },
                first: async () => {
                    throw new Error("D1_ERROR: Network connection lost.");
                },
            }),
        };
        for (const call of [
            (s) => s.load(["a"], NOW),
            (s) => s.commit([], records("c", { leads: [] })),
            (s) => s.scan("leads", {}, 1, ""),
            (s) => s.claim("q", 1, 1, "L", NOW),
            (s) => s.settle("q", [], NOW),
            (s) => s.purge(NOW),
        ]) {
            const result = await call(openD1Store(broken, SQL));
            assert.equal(result.outcome, "error");
            assert.match(result.reason, /D1 was not reachable/);
        }
    });
});
