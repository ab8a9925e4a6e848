// leadbridge as a Cloudflare Worker: the cron trigger pulls and pushes what waits, GET / is the page, GET /preview the lead preview
// (a file: it holds no data and asks for none), GET /healthz is for monitors,
// every other request goes to the core as it came (platforms that call us, the merchant's rows). What is imported differently on
// every host (module, SQL, bundled configuration) comes in through createWorker: infra/cloudflare/entry.mjs.
import { createEngine } from "../../wasm/loader.mjs";
import { resolveSecrets } from "../host/config.mjs";
import { drive, httpByFetch, randomBytes } from "../host/drive.mjs";
import { languageOf, renderDoor, renderPage, SECURITY_HEADERS } from "./page.mjs";

const LEADS_ON_PAGE = 30;
const COOKIE = "lb_page";
// A platform's push is far smaller (max_body_kb), a file of rows may be large; the core's memory is 64 MB.
const MOST_BODY_BYTES = 16 << 20;

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
        if (typeof configText !== "string") return { exit: 1, summary: { job: event.kind, error: configText } };
        if (!env.DB) {
            return {
                exit: 1,
                summary: {
                    job: event.kind,
                    error: {
                        code: "no_database",
                        reason: 'the D1 binding "DB" is missing: add [[d1_databases]] with binding = "DB" to wrangler.toml and deploy again',
                    },
                },
            };
        }
        const host = {
            now: Date.now,
            random: randomBytes,
            http: httpByFetch(),
            store: openStore(env.DB),
            log,
        };
        return attempt(event, () => drive({ engine: open(configText), event, body, host }), host);
    };

    // A trap while the module opens ends here; inside a run the drive loop has reported it already.
    const attempt = async (event, work, host) => {
        try {
            const outcome = await work();
            if (event.kind === "pull") await host.store.purge?.(host.now());
            return outcome;
        } catch (error) {
            const code = error?.code === "trap" ? "trap" : "host";
            log({ level: "error", code, message: String(error?.message ?? error) });
            return {
                exit: 2,
                summary: {
                    job: event.kind,
                    error: {
                        code,
                        reason: `${error?.message ?? error}. Nothing committed is lost; the next run goes on`,
                    },
                },
            };
        }
    };

    return {
        async scheduled(_event, env) {
            const failures = [];
            for (const work of [{ kind: "pull" }, ...waitingRows(configOf(env, bundled))]) {
                const { exit, summary } = await invoke(env, work);
                log({
                    level: exit === 0 || exit === 3 ? "info" : "error",
                    code: work.kind,
                    message: JSON.stringify(summary),
                });
                if (exit === 1 || exit === 2)
                    failures.push(`${work.kind}: ${problems(summary).join(" | ") || "failed"}`);
            }
            // The other sources went on and everything is stored; Cloudflare's list of cron events should still show the failure.
            if (failures.length > 0) throw new Error(failures.join(" | "));
        },

        async fetch(request, env, context) {
            const url = new URL(request.url);
            const answer = await route(request, url, env, context);
            if (request.method !== "HEAD") return answer;
            return new Response(null, answer);
        },
    };

    async function route(request, url, env, context) {
        const ours = ["/", "/healthz", "/preview"].includes(url.pathname);
        if (!ours) return core(request, url, env, context);
        if (request.method !== "GET" && request.method !== "HEAD") {
            return plain(405, "The pages and the health check answer GET only.\n", { allow: "GET, HEAD" });
        }
        if (url.pathname === "/preview") return previewPage(request, preview);
        return url.pathname === "/" ? page(request, url, env) : health(url, await invoke(env, { kind: "status" }));
    }

    /** Anything with a path of the configuration: the core verifies, stores and answers. */
    async function core(request, url, env, context) {
        const body = await bytesOf(request, MOST_BODY_BYTES);
        if (!body) return plain(413, `At most ${MOST_BODY_BYTES} bytes are read.\n`);
        const method = request.method === "HEAD" ? "GET" : request.method;
        const event = {
            kind: "request",
            method,
            path: url.pathname,
            query: url.search.slice(1),
            headers: [...request.headers],
        };
        const { responded, summary } = await invoke(env, event, body);
        if (!responded) {
            // The platform sends it again when this is over.
            log({
                level: "error",
                code: summary.error?.code ?? "no_answer",
                message: `${url.pathname}: ${problems(summary).join(" | ")}`,
            });
            return plain(503, "This bridge cannot answer now; its log says why.\n");
        }
        if (summary.action === "send" && summary.waiting > 0) {
            // What was accepted goes out at once, also beside rows that were not; the cron trigger takes care of what is left.
            const sent = invoke(env, { kind: "backflow", name: summary.name, action: "send" });
            context?.waitUntil(
                sent.then(({ exit, summary: done }) =>
                    log({
                        level: exit === 2 ? "error" : "info",
                        code: "backflow",
                        message: JSON.stringify(done),
                    }),
                ),
            );
        }
        // A status without a body refuses even an empty one.
        return new Response(responded.body.length > 0 ? responded.body : null, {
            status: responded.status,
            headers: { ...ANSWER_HEADERS, ...Object.fromEntries(responded.headers) },
        });
    }

    async function page(request, url, env) {
        const lang = languageOf(url.searchParams.get("lang"), request.headers.get("accept-language"));
        const door = await doorOf(request, url, env, configOf(env, bundled));
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

/** An event for each target that may have rows waiting. */
function waitingRows(configText) {
    try {
        return Object.entries(JSON.parse(configText).backflow ?? {})
            .filter(([, { platform }]) => platform === "outinvest")
            .map(([name]) => ({ kind: "backflow", name, action: "send" }));
    } catch {
        return []; // the pull says what is wrong with the configuration
    }
}

// ---- who may see the page -----------------------------------------------------------------------------------------------

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Closed by default: even masked leads are nobody else's business. Open with the token of `page.token` (header, cookie or once as
 * ?token=), or with LEADBRIDGE_PAGE=open, or =loopback when the address is this machine (a foreign name on it stays closed).
 */
async function doorOf(request, url, env, configText) {
    if (env.LEADBRIDGE_PAGE === "open") return { open: true };
    if (env.LEADBRIDGE_PAGE === "loopback" && LOOPBACK.has(url.hostname)) return { open: true };
    const setting = typeof configText === "string" ? pageToken(configText) : undefined;
    if (setting === undefined) return { open: false, status: 403, why: "closed" };
    if (typeof setting.value !== "string" || setting.value === "") return { open: false, status: 503, why: "no_token" };
    const digest = await sha256Hex(setting.value);
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

function pageToken(configText) {
    try {
        return JSON.parse(configText).page?.token;
    } catch {
        return undefined;
    }
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

/** Sentences of everything that went wrong, for logs and monitors. */
function problems(summary) {
    const found = [];
    if (summary.error) found.push(`${summary.error.code}: ${summary.error.reason}`);
    for (const each of summary.errors ?? []) found.push(`${each.path}: ${each.problem}. ${each.fix}`);
    for (const source of summary.sources ?? []) {
        if ((source.outcome ?? source.state) === "failed")
            found.push(`${source.name}: ${source.last_error?.reason ?? source.reason ?? "failed"}`);
    }
    return found.map(withoutNumbers);
}

// Health answers and logs are read by strangers and kept: anything as long as a phone number goes.
const withoutNumbers = (text) => String(text).replace(/\d{7,}/g, (digits) => "#".repeat(digits.length));

/** ?max_age=SECONDS also fails when a source's last run is older: the way to notice a cron trigger that has stopped. */
function health(url, { exit, summary }) {
    const now = Date.now();
    const maxAge = Number(url.searchParams.get("max_age") ?? NaN);
    const sources = (summary.sources ?? []).map((source) => {
        const age = source.last_run ? Math.max(0, Math.round((now - Date.parse(source.last_run.at)) / 1000)) : null;
        return {
            name: source.name,
            state: source.state,
            last_run_age_s: age,
            leads: source.leads,
            unread: source.unread,
            // Who calls us has no runs.
            stale: Number.isFinite(maxAge) && source.state !== "listening" && (age === null || age > maxAge),
            ...(source.state === "failed" && source.last_error ? { code: source.last_error.code } : {}),
        };
    });
    const reasons = problems(summary);
    for (const source of sources) {
        if (source.stale)
            reasons.push(`${source.name}: no run for ${source.last_run_age_s ?? "ever"} s; look at the cron trigger`);
    }
    const ok = exit === 0 && reasons.length === 0;
    const body = JSON.stringify({ ok, at: new Date(now).toISOString(), sources, ...(ok ? {} : { reasons }) }, null, 1);
    return new Response(`${body}\n`, {
        status: ok ? 200 : 503,
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

/** The body's bytes, or null when there are more than `limit`. */
async function bytesOf(request, limit) {
    if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
    if (!request.body) return new Uint8Array(0);
    const chunks = [];
    let size = 0;
    for await (const chunk of request.body) {
        size += chunk.length;
        if (size > limit) return null;
        chunks.push(chunk);
    }
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
    const line = JSON.stringify({ level, code, message: withoutNumbers(message) });
    if (level === "error") console.error(line);
    else if (level === "warn") console.warn(line);
    else console.log(line);
}
