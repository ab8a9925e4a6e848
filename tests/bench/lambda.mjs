// node tests/bench/lambda.mjs [--quick] [--json FILE]      (./dev bench builds first)
// The static bootstrap on Lambda's Runtime API, beside a minimal static C program that makes the same two calls and a Node handler that
// stores the same push; README.md says what is measured and how. It is no test: nothing fails because it is slow.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { makePackage } from "../../infra/aws/package.mjs";
import { FAKE_KEYS, REGION } from "../../infra/dev/lambda/table.mjs";
import { httpEvent, SCHEDULE } from "../lambda/function.mjs";
import { build, root } from "../rules/tree.mjs";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";

const { values: options } = parseArgs({
    options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const STARTS = options.quick ? 15 : 100;
const INVOCATIONS = options.quick ? 60 : 500;
const WARM_UP = options.quick ? 15 : 50;
const BACKFILL = options.quick ? 1000 : 10_000;
const NEWS_FREE = 100; // leads of the account whose pull finds nothing new
const SETTLE_MS = 150; // until memory is read
const BUDGET = { first_poll_ms: 15, idle_mb: 16 };
const program = join(build, "leadbridge");

const folder = mkdtempSync(join(os.tmpdir(), "leadbridge-lambda-"));
const closers = [() => rmSync(folder, { recursive: true, force: true })];
const progress = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

// ---- the Runtime API ------------------------------------------------------------------------------------------------------------

/** As small as it can be, so that the time is the function's. An invocation's time ends when its whole answer is here. */
async function startRuntime() {
    let asking = null;
    let polled;
    let current = null;
    const server = createServer((request, response) => {
        if (request.method === "GET") {
            asking = response;
            polled?.();
            return;
        }
        const chunks = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", () => {
            const ms = performance.now() - current.begin;
            response.writeHead(202, { "content-length": 0 }).end();
            current.done({
                ms,
                failed: request.url.endsWith("/error"),
                text: Buffer.concat(chunks).toString(),
            });
        });
    });
    server.keepAliveTimeout = 600_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        address: `127.0.0.1:${server.address().port}`,
        nextPoll: () =>
            new Promise((resolve) => {
                polled = resolve;
            }),
        async invoke(event) {
            for (let i = 0; asking === null; ++i) {
                if (i === 20_000) throw new Error("the function does not ask for invocations");
                await sleep(1);
            }
            const payload = Buffer.from(JSON.stringify(event));
            const response = asking;
            asking = null;
            return new Promise((done) => {
                current = { done, begin: performance.now() };
                response
                    .writeHead(200, {
                        "content-type": "application/json",
                        "content-length": payload.length,
                        "Lambda-Runtime-Aws-Request-Id": randomUUID(),
                        "Lambda-Runtime-Deadline-Ms": String(Date.now() + 60_000),
                        "Lambda-Runtime-Invoked-Function-Arn":
                            "arn:aws:lambda:eu-central-1:000000000000:function:bench",
                        "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000",
                    })
                    .end(payload);
            });
        },
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}

/** A contender at work: {invoke, memory, end}; `ms` to its first poll. */
async function start({ command, args = [], env }) {
    const runtime = await startRuntime();
    const polled = runtime.nextPoll();
    // From before the fork: when spawn() comes back on a busy machine, the program may be done already. Fork and exec are in every contender's time.
    const begin = performance.now();
    const child = spawn(command, args, {
        cwd: folder,
        env: {
            PATH: process.env.PATH,
            AWS_LAMBDA_RUNTIME_API: runtime.address,
            LAMBDA_TASK_ROOT: folder,
            ...env,
        },
        stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (chunk) => {
        errors = (errors + chunk).slice(-4000);
    });
    const ended = once(child, "close");
    const ms = await Promise.race([
        polled.then(() => performance.now() - begin),
        ended.then(() => {
            throw new Error(`${command} ended: ${errors}`);
        }),
    ]);
    ended.catch(() => {});
    const status = () => readFileSync(`/proc/${child.pid}/status`, "utf8");
    return {
        ms,
        invoke: runtime.invoke,
        memory: (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status())[1]) / 1024,
        async end() {
            child.kill("SIGKILL");
            await once(child, "exit").catch(() => {});
            runtime.close();
        },
    };
}

// ---- contenders -----------------------------------------------------------------------------------------------------------------

const minimal = join(folder, "minimal");
execFileSync("cc", [
    "-O2",
    "-static",
    "-s",
    "-D_GNU_SOURCE",
    "-o",
    minimal,
    join(root, "tests/bench/lambda_minimal.c"),
]);
const bytes = {
    leadbridge: statSync(program).size,
    leadbridge_zip: makePackage({ program: readFileSync(program) }).length,
    minimal_c: statSync(minimal).size,
    node: statSync(process.execPath).size,
};

const services = spawn(
    process.execPath,
    [join(root, "tests/bench/lambda_services.mjs"), String(NEWS_FREE), String(BACKFILL)],
    { stdio: ["pipe", "pipe", "inherit"] },
);
closers.push(() => services.stdin.end());
const [line] = await once(createInterface({ input: services.stdout }), "line");
const {
    endpoint,
    table,
    accounts: [quiet, large],
} = JSON.parse(line);

const keys = { ...FAKE_KEYS, AWS_REGION: REGION };
const configFor = (account) => ({
    store: { kind: "dynamodb", table, region: REGION, endpoint },
    apps: { main: { app_key: account.app_key, app_secret: { env: "TOP_APP_SECRET" } } },
    sources: {
        ads: {
            platform: "alimama",
            endpoint: `${account.url}/router/rest`,
            session: { env: "TOP_SESSION" },
            mobile_cipher: account.cipher,
            mobile_key: { env: "RSA_KEY" },
        },
    },
    endpoints: { "/spi/tmall": { platform: "tmall" } },
    budget: { requests: 10_000, seconds: 50 },
});
const ours = (account) => ({
    command: program,
    env: {
        ...keys,
        LEADBRIDGE_CONFIG: JSON.stringify(configFor(account)),
        TOP_APP_SECRET: account.app_secret,
        TOP_SESSION: account.session,
        RSA_KEY: account.key,
    },
});
const contenders = {
    leadbridge: ours(quiet),
    minimal_c: { command: minimal, env: {} },
    node: {
        command: process.execPath,
        args: [join(root, "tests/bench/lambda_node.mjs")],
        env: { ...keys, TABLE_ENDPOINT: endpoint, TABLE_NAME: table, APP_SECRET: quiet.app_secret },
    },
};

// ---- measuring ------------------------------------------------------------------------------------------------------------------

const quantile = (values, share) =>
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
const figure = (values) => ({
    median: quantile(values, 0.5),
    p10: quantile(values, 0.1),
    p90: quantile(values, 0.9),
    samples: values.length,
});
const collected = {};
const note = (what, who, value) => ((collected[what] ??= {})[who] ??= []).push(value);

for (let i = -2; i < STARTS; ++i) {
    progress(`start ${i + 1} of ${STARTS}`);
    for (const [who, contender] of Object.entries(contenders)) {
        const running = await start(contender);
        if (i >= 0) note("first_poll_ms", who, running.ms);
        if (i >= 0 && i < 5) {
            await sleep(SETTLE_MS);
            note("idle_mb", who, running.memory("VmRSS"));
        }
        await running.end();
    }
}

const running = {};
for (const [who, contender] of Object.entries(contenders)) running[who] = await start(contender);
const seller = createTmallAccount({
    ...TMALL_DEFAULTS,
    seed: "bench",
    newestAt: Date.now(),
    leads: INVOCATIONS + WARM_UP,
});
const leads = seller.ids().map((id) => seller.lead(id));
const pushOf = (lead) => {
    const { url, method, headers, body } = tmallPush(lead, {
        app_key: quiet.app_key,
        app_secret: quiet.app_secret,
        timestamp: Date.now(),
        path: "/spi/tmall",
    });
    return httpEvent({
        method,
        path: "/spi/tmall",
        query: url.split("?")[1],
        headers: Object.entries(headers),
        body,
        base64: false,
    });
};
const first = JSON.parse((await running.leadbridge.invoke(SCHEDULE)).text);
assert.equal(first.pull.sources[0].inserted, NEWS_FREE, JSON.stringify(first));
for (const [i, lead] of leads.entries()) {
    progress(`invocation ${i + 1} of ${leads.length}`);
    const results = [];
    for (const who of ["leadbridge", "node"]) {
        const push = await running[who].invoke(pushOf(lead));
        assert.ok(!push.failed && TMALL_OK.includes(JSON.parse(push.text).body), `${who}: ${push.text}`);
        results.push(["push_stored_ms", who, push.ms]);
    }
    results.push(["no_work_ms", "minimal_c", (await running.minimal_c.invoke(SCHEDULE)).ms]);
    const pull = await running.leadbridge.invoke(SCHEDULE);
    assert.deepEqual([JSON.parse(pull.text).exit, JSON.parse(pull.text).pull.sources[0].inserted], [0, 0], pull.text);
    results.push(["nothing_new_ms", "leadbridge", pull.ms]);
    if (i >= WARM_UP) results.forEach((result) => note(...result));
}
for (const who of Object.keys(contenders)) note("after_mb", who, running[who].memory("VmRSS"));
const { sources } = JSON.parse((await running.leadbridge.invoke({ kind: "status" })).text);
assert.equal(sources.find(({ name }) => name === "tmall").leads, leads.length, "every push is stored");
for (const each of Object.values(running)) await each.end();

progress(`backfill of ${BACKFILL} leads`);
const filling = await start(ours(large));
for (let runs = 0, exit = 3; exit === 3; ++runs) {
    const reply = JSON.parse((await filling.invoke(SCHEDULE)).text);
    ({ exit } = reply);
    assert.ok(runs < 50 && (exit === 0 || exit === 3), JSON.stringify(reply));
}
note("peak_mb", "leadbridge", filling.memory("VmHWM"));
await filling.end();
progress("");
for (const close of closers.reverse()) close();

// ---- the table ------------------------------------------------------------------------------------------------------------------

const figures = Object.fromEntries(
    Object.entries(collected).map(([what, each]) => [
        what,
        Object.fromEntries(Object.entries(each).map(([who, values]) => [who, figure(values)])),
    ]),
);
const median = (what, who) => figures[what]?.[who]?.median;
const ratio = (what, who, than, whatThan = what) => median(what, who) / median(whatThan, than);
const ratios = {
    first_poll_to_minimal_c: ratio("first_poll_ms", "leadbridge", "minimal_c"),
    first_poll_node_to_leadbridge: ratio("first_poll_ms", "node", "leadbridge"),
    push_to_node: ratio("push_stored_ms", "leadbridge", "node"),
    idle_node_to_leadbridge: ratio("idle_mb", "node", "leadbridge"),
};
const kept = {
    first_poll: median("first_poll_ms", "leadbridge") <= BUDGET.first_poll_ms,
    idle: median("idle_mb", "leadbridge") <= BUDGET.idle_mb,
};
const output = options.json ?? join(build, "bench/lambda.json");
mkdirSync(join(output, ".."), { recursive: true });
writeFileSync(
    output,
    `${JSON.stringify(
        {
            v: 1,
            quick: options.quick,
            starts: STARTS,
            invocations: INVOCATIONS,
            backfill: BACKFILL,
            figures,
            bytes,
            ratios,
            budget: { ...BUDGET, kept },
            machine: {
                cpu: os.cpus()[0]?.model,
                cores: os.cpus().length,
                load: os.loadavg()[0],
                node: process.version,
            },
        },
        null,
        2,
    )}\n`,
);

const cell = (value, digits) => (value === undefined ? "-" : value.toFixed(digits)).padStart(12);
const row = (title, what, digits = 2) =>
    `${title.padEnd(38)}${["leadbridge", "minimal_c", "node"].map((who) => cell(median(what, who), digits)).join("")}`;
console.log(`\nOn Lambda's Runtime API, beside a static C program that makes the same two calls and a Node ${process.versions.node} handler that stores the same
push in one conditional write. DynamoDB emulated. Medians of ${STARTS} starts and ${INVOCATIONS} invocations in turn; load ${os.loadavg()[0].toFixed(1)}.
${" ".repeat(38)}${["leadbridge", "minimal C", "Node"].map((name) => name.padStart(12)).join("")}
${row("fork and exec to first poll, ms", "first_poll_ms")}   budget ${BUDGET.first_poll_ms}: ${kept.first_poll ? "kept" : "missed"}
${row("warm: an answer without work, ms", "no_work_ms")}
${row("warm: schedule, nothing new, ms", "nothing_new_ms")}
${row("warm: signed push stored, ms", "push_stored_ms")}   ${ratios.push_to_node.toFixed(2)} x Node
${row("idle memory, MB", "idle_mb", 1)}   budget ${BUDGET.idle_mb}: ${kept.idle ? "kept" : "missed"}
${row(`memory after ${leads.length} pushes, MB`, "after_mb", 1)}
${row(`peak memory, backfill of ${BACKFILL}, MB`, "peak_mb", 1)}
${"program, MB".padEnd(38)}${["leadbridge", "minimal_c", "node"].map((who) => cell(bytes[who] / 1e6, 1)).join("")}   zip ${(bytes.leadbridge_zip / 1e6).toFixed(1)} MB
First poll: ${ratios.first_poll_to_minimal_c.toFixed(1)} x the C program, Node ${ratios.first_poll_node_to_leadbridge.toFixed(1)} x leadbridge; idle memory: Node ${ratios.idle_node_to_leadbridge.toFixed(1)} x leadbridge.`);
