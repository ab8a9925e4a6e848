// A process of its own that makes the first page: node first_use.mjs wasm|javascript INPUTS MODULE
// Prints {"load_ms", "page_ms"}: libraries loaded (or the module compiled), then the first page from nothing to records.
const begin = performance.now();
const [, , who, folder, modulePath] = process.argv;
const { readFileSync } = await import("node:fs");
const read = (name) => readFileSync(`${folder}/${name}`);
const page = new Uint8Array(read("page.json"));
const now = Number(read("now.txt"));

let load = 0;
let records;
if (who === "wasm") {
    const { firstPage } = await import("./contender_wasm.mjs");
    const module = new WebAssembly.Module(readFileSync(modulePath));
    load = performance.now();
    records = firstPage(module, read("config.json").toString(), page, now);
} else {
    const javascript = await import("./contender_javascript.mjs");
    load = performance.now();
    records = javascript.page(page, javascript.keyOf(read("key.pem").toString()), now).records;
}
const end = performance.now();
if (!records.includes('"leads"')) throw new Error("no leads");
console.log(JSON.stringify({ load_ms: load - begin, page_ms: end - load }));
