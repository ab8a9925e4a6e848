// The player of the store suite (conformance.json) for every store a test can call.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { lines } from "./lines.mjs";

export const { cases } = JSON.parse(readFileSync(new URL("conformance.json", import.meta.url), "utf8"));

/** {$repeat, item} and {$text, times}: see `about` in conformance.json. */
function expand(value, n) {
    if (typeof value === "string")
        return n === undefined ? value : value === "$n" ? n : value.replaceAll("{n}", String(n).padStart(4, "0"));
    if (Array.isArray(value))
        return value.flatMap((item) =>
            item?.$repeat ? Array.from({ length: item.$repeat }, (_, i) => expand(item.item, i)) : [expand(item, n)],
        );
    if (value === null || typeof value !== "object") return value;
    if (value.$text) return value.$text.repeat(value.times);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, expand(member, n)]));
}

const picked = (item, fields) => (fields ? Object.fromEntries(fields.map((name) => [name, item[name]])) : item);

async function perform(store, step, state) {
    switch (step.op) {
        case "load":
            return store.load(step.keys, step.now);
        case "commit":
            return store.commit(step.checkpoints, step.records.text ?? lines(expand(step.records)));
        case "claim":
            return store.claim(step.queue, step.limit, step.lease_ms, step.lease, step.now);
        case "settle":
            return store.settle(step.queue, step.entries, step.now);
        case "purge":
            return store.purge(step.now);
        case "scan": {
            const result = await store.scan(
                step.kind,
                step.query || {},
                step.limit,
                step.page === "next" ? state.next : (step.page ?? ""),
            );
            state.next = result.next;
            return { ...result, items: result.items?.map((item) => picked(item, step.fields)) };
        }
        case "scan_all": {
            const all = { pages: 0, count: 0, first: "", last: "" };
            for (let page = ""; all.pages === 0 || (page !== "" && all.pages < 100); ) {
                const result = await store.scan(step.kind, step.query || {}, step.limit, page);
                const ids = result.items.map((item) => item.id);
                all.first ||= ids[0];
                all.last = ids.at(-1);
                all.count += ids.length;
                all.pages += 1;
                page = result.next;
            }
            return { outcome: "ok", ...all };
        }
        default:
            throw new Error(`unknown op ${step.op}`);
    }
}

function check(result, expect = {}) {
    assert.equal(result.outcome, expect.outcome ?? "ok", result.reason);
    if (result.outcome !== "ok") assert.ok(result.reason, "a reason");
    const { next, count, ...rest } = { ...expand(expect) };
    for (const [name, value] of Object.entries(rest)) assert.deepEqual(result[name], value, name);
    if (next !== undefined) assert.equal(result.next !== "", next, "next");
    if (count !== undefined) assert.equal(result.count ?? result.entries.length, count);
}

/** One test a case, each on the store that `openStore(number)` gives. `skip(step, name)`: members of `expect` not to look at. */
export const conformance = (openStore, skip = () => []) => {
    for (const [number, { name, steps }] of cases.entries()) {
        test(name, async () => {
            const store = await openStore(number);
            const state = { next: "" };
            for (const [at, step] of steps.entries()) {
                const result = await perform(store, step, state);
                try {
                    const expect = { ...step.expect };
                    for (const member of skip(step, name)) delete expect[member];
                    check(result, expect);
                } catch (error) {
                    error.message = `step ${at + 1} (${step.op}): ${error.message}`;
                    throw error;
                }
            }
        });
    }
};
