import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { drive, httpByFetch, randomBytes } from "../../functions/host/drive.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { done, scriptedEngine } from "./fakes/engine.mjs";

const okStore = new Proxy({}, { get: () => async () => ({ outcome: "ok", records: [] }) });
const host = (more = {}) => ({
    now: () => 1_700_000_000_000,
    random: (n) => new Uint8Array(n).fill(0xab),
    store: okStore,
    wait: async () => {},
    ...more,
});
const soon = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("start carries now and 32 random bytes; done ends it; the engine is closed", async () => {
    const engine = scriptedEngine((input, emit) => emit(done(3, { job: input.event.kind })));
    const outcome = await drive({ engine, event: { kind: "pull" }, body: "raw", host: host() });
    assert.deepEqual(outcome, { exit: 3, summary: { job: "pull" }, responded: null });
    assert.deepEqual(engine.inputs, [
        { v: 2, now: 1_700_000_000_000, type: "start", event: { kind: "pull" }, random: "ab".repeat(32) },
    ]);
    assert.equal(engine.closed, 1);
});

test("several effects are out at once; results come back as they arrive, each with its own now", async () => {
    let running = 0;
    let most = 0;
    let clock = 0;
    const engine = scriptedEngine((input, emit) => {
        if (input.type === "start") for (const ms of [60, 5, 30]) emit({ type: "wait", id: ms, ms });
        else if (engine.inputs.length === 4) emit(done());
    });
    await drive({
        engine,
        event: { kind: "x" },
        host: host({
            now: () => ++clock,
            wait: async (ms) => {
                most = Math.max(most, ++running);
                await soon(ms);
                --running;
            },
        }),
    });
    assert.equal(most, 3);
    assert.deepEqual(
        engine.inputs.slice(1).map(({ id, type }) => [type, id]),
        [
            ["wait_result", 5],
            ["wait_result", 30],
            ["wait_result", 60],
        ],
    );
    assert.ok(engine.inputs.every(({ now }, i) => i === 0 || now > engine.inputs[i - 1].now));
});

test("effects are drained after each input, before the next is fed", async () => {
    const order = [];
    const engine = scriptedEngine((input, emit) => {
        order.push(`in ${input.id ?? "start"}`);
        if (input.type === "start") {
            emit({ type: "wait", id: 1, ms: 0 });
            emit({ type: "wait", id: 2, ms: 0 });
        }
        if (input.id === 1) emit({ type: "wait", id: 3, ms: 0 });
        if (input.id === 3) emit(done());
    });
    await drive({
        engine,
        event: {},
        host: host(),
        trace: (_raw, head) => order.push(`out ${head.id ?? head.type}`),
    });
    assert.deepEqual(order, ["in start", "out 1", "out 2", "in 1", "out 3", "in 2", "in 3", "out done"]);
});

test("store effects reach the store with their arguments, results carry the id, failures are results", async () => {
    const calls = [];
    const store = {
        load: async (...args) => (
            calls.push(["load", ...args]),
            { outcome: "ok", records: [{ key: "a", version: 2, value: "9223372036854775807" }] }
        ),
        commit: async (...args) => (calls.push(["commit", ...args]), { outcome: "conflict", reason: "other run" }),
        scan: async (...args) => (calls.push(["scan", ...args]), { outcome: "ok", items: [], next: "" }),
        claim: async (...args) => (calls.push(["claim", ...args]), { outcome: "ok", entries: [] }),
        settle: async () => {
            throw new Error("disk on fire");
        },
        purge: async (...args) => (calls.push(["purge", ...args]), { outcome: "ok", leads: 2, marks: 3 }),
    };
    const engine = scriptedEngine((input, emit) => {
        if (input.type !== "start") return engine.inputs.length === 7 ? emit(done()) : undefined;
        emit({ type: "store.load", id: 1, keys: ["a"], now: 76 });
        emit(
            { type: "store.commit", id: 2, checkpoints: [{ key: "a", expected: 2, value: "v" }] },
            '{"commit":"客","id":9223372036854775807}',
        );
        emit({ type: "store.scan", id: 3, kind: "leads", query: { revision: 0 }, limit: 10, page: "" });
        emit({ type: "store.claim", id: 4, queue: "q", limit: 1, lease_ms: 5, lease: "L", now: 77 });
        emit({ type: "store.settle", id: 5, queue: "q", entries: [], now: 78 });
        emit({ type: "store.purge", id: 6, now: 79 });
    });
    await drive({ engine, event: {}, host: host({ store }) });
    assert.deepEqual(calls, [
        ["load", ["a"], 76],
        ["commit", [{ key: "a", expected: 2, value: "v" }], '{"commit":"客","id":9223372036854775807}'],
        ["scan", "leads", { revision: 0 }, 10, ""],
        ["claim", "q", 1, 5, "L", 77],
        ["purge", 79],
    ]);
    const results = Object.fromEntries(engine.inputs.slice(1).map((input) => [input.id, input]));
    assert.equal(results[1].records[0].value, "9223372036854775807");
    assert.equal(results[2].outcome, "conflict");
    assert.equal(results[3].kind, "leads"); // nothing else says what its items are
    assert.deepEqual([results[5].outcome, results[5].reason], ["error", "disk on fire"]);
    assert.deepEqual([results[6].outcome, results[6].updated], ["ok", 5]);
    assert.ok(Object.values(results).every(({ type, v }) => type === "store_result" && v === 2));
});

test("respond and log go to the host", async () => {
    const logged = [];
    const engine = scriptedEngine((_, emit) => {
        emit({ type: "log", level: "warn", code: "c", message: "m" });
        emit({ type: "respond", status: 201, headers: [["a", "b"]] }, "answer");
        emit(done());
    });
    const { responded } = await drive({
        engine,
        event: {},
        host: host({ log: (entry) => logged.push(entry) }),
    });
    assert.deepEqual(logged, [{ level: "warn", code: "c", message: "m" }]);
    assert.deepEqual(
        [responded.status, responded.headers, Buffer.from(responded.body).toString()],
        [201, [["a", "b"]], "answer"],
    );
});

test("what is still out when the core is done is called off", async () => {
    let aborted = false;
    const engine = scriptedEngine((_, emit) => {
        emit({
            type: "http",
            id: 1,
            method: "GET",
            url: "http://127.0.0.1:9/",
            timeout_ms: 60_000,
            max_bytes: 1,
        });
        emit(done());
    });
    const began = Date.now();
    await drive({
        engine,
        event: {},
        host: host({
            http: (_, signal) =>
                new Promise((resolve) =>
                    signal.addEventListener(
                        "abort",
                        () => ((aborted = true), resolve({ error: { kind: "other", message: "" } })),
                    ),
                ),
        }),
    });
    assert.ok(aborted && Date.now() - began < 2000);
});

for (const [name, script, code] of [
    ["waits for nothing", () => {}, "stalled"],
    [
        "asks for effects without end",
        (_, emit) => Array.from({ length: 100_001 }, () => emit({ type: "log", level: "info", code: "", message: "" })),
        "runaway",
    ],
    ["asks for what no host has", (_, emit) => emit({ type: "launch", id: 1 }), "protocol"],
    ["speaks another version", (_, emit) => emit({ v: 3, ...done() }), "protocol"],
]) {
    test(`a core that ${name} is stopped with a reason`, async () => {
        const engine = scriptedEngine(script);
        const outcome = await drive({ engine, event: { kind: "pull" }, host: host() });
        assert.equal(outcome.exit, 2);
        assert.equal(outcome.summary.job, "pull");
        assert.equal(outcome.summary.error.code, code);
        assert.equal(engine.closed, 1);
    });
}

test("a trap is an outcome, and the next invocation has a fresh instance", async () => {
    const module = echoModule();
    const logged = [];
    const trapped = await drive({
        module,
        configText: "T",
        event: { kind: "pull" },
        host: host({ log: (entry) => logged.push(entry.code) }),
    });
    assert.deepEqual([trapped.exit, trapped.summary.job, trapped.summary.error.code], [2, "pull", "trap"]);
    assert.match(trapped.summary.error.reason, /next run/);
    assert.deepEqual(logged, ["trap"]);
    const inside = await drive({
        module,
        configText: "{}",
        event: { kind: "pull" },
        body: "X",
        host: host(),
    });
    assert.equal(inside.summary.error.code, "trap");
    // The echo gives `start` back, which no host performs: this instance lives.
    const next = await drive({ module, configText: "{}", event: { kind: "pull" }, host: host() });
    assert.equal(next.summary.error.code, "protocol");
});

test("crash hooks kill the invocation at exactly that point", async () => {
    const script = (input, emit) => {
        if (input.type === "start") emit({ type: "store.load", id: 1, keys: [] });
        if (input.id === 1) emit({ type: "store.commit", id: 2, checkpoints: [] }, "{}");
        if (input.id === 2) emit(done());
    };
    for (const [hooks, expected] of [
        [
            {
                before: ({ type }) => {
                    if (type === "store.commit") throw new Error("crash");
                },
            },
            ["load"],
        ],
        [
            {
                after: async ({ type }) => {
                    if (type === "store.commit") throw new Error("crash");
                },
            },
            ["load", "commit"],
        ],
        [
            {
                before: ({ type }) => {
                    if (type === "done") throw new Error("crash");
                },
            },
            ["load", "commit"],
        ],
    ]) {
        const calls = [];
        const store = {
            load: async () => (calls.push("load"), { outcome: "ok", records: [] }),
            commit: async () => (calls.push("commit"), { outcome: "ok" }),
        };
        await assert.rejects(
            drive({ engine: scriptedEngine(script), event: {}, host: host({ store }), hooks }),
            /crash/,
        );
        assert.deepEqual(calls, expected);
    }
});

// ---- http ---------------------------------------------------------------------------------------------------------------

/** A loopback server whose sockets all end with the test. */
async function serve(t, handler) {
    const server = createServer(handler);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${server.address().port}`;
}

const http = httpByFetch();
const get = (url, more = {}) => http({ method: "GET", url, timeout_ms: 5000, max_bytes: 1 << 20, ...more });
const SECRET = "session=very-secret&sign=ABCDEF";

test("http: method, headers, body bytes, status and answer bytes arrive as they are", async (t) => {
    const seen = {};
    const url = await serve(t, async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        Object.assign(seen, {
            method: request.method,
            url: request.url,
            type: request.headers["content-type"],
            body: Buffer.concat(chunks),
        });
        response.writeHead(502, { "x-test": "yes", "set-cookie": ["a=1", "b=2"] }).end(Buffer.from([0, 255, 128, 10]));
    });
    const body = Uint8Array.from([0xff, 0, 0xe5, 0xae, 0xa2]);
    const answer = await http({
        method: "POST",
        url: `${url}/router/rest?a=%2B&b=+`,
        headers: [
            ["content-type", "application/x-www-form-urlencoded;charset=utf-8"],
            ["Content-Length", "999"],
            ["Connection", "close"],
        ],
        body,
        timeout_ms: 5000,
        max_bytes: 100,
    });
    assert.deepEqual(seen, {
        method: "POST",
        url: "/router/rest?a=%2B&b=+",
        type: "application/x-www-form-urlencoded;charset=utf-8",
        body: Buffer.from(body),
    });
    assert.equal(answer.status, 502);
    assert.deepEqual([...answer.body], [0, 255, 128, 10]);
    assert.deepEqual(
        answer.headers.filter(([name]) => name === "set-cookie").map(([, value]) => value),
        ["a=1", "b=2"],
    );
});

test("http: redirects are answers, not followed", async (t) => {
    let calls = 0;
    const url = await serve(t, (_, response) => (++calls, response.writeHead(302, { location: "/elsewhere" }).end()));
    assert.equal((await get(url)).status, 302);
    assert.equal(calls, 1);
});

test("http: compressed answers are decoded, and the limit counts decoded bytes", async (t) => {
    const url = await serve(t, (_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(500_000, "a"))),
    );
    const answer = await get(url);
    assert.equal(answer.body.length, 500_000);
    assert.ok(!answer.headers.some(([name]) => name === "content-encoding" || name === "content-length"));
    assert.equal((await get(url, { max_bytes: 100_000 })).error.kind, "too_large");
});

test("http: the limit holds with and without a length, at the very byte, and the rest is not read", async (t) => {
    let sent = 0;
    const url = await serve(t, (request, response) => {
        if (request.url.startsWith("/exact")) return response.end(Buffer.alloc(1000));
        if (request.url.startsWith("/length"))
            return response.writeHead(200, { "content-length": 20_000_000 }).write("x");
        const more = () => {
            while (sent < 200_000_000 && !response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536;
            if (sent >= 200_000_000) response.end();
        };
        response.on("drain", more);
        return more();
    });
    assert.equal((await get(`${url}/exact`, { max_bytes: 1000 })).body.length, 1000);
    assert.equal((await get(`${url}/exact`, { max_bytes: 999 })).error.kind, "too_large");
    assert.equal((await get(`${url}/length`)).error.kind, "too_large");
    const endless = await get(`${url}/endless?${SECRET}`);
    assert.equal(endless.error.kind, "too_large");
    assert.doesNotMatch(endless.error.message, /secret/);
    assert.ok(sent < 50_000_000, `${sent} bytes were taken`);
});

test("http: the timeout covers silence before the head and inside the body", async (t) => {
    const url = await serve(t, (request, response) => {
        if (request.url.startsWith("/body")) response.writeHead(200).write("half");
    });
    for (const path of ["/silent", "/body"]) {
        const began = Date.now();
        const { error } = await get(`${url}${path}?${SECRET}`, { timeout_ms: 150 });
        assert.equal(error.kind, "timeout", path);
        assert.match(error.message, /150 ms/);
        assert.doesNotMatch(error.message, /secret|sign/);
        assert.ok(Date.now() - began < 3000);
    }
});

test("http: kinds of broken connections, and no query in any message", async (t) => {
    const url = await serve(t, (request, response) => {
        if (request.url.startsWith("/early")) return request.socket.resetAndDestroy();
        response.writeHead(200, { "content-length": 100 }).write("x", () => request.socket.resetAndDestroy());
    });
    const closed = await new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
    for (const [address, kind] of [
        [`${url}/early`, "reset"],
        [`${url}/late`, "reset"],
        [`http://127.0.0.1:${closed}/`, "connect"],
        ["http://nowhere.invalid/", "dns"],
        [url.replace("http:", "https:"), "tls"],
        ["not a url", "other"],
    ]) {
        const { error } = await get(`${address}?${SECRET}`);
        assert.equal(error?.kind, kind, `${address}: ${JSON.stringify(error)}`);
        assert.doesNotMatch(error.message, /secret|sign|ABCDEF/);
    }
});

test("http: a header that cannot be sent is an error that does not quote it", async () => {
    const { error } = await get("http://127.0.0.1:1/", { headers: [["authorization", "very-secret\nline"]] });
    assert.equal(error.kind, "other");
    assert.doesNotMatch(error.message, /secret/);
});

test("http: an invocation that is over ends the request", async (t) => {
    const url = await serve(t, () => {});
    const abort = new AbortController();
    const running = http({ method: "GET", url, timeout_ms: 60_000, max_bytes: 10 }, abort.signal);
    setTimeout(() => abort.abort(), 50);
    assert.equal((await running).error.kind, "other");
});

test("random bytes are random", () => {
    assert.notDeepEqual(randomBytes(32), randomBytes(32));
});
