// The Worker's answer to a signed push beside a bare Worker that does the same D1 write and nothing else, in one workerd each,
// asked in turn. node tests/bench/push.mjs [--quick] [--json FILE]
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { startLocalWorker, startModules } from "../../infra/dev/local_worker.mjs";
import { build } from "../rules/tree.mjs";
import { tmallPush } from "../sandbox/callers/tmall.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";

const { values: options } = parseArgs({
    options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const PUSHES = options.quick ? 100 : 600;
const WARM_UP = options.quick ? 20 : 60;
const SECRET = "fake-app-secret-0123456789abcdef";

const folder = mkdtempSync(join(tmpdir(), "leadbridge-push-"));
const account = createTmallAccount({
    ...TMALL_DEFAULTS,
    seed: "bench",
    newestAt: Date.now(),
    leads: PUSHES + WARM_UP,
});
const leads = account.ids().map((id) => account.lead(id));

const config = {
    apps: { main: { app_key: "12345678", app_secret: { env: "TOP_APP_SECRET" } } },
    endpoints: { "/spi/tmall": { platform: "tmall" } },
};
const assembled = assemble({ to: join(folder, "worker"), wasm: join(build, "leadbridge.wasm") });
const bridge = await startLocalWorker(assembled, {
    bindings: { LEADBRIDGE_CONFIG: JSON.stringify(config), TOP_APP_SECRET: SECRET },
});

// The same row into the same tables, with the triggers and indexes they have: what any bridge on D1 would have to wait for.
const pieces = readFileSync(new URL("../../infra/sql/schema.sql", import.meta.url), "utf8")
    .split(/^-- name: .*$/m)
    .slice(1);
const bareScript = `
const OK = '{ "result":{ "errCode":"0", "success":true, "errMsg":"\\u6210\\u529f" } }';
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === '/schema') {
      await env.DB.batch((await request.json()).map((sql) => env.DB.prepare(sql)));
      return new Response('ok');
    }
    const lead = JSON.parse(await request.text());
    const now = Date.now();
    const id = 'tmall:' + lead.seller_id + ':' + lead.record_id;
    await env.DB.batch([
      env.DB.prepare("INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, doc, received_at, updated_at, first_commit, last_commit) VALUES (?1, 'tmall', 'tmall', ?2, ?3, ?4, 1, ?4, ?5, ?4, ?4, 'c', 'c') ON CONFLICT (id) DO NOTHING")
        .bind(id, String(lead.seller_id), String(lead.record_id), now, JSON.stringify(lead)),
      env.DB.prepare('INSERT INTO marks (key, expires_at) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING').bind(id, now + 86400000),
    ]);
    return new Response(OK, { headers: { 'content-type': 'application/json;charset=UTF-8' } });
  },
};`;
const { worker: bare, url: bareUrl } = await startModules({ "bare.mjs": bareScript }, { databases: { DB: "bare" } });
await (await fetch(`${bareUrl}/schema`, { method: "POST", body: JSON.stringify(pieces) })).text();

async function answerTime(url, lead) {
    const request = tmallPush(lead, {
        app_key: "12345678",
        app_secret: SECRET,
        timestamp: Date.now(),
        path: "",
    });
    const begin = performance.now();
    const response = await fetch(`${url}${request.url.slice(request.url.indexOf("?"))}`, {
        method: request.method,
        headers: request.headers,
        body: request.body,
    });
    const text = await response.text();
    const took = performance.now() - begin;
    assert.match(text, /"success":true/);
    return took;
}

const times = { bridge: [], bare: [] };
for (const [i, lead] of leads.entries()) {
    const ours = await answerTime(`${bridge.url}/spi/tmall`, lead);
    const theirs = await answerTime(bareUrl, lead);
    if (i >= WARM_UP) {
        times.bridge.push(ours);
        times.bare.push(theirs);
    }
}
const stored = await (await bridge.worker.getD1Database("DB")).prepare("SELECT count(*) AS n FROM leads").first("n");
assert.equal(stored, leads.length, "the bridge stored every push");
await bridge.worker.dispose();
await bare.dispose();
rmSync(folder, { recursive: true, force: true });

const quantile = (values, share) =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const figures = Object.fromEntries(
    Object.entries(times).map(([who, values]) => [
        who,
        { median_ms: quantile(values, 0.5), p99_ms: quantile(values, 0.99) },
    ]),
);
const ratio = {
    median: figures.bridge.median_ms / figures.bare.median_ms,
    p99: figures.bridge.p99_ms / figures.bare.p99_ms,
};
if (options.json) writeFileSync(options.json, `${JSON.stringify({ v: 1, pushes: PUSHES, figures, ratio }, null, 2)}\n`);
const ms = (value) => value.toFixed(2).padStart(7);
console.log(
    `\nAnswer to a signed push, over HTTP in workerd with a local D1, ${PUSHES} pushes, one after the other. Milliseconds.`,
);
console.log(`                        median      p99`);
console.log(
    `leadbridge             ${ms(figures.bridge.median_ms)}  ${ms(figures.bridge.p99_ms)}   verify, parse, normalise, store once, answer`,
);
console.log(
    `bare Worker, same write${ms(figures.bare.median_ms)}  ${ms(figures.bare.p99_ms)}   no signature, no check`,
);
console.log(`ratio                  ${ms(ratio.median)}  ${ms(ratio.p99)}   goal 1.3`);
