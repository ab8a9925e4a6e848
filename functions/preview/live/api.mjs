// The read API of a deployed bridge: GET only, the token in a header, every failure told apart as far as a browser lets one.

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 32 << 20;
const PAGE = 500;
export const MOST_LEADS = 200_000;

/** `code` has its words in words/live.mjs; `detail` is the bridge's own sentence. */
export class LiveProblem extends Error {
    constructor(code, detail = "") {
        super(code);
        this.code = code;
        this.detail = String(detail ?? "").slice(0, 600);
    }
}

// The same as guard.js allows; a wildcard or a second directive is no host.
const HTTPS = /^https:\/\/[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$/;
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost)(:[0-9]{1,5})?$/;

/** What was typed as an origin the guard will take, or null. */
export function originOf(typed) {
    let text = String(typed ?? "").trim();
    if (text === "") return null;
    if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
        text = /^(127\.0\.0\.1|localhost)(:|$|\/)/i.test(text) ? `http://${text}` : `https://${text}`;
    let url;
    try {
        url = new URL(text);
    } catch {
        return null;
    }
    if (url.username || url.password) return null;
    return HTTPS.test(url.origin) || LOOPBACK.test(url.origin) ? url.origin : null;
}

/**
 * @param {string} host origin, the one the policy allows
 * @param {() => string} token asked for each time: it is kept in one place only
 */
export function createApi(
    host,
    token,
    { fetcher = (...args) => fetch(...args), origin = globalThis.origin ?? "null" } = {},
) {
    async function get(path, signal) {
        // A header takes no other characters; fetch would call it a network error.
        if (!/^[\x21-\x7e]+$/.test(token())) throw new LiveProblem("bad_token");
        const stop = new AbortController();
        let late = false;
        const timer = setTimeout(() => {
            late = true;
            stop.abort();
        }, TIMEOUT_MS);
        const over = () => stop.abort();
        signal?.addEventListener("abort", over, { once: true });
        try {
            if (signal?.aborted) throw signal.reason;
            let response;
            try {
                response = await fetcher(`${host}${path}`, {
                    headers: { authorization: `Bearer ${token()}` },
                    credentials: "omit",
                    cache: "no-store",
                    redirect: "manual",
                    referrerPolicy: "no-referrer",
                    signal: stop.signal,
                });
            } catch (error) {
                if (signal?.aborted) throw signal.reason;
                if (late) throw new LiveProblem("timeout");
                throw await reasonOf(error);
            }
            if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400))
                throw new LiveProblem("redirect");
            const text = await readText(response).catch((error) => {
                if (signal?.aborted) throw signal.reason;
                throw late
                    ? new LiveProblem("timeout")
                    : error instanceof LiveProblem
                      ? error
                      : new LiveProblem("network", error?.message);
            });
            return understood(response, text);
        } finally {
            clearTimeout(timer);
            signal?.removeEventListener("abort", over);
        }
    }

    /** A browser says "Failed to fetch" for everything: a second, blind request tells a refused page from a dead line. */
    async function reasonOf(error) {
        if (host === origin) return new LiveProblem("network", error?.message);
        try {
            await fetcher(`${host}/healthz`, {
                mode: "no-cors",
                credentials: "omit",
                cache: "no-store",
                referrerPolicy: "no-referrer",
                signal: AbortSignal.timeout(8000),
            });
            return new LiveProblem("cors", origin);
        } catch {
            return new LiveProblem("network", error?.message);
        }
    }

    return {
        async status(signal) {
            const summary = await get("/v1/status", signal);
            if (!Array.isArray(summary.sources)) throw new LiveProblem("not_a_bridge");
            return summary;
        },
        /** Pages until the end; each is handed to `take` before the next is asked for. @returns {{count: number, more: boolean}} */
        async leads({ since, source }, take, signal) {
            let count = 0;
            let page = "";
            for (let turns = 0; turns <= MOST_LEADS / PAGE; ++turns) {
                const query = new URLSearchParams({ limit: String(PAGE) });
                if (since) query.set("since", String(since));
                if (source) query.set("source", source);
                if (page) query.set("page", page);
                const { leads, next } = await get(`/v1/leads?${query}`, signal);
                if (!Array.isArray(leads)) throw new LiveProblem("not_a_bridge");
                count += leads.length;
                if (leads.length > 0) await take(leads, count);
                if (typeof next !== "string" || next === "" || next === page) return { count, more: false };
                page = next;
                if (count >= MOST_LEADS) return { count, more: true };
            }
            return { count, more: true };
        },
    };
}

function understood(response, text) {
    let json = null;
    try {
        json = JSON.parse(text);
    } catch {
        json = null;
    }
    if (response.status === 200 && json && typeof json === "object") return json;
    // The core's refusals are {"error": code, "message"}; a summary's error is an object.
    const error = json?.error && typeof json.error === "object" ? json.error : (json ?? {});
    const code = [error.code, json?.error].find((value) => typeof value === "string") ?? "";
    const detail = error.reason ?? error.message ?? "";
    if (response.status === 401) throw new LiveProblem("unauthorised", detail);
    if (response.status === 403)
        throw new LiveProblem(code === "unauthorised" ? code : json ? "closed" : "not_a_bridge", detail);
    if (response.status === 400 && json) throw new LiveProblem("bad_parameter", detail);
    if (response.status >= 500) throw new LiveProblem("server", detail || `HTTP ${response.status}`);
    throw new LiveProblem("not_a_bridge", detail || `HTTP ${response.status}`);
}

async function readText(response) {
    if (!response.body) return response.text();
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    let size = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return text + decoder.decode();
        size += value.length;
        if (size > MOST_BYTES) {
            reader.cancel().catch(() => {});
            throw new LiveProblem("too_large");
        }
        text += decoder.decode(value, { stream: true });
    }
}
