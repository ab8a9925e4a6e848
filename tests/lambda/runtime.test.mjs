// The loop against Lambda's Runtime API: every invocation is answered once, whatever came before it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { startBridge } from "./bridge.mjs";
import { folder, NO_PROGRAM, SCHEDULE, startFunction, until } from "./function.mjs";
import { startRuntimeApi } from "./runtime_stub.mjs";

const skip = NO_PROGRAM;
const CONFIG = {
    store: { kind: "memory" },
    endpoints: { "/spi/tmall": { platform: "tmall" } },
    apps: { main: { app_key: "12345678", app_secret: { env: "SECRET" } } },
};
const start = (t, more = {}) => startFunction(t, { config: CONFIG, env: { SECRET: "fake-secret" }, ...more });
const status = { kind: "status" };

/** The next invocation is served. */
async function serves(lambda) {
    const reply = await lambda.invoke(status);
    assert.equal(reply.kind, "response", reply.text);
    assert.equal(JSON.parse(reply.text).job, "status");
}

test("what fails is reported with type and text, and the next one is served", { skip }, async (t) => {
    const lambda = await start(t);
    for (const [event, type, says] of [
        [{ hello: "world" }, "event_unknown", /no `kind`/],
        [[1, 2], "event_unknown", /not a JSON object/],
        ['{"kind": ', "event_json", /ends too early/],
        ["", "event_json", /empty/],
        [Buffer.from([0x22, 0xff, 0x22]), "event_json", /UTF-8/],
        ["[".repeat(100_000), "event_json", /deeper|early/],
        [{ Records: [{ eventSource: "aws:s3", s3: {} }] }, "event_unknown", /not of SQS/],
        [
            { httpMethod: "POST", path: "/", requestContext: { stage: "prod" } },
            "event_unknown",
            /payload format version 2\.0/,
        ],
        [{ source: "aws.s3", "detail-type": "Object Created" }, "event_unknown", /EventBridge schedules/],
        [{ kind: "backflow", name: "nobody", action: "send" }, "bad_event", /"nobody"/],
        [{ kind: "backflow", name: "x", body: { a: 1 } }, "event_body", /not a text/],
        [{ kind: "线索，电话 13900000001" }, "unknown_event", /线索，电话 #{11}/],
    ]) {
        const { kind, text, headers } = await lambda.invoke(event);
        const error = JSON.parse(text);
        assert.equal(kind, "error", text);
        assert.match(error.errorMessage, says);
        assert.equal(error.errorType, `Leadbridge.${type}`);
        assert.equal(headers["lambda-runtime-function-error-type"], error.errorType);
        assert.match(headers["content-type"], /json/);
        assert.deepEqual(error.stackTrace, []);
        await serves(lambda);
    }
    assert.equal(lambda.out(), "");
    for (const { level, code, message } of lambda.log()) assert.ok(level && code && typeof message === "string");
});

test("an event of more than 6 MB is refused, one just below is read", { skip }, async (t) => {
    const lambda = await start(t);
    const large = await lambda.invoke(JSON.stringify({ kind: "status", filler: "x".repeat(6_291_556) }));
    assert.equal(large.kind, "error");
    assert.match(large.text, /more than 6 MB/);
    await serves(lambda);
    const below = await lambda.invoke({
        kind: "backflow",
        name: "nobody",
        action: "load",
        body: "x".repeat(6_000_000),
    });
    assert.match(below.text, /nobody/);
});

test("a platform's Chinese words arrive as they are", { skip }, async (t) => {
    const bridge = await startBridge(t);
    bridge.sandbox.faults.push({
        kind: "isv",
        sub_code: "isv.invalid-parameter",
        sub_msg: "参数错误：签名A“不对”",
        times: 5,
    });
    const { kind, text, bytes } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "error", text);
    assert.match(JSON.parse(text).errorMessage, /ads: .*参数错误：签名A“不对”/);
    assert.ok(bytes.includes(Buffer.from("签名A")), "UTF-8, not escapes");
});

test("the Runtime API is slow, breaks the connection, or has no room: nothing is lost", {
    skip,
}, async (t) => {
    const lambda = await start(t, {
        env: { SECRET: "fake-secret", http_proxy: "http://127.0.0.1:1", HTTP_PROXY: "http://127.0.0.1:1" },
    });
    const { faults } = lambda.api;
    faults.push({ on: "next", kind: "slow", ms: 1500 });
    await serves(lambda);
    faults.push(
        { on: "next", kind: "break" },
        { on: "next", kind: "break" },
        { on: "next", kind: "status", status: 403 },
    );
    await serves(lambda);
    faults.push({ on: "response", kind: "break" });
    await serves(lambda);
    faults.push({ on: "response", kind: "status", status: 413 });
    const large = await lambda.invoke(status);
    assert.equal(large.kind, "error");
    assert.match(large.text, /too large/);
    faults.push({ on: "error", kind: "break" });
    assert.match((await lambda.invoke({ no: "kind" })).text, /event_unknown/);
    faults.push(
        { on: "next", kind: "no_header", name: "Lambda-Runtime-Deadline-Ms" },
        { on: "next", kind: "no_header", name: "Lambda-Runtime-Trace-Id" },
    );
    await serves(lambda);
    await serves(lambda);
    faults.push({ on: "next", kind: "no_header", name: "Lambda-Runtime-Aws-Request-Id" });
    await serves(lambda);
    assert.ok(lambda.log().some(({ message }) => message.includes("Lambda-Runtime-Aws-Request-Id")));
});

test("500 of the Runtime API ends the process", { skip }, async (t) => {
    for (const on of ["next", "response"]) {
        const lambda = await start(t);
        await serves(lambda);
        lambda.api.faults.push({ on, kind: "status", status: 500 });
        lambda.invoke(status);
        assert.deepEqual(await lambda.ended, { status: 1, signal: null }, on);
    }
});

test("a Runtime API that is gone: some attempts, then the process ends", {
    skip,
    timeout: 60_000,
}, async (t) => {
    const api = await startRuntimeApi();
    const lambda = await start(t, { api });
    await serves(lambda);
    await api.close();
    assert.deepEqual(await lambda.ended, { status: 1, signal: null });
    assert.match(lambda.log().at(-1).message, /giving up/);
});

test("an unusable configuration is an init error and exit status 1", { skip }, async (t) => {
    const file = folder(t);
    writeFileSync(join(file, "leadbridge.json"), '{"a": 1,\n}');
    for (const [options, type, says] of [
        [{ config: undefined }, "config_missing", /leadbridge\.json does not exist.*LEADBRIDGE_CONFIG/],
        [{ config: undefined, cwd: file }, "config_json", /not valid JSON at line 2/],
        [
            { config: undefined, env: { LEADBRIDGE_CONFIG_FILE: "/nowhere/at-all.json" } },
            "config_missing",
            /at-all\.json/,
        ],
        [{ config: "[1]" }, "config_json", /must be a JSON object/],
        [{ config: '{"endpoints": {}}' }, "configuration", /sources is missing/],
        [{ env: {} }, "configuration", /SECRET is not set/],
        [{ config: { ...CONFIG, tenant: 5, 签名: 1 } }, "configuration", /签名/],
    ]) {
        const lambda = await start(t, options);
        assert.deepEqual(await lambda.ended, { status: 1, signal: null });
        const [{ headers, body }, ...others] = lambda.api.initErrors;
        assert.deepEqual(others, []);
        const error = JSON.parse(body);
        assert.equal(error.errorType, `Leadbridge.${type}`, body);
        assert.equal(headers["lambda-runtime-function-error-type"], error.errorType);
        assert.match(error.errorMessage, says);
        assert.ok(!lambda.api.requests.includes("GET invocation/next"));
    }
});

test("the configuration is found beside the program, in a file of its own, or in the environment", {
    skip,
}, async (t) => {
    const cwd = folder(t);
    const other = join(folder(t), "other.json");
    writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(CONFIG));
    writeFileSync(other, JSON.stringify(CONFIG));
    const env = { SECRET: "fake-secret" };
    for (const options of [
        { cwd, config: undefined },
        { config: undefined, env: { ...env, LEADBRIDGE_CONFIG_FILE: other } },
        {},
    ])
        await serves(await start(t, { env, ...options }));
});

test("the first request comes within the cold start of one small process", { skip }, async (t) => {
    const lambda = await start(t);
    await until(() => lambda.api.requests.length > 0, "first poll");
    assert.deepEqual(lambda.api.requests, ["GET invocation/next"]);
});

test("no Runtime API in the environment: the command line", { skip }, async (t) => {
    const lambda = await startFunction(t, { env: { AWS_LAMBDA_RUNTIME_API: "" } });
    assert.equal((await lambda.ended).status, 1);
    assert.match(lambda.errors(), /leadbridge --help/);
});

test("the deadline comes in the middle of a pull: what is committed stays, the next invocation goes on", {
    skip,
    timeout: 60_000,
}, async (t) => {
    const bridge = await startBridge(t, { sandbox: { leads: 60 }, config: {} });
    bridge.config.sources.ads.page_size = 10;
    writeFileSync(join(bridge.cwd, "leadbridge.json"), JSON.stringify(bridge.config));
    const lambda = await startFunction(t, { cwd: bridge.cwd, env: bridge.secrets });
    bridge.sandbox.faults.push({ kind: "slow", ms: 600, times: 5 });
    const began = Date.now();
    const first = await lambda.invoke({ kind: "pull", sources: ["ads"] }, { timeoutMs: 3600 });
    assert.ok(Date.now() - began < 3600, "answered before the deadline");
    assert.equal(first.kind, "response", first.text);
    const {
        exit,
        sources: [ads],
    } = JSON.parse(first.text);
    assert.deepEqual([exit, ads.outcome], [3, "budget"], first.text);
    const kept = bridge.leads().size;
    assert.ok(kept >= 10 && kept < 60, `${kept} leads`);

    // Nothing answers at all: the invocation still ends in time.
    bridge.sandbox.faults.clear();
    bridge.sandbox.faults.push({ kind: "silent", times: 3 });
    const again = Date.now();
    await lambda.invoke({ kind: "pull", sources: ["ads"] }, { timeoutMs: 3000 });
    assert.ok(Date.now() - again < 3000);
    assert.ok(bridge.leads().size >= kept);

    // No time at all.
    const none = await lambda.invoke(SCHEDULE, { timeoutMs: 1000 });
    assert.equal(JSON.parse(none.text).error.code, "no_time", none.text);

    bridge.sandbox.faults.clear();
    for (let runs = 0; runs < 5 && bridge.leads().size < 60; ++runs) {
        const next = await lambda.invoke({ kind: "pull", sources: ["ads"] });
        assert.equal(next.kind, "response", next.text);
    }
    assert.deepEqual(
        [...bridge.leads().keys()].sort(),
        [...bridge.sandbox.truth().keys()].map((id) => `alimama/${id}`).sort(),
    );
});
