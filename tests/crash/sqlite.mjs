// What the process tests share: a sandbox behind HTTP, a folder with a configuration, and the programs over one SQLite file.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";
import { BUILD, checkLead, key } from "../walk/harness.mjs";

const PROGRAMS = { leadbridge: join(BUILD, "leadbridge"), crash_host: join(BUILD, "tests", "crash_host") };
const LONGEST_MS = 60_000;

/**
 * @param {{sandbox?: object, source?: object, config?: object|((url: string, options: object) => object)}} options config: what else is
 *   in the configuration, or a function of the sandbox's address and options that gives it
 * @returns a place of its own; `close()` removes it
 */
export async function place({ sandbox: options = {}, source = {}, config = {} }) {
    const sandbox = createSandbox({ newestAt: Date.now() - 60_000, dirtyShare: 0, ...options, key: key() });
    const clock = { aheadMs: 0 }; // of the platform and of invoke(), before the machine's
    const server = await startServer(sandbox, { now: () => Date.now() + clock.aheadMs });
    const cwd = mkdtempSync(join(tmpdir(), "lb-crash-"));
    writeFileSync(join(cwd, "key.pem"), key());
    writeFileSync(
        join(cwd, "leadbridge.json"),
        JSON.stringify({
            tenant: "proof",
            store: { kind: "sqlite", path: "leads.db" },
            apps: { main: { app_key: sandbox.options.app_key, app_secret: { env: "LB_SECRET" } } },
            sources: {
                ads: {
                    platform: "alimama",
                    endpoint: `${server.url}/router/rest`,
                    session: { env: "LB_SESSION" },
                    mobile_key: { file: "key.pem" },
                    ...source,
                },
            },
            ...(typeof config === "function" ? config(server.url, sandbox.options) : config),
        }),
    );
    const {
        app_secret: LB_SECRET,
        session: LB_SESSION,
        tanma: { appKey: LB_TANMA },
    } = sandbox.options;
    const env = { PATH: process.env.PATH, LB_SECRET, LB_SESSION, LB_TANMA };

    /** @returns {Promise<{status: number, answer: object|null, err: string}>} status of an end by _exit or return; answer: the one line on stdout */
    const run = (program, ...args) =>
        new Promise((done, fail) => {
            const child = spawn(PROGRAMS[program], args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
            let out = "";
            let err = "";
            child.stdout.on("data", (bytes) => {
                out += bytes;
            });
            child.stderr.on("data", (bytes) => {
                err += bytes;
            });
            const guard = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
            child.once("error", fail);
            child.once("close", (status, signal) => {
                clearTimeout(guard);
                if (signal) fail(new Error(`${program} ${args.join(" ")} ended by ${signal}: ${err}`));
                else done({ status, answer: out ? JSON.parse(out) : null, err });
            });
        });

    /**
     * One invocation of crash_host with any event.
     * @param {{at: number, when: string}} [kill]
     * @returns {Promise<{killed?: {type: string, when: string}, answer?: object}>}
     */
    async function invoke(event, body, kill) {
        writeFileSync(join(cwd, "event.json"), JSON.stringify(event));
        if (body !== undefined) writeFileSync(join(cwd, "body"), body);
        const {
            status: exit,
            answer,
            err,
        } = await run(
            "crash_host",
            "--config",
            "leadbridge.json",
            "--event",
            "event.json",
            ...(body === undefined ? [] : ["--body", "body"]),
            "--skip-waits",
            "--ahead-ms",
            String(clock.aheadMs),
            "--trace",
            ...(kill ? ["--kill-at", String(kill.at), "--when", kill.when] : []),
        );
        if (exit === 137) {
            const [, when, type] = err.trim().split("\n").at(-1).split(" ");
            return { killed: { type, when } };
        }
        assert.ok(answer?.summary, `exit ${exit}: ${err}`);
        return { answer };
    }

    const status = async () => (await run("leadbridge", "status", "--json")).answer.sources[0];

    /** Everything the store shows, page by page, against everything the platform has. */
    async function compare() {
        const truth = new Map(Object.entries(await (await fetch(`${server.url}/_sandbox/truth`)).json()));
        const stored = new Map();
        let page = "";
        do {
            const { answer } = await run(
                "leadbridge",
                "leads",
                "--json",
                "--reveal",
                "--limit",
                "50",
                ...(page ? ["--page", page] : []),
            );
            for (const lead of answer.leads) {
                assert.ok(!stored.has(lead.source.lead_id), `${lead.id} is there twice`);
                const encrypted = lead.phones.some((phone) => phone.class === "encrypted");
                stored.set(lead.source.lead_id, {
                    lead,
                    version: Number(lead.source.version),
                    revision: encrypted ? 0 : 1,
                });
            }
            page = answer.next;
        } while (page);
        assert.deepEqual([...stored.keys()].sort(), [...truth.keys()].sort(), "the ids of store and platform");
        for (const [id, row] of stored) checkLead(id, row, truth.get(id));
        const { complete, leads, state } = await status();
        assert.deepEqual({ complete, leads, state }, { complete: true, leads: truth.size, state: "ok" });
        return stored.size;
    }

    return {
        sandbox,
        clock,
        run,
        invoke,
        status,
        compare,
        async close() {
            await server.close();
            rmSync(cwd, { recursive: true, force: true });
        },
    };
}

/** Works through `jobs` side by side: most of their time is waiting. */
export async function sideBySide(width, jobs, work) {
    const left = [...jobs];
    await Promise.all(
        Array.from({ length: width }, async () => {
            while (left.length > 0) await work(left.shift());
        }),
    );
}
