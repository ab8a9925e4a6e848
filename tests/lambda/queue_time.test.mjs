// Messages that need more time than there is: whatever did not end with everything taken is given back, whichever kind it is, and
// nothing is lost or taken twice when it comes again. The store is slow: after one write a second is over, which is all a run has.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KEYS, startProxy } from "../store/dynamo.mjs";
import { startBridge } from "./bridge.mjs";
import { NO_PROGRAM, sqsBatch } from "./function.mjs";
import { startTables } from "./kills.mjs";

const skip = NO_PROGRAM;
const ROWS = 210; // two commits

let tables;
before(async () => {
    tables = await startTables();
});
after(() => tables.close());

async function start(t, delay) {
    const table = await tables.create();
    const proxy = await startProxy(tables.url);
    t.after(() => proxy.close());
    const bridge = await startBridge(t, {
        sandbox: { leads: 35, tanma: { newestAt: Date.now() - 60_000, customers: 3 } },
        config: {
            store: { kind: "dynamodb", table, region: "eu-central-1", endpoint: proxy.url },
            budget: { requests: 1000, seconds: 1 },
        },
        start: { env: KEYS },
    });
    const slow = ({ operation }) => (operation.includes("Item") && !operation.includes("Get") ? { delay } : undefined);
    return { bridge, slowly: (is) => (proxy.fault = is ? slow : () => undefined) };
}
const failed = ({ text }) =>
    JSON.parse(text).batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.slice(-12)));
const rowsOf = async (bridge, name) =>
    JSON.parse((await bridge.invoke({ kind: "backflow", name, action: "status" })).text);

const clue = (at) => JSON.stringify({ id: 1_000_000 + at, gmtCreate: "2023-11-14 10:00:00" });
const statistic = (at) => JSON.stringify({ id: at + 1, statisticsDate: "2023-11-14", calledNum: 3 });
const lines = (make) => Array.from({ length: ROWS }, (_, at) => make(at)).join("\n");

for (const [name, delay, message, isThere] of [
    [
        "rows to load",
        150,
        { kind: "backflow", name: "etc", action: "load", format: "ndjson", body: lines(clue) },
        async (bridge) => assert.equal((await rowsOf(bridge, "etc")).sets[0].rows, ROWS),
    ],
    [
        "rows to send",
        150,
        { kind: "backflow", name: "stats", action: "send", type: 1, format: "ndjson", body: lines(statistic) },
        async (bridge) => {
            const waiting = async () =>
                JSON.parse((await bridge.invoke({ kind: "backflow", name: "stats", action: "send" })).text).waiting;
            for (let runs = 0; (await waiting()) > 0; ) assert.ok(++runs < 20, "rows wait for ever");
            const truth = [...bridge.sandbox.outinvest.truth().values()];
            assert.equal(truth.length, ROWS);
            assert.ok(truth.every(({ times }) => times === 1));
        },
    ],
    [
        "a pull",
        300,
        { kind: "pull", sources: ["ads"] },
        async (bridge) => {
            const { sources } = JSON.parse((await bridge.invoke({ kind: "status" })).text);
            assert.deepEqual(Object.fromEntries(sources.map(({ name: key, leads }) => [key, leads])).ads, 35);
        },
    ],
    [
        "a tick",
        300,
        { kind: "tick" },
        async (bridge) => {
            const { sources } = JSON.parse((await bridge.invoke({ kind: "status" })).text);
            assert.deepEqual(Object.fromEntries(sources.map(({ name: key, leads }) => [key, leads])).ads, 35);
        },
    ],
]) {
    test(`${name}: given back until all of it is taken`, { skip, timeout: 120_000 }, async (t) => {
        const { bridge, slowly } = await start(t, delay);
        slowly(true);
        assert.deepEqual(failed(await bridge.invoke(sqsBatch([message]))), [1], "given back");
        const notes = bridge.log().filter(({ code }) => code === "queue_message");
        assert.deepEqual(
            notes.map(({ item }) => Number(item.slice(-12))),
            [1],
        );
        // The store holds up the whole run: a call on its way meanwhile may count as the platform's silence.
        const level = /did not answer within/.test(notes[0].message) ? "error" : "warn";
        assert.equal(notes[0].level, level, `time that was up is no error: ${notes[0].message}`);
        slowly(false);
        let comes = 0;
        while (failed(await bridge.invoke(sqsBatch([message], [comes + 2]))).length > 0)
            assert.ok(++comes < 5, "again and again");
        await isThere(bridge);
    });
}

test("a message that came back is served before those that did not", { skip }, async (t) => {
    const bridge = await startBridge(t, { sandbox: { leads: 5 } });
    bridge.sandbox.faults.push({ kind: "silent", times: 10 });
    const rows = { kind: "backflow", name: "stats", action: "send", type: 1, format: "ndjson", body: statistic(0) };
    // 1.05 s of work, of which the first one served takes all: the pull, although it is the last of the batch.
    const batch = sqsBatch([rows, { kind: "pull", sources: ["ads"] }], [1, 4]);
    assert.deepEqual(failed(await bridge.invoke(batch, { timeoutMs: 2550 })).toSorted(), [1, 2]);
    assert.equal(bridge.sandbox.outinvest.calls.length, 0);
});
