// Which of the five signatures a request carries, and the core event that checks or makes it. The core does the arithmetic.
import { encodePairs, header, isForm, pairsOf, textOf, utf8 } from "./parse/request.mjs";

export const PROTOCOLS = ["top", "qimen", "spi", "tanma", "tanma_push"];
export const SIGN_METHODS = ["md5", "hmac", "hmac-sha256"];

const GATEWAY = /(^|\.)(taobao|tbsandbox|tmall|alibaba|fliggy|alitrip)\.com(:\d+)?$/i;

/** Parameters as their reader sees them: query, then a form body. Names as written. */
export function parametersOf(request) {
    const form = request.form ?? (isForm(request) && request.body ? pairsOf(textOf(request.body) ?? "") : []);
    return [...pairsOf(request.query), ...form];
}

const firstValue = (pairs, name) => pairs.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

/** @returns {{protocol: string, why: string}} `why` is a code with words */
export function recognise(request) {
    const pairs = parametersOf(request);
    const has = (name) => firstValue(pairs, name) !== undefined;
    const inHead = (name) => header(request.headers, name) !== undefined;
    const either = (name) => inHead(name) || (request.typed && has(name));
    if (either("appId") && either("sign") && either("timestamp") && !has("app_key")) {
        return either("version")
            ? { protocol: "tanma_push", why: "head_with_version" }
            : { protocol: "tanma", why: "head" };
    }
    const method = firstValue(pairs, "method") ?? "";
    if (/\/router\/(qm|qmtest|qimen)/i.test(request.path) || has("target_app_key"))
        return { protocol: "qimen", why: "gateway_qimen" };
    if (/\/router\/(rest|batch)/i.test(request.path) || GATEWAY.test(request.host))
        return /^qimen\./.test(method)
            ? { protocol: "qimen", why: "method_qimen" }
            : { protocol: "top", why: "gateway" };
    if (inHead("top-sign-list") || has("target_appkey") || has("source_appkey"))
        return { protocol: "spi", why: "called_by_platform" };
    const own = request.host !== "" || request.path !== "/";
    if (own && request.body && !isForm(request) && has("sign")) return { protocol: "spi", why: "body_to_us" };
    if (/^qimen\./.test(method))
        return own ? { protocol: "spi", why: "called_by_platform" } : { protocol: "qimen", why: "method_qimen" };
    if (own && has("sign")) return { protocol: "spi", why: "not_a_gateway" };
    return { protocol: "top", why: "default" };
}

const withoutSign = (query) =>
    query
        .split("&")
        .filter((pair) => pair.replace(/=.*$/s, "").toLowerCase() !== "sign")
        .join("&");

/** What the request says its signature is. */
export function givenSign(request, protocol) {
    const pairs = parametersOf(request);
    if (protocol === "tanma" || protocol === "tanma_push")
        return header(request.headers, "sign") ?? (request.typed ? firstValue(pairs, "sign") : undefined) ?? "";
    return pairs.findLast?.(([name]) => name === "sign")?.[1] ?? firstValue(pairs, "sign") ?? "";
}

/**
 * @param {'verify'|'sign'} kind
 * @param {{protocol: string, secret: string, others?: string[], signMethod?: string, given?: string}} options
 * @returns {{event: object, body: Uint8Array|undefined}} for core.run
 */
export function eventFor(kind, request, { protocol, secret, others = [], signMethod = "", given = "" }) {
    const verify = kind === "verify";
    const event = { kind, protocol, secret };
    if (verify && others.length > 0) event.other_secrets = others;
    if (protocol === "spi") {
        event.spi = true;
        event.query = verify ? request.query : withoutSign(request.query);
        event.headers = request.headers;
        // Parameters alone say nothing about the headers; without a type the checker would refuse to look.
        if (request.bare && header(request.headers, "content-type") === undefined)
            event.headers = [...request.headers, ["Content-Type", "application/x-www-form-urlencoded"]];
        return { event, body: bodyOf(request) };
    }
    if (protocol === "tanma" || protocol === "tanma_push") {
        const pairs = request.typed ? parametersOf(request) : [];
        const value = (name) => header(request.headers, name) ?? firstValue(pairs, name) ?? "";
        event.app_id = value("appId");
        event.timestamp = value("timestamp");
        if (protocol === "tanma_push") event.version = value("version") || "1";
        if (verify) event.given_sign = given || givenSign(request, protocol);
        return { event, body: bodyOf(request) };
    }
    // The gateway reads query and form as one; everything else in the body is signed behind the parameters.
    const form = request.form
        ? encodePairs(request.form)
        : isForm(request) && request.body
          ? (textOf(request.body) ?? "")
          : "";
    const whole = [request.query, form].filter(Boolean).join("&");
    event.query = verify ? whole : withoutSign(whole);
    if (signMethod) event.sign_method = signMethod;
    if (verify && given) event.given_sign = given;
    let body;
    if (request.body && !form && !request.form) {
        const text = textOf(request.body);
        if (text === null) body = request.body;
        else event.body = text;
    }
    return { event, body };
}

/** The body as it was, or as its fields make it. */
export function bodyOf(request) {
    if (request.body) return request.body;
    return request.form ? utf8(encodePairs(request.form)) : undefined;
}

// ---- the other direction ------------------------------------------------------------------------------------------------------

/** Now, as TOP wants it: +08:00, whatever zone this device is in. */
export const chinaTime = (now) => new Date(now + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");

// Java puts these in the address and everything else in the form; the gateway takes both.
const PUBLIC = new Set([
    "method",
    "app_key",
    "session",
    "timestamp",
    "v",
    "sign_method",
    "format",
    "simplify",
    "partner_id",
    "target_app_key",
]);

/**
 * A signed request to send, as {method, url, headers, body}.
 * @param {{protocol, url, method, params: [string, string][], headers: [string, string][], body: string, bodyType: string}} draft
 */
export function assembleSigned(draft, sign) {
    const { protocol, params } = draft;
    const headers = draft.headers.filter(([name]) => !/^(sign|content-type|content-length)$/i.test(name));
    const target = (pairs, signature) => {
        const query = encodePairs(signature === undefined ? pairs : [...pairs, ["sign", signature]]);
        return query ? `${draft.url}${draft.url.includes("?") ? "&" : "?"}${query}` : draft.url;
    };
    if (protocol === "tanma" || protocol === "tanma_push") {
        const type = protocol === "tanma" ? "application/json" : "text/plain;charset=UTF-8";
        return {
            method: "POST",
            url: draft.url,
            headers: [...params, ["sign", sign], ["Content-Type", draft.bodyType || type], ...headers],
            body: draft.body,
        };
    }
    if (draft.body !== "") {
        return {
            method: "POST",
            url: target(params, sign),
            headers: [["Content-Type", draft.bodyType || "application/json;charset=utf-8"], ...headers],
            body: draft.body,
        };
    }
    if (protocol === "spi") {
        const type = draft.bodyType || "application/x-www-form-urlencoded;charset=UTF-8";
        return {
            method: "POST",
            url: target(params, sign),
            headers: [["Content-Type", type], ...headers],
            body: "",
        };
    }
    const open = params.filter(([name]) => PUBLIC.has(name));
    const rest = params.filter(([name]) => !PUBLIC.has(name));
    const form = encodePairs(rest);
    return {
        method: "POST",
        url: target(open, sign),
        headers: [["Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"], ...headers],
        body: form,
    };
}

/** The draft as the request that is signed: same parameters, same bytes. */
export function draftRequest(draft) {
    const { protocol, params, headers } = draft;
    const head = protocol === "tanma" || protocol === "tanma_push" ? [...params, ...headers] : [...headers];
    const body = draft.body === "" ? null : utf8(draft.body);
    const signed = assembleSigned(draft, "");
    const type = signed.headers.find(([name]) => /^content-type$/i.test(name));
    const query = protocol === "tanma" || protocol === "tanma_push" ? "" : encodePairs(params);
    // An address with a query of its own takes part too.
    const own = draft.url.includes("?") ? draft.url.slice(draft.url.indexOf("?") + 1) : "";
    const both = [own, query].filter(Boolean).join("&");
    // For TOP what stands in the form is in `query` already: the body here is only what is signed behind the parameters.
    const kept = head.filter(([name]) => !/^(content-type|sign)$/i.test(name));
    return {
        method: "POST",
        url: `${draft.url.split("?")[0]}?${both}`,
        host: "",
        path: "/",
        query: both,
        headers: [...(type ? [type] : []), ...kept],
        body,
        form: null,
        notes: [],
        typed: false,
    };
}

/** Empty values are neither signed nor sent by the official client. */
export const withoutEmpty = (pairs) => pairs.filter(([name, value]) => name.trim() !== "" && /[^\s\u3000]/.test(value));
