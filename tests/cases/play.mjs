// Cases (README.md is the format): reading them, judging what came, and playing them on leadbridge.wasm with the memory store,
// exactly as tests/trace does natively. Hosts with a network of their own use the pieces: tests/hosts/cases_*.test.mjs.
import { createCipheriv, createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveSecrets } from "../../functions/host/config.mjs";
import { drive } from "../../functions/host/drive.mjs";
import { openMemoryStore } from "../store/memory.mjs";

export const CASES = dirname(fileURLToPath(import.meta.url));
const TESTS = dirname(CASES);
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const base = readJson(join(CASES, "common/base.json"));
/** Of a case that says none. */
export const NOW = base.now;

export const caseFiles = () =>
    readdirSync(CASES)
        .filter((name) => name.endsWith(".json"))
        .sort()
        .map((name) => join(CASES, name));

/** Every case of every file, with `file`. */
export function allCases() {
    const cases = caseFiles().flatMap((file) => readJson(file).map((entry) => ({ ...entry, file })));
    const names = cases.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice) throw new Error(`two cases are called ${twice}`);
    return cases;
}

// ---- configuration and secrets ------------------------------------------------------------------------------------------

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 7396. */
function merged(target, patch) {
    if (!isObject(patch)) return patch;
    const out = isObject(target) ? { ...target } : {};
    for (const [key, value] of Object.entries(patch)) {
        if (value === null) delete out[key];
        else out[key] = merged(out[key], value);
    }
    return out;
}

const secretText = (secret) => (typeof secret === "string" ? secret : readFileSync(join(TESTS, secret.file), "utf8"));

/** What a step runs with. `platform` (an origin) takes the place of port 9, where every platform of a case is. */
export function setting(entry, step, platform) {
    let config = base.config;
    for (const given of [entry.config, step.config]) {
        if (given !== undefined) config = merged(typeof config === "string" ? {} : config, given);
    }
    const secrets = [entry.secrets, step.secrets].reduce((all, given) => merged(all, given ?? {}), base.secrets);
    const text = typeof config === "string" ? config : JSON.stringify(config);
    return {
        config,
        configText: platform ? text.replaceAll("http://127.0.0.1:9/", `${platform}/`) : text,
        secrets: Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, secretText(value)])),
    };
}

// ---- http ---------------------------------------------------------------------------------------------------------------

/** Path, headers, query, form or JSON body, and the members of the structured parameters, as text. */
export function decoded(url, body, headers = []) {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const out = { path: pathname };
    for (const [name, value] of headers) out[`header.${name.toLowerCase()}`] = value;
    const members = (text) => {
        try {
            for (const [name, value] of Object.entries(JSON.parse(text)))
                out[name] = typeof value === "string" ? value : JSON.stringify(value);
            // JSON.parse rounds an id above 2^53: take its digits.
            const offset = /"offset":(-?\d+)/.exec(text);
            if (offset) out.offset = offset[1];
        } catch {
            // not our request: the expectation says so
        }
    };
    const json = body.startsWith("{");
    for (const [name, value] of [...searchParams, ...(json ? [] : new URLSearchParams(body))]) out[name] = value;
    if (json) members(body);
    for (const name of ["lead_external_query_dto", "req"]) if (out[name]) members(out[name]);
    return out;
}

// ---- requests to the bridge ---------------------------------------------------------------------------------------------

/** The signature of a call to us, by the rules of the platform's own checker (not by this project's code); empty where it throws. */
function spiSign(query, headers, body, secret) {
    const decode = (text) => decodeURIComponent(text.replaceAll("+", " "));
    const params = new Map();
    for (const pair of query.split("&")) {
        const parts = pair.split("=");
        while (parts.length > 1 && parts.at(-1) === "") parts.pop(); // as Java splits
        if (parts.length <= 2 && pair) params.set(decode(parts[0]), decode(parts[1] ?? ""));
    }
    const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
    const form = type.startsWith("application/x-www-form-urlencoded");
    if (form)
        for (const [name, value] of new URLSearchParams(body.toString()))
            if (!params.has(name)) params.set(name, value.trim() ? value : "");
    params.delete("sign");
    const text = [...params]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => name + value)
        .join("");
    return createHash("md5")
        .update(secret + text)
        .update(form ? "" : body)
        .update(secret)
        .digest("hex")
        .toUpperCase();
}

/** The `request` of a step as an event, with {{sign}} and {{sign_lower}} of its query filled in; null when it has none. */
export function requestEvent(step, secrets) {
    if (!step.request) return null;
    const { method = "POST", path, query = "", headers = [], secret = "FAKE_APP_SECRET" } = step.request;
    let sign = "";
    try {
        if (query.includes("{{sign"))
            sign = spiSign(query.replace(/&?sign=\{\{sign(_lower)?\}\}/, ""), headers, bodyOf(step), secrets[secret]);
    } catch (error) {
        if (!(error instanceof URIError)) throw error;
    }
    return {
        kind: "request",
        method,
        path,
        headers,
        query: query.replace("{{sign}}", sign).replace("{{sign_lower}}", sign.toLowerCase()),
    };
}

/** What follows from the time of a call. */
const OF_CLOCK = new Set(["timestamp", "header.timestamp", "header.sign", "since", "before", "queryTime"]);

/** Sentences about what the case wanted and did not get. `clock`: whether this host's clock is the case's. */
export function requestDifference(planned, actual, { clock = true } = {}) {
    return Object.entries(planned.expect ?? {})
        .filter(([name, value]) => (clock || !OF_CLOCK.has(name)) && (actual[name] ?? null) !== value)
        .map(
            ([name, value]) => `${name} wanted ${JSON.stringify(value)}, came ${JSON.stringify(actual[name] ?? null)}`,
        );
}

/** As the platform encrypts its pushes, for the app of its published sample (id and key `zc_test`). */
function pushBody(text) {
    const key = createHash("sha256").update("zc_test").digest().subarray(0, 16);
    return Buffer.from(createCipheriv("aes-128-ctr", key, key).update(text, "utf8").toString("base64"));
}

/** The bytes of an answer, or of what a step brings. */
export function bodyOf(answer) {
    if ("body_push" in answer) return pushBody(answer.body_push);
    if ("body" in answer) return Buffer.from(answer.body);
    if ("body_file" in answer) return readFileSync(join(CASES, answer.body_file));
    if ("body_base64" in answer) return Buffer.from(answer.body_base64, "base64");
    if ("body_repeat" in answer) {
        const { head = "", text, times, tail = "" } = answer.body_repeat;
        const counted = (n) => text.replace("{{n}}", n);
        const middle = text.includes("{{n}}")
            ? Array.from({ length: times }, (_, n) => counted(n)).join("")
            : text.repeat(times);
        return Buffer.from(head + middle + tail);
    }
    if ("rows" in answer)
        return Buffer.from(
            JSON.stringify({
                mama_crm_lead_list_response: { result_data: { result: answer.rows }, result_ok: true },
            }),
        );
    return Buffer.from("json" in answer ? JSON.stringify(answer.json) : "");
}

// ---- what differs -------------------------------------------------------------------------------------------------------

const short = (value) => JSON.stringify(value)?.slice(0, 400);

/** Empty = `actual` has everything that is wanted. */
export function difference(wanted, actual, path, only = false) {
    if (isObject(wanted)) {
        for (const [rule, expected] of [
            ["$has", true],
            ["$lacks", false],
        ]) {
            if (!(rule in wanted)) continue;
            const text = typeof actual === "string" ? actual : JSON.stringify(actual);
            return wanted[rule]
                .filter((part) => text.includes(part) !== expected)
                .map((part) => `${path}: ${expected ? "lacks" : "has"} ${part} in ${text.slice(0, 400)}`);
        }
        if ("$only" in wanted) return difference(wanted.$only, actual, path, true);
        if (isObject(actual)) {
            const missing = Object.entries(wanted).flatMap(([key, value]) =>
                difference(value, Object.hasOwn(actual, key) ? actual[key] : "(absent)", `${path}.${key}`, only),
            );
            const extra = only ? Object.keys(actual).filter((key) => !Object.hasOwn(wanted, key)) : [];
            return [...missing, ...extra.map((key) => `${path}.${key}: not expected: ${short(actual[key])}`)];
        }
    }
    if (Array.isArray(wanted) && Array.isArray(actual) && wanted.length === actual.length) {
        return wanted.flatMap((value, at) => difference(value, actual[at], `${path}[${at}]`, only));
    }
    return short(wanted) === short(actual) && JSON.stringify(wanted) === JSON.stringify(actual)
        ? []
        : [`${path}: wanted ${short(wanted)}, came ${short(actual)}`];
}

/** Whether a host plays this case: `cli`, `worker`. They have clocks of their own. */
export const playedOn = (entry, host) => !entry.needs_clock && !entry.not_on?.includes(host);

/** The same with every `received_at` alike: what a host with a clock of its own can promise. */
export function withoutClock(value) {
    if (Array.isArray(value)) return value.map(withoutClock);
    if (!isObject(value)) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, key === "received_at" ? "(clock)" : withoutClock(inner)]),
    );
}

/** What a step may expect of an answer. */
export function responseOf(status, headers, body) {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const json = /json/.test(lower["content-type"] ?? "") ? withoutClock(JSON.parse(body)) : undefined;
    return { status, headers: lower, body, ...(json === undefined ? {} : { json }) };
}

/** Everything a step expects, but requests. Whatever is undefined in `came` this host cannot know. */
export function stepDifference(entry, { expect = {} }, came, secrets) {
    const found = [];
    const { exit, summary, log, leads, rows, response } = came;
    for (const [name, actual] of Object.entries({
        exit,
        summary,
        log,
        leads,
        leads_count: leads?.length,
        rows,
        response,
    })) {
        if (name in expect && actual !== undefined) found.push(...difference(expect[name], actual, name));
    }
    for (const [name, secret] of Object.entries(secrets)) {
        if (secret.length >= 6 && came.shown.includes(secret)) found.push(`shows the secret ${name}`);
    }
    for (const text of entry.never ?? []) if (came.shown.includes(text)) found.push(`shows ${text}`);
    return found;
}

// ---- leadbridge.wasm and the memory store ---------------------------------------------------------------------------------

/** @returns {Promise<{failures: string[], trace: Buffer, last: object}>} `last`: what the last step gave and left. */
export async function playInMemory(entry, module) {
    const store = openMemoryStore();
    const failures = [];
    const trace = [];
    let last = {};
    let now = entry.now ?? NOW;
    for (const [index, step] of entry.steps.entries()) {
        now += (step.after_s ?? 0) * 1000;
        const wrong = (texts) => failures.push(...texts.map((text) => `step ${index + 1} ${text}`));
        const { configText, secrets } = setting(entry, step);
        const answers = [...(step.http ?? [])];
        const log = [];
        let shown = "";
        let answered = 0;
        const http = async (request) => {
            const planned = answers[answered++];
            const actual = decoded(request.url, Buffer.from(request.body ?? "").toString(), request.headers);
            if (!planned) {
                wrong([`http: a request more than the case answers: ${JSON.stringify(actual)}`]);
                return { error: { kind: "other", message: "no answer is left in this case" } };
            }
            wrong(requestDifference(planned, actual).map((text) => `http ${answered}: ${text}`));
            const { error, status = 200, headers = [], takes_ms: takes = 0 } = planned.answer;
            now += takes;
            if (error) return { error: { message: "", ...error } };
            const body = bodyOf(planned.answer);
            if (body.length > request.max_bytes)
                return {
                    error: {
                        kind: "too_large",
                        message: `the answer is longer than ${request.max_bytes} bytes`,
                    },
                };
            return { status, headers, body };
        };
        const { exit, summary, responded } = await drive({
            module,
            configText: resolveSecrets(configText, (_, name) =>
                Object.hasOwn(secrets, name) ? { value: secrets[name] } : { missing: "not set" },
            ),
            event: requestEvent(step, secrets) ?? step.event ?? { kind: "pull" },
            body: bodyOf(step),
            host: {
                now: () => now,
                random: (count) => Uint8Array.from({ length: count }, (_, at) => (at === 0 ? index + 1 : 0x5a)),
                http,
                wait: async (ms) => (now += ms),
                store,
                log: ({ code, message }) => {
                    log.push(code);
                    shown += `${code} ${message}\n`;
                },
            },
            trace: (raw) => trace.push(Buffer.from(raw)),
        });
        if (answered < answers.length) wrong([`http: only ${answered} of ${answers.length} requests came`]);
        shown += JSON.stringify(summary);
        const response =
            responded &&
            responseOf(responded.status, Object.fromEntries(responded.headers), Buffer.from(responded.body).toString());
        const rows = await storedRows(store, Object.keys(step.expect?.rows ?? {}));
        last = { exit, summary, log, leads: await storedLeads(store), rows, response, shown };
        wrong(stepDifference(entry, step, last, secrets));
    }
    return { failures, trace: Buffer.concat(trace), last };
}

/** Documents of each set of rows, at most a thousand. */
async function storedRows(store, sets) {
    const rows = {};
    for (const set of sets) {
        const { items } = await store.scan("rows", { set }, 1000, "");
        rows[set] = items.map((item) => JSON.parse(item.doc));
    }
    return rows;
}

async function storedLeads(store) {
    const leads = [];
    for (let page = ""; ; ) {
        const { items, next } = await store.scan("leads", {}, 500, page);
        leads.push(...items.map((item) => JSON.parse(item.doc)));
        if (!next) return leads;
        page = next;
    }
}
