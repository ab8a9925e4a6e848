// The Live tab against a bridge's read API as documented, played on loopback: opening, tokens, pages, and every refusal with what to do.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { goTab, launch, open, serve, shot } from "./harness.mjs";

const TOKEN = "fake-read-token";
const NOW = Date.UTC(2026, 0, 5, 2, 30);
const iso = (ms) => new Date(ms).toISOString();
const STATUS = {
    job: "status",
    tenant: "sample",
    now: NOW,
    sources: [
        {
            name: "ads",
            platform: "alimama",
            state: "ok",
            leads: 1250,
            unread: 3,
            newest_at: iso(NOW),
            covered: [{ from: "0", to: "998877665544332211" }],
            gaps: [],
            complete: true,
            last_run: { at: iso(NOW), pages: 3, inserted: 12, updated: 1 },
        },
        {
            name: "scrm",
            platform: "tanma",
            state: "failed",
            leads: 40,
            unread: 0,
            covered: [{ from: iso(NOW - 86_400_000), to: iso(NOW) }],
            gaps: [{ after: iso(NOW - 2 * 86_400_000), before: iso(NOW - 86_400_000) }],
            last_run: { at: iso(NOW), pages: 0, inserted: 0, updated: 0 },
            last_error: {
                at: iso(NOW),
                code: "session_expired",
                reason: "session expired or missing: re-authorise <img src=x onerror=alert(1)>",
            },
            drift: { newField: 2 },
        },
        { name: "spi", platform: "tmall", state: "listening", leads: 7, unread: 0 },
    ],
    rows: [{ set: "etc", rows: 30, newest_at: iso(NOW) }],
    queues: [{ queue: "stats/stats", waiting: 2, dead: 1 }],
};
const lead = (n) => ({
    v: 1,
    id: `alimama:ads:${n}`,
    kind: "person",
    is_test: false,
    source: {
        platform: "alimama",
        name: "ads",
        account: "ads",
        lead_id: `99887766554433${String(n).padStart(4, "0")}`,
        received_at: iso(NOW),
    },
    person: { name: `张三${n}` },
    phones: [{ class: "mobile", masked: `138****${String(n).padStart(4, "0")}`, valid: true }],
    region: { province: "浙江省", city: "杭州市" },
    form: { name: "预约看房" },
    times: {
        submitted: { utc: iso(NOW - n * 60_000), raw: "" },
        created: { utc: iso(NOW - n * 60_000), raw: "" },
    },
    status: {},
    extra: {},
});

/** A bridge's read API; `allow` as api.allow_origins would be. */
function bridge({ allow = ["null"], leads = 1200 } = {}) {
    const seen = [];
    return serve({
        answer: (request, response) => {
            const url = new URL(request.url, "http://x");
            if (!url.pathname.startsWith("/v1/") && url.pathname !== "/healthz") return false;
            const { origin, authorization } = request.headers;
            const cors =
                origin !== undefined && allow.includes(origin)
                    ? { "access-control-allow-origin": origin, vary: "Origin" }
                    : {};
            const send = (status, body, more = {}) => {
                response
                    .writeHead(status, { "content-type": "application/json", ...cors, ...more })
                    .end(body === null ? undefined : JSON.stringify(body));
                return true;
            };
            seen.push([request.method, url.pathname, authorization]);
            if (url.pathname === "/healthz") return send(200, { ok: true });
            if (request.method === "OPTIONS")
                return cors["access-control-allow-origin"]
                    ? send(204, null, {
                          "access-control-allow-methods": "GET",
                          "access-control-allow-headers": "authorization",
                      })
                    : send(403, { error: "origin" });
            if (authorization !== `Bearer ${TOKEN}`)
                return send(401, {
                    error: "unauthorised",
                    message: "send the header Authorization: Bearer with the configured token",
                });
            if (url.pathname === "/v1/status") return send(200, STATUS);
            const limit = Number(url.searchParams.get("limit"));
            const at = Number(url.searchParams.get("page") ?? 0);
            const end = Math.min(leads, at + limit);
            return send(200, {
                leads: Array.from({ length: end - at }, (_, i) => lead(at + i)),
                next: end < leads ? String(end) : "",
            });
        },
    }).then((server) => ({ ...server, seen }));
}

let session;
before(async () => {
    session = await launch();
});
after(async () => {
    await session?.close();
});
const token = (page) => page.locator(".live-connect input");
const connect = async (page, value = TOKEN) => {
    await token(page).fill(value);
    await page.locator(".live-connect button[type=submit]").click();
};

test("from disk: choose the host, the page opens again for it alone, the token stays out of the address", async () => {
    const host = await bridge();
    const opened = await open(session.browser, { lang: "en-US" });
    const { page } = opened;
    try {
        await goTab(page, "live");
        const field = page.locator(".live-choose input");
        for (const wrong of ["http://bridge.example", "https://*", "nonsense://x"]) {
            await field.fill(wrong);
            await page.locator(".live-choose button[type=submit]").click();
            await page.locator(".live-choose .note").waitFor();
        }
        await field.fill(`${host.origin}/v1/status`);
        await Promise.all([page.waitForEvent("load"), page.locator(".live-choose button[type=submit]").click()]);
        assert.equal(await page.locator(".live-host").innerText(), host.origin);
        assert.match(await page.locator(".top .pill").innerText(), new RegExp(`Only ${host.origin}`));
        assert.deepEqual(host.seen, []); // nothing before its reader asks for it
        await connect(page);
        await page.locator(".live-source").first().waitFor();
        assert.equal(await page.locator(".live-source").count(), 3);
        const text = await page.locator(".live-status").innerText();
        assert.match(text, /1,250[\s\S]*998877665544332211/);
        assert.match(text, /session expired or missing/);
        assert.match(text, /between 2026-01-03 10:30 and 2026-01-04 10:30 not read yet/);
        assert.equal(await page.locator(".live-status img").count(), 0);
        assert.equal(page.url().includes(TOKEN), false);
        assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
        await shot(page, "live-status-en-light");
        await page.locator("#language").click();
        assert.match(await page.locator(".live-status").innerText(), /授权已失效/);
        await shot(page, "live-status-zh-light");
        await page.locator(".live-load button[type=submit]").click();
        await page.locator("#tab-leads[aria-selected=true]").waitFor();
        await page.getByText("已载入 1,200 条客资").waitFor();
        assert.equal(await page.locator("#panel-leads").getByText("张三0", { exact: true }).count(), 1);
        assert.deepEqual(
            host.seen.filter(([method]) => method === "GET").map(([, path]) => path),
            ["/v1/status", "/v1/leads", "/v1/leads", "/v1/leads"],
        );
        await goTab(page, "live");
        await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "恢复为不联网" }).click()]);
        assert.equal(await page.evaluate(() => document.documentElement.dataset.connect), "none");
        await opened.done();
    } finally {
        await host.close();
    }
});

test("refusals say what to do: token, CORS with the origin to allow, nobody there, no bridge", async () => {
    const strict = await bridge({ allow: [] });
    const host = await bridge();
    const elsewhere = await serve();
    const gone = await serve();
    await gone.close();
    const cases = [
        [host.origin, "wrong", "unauthorised", /api\.read_token/],
        [strict.origin, TOKEN, "cors", /"null" to api\.allow_origins/],
        [gone.origin, TOKEN, "network", /check the address/],
    ];
    try {
        for (const [origin, value, code, sentence] of cases) {
            const { page, context } = await open(session.browser, { lang: "en-US", hash: `#live=${origin}` });
            await connect(page, value);
            await page.locator(`.live-problem[data-code=${code}]`).waitFor();
            assert.match(await page.locator(".live-problem").innerText(), sentence);
            assert.equal(
                await page
                    .locator(".live-problem")
                    .innerText()
                    .then((text) => text.includes(value)),
                false,
            );
            await context.close();
        }
        // Served by the very host: no CORS at all, and a host without a read API is no bridge.
        const { page, context } = await open(session.browser, {
            lang: "en-US",
            from: "http",
            base: elsewhere.base,
            hash: `#live=${elsewhere.origin}`,
        });
        await connect(page);
        await page.locator(".live-problem[data-code=not_a_bridge]").waitFor();
        await context.close();
        assert.ok(
            strict.seen.every(([, , authorization]) => authorization === undefined),
            "a refused origin must not get the token",
        );
    } finally {
        await Promise.all([strict.close(), host.close(), elsewhere.close()]);
    }
});

test("the page on the bridge's own host offers that host; another host in the address waits for a new opening", async () => {
    const host = await bridge();
    const opened = await open(session.browser, { lang: "en-US", from: "http", base: host.base });
    const { page } = opened;
    try {
        await goTab(page, "live");
        assert.equal(await page.locator(".live-choose input").inputValue(), host.origin);
        await page.evaluate(() => {
            location.hash = "#live=https://other.example";
        });
        await page.locator(".live-choose").waitFor();
        assert.equal(await page.locator(".live-choose input").inputValue(), "https://other.example");
        assert.equal(await page.evaluate(() => document.documentElement.dataset.connect), "none");
        await opened.done();
    } finally {
        await host.close();
    }
});
