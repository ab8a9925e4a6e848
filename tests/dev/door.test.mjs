// ./dev itself: its set-up and CMake replaced by programs that only say what they were asked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { ROOT } from "../hosts/fakes/module.mjs";

/** A checkout with a build folder in it, as CMake and a local run leave it. */
function checkout(t, { cmake = 'echo "cmake $*"' } = {}) {
    const top = mkdtempSync(join(tmpdir(), "leadbridge-dev-"));
    t.after(() => rmSync(top, { recursive: true, force: true }));
    const folder = join(top, "first place");
    const program = (path, text) => {
        mkdirSync(join(folder, path, ".."), { recursive: true });
        writeFileSync(join(folder, path), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
    };
    program("infra/dev/setup.sh", "");
    program("bin/cmake", cmake);
    program("bin/node", 'echo "node $*"');
    cpSync(join(ROOT, "dev"), join(folder, "dev"));
    for (const path of ["build/wasm/CMakeFiles", "build/run-state/own", "build/.hidden"])
        mkdirSync(join(folder, path), { recursive: true });
    writeFileSync(join(folder, "build/CMakeCache.txt"), `CMAKE_CACHEFILE_DIR:INTERNAL=${join(folder, "build")}\n`);
    writeFileSync(join(folder, "build/run-state/own/leads.sqlite"), "leads");
    return { top, folder };
}

const dev = (folder, ...args) =>
    spawnSync(join(folder, "dev"), args, {
        encoding: "utf8",
        env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
    });

for (const [what, take] of [
    ["moved", (from, to) => renameSync(from, to)],
    ["copied", (from, to) => cpSync(from, to, { recursive: true })],
])
    test(`a ${what} checkout builds anew, and keeps the databases of local runs`, (t) => {
        const { top, folder } = checkout(t);
        const here = join(top, "second place");
        take(folder, here);
        const { status, stderr } = dev(here, "run");
        assert.equal(status, 0, stderr);
        assert.match(stderr, /build\/ was made in .*first place\/build: it is made anew here/);
        assert.ok(existsSync(join(here, "build/run-state/own/leads.sqlite")));
        for (const path of ["CMakeCache.txt", "wasm", ".hidden"])
            assert.ok(!existsSync(join(here, "build", path)), path);
        if (what === "copied")
            assert.ok(existsSync(join(folder, "build/CMakeCache.txt")), "the first one is untouched");
    });

test("a checkout where it was keeps its build", (t) => {
    const { folder } = checkout(t);
    const { status, stdout, stderr } = dev(folder, "run", "--once");
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
    assert.ok(existsSync(join(folder, "build/CMakeCache.txt")) && existsSync(join(folder, "build/wasm/CMakeFiles")));
    assert.match(stdout, /^node infra\/dev\/run\.mjs --once$/m);
});

test("a build that fails: no test runs, and the last line says so", (t) => {
    const { folder } = checkout(t, { cmake: "exit 3" });
    const { status, stdout } = dev(folder, "test");
    assert.equal(status, 3);
    assert.equal(stdout.trimEnd().split("\n").at(-1), "0 passed, 1 failed");
});
