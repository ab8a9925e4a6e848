// The read API's client without a browser: hosts, pages, and what each failure is called.
import assert from "node:assert/strict";
import test from "node:test";
import { createApi, LiveProblem, originOf } from "../../functions/preview/live/api.mjs";

test("only an origin the page may be opened for is one", () => {
    for (const [typed, origin] of [
        ["https://Bridge.Example/v1/status?x=1", "https://bridge.example"],
        ["bridge.example", "https://bridge.example"],
        ["127.0.0.1:8787", "http://127.0.0.1:8787"],
        ["http://localhost:1/", "http://localhost:1"],
        [" https://客资.example ", "https://xn--8dru3f.example"],
        ["https://a.example:443", "https://a.example"],
    ]) {
        const found = originOf(typed);
        if (origin.includes("xn--")) assert.match(found, /^https:\/\/xn--[a-z0-9]+\.example$/);
        else assert.equal(found, origin);
    }
    for (const typed of [
        "",
        "http://bridge.example",
        "https://*",
        "https://*.example",
        "https://user:pass@bridge.example",
        "javascript:alert(1)",
        "file:///x",
        "https://a;b",
        "https://a,b",
        "https://a'b",
        "https://[::1]",
        "data:,x",
        null,
        "https://",
    ])
        assert.equal(originOf(typed), null, String(typed));
});

const answer = (status, body, headers = {}) =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
const api = (fetcher, options) =>
    createApi("https://bridge.example", () => "fake-token", { fetcher, origin: "null", ...options });
const problem = async (promise) => {
    try {
        await promise;
    } catch (error) {
        assert.ok(error instanceof LiveProblem, error.stack);
        return [error.code, error.detail];
    }
    return assert.fail("no problem");
};

test("every failure has its name", async () => {
    const status = (fetcher, options) => problem(api(fetcher, options).status());
    assert.deepEqual(await status(async () => answer(401, { error: "unauthorised", message: "send the header" })), [
        "unauthorised",
        "send the header",
    ]);
    assert.deepEqual(await status(async () => answer(403, { error: "closed", message: "configure api.read_token" })), [
        "closed",
        "configure api.read_token",
    ]);
    assert.deepEqual(await status(async () => answer(400, { error: "bad_parameter", message: "no" })), [
        "bad_parameter",
        "no",
    ]);
    assert.equal((await status(async () => answer(404, "not found")))[0], "not_a_bridge");
    assert.equal((await status(async () => answer(200, "<html>")))[0], "not_a_bridge");
    assert.equal((await status(async () => answer(200, { hello: 1 })))[0], "not_a_bridge");
    assert.deepEqual(await status(async () => answer(503, { error: { code: "store_failed", reason: "D1 is gone" } })), [
        "server",
        "D1 is gone",
    ]);
    assert.equal((await status(async () => answer(302, "", { location: "https://elsewhere.example" })))[0], "redirect");
    const refusedByCors = async (url) =>
        url.endsWith("/healthz") ? answer(200, "") : Promise.reject(new TypeError("Failed to fetch"));
    assert.deepEqual(await status(refusedByCors), ["cors", "null"]);
    assert.deepEqual(await status(refusedByCors, { origin: "https://bridge.example" }), ["network", "Failed to fetch"]);
    assert.equal((await status(async () => Promise.reject(new TypeError("Failed to fetch"))))[0], "network");
});

test("a token that no header can hold is named, and not sent", async () => {
    let calls = 0;
    for (const token of ["a b", "令牌", "a\nb", ""]) {
        const client = createApi("https://bridge.example", () => token, {
            fetcher: async () => {
                calls += 1;
            },
            origin: "null",
        });
        assert.deepEqual(await problem(client.status()), ["bad_token", ""]);
    }
    assert.equal(calls, 0);
});

test("the token goes in the header of its own host, and nowhere else", async () => {
    const calls = [];
    const fetcher = async (url, init) => {
        calls.push([url, init]);
        if (url.endsWith("/healthz")) return answer(200, "");
        throw new TypeError("Failed to fetch");
    };
    await problem(api(fetcher).status());
    const [[first, init], [second, probe]] = calls;
    assert.equal(first, "https://bridge.example/v1/status");
    assert.deepEqual(init.headers, { authorization: "Bearer fake-token" });
    assert.deepEqual(
        [init.credentials, init.redirect, init.referrerPolicy, init.cache],
        ["omit", "manual", "no-referrer", "no-store"],
    );
    assert.equal(second, "https://bridge.example/healthz");
    assert.equal(JSON.stringify(probe).includes("fake-token"), false);
});

test("pages until the end, each taken before the next is asked for; a page that repeats itself ends it", async () => {
    const asked = [];
    const pages = { "": ["p2", 2], p2: ["p3", 2], p3: ["", 1] };
    const fetcher = async (url) => {
        const { searchParams } = new URL(url);
        asked.push(searchParams.get("page") ?? "");
        const [next, count] = pages[searchParams.get("page") ?? ""];
        return answer(200, { leads: Array.from({ length: count }, (_, i) => ({ id: `${i}` })), next });
    };
    const taken = [];
    assert.deepEqual(
        await api(fetcher).leads({ since: 5, source: "ads" }, async (leads, total) =>
            taken.push([leads.length, total]),
        ),
        { count: 5, more: false },
    );
    assert.deepEqual(taken, [
        [2, 2],
        [2, 4],
        [1, 5],
    ]);
    assert.deepEqual(asked, ["", "p2", "p3"]);
    assert.deepEqual(await api(async () => answer(200, { leads: [{}], next: "same" })).leads({}, () => {}), {
        count: 2,
        more: false,
    });
    assert.equal((await problem(api(async () => answer(200, { next: "" })).leads({}, () => {})))[0], "not_a_bridge");
});

test("a stop ends it", async () => {
    const stop = new AbortController();
    const forever = api(
        (_url, { signal }) =>
            new Promise((_, reject) =>
                signal.addEventListener("abort", () => reject(new DOMException("x", "AbortError"))),
            ),
    ).status(stop.signal);
    stop.abort(new Error("stopped"));
    await assert.rejects(forever, /stopped/);
});
