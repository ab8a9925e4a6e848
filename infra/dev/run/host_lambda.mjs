// `./dev run --host lambda`: the static program as bootstrap behind a Runtime API of our own, with a schedule, a function URL and a
// queue; DynamoDB and SQS are emulated, their tables and queues are those of infra/aws/template.yaml.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { SCHEDULE } from "../../../tests/lambda/function.mjs";
import { startRuntimeApi } from "../../../tests/lambda/runtime_stub.mjs";
import { evaluate, parseTemplate } from "../../aws/template.mjs";
import { startQueues, startQueueSource } from "../lambda/queue.mjs";
import { FAKE_KEYS, REGION, startTable } from "../lambda/table.mjs";
import { startFunctionUrl } from "../lambda/url.mjs";
import { doorLine, statisticsRow, statisticsRows } from "./doors.mjs";
import { withStore } from "./setup.mjs";
import { showLog } from "./show.mjs";
import { Stop } from "./stop.mjs";

const HIDDEN_SECONDS = 5; // of a message that failed; on AWS minutes
const OVERDUE_MS = 500; // after its limit Lambda ends the process
const START_MS = 10_000;

/** @type {import('./setup.mjs').OpenHost} */
export async function openHost(setup, { build, port }) {
    const { resources } = evaluate(parseTemplate(), { CodeBucket: "local" });
    const closers = [];
    const close = async () => {
        while (closers.length > 0) await closers.pop()();
    };
    try {
        const table = await startTable(resources.Table, { persist: setup.persist });
        closers.push(table.close);
        const queues = await startQueues(
            { queue: resources.Queue, deadLetters: resources.DeadLetters },
            { hiddenSeconds: HIDDEN_SECONDS },
        );
        closers.push(queues.close);
        const config = withStore(setup.text, {
            kind: "dynamodb",
            table: table.name,
            region: REGION,
            endpoint: table.endpoint,
        });
        const bootstrap = await startBootstrap(join(build, "leadbridge"), {
            cwd: setup.folder,
            env: { ...environmentFor(setup), LEADBRIDGE_CONFIG: config },
            timeoutMs: resources.Function.Properties.Timeout * 1000,
        });
        closers.push(bootstrap.close);
        const front = await startFunctionUrl(bootstrap.invoke, port);
        closers.push(front.close);
        const source = startQueueSource({
            queues,
            invoke: bootstrap.invoke,
            batchSize: resources.QueueSource.Properties.BatchSize,
            onError: (error) => console.error(`queue: ${error.message}`),
        });
        closers.push(source.close);
        console.log(`queue ${queues.main.url} at ${queues.endpoint} (dead letters: ${queues.dead.url})`);
        return {
            url: front.url,
            preview: join(build, "leadbridge-preview.html"), // from disk: the function serves doors, no page
            doors: async () => [await callQueue(queues, setup)],
            pull: () => bootstrap.invoke(SCHEDULE),
            ask: async (event) => statusOf(await bootstrap.invoke(event)),
            close,
        };
    } catch (error) {
        await close();
        throw error;
    }
}

/** Secrets are the sample's; with a configuration of one's own, this shell's. Never this shell's rights on AWS. */
function environmentFor({ own, secrets }) {
    const kept = own
        ? Object.fromEntries(
              Object.entries(process.env).filter(
                  ([name]) => !/^(AWS_|LEADBRIDGE_CONFIG|https?_proxy|all_proxy)/i.test(name),
              ),
          )
        : {};
    return { ...kept, ...secrets, ...FAKE_KEYS, AWS_REGION: REGION };
}

/** The merchant's own systems send a row through the queue. */
async function callQueue(queues, { sandbox }) {
    const before = await statisticsRows(sandbox, 0);
    await queues.send({
        kind: "backflow",
        name: "stats",
        action: "send",
        type: 2,
        format: "ndjson",
        body: statisticsRow(65),
    });
    const arrived = (await statisticsRows(sandbox, before + 1)) - before;
    let left = await queues.count(queues.main);
    for (let i = 0; i < 100 && left.waiting + left.hidden > 0; ++i) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        left = await queues.count(queues.main);
    }
    return doorLine(
        arrived === 1 && left.waiting + left.hidden === 0,
        `queue: 1 message taken, ${arrived} row of it pushed to the platform, ${left.waiting + left.hidden} messages left`,
    );
}

/** An answer to {"kind": "status"}; what an invocation could not answer is an error in the same form. */
function statusOf({ kind, text }) {
    const { exit, summary, errorType, errorMessage, ...rest } = JSON.parse(text);
    if (kind === "response") return { exit, summary: rest };
    return {
        exit: exit ?? 2,
        summary: summary ?? {
            error: { code: String(errorType).replace("Leadbridge.", ""), reason: errorMessage },
        },
    };
}

/** The program as Lambda runs it: one invocation at a time, ended when it oversteps its limit, started again when it has ended. */
async function startBootstrap(program, { cwd, env, timeoutMs }) {
    if (!existsSync(program)) throw new Stop(`${program} is not there: build first`);
    const api = await startRuntimeApi();
    let child = null;
    let ended = null;
    let closing = false;
    let unusable = null; // what it said of its configuration
    let line = Promise.resolve(); // of invocations

    async function start() {
        child = spawn(program, [], {
            cwd,
            argv0: "bootstrap",
            env: { ...env, AWS_LAMBDA_RUNTIME_API: api.address, LAMBDA_TASK_ROOT: cwd },
            stdio: ["ignore", "ignore", "pipe"],
        });
        createInterface({ input: child.stderr }).on("line", showLog);
        const asked = api.requests.length;
        ended = new Promise((resolve) => child.once("close", resolve));
        child.once("error", (error) => console.error(`bootstrap: ${error.message}`));
        const end = ended.then(() => true);
        for (const until = Date.now() + START_MS; Date.now() < until; ) {
            if (api.requests.indexOf("GET invocation/next", asked) >= 0) return;
            if (await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 5, false))])) break;
        }
        const [report] = api.initErrors;
        unusable = {
            kind: "error",
            text:
                report?.body ??
                JSON.stringify({
                    errorType: "Runtime.ExitError",
                    errorMessage: "bootstrap ended before it asked for an invocation",
                }),
        };
    }

    async function one(event) {
        if (child.exitCode !== null || child.signalCode !== null) await start();
        if (unusable) return { ...unusable, text: JSON.stringify({ exit: 1, ...JSON.parse(unusable.text) }) };
        const overdue = setTimeout(() => child.kill("SIGKILL"), timeoutMs + OVERDUE_MS);
        const reply = await Promise.race([
            api.invoke(event, { timeoutMs }),
            ended.then(() => ({
                kind: "error",
                text: JSON.stringify({
                    errorType: "Runtime.ExitError",
                    errorMessage: "bootstrap ended, or its time was over",
                }),
            })),
        ]);
        clearTimeout(overdue);
        return reply;
    }

    await start();
    return {
        invoke(event) {
            const turn = line.then(() => {
                if (closing) throw new Error("the function is being ended");
                return one(event);
            });
            line = turn.catch(() => {});
            return turn;
        },
        async close() {
            closing = true;
            child.kill("SIGKILL");
            await ended;
            await api.close();
        },
    };
}
