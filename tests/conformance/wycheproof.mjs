// node tests/conformance/wycheproof.mjs DIR: public test vectors against the WebAssembly objects of the core, as
// build/tests/wycheproof does natively. Ends with `N passed, N failed`.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const build = process.env.LEADBRIDGE_BUILD ?? resolve(fileURLToPath(import.meta.url), "../../../build");
const module = new WebAssembly.Module(readFileSync(join(build, "tests/wycheproof.wasm")));
const folder = process.argv[2];
if (!folder) throw new Error("usage: wycheproof.mjs DIR");

let passed = 0;
let failed = 0;
for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()) {
    const { exports } = new WebAssembly.Instance(module, {});
    exports._initialize();
    const text = readFileSync(join(folder, file));
    const at = exports.take(text.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(text, at);
    const answer = exports.judge(at, text.length) >>> 0; // may grow the memory: the view comes after it
    const said = new Uint8Array(exports.memory.buffer, answer);
    const [counts, ...failures] = new TextDecoder().decode(said.subarray(0, said.indexOf(0))).split("\n");
    const [good, bad, notOffered] = counts.split(" ").map(Number);
    console.log(
        [...failures.filter(Boolean), `${file}: ${good} passed, ${bad} failed, ${notOffered} not offered`].join("\n"),
    );
    passed += good;
    failed += bad;
}
if (passed === 0) failed += 1; // no vectors is no proof
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
