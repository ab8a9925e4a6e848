// `./dev test`: what ctest cannot do. ctest runs the suites (cmake/tests.cmake); this adds up the cases they count, and ends with
// one line: `N passed, N failed`. A suite that crashes, runs out of time or tells of no case counts as one failure.
//   node infra/dev/test.mjs [--all] [NAME...]   NAME: a label (walk, quick) or a suite (hosts/cli); --all: also what multiplies
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** ctest keeps the end of what each suite prints, where its count is, in `file`. */
export const report = (file) => [
    ...["--output-junit", file, "--test-output-truncation", "head"],
    ...["--test-output-size-passed", "1024", "--test-output-size-failed", "1048576"],
];

const plainText = (xml) =>
    xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" })[name]);

/** @param {string} junit ctest's report @returns {{name: string, passed: number, failed: number, note: string}[]} by suite */
export function results(junit) {
    return [...junit.matchAll(/<testcase name="([^"]*)"[^>]*? status="([a-z]+)"[^>]*>(.*?)<\/testcase>/gs)].map(
        ([, name, status, inside]) => {
            const line = [...inside.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [0, 0, 0];
            let [passed, failed] = line.slice(1).map(Number);
            let note = "";
            if (status !== "run" && failed === 0) {
                failed = 1;
                note = /<(?:failure|skipped) message="([^"]*)"/.exec(inside)?.[1] || status;
            }
            return { name: plainText(name), passed, failed, note: plainText(note) };
        },
    );
}

async function main(args) {
    const all = args.includes("--all");
    const names = args.filter((arg) => arg !== "--all");
    const preset = ["--preset", all ? "all" : "dev"];
    const listed = JSON.parse(execFileSync("ctest", [...preset, "--show-only=json-v1"], { maxBuffer: 1 << 26 })).tests;
    const labelsOf = (suite) => suite.properties.find(({ name }) => name === "LABELS")?.value ?? [];
    const called = (suite) => [suite.name, ...labelsOf(suite)];
    const unknown = names.filter((name) => !listed.some((suite) => called(suite).includes(name)));
    if (unknown.length > 0) {
        const labels = [...new Set(listed.flatMap(labelsOf))].sort().join(" ");
        console.error(`no suite ${unknown.join(", ")}; there are: ${labels}, and each of \`ctest --preset dev -N\``);
        return [0, 1];
    }
    const wanted = listed.filter((suite) => called(suite).some((name) => names.includes(name)));
    const only = names.length === 0 ? [] : ["-R", `^(${wanted.map(({ name }) => name).join("|")})$`];
    const file = join(ROOT, "build/tests.xml");
    rmSync(file, { force: true });
    // A process group of its own: an interrupt ends all of it.
    const child = spawn("ctest", [...preset, ...only, ...report(file)], {
        stdio: ["ignore", "inherit", "inherit"],
        detached: true,
    });
    const kill = (signal) => {
        try {
            process.kill(-child.pid, signal);
        } catch {
            // nobody left
        }
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
        process.on(signal, () => {
            kill("SIGTERM");
            setTimeout(() => {
                kill("SIGKILL");
                process.exit(130);
            }, 500);
        });
    const status = await new Promise((done) => child.on("exit", done).on("error", done));
    let suites = [];
    try {
        suites = results(readFileSync(file, "utf8"));
    } catch (error) {
        console.error(`ctest left no report: ${error.message}`);
    }
    const sum = [0, 0];
    const groups = new Map();
    for (const { name, passed, failed, note } of suites) {
        const group = name.split("/")[0];
        const [a, b] = groups.get(group) ?? [0, 0];
        groups.set(group, [a + passed, b + failed]);
        sum[0] += passed;
        sum[1] += failed;
        if (note) console.log(`${name}: ${note}`);
    }
    for (const [group, [passed, failed]] of [...groups].sort())
        console.log(`${failed ? "FAIL" : "ok  "} ${group.padEnd(14)} ${passed} passed  ${failed} failed`);
    // ctest failed, and no suite says so.
    if (sum[1] === 0 && (status !== 0 || suites.length === 0)) sum[1] = 1;
    return sum;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    process.chdir(ROOT);
    const [passed, failed] = await main(process.argv.slice(2));
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
}
