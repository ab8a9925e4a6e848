// leadbridge as a Cloudflare Worker: the cron trigger is a tick, GET / is the page, GET /preview the lead preview (a file: it holds no
// data and asks for none), every other request goes to the core as it came (platforms that call us, the merchant's rows, monitors).
// What is imported differently on every host (module, SQL, bundled configuration) comes in through createWorker:
// infra/cloudflare/entry.mjs.
import { createEngine } from "../../wasm/loader.mjs";
import { resolveSecrets } from "../host/config.mjs";
import { takesBody } from "../host/doors.mjs";
import { drive, httpByFetch, randomBytes } from "../host/drive.mjs";
import { languageOf, renderDoor, renderPage, SECURITY_HEADERS } from "./page.mjs";

const LEADS_ON_PAGE = 30;
const COOKIE = "lb_page";

/**
 * @param {object} parts
 * @param {WebAssembly.Module} parts.module build/leadbridge.wasm
 * @param {(db: D1Database) => import('../host/drive.mjs').Store} parts.openStore
 * @param {string} [parts.configText] bundled configuration; the variable LEADBRIDGE_CONFIG goes before it
 * @param {{html: string, policy: string, etag: string}} [parts.preview] the page for /preview
 * @param {(configText: string) => import('../../wasm/loader.mjs').Engine} [parts.openEngine] for tests
 */
export function createWorker({ module, openStore, configText: bundled = "", preview, openEngine }) {
    const open = openEngine ?? ((text) => createEngine(module, text));

    const invoke = (env, event, body) => {
        const configText = configOf(env, bundled);
        if (typeof configText !== "string") return refused(event, configText);
        if (!env.DB) return refused(event, NO_DATABASE);
        const host = { now: Date.now, random: randomBytes, http: httpByFetch(), store: openStore(env.DB), log };
        return attempt(event, () => drive({ engine: open(configText), event, body, host }));
    };

    // A trap while the module opens ends here; inside a run the drive loop has reported it already.
    const attempt = async (event, work) => {
        try {
            return await work();
        } catch (error) {
            const code = error?.code === "trap" ? "trap" : "host";
            const reason = `${error?.message ?? error}. Nothing committed is lost; the next run goes on`;
            log({ level: "error", code, message: reason });
            return refused(event, { code, reason }, 2);
        }
    };

    // What is open never changes while the configuration stays: asked once.
    let known = { configText: undefined, doors: undefined };
    const doorsOf = async (env) => {
        const configText = configOf(env, bundled);
        if (typeof configText !== "string") return { doors: [], page: null };
        if (known.configText !== configText) {
            const host = { now: Date.now, random: randomBytes, log };
            const event = { kind: "doors" };
            const { exit, summary } = await attempt(event, () => drive({ engine: open(configText), event, host }));
            if (exit !== 0) return { doors: [], page: null };
            known = { configText, doors: summary };
        }
        return known.doors;
    };

    return {
        async scheduled(_event, env) {
            const { exit, summary, log: line } = await invoke(env, { kind: "tick" });
            if (line) log(line);
            // The other sources went on and everything is stored; Cloudflare's list of cron events should still show the failure.
            if (exit === 1 || exit === 2) throw new Error(summary.failure.reason);
        },

        async fetch(request, env, context) {
            const url = new URL(request.url);
            const answer = await route(request, url, env, context);
            if (request.method !== "HEAD") return answer;
            return new Response(null, answer);
        },
    };

    async function route(request, url, env, context) {
        if (url.pathname !== "/" && url.pathname !== "/preview") return core(request, url, env, context);
        if (request.method !== "GET" && request.method !== "HEAD")
            return plain(405, "The pages answer GET only.\n", { allow: "GET, HEAD" });
        return url.pathname === "/preview" ? previewPage(request, preview) : page(request, url, env);
    }

    /** Anything else: the core verifies, stores and answers. A body that no door takes is thrown away as it comes. */
    async function core(request, url, env, context) {
        const event = {
            kind: "request",
            method: request.method === "HEAD" ? "GET" : request.method,
            path: url.pathname,
            query: url.search.slice(1),
            headers: [...request.headers],
        };
        let body;
        if (request.body) {
            const most = takesBody((await doorsOf(env)).doors, event);
            body = await bytesOf(request, most);
            if (!body) event.unread_bytes = Number(request.headers.get("content-length") ?? 0) || most + 1;
        }
        const { responded, summary } = await invoke(env, event, body);
        if (!responded) return noAnswer(url, summary);
        if (summary.action === "send" && summary.waiting > 0) {
            // What was accepted goes out at once, also beside rows that were not; the cron trigger takes care of what is left.
            const sent = invoke(env, { kind: "backflow", name: summary.name, action: "send" });
            context?.waitUntil(sent.then(({ log: line }) => line && log(line)));
        }
        // A status without a body refuses even an empty one.
        return new Response(responded.body.length > 0 ? responded.body : null, {
            status: responded.status,
            headers: { ...ANSWER_HEADERS, ...Object.fromEntries(responded.headers) },
        });
    }

    async function page(request, url, env) {
        const lang = languageOf(url.searchParams.get("lang"), request.headers.get("accept-language"));
        const door = await doorOf(request, url, env, doorsOf);
        if (door.redirect) return door.redirect;
        if (!door.open) return html(door.status, await renderDoor({ lang, why: door.why }));
        const outcome = await invoke(env, { kind: "status", leads: LEADS_ON_PAGE });
        return html(
            outcome.exit === 0 ? 200 : 503,
            await renderPage({ lang, now: Date.now(), summary: outcome.summary }),
        );
    }
}

// ---- configuration ------------------------------------------------------------------------------------------------------

/** Configuration text with secrets resolved, or {code, reason}. */
function configOf(env, bundled) {
    const text =
        typeof env.LEADBRIDGE_CONFIG === "string" && env.LEADBRIDGE_CONFIG.trim() ? env.LEADBRIDGE_CONFIG : bundled;
    if (!text.trim()) {
        return {
            code: "no_configuration",
            reason: "there is no configuration: set the variable LEADBRIDGE_CONFIG to the JSON text of leadbridge.json, or assemble the Worker with --config leadbridge.json, and deploy again",
        };
    }
    return resolveSecrets(text, (kind, name) => {
        if (kind === "file")
            return {
                missing: 'a Worker has no files; write {"env": "NAME"} and run: npx wrangler secret put NAME',
            };
        if (kind !== "env")
            return {
                failed: `a Worker cannot read ${kind}`,
                fix: 'write {"env": "NAME"} and run: npx wrangler secret put NAME',
            };
        const value = env[name];
        if (typeof value === "string" && value !== "") return { value };
        if (value === undefined || value === "")
            return { missing: `the Worker secret ${name} is not set; run: npx wrangler secret put ${name}` };
        return { missing: `the binding ${name} is not a text; run: npx wrangler secret put ${name}` };
    });
}

// ---- who may see the page -----------------------------------------------------------------------------------------------

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Closed by default: even masked leads are nobody else's business. Open with the token of `page.token` (header, cookie or once as
 * ?token=), or with LEADBRIDGE_PAGE=open, or =loopback when the address is this machine (a foreign name on it stays closed).
 */
async function doorOf(request, url, env, doorsOf) {
    if (env.LEADBRIDGE_PAGE === "open") return { open: true };
    if (env.LEADBRIDGE_PAGE === "loopback" && LOOPBACK.has(url.hostname)) return { open: true };
    const { page } = await doorsOf(env);
    if (!page) return { open: false, status: 403, why: "closed" };
    const digest = page.token_sha256;
    if (!digest) return { open: false, status: 503, why: "no_token" };
    const asked = url.searchParams.get("token");
    if (asked !== null && same(await sha256Hex(asked), digest)) {
        // Out of the address bar and the history, into a cookie that holds no token.
        url.searchParams.delete("token");
        const cookie = `${COOKIE}=${digest}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000${url.protocol === "https:" ? "; Secure" : ""}`;
        return {
            redirect: new Response(null, {
                status: 303,
                headers: { ...SECURITY_HEADERS, location: url.pathname + url.search, "set-cookie": cookie },
            }),
        };
    }
    const bearer = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (bearer !== undefined && same(await sha256Hex(bearer.trim()), digest)) return { open: true };
    const cookie = new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]{64})(?:;|$)`).exec(
        request.headers.get("cookie") ?? "",
    )?.[1];
    if (cookie !== undefined && same(cookie, digest)) return { open: true };
    return { open: false, status: 401, why: asked === null ? "ask" : "wrong" };
}

async function sha256Hex(text) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`leadbridge page ${text}`));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Constant time for texts of equal length; both are digests. */
function same(a, b) {
    let difference = a.length ^ b.length;
    for (let i = 0; i < b.length; ++i) difference |= a.charCodeAt(i % Math.max(1, a.length)) ^ b.charCodeAt(i);
    return difference === 0;
}

// ---- answers ------------------------------------------------------------------------------------------------------------

const NO_DATABASE = {
    code: "no_database",
    reason: 'the D1 binding "DB" is missing: keep it in wrangler.jsonc ("d1_databases") and deploy again',
};

/** What this host knows itself, before or after the core, in the core's form. */
function refused(event, error, exit = 1) {
    const failure = { code: error.code, reason: `${error.code}: ${error.reason}` };
    return { exit, summary: { job: event.kind, error, failure } };
}

/** The core did not come to an answer: a platform sends it again when this is over, a monitor is told why. */
function noAnswer(url, summary) {
    const { code, reason } = summary.failure ?? {};
    log({ level: "error", code: code ?? "no_answer", message: `${url.pathname}: ${reason}` });
    if (url.pathname !== "/healthz") return plain(503, "This bridge cannot answer now; its log says why.\n");
    const body = JSON.stringify({ ok: false, at: new Date().toISOString(), sources: [], reasons: [reason] });
    return new Response(`${body}\n`, {
        status: 503,
        headers: { ...SECURITY_HEADERS, "content-type": "application/json; charset=utf-8" },
    });
}

/** The same for everybody, so a browser may keep it and ask whether it is still this one. Loads nothing, sends nothing (its policy says so). */
function previewPage(request, preview) {
    if (!preview)
        return plain(
            404,
            "The preview page was not built into this Worker: run ./dev build, assemble and deploy again.\n",
        );
    const headers = {
        ...SECURITY_HEADERS,
        "cache-control": "no-cache",
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": `${preview.policy}; frame-ancestors 'none'`,
        "cross-origin-opener-policy": "same-origin",
        etag: preview.etag,
    };
    const known = (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known.includes(preview.etag) || known.includes("*")) return new Response(null, { status: 304, headers });
    return new Response(preview.html, { headers });
}

// For machines: nothing to render, nothing to keep.
const ANSWER_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

// A client that is still sending when it is answered hears of a broken connection instead of the answer: so much is thrown away.
const MOST_DISCARDED_BYTES = 16 << 20;

/** The body's bytes, or null when there are more than `limit`; of those none is kept. */
async function bytesOf(request, limit) {
    const announced = Number(request.headers.get("content-length") ?? 0);
    let chunks = limit > 0 && announced <= limit ? [] : null;
    let size = 0;
    for await (const chunk of request.body) {
        size += chunk.length;
        if (size > limit) chunks = null;
        if (size > MOST_DISCARDED_BYTES) break;
        chunks?.push(chunk);
    }
    if (!chunks) return null;
    if (chunks.length === 1) return chunks[0];
    const all = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
    }
    return all;
}

const plain = (status, text, headers = {}) =>
    new Response(text, {
        status,
        headers: { ...SECURITY_HEADERS, "content-type": "text/plain; charset=utf-8", ...headers },
    });

const html = (status, { text, headers }) =>
    new Response(text, { status, headers: { ...SECURITY_HEADERS, ...headers } });

function log({ level, code, message }) {
    const line = JSON.stringify({ level, code, message });
    if (level === "error") console.error(line);
    else if (level === "warn") console.warn(line);
    else console.log(line);
}
