// Entry of the Worker under test in cases_worker.test.mjs: the real worker.mjs with configuration, secrets and database as the
// request says, so that one workerd plays every case. POST / {config, secrets, database, call}: one cron event, or the call
// {method, path, query, headers, body (base64)}. `sets`: rows to show. POST / {tool: {event, body, config, now}}: an event of the page's, which
// no Worker is asked for, on the module in workerd.
import module from "./leadbridge.wasm";
import schema from "./infra/sql/schema.sql";
import statements from "./infra/sql/statements.sql";
import { openD1Store } from "./functions/cloudflare/store_d1.mjs";
import { createWorker } from "./functions/cloudflare/worker.mjs";
import { drive } from "./functions/host/drive.mjs";
import { createEngine } from "./wasm/loader.mjs";

const worker = createWorker({ module, openStore: (db) => openD1Store(db, { schema, statements }) });

export default {
    async fetch(request, env) {
        const { tool, config, secrets, database, call, sets = [] } = await request.json();
        if (tool) return Response.json(await used(tool));
        const lines = [];
        for (const level of ["log", "warn", "error"]) console[level] = (text) => lines.push(String(text));
        const bindings = { ...secrets, LEADBRIDGE_CONFIG: config, DB: env[database] };
        let failure = null;
        let response = null;
        try {
            if (call) response = await answerTo(call, bindings);
            else await worker.scheduled({ cron: "* * * * *" }, bindings);
        } catch (error) {
            failure = String(error.message);
        }
        const health = await (await worker.fetch(new Request("http://worker/healthz"), bindings)).text();
        let leads = [];
        const rows = {};
        try {
            leads = (
                await env[database].prepare("SELECT doc FROM leads ORDER BY sort_at DESC, id DESC").all()
            ).results.map(({ doc }) => doc);
            for (const set of sets) {
                rows[set] = (
                    await env[database]
                        .prepare("SELECT doc FROM set_rows WHERE set_name = ? ORDER BY id")
                        .bind(set)
                        .all()
                ).results.map(({ doc }) => doc);
            }
        } catch {
            // a broken configuration makes no tables
        }
        return Response.json({ failure, lines, health, leads, rows, response });
    },
};

const bytesOf = (base64) => Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));

async function used({ event, body, config, now }) {
    const log = [];
    const host = {
        now: () => now,
        random: (count) => new Uint8Array(count).fill(0x5a),
        log: (entry) => log.push(entry),
    };
    const { exit, summary } = await drive({
        engine: createEngine(module, config),
        event,
        body: bytesOf(body),
        host,
    });
    return { exit, summary, log };
}

async function answerTo({ method, path, query, headers, body }, bindings) {
    const request = new Request(`http://worker${path}${query ? `?${query}` : ""}`, {
        method,
        headers,
        body: method === "GET" ? undefined : bytesOf(body),
    });
    const later = [];
    const answer = await worker.fetch(request, bindings, { waitUntil: (work) => later.push(work) });
    const text = await answer.text();
    await Promise.all(later);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: text };
}
