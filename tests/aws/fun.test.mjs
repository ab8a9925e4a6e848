// The static binary under @vercel/fun: somebody else's reading of the Runtime API. It freezes the process between two invocations, as
// Lambda does.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { startServer } from "../sandbox/server.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";
import { httpAnswer, httpEvent, NO_PROGRAM, PROGRAM, SCHEDULE } from "../lambda/function.mjs";

const skip = NO_PROGRAM;
let cache;
let fun;
let RuntimeServer;
before(async () => {
    cache = mkdtempSync(join(tmpdir(), "lb-fun-"));
    process.env.XDG_CACHE_HOME = cache; // it copies its runtimes there
    fun = await import("@vercel/fun");
    ({ RuntimeServer } = (await import("@vercel/fun/dist/src/runtime-server.js")).default);
});
after(() => rmSync(cache, { recursive: true, force: true }));

/** A deadline as Lambda's documents describe it: @vercel/fun 1.3.6 sends the number 5000, which is 5 s after 1970 began. */
function withDeadlines(t) {
    const { serve } = RuntimeServer.prototype;
    RuntimeServer.prototype.serve = function withDeadline(request, response) {
        const set = response.setHeader.bind(response);
        response.setHeader = (name, value) =>
            set(name, name === "Lambda-Runtime-Deadline-Ms" ? String(Date.now() + 20_000) : value);
        return serve.call(this, request, response);
    };
    t.after(() => {
        RuntimeServer.prototype.serve = serve;
    });
}

async function start(t, { config = {}, text } = {}) {
    const newestAt = Date.now();
    const sandbox = createSandbox({ leads: 40, newestAt });
    const server = await startServer(sandbox);
    t.after(() => server.close());
    const { app_key, app_secret, session } = sandbox.options;
    const folder = mkdtempSync(join(tmpdir(), "lb-fun-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const task = join(folder, "task");
    mkdirSync(task);
    copyFileSync(PROGRAM, join(task, "bootstrap"));
    writeFileSync(
        join(task, "leadbridge.json"),
        text ??
            JSON.stringify({
                store: { kind: "sqlite", path: join(folder, "leads.db") },
                apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
                sources: {
                    ads: {
                        platform: "alimama",
                        endpoint: `${server.url}/router/rest`,
                        session: { env: "TOP_SESSION" },
                        mobile_cipher: "passthrough",
                    },
                },
                endpoints: { "/spi/tmall": { platform: "tmall" } },
                ...config,
            }),
    );
    const lambda = await fun.createFunction({
        Code: { Directory: task },
        Handler: "bootstrap",
        Runtime: "provided",
        MemorySize: 256,
        AccessKeyId: "fake",
        SecretAccessKey: "fake",
        Environment: { Variables: { TOP_APP_SECRET: app_secret, TOP_SESSION: session } },
    });
    t.after(() => lambda.destroy());
    const invoke = async (event) => {
        const { Payload, FunctionError } = await lambda.invoke({
            InvocationType: "RequestResponse",
            Payload: JSON.stringify(event),
        });
        return { kind: FunctionError ? "error" : "response", FunctionError, text: String(Payload) };
    };
    return { sandbox, invoke, spi: { app_key, app_secret } };
}

test("a schedule, a platform that calls, an error, and all of it again on the thawed process", {
    skip,
}, async (t) => {
    withDeadlines(t);
    const { sandbox, invoke, spi } = await start(t);
    const first = await invoke(SCHEDULE);
    assert.equal(first.kind, "response", first.text);
    assert.equal(JSON.parse(first.text).pull.sources[0].inserted, 40);

    const account = createTmallAccount({ ...TMALL_DEFAULTS, leads: 2, newestAt: Date.now() });
    for (const id of account.ids()) {
        const { url, headers, body } = tmallPush(account.lead(id), {
            ...spi,
            timestamp: Date.now(),
            path: "/spi/tmall",
        });
        const answer = httpAnswer(
            await invoke(
                httpEvent({
                    path: "/spi/tmall",
                    query: url.split("?")[1],
                    headers: Object.entries(headers),
                    body,
                }),
            ),
        );
        assert.equal(answer.status, 200);
        assert.ok(TMALL_OK.includes(answer.body.toString()), answer.body.toString());
    }

    const error = await invoke({ kind: "线索" });
    assert.equal(error.FunctionError, "Handled");
    const { errorType, errorMessage, stackTrace } = JSON.parse(error.text);
    assert.deepEqual([errorType, stackTrace], ["Leadbridge.unknown_event", []]);
    assert.match(errorMessage, /线索/);

    sandbox.addLeads(3, Date.now());
    const again = JSON.parse((await invoke(SCHEDULE)).text);
    assert.deepEqual([again.exit, again.pull.sources[0].inserted], [0, 3], JSON.stringify(again));
    const { sources } = JSON.parse((await invoke({ kind: "status" })).text);
    assert.deepEqual(Object.fromEntries(sources.map(({ name, leads }) => [name, leads])), {
        ads: 43,
        tmall: 2,
    });
});

test("a deadline that has passed: nothing is begun, the next invocation is served", { skip }, async (t) => {
    const { sandbox, invoke } = await start(t);
    for (let i = 0; i < 2; ++i) {
        const late = JSON.parse((await invoke(SCHEDULE)).text);
        assert.deepEqual([late.exit, late.error.code], [3, "no_time"], JSON.stringify(late));
    }
    assert.equal(sandbox.calls.length, 0);
});

test("a configuration that is no good is an init error", { skip }, async (t) => {
    const { invoke } = await start(t, { text: '{"apps": 5}' });
    const reply = await invoke(SCHEDULE);
    assert.equal(reply.FunctionError, "Unhandled");
    assert.match(JSON.parse(reply.text).errorMessage, /apps/);
});
