// The http effect by workerd's own fetch: its errors and streams differ from Node's (drive.test.mjs).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { startModules } from "../../infra/dev/local_worker.mjs";
import { ROOT } from "./fakes/module.mjs";

const ENTRY = `
import { httpByFetch } from './functions/host/drive.mjs';
export default {
  async fetch(request) {
    const effect = await request.json();
    const answer = await httpByFetch()({ ...effect, body: effect.body && new TextEncoder().encode(effect.body) });
    if (answer.body) answer.body = answer.body.length;
    return Response.json(answer);
  },
};`;
const SECRET = "session=very-secret&sign=ABCDEF";

test("http in workerd", async (t) => {
    const seen = [];
    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        seen.push({
            method: request.method,
            url: request.url,
            type: request.headers["content-type"],
            body: Buffer.concat(chunks).toString(),
        });
        const path = request.url.split("?")[0];
        if (path === "/redirect") return response.writeHead(302, { location: "/ok" }).end();
        if (path === "/gzip")
            return response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(100_000, "a")));
        if (path === "/length") return response.writeHead(200, { "content-length": 30_000_000 }).write("x");
        if (path === "/silent") return undefined;
        if (path === "/half") return response.writeHead(200).write("half");
        if (path === "/early") return request.socket.resetAndDestroy();
        if (path === "/late")
            return response
                .writeHead(200, { "content-length": 100 })
                .write("x", () => setTimeout(() => request.socket.resetAndDestroy(), 50));
        if (path === "/endless") {
            const more = () => {
                for (let i = 0; i < 1000 && !response.destroyed && response.write(Buffer.alloc(65_536)); ++i);
            };
            response.on("drain", more);
            return more();
        }
        return response.writeHead(path === "/502" ? 502 : 200, { "x-test": "yes" }).end("answer");
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${server.address().port}`;
    const closed = await new Promise((resolve) => {
        const other = createServer().listen(0, "127.0.0.1", () => {
            const { port } = other.address();
            other.close(() => resolve(port));
        });
    });
    const ours = (path) => [path, readFileSync(join(ROOT, path), "utf8")];
    const { worker } = await startModules({
        "entry.mjs": ENTRY,
        ...Object.fromEntries(["functions/host/drive.mjs", "wasm/loader.mjs"].map(ours)),
    });
    t.after(async () => {
        await worker.dispose();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    });
    const http = async (url, more = {}) =>
        (
            await worker.dispatchFetch("http://worker/", {
                method: "POST",
                body: JSON.stringify({ method: "GET", url, timeout_ms: 5000, max_bytes: 1 << 20, ...more }),
            })
        ).json();

    await t.test("answers", async () => {
        const posted = await http(`${base}/ok?a=%2B&b=+`, {
            method: "POST",
            body: "客资",
            headers: [
                ["content-type", "application/x-www-form-urlencoded;charset=utf-8"],
                ["content-length", "1"],
            ],
        });
        assert.deepEqual([posted.status, posted.body], [200, 6]);
        assert.ok(posted.headers.some(([name, value]) => name === "x-test" && value === "yes"));
        assert.deepEqual(seen.at(-1), {
            method: "POST",
            url: "/ok?a=%2B&b=+",
            type: "application/x-www-form-urlencoded;charset=utf-8",
            body: "客资",
        });
        assert.equal((await http(`${base}/502`)).status, 502);
        assert.equal((await http(`${base}/redirect`)).status, 302);
        const gzip = await http(`${base}/gzip`);
        assert.equal(gzip.body, 100_000);
        assert.ok(!gzip.headers.some(([name]) => name === "content-encoding"));
        assert.equal((await http(`${base}/ok`, { max_bytes: 6 })).body, 6);
    });

    for (const [path, kind, more] of [
        ["/ok", "too_large", { max_bytes: 5 }],
        ["/gzip", "too_large", { max_bytes: 99_999 }],
        ["/length", "too_large"],
        ["/endless", "too_large"],
        ["/silent", "timeout", { timeout_ms: 200 }],
        ["/half", "timeout", { timeout_ms: 200 }],
        ["/early", "reset"],
        ["/late", "reset"],
    ]) {
        await t.test(`${path}: ${kind}`, async () => {
            const began = Date.now();
            const { error } = await http(`${base}${path}?${SECRET}`, more);
            assert.equal(error?.kind, kind, JSON.stringify(error));
            assert.doesNotMatch(error.message, /secret|sign=|ABCDEF/);
            assert.ok(Date.now() - began < 4000);
        });
    }
    // workerd names these two only in words that change; what matters is that they are errors of the transport.
    await t.test("nobody listens; not a name; not an address", async () => {
        for (const url of [`http://127.0.0.1:${closed}/`, "http://nowhere.invalid/", "not a url"]) {
            const { error } = await http(`${url}?${SECRET}`);
            assert.ok(["connect", "dns", "reset", "other"].includes(error?.kind), `${url}: ${JSON.stringify(error)}`);
            assert.doesNotMatch(error.message, /secret|sign=|ABCDEF/);
            t.diagnostic(`${url}: ${JSON.stringify(error)}`);
        }
    });
});
