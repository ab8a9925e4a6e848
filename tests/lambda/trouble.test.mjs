// What goes wrong around a function with DynamoDB behind it, what an operator then reads, and that nothing is lost: the same process goes
// on where it stood when the trouble is over.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";
import { KEYS, refusal, startProxy } from "../store/dynamo.mjs";
import { startBridge } from "./bridge.mjs";
import { commandLine, httpAnswer, httpEvent, NO_PROGRAM, SCHEDULE, sqsBatch, startFunction } from "./function.mjs";
import { startTables } from "./kills.mjs";

const skip = NO_PROGRAM;
const MOST_PAYLOAD = 6_291_556;
let tables;
before(async () => {
    tables = await startTables();
});
after(() => tables.close());

/** A function over a table of its own, behind a proxy that makes `fault`s. */
async function start(t, { fault, table, env = KEYS, sandbox = {} } = {}) {
    table ??= await tables.create();
    const proxy = await startProxy(tables.url, fault);
    t.after(() => proxy.close());
    const bridge = await startBridge(t, {
        sandbox: { leads: 7, tanma: { newestAt: Date.now() - 60_000, customers: 3 }, ...sandbox },
        config: { store: { kind: "dynamodb", table, region: "eu-central-1", endpoint: proxy.url } },
        start: { env },
    });
    return Object.assign(bridge, { proxy });
}
const row = (id) => JSON.stringify({ id, statisticsDate: "2023-11-14", calledNum: 3 });
const send = (...ids) => ({
    kind: "backflow",
    name: "stats",
    action: "send",
    type: 1,
    format: "ndjson",
    body: ids.map(row).join("\n"),
});
const [lead] = (() => {
    const account = createTmallAccount({ ...TMALL_DEFAULTS, leads: 1, newestAt: Date.now() });
    return account.ids().map((id) => account.lead(id));
})();
async function push(bridge, more) {
    const { url, headers, body } = tmallPush(lead, {
        ...bridge.spi,
        timestamp: Date.now(),
        path: "/spi/tmall",
    });
    return httpAnswer(
        await bridge.invoke(
            httpEvent({
                path: "/spi/tmall",
                query: url.split("?")[1],
                headers: Object.entries(headers),
                body,
            }),
            more,
        ),
    );
}
/** Everything arrives, on the process that had the trouble. */
async function recovers(bridge) {
    bridge.proxy.fault = () => undefined;
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    assert.deepEqual(JSON.parse((await bridge.invoke(sqsBatch([send(1, 2)]))).text), {
        batchItemFailures: [],
    });
    assert.ok(TMALL_OK.includes((await push(bridge)).body.toString()));
    const wanted = [
        ...[...bridge.sandbox.truth().keys()].map((id) => `alimama/${id}`),
        ...[...bridge.sandbox.tanma.truth().keys()].map((id) => `tanma/${id}`),
        `tmall/${lead.record_id ?? lead.recordId}`,
    ];
    const { answer, errors } = await commandLine(bridge.cwd, bridge.secrets, "leads", "--limit", "1000");
    assert.deepEqual(
        answer?.leads.map(({ source }) => `${source.platform}/${source.lead_id}`).sort(),
        wanted.sort(),
        errors,
    );
    assert.deepEqual(
        [...bridge.sandbox.outinvest.truth().values()].map(({ id, times }) => [String(id), times]).sort(),
        [
            ["1", 1],
            ["2", 1],
        ],
    );
}
const flaky = (share, make) => {
    let seed = 11;
    return (call) => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return (seed >> 8) % 100 < share * 100 ? make(call) : undefined;
    };
};

test("throttling and 500 that pass are waited out", { skip }, async (t) => {
    const kinds = [
        refusal("ProvisionedThroughputExceededException", "slower"),
        refusal("ThrottlingException", "slower"),
        refusal("InternalServerError", "oops"),
    ];
    const bridge = await start(t, { fault: flaky(0.1, ({ number }) => kinds[number % 3]) });
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    assert.deepEqual(
        JSON.parse(text).pull.sources.map(({ outcome, inserted }) => [outcome, inserted]),
        [
            ["ok", 7],
            ["ok", 3],
        ],
    );
    assert.deepEqual(bridge.proxy.problems, []);
    await recovers(bridge);
});

test("an answer that dies after the write took effect: no double, no false conflict", { skip }, async (t) => {
    const lost = [];
    const bridge = await start(t, {
        // The first write of a lead, of a checkpoint and of a mark: silence, and the process asks again.
        fault: ({ operation, body }) => {
            const kind = operation === "PutItem" ? body.Item.pk.S[0] : "";
            if (!["l", "c", "m"].includes(kind) || lost.includes(kind)) return undefined;
            lost.push(kind);
            return { drop: "after" };
        },
    });
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    assert.deepEqual(
        JSON.parse(text).pull.sources.map(({ outcome, inserted }) => [outcome, inserted]),
        [
            ["ok", 7],
            ["ok", 3],
        ],
    );
    assert.ok(TMALL_OK.includes((await push(bridge)).body.toString()));
    assert.deepEqual(lost.sort(), ["c", "l", "m"]);
    await recovers(bridge);
});

const FOR_GOOD = [
    [
        "throttled",
        refusal("ProvisionedThroughputExceededException", "slower"),
        /the table leads-\d+ is throttled.*on-demand capacity/,
    ],
    ["failing", refusal("InternalServerError", "oops"), /AWS failed \(InternalServerError: oops\)\. Run again/],
    ["silent", { drop: "before" }, /was not reachable \(timeout: .*Check the region, `endpoint` and the network/],
    [
        "no permission",
        refusal("AccessDeniedException", "User is not authorized to perform: dynamodb:BatchGetItem"),
        /may not do this \(AccessDeniedException.*infra\/aws\/template\.yaml/,
    ],
    [
        "no table",
        refusal("ResourceNotFoundException", "Requested resource not found"),
        /the table leads-\d+ does not exist in eu-central-1: create it with infra\/aws\/template\.yaml/,
    ],
    [
        "expired credentials",
        refusal("ExpiredTokenException", "The security token included in the request is expired"),
        /the AWS credentials have expired.*run with a role/,
    ],
    [
        "a clock that is off",
        refusal(
            "InvalidSignatureException",
            "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
        ),
        /clock of this machine is more than five minutes off.*NTP/,
    ],
];
// Side by side: most of it is waiting.
describe("for good", { concurrency: 4, skip }, () =>
    FOR_GOOD.forEach(([name, fault, says]) => {
        test(`DynamoDB ${name}: said to Lambda, to the log, to SQS and to the platform; then all is made up for`, {
            skip,
            timeout: 60_000,
        }, async (t) => {
            const bridge = await start(t, { fault: () => fault });
            const scheduled = await bridge.invoke(SCHEDULE, { timeoutMs: 5000 });
            assert.equal(scheduled.kind, "error", scheduled.text);
            const { errorType, errorMessage } = JSON.parse(scheduled.text);
            assert.match(errorType, /^Leadbridge\.store_/);
            assert.match(errorMessage, says);
            assert.match(errorMessage, /^ads: /);

            const batch = await bridge.invoke(sqsBatch([send(1), "poison", send(2)]), { timeoutMs: 5000 });
            assert.equal(JSON.parse(batch.text).batchItemFailures.length, 3, "all of them come again");
            const notes = bridge.log().filter(({ code }) => code === "queue_message");
            assert.match(notes[0].message, says);
            assert.match(notes[1].message, /not JSON.*dead-letter queue.*docs\/lambda\.md/);

            const answer = await push(bridge, { timeoutMs: 5000 });
            assert.ok(!TMALL_OK.includes(answer.body.toString()), "nothing is acknowledged that is not stored");
            assert.ok(
                bridge
                    .log()
                    .filter(({ level, code }) => level === "error" && code === "request")
                    .some(({ message }) => says.test(message)),
                bridge.errors(),
            );
            for (const secret of Object.values(KEYS)) assert.ok(!bridge.errors().includes(secret));
            assert.equal(bridge.sandbox.outinvest.calls.length, 0);
            await recovers(bridge);
        });
    }),
);

test("the deadline comes while DynamoDB is silent: answered in time", {
    skip,
    timeout: 60_000,
}, async (t) => {
    const bridge = await start(t);
    bridge.proxy.fault = ({ operation }) => (operation === "PutItem" ? { drop: "before" } : undefined);
    for (const event of [SCHEDULE, { kind: "pull" }, sqsBatch([{ kind: "pull" }])]) {
        const began = Date.now();
        const { text } = await bridge.invoke(event, { timeoutMs: 4000 });
        assert.ok(Date.now() - began < 4000, "after its deadline");
        assert.match(text, /store_failed|batchItemFailures|host_deadline/);
    }
    await recovers(bridge);
});

test("a run that gives way to another is no failure; a source that has to wait says why", {
    skip,
}, async (t) => {
    const bridge = await start(t);
    let moved = 0;
    const checkpoint = ({ operation, body }) => operation === "PutItem" && body.Item.pk.S === "c#pull/ads";
    bridge.proxy.fault = (call) =>
        checkpoint(call) && moved++ < 2
            ? refusal("ConditionalCheckFailedException", "The conditional request failed")
            : undefined;
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    const {
        exit,
        pull: { sources },
    } = JSON.parse(text);
    assert.deepEqual(
        [exit, ...sources.map(({ name, outcome }) => `${name} ${outcome}`)],
        [3, "ads conflict", "scrm ok"],
    );
    assert.deepEqual(JSON.parse((await bridge.invoke(sqsBatch([{ kind: "pull", sources: ["ads"] }]))).text), {
        batchItemFailures: [],
    });
    assert.equal(moved, 2);

    bridge.sandbox.faults.push({ kind: "ban", seconds: 900, times: 1 });
    const parked = await bridge.invoke(SCHEDULE);
    assert.equal(parked.kind, "error", parked.text);
    assert.match(JSON.parse(parked.text).errorMessage, /^ads: .*(ban|seconds|until)/i);
});

test("credentials of a container that end are fetched anew, on a warm process", { skip }, async (t) => {
    let given = 0;
    const container = createServer((_, response) =>
        response.end(
            JSON.stringify({
                AccessKeyId: `AKID${++given}`,
                SecretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
                Token: `token-${given}`,
                Expiration: new Date(Date.now() + 3_600_000).toISOString(),
            }),
        ),
    ).listen(0, "127.0.0.1");
    await once(container, "listening");
    t.after(() => container.close());
    const bridge = await start(t, {
        env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${container.address().port}/` },
    });
    assert.equal((await bridge.invoke(SCHEDULE)).kind, "response");
    assert.equal(given, 1);
    bridge.proxy.fault = ({ headers }) =>
        headers["x-amz-security-token"] === "token-1" ? refusal("ExpiredTokenException", "expired") : undefined;
    bridge.sandbox.addLeads(2, Date.now());
    const { kind, text } = await bridge.invoke(SCHEDULE);
    assert.equal(kind, "response", text);
    assert.equal(given, 2);
    assert.deepEqual(bridge.proxy.problems, []);
});

test("an event of exactly the most bytes is read, one more is refused with what to do", {
    skip,
}, async (t) => {
    const lambda = await startFunction(t, {
        config: {
            store: { kind: "memory" },
            endpoints: { "/spi/tmall": { platform: "tmall" } },
            apps: { main: { app_key: "12345678", app_secret: { env: "SECRET" } } },
        },
        env: { SECRET: "fake-secret" },
    });
    const of = (bytes) => {
        const frame = JSON.stringify({ kind: "backflow", name: "nobody", action: "load", body: "" });
        return frame.replace('""', `"${"x".repeat(bytes - frame.length)}"`);
    };
    assert.match((await lambda.invoke(of(MOST_PAYLOAD))).text, /nobody/);
    const { kind, text } = await lambda.invoke(of(MOST_PAYLOAD + 1));
    assert.equal(kind, "error");
    assert.match(text, /more than 6 MB; send the rows in smaller parts/);
    assert.equal((await lambda.invoke({ kind: "status" })).kind, "response");
});
