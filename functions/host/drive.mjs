// The drive loop shared by the JavaScript hosts (Worker, Node, page): feed one input with `now`, drain the effects, start
// them, feed whatever result arrives next. Performs the effects of docs/abi.md; decides nothing.
import { ABI_VERSION, createEngine, EngineTrap } from "../../wasm/loader.mjs";

const MAX_EFFECTS = 1_000_000; // an invocation that asks for more is broken
const MAX_BURST = 100_000; // effects after one input
const LONGEST_TIMER_MS = 0x7fffffff;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The host broke off, or the core asked for something no host can do. */
class DriveError extends Error {
    constructor(code, reason) {
        super(reason);
        this.code = code;
    }
}

/**
 * One invocation, from `start` to `done`.
 * @param {object} options see drive.d.ts
 * @returns {Promise<{exit: number, summary: object, log?: object, responded: {status, headers, body}|null}>}
 */
export async function drive({ engine, module, configText = "", event, body, host, hooks = {}, trace }) {
    const abort = new AbortController(); // ends http and wait effects when the invocation is over
    const outstanding = new Set(); // promises of running effects
    const arrived = []; // results not fed yet
    let wake = null;
    let crash = null; // a hook threw: the invocation dies here, as a process would
    let responded = null;
    let done = null;
    let effects = 0;

    const run = async (head, payload) => {
        try {
            const result = await perform(head, payload, host, abort.signal);
            if (crash) return;
            await hooks.after?.(head, result);
            arrived.push(result);
        } catch (error) {
            crash ??= error;
        } finally {
            wake?.();
        }
    };

    const take = ({ head, body: payload, raw }) => {
        if (head.v !== ABI_VERSION)
            throw new DriveError(
                "protocol",
                `the module sent message version ${head.v}; this host knows ${ABI_VERSION}`,
            );
        trace?.(raw ?? head, head);
        if (head.type === "log") return host.log?.({ level: head.level, code: head.code, message: head.message });
        if (head.type === "respond") {
            responded = { status: head.status, headers: head.headers ?? [], body: payload };
            return host.respond?.(responded);
        }
        if (head.type === "done") {
            done = { exit: head.exit, summary: head.summary, ...(head.log && { log: head.log }) };
            return undefined;
        }
        if (!(head.type in performers))
            throw new DriveError("protocol", `the module asked for "${head.type}", which this host cannot do`);
        const task = run(head, payload);
        outstanding.add(task);
        task.finally(() => outstanding.delete(task));
        return undefined;
    };

    // `before` may be asynchronous, so effects are started one after the other.
    const feed = async (head, payload) => {
        engine.feed({ head: { v: ABI_VERSION, now: host.now(), ...head }, body: payload });
        for (let burst = 0; !done; ++burst) {
            const effect = engine.next();
            if (!effect) return;
            if (burst >= MAX_BURST || ++effects > MAX_EFFECTS)
                throw new DriveError("runaway", "the module asks for effects without end");
            if (hooks.before) await hooks.before(effect.head);
            if (crash) throw crash;
            take(effect);
        }
    };

    try {
        engine ??= createEngine(module, configText);
        await feed({ type: "start", event, random: hex(host.random(32)) }, body);
        while (!done) {
            if (crash) throw crash;
            if (arrived.length > 0) {
                const { payload, ...head } = arrived.shift();
                await feed(head, payload);
            } else if (outstanding.size > 0) {
                await new Promise((resolve) => (wake = resolve));
                wake = null;
            } else {
                throw new DriveError("stalled", "the module waits for nothing and is not done");
            }
        }
        return { ...done, responded };
    } catch (error) {
        if (!(error instanceof EngineTrap || error instanceof DriveError)) throw error;
        const reason = `the core stopped: ${error.message}. What was committed stays; the next run starts afresh and goes on`;
        host.log?.({ level: "error", code: error.code, message: reason });
        const failure = { code: error.code, reason: `${error.code}: ${reason}` };
        return { exit: 2, summary: { job: event?.kind, error: { code: error.code, reason }, failure }, responded };
    } finally {
        crash ??= new DriveError("over", "the invocation is over");
        abort.abort();
        await Promise.allSettled(outstanding); // a store write that is under way ends before the invocation does
        try {
            engine?.close();
        } catch {
            // a dead engine has nothing to close
        }
    }
}

// ---- effects ----------------------------------------------------------------------------------------------------------

const storeCall = (call) => async (head, payload, host) => {
    try {
        return { type: "store_result", ...(await call(host.store, head, payload)), id: head.id };
    } catch (error) {
        return {
            type: "store_result",
            id: head.id,
            outcome: "error",
            reason: String(error?.message ?? error),
        };
    }
};

const performers = {
    http: async (head, payload, host, signal) => {
        const answer = await (host.http ?? httpByFetch())({ ...head, body: payload }, signal);
        const { body, ...rest } = answer;
        return { type: "http_result", ...rest, id: head.id, payload: body };
    },
    wait: async (head, _payload, host, signal) => {
        await (host.wait ?? wait)(head.ms, signal);
        return { type: "wait_result", id: head.id };
    },
    "store.load": storeCall((store, head) => store.load(head.keys, head.now)),
    "store.commit": storeCall((store, head, payload) =>
        store.commit(head.checkpoints, new TextDecoder().decode(payload)),
    ),
    // The kind goes back with the items: nothing else says what they are.
    "store.scan": storeCall(async (store, head) => ({
        ...(await store.scan(head.kind, head.query, head.limit, head.page)),
        kind: head.kind,
    })),
    "store.claim": storeCall((store, head) => store.claim(head.queue, head.limit, head.lease_ms, head.lease, head.now)),
    "store.purge": storeCall(async (store, head) => {
        const { outcome = "ok", reason, ...removed } = (await store.purge?.(head.now)) ?? {};
        const counts = Object.values(removed).filter(Number.isInteger);
        return { outcome, reason, updated: counts.reduce((sum, count) => sum + count, 0) };
    }),
    "store.settle": storeCall((store, head) => store.settle(head.queue, head.entries, head.now)),
};

const perform = (head, payload, host, signal) => performers[head.type](head, payload, host, signal);

/** Resolves after `ms`, or at once when the invocation is over. */
export function wait(ms, signal) {
    return new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(resolve, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
        signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
}

// ---- http by fetch ----------------------------------------------------------------------------------------------------

// Set by fetch itself; handing them over is an error in some hosts and a lie in the others.
const NOT_OURS = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive", "expect"]);
// The body handed on is decoded already.
const NO_LONGER_TRUE = new Set(["content-encoding", "content-length", "transfer-encoding"]);

const KINDS = [
    ["timeout", /ETIMEDOUT|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|timed? ?out/i],
    ["dns", /ENOTFOUND|EAI_AGAIN|\bDNS\b|getaddrinfo/i],
    ["tls", /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|LEAF_SIGNATURE|EPROTO/i],
    ["connect", /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|connection refused|failed to connect|bad port/i],
    [
        "reset",
        /ECONNRESET|EPIPE|UND_ERR_SOCKET|HPE_|terminated|other side closed|connection (lost|reset|closed)|disconnected|premature/i,
    ],
];

/** Kind and message of a failed fetch. The message names host and path at most: queries hold sessions and signatures. */
function httpError(error, url) {
    const chain = [];
    for (let at = error; at && chain.length < 5; at = at.cause ?? at.errors?.[0]) chain.push(at);
    const text = chain.map((at) => `${at.code ?? ""} ${at.message ?? ""}`).join(" ");
    const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
    const code = chain.map((at) => at.code).find((value) => typeof value === "string");
    const last = chain.at(-1)?.message?.replaceAll(url, "").replace(/\?\S*/g, "") ?? "no reason given";
    return { kind, message: `${place(url)}: ${code ?? last}` };
}

function place(url) {
    try {
        const { origin, pathname } = new URL(url);
        return origin + pathname;
    } catch {
        return "the address";
    }
}

/**
 * Performs `http` effects with fetch: no redirects followed, one timeout over the whole exchange, the size limit kept while
 * the bytes arrive. Never rejects: failures are `error` {kind, message}.
 * @param {typeof fetch} fetcher
 */
export function httpByFetch(fetcher = (...args) => fetch(...args)) {
    return async ({ method, url, headers = [], body, timeout_ms, max_bytes }, signal) => {
        const stop = new AbortController();
        let why = null; // what we ended ourselves
        let ended; // rejects when we end it: not every host ends a body's read with the signal
        const end = new Promise((_, reject) => (ended = reject));
        end.catch(() => {});
        const cut = (kind, message) => {
            why ??= { kind, message: `${place(url)}: ${message}` };
            stop.abort();
            ended(new Error(message));
        };
        const timer = setTimeout(
            () => cut("timeout", `no complete answer within ${timeout_ms} ms`),
            Math.min(timeout_ms, LONGEST_TIMER_MS),
        );
        const over = () => cut("other", "the invocation is over");
        signal?.addEventListener("abort", over, { once: true });
        try {
            if (signal?.aborted) over();
            let request;
            try {
                request = new Request(url, {
                    method,
                    headers: headers.filter(([name]) => !NOT_OURS.has(name.toLowerCase())),
                    body: body?.length > 0 ? body : undefined,
                    redirect: "manual",
                    signal: stop.signal,
                });
            } catch {
                // The host's own message may quote the header, and a header may be a secret.
                return {
                    error: {
                        kind: "other",
                        message: `${place(url)}: not a request that can be sent (address, method or header)`,
                    },
                };
            }
            const response = await Promise.race([fetcher(request), end]);
            if (response.status === 0)
                return { error: { kind: "other", message: `${place(url)}: answered with a redirect` } };
            const bytes = await Promise.race([readBody(response, max_bytes, cut), end]);
            return {
                status: response.status,
                headers: [...response.headers].filter(([name]) => !NO_LONGER_TRUE.has(name)),
                body: bytes,
            };
        } catch (error) {
            return { error: why ?? httpError(error, url) };
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", over);
            if (why) stop.abort();
        }
    };
}

async function readBody(response, limit, cut) {
    const tooLarge = () => cut("too_large", `the answer is longer than ${limit} bytes`);
    if (!response.body) return new Uint8Array(0);
    if (Number(response.headers.get("content-length") ?? 0) > limit) {
        tooLarge();
        await response.body.cancel().catch(() => {});
        throw new Error("too large");
    }
    const reader = response.body.getReader();
    const chunks = [];
    let size = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > limit) {
            tooLarge();
            reader.cancel().catch(() => {});
            throw new Error("too large");
        }
        chunks.push(value);
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
    }
    return all;
}

/** Fresh random bytes of the host. */
export const randomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));
