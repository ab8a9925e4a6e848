// SQS on this machine (fauxqs) with the queues of infra/aws/template.yaml, and what Lambda's event source mapping does: batches for
// the function, of which only those messages are deleted that it does not give back.
import { buildApp } from "fauxqs";
import { awsCall, REGION } from "./table.mjs";

const LONG_POLL_SECONDS = 2;

/** @param {{queue: object, deadLetters: object}} resources of the template @param {{hiddenSeconds?: number}} options instead of the template's VisibilityTimeout */
export async function startQueues({ queue, deadLetters }, { hiddenSeconds } = {}) {
    const server = buildApp({ logger: false, defaultRegion: REGION });
    const endpoint = await server.listen({ port: 0, host: "127.0.0.1" });
    const call = (action, body, options) => awsCall(endpoint, "sqs", `AmazonSQS.${action}`, body, options);
    const text = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
    const create = async (name, properties) => {
        const attributes = Object.fromEntries(
            Object.entries(properties)
                .filter(([, value]) => value !== undefined)
                .map(([key, value]) => [key, text(value)]),
        );
        const { QueueUrl } = await call("CreateQueue", { QueueName: name, Attributes: attributes });
        return {
            url: QueueUrl,
            arn: (await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["QueueArn"] })).Attributes.QueueArn,
        };
    };
    const dead = await create("leadbridge-dead", deadLetters.Properties);
    const main = await create("leadbridge", {
        ...queue.Properties,
        ...(hiddenSeconds === undefined ? {} : { VisibilityTimeout: hiddenSeconds }),
        RedrivePolicy: { ...queue.Properties.RedrivePolicy, deadLetterTargetArn: dead.arn },
    });
    const count = async ({ url }) => {
        const { Attributes } = await call("GetQueueAttributes", { QueueUrl: url, AttributeNames: ["All"] });
        return {
            waiting: Number(Attributes.ApproximateNumberOfMessages),
            hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
        };
    };
    return {
        endpoint,
        call,
        main,
        dead,
        count,
        send: (message) =>
            call("SendMessage", {
                QueueUrl: main.url,
                MessageBody: typeof message === "string" ? message : JSON.stringify(message),
            }),
        close: () => server.close(),
    };
}

/** The event of a batch. */
export const sqsEvent = (messages, arn) => ({
    Records: messages.map((message) => ({
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        attributes: message.Attributes ?? {},
        messageAttributes: {},
        md5OfBody: message.MD5OfBody,
        eventSource: "aws:sqs",
        eventSourceARN: arn,
        awsRegion: REGION,
    })),
});

/**
 * Which messages of a batch stay, by Lambda's rules for ReportBatchItemFailures: an error, an answer that is not as documented or names a
 * message that was not in the batch leave all of them; no list, or an empty one, leaves none.
 * @param {{kind: 'response'|'error', text: string}} reply @param {string[]} ids
 */
export function messagesThatStay(reply, ids) {
    if (reply.kind === "error") return ids;
    let answer;
    try {
        answer = reply.text === "" ? null : JSON.parse(reply.text);
    } catch {
        return ids;
    }
    const failures = answer?.batchItemFailures ?? [];
    if (!Array.isArray(failures)) return ids;
    const named = failures.map((each) => each?.itemIdentifier);
    return named.every((id) => ids.includes(id)) ? named : ids;
}

/**
 * Gives the queue's messages to the function until closed.
 * @param {{queues: object, invoke: (event: object) => Promise<{kind: string, text: string}>, batchSize: number, onError?: (error: Error) => void}} options
 */
export function startQueueSource({ queues, invoke, batchSize, onError = () => {} }) {
    const { call, main } = queues;
    const ending = new AbortController();
    let batches = 0;
    const turn = async () => {
        const { Messages = [] } = await call(
            "ReceiveMessage",
            {
                QueueUrl: main.url,
                MaxNumberOfMessages: batchSize,
                WaitTimeSeconds: LONG_POLL_SECONDS,
                MessageSystemAttributeNames: ["All"],
            },
            { signal: ending.signal },
        );
        if (Messages.length === 0) return;
        ++batches;
        const reply = await invoke(sqsEvent(Messages, main.arn));
        const stay = messagesThatStay(
            reply,
            Messages.map(({ MessageId }) => MessageId),
        );
        const done = Messages.filter(({ MessageId }) => !stay.includes(MessageId));
        if (done.length === 0) return;
        await call("DeleteMessageBatch", {
            QueueUrl: main.url,
            Entries: done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle })),
        });
    };
    const ended = (async () => {
        while (!ending.signal.aborted) {
            await turn().catch(async (error) => {
                if (ending.signal.aborted) return;
                onError(error);
                await new Promise((resolve) => setTimeout(resolve, 500));
            });
        }
    })();
    return {
        batches: () => batches,
        close: () => {
            ending.abort();
            return ended;
        },
    };
}
