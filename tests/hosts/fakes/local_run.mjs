// `./dev run` as a process of its own, and waiting for what it says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { BUILD, ROOT } from "./module.mjs";

const RUN = join(ROOT, "infra/dev/run.mjs");

/** @returns {{child: import('node:child_process').ChildProcess, out: string, err: string, ended: Promise<{code, signal}>}} ends with the test at the latest */
export function startRun(t, args, env = {}) {
    const child = spawn(
        process.execPath,
        [...process.execArgv.filter((flag) => !flag.startsWith("--test")), RUN, ...args],
        { cwd: ROOT, env: { ...process.env, LEADBRIDGE_BUILD: BUILD, NODE_TEST_CONTEXT: undefined, ...env } },
    );
    const run = { child, out: "", err: "" };
    child.stdout.on("data", (chunk) => (run.out += chunk));
    child.stderr.on("data", (chunk) => (run.err += chunk));
    run.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    t.after(() => child.kill("SIGKILL"));
    return run;
}

export async function until(what, condition, limitMs = 60_000) {
    for (const end = Date.now() + limitMs; Date.now() < end; ) {
        if (condition()) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail(`waited for ${what}`);
}
