// Runs every test suite, streams what each prints, and ends with one line: `N passed, N failed`.
// Two suites run at a time (most of their time is waiting), but those that measure time have the machine for themselves.
//   node infra/dev/test.mjs [--build DIR] [NAME...]    (./dev test builds first, then calls this)
// A suite that crashes, runs out of time or runs no test counts as one failure. Exit status 1 on any.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
process.chdir(root);

const names = process.argv.slice(2);
const option = names.indexOf("--build");
const build = resolve(option < 0 ? "build" : names.splice(option, 2)[1]);
const environment = {
    ...process.env,
    LEADBRIDGE_BUILD: build,
    LEADBRIDGE_BIN: join(build, "leadbridge"),
    LEADBRIDGE_WASM: join(build, "leadbridge.wasm"),
};

/** All files under `folder` whose name ends in `ending`, sorted. */
function files(folder, ending) {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
        .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
        .sort();
}

/**
 * The suites in order. A count is read from the last match in what the suite prints.
 * @typedef {{name: string, command: string[], seconds: number, alone?: boolean, count: (text: string) => [number, number] | null}} Suite
 * @returns {Suite[]}
 */
function suites() {
    const vectors = files("tests/vectors", ".json");
    const folders = readdirSync("tests").filter((name) => statSync(join("tests", name)).isDirectory());
    const node = (name, tests, seconds) => ({
        name,
        command: [process.execPath, "--test", "--test-reporter=spec", ...tests],
        seconds,
        count: nodeTest,
    });
    return [
        { name: "unit", command: [`${build}/tests/unit`], seconds: 300, count: catch2 },
        { name: "vectors", command: [`${build}/tests/vectors`, ...vectors], seconds: 120, count: plain },
        {
            name: "vectors-wasm",
            command: [process.execPath, "tests/conformance/vectors.mjs", ...vectors],
            seconds: 120,
            count: plain,
        },
        node("rules", files("tests/rules", ".test.mjs"), 120),
        // Every other folder of tests/ with node tests, one suite each; the long ones come first this way.
        ...folders
            .reverse()
            .filter((name) => name !== "rules")
            .map((name) => ({ name, tests: files(join("tests", name), ".test.mjs") }))
            .filter(({ tests }) => tests.length > 0)
            .map(({ name, tests }) => ({ ...node(name, tests, 900), alone: name === "preview" })), // it watches frames
    ];
}

const last = (text, pattern) => [...text.matchAll(pattern)].at(-1);

/** Catch2 v2's summary: test cases, not assertions. */
function catch2(text) {
    const all = last(text, /^All tests passed \(\d+ assertions? in (\d+) test cases?\)/gm);
    if (all) return [Number(all[1]), 0];
    const some = last(text, /^test cases: *(\d+) \|(?: *(\d+) passed)?[ |]*(?:(\d+) failed)?/gm);
    return some ? [Number(some[2] ?? 0), Number(some[3] ?? 0)] : null;
}

function nodeTest(text) {
    const number = (word) => Number(last(text, new RegExp(`^[#\\u2139] ${word} (\\d+)$`, "gm"))?.[1] ?? NaN);
    const [passed, failed] = [number("pass"), number("fail") + number("cancelled")];
    return Number.isNaN(passed + failed) ? null : [passed, failed];
}

function plain(text) {
    const sum = last(text, /^(\d+) passed, (\d+) failed(?:, \d+ skipped)?\r?$/gm);
    return sum ? [Number(sum[1]), Number(sum[2])] : null;
}

const running = new Set();
/** Ends the suite and whatever it started: each suite is a process group of its own. */
function kill(child, signal) {
    try {
        process.kill(-child.pid, signal);
    } catch {
        // nobody left
    }
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
        for (const child of running) kill(child, "SIGTERM");
        setTimeout(() => {
            for (const child of running) kill(child, "SIGKILL");
            process.exit(130);
        }, 500);
    });
}

/**
 * @param {Suite} suite
 * @param {(chunk: string) => void} print
 * @returns {Promise<{passed: number, failed: number, note: string}>}
 */
function run(suite, print) {
    return new Promise((resolve) => {
        const [program, ...args] = suite.command;
        const child = spawn(program, args, {
            stdio: ["ignore", "pipe", "pipe"],
            detached: true,
            env: environment,
        });
        running.add(child);
        let text = "";
        let note = "";
        const keep = (chunk) => {
            print(chunk);
            text = (text + chunk).slice(-1 << 20); // the counts are at the end
        };
        child.stdout.setEncoding("utf8").on("data", keep);
        child.stderr.setEncoding("utf8").on("data", keep);
        const timer = setTimeout(() => {
            note = `no end after ${suite.seconds} s`;
            kill(child, "SIGKILL");
        }, suite.seconds * 1000);
        // A process left behind may hold the pipes open: judge by the exit, then end the group.
        child.on("exit", () => setTimeout(() => kill(child, "SIGKILL"), 100));
        child.on("error", (error) => finish(null, null, `cannot start: ${error.message}`));
        child.on("close", (code, signal) => finish(code, signal, ""));
        function finish(code, signal, problem) {
            clearTimeout(timer);
            running.delete(child);
            const counts = suite.count(text);
            let [passed, failed] = counts ?? [0, 0];
            note ||= problem || (signal ? `ended by ${signal}` : "");
            if (!note && !counts) note = `no result (exit status ${code})`;
            else if (!note && passed + failed === 0) note = "ran no test";
            else if (!note && code !== 0 && failed === 0) note = `exit status ${code}`;
            if (note) failed += 1;
            resolve({ passed, failed, note });
        }
    });
}

const all = suites();
const unknown = names.filter((name) => !all.some((suite) => suite.name === name));
if (unknown.length > 0) {
    console.error(`no suite ${unknown.join(", ")}; there are: ${all.map((suite) => suite.name).join(" ")}`);
    console.log("0 passed, 1 failed");
    process.exit(1);
}

const total = { passed: 0, failed: 0 };
const table = [];

// What suites print is never mixed: the oldest one running streams, the others wait for their turn.
const printers = [];
function printer() {
    const mine = { held: "", ended: false };
    printers.push(mine);
    const flush = () => {
        while (printers.length > 0) {
            process.stdout.write(printers[0].held);
            printers[0].held = "";
            if (!printers[0].ended) return;
            printers.shift();
        }
    };
    return {
        print(chunk) {
            if (printers[0] === mine) process.stdout.write(chunk);
            else mine.held += chunk;
        },
        end() {
            mine.ended = true;
            flush();
        },
    };
}

async function play(suite) {
    const { print, end } = printer();
    print(`\n==== ${suite.name}\n`);
    const started = Date.now();
    const { passed, failed, note } = await run(suite, print);
    end();
    total.passed += passed;
    total.failed += failed;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    table.push(
        `${failed ? "FAIL" : "ok  "} ${suite.name.padEnd(14)} ${passed} passed  ${failed} failed  ${seconds} s  ${note}`,
    );
}

const wanted = all.filter(({ name }) => names.length === 0 || names.includes(name));
const shared = wanted.filter(({ alone }) => !alone);
const lane = async () => {
    while (shared.length > 0) await play(shared.shift());
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
for (const suite of wanted.filter(({ alone }) => alone)) await play(suite);

console.log(`\n${table.map((line) => line.trimEnd()).join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
