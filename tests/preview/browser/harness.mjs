// The built page in a real headless Chromium: opened from disk or from a server on loopback, with the browser's own network log.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
export const PAGE_FILE = join(BUILD, "leadbridge-preview.html");
export const SHOTS = join(BUILD, "preview-shots");
mkdirSync(SHOTS, { recursive: true });

const onPath = (name) =>
    (process.env.PATH ?? "")
        .split(delimiter)
        .map((folder) => join(folder, name))
        .find((path) => existsSync(path));
const QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/** @returns {{browser, close}} `close` gives what the browser's network stack was asked for (netlog.requests, netlog.text) */
export async function launch() {
    const executablePath = onPath("chromium");
    assert.ok(executablePath, "chromium is not there: run infra/dev/setup.sh --browser");
    assert.ok(existsSync(PAGE_FILE), `${PAGE_FILE} is not there: run ./dev build`);
    const folder = mkdtempSync(join(tmpdir(), "preview-net-"));
    const file = join(folder, "net.json");
    const browser = await chromium.launch({ executablePath, args: [...QUIET, `--log-net-log=${file}`] });
    const close = async () => {
        await browser.close();
        const text = existsSync(file) ? readFileSync(file, "utf8") : "";
        rmSync(folder, { recursive: true, force: true });
        return { text, requests: requestsOf(text) };
    };
    return { browser, close };
}

/**
 * From Chromium's own net log: every request a document, a worker or a navigation started. Content always has an initiator; what the
 * browser does for itself (its updater, its accounts) has none and is no frame.
 */
function requestsOf(text) {
    const found = [];
    for (const line of text.split("\n")) {
        if (!line.includes('"request_type":')) continue;
        const { params } = JSON.parse(
            line
                .trim()
                .replace(/,$/, "")
                .replace(/\]\}?$/, ""),
        );
        const ownBusiness = params.initiator === "not an origin" && !/frame/.test(params.request_type);
        if (!ownBusiness) found.push(params.url);
    }
    return found;
}

/** A page with what it complained about and asked for. Errors fail the test in `done`, unless they were expected. */
export async function open(
    browser,
    {
        from = "file",
        base,
        hash = "",
        lang = "zh-CN",
        theme = "light",
        width = 1280,
        height = 900,
        touch = false,
        ...more
    } = {},
) {
    const context = await browser.newContext({
        locale: lang,
        colorScheme: theme,
        viewport: { width, height },
        hasTouch: touch,
        acceptDownloads: true,
        ...more,
    });
    const page = await context.newPage();
    const errors = [];
    const requests = [];
    page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
            errors.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => errors.push(`uncaught: ${error.stack ?? error}`));
    context.on("request", (request) => requests.push(request.url()));
    const address = from === "file" ? pathToFileURL(PAGE_FILE).href : base;
    await page.goto(address + hash);
    await page.locator("[role=tab][aria-selected=true]").waitFor();
    return {
        page,
        context,
        errors,
        requests,
        address,
        async done({ expected = [] } = {}) {
            const left = errors.filter((error) => !expected.some((pattern) => pattern.test(error)));
            await context.close();
            assert.deepEqual(left, []);
        },
    };
}

/** The page on loopback, with the policy a static host would send, and a list of all that was asked. */
export async function serve({ headers = {}, answer } = {}) {
    const asked = [];
    const html = readFileSync(PAGE_FILE);
    const server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        if (answer?.(request, response)) return;
        if (request.url.split("?")[0] !== "/") {
            response.writeHead(404).end();
            return;
        }
        response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers }).end(html);
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const origin = `http://127.0.0.1:${server.address().port}`;
    return {
        origin,
        base: `${origin}/`,
        asked,
        close: () =>
            new Promise((done) => {
                server.closeAllConnections();
                server.close(done);
            }),
    };
}

export const goTab = async (page, name) => {
    await page.locator(`#tab-${name}`).click();
    await page.locator(`#panel-${name}:not([hidden])`).waitFor({ state: "attached" });
};
export const shot = (page, name, options = {}) =>
    page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true, ...options });
