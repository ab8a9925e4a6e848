// Live against the real thing: the Worker in workerd with the core's read API and a local database, filled by the platform sandbox.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { assemble } from "../../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../../infra/dev/local_worker.mjs";
import { createSandbox } from "../../sandbox/sandbox.mjs";
import { startServer } from "../../sandbox/server.mjs";
import { BUILD, goTab, launch, open, PAGE_FILE } from "./harness.mjs";

const READ = "fake-read-token";
const PHONES = "fake-phones-token";
const LEADS = 640; // more than one page of the client
const folder = mkdtempSync(join(tmpdir(), "leadbridge-live-"));
let session;
let bridge;
let platform;

before(async () => {
    const sandbox = createSandbox({ newestAt: Date.now(), leads: LEADS, dirtyShare: 0 });
    platform = await startServer(sandbox);
    const { app_key, app_secret, session: seller, mobileCipher } = sandbox.options;
    const config = {
        tenant: "sample",
        store: { kind: "d1" },
        apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
        sources: {
            ads: {
                platform: "alimama",
                endpoint: `${platform.url}/router/rest`,
                session: { env: "TOP_SESSION" },
                mobile_cipher: mobileCipher,
                mobile_key: { env: "ALIMAMA_RSA_KEY" },
            },
        },
        api: {
            read_token: { env: "READ_TOKEN" },
            phones_token: { env: "PHONES_TOKEN" },
            allow_origins: ["null"],
        },
    };
    const bindings = {
        LEADBRIDGE_CONFIG: JSON.stringify(config),
        TOP_APP_SECRET: app_secret,
        TOP_SESSION: seller,
        ALIMAMA_RSA_KEY: sandbox.keys.privatePem,
        READ_TOKEN: READ,
        PHONES_TOKEN: PHONES,
    };
    bridge = await startLocalWorker(
        assemble({ to: join(folder, "worker"), wasm: join(BUILD, "leadbridge.wasm"), preview: PAGE_FILE }),
        { bindings },
    );
    const cron = await bridge.worker.getWorker();
    for (let turn = 0; turn < 20; ++turn) await cron.scheduled({ cron: "* * * * *" });
    session = await launch();
});
after(async () => {
    await session?.close();
    await bridge?.worker.dispose();
    await platform?.close();
    rmSync(folder, { recursive: true, force: true });
});

async function connect(page, token) {
    await page.locator(".live-connect input").fill(token);
    await page.locator(".live-connect button[type=submit]").click();
}
async function load(page) {
    await page.getByLabel("Time").selectOption("0");
    await page.locator(".live-load button[type=submit]").click();
    await page.getByText(`${LEADS} leads loaded`).waitFor();
    await page.locator("#tab-leads[aria-selected=true]").waitFor();
}

test("from disk, allowed by api.allow_origins: status, and every stored lead in the table", async () => {
    const opened = await open(session.browser, { lang: "en-US", hash: `#live=${bridge.url}` });
    const { page } = opened;
    await connect(page, READ);
    await page.locator(".live-source").waitFor();
    assert.match(
        await page.locator(".live-source").innerText(),
        new RegExp(`ads[\\s\\S]*ok[\\s\\S]*${LEADS} leads[\\s\\S]*from the very first to id`),
    );
    await load(page);
    assert.doesNotMatch(await page.locator("#panel-leads").innerText(), /\b1[3-9]\d{9}\b/);
    await opened.done();
});

test("from the bridge itself, with the token that may see phones: still masked until somebody asks", async () => {
    const opened = await open(session.browser, {
        from: "http",
        base: `${bridge.url}/preview`,
        lang: "en-US",
        hash: `#live=${bridge.url}`,
    });
    const { page } = opened;
    await connect(page, PHONES);
    await page.locator(".live-source").waitFor();
    await load(page);
    assert.doesNotMatch(await page.locator("#panel-leads").innerText(), /\b1[3-9]\d{9}\b/);
    await opened.done();
});

test("a wrong token, and a page from an origin that is not allowed", async () => {
    const wrong = await open(session.browser, { lang: "en-US", hash: `#live=${bridge.url}` });
    await connect(wrong.page, "fake-wrong-token");
    await wrong.page.locator(".live-problem[data-code=unauthorised]").waitFor();
    await wrong.done({ expected: [/401/] });
    const elsewhere = bridge.url.replace("127.0.0.1", "localhost");
    const other = await open(session.browser, {
        from: "http",
        base: `${elsewhere}/preview`,
        lang: "en-US",
        hash: `#live=${bridge.url}`,
    });
    await goTab(other.page, "live");
    await connect(other.page, READ);
    await other.page.locator(".live-problem[data-code=cors]").waitFor();
    assert.ok((await other.page.locator(".live-problem").innerText()).includes(`"${elsewhere}" to api.allow_origins`));
    await other.done({ expected: [/CORS|ERR_FAILED|403/] });
});
