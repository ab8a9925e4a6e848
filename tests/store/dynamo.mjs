// DynamoDB for tests: the emulator, a proxy in front that checks signatures and makes faults, and the native store as a process.
import { spawn } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import dynalite from "dynalite";
import { lines } from "./lines.mjs";

export const KEYS = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "not-a-secret",
    AWS_SESSION_TOKEN: "not-a-token",
};
const PLAYER = join(process.env.LEADBRIDGE_BUILD ?? "build", "tests/store_player");
const address = (server) => `http://127.0.0.1:${server.address().port}/`;

export async function startDynalite() {
    const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
        url: address(server),
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    };
}

const sha = (data) => createHash("sha256").update(data).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** Our own reading of Signature Version 4: '' when it is right. */
export function signatureProblem({ method, url, headers }, body, { region, service, secret }) {
    const found =
        /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
            headers.authorization ?? "",
        );
    if (!found) return `no signature: ${headers.authorization}`;
    const [, , day, ...rest] = found;
    const [ofRegion, ofService, signed, signature] = rest;
    if (ofRegion !== region || ofService !== service) return `scope ${ofRegion}/${ofService}`;
    for (const name of [
        "host",
        "x-amz-date",
        "x-amz-target",
        "content-type",
        ...(headers["x-amz-security-token"] ? ["x-amz-security-token"] : []),
    ]) {
        if (!signed.split(";").includes(name)) return `${name} is not signed`;
    }
    const canonical = [
        method,
        url,
        "",
        ...signed.split(";").map((name) => `${name}:${(headers[name] ?? "MISSING").trim()}`),
        "",
        signed,
        sha(body),
    ].join("\n");
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha(canonical)].join("\n");
    const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, day));
    return hmac(key, text).toString("hex") === signature ? "" : "the signature is wrong";
}

/** In front of `target`. `fault(call)` with call = {operation, body, number}: undefined, {status, body} or {drop: 'before' | 'after'} (silence). */
export async function startProxy(target, fault = () => undefined) {
    const proxy = { calls: [], problems: [], fault };
    const server = http.createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const body = Buffer.concat(chunks);
        const problem = signatureProblem(request, body, {
            region: "eu-central-1",
            service: "dynamodb",
            secret: KEYS.AWS_SECRET_ACCESS_KEY,
        });
        if (problem) proxy.problems.push(problem);
        const call = {
            operation: request.headers["x-amz-target"].split(".")[1],
            body: JSON.parse(body),
            headers: request.headers,
            number: proxy.calls.length,
        };
        proxy.calls.push(call);
        const todo = proxy.fault(call);
        if (todo?.delay) await sleep(todo.delay);
        if (todo?.drop === "before") return; // no answer: the client's time runs out
        if (todo?.status) {
            response
                .writeHead(todo.status, { "content-type": "application/x-amz-json-1.0" })
                .end(JSON.stringify(todo.body));
            return;
        }
        const { host: _, ...headers } = request.headers;
        const onward = http.request(target, { method: "POST", headers }, (answer) => {
            if (todo?.drop === "after") return answer.resume();
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
        });
        onward.on("error", () => response.destroy());
        onward.end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return Object.assign(proxy, {
        url: address(server),
        close: () => {
            server.closeAllConnections();
            server.close();
        },
    });
}

export const refusal = (type, message = "") => ({
    status: type.startsWith("Internal") ? 500 : 400,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message },
});

/** The native store in a process of its own, with the calls of the JavaScript stores. */
export function startPlayer(environment = KEYS) {
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_SESSION_TOKEN: _token, ...rest } = process.env;
    const child = spawn(PLAYER, { env: { ...rest, ...environment }, stdio: ["pipe", "pipe", "inherit"] });
    const waiting = [];
    createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(JSON.parse(line)));
    child.on("exit", (code, signal) => {
        for (const each of waiting.splice(0)) each({ outcome: "error", reason: `the player ended: ${code ?? signal}` });
    });
    const ask = (step) =>
        new Promise((resolve) => {
            waiting.push(resolve);
            child.stdin.write(`${JSON.stringify(step)}\n`);
        });
    return {
        child,
        open: (options) => ask({ op: "open", ...options }),
        load: (keys, now) => ask({ op: "load", keys, now }),
        commit: (checkpoints, records) =>
            ask({
                op: "commit",
                checkpoints,
                records: typeof records === "string" ? records : lines(records),
            }),
        scan: (kind, query, limit, page) =>
            ask({
                op: "scan",
                kind,
                query,
                limit,
                page,
            }),
        claim: (queue, limit, lease_ms, lease, now) => ask({ op: "claim", queue, limit, lease_ms, lease, now }),
        settle: (queue, entries, now) => ask({ op: "settle", queue, entries, now }),
        purge: (now) => ask({ op: "purge", now }),
        close: () => child.stdin.end(),
    };
}
