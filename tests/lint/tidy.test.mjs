// clang-tidy has nothing to say of our C++; and it would say so if it had.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { tidy } from "../../infra/dev/tidy.mjs";
import { BUILD, ROOT } from "../hosts/fakes/module.mjs";

test("src/ and functions/ (./dev lint)", async () => {
    const complaints = await tidy({ build: BUILD });
    assert.deepEqual(
        complaints.map(({ file }) => file),
        [],
        complaints.map(({ output }) => output).join("\n"),
    );
});

test("what is wrong is named; what passed is not looked at again until a header of it changes", async (t) => {
    const root = mkdtempSync(join(tmpdir(), "leadbridge-tidy-"));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    for (const folder of ["src/base", "build"]) mkdirSync(join(root, folder), { recursive: true });
    const write = (path, text) => writeFileSync(join(root, path), text);
    write(".clang-tidy", readFileSync(join(ROOT, ".clang-tidy")));
    write("src/base/a.h", "#pragma once\nint twice(int value);\n");
    write("src/base/a.cc", '#include "base/a.h"\nint twice(int value) { return value * 2; }\n');
    write(
        "src/base/b.cc",
        "#include <string>\n#include <utility>\nstd::string f(std::string a) { auto b = std::move(a); return b + a; }\n",
    );
    const command = (name) => `c++ -I${root}/src -std=c++20 -c ${root}/src/base/${name}`;
    const file = (name) => ({ directory: root, file: `${root}/src/base/${name}`, command: command(name) });
    write("build/compile_commands.json", JSON.stringify(["a.cc", "b.cc"].map(file)));
    const passed = join(root, "passed");
    const run = () => tidy({ root, build: join(root, "build"), passed });

    const [first, ...more] = await run();
    assert.deepEqual([first.file, more], ["src/base/b.cc", []]);
    assert.match(first.output, /b\.cc:3:\d+: error: 'a' used after it was moved/);
    assert.equal(readdirSync(passed).length, 1);
    await run();
    assert.equal(readdirSync(passed).length, 1);
    write("src/base/a.h", "#pragma once\nint twice(int amount);\n");
    await run();
    assert.equal(readdirSync(passed).length, 2);
});
