// The page as the Worker in real workerd serves it: same bytes, policy as a header, kept by the browser until it changes.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { assemble } from "../../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../../infra/dev/local_worker.mjs";
import { BUILD, goTab, launch, open, PAGE_FILE } from "./harness.mjs";

let session;
let bridge;
const folder = mkdtempSync(join(tmpdir(), "leadbridge-preview-worker-"));

before(async () => {
    session = await launch();
    const assembled = assemble({
        to: join(folder, "worker"),
        wasm: join(BUILD, "leadbridge.wasm"),
        preview: PAGE_FILE,
    });
    bridge = await startLocalWorker(assembled, {
        bindings: { LEADBRIDGE_CONFIG: "{}", LEADBRIDGE_PAGE: "loopback" },
    });
});
after(async () => {
    await session?.close();
    await bridge?.worker.dispose();
    rmSync(folder, { recursive: true, force: true });
});

test("same bytes as the file; HEAD, ETag and 304; other methods refused", async () => {
    const address = `${bridge.url}/preview`;
    const answer = await fetch(address);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), readFileSync(PAGE_FILE, "utf8"));
    const etag = answer.headers.get("etag").replace(/^W\//, "");
    const again = await fetch(address, { headers: { "if-none-match": etag } });
    assert.equal(again.status, 304);
    assert.equal((await again.arrayBuffer()).byteLength, 0);
    assert.equal((await fetch(address, { method: "HEAD" })).status, 200);
    assert.equal((await fetch(address, { method: "POST", body: "x" })).status, 405);
    assert.match(answer.headers.get("content-security-policy"), /^default-src 'none'; .*frame-ancestors 'none'$/);
});

test("it works under the header's policy, asks for nothing else, and the Worker's own page leads to it", async () => {
    const opened = await open(session.browser, {
        from: "http",
        base: `${bridge.url}/preview`,
        lang: "en-US",
    });
    const { page, requests } = opened;
    await goTab(page, "debugger");
    await page.locator(".example select").selectOption("tanma");
    await page.locator(".verdict").waitFor();
    assert.deepEqual(
        requests.filter((url) => !url.startsWith("blob:")),
        [`${bridge.url}/preview`],
    );
    assert.equal(
        await page.evaluate(() =>
            fetch("/healthz").then(
                () => "sent",
                () => "blocked",
            ),
        ),
        "blocked",
    );
    await opened.done({ expected: [/Content Security Policy/] });
    const context = await session.browser.newContext({ locale: "zh-CN" });
    const own = await context.newPage();
    await own.goto(bridge.url);
    await own.locator('a[href^="/preview"]').click();
    await own.locator("[role=tab][aria-selected=true]").waitFor();
    assert.equal(new URL(own.url()).pathname, "/preview");
    assert.equal(await own.locator("html").getAttribute("lang"), "zh-CN");
    await context.close();
});
