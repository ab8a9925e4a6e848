// The routes of the Worker, with an engine in JavaScript. In real workerd with the real core: worker_miniflare.test.mjs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { createWorker } from "../../functions/cloudflare/worker.mjs";
import { openMemoryStore } from "../store/memory.mjs";
import { resolveSecrets } from "../../functions/host/config.mjs";
import { EngineTrap } from "../../wasm/loader.mjs";
import { done, scriptedEngine } from "./fakes/engine.mjs";
import { healthy, misconfigured } from "./fakes/status.mjs";

const CONFIG = { tenant: "acme", sources: { ads: { platform: "alimama", session: { env: "TOP_SESSION" } } } };
const OPEN = {
    DB: {},
    LEADBRIDGE_CONFIG: JSON.stringify(CONFIG),
    LEADBRIDGE_PAGE: "open",
    TOP_SESSION: "s3cret",
};
const CONTEXT = { waitUntil() {} };

/** What the core says is open, of this configuration. */
function doorsOf(configText) {
    const { page } = JSON.parse(configText);
    const { value } = page?.token ?? {};
    const digest = value && createHash("sha256").update(`leadbridge page ${value}`).digest("hex");
    return {
        doors: [
            { path: "/spi/tmall", methods: ["GET", "POST"], most_bytes: 10, token: false },
            { path: "/v1/backflow/stats", methods: ["GET", "POST", "PUT"], most_bytes: 10, token: true },
        ],
        page: page ? { token_sha256: digest || null } : null,
    };
}

/** A Worker whose core answers each event with `reply(event, body)`: {exit, summary, log, respond: {status, body}}. */
function worker(reply, seen = {}) {
    return createWorker({
        openStore: openMemoryStore,
        openEngine: (configText) => {
            seen.configText = configText;
            return scriptedEngine((input, emit, bytes) => {
                if (input.event.kind === "doors") return emit(done(0, doorsOf(configText)));
                const { exit = 0, summary = {}, log, respond } = reply(input.event, bytes);
                if (respond) emit({ type: "respond", status: respond.status, headers: [] }, respond.body);
                emit({ ...done(exit, summary), log });
            });
        },
    });
}
const get = (target, path, env = OPEN, init = {}) =>
    target.fetch(new Request(`https://bridge.example${path}`, init), env, CONTEXT);
const quiet = (t) => ["log", "warn", "error"].map((name) => t.mock.method(console, name, () => {}).mock);

test("GET / shows the page in the language asked for; HEAD has its head only", async () => {
    const events = [];
    const target = worker((event) => (events.push(event), { summary: healthy() }));
    const answer = await get(target, "/?lang=en");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.match(await answer.text(), /Newest leads/);
    assert.deepEqual(events, [{ kind: "status", leads: 30 }]);
    assert.match(await (await get(target, "/", OPEN, { headers: { "accept-language": "zh-CN" } })).text(), /最新客资/);
    const head = await get(target, "/", OPEN, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
});

test("every other path goes to the core as it came; no answer from there is an answer, too", async () => {
    const events = [];
    const target = worker((event) => {
        events.push(event);
        return { summary: healthy() };
    });
    for (const path of ["/spi/tmall", "/healthz/", "/index.html", "//"])
        assert.equal((await get(target, path)).status, 503, path);
    await get(target, "/spi/tmall?a=%2B+b&&c", OPEN, {
        method: "POST",
        body: "{}",
        headers: { "X-One": "ä" },
    });
    const { kind, method, path, query, headers } = events.at(-1);
    assert.deepEqual(
        { kind, method, path, query },
        { kind: "request", method: "POST", path: "/spi/tmall", query: "a=%2B+b&&c" },
    );
    assert.deepEqual(
        headers.find(([name]) => name === "x-one"),
        ["x-one", "ä"],
    );
});

test("the pages answer GET only", async () => {
    const target = worker(() => ({ summary: healthy() }));
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        for (const path of ["/", "/preview"]) {
            const answer = await get(target, path, OPEN, { method });
            assert.equal(answer.status, 405);
            assert.equal(answer.headers.get("allow"), "GET, HEAD");
        }
    }
});

test("a body is read when a door takes it, and never otherwise: the core words the refusal", async () => {
    const seen = [];
    const target = worker((event, body) => {
        seen.push({ unread: event.unread_bytes, body: Buffer.from(body).toString() });
        return { respond: { status: 200, body: "ok" } };
    });
    const bearer = { authorization: "Bearer x" };
    const long = "x".repeat(11);
    // Nobody says how long a stream is: the first byte too many ends the reading.
    const stream = () => ({
        body: ReadableStream.from(["12345", "67890", "x"].map((text) => Buffer.from(text))),
        duplex: "half",
    });
    for (const [path, init, wanted] of [
        ["/spi/tmall", { method: "POST", body: "1234567890" }, { unread: undefined, body: "1234567890" }],
        ["/spi/tmall", { method: "POST", body: long, headers: { "content-length": "11" } }, { unread: 11, body: "" }],
        ["/spi/tmall", { method: "POST", ...stream() }, { unread: 11, body: "" }],
        ["/spi/tmall", { method: "PUT", body: "1" }, { unread: 1, body: "" }],
        ["/spi/other", { method: "POST", body: "1" }, { unread: 1, body: "" }],
        ["/v1/backflow/stats", { method: "PUT", body: "1" }, { unread: 1, body: "" }],
        ["/v1/backflow/stats", { method: "PUT", body: "1", headers: bearer }, { unread: undefined, body: "1" }],
    ]) {
        await get(target, path, OPEN, init);
        assert.deepEqual(seen.at(-1), wanted, `${init.method} ${path} ${init.body}`);
    }
});

test("healthz is the core's to answer, for monitors without a token", async () => {
    const target = worker((event) => {
        assert.deepEqual([event.kind, event.path, event.query], ["request", "/healthz", "max_age=1"]);
        return { exit: 2, summary: healthy(), respond: { status: 503, body: '{"ok":false}' } };
    });
    const answer = await get(target, "/healthz?max_age=1", { ...OPEN, LEADBRIDGE_PAGE: undefined });
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.deepEqual(await answer.json(), { ok: false });
});

test("secrets come from Worker secrets by name; what is missing is said to the core", async () => {
    const seen = {};
    const target = worker(() => ({ summary: healthy() }), seen);
    await get(target, "/healthz");
    assert.deepEqual(JSON.parse(seen.configText).sources.ads.session, {
        env: "TOP_SESSION",
        value: "s3cret",
    });
    await get(target, "/healthz", { ...OPEN, TOP_SESSION: undefined });
    assert.match(JSON.parse(seen.configText).sources.ads.session.missing, /npx wrangler secret put TOP_SESSION/);
    await get(target, "/healthz", { ...OPEN, TOP_SESSION: { fetch() {} } });
    assert.match(JSON.parse(seen.configText).sources.ads.session.missing, /not a text/);
    const text = OPEN.LEADBRIDGE_CONFIG.replace('{"env":"TOP_SESSION"}', '{"ssm":"/lb/session"}');
    assert.notEqual(text, OPEN.LEADBRIDGE_CONFIG);
    await get(target, "/healthz", { ...OPEN, LEADBRIDGE_CONFIG: text });
    const { failed, fix } = JSON.parse(seen.configText).sources.ads.session;
    assert.match(
        `${failed}: ${fix}`,
        /a Worker cannot read ssm: write \{"env": "NAME"\} and run: npx wrangler secret put/,
    );
});

test("secrets go into the text; 64-bit numbers and everything else stay as written", () => {
    const look = (kind, name) => (name === 'N"A' ? { value: 'line\nbreak "q"' } : { missing: `${kind} no` });
    const source =
        '{"a": { "env" : "N\\"A" }, "id": 9223372036854775807, "s": "{\\"env\\":\\"N\\"}", "f": {"file":"/x"}, "two": {"env":"x","more":1}}';
    const out = resolveSecrets(source, look);
    assert.ok(out.includes("9223372036854775807"));
    const parsed = JSON.parse(out);
    assert.deepEqual(parsed.a, { env: 'N"A', value: 'line\nbreak "q"' });
    assert.equal(parsed.s, '{"env":"N"}');
    assert.deepEqual(parsed.f, { file: "/x", missing: "file no" });
    assert.deepEqual(parsed.two, { env: "x", more: 1 });
    assert.equal(resolveSecrets('not json {"env":', look), 'not json {"env":');
    const asked = [];
    const aws = (kind, name) => {
        asked.push(`${kind} ${name}`);
        return { failed: "no", fix: "do" };
    };
    const stays =
        '{"a":{"ssm":"/x","key":"y"},"b":{"key":"x"},"c":{"ssm":"/x","env":"y"},"d":{"ssm":"/x","value":"y"}}';
    assert.equal(resolveSecrets(stays, aws), stays);
    const resolved = JSON.parse(
        resolveSecrets('{"a":{ "ssm" : "/x:2" },"b":{"key":"k","secretsmanager":"s" , "stage":"t"}}', aws),
    );
    assert.deepEqual(resolved, {
        a: { ssm: "/x:2", failed: "no", fix: "do" },
        b: { key: "k", secretsmanager: "s", stage: "t", failed: "no", fix: "do" },
    });
    assert.deepEqual(asked, ["ssm /x:2", "secretsmanager s"]);
    assert.equal(
        resolveSecrets('{"a":{"env":"$&$1"}}', () => ({ value: "$&$`" })),
        '{"a":{"env":"$&$1","value":"$&$`"}}',
    );
});

test("no configuration and no database each say what to do, on page and healthz", async () => {
    const target = worker(() => ({ summary: healthy() }));
    for (const [env, pattern] of [
        [{ DB: {}, LEADBRIDGE_PAGE: "open" }, /LEADBRIDGE_CONFIG/],
        [{ DB: {}, LEADBRIDGE_PAGE: "open", LEADBRIDGE_CONFIG: " \n" }, /LEADBRIDGE_CONFIG/],
        [{ ...OPEN, DB: undefined }, /d1_databases/],
    ]) {
        for (const path of ["/", "/healthz"]) {
            const answer = await get(target, path, env);
            assert.equal(answer.status, 503);
            assert.match(await answer.text(), pattern);
        }
    }
});

test("a bundled configuration is used when the variable is not set", async () => {
    let text;
    const target = createWorker({
        configText: '{"tenant":"bundled"}',
        openStore: openMemoryStore,
        openEngine: (configText) => ((text = configText), scriptedEngine((_, emit) => emit(done(0, healthy())))),
    });
    await get(target, "/healthz", { DB: {} });
    assert.equal(text, '{"tenant":"bundled"}');
    await get(target, "/healthz", { DB: {}, LEADBRIDGE_CONFIG: '{"tenant":"variable"}' });
    assert.equal(text, '{"tenant":"variable"}');
});

// ---- who may see the page -----------------------------------------------------------------------------------------------

const LOCKED = {
    ...OPEN,
    LEADBRIDGE_PAGE: undefined,
    LEADBRIDGE_CONFIG: JSON.stringify({ ...CONFIG, page: { token: { env: "PAGE_TOKEN" } } }),
    PAGE_TOKEN: "open sesame 芝麻",
};

test("the page is closed by default, and says how to open it", async () => {
    const target = worker(() => assert.fail("the core must not even be asked"));
    const answer = await get(target, "/", { ...OPEN, LEADBRIDGE_PAGE: undefined });
    assert.equal(answer.status, 403);
    const page = await answer.text();
    assert.match(page, /page.*token/);
    assert.doesNotMatch(page, /acme|\*\*\*\*/);
});

test('"loopback" opens it for this machine only, whatever name leads there', async () => {
    const target = worker(() => ({ summary: healthy() }));
    for (const [url, status] of [
        ["http://127.0.0.1:8787/", 200],
        ["http://localhost:8787/", 200],
        ["http://[::1]:8787/", 200],
        ["http://127.0.0.1.evil.example/", 403],
        ["http://evil.example:8787/", 403],
    ]) {
        assert.equal(
            (await target.fetch(new Request(url), { ...OPEN, LEADBRIDGE_PAGE: "loopback" }, CONTEXT)).status,
            status,
            url,
        );
    }
});

test("a token opens it: header, once in the address, then the cookie", async () => {
    const target = worker(({ kind }) =>
        kind === "request" ? { respond: { status: 200, body: "{}" } } : { summary: healthy() },
    );
    assert.equal((await get(target, "/", LOCKED)).status, 401);
    assert.equal((await get(target, "/?token=wrong", LOCKED)).status, 401);
    assert.equal((await get(target, "/?token=", LOCKED)).status, 401);
    const entered = await get(target, `/?lang=en&token=${encodeURIComponent(LOCKED.PAGE_TOKEN)}`, LOCKED);
    assert.equal(entered.status, 303);
    assert.equal(entered.headers.get("location"), "/?lang=en");
    const cookie = entered.headers.get("set-cookie");
    assert.match(cookie, /HttpOnly.*Secure/);
    assert.doesNotMatch(cookie, /sesame/);
    assert.equal(
        (await get(target, "/", LOCKED, { headers: { cookie: `other=1; ${cookie.split(";")[0]}` } })).status,
        200,
    );
    assert.equal((await get(target, "/", LOCKED, { headers: { cookie: `lb_page=${"0".repeat(64)}` } })).status, 401);
    const ascii = { ...LOCKED, PAGE_TOKEN: "tok_123" };
    assert.equal((await get(target, "/", ascii, { headers: { authorization: "Bearer tok_123" } })).status, 200);
    assert.equal((await get(target, "/", ascii, { headers: { authorization: "Bearer tok_124" } })).status, 401);
    assert.equal((await get(target, "/", ascii, { headers: { authorization: "Bearer " } })).status, 401);
    assert.equal((await get(target, "/healthz", LOCKED)).status, 200);
});

test("a token that is configured but has no value closes the page", async () => {
    const target = worker(() => ({ summary: healthy() }));
    for (const value of [undefined, ""]) {
        for (const path of ["/", "/?token=", "/?token=undefined"])
            assert.equal((await get(target, path, { ...LOCKED, PAGE_TOKEN: value })).status, 503);
    }
});

// ---- cron ---------------------------------------------------------------------------------------------------------------

test("the cron trigger is a tick; a failure makes the event fail, work left does not; the log is the core's", async (t) => {
    const [logged, , errors] = quiet(t);
    const events = [];
    const run = (outcome) => worker((event) => (events.push(event), outcome)).scheduled({}, OPEN, CONTEXT);
    const line = (level) => ({ level, code: "tick", message: "what the core says" });
    await run({ exit: 0, summary: { job: "tick" }, log: line("info") });
    await run({ exit: 3, summary: { job: "tick" }, log: line("info") });
    const failure = { code: "session_expired", reason: "ads: Authorise again" };
    await assert.rejects(
        run({ exit: 2, summary: { job: "tick", failure }, log: line("error") }),
        /^Error: ads: Authorise again$/,
    );
    await assert.rejects(
        run({ exit: 1, summary: { ...misconfigured(), failure: { reason: "TOP_SESSION" } } }),
        /TOP_SESSION/,
    );
    assert.deepEqual(
        events,
        Array.from({ length: 4 }, () => ({ kind: "tick" })),
    );
    assert.deepEqual(
        [...logged.calls, ...errors.calls].map(({ arguments: [text] }) => JSON.parse(text).level),
        ["info", "info", "error"],
    );
});

test("a trap or a store that cannot be opened is an answer, and the next request works", async (t) => {
    const mocks = quiet(t);
    let broken = true;
    const target = createWorker({
        openStore: openMemoryStore,
        openEngine: () => {
            if (broken) throw new EngineTrap("open: unreachable");
            return scriptedEngine((_, emit) => {
                emit({ type: "respond", status: 200, headers: [] }, "{}");
                emit(done(0, healthy()));
            });
        },
    });
    const answer = await get(target, "/healthz");
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /trap.*next run/s);
    await assert.rejects(target.scheduled({}, OPEN, CONTEXT), /trap/);
    assert.ok(mocks.some(({ calls }) => calls.length > 0));
    broken = false;
    assert.equal((await get(target, "/healthz")).status, 200);
});
