// Events as AWS writes them: schedules, function URLs and API Gateway, queues, direct invocations.
import assert from "node:assert/strict";
import test from "node:test";
import { etcQuery } from "../sandbox/callers/etc.mjs";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import * as pushers from "../sandbox/pushers.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";
import { startBridge, TOKEN } from "./bridge.mjs";
import { httpAnswer, httpEvent, NO_PROGRAM, SCHEDULE, sqsBatch, until } from "./function.mjs";

const skip = NO_PROGRAM;
const URL_OF = "http://function.invalid";
const seller = (leads, first = "1000000") =>
    createTmallAccount({ ...TMALL_DEFAULTS, firstRecordId: first, leads, newestAt: Date.now() });
const allOf = (account) => account.ids().map((id) => account.lead(id));
const noneWrong = ({ wrong }, what) =>
    assert.deepEqual(
        wrong.map(({ what: name, status, body }) => ({ name, status, body: body.slice(0, 300) })),
        [],
        what,
    );
const row = (id, more = {}) => JSON.stringify({ id, statisticsDate: "2023-11-14", calledNum: 3, ...more });
const own = (method, path, body = "", token = TOKEN, more = {}) => {
    const [name, query = ""] = path.split("?");
    return httpEvent({
        method,
        path: name,
        query,
        headers: [
            ["Authorization", `Bearer ${token}`],
            ["Content-Type", "text/csv"],
        ],
        body,
        ...more,
    });
};

test("a schedule pulls every source and sends what waits", { skip }, async (t) => {
    const bridge = await startBridge(t, {
        sandbox: { leads: 130, tanma: { newestAt: Date.now() - 60_000, customers: 25 } },
    });
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    const { exit, job, pull, backflow } = JSON.parse(text);
    assert.deepEqual([exit, job], [0, "tick"], text);
    assert.deepEqual(
        [
            pull.sources.map(({ name, outcome }) => [name, outcome]),
            backflow.map(({ name, waiting }) => [name, waiting]),
        ],
        [
            [
                ["ads", "ok"],
                ["scrm", "ok"],
            ],
            [["stats", 0]],
        ],
    );
    const expected = [
        ...[...bridge.sandbox.truth().keys()].map((id) => `alimama/${id}`),
        ...[...bridge.sandbox.tanma.truth().keys()].map((id) => `tanma/${id}`),
    ];
    assert.deepEqual([...bridge.leads().keys()].sort(), expected.map(String).sort());

    // EventBridge Scheduler signs with another source; nothing is there twice, on the same warm process.
    bridge.sandbox.addLeads(7, Date.now());
    const scheduler = await bridge.invoke({ ...SCHEDULE, source: "aws.scheduler" });
    assert.equal(
        JSON.parse(scheduler.text).pull.sources.find(({ name }) => name === "ads").inserted,
        7,
        scheduler.text,
    );
    // One source fails: the other went on, and Lambda sees a failure.
    bridge.sandbox.tanma.account.add(3, Date.now() - 5000);
    bridge.sandbox.faults.push({ kind: "isv", times: 5 });
    const failed = await bridge.invoke(SCHEDULE);
    assert.equal(failed.kind, "error");
    assert.match(JSON.parse(failed.text).errorMessage, /^ads: /);
    assert.equal([...bridge.leads().keys()].filter((key) => key.startsWith("tanma/")).length, 28);
});

test("tmall pushes: stored and answered byte for byte, in every content and charset", { skip }, async (t) => {
    const bridge = await startBridge(t);
    let first = 1_000_000;
    for (const content of ["json", "form", "xml"]) {
        for (const charset of ["utf-8", "gbk"]) {
            const leads = allOf(seller(5, String((first += 1000))));
            noneWrong(
                await pushers.pushTmallLeads({
                    url: `${URL_OF}/spi/tmall`,
                    ...bridge.spi,
                    leads,
                    content,
                    charset,
                    fetch: bridge.fetch,
                }),
                `${content} ${charset}`,
            );
        }
    }
    assert.equal(bridge.leads().size, 30);
    const probe = await pushers.probeTmall({
        url: `${URL_OF}/spi/tmall`,
        ...bridge.spi,
        fetch: bridge.fetch,
    });
    noneWrong(probe, "probe");
    assert.equal(bridge.leads().size, 30);
    // A text body comes without base64.
    const [lead] = allOf(seller(1, "5000000"));
    const { url, headers, body } = tmallPush(lead, {
        ...bridge.spi,
        timestamp: Date.now(),
        path: "/spi/tmall",
    });
    const answer = httpAnswer(
        await bridge.invoke(
            httpEvent({
                path: "/spi/tmall",
                query: url.split("?")[1],
                headers: Object.entries(headers),
                body,
                base64: false,
            }),
        ),
    );
    assert.ok(TMALL_OK.includes(answer.body.toString()), answer.body.toString());
    assert.match(answer.headers["content-type"], /json/);
    assert.deepEqual(
        [answer.status, answer.headers["cache-control"], answer.isBase64Encoded],
        [200, "no-store", false],
    );
    // No phone of theirs in any log entry.
    assert.doesNotMatch(bridge.errors().replaceAll(/"(request|item)":"[^"]*"/g, ""), /\d{11}/);
});

test("the raw query string is what is verified: order, escapes and doubles as they came", {
    skip,
}, async (t) => {
    const bridge = await startBridge(t);
    const [lead, other] = allOf(seller(2));
    const signed = (one, more) => {
        const { url, headers, body } = tmallPush(one, {
            ...bridge.spi,
            timestamp: Date.now(),
            path: "/spi/tmall",
            ...more,
        });
        return { path: "/spi/tmall", query: url.split("?")[1], headers: Object.entries(headers), body };
    };
    const call = async (request) => httpAnswer(await bridge.invoke(httpEvent(request))).body.toString();
    // Signed with a header of several words, a plus, a percent and an empty value in the query.
    const special = signed(lead, {
        headersToSign: { "X-Nick": "张三 + %", "x-empty": "" },
        query: { note: "a b+c%/=&d", empty: "" },
    });
    assert.ok(TMALL_OK.includes(await call(special)), "special");
    const stage = httpAnswer(await bridge.invoke(httpEvent({ ...signed(other), stage: "prod" })));
    assert.ok(TMALL_OK.includes(stage.body.toString()), "behind a stage of API Gateway");
    const spoiled = signed(other);
    assert.match(await call({ ...spoiled, query: `${spoiled.query}&x=1` }), /sign-check-failure/);
    assert.match(
        await call({ ...spoiled, query: spoiled.query.replace("%20", "%2520").replace("+", "%2B") }),
        /sign-check-failure/,
    );
    assert.equal(bridge.leads().size, 2);
});

test("etc: pages of rows the merchant loaded; tanma: pushes that echo the noise", { skip }, async (t) => {
    const bridge = await startBridge(t);
    const rows = Array.from({ length: 16 }, (_, at) =>
        JSON.stringify({
            id: 9007199254740993n.toString().slice(0, -2) + (10 + at),
            gmtCreate: "2023-11-14 10:00:00",
        }),
    )
        .join("\n")
        .replaceAll(/"id":"(\d+)"/g, '"id":$1');
    const loaded = httpAnswer(await bridge.invoke(own("PUT", "/v1/backflow/etc?format=ndjson", rows)));
    assert.equal(loaded.status, 200, loaded.body.toString());
    const pages = await pushers.askEtcPages({ url: `${URL_OF}/spi/etc`, ...bridge.spi, fetch: bridge.fetch });
    noneWrong(pages, "etc");
    assert.equal(pages.rows.length, 16);
    assert.ok(
        pages.rows.some(({ id }) => id > 2n ** 53n - 100n),
        "ids of 16 digits",
    );
    noneWrong(await pushers.probeEtc({ url: `${URL_OF}/spi/etc`, ...bridge.spi, fetch: bridge.fetch }), "probe");
    const gbk = etcQuery({}, { ...bridge.spi, timestamp: Date.now(), path: "/spi/etc" });
    assert.ok(gbk.url.startsWith("/spi/etc?"));
    noneWrong(
        await pushers.pushTanmaCustomers({
            url: `${URL_OF}/push/tanma`,
            ...bridge.tanma,
            count: 6,
            fetch: bridge.fetch,
        }),
        "tanma",
    );
    assert.equal(bridge.leads().size, 6);
});

test("the merchant's door: accepted rows have arrived when the answer is there", { skip }, async (t) => {
    const bridge = await startBridge(t);
    const arrived = () => [...bridge.sandbox.outinvest.truth().keys()].sort();
    const first = httpAnswer(
        await bridge.invoke(
            own("POST", "/v1/backflow/stats?type=2&format=ndjson", [row(1), row(2), row(3)].join("\n")),
        ),
    );
    assert.equal(first.status, 202, first.body.toString());
    assert.equal(arrived().length, 3);
    assert.equal(JSON.parse(first.body).enqueued, 3);
    // Unsure outcome: still accepted, and the schedule sends it again.
    bridge.sandbox.outinvest.faults.push({ kind: "isp", times: 100 });
    const unsure = httpAnswer(await bridge.invoke(own("POST", "/v1/backflow/stats?type=2&format=ndjson", row(4))));
    assert.equal(unsure.status, 202, unsure.body.toString());
    assert.equal(arrived().length, 3);
    // Without a valid token nothing happens.
    for (const [token, status] of [
        ["wrong", 401],
        ["", 401],
    ]) {
        assert.equal(
            httpAnswer(await bridge.invoke(own("POST", "/v1/backflow/stats?type=2", row(5), token))).status,
            status,
        );
    }
    assert.equal(httpAnswer(await bridge.invoke(own("DELETE", "/v1/backflow/stats"))).status, 405);
    assert.equal(httpAnswer(await bridge.invoke(own("GET", "/v1/backflow/stats"))).status, 200);
    const head = httpAnswer(await bridge.invoke(own("HEAD", "/v1/backflow/stats")));
    assert.deepEqual([head.status, head.body.length], [200, 0]);
});

test("a store that cannot be opened: the platform is asked to come again, the log says why", {
    skip,
}, async (t) => {
    const bridge = await startBridge(t, {
        config: { store: { kind: "sqlite", path: "/nowhere/at/all.db" } },
    });
    const [lead] = allOf(seller(1));
    const { url, headers, body } = tmallPush(lead, {
        ...bridge.spi,
        timestamp: Date.now(),
        path: "/spi/tmall",
    });
    const answer = httpAnswer(
        await bridge.invoke(
            httpEvent({
                path: "/spi/tmall",
                query: url.split("?")[1],
                headers: Object.entries(headers),
                body,
            }),
        ),
    );
    assert.equal(answer.status, 503);
    assert.match(answer.body.toString(), /cannot answer now/);
    assert.ok(
        bridge.log().some(({ level, code }) => level === "error" && code === "store_directory"),
        bridge.errors(),
    );
    const scheduled = await bridge.invoke(SCHEDULE);
    assert.equal(JSON.parse(scheduled.text).errorType, "Leadbridge.store_directory");
});

test("a queue: rows and pulls, and a poison message fails alone", { skip }, async (t) => {
    const bridge = await startBridge(t, { sandbox: { leads: 12 } });
    const send = (rows) => ({
        kind: "backflow",
        name: "stats",
        action: "send",
        type: 1,
        format: "ndjson",
        body: rows.join("\n"),
    });
    const { kind, text } = await bridge.invoke(
        sqsBatch([
            send([row(11), row(12)]),
            "not ours at all: 13900000001",
            { kind: "pull", sources: ["ads"] },
            { kind: "leads", reveal: true },
            { kind: "backflow", name: "nobody", action: "send" },
            send([row(13)]),
            { kind: "backflow", name: "stats", action: "send", type: 1, body: 5 },
        ]),
    );
    assert.equal(kind, "response", text);
    const failed = JSON.parse(text).batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.slice(-12)));
    assert.deepEqual(failed, [2, 4, 5, 7]);
    assert.equal(bridge.sandbox.outinvest.truth().size, 3);
    assert.equal(bridge.leads().size, 12);
    const notes = bridge.log().filter(({ code }) => code === "queue_message");
    assert.deepEqual(
        notes.map(({ item }) => Number(item.slice(-12))),
        failed,
    );
    assert.match(notes[0].message, /not JSON/);
    assert.doesNotMatch(bridge.errors(), /13900000001/);
    // The same again: SQS delivers at least once.
    const again = await bridge.invoke(sqsBatch([send([row(11), row(12)])]));
    assert.deepEqual(JSON.parse(again.text), { batchItemFailures: [] });
    for (const { times } of bridge.sandbox.outinvest.truth().values()) assert.equal(times, 1);

    const nameless = sqsBatch([{ kind: "pull" }]);
    delete nameless.Records[0].messageId;
    assert.equal((await bridge.invoke(nameless)).kind, "error");
    const mixed = sqsBatch([{ kind: "pull" }, { kind: "pull" }]);
    mixed.Records[1].eventSource = "aws:sns";
    assert.equal(JSON.parse((await bridge.invoke(mixed)).text).batchItemFailures.length, 1);
});

test("a queue whose time is up gives the rest back", { skip }, async (t) => {
    const bridge = await startBridge(t, { sandbox: { leads: 5 } });
    bridge.sandbox.faults.push({ kind: "silent", times: 10 });
    // 1.05 s of work, of which the first message takes all.
    const rows = { kind: "backflow", name: "stats", action: "send", type: 1, format: "ndjson", body: row(1) };
    const { text } = await bridge.invoke(sqsBatch([{ kind: "pull", sources: ["ads"] }, rows]), {
        timeoutMs: 2550,
    });
    assert.ok(
        JSON.parse(text).batchItemFailures.some(({ itemIdentifier }) => itemIdentifier.endsWith("2")),
        text,
    );
    assert.equal(bridge.sandbox.outinvest.calls.length, 0);
    assert.deepEqual(JSON.parse((await bridge.invoke(sqsBatch([rows]))).text), { batchItemFailures: [] });
    assert.equal(bridge.sandbox.outinvest.truth().size, 1);
});

test("a direct invocation answers its summary", { skip }, async (t) => {
    const bridge = await startBridge(t, { sandbox: { leads: 3 } });
    const ask = async (event) => JSON.parse((await bridge.invoke(event)).text);
    assert.equal((await ask({ kind: "pull" })).sources[0].inserted, 3);
    assert.equal((await ask({ kind: "status", leads: 2 })).leads.length, 2);
    const loaded = await ask({
        kind: "backflow",
        name: "etc",
        action: "load",
        format: "csv",
        body: Buffer.from("id,gmtCreate\n7,2023-11-14 10:00:00\n").toString("base64"),
        isBase64Encoded: true,
    });
    assert.deepEqual([loaded.exit, loaded.inserted], [0, 1], JSON.stringify(loaded));
    const broken = await ask({
        kind: "backflow",
        name: "etc",
        action: "load",
        body: "*",
        isBase64Encoded: true,
    });
    assert.equal(broken.errorType, "Leadbridge.event_body");
    const answer = await ask({ kind: "request", method: "GET", path: "/nothing", headers: [] });
    assert.equal(answer.statusCode, 404);
    await until(() => bridge.log().length > 0, "log entries");
});
