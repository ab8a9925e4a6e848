// One suite, as ctest runs it (cmake/suite.cmake): what it prints goes on, then a line `N passed, N failed` counts its cases. A suite
// that ends well but tells of no case has failed.
//   node infra/dev/suite.mjs PROGRAM [ARGUMENT...]
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const KEPT = 65_536; // characters: the counts are at the end

const last = (text, pattern) => [...text.matchAll(pattern)].at(-1);

/** [passed, failed] as a suite says it, or null: node's summary, Catch2's (cases, not assertions), or the last line of our programs. */
export function counts(text) {
    const node = (word) => Number(last(text, new RegExp(`^[#\u2139] ${word} (\\d+)$`, "gm"))?.[1] ?? NaN);
    const plain = last(text, /^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/gm);
    const all = last(text, /^All tests passed \(\d+ assertions? in (\d+) test cases?\)/gm);
    const some = last(text, /^test cases: *\d+ \|(?: *(\d+) passed)?[ |]*(?:(\d+) failed)?/gm);
    if (!Number.isNaN(node("pass"))) return [node("pass"), node("fail") + node("cancelled")];
    if (plain) return [Number(plain[1]), Number(plain[2])];
    if (all) return [Number(all[1]), 0];
    return some ? [Number(some[1] ?? 0), Number(some[2] ?? 0)] : null;
}

async function main([program, ...args]) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
        process.stdout.write(chunk);
        text = (text + chunk).slice(-KEPT);
    });
    const note = await new Promise((done) => {
        child.on("error", (error) => done(`cannot start: ${error.message}`));
        child.on("close", (code, signal) =>
            done(signal ? `ended by ${signal}` : code === 0 ? "" : `exit status ${code}`),
        );
    });
    let [passed, failed] = counts(text) ?? [0, 0];
    const why = note || (passed + failed === 0 ? "ran no case" : "");
    if (why && failed === 0) failed = 1;
    if (why) console.log(`\nthis suite: ${why}`);
    console.log(`\n${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
}

if (resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
