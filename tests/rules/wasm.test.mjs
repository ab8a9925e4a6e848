// The module: no imports, a fixed list of exports, a size that changes only on purpose.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { golden, measure } from "./measure.mjs";
import { read } from "./tree.mjs";

const tolerance = 0.05;
const limitGzip = 560 * 1024;
const hint = "if that is meant: node tests/rules/rebaseline.mjs";

const { module, facts } = measure();
const expected = JSON.parse(readFileSync(golden, "utf8"));

test("it imports nothing and starts with an empty import object", () => {
    assert.deepEqual(facts.imports, []);
    const { exports } = new WebAssembly.Instance(module, {});
    exports._initialize();
    assert.equal(typeof exports.lb_abi_version(), "number");
});

test("its exports are the golden ones, and hold every function of wasm/exports.txt", () => {
    assert.deepEqual(facts.exports, expected.exports, hint);
    for (const name of read("wasm/exports.txt").toString().split("\n").filter(Boolean))
        assert.ok(facts.exports.includes(name), name);
});

for (const [what, key] of [
    ["size", "raw_bytes"],
    ["gzip size", "gzip_bytes"],
])
    test(`its ${what} is within ${tolerance * 100} % of the golden one`, () => {
        const change = facts[key] / expected[key] - 1;
        assert.ok(
            Math.abs(change) <= tolerance,
            `${expected[key]} -> ${facts[key]} bytes (${(change * 100).toFixed(1)} %); ${hint}`,
        );
    });

test(`it stays below ${limitGzip / 1024} KB gzip`, () => {
    assert.ok(facts.gzip_bytes <= limitGzip, `${facts.gzip_bytes} bytes`);
});

test("its memory cannot grow beyond 64 MB", () => {
    const { memory } = new WebAssembly.Instance(module, {}).exports;
    const page = 65536;
    assert.throws(() => memory.grow((64 << 20) / page - memory.buffer.byteLength / page + 1), RangeError);
});
