// The stores behind one face: loaded from text, worked on by this version at any time of the story, written as text again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openD1Store } from "../../functions/cloudflare/store_d1.mjs";
import { drive, randomBytes } from "../../functions/host/drive.mjs";
import { resolveSecrets } from "../../functions/host/config.mjs";
import { parseTemplate, evaluate } from "../../infra/aws/template.mjs";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { FAKE_KEYS, REGION, startTable } from "../../infra/dev/lambda/table.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import { dumpSql, onFile, statementsOf } from "./sql_text.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const BUILD = resolve(root, process.env.LEADBRIDGE_BUILD ?? "build");
const LONGEST_MS = 60_000;

/**
 * @typedef {object} Invocation
 * @property {object} event @property {string|Buffer} [body] @property {object} config without its store @property {number} at
 * @property {boolean} [dies] ends before its first request goes out, as a process that is killed
 *
 * @typedef {object} StoreHost
 * @property {(text: string) => Promise<void>} load @property {() => Promise<string>} dump
 * @property {(invocation: Invocation) => Promise<{exit: number, summary: object, response?: {status: number, body: string}}|null>} invoke null: it died
 * @property {(config: object, ...args: string[]) => Promise<{status: number, answer: object, err: string}>} [program] the released program itself, now
 * @property {() => Promise<void>} close
 */

/** Runs a program of the build to its end. */
function run(program, args, { cwd, env }) {
    return new Promise((done, fail) => {
        const child = spawn(join(BUILD, program), args, {
            cwd,
            env: { PATH: process.env.PATH, ...env },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const [out, err] = [[], []];
        child.stdout.on("data", (bytes) => out.push(bytes));
        child.stderr.on("data", (bytes) => err.push(bytes));
        const guard = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
        child.once("error", fail);
        child.once("close", (status, signal) => {
            clearTimeout(guard);
            const errors = Buffer.concat(err).toString();
            if (signal) fail(new Error(`${program} ${args.join(" ")} ended by ${signal}: ${errors}`));
            else done({ status, out: Buffer.concat(out).toString(), err: errors });
        });
    });
}

/** The native loop with its clock set, and the released program, both over one store. */
function nativeHost(store, env) {
    const cwd = mkdtempSync(join(tmpdir(), "lb-stores-"));
    const write = (config) => writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify({ ...config, store }));
    return {
        cwd,
        async invoke({ event, body, config, at, dies }) {
            write(config);
            writeFileSync(join(cwd, "event.json"), JSON.stringify(event));
            if (body !== undefined) writeFileSync(join(cwd, "body"), body);
            // Number 6 of sending rows is the first request: load, load, commit, claim, load, http.
            const { status, out, err } = await run(
                "tests/crash_host",
                [
                    ...["--config", "leadbridge.json", "--event", "event.json", "--skip-waits"],
                    ...["--ahead-ms", String(at - Date.now()), "--trace"],
                    ...(body === undefined ? [] : ["--body", "body"]),
                    ...(dies ? ["--kill-at", "6", "--when", "before"] : []),
                ],
                { cwd, env },
            );
            if (dies) {
                assert.match(err, /^6 before http$/m);
                return null;
            }
            assert.ok(out, `exit ${status}: ${err}`);
            const { exit, summary, response, error } = JSON.parse(out);
            assert.equal(error, undefined, JSON.stringify(error));
            return { exit, summary, response };
        },
        async program(config, ...args) {
            write(config);
            const { status, out, err } = await run("leadbridge", [...args, "--json"], { cwd, env });
            return { status, answer: out ? JSON.parse(out) : null, err };
        },
        close: async () => rmSync(cwd, { recursive: true, force: true }),
    };
}

/** @returns {Promise<StoreHost>} */
export async function openSqlite(secrets) {
    const host = nativeHost({ kind: "sqlite", path: "leads.db" }, secrets);
    const path = join(host.cwd, "leads.db");
    return {
        ...host,
        load: async (text) => void onFile(path, text),
        dump: () => dumpSql((sql) => onFile(path, sql)),
    };
}

/** @returns {Promise<StoreHost>} */
export async function openDynamo(secrets) {
    const { resources } = evaluate(parseTemplate(), { CodeBucket: "local" });
    const table = await startTable(resources.Table);
    const host = nativeHost(
        { kind: "dynamodb", table: table.name, region: REGION, endpoint: table.endpoint },
        { ...secrets, ...FAKE_KEYS },
    );
    const TableName = table.name;
    return {
        ...host,
        async load(text) {
            for (const line of text.split("\n").filter(Boolean))
                await table.call("PutItem", { TableName, Item: JSON.parse(line) });
        },
        async dump() {
            const items = [];
            let ExclusiveStartKey;
            do {
                const page = await table.call("Scan", { TableName, ExclusiveStartKey });
                items.push(...page.Items);
                ExclusiveStartKey = page.LastEvaluatedKey;
            } while (ExclusiveStartKey);
            const sorted = (item) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
            return items
                .map((item) => `${JSON.stringify(sorted(item))}\n`)
                .sort()
                .join("");
        },
        async close() {
            await host.close();
            await table.close();
        },
    };
}

// The Worker's own clock cannot be set from outside, so its entry is wrapped: a cron event and a request bring the time along.
const WRAPPED = `import worker from "./worker.mjs";
const real = Date.now.bind(Date);
let ahead = 0;
Date.now = () => real() + ahead;
const set = (at) => { ahead = at - real(); };
export default {
    scheduled(event, env, context) {
        set(event.scheduledTime);
        return worker.scheduled(event, env, context);
    },
    fetch(request, env, context) {
        set(Number(request.headers.get("x-at")));
        return worker.fetch(request, env, context);
    },
};
`;

/** @returns {Promise<StoreHost>} */
export async function openD1(secrets) {
    const folder = mkdtempSync(join(tmpdir(), "lb-stores-"));
    const assembled = assemble({ to: join(folder, "worker"), wasm: join(BUILD, "leadbridge.wasm") });
    writeFileSync(join(folder, "worker", "at.mjs"), WRAPPED);
    const module = new WebAssembly.Module(readFileSync(join(BUILD, "leadbridge.wasm")));
    const sql = Object.fromEntries(
        ["schema", "statements"].map((name) => [name, readFileSync(join(root, `infra/sql/${name}.sql`), "utf8")]),
    );
    const files = ["at.mjs", ...assembled.files];
    let open = null;

    /** The Worker reads its configuration when it starts. */
    async function worker(config) {
        const text = JSON.stringify({ ...config, store: { kind: "d1" } });
        if (open?.text === text) return open;
        await open?.worker.dispose();
        const started = await startLocalWorker(
            { entry: join(folder, "worker", "at.mjs"), files },
            { bindings: { LEADBRIDGE_CONFIG: text, ...secrets }, persist: join(folder, "d1") },
        );
        open = { text, ...started, db: await started.worker.getD1Database("DB") };
        return open;
    }

    return {
        async load(text) {
            const { db } = await worker({});
            await db.batch(statementsOf(text).map((statement) => db.prepare(statement)));
        },
        async dump() {
            const { db } = await worker({});
            return dumpSql(async (query) => (await db.prepare(query).all()).results);
        },
        /** As the Worker does it; here, where the clock is ours and a death can be told. */
        async invoke({ event, body, config, at, dies }) {
            const { db, text } = await worker(config);
            const death = new Error("died");
            try {
                const { exit, summary, responded } = await drive({
                    module,
                    configText: resolveSecrets(text, (_, name) =>
                        secrets[name] ? { value: secrets[name] } : { missing: "not set" },
                    ),
                    event,
                    body,
                    host: { now: () => at, random: randomBytes, store: openD1Store(db, sql), wait: async () => {} },
                    hooks: {
                        before({ type }) {
                            if (dies && type === "http") throw death;
                        },
                    },
                });
                assert.ok(!dies, "it was to die");
                const response = responded && {
                    status: responded.status,
                    body: Buffer.from(responded.body).toString(),
                };
                return { exit, summary, response };
            } catch (error) {
                if (error === death) return null;
                throw error;
            }
        },
        /** The Worker itself. */
        async cron({ config, at }) {
            const { worker: miniflare } = await worker(config);
            return (await miniflare.getWorker()).scheduled({ cron: "* * * * *", scheduledTime: new Date(at) });
        },
        async call({ method, path, query = "", headers = {}, body, config, at }) {
            const { url } = await worker(config);
            const response = await fetch(`${url}${path}${query ? `?${query}` : ""}`, {
                method,
                headers: { ...headers, "x-at": String(at) },
                body,
            });
            return { status: response.status, body: await response.text() };
        },
        async close() {
            await open?.worker.dispose();
            rmSync(folder, { recursive: true, force: true });
        },
    };
}

/** By name: how it is opened, and the file in which a version keeps such a store. */
export const HOSTS = {
    sqlite: { open: openSqlite, file: "sqlite.sql" },
    d1: { open: openD1, file: "d1.sql" },
    dynamodb: { open: openDynamo, file: "dynamodb.ndjson" },
};
