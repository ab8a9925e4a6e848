// Lambda's Runtime API on a loopback port: hands out invocations one at a time, records what comes of them, and misbehaves on request.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const BASE = "/2018-06-01/runtime/";
const MAX_RESPONSE = 6_291_556;

/**
 * Faults, each used once by the next request of its door ('next', 'response', 'error', 'init'), in order:
 *   {on, kind: 'break'} the connection ends without an answer     {on, kind: 'status', status} another answer
 *   {on: 'next', kind: 'slow', ms} the invocation comes later     {on: 'next', kind: 'no_header', name} without this header
 * A status for 'next' comes without an invocation, which waits for the next request.
 */
export async function startRuntimeApi() {
    const waiting = []; // invocations nobody asked for yet
    const open = new Map(); // id -> invocation handed out
    const faults = [];
    const initErrors = [];
    const requests = []; // `METHOD path` of every request, in order
    let asking = null; // the response object of a pending `next`

    const server = createServer(async (request, response) => {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const body = Buffer.concat(chunks);
        const path = request.url.startsWith(BASE) ? request.url.slice(BASE.length) : request.url;
        requests.push(`${request.method} ${path}`);
        const [, id, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
        const door = path === "invocation/next" ? "next" : path === "init/error" ? "init" : what;
        const fault = faults.find(({ on }) => on === door && on !== "next");
        if (fault) {
            faults.splice(faults.indexOf(fault), 1);
            if (fault.kind === "break") return request.socket.destroy();
            return answer(response, fault.status, { errorMessage: "made by the stub", errorType: "Stub" });
        }
        if (door === "next" && request.method === "GET") {
            asking = response;
            response.once("close", () => {
                if (asking === response) asking = null;
            });
            return handOut();
        }
        if (door === "init" && request.method === "POST") {
            initErrors.push({ headers: request.headers, body: body.toString() });
            return answer(response, 202, { status: "OK" });
        }
        const invocation = open.get(id);
        if (!invocation || request.method !== "POST")
            return answer(response, door ? 400 : 404, {
                errorMessage: "no such invocation",
                errorType: "InvalidRequestID",
            });
        if (body.length > MAX_RESPONSE)
            return answer(response, 413, { errorMessage: "too large", errorType: "RequestEntityTooLarge" });
        open.delete(id);
        answer(response, 202, { status: "OK" });
        invocation.done({ kind: what, id, text: body.toString(), bytes: body, headers: request.headers });
    });
    server.keepAliveTimeout = 60_000;
    server.on("clientError", (_, socket) => socket.destroy());
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

    function answer(response, status, json) {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
    }

    async function handOut() {
        if (!asking || waiting.length === 0) return;
        const response = asking;
        asking = null;
        const fault = faults.find(({ on }) => on === "next");
        if (fault) faults.splice(faults.indexOf(fault), 1);
        if (fault?.kind === "break") return response.socket.destroy();
        if (fault?.kind === "status")
            return answer(response, fault.status, { errorMessage: "made by the stub", errorType: "Stub" });
        const invocation = waiting.shift();
        if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
        const headers = {
            "content-type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": String(Date.now() + invocation.timeoutMs),
            "Lambda-Runtime-Trace-Id": `Root=1-00000000-${invocation.id.replaceAll("-", "").slice(0, 24)};Sampled=0`,
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:000000000000:function:leadbridge",
        };
        if (fault?.kind === "no_header") {
            for (const name of Object.keys(headers))
                if (name.toLowerCase() === fault.name.toLowerCase()) delete headers[name];
            // Nobody can answer an invocation without an id: Lambda hands it out again.
            if (fault.name.toLowerCase() === "lambda-runtime-aws-request-id") waiting.unshift(invocation);
        }
        open.set(invocation.id, invocation);
        response.writeHead(200, headers).end(invocation.payload);
    }

    return {
        address: `127.0.0.1:${server.address().port}`,
        faults,
        initErrors,
        requests,
        /** @returns {Promise<{kind: 'response'|'error', id: string, text: string, bytes: Buffer, headers: object}>} what came of it */
        invoke(payload, { timeoutMs = 30_000 } = {}) {
            const bytes = Buffer.isBuffer(payload) || typeof payload === "string" ? payload : JSON.stringify(payload);
            return new Promise((done) => {
                waiting.push({ id: randomUUID(), payload: bytes, timeoutMs, done });
                handOut();
            });
        },
        close() {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(resolve));
        },
    };
}
