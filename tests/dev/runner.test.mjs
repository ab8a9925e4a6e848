// What `ctest` calls failed, and what `./dev test` counts, on suites that go wrong in every way we know.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { counts } from "../../infra/dev/suite.mjs";
import { report, results } from "../../infra/dev/test.mjs";
import { ROOT } from "../hosts/fakes/module.mjs";

const HEAD = 'import test from "node:test"; import assert from "node:assert";';
/** Name -> [the suite, [passed, failed] as counted]. ctest calls it passed when nothing failed. */
const SUITES = {
    good: [`${HEAD} test("a", () => {}); test("b", () => {});`, [2, 0]],
    bad: [`${HEAD} test("a", () => {}); test("b", () => assert.fail("no"));`, [1, 1]],
    cancelled: [`${HEAD} test("a", () => new Promise(() => {}));`, [0, 1]],
    skipped: [`${HEAD} test("a", () => {}); test("b", { skip: true }, () => {});`, [1, 0]],
    empty: ["", [0, 1]],
    thrown: [`${HEAD} test("a", () => {}); throw new Error("at the top");`, [1, 1]],
    crash: [`${HEAD} test("a", () => process.kill(process.pid, "SIGSEGV"));`, [0, 1]],
    hangs: [`${HEAD} test("a", () => new Promise(() => setInterval(() => {}, 1000)));`, [0, 1]],
    leaves: [`${HEAD} test("a", () => process.exit(0)); test("b", () => {});`, [0, 1]],
    program: ['console.log("3 passed, 0 failed, 2 skipped");', [3, 0]],
    "program-bad": ['console.log("3 passed, 2 failed"); process.exit(1);', [3, 2]],
    "program-late": ['console.log("3 passed, 0 failed"); process.exit(1);', [3, 1]],
    loud: [`console.log("x".repeat(79) + "\\n".repeat(1) + "<&> \\u001b[31m");`.repeat(2000), [0, 1]],
};

test("every way a suite goes wrong is a failure, and what went right is counted", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-runner-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const names = Object.keys(SUITES);
    mkdirSync(join(folder, "some"));
    SUITES.loud[0] += 'console.log("4 passed, 0 failed");';
    SUITES.loud[1] = [4, 0];
    for (const name of names) writeFileSync(join(folder, `some/${name}.mjs`), SUITES[name][0]);
    writeFileSync(
        join(folder, "CMakeLists.txt"),
        `cmake_minimum_required(VERSION 3.25)
project(toy NONE)
enable_testing()
list(APPEND CMAKE_MODULE_PATH ${join(ROOT, "cmake")})
set(NODE_PROGRAM ${process.execPath})
include(suite)
foreach(name IN ITEMS ${names.join(" ")})
    suite(some/\${name} ${process.execPath} --test-reporter=spec some/\${name}.mjs)
endforeach()
suite(some/absent \${PROJECT_SOURCE_DIR}/no-such-program)
set_tests_properties(some/hangs PROPERTIES TIMEOUT 5)
`,
    );
    const build = join(folder, "build");
    const run = (program, ...args) => spawnSync(program, args, { cwd: folder, encoding: "utf8" });
    assert.equal(run("cmake", "-S", folder, "-B", build).status, 0);
    const xml = join(build, "report.xml");
    const { status, stdout } = run("ctest", "--test-dir", build, "-j2", "-L", "^some$", ...report(xml));
    assert.notEqual(status, 0);
    const came = Object.fromEntries(results(readFileSync(xml, "utf8")).map((suite) => [suite.name, suite]));
    assert.equal(Object.keys(came).length, names.length + 1);
    for (const name of names) {
        const [, wanted] = SUITES[name];
        const line = new RegExp(`some/${name} \\.+ *\\*{0,3}(\\w+)`).exec(stdout)[1];
        assert.equal(line === "Passed", wanted[1] === 0, `${name}: ${line}`);
        const { passed, failed, note } = came[`some/${name}`];
        assert.deepEqual([passed, failed], wanted, `${name}: ${note}`);
    }
    assert.deepEqual([came["some/absent"].passed, came["some/absent"].failed], [0, 1]);
    const quick = JSON.parse(run("ctest", "--test-dir", build, "-L", "^quick$", "--show-only=json-v1").stdout);
    assert.equal(quick.tests.length, names.length + 1, "what is not named long is quick");
});

test("Catch2's cases are counted, not its assertions", () => {
    assert.deepEqual(counts("All tests passed (120 assertions in 7 test cases)\n"), [7, 0]);
    assert.deepEqual(counts("test cases: 7 | 5 passed | 2 failed\nassertions: 120 | 118 passed | 2 failed\n"), [5, 2]);
    assert.deepEqual(counts("test cases: 2 | 2 failed\n"), [0, 2]);
    assert.equal(counts("Segmentation fault"), null);
});

test("a name that no suite has: said, and a failure", () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["infra/dev/test.mjs", "no-such-suite"], {
        cwd: ROOT,
        encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /no suite no-such-suite; there are: .*\bwalk\b/);
    assert.match(stdout, /^0 passed, 1 failed\n$/);
});
