// The queue of the template over SQS's own protocol (fauxqs), its messages given to the static binary as Lambda's event source mapping
// does, DynamoDB behind it: what is done is deleted, what failed comes again, what fails too often ends among the dead letters.
import assert from "node:assert/strict";
import test from "node:test";
import { evaluate, parseTemplate } from "../../infra/aws/template.mjs";
import { messagesThatStay, sqsEvent, startQueues, startQueueSource } from "../../infra/dev/lambda/queue.mjs";
import { FAKE_KEYS, REGION, startTable } from "../../infra/dev/lambda/table.mjs";
import { startBridge } from "../lambda/bridge.mjs";
import { NO_PROGRAM, until } from "../lambda/function.mjs";
import { refusal, startProxy } from "../store/dynamo.mjs";

const MOST_RECEIVES = 2;
const resourcesWith = (QueueMaxReceives) =>
    evaluate(parseTemplate(), { CodeBucket: "local", QueueMaxReceives }).resources;
const resources = resourcesWith(MOST_RECEIVES);
const queuesOfTemplate = (options, { Queue, DeadLetters } = resources) =>
    startQueues({ queue: Queue, deadLetters: DeadLetters }, options);

const row = (id) => JSON.stringify({ id, statisticsDate: "2023-11-14", calledNum: 3 });
const send = (...ids) => ({
    kind: "backflow",
    name: "stats",
    action: "send",
    type: 1,
    format: "ndjson",
    body: ids.map(row).join("\n"),
});

/** Bridge, table behind a proxy, queues; `poll` puts the mapping between. */
async function start(t, { sandbox = {}, mostReceives = MOST_RECEIVES } = {}) {
    const table = await startTable(resources.Table);
    t.after(table.close);
    const queues = await queuesOfTemplate({ hiddenSeconds: 1 }, resourcesWith(mostReceives));
    t.after(queues.close);
    const dynamo = await startProxy(table.endpoint);
    t.after(dynamo.close);
    const store = { kind: "dynamodb", table: table.name, region: REGION, endpoint: dynamo.url };
    const bridge = await startBridge(t, { sandbox, config: { store }, start: { env: FAKE_KEYS } });
    const poll = () => {
        const source = startQueueSource({
            queues,
            invoke: bridge.invoke,
            batchSize: resources.QueueSource.Properties.BatchSize,
        });
        t.after(source.close);
        return source;
    };
    const texts = async ({ url }) => {
        const { Messages = [] } = await queues.call("ReceiveMessage", {
            QueueUrl: url,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: 0,
        });
        return Messages.map(({ Body }) => Body);
    };
    const empty = async () => {
        const { waiting, hidden } = await queues.count(queues.main);
        return waiting + hidden === 0;
    };
    const timesSent = () =>
        Object.fromEntries([...bridge.sandbox.outinvest.truth()].map(([key, { times }]) => [key.split("/")[1], times]));
    return { bridge, dynamo, queues, poll, texts, empty, timesSent };
}

test("the emulated queues have what the template says", async (t) => {
    const queues = await queuesOfTemplate();
    t.after(queues.close);
    const { Attributes } = await queues.call("GetQueueAttributes", {
        QueueUrl: queues.main.url,
        AttributeNames: ["All"],
    });
    assert.equal(Attributes.VisibilityTimeout, "360");
    assert.equal(Attributes.MessageRetentionPeriod, "345600");
    assert.deepEqual(JSON.parse(Attributes.RedrivePolicy), {
        deadLetterTargetArn: queues.dead.arn,
        maxReceiveCount: MOST_RECEIVES,
    });
});

test("good messages are done and deleted; poison and strangers end among the dead letters, alone", {
    skip: NO_PROGRAM,
}, async (t) => {
    const { bridge, queues, poll, texts, empty, timesSent } = await start(t, { sandbox: { leads: 12 } });
    const bad = [
        "not ours at all: 13900000001",
        JSON.stringify({ kind: "leads", reveal: true }),
        JSON.stringify({ kind: "backflow", name: "nobody", action: "send" }),
    ];
    for (const message of [send(11, 12), bad[0], { kind: "pull", sources: ["ads"] }, bad[1], send(13), bad[2]])
        await queues.send(message);
    const source = poll();
    await until(empty, "an empty queue", 30_000);
    assert.deepEqual(timesSent(), { 11: 1, 12: 1, 13: 1 });
    assert.equal(
        JSON.parse((await bridge.invoke({ kind: "status" })).text).sources.find(({ name }) => name === "ads").leads,
        12,
    );
    await source.close();
    assert.deepEqual((await texts(queues.dead)).toSorted(), bad.toSorted());
    const notes = bridge.log().filter(({ code }) => code === "queue_message");
    assert.equal(notes.length, bad.length * MOST_RECEIVES, "each as often as the template says");
    assert.doesNotMatch(bridge.errors(), /13900000001/);
});

test("a message that could not be stored comes again, and no row goes twice", {
    skip: NO_PROGRAM,
}, async (t) => {
    const { bridge, dynamo, queues, poll, texts, empty, timesSent } = await start(t, { mostReceives: 100 });
    dynamo.fault = () => refusal("AccessDeniedException", "not now");
    await queues.send(send(21, 22));
    const source = poll();
    await until(() => bridge.log().some(({ code }) => code === "queue_message"), "a first attempt", 30_000);
    assert.deepEqual(timesSent(), {});
    assert.equal(await empty(), false);
    dynamo.fault = () => undefined;
    await until(empty, "an empty queue", 30_000);
    assert.ok(source.batches() >= 2, "it came again");
    assert.deepEqual(timesSent(), { 21: 1, 22: 1 });
    // SQS may bring the same twice, and a sender may repeat itself.
    await queues.send(send(21, 22));
    await queues.send(send(22, 23));
    await until(async () => (await empty()) && 23 in timesSent(), "the repeated messages", 30_000);
    assert.deepEqual(timesSent(), { 21: 1, 22: 1, 23: 1 });
    await source.close();
    assert.deepEqual(await texts(queues.dead), []);
    assert.deepEqual(dynamo.problems, [], "every request to the table was signed");
});

test("rows that the platform does not take now wait in the table, and the message is gone", {
    skip: NO_PROGRAM,
}, async (t) => {
    const { bridge, queues, poll, texts, empty, timesSent } = await start(t);
    bridge.sandbox.outinvest.faults.push({ kind: "isp", times: 1000 });
    await queues.send(send(41, 42));
    const source = poll();
    await until(empty, "an empty queue", 30_000);
    await source.close();
    assert.deepEqual([await texts(queues.dead), timesSent()], [[], {}]);
    const status = JSON.parse((await bridge.invoke({ kind: "backflow", name: "stats", action: "status" })).text);
    assert.match(JSON.stringify(status), /"waiting":2/);
});

test("a batch whose answer never comes is worked on again, and what it did is not repeated", {
    skip: NO_PROGRAM,
}, async (t) => {
    const { bridge, queues, texts, empty, timesSent } = await start(t);
    await queues.send(send(31));
    await queues.send(send(32));
    // The function ends its work, but Lambda loses the answer: nothing is deleted.
    let lost = 0;
    const source = startQueueSource({
        queues,
        batchSize: 5,
        invoke: async (event) => {
            const reply = await bridge.invoke(event);
            return ++lost === 1 ? { kind: "error", text: '{"errorType":"Sandbox.Timedout"}' } : reply;
        },
    });
    t.after(source.close);
    await until(async () => lost > 1 && (await empty()), "an empty queue", 30_000);
    assert.deepEqual(timesSent(), { 31: 1, 32: 1 });
    await source.close();
    assert.deepEqual(await texts(queues.dead), []);
});

test("which messages of a batch stay", () => {
    const ids = ["a", "b", "c"];
    const response = (text) => messagesThatStay({ kind: "response", text }, ids);
    for (const none of ["", "null", "{}", '{"batchItemFailures":null}', '{"batchItemFailures":[]}'])
        assert.deepEqual(response(none), [], none);
    assert.deepEqual(response('{"batchItemFailures":[{"itemIdentifier":"b"}]}'), ["b"]);
    for (const all of [
        "{",
        '{"batchItemFailures":5}',
        '{"batchItemFailures":[{}]}',
        '{"batchItemFailures":[{"itemIdentifier":""}]}',
        '{"batchItemFailures":[{"itemIdentifier":"z"}]}',
        '{"batchItemFailures":[null]}',
    ])
        assert.deepEqual(response(all), ids, all);
    assert.deepEqual(messagesThatStay({ kind: "error", text: "{}" }, ids), ids);
    const {
        Records: [record],
    } = sqsEvent(
        [{ MessageId: "a", ReceiptHandle: "r", Body: "text", MD5OfBody: "m" }],
        "arn:aws:sqs:eu-central-1:000000000000:leadbridge",
    );
    assert.deepEqual(
        [record.eventSource, record.messageId, record.body, record.awsRegion],
        ["aws:sqs", "a", "text", REGION],
    );
});
