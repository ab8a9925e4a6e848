import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { clueListRequest, clueQueryRequest, errorOf, leadListRequest, leadsOf, outInvestRequest } from "./client.mjs";
import { SAMPLE_ROW } from "./outinvest/data_back.mjs";
import { createSandbox, DEFAULTS } from "./sandbox.mjs";
import { startServer } from "./server.mjs";

/** One call over real HTTP; rejects when the connection breaks or nothing comes within `timeout`. */
function send(base, { method, url, headers, body }, timeout = 5000) {
    return new Promise((resolve, reject) => {
        const call = request(base + url, { method, headers, timeout }, async (response) => {
            try {
                const chunks = [];
                for await (const chunk of response) chunks.push(chunk);
                resolve({
                    status: response.statusCode,
                    headers: response.headers,
                    body: Buffer.concat(chunks),
                });
            } catch (error) {
                reject(error);
            }
        });
        call.on("timeout", () => call.destroy(new Error("timeout")));
        call.on("error", reject);
        call.end(body);
    });
}

const post = (base, path, body) =>
    fetch(`${base}/_sandbox/${path}`, { method: "POST", body: JSON.stringify(body) }).then((r) => r.json());

test("over HTTP: pages, faults, the clock of the sandbox", async () => {
    const sandbox = createSandbox({ leads: 20, clockSkewMs: 7200_000 });
    const server = await startServer(sandbox);
    const nowMs = Date.now() + 7200_000;
    const call = (timeout) => send(server.url, leadListRequest(sandbox.options, { page_size: 10 }, { nowMs }), timeout);
    try {
        const page = await call();
        assert.equal(leadsOf(page).length, 10);
        assert.equal(page.headers["content-type"], "text/javascript;charset=UTF-8");
        assert.ok(Math.abs(Date.parse(page.headers.date) - nowMs) < 60_000);
        assert.equal(
            errorOf(await send(server.url, leadListRequest(sandbox.options, { page_size: 10 }, { nowMs: Date.now() })))
                .code,
            31,
        );

        await post(
            server.url,
            "faults",
            ["reset", "cut", "silent", "html502", "empty"].map((kind) => ({ kind })),
        );
        await assert.rejects(call());
        await assert.rejects(call());
        await assert.rejects(call(200), /timeout/);
        assert.equal((await call()).status, 502);
        assert.equal((await call()).body.length, 0);

        await post(server.url, "faults", [{ kind: "slow", ms: 150 }, { kind: "huge" }, { kind: "ban", seconds: 5 }]);
        const started = Date.now();
        assert.equal(leadsOf(await call()).length, 10);
        assert.ok(Date.now() - started >= 145);
        assert.equal((await call()).body.length, 20_000_000);
        assert.match(errorOf(await call()).sub_msg, /5 more seconds/);
        assert.equal((await post(server.url, "leads", { add: 3 })).ids.length, 3);
        const state = await fetch(`${server.url}/_sandbox/state`).then((r) => r.json());
        assert.equal(state.leads, 23);
        assert.ok(state.banSeconds > 0 && state.calls === sandbox.calls.length);
        const big = await send(server.url, {
            method: "POST",
            url: "/router/rest",
            headers: {},
            body: Buffer.alloc(2 << 20),
        }).catch((error) => error);
        assert.ok(big instanceof Error || big.status === 413);
    } finally {
        await server.close();
    }
});

test("close() ends hanging calls", async () => {
    const sandbox = createSandbox({ leads: 1 });
    const server = await startServer(sandbox);
    sandbox.faults.push({ kind: "silent" });
    const pending = send(server.url, leadListRequest(sandbox.options, { page_size: 1 }, { nowMs: Date.now() }));
    setTimeout(() => server.close(), 100);
    await assert.rejects(pending);
});

test("the command line: one line, options, key file, a clean end", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sandbox-"));
    const main = new URL("main.mjs", import.meta.url).pathname;
    const keyFile = join(dir, "key.pem");
    const child = spawn(
        process.execPath,
        [main, "--port", "0", "--leads", "7", "--order", "asc", "--key-out", keyFile],
        { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
        const [line] = await once(createInterface({ input: child.stdout }), "line");
        assert.match(line, /^sandbox http:\/\/127\.0\.0\.1:\d+$/);
        const answer = await send(line.slice(8), leadListRequest(DEFAULTS, { page_size: 10 }, { nowMs: Date.now() }));
        assert.equal(leadsOf(answer).length, 7);
        assert.match(readFileSync(keyFile, "utf8"), /BEGIN PRIVATE KEY/);
        child.kill("SIGTERM");
        const [code] = await once(child, "exit");
        assert.equal(code, 0);
    } finally {
        child.kill("SIGKILL");
        rmSync(dir, { recursive: true });
    }
    const bad = spawn(process.execPath, [main, "--order", "sideways"], { stdio: "ignore" });
    assert.equal((await once(bad, "exit"))[0], 1);
});

test("the command line plays every platform", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sandbox-"));
    const faults = join(dir, "faults.json");
    writeFileSync(
        faults,
        JSON.stringify([
            { platform: "etc", kind: "qm_code" },
            { kind: "isp", atCall: 9 },
        ]),
    );
    const flags = [
        "--tanma-customers",
        "12",
        "--tanma-end-rule",
        "null",
        "--etc-rows",
        "3",
        "--outinvest-refuse",
        "64",
        "--tmall-leads",
        "2",
        "--faults",
        faults,
    ];
    const child = spawn(process.execPath, [new URL("main.mjs", import.meta.url).pathname, "--leads", "1", ...flags], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    try {
        const [line] = await once(createInterface({ input: child.stdout }), "line");
        const base = line.slice(8);
        const nowMs = Date.now();
        const say = async (request) => JSON.parse((await send(base, request)).body);
        const list = (await say(clueListRequest(DEFAULTS.tanma, { size: 100 }, { nowMs }))).data;
        assert.deepEqual([list.list.length, list.nextCursor], [12, null]);
        const credentials = { ...DEFAULTS, target_app_key: DEFAULTS.etc.target_app_key };
        assert.equal((await say(clueQueryRequest(credentials, {}, { nowMs }))).qmCode, "500");
        assert.equal(JSON.parse((await say(clueQueryRequest(credentials, {}, { nowMs }))).data).length, 3);
        assert.match(JSON.stringify(await say(outInvestRequest(DEFAULTS, 1, [SAMPLE_ROW], { nowMs }))), /invalid-row/);
        const truth = await fetch(`${base}/_sandbox/truth?platform=tmall`).then((r) => r.json());
        assert.equal(Object.keys(truth).length, 2);
    } finally {
        child.kill("SIGKILL");
        rmSync(dir, { recursive: true });
    }
});
