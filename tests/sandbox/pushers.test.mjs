import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { test } from "node:test";
import { checkSpi } from "./callers/checker.mjs";
import { SPI_DAMAGE } from "./callers/spi.mjs";
import { parseExact } from "./gateway/render.mjs";
import { parseTimestamp, TIMESTAMP_WINDOW_MS } from "./gateway/time.mjs";
import { writeJson } from "./json.mjs";
import { askEtcPages, probeEtc, probeTanma, probeTmall, pushTanmaCustomers, pushTmallLeads } from "./pushers.mjs";
import { createSandbox } from "./sandbox.mjs";
import { openPush, signPush } from "./tanma/protocol.mjs";

const SECRET = "fake0secret0for0the0sandbox00000";
const TANMA = { appId: "wwdemo0000000000_AbCdEf", appKey: "fake0tanma0key" };
const KEYS = { appKey: TANMA.appKey, corpid: "wwdemo0000000000" };
const MAX_BODY = 1 << 20;

/** A provider that does what the documents ask for, and no more: what the pushers must be content with. */
function provider() {
    const leads = new Map();
    const pushes = new Map();
    const { etc } = createSandbox({ leads: 0, etc: { rows: 25 } });
    const clockIsRight = (text) => {
        const sent = text === undefined || /^\d+$/.test(text) ? null : parseTimestamp(text);
        return sent !== null && Math.abs(sent - Date.now()) <= TIMESTAMP_WINDOW_MS;
    };
    const object = (body) => {
        const value = parseExact(new TextDecoder("utf-8", { fatal: true }).decode(body));
        if (value === null || typeof value !== "object" || Array.isArray(value) || body.length > MAX_BODY)
            throw new TypeError("no object");
        return value;
    };
    const doors = {
        "/spi/tmall"({ params }, body, content) {
            const lead =
                content === "application/x-www-form-urlencoded"
                    ? Object.fromEntries(params)
                    : content === "text/xml"
                      ? xmlFields(body.toString())
                      : object(body);
            if (!/^\d+$/.test(String(lead.record_id)) || typeof lead.phone !== "string") throw new TypeError("types");
            leads.set(String(lead.record_id), lead);
            return '{"result":{"errCode":"0","success":true,"errMsg":"成功"}}';
        },
        "/spi/etc"(_, body) {
            const { queryTime, page } = object(body);
            const { rows } = etc.account.page(Number(queryTime) * 1000, Number(page), 10);
            return writeJson({ qmMessage: "Success", data: writeJson(rows), qmCode: "200", status: "1" });
        },
    };
    const refusals = {
        "/spi/tmall": [
            '{"success":"false","errCode":"sign-check-failure","errMsg":"Illegal request"}',
            '{"result":{"success":false,"errCode":"invalid","errMsg":"x"}}',
        ],
        "/spi/etc": [
            '{"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"0"}',
            '{"qmMessage":"x","data":"[]","qmCode":"400","status":"0"}',
        ],
    };

    function answer({ url, headers, body }) {
        const [path, query] = url.split("?");
        if (path === "/push/tanma") return tanma(headers, body);
        const checked = checkSpi({ query, headers, body }, SECRET);
        const [badSign, badContent] = refusals[path];
        if (!checked.valid) return badSign;
        try {
            if (!clockIsRight(checked.params.get("timestamp"))) return badSign;
            return doors[path](checked, body, headers["content-type"].split(";")[0]);
        } catch {
            return badContent;
        }
    }

    function tanma({ appid: appId, timestamp, version, sign }, body) {
        try {
            assert.ok(
                appId === TANMA.appId &&
                    sign === signPush({ ...TANMA, timestamp, version }) &&
                    Math.abs(Number(timestamp) - Date.now()) < 300_000,
            );
            const { noise, type, content } = parseExact(openPush(body.toString(), KEYS).toString());
            assert.ok(typeof noise === "bigint" && typeof type === "string" && content !== undefined);
            pushes.set(noise, content);
            return `{"code":0,"message":"ok","noise":${noise}}`;
        } catch {
            return '{"code":1002,"message":"refused"}';
        }
    }
    return { answer, leads, pushes };
}

const xmlFields = (text) =>
    Object.fromEntries([...text.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, value]) => [name, value]));

async function withProvider(run) {
    const it = provider();
    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        response.end(it.answer({ url: request.url, headers: request.headers, body: Buffer.concat(chunks) }));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
        await run(`http://127.0.0.1:${server.address().port}`, it);
    } finally {
        server.closeAllConnections();
        server.close();
    }
}

test("a right provider satisfies every pusher, over HTTP", () =>
    withProvider(async (base, { leads, pushes }) => {
        for (const [content, charset] of [
            ["json", "utf-8"],
            ["form", "utf-8"],
            ["xml", "utf-8"],
            ["form", "gbk"],
        ]) {
            const { answers, wrong } = await pushTmallLeads({
                url: `${base}/spi/tmall`,
                app_secret: SECRET,
                count: 8,
                content,
                charset,
            });
            assert.deepEqual([answers.length, wrong], [8, []], content);
        }
        assert.equal(leads.size, 8);
        const pages = await askEtcPages({ url: `${base}/spi/etc`, app_secret: SECRET });
        assert.deepEqual([pages.rows.length, pages.pages, pages.ended, pages.wrong], [25, 4, true, []]);
        const customers = await pushTanmaCustomers({ url: `${base}/push/tanma`, ...TANMA, count: 6 });
        assert.deepEqual([customers.answers.length, customers.wrong, pushes.size], [7, [], 7]);

        assert.deepEqual((await probeTmall({ url: `${base}/spi/tmall`, app_secret: SECRET })).wrong, []);
        const damages = Object.keys(SPI_DAMAGE).filter((damage) => !["ok", "any"].includes(SPI_DAMAGE[damage]));
        assert.deepEqual((await probeTmall({ url: `${base}/spi/tmall`, app_secret: SECRET, damages })).wrong, []);
        assert.deepEqual((await probeEtc({ url: `${base}/spi/etc`, app_secret: SECRET })).wrong, []);
        assert.deepEqual((await probeTanma({ url: `${base}/push/tanma`, ...TANMA })).wrong, []);
        assert.equal(leads.size, 8);
    }));

test("a wrong provider is found out", async () => {
    const answering =
        (text, status = 200) =>
        async () => ({ status, arrayBuffer: async () => Buffer.from(text) });
    const common = { url: "http://bridge.example/x", app_secret: SECRET, ...TANMA, count: 2 };
    const wrongs = async (run, text, status) => (await run({ ...common, fetch: answering(text, status) })).wrong.length;
    assert.equal(await wrongs(pushTmallLeads, '{"result":{"errCode":"0","success":"true","errMsg":"成功"}}'), 2);
    assert.equal(await wrongs(pushTmallLeads, '{"result":{"errCode":"0","success":true,"errMsg":"成功"}}', 500), 2);
    assert.equal(await wrongs(probeTmall, '{"result":{"errCode":"0","success":true,"errMsg":"成功"}}'), 2);
    assert.equal(
        await wrongs(probeTmall, '{"success":false,"errCode":"sign-check-failure","errMsg":"Illegal request"}'),
        2,
    );
    assert.equal(
        await wrongs(probeEtc, '{"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"1"}'),
        2,
    );
    assert.equal(
        await wrongs(probeEtc, '{"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"不等于1"}'),
        0,
    );
    for (const text of [
        "",
        '{"qmMessage":"Success","data":[],"qmCode":"200","status":"1"}',
        '{"qmMessage":"Success","data":"[1]","qmCode":"200","status":"1"}',
    ])
        assert.equal(await wrongs(askEtcPages, text), 1, text);
    assert.equal(await wrongs(pushTanmaCustomers, '{"code":0,"noise":1}'), 3);
    const endless = await askEtcPages({
        ...common,
        maxPages: 7,
        fetch: answering('{"qmMessage":"Success","data":"[{\\"id\\":1}]","qmCode":"200","status":"1"}'),
    });
    assert.deepEqual([endless.pages, endless.ended, endless.rows.length], [7, false, 7]);
});

test("the command line", () =>
    withProvider(async (base) => {
        const run = (...args) =>
            new Promise((resolve) => {
                const child = spawn(process.execPath, [new URL("push.mjs", import.meta.url).pathname, ...args], {
                    stdio: ["ignore", "pipe", "ignore"],
                });
                let text = "";
                child.stdout.on("data", (chunk) => {
                    text += chunk;
                });
                child.on("close", (code) => resolve([code, text.trim()]));
            });
        assert.deepEqual(await run("tmall", "--url", `${base}/spi/tmall`, "--secret", SECRET, "--count", "3"), [
            0,
            "tmall 3 of 3 answered as documented",
        ]);
        assert.deepEqual(await run("etc", "--url", `${base}/spi/etc`, "--secret", SECRET), [
            0,
            "etc 4 of 4 answered as documented, 25 rows",
        ]);
        assert.deepEqual(await run("tmall", "--url", `${base}/spi/tmall`, "--secret", "other", "--count", "1"), [
            2,
            "tmall 0 of 1 answered as documented",
        ]);
        assert.equal((await run("tanma"))[0], 1);
    }));
