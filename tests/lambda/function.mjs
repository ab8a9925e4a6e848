// The static binary as Lambda runs it: a process with AWS_LAMBDA_RUNTIME_API, and events as AWS writes them.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BUILD, ROOT } from "../hosts/fakes/module.mjs";
import { startRuntimeApi } from "./runtime_stub.mjs";

export const PROGRAM = process.env.LEADBRIDGE_BIN
    ? resolve(ROOT, process.env.LEADBRIDGE_BIN)
    : join(BUILD, "leadbridge");
export const NO_PROGRAM = existsSync(PROGRAM) ? false : `${PROGRAM} is not built`;

/** A folder of its own, removed at the end of the test. */
export function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "lb-lambda-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

/** Starts the bootstrap beside a Runtime API of its own (or `api`). `ended` resolves to {status, signal}. `command`: another way to start it. */
export async function startFunction(
    t,
    { config, env = {}, cwd = folder(t), api: given, command: [program, ...args] = [PROGRAM] } = {},
) {
    const api = given ?? (await startRuntimeApi());
    const child = spawn(program, args, {
        cwd,
        env: {
            PATH: process.env.PATH,
            AWS_LAMBDA_RUNTIME_API: api.address,
            LAMBDA_TASK_ROOT: cwd,
            ...(config === undefined
                ? {}
                : { LEADBRIDGE_CONFIG: typeof config === "string" ? config : JSON.stringify(config) }),
            ...env,
        },
    });
    let errors = "";
    let out = "";
    child.stderr.on("data", (bytes) => {
        errors += bytes;
    });
    child.stdout.on("data", (bytes) => {
        out += bytes;
    });
    const guard = setTimeout(() => child.kill("SIGKILL"), 120_000);
    const ended = new Promise((done) =>
        child.once("close", (status, signal) => {
            clearTimeout(guard);
            done({ status, signal });
        }),
    );
    const stop = async () => {
        child.kill("SIGKILL");
        await ended;
        if (!given) await api.close();
    };
    t.after(stop);
    return {
        api,
        cwd,
        child,
        ended,
        stop,
        invoke: api.invoke,
        errors: () => errors,
        out: () => out,
        /** Log entries so far: every line is one JSON object. */
        log: () =>
            errors
                .split("\n")
                .filter(Boolean)
                .map((line) => JSON.parse(line)),
        /** As the pushers of the sandbox want it. */
        fetch: (url, options) => fetchThrough(api.invoke, url, options),
    };
}

/** The same program as the command line, with --json. Not spawnSync: what it talks to may live in this process. */
export function commandLine(cwd, env, ...args) {
    return new Promise((done) => {
        const child = spawn(PROGRAM, [...args, "--json"], { cwd, env: { PATH: process.env.PATH, ...env } });
        let out = "";
        let errors = "";
        child.stdout.on("data", (bytes) => {
            out += bytes;
        });
        child.stderr.on("data", (bytes) => {
            errors += bytes;
        });
        const guard = setTimeout(() => child.kill("SIGKILL"), 60_000);
        child.once("close", (status) => {
            clearTimeout(guard);
            done({ status, answer: out ? JSON.parse(out) : null, errors });
        });
    });
}

/** Waits until `is` gives something true. */
export async function until(is, what, ms = 10_000) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) {
        const found = await is();
        if (found) return found;
    }
    throw new Error(`${what}: not within ${ms} ms`);
}

// ---- events as AWS writes them --------------------------------------------------------------------------------------------

export const SCHEDULE = {
    version: "0",
    id: "89d1a02d-5ec7-412e-82f5-13505f849b41",
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: "000000000000",
    time: "2026-11-21T20:00:00Z",
    region: "eu-central-1",
    resources: ["arn:aws:events:eu-central-1:000000000000:rule/leadbridge"],
    detail: {},
};

/** Payload format 2.0, of a function URL and of API Gateway. Headers in lower case, several of one name joined, as AWS gives them. */
export function httpEvent({
    method = "POST",
    path,
    query = "",
    headers = [],
    body = "",
    base64 = true,
    stage = "$default",
}) {
    const bytes = Buffer.from(body);
    const joined = {};
    for (const [name, value] of headers) {
        const lower = name.toLowerCase();
        joined[lower] = lower in joined ? `${joined[lower]},${value}` : value;
    }
    return {
        version: "2.0",
        routeKey: "$default",
        rawPath: stage === "$default" ? path : `/${stage}${path}`,
        rawQueryString: query,
        headers: { "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1", ...joined },
        // Decoded and joined: of no use for a signature.
        ...(query ? { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) } : {}),
        requestContext: {
            accountId: "anonymous",
            apiId: "fake",
            domainName: "fake.lambda-url.eu-central-1.on.aws",
            requestId: "fake",
            routeKey: "$default",
            stage,
            http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
        },
        ...(bytes.length > 0 ? { body: base64 ? bytes.toString("base64") : bytes.toString() } : {}),
        isBase64Encoded: bytes.length > 0 && base64,
    };
}

/** What the caller of a function URL gets. */
export function httpAnswer(reply) {
    if (reply.kind === "error")
        return {
            status: 502,
            headers: {},
            body: Buffer.from("Internal Server Error"),
            error: JSON.parse(reply.text),
        };
    const { statusCode, headers, body, isBase64Encoded } = JSON.parse(reply.text);
    return {
        status: statusCode,
        headers,
        body: Buffer.from(body, isBase64Encoded ? "base64" : "utf8"),
        isBase64Encoded,
    };
}

/** fetch() of a function URL. */
async function fetchThrough(invoke, url, { method = "GET", headers = {}, body = "", base64 } = {}) {
    const at = url.indexOf("?");
    const path = new URL(at < 0 ? url : url.slice(0, at)).pathname;
    const answer = httpAnswer(
        await invoke(
            httpEvent({
                method,
                path,
                query: at < 0 ? "" : url.slice(at + 1),
                headers: Object.entries(headers),
                body,
                base64,
            }),
        ),
    );
    return { ...answer, text: async () => answer.body.toString(), arrayBuffer: async () => answer.body };
}

/** `receives`: how often each has been handed out, this time included. */
export const sqsBatch = (bodies, receives = []) => ({
    Records: bodies.map((body, at) => ({
        messageId: `00000000-0000-4000-8000-${String(at + 1).padStart(12, "0")}`,
        receiptHandle: "fake",
        body: typeof body === "string" ? body : JSON.stringify(body),
        attributes: { ApproximateReceiveCount: String(receives[at] ?? 1) },
        messageAttributes: {},
        md5OfBody: "fake",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-central-1:000000000000:leadbridge",
        awsRegion: "eu-central-1",
    })),
});
