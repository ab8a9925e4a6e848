// The preview page served by the Worker: the assembled file, its policy as a header too, kept and asked for again.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";
import { createWorker } from "../../functions/cloudflare/worker.mjs";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { echoModule } from "./fakes/echo.mjs";

const POLICY = "default-src 'none'; connect-src https:";
const PAGE = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><title>x</title>`;

async function assembled(t, { page } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-preview-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "m.wasm"), echoModule.bytes);
    if (page !== undefined) writeFileSync(join(folder, "leadbridge-preview.html"), page);
    const { entry, files } = assemble({ to: join(folder, "worker"), wasm: join(folder, "m.wasm") });
    assert.ok(files.includes("preview.mjs"));
    return (await import(join(entry, "../preview.mjs"))).default;
}
const ask = (preview, init = {}) =>
    createWorker({ openStore: () => null, preview }).fetch(new Request("https://bridge.example/preview", init), {}, {});

test("GET /preview is the built page, with its own policy as a header, and no configuration is needed", async (t) => {
    const preview = await assembled(t, { page: PAGE });
    const answer = await ask(preview);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), PAGE);
    assert.equal(answer.headers.get("content-security-policy"), `${POLICY}; frame-ancestors 'none'`);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "no-cache");
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    const etag = answer.headers.get("etag");
    for (const known of [etag, `"other", W/${etag}`]) {
        const again = await ask(preview, { headers: { "if-none-match": known } });
        assert.equal(again.status, 304);
        assert.equal(await again.text(), "");
        assert.equal(again.headers.get("etag"), etag);
    }
    assert.equal((await ask(preview, { headers: { "if-none-match": '"other"' } })).status, 200);
    const head = await ask(preview, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get("etag"), etag);
    assert.equal(await head.text(), "");
    for (const method of ["POST", "PUT", "DELETE"]) assert.equal((await ask(preview, { method })).status, 405);
});

test("without a built page the Worker says how to get it; a file that is none is refused", async (t) => {
    const answer = await ask(await assembled(t));
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /\.\/dev build/);
    await assert.rejects(assembled(t, { page: "<p>not it</p>" }), /has no policy/);
});

test("the page that was really built", {
    skip: !existsSync(join(resolve(process.env.LEADBRIDGE_BUILD ?? "build"), "leadbridge-preview.html")),
}, async (t) => {
    const html = readFileSync(
        join(resolve(process.env.LEADBRIDGE_BUILD ?? "build"), "leadbridge-preview.html"),
        "utf8",
    );
    const preview = await assembled(t, { page: html });
    assert.equal(await (await ask(preview)).text(), html);
    assert.match(preview.policy, /^default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(preview.policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*(?!;| http|$)/);
});
