// tests/cases on the command line: one process a step, SQLite, the platform on a loopback port.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";
import { allCases, bodyOf, playedOn, setting, stepDifference, withoutClock } from "../cases/play.mjs";
import { startPlatform } from "../cases/server.mjs";
import { BUILD, ROOT } from "./fakes/module.mjs";

const program = process.env.LEADBRIDGE_BIN ? resolve(ROOT, process.env.LEADBRIDGE_BIN) : join(BUILD, "leadbridge");
const skip = existsSync(program) ? false : `${program} is not built`;

function run(args, cwd, env) {
    return new Promise((done, fail) => {
        const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH, ...env }, timeout: 60_000 });
        let [out, err] = ["", ""];
        child.stdout.on("data", (bytes) => (out += bytes));
        child.stderr.on("data", (bytes) => (err += bytes));
        child.stdin.end();
        child.on("error", fail);
        child.on("close", (exit) => done({ exit, out, err }));
    });
}

/** The command of an event; nothing for one this host has no command for. */
function command({ kind, sources = [], leads, name, action, type, data_type: dataType, format }, file) {
    if (kind === "backflow") {
        const option = (flag, value) => (value === undefined ? [] : [flag, String(value)]);
        return [
            "backflow",
            name,
            action,
            ...(file ? [file] : []),
            ...option("--type", type),
            ...option("--data-type", dataType),
            ...option("--format", format),
        ];
    }
    if (kind === "pull") return ["pull", ...sources.flatMap((name) => ["--source", name])];
    if (kind === "status") return ["status", ...(leads ? ["--leads", String(leads)] : [])];
    return ["normalise", "leads", "doctor"].includes(kind) ? [kind] : null;
}

async function play(entry, cwd) {
    const platform = await startPlatform();
    const failures = [];
    try {
        for (const [index, step] of entry.steps.entries()) {
            const brought = bodyOf(step);
            const input = brought.length > 0 ? join(cwd, "input") : undefined;
            if (input) writeFileSync(input, brought);
            // Nobody calls a command.
            const args = step.request ? null : command(step.event ?? { kind: "pull" }, input);
            if (!args) continue;
            const { configText, secrets } = setting(entry, step, platform.origin);
            const file = join(cwd, "leadbridge.json");
            writeFileSync(file, configText);
            platform.play(step);
            const { exit, out, err } = await run([...args, "--json", "-v"], cwd, secrets);
            const summary = JSON.parse(out);
            // The configuration of the case, not of the step, which may be broken on purpose.
            const whole = setting(entry, {}, platform.origin);
            writeFileSync(file, whole.configText);
            const stored = await run(["leads", "--reveal", "--limit", "1000", "--json"], cwd, whole.secrets);
            const { leads } = JSON.parse(stored.out);
            const came = {
                exit,
                summary: withoutClock(summary),
                leads: withoutClock(leads),
                shown: out + err,
            };
            const found = stepDifference(entry, withoutClock(step), came, secrets);
            failures.push(...[...platform.failures(), ...found].map((text) => `step ${index + 1} ${text}`));
        }
    } finally {
        await platform.close();
    }
    return failures;
}

for (const entry of allCases().filter((each) => playedOn(each, "cli") && each.steps.some(({ request }) => !request))) {
    test(`case ${entry.name} on the command line`, { skip }, async (t) => {
        const cwd = mkdtempSync(join(tmpdir(), "leadbridge-case-"));
        t.after(() => rmSync(cwd, { recursive: true, force: true }));
        assert.deepEqual(await play(entry, cwd), []);
    });
}
