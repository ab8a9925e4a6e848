// The assembled Worker in real workerd with a local D1, pulling from the platform sandbox on its cron trigger.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { NO_MODULE, WASM } from "./fakes/module.mjs";

const CRON = { cron: "* * * * *" };

function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "leadbridge-worker-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

async function sandboxed(t, options = {}) {
    const sandbox = createSandbox({ newestAt: Date.now(), leads: 230, dirtyShare: 0, ...options });
    const server = await startServer(sandbox);
    t.after(() => server.close());
    const { app_key, app_secret, session, mobileCipher } = sandbox.options;
    const config = {
        tenant: "acme",
        store: { kind: "d1" },
        apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
        sources: {
            ads: {
                platform: "alimama",
                app: "main",
                endpoint: `${server.url}/router/rest`,
                session: { env: "TOP_SESSION" },
                mobile_cipher: mobileCipher,
                mobile_key: { env: "ALIMAMA_RSA_KEY" },
            },
        },
    };
    const secrets = {
        TOP_APP_SECRET: app_secret,
        TOP_SESSION: session,
        ALIMAMA_RSA_KEY: sandbox.keys.privatePem,
    };
    return { sandbox, config, secrets };
}

async function start(t, bindings, { wasm = WASM, ...options } = {}) {
    const output = [];
    const { worker } = await startLocalWorker(assemble({ to: join(folder(t), "worker"), wasm }), {
        bindings,
        onOutput: (line) => output.push(line),
        ...options,
    });
    t.after(() => worker.dispose());
    const bridge = await worker.getWorker();
    return {
        output,
        worker,
        cron: () => bridge.scheduled(CRON),
        get: async (path, init) => {
            const answer = await worker.dispatchFetch(`http://127.0.0.1${path}`, init);
            return { status: answer.status, headers: answer.headers, text: await answer.text() };
        },
        rows: async (statement) => (await (await worker.getD1Database("DB")).prepare(statement).all()).results,
    };
}

const bindingsOf = ({ config, secrets }, more = {}) => ({
    LEADBRIDGE_CONFIG: JSON.stringify(config),
    LEADBRIDGE_PAGE: "loopback",
    ...secrets,
    ...more,
});

test("another module behind the same door: workerd loads it, and what it does wrong is an answer", async (t) => {
    const wasm = join(folder(t), "echo.wasm");
    writeFileSync(wasm, echoModule.bytes);
    const { get, cron } = await start(t, { LEADBRIDGE_CONFIG: "{}" }, { wasm });
    const health = await get("/healthz");
    assert.equal(health.status, 503);
    assert.match(health.text, /protocol/);
    assert.equal((await cron()).outcome, "exception");
    assert.equal((await get("/")).status, 403);
    assert.equal((await get("/nothing")).status, 503);
    const trapping = await start(t, { LEADBRIDGE_CONFIG: "Trap" }, { wasm });
    for (let i = 0; i < 3; ++i) assert.match((await trapping.get("/healthz")).text, /trap/);
});

test("cron pulls everything once; page and healthz say so; the next run brings only what is new", {
    skip: NO_MODULE,
}, async (t) => {
    const account = await sandboxed(t);
    const { get, cron, rows } = await start(t, bindingsOf(account));

    // First use: the tables make themselves, for a reader as well.
    const before = await get("/healthz");
    assert.equal(before.status, 200, before.text);
    assert.equal(JSON.parse(before.text).sources[0].state, "never_run");

    assert.equal((await cron()).outcome, "ok");
    const truth = account.sandbox.truth();
    const stored = await rows("SELECT lead_id FROM leads");
    assert.deepEqual(new Set(stored.map(({ lead_id }) => lead_id)), new Set([...truth.keys()].map(String)));
    assert.equal(stored.length, truth.size);

    const health = JSON.parse((await get("/healthz")).text);
    assert.equal(health.ok, true);
    assert.deepEqual([health.sources[0].state, health.sources[0].leads, health.sources[0].unread], ["ok", 230, 0]);
    assert.ok(health.sources[0].last_run_age_s < 60);

    for (const [lang, sentence] of [
        ["zh", "最新客资"],
        ["en", "Newest leads"],
    ]) {
        const page = await get(`/?lang=${lang}`);
        assert.equal(page.status, 200);
        assert.ok(page.text.includes(sentence));
        assert.match(page.text, /1\d\d\*\*\*\*\d{4}/);
        assert.doesNotMatch(page.text.replace(/<code>.*?<\/code>/g, ""), /(?<!\d)1[3-9]\d{9}(?!\d)/);
    }

    account.sandbox.addLeads(7, Date.now());
    assert.equal((await cron()).outcome, "ok");
    assert.equal((await rows("SELECT count(*) AS n FROM leads"))[0].n, 237);
});

test("two cron events at once: nothing lost, nothing twice", { skip: NO_MODULE }, async (t) => {
    const account = await sandboxed(t);
    const { cron, rows } = await start(t, bindingsOf(account));
    await Promise.all([cron(), cron(), cron()]);
    await cron();
    assert.equal((await rows("SELECT count(*) AS n, count(DISTINCT lead_id) AS ids FROM leads"))[0].ids, 230);
    assert.equal((await rows("SELECT count(*) AS n FROM leads"))[0].n, 230);
});

for (const [name, change, pattern] of [
    ["a secret that is not set", ({ secrets }) => delete secrets.TOP_SESSION, /TOP_SESSION/],
    ["a key that is not a key", ({ secrets }) => (secrets.ALIMAMA_RSA_KEY = "not a key"), /mobile_key/],
    ["an unknown configuration key", ({ config }) => (config.sources.ads.mobile_cypher = "x"), /mobile_cypher/],
    ["a configuration that is not JSON", (account) => (account.config = { toJSON: () => "broken" }), /object/],
]) {
    test(`${name}: page and healthz say what to do, the cron event fails`, { skip: NO_MODULE }, async (t) => {
        const account = await sandboxed(t);
        change(account);
        const { get, cron } = await start(t, bindingsOf(account));
        for (const path of ["/healthz", "/?lang=en"]) {
            const answer = await get(path);
            assert.equal(answer.status, 503, path);
            assert.match(answer.text, pattern);
        }
        assert.equal((await cron()).outcome, "exception");
        assert.equal(account.sandbox.calls.length, 0);
    });
}

test("a platform that misbehaves fails the source with a reason; the next run goes on", {
    skip: NO_MODULE,
}, async (t) => {
    const account = await sandboxed(t);
    const { get, cron, output } = await start(t, bindingsOf(account));
    account.sandbox.expireSession();
    assert.equal((await cron()).outcome, "exception");
    const health = await get("/healthz");
    assert.equal(health.status, 503);
    assert.match(health.text, /session_expired/);
    const page = await get("/?lang=zh");
    assert.match(page.text, /重新授权/);
    for (const text of [health.text, page.text, output.join("\n")]) {
        for (const secret of Object.values(account.secrets)) assert.ok(!text.includes(secret));
    }
    account.sandbox.renewSession(account.secrets.TOP_SESSION);
    assert.equal((await cron()).outcome, "ok");
    assert.equal((await get("/healthz")).status, 200);
});
