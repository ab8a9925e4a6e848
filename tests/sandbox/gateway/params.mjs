import { isBlank } from "./sign.mjs";

const FORM = "application/x-www-form-urlencoded";
const SIGNED_BODY = ["application/json", "application/xml", "text/xml", "text/plain"];

/**
 * The text parameters of a TOP call: query and form together, decoded once.
 * Blank values are dropped as the official client does; a name given twice is refused (no official client can do it).
 * @returns {{params: Map<string, string>, body: Buffer|null, problem?: string}} body is null when it takes no part in the sign
 */
export function collectParams({ query, contentType, body }) {
    const params = new Map();
    const seen = new Set();
    const type = (contentType ?? "").split(";")[0].trim().toLowerCase();
    const result = { params, body: null };
    try {
        addPairs(params, seen, query);
        if (type === FORM) addPairs(params, seen, decodeUtf8(body));
        else if (SIGNED_BODY.includes(type)) result.body = body;
        else if (body.length > 0) throw new Error(`unsupported content type ${type || "(none)"}`);
    } catch (error) {
        result.problem = error.message;
    }
    return result;
}

function addPairs(params, seen, text) {
    for (const pair of text.split("&")) {
        if (pair === "") continue;
        const cut = pair.indexOf("=");
        const name = decode(cut < 0 ? pair : pair.slice(0, cut));
        const value = cut < 0 ? "" : decode(pair.slice(cut + 1));
        if (seen.has(name)) throw new Error(`duplicate parameter ${name}`);
        seen.add(name);
        if (!isBlank(name) && !isBlank(value)) params.set(name, value);
    }
}

function decode(text) {
    if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw new Error("broken percent escape");
    const latin = Buffer.from(text.replaceAll("+", " ")).toString("latin1");
    const bytes = latin.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return decodeUtf8(Buffer.from(bytes, "latin1"));
}

function decodeUtf8(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new Error("parameters are not UTF-8");
    }
}
