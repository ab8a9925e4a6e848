// node tests/bench/bench.mjs [--quick] [--json FILE]      (./dev bench builds first)
// Measures a page of 100 leads through the native core, through WebAssembly and in JavaScript; prints one table, writes JSON
// (build/bench/results.json). README.md says what is measured and how. It is no test: nothing fails because it is slow.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, root } from "../rules/tree.mjs";
import { createJavascript } from "./contender_javascript.mjs";
import { createNative } from "./contender_native.mjs";
import { createWasm } from "./contender_wasm.mjs";
import { bigIdPage, LEADS, makeInputs, writeInputs } from "./inputs.mjs";
import { measureAll, summary } from "./statistics.mjs";

const { values: options } = parseArgs({
    options: { json: { type: "string" }, quick: { type: "boolean", default: false } },
});
const inputsFolder = join(build, "bench/input");
const program = join(build, "bench/page");
const modulePath = join(build, "leadbridge.wasm");
const binaryPath = join(build, "leadbridge");
for (const path of [program, modulePath, binaryPath]) {
    if (!existsSync(path)) {
        console.error(`bench: ${path.slice(build.length + 1)} is not built: ./dev bench builds it`);
        process.exit(1);
    }
}
const progress = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

// ---- the contenders, and that they agree ------------------------------------------------------------------------------

const inputs = makeInputs();
writeInputs(inputs, inputsFolder);
const moduleBytes = readFileSync(modulePath);
const module = new WebAssembly.Module(moduleBytes);
const native = createNative(program, inputsFolder);
const wasm = createWasm(inputs, module);
const javascript = createJavascript(inputs);

const nativeCommit = await native.commit();
const wasmCommit = wasm.commit();
assert.equal(wasmCommit.records, nativeCommit.records, "native and WebAssembly write different records");
assert.equal(wasmCommit.checkpoint, nativeCommit.checkpoint, "native and WebAssembly write different checkpoints");
// JavaScript: every lead, every field of its document; only the commit's random name is its own.
const open = ({ records, checkpoint }) => {
    const [{ now }, ...lines] = records.split("\n").map((line) => JSON.parse(line));
    return {
        leads: lines.map(({ leads: lead }) => ({ ...lead, doc: JSON.parse(lead.doc) })),
        now,
        checkpoint: JSON.parse(checkpoint),
    };
};
assert.deepEqual(
    open(javascript.commit()),
    open(wasmCommit),
    "JavaScript and the core make different leads of the same page",
);
assert.equal(open(wasmCommit).leads.length, LEADS);

const big = bigIdPage();
const kept = (ids) => ids.filter((id) => big.ids.includes(id)).length;
const bigIds = {
    leads: big.ids.length,
    core: kept(wasm.ids(big.bytes)),
    json_parse: kept(javascript.ids(big.bytes)),
};

// ---- measuring --------------------------------------------------------------------------------------------------------

const pace = options.quick ? { warmUpMs: 100, turnMs: 15, rounds: 5 } : { warmUpMs: 700, turnMs: 40, rounds: 25 };
const results = await measureAll([native, wasm, javascript], { ...pace, progress });

function repeated(times, once) {
    const samples = [];
    for (let i = 0; i < times; i++) samples.push(once());
    return samples;
}
const runs = options.quick ? 3 : 11;
const firstUse = (who) => {
    const script = fileURLToPath(new URL("first_use.mjs", import.meta.url));
    return JSON.parse(
        execFileSync(process.execPath, [...process.execArgv, script, who, inputsFolder, modulePath], {
            encoding: "utf8",
        }),
    );
};
progress("first use");
const pairs = repeated(runs, () => ({ wasm: firstUse("wasm"), javascript: firstUse("javascript") }));
const firstOf = (who) => ({
    load: summary(pairs.map((pair) => pair[who].load_ms)),
    page: summary(pairs.map((pair) => pair[who].page_ms)),
    together: summary(pairs.map((pair) => pair[who].load_ms + pair[who].page_ms)),
});
const exec = (path, args) => {
    const begin = performance.now();
    const { status } = spawnSync(path, args, { stdio: "ignore" });
    return status === 0 ? performance.now() - begin : NaN;
};
const execs = repeated(runs * 2, () => ({ binary: exec(binaryPath, ["--help"]), nothing: exec("true", []) }));
const firsts = [];
for (let i = 0; i < runs; i++) {
    const child = createNative(program, inputsFolder);
    firsts.push(await child.firstMs());
    child.close();
}
progress("");

// ---- what it comes to -------------------------------------------------------------------------------------------------

const median = (key) => results.get(key).median_ms;
// Inside an engine the steps cannot be told apart by a clock; these differences add up to the page.
const byDifference = (who) => {
    const parse = median(`${who}.page_known`);
    const rows = median(`${who}.page_plaintext`) - median(`${who}.page_known_plaintext`);
    return { parse, rows_to_records: rows, decrypt: median(`${who}.page`) - parse - rows };
};
const steps = {
    native: byDifference("native"),
    wasm: byDifference("wasm"),
    javascript: {
        parse: median("javascript.parse"),
        rows_to_records: median("javascript.rows_to_records"),
        decrypt: median("javascript.decrypt"),
    },
};
const ratios = {
    page_javascript_by_wasm: median("javascript.page") / median("wasm.page"),
    page_javascript_by_fresh_wasm: median("javascript.page") / median("wasm.invocation"),
    page_javascript_by_native: median("javascript.page") / median("native.page"),
    page_wasm_by_native: median("wasm.page") / median("native.page"),
    without_decrypt_javascript_by_wasm:
        (steps.javascript.parse + steps.javascript.rows_to_records) / (steps.wasm.parse + steps.wasm.rows_to_records),
    decrypt_javascript_by_wasm: steps.javascript.decrypt / steps.wasm.decrypt,
    decrypt_wasm_by_native: steps.wasm.decrypt / steps.native.decrypt,
    decrypt_native_by_openssl: median("native.decrypt") / median("native.openssl"),
};

const version = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"))).version;
const firstLine = (command, args) => {
    try {
        return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
            .split("\n")[0]
            .trim();
    } catch {
        return "not here";
    }
};
const gzipBytes = (bytes) => gzipSync(bytes, { level: 9 }).length;
const { compiler, openssl } = await native.facts();
native.close();
const report = {
    v: 1,
    machine: {
        cpu: os.cpus()[0]?.model.trim(),
        cores: os.cpus().length,
        memory_gb: Math.round(os.totalmem() / 2 ** 30),
        load: Number(os.loadavg()[0].toFixed(2)),
        os: `${os.type()} ${os.arch()}`,
        node: process.versions.node,
        v8: process.versions.v8,
        compiler,
        openssl,
        emscripten: firstLine("em++", ["--version"]).match(/\d+\.\d+\.\d+/)?.[0],
        libraries: Object.fromEntries(
            ["zod", "libphonenumber-js", "dayjs", "node-forge"].map((name) => [name, version(name)]),
        ),
    },
    pace,
    page: {
        leads: LEADS,
        bytes: inputs.page.length,
        records_bytes: Buffer.byteLength(wasmCommit.records),
        rsa_bits: 1024,
    },
    module: {
        raw_bytes: moduleBytes.length,
        gzip_bytes: gzipBytes(moduleBytes),
        imports: WebAssembly.Module.imports(module).length,
        instantiate: results.get("wasm.instantiate"),
        memory_bytes_after_page: wasmCommit.memoryBytes,
    },
    native: {
        binary_bytes: statSync(binaryPath).size,
        exec_help: summary(execs.map(({ binary }) => binary)),
        exec_nothing: summary(execs.map(({ nothing }) => nothing)),
    },
    first_use: { wasm: firstOf("wasm"), javascript: firstOf("javascript"), native_page: summary(firsts) },
    ids_of_64_bits_kept: bigIds,
    steps,
    ratios,
    measured: Object.fromEntries(results),
};
const output = options.json ?? join(build, "bench/results.json");
writeFileSync(output, `${JSON.stringify(report, null, 2)}\n`);

// ---- the table --------------------------------------------------------------------------------------------------------

const ms = (value) => (value === undefined ? "-" : value.toFixed(value < 1 ? 3 : value < 100 ? 2 : 1));
const cell = (key) => {
    const found = results.get(key);
    return found ? `${ms(found.median_ms)} (${ms(found.p10_ms)}..${ms(found.p90_ms)})` : "-";
};
const about = (value) => `~${ms(value)}`;
const times = (value) => (Number.isFinite(value) ? `${value.toFixed(1)}x` : "");
const kb = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;

function printRows(rows) {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? "")].length)));
    for (const row of rows) {
        console.log(
            row
                .map((text, column) => (column === 0 ? text.padEnd(widths[0]) : (text ?? "").padStart(widths[column])))
                .join("  ")
                .trimEnd(),
        );
    }
}

const { machine } = report;
const ratio = (step) => times(steps.javascript[step] / steps.wasm[step]);
console.log(
    `A page of ${LEADS} leads, ${kb(inputs.page.length)}, phones in RSA-1024 PKCS#1 v1.5. Milliseconds a page: median (p10..p90).`,
);
console.log(
    `${machine.cpu}, ${machine.cores} cores; node ${machine.node}; ${compiler}; emscripten ${machine.emscripten}\n`,
);
printRows([
    ["", "native", "WebAssembly", "JavaScript", "js / wasm"],
    [
        "parse: answer to rows",
        cell("native.page_known"),
        cell("wasm.page_known"),
        cell("javascript.parse"),
        ratio("parse"),
    ],
    [
        "rows to records [1]",
        about(steps.native.rows_to_records),
        about(steps.wasm.rows_to_records),
        cell("javascript.rows_to_records"),
        ratio("rows_to_records"),
    ],
    ["  normalise", cell("native.normalise"), "-", cell("javascript.normalise")],
    ["  phones", cell("native.phones"), "-", cell("javascript.phones")],
    ["  encode", cell("native.encode"), "-", cell("javascript.encode")],
    [
        "decrypt [1]",
        about(steps.native.decrypt),
        about(steps.wasm.decrypt),
        cell("javascript.decrypt"),
        ratio("decrypt"),
    ],
    ["page", cell("native.page"), cell("wasm.page"), cell("javascript.page"), times(ratios.page_javascript_by_wasm)],
    [
        "page, fresh instance [2]",
        cell("native.invocation"),
        cell("wasm.invocation"),
        cell("javascript.page"),
        times(ratios.page_javascript_by_fresh_wasm),
    ],
    ["page, plain phones", cell("native.page_plaintext"), cell("wasm.page_plaintext"), "-"],
    ["page, phones left closed", cell("native.page_passthrough"), cell("wasm.page_passthrough"), "-"],
    ["page, sealed, person_key", cell("native.page_private"), cell("wasm.page_private"), "-"],
    [
        "first page of a process [3]",
        ms(report.first_use.native_page.median_ms),
        ms(report.first_use.wasm.together.median_ms),
        ms(report.first_use.javascript.together.median_ms),
        times(report.first_use.javascript.together.median_ms / report.first_use.wasm.together.median_ms),
    ],
]);
console.log("\n100 RSA blocks alone");
printRows([
    ["", "milliseconds", "goal"],
    ["OpenSSL", cell("native.openssl")],
    ["native core", cell("native.decrypt"), `${times(ratios.decrypt_native_by_openssl)} OpenSSL, goal 1.7x`],
    ["node:crypto, unpadded by hand", cell("javascript.node_crypto")],
    ["WebAssembly", about(steps.wasm.decrypt), `${times(ratios.decrypt_wasm_by_native)} native`],
    ["node-forge", cell("javascript.decrypt"), `${times(ratios.decrypt_javascript_by_wasm)} WebAssembly, goal 6x`],
]);
console.log("\nSizes and starts");
printRows(
    [
        [
            "leadbridge.wasm",
            `${kb(report.module.raw_bytes)}, ${kb(report.module.gzip_bytes)} gzip (ceiling in tests/rules), ${report.module.imports} imports`,
        ],
        [
            "  load and compile once, instantiate",
            `${ms(report.first_use.wasm.load.median_ms)} ms, ${cell("wasm.instantiate")} ms`,
        ],
        ["  memory after the page", kb(report.module.memory_bytes_after_page)],
        [
            "leadbridge (static)",
            `${kb(report.native.binary_bytes)}; exec to exit ${ms(report.native.exec_help.median_ms)} ms (an empty program: ${ms(report.native.exec_nothing.median_ms)} ms)`,
        ],
    ].map(([name, value]) => [name, ` ${value}`]),
);
console.log(`
Before measuring, native and WebAssembly wrote the same records byte for byte, and JavaScript the same leads field for field.
[1] Inside an engine by difference: parse is the page when every lead is known already; rows to records is the page with plain
    phones minus its parse (normalise + phones + encode); decrypt is the rest of the page.
[2] Instance, configuration, key, signed request, page, closing commit. JavaScript has no instance: its page again.
[3] In a new process: libraries loaded or module compiled, then the first page (native: without exec).
JSON.parse rounds 64-bit ids: of ${bigIds.leads} ids above 2^53 it keeps ${bigIds.json_parse}, the core ${bigIds.core}.`);
