// tests/cases on the native engine, and what makes one core out of two builds: for every case the native effects and those of
// leadbridge.wasm are equal, byte for byte.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { allCases, caseFiles, playInMemory } from "../cases/play.mjs";
import { BUILD, NO_MODULE, realModule } from "./fakes/module.mjs";

const program = join(BUILD, "tests/trace");
const skip = (existsSync(program) ? false : `${program} is not built`) || NO_MODULE;
const folder = mkdtempSync(join(tmpdir(), "leadbridge-trace-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

test("native: every case passes", { skip }, () => {
    const { status, stdout, stderr } = spawnSync(program, ["--trace", folder, ...caseFiles()], {
        encoding: "utf8",
        timeout: 120_000,
    });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`^${allCases().length} passed, 0 failed$`, "m"));
});

/** The first byte that differs, with what stands around it on both sides. */
function firstDifference(native, wasm) {
    for (let at = 0; at < Math.max(native.length, wasm.length); ++at) {
        if (native[at] === wasm[at]) continue;
        const around = (bytes) => bytes.subarray(Math.max(0, at - 60), at + 60).toString("latin1");
        return `byte ${at}\nnative: ${around(native)}\nwasm:   ${around(wasm)}`;
    }
    return "";
}

for (const entry of allCases()) {
    test(`${entry.name}: native and WebAssembly ask for the same, byte for byte`, { skip }, async () => {
        const native = readFileSync(join(folder, `${entry.name}.trace`));
        const { trace } = await playInMemory(entry, realModule());
        assert.ok(native.length > 0);
        assert.equal(firstDifference(native, trace), "");
    });
}
