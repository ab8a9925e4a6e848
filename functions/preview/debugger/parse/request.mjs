// What every parser gives: one HTTP request, bytes kept as they were.
// {method, url, path, host, query (raw, without '?'), headers [[name, value]], body (Uint8Array or null), form [[name, value]] or null, notes [{code, detail}]}
// `form`: the text parts of a multipart body, or decoded fields that were typed in. `notes`: what the reader should know, by code.

/** The text is not what it was taken for. `code` has its words in words/debugger.mjs. */
export class ParseProblem extends Error {
    constructor(code, detail = "") {
        super(detail ? `${code}: ${detail}` : code);
        this.code = code;
        this.detail = String(detail).slice(0, 200);
    }
}

export const MOST_CHARACTERS = 20 << 20;
const encoder = new TextEncoder();
export const utf8 = (text) => encoder.encode(text);

/** Text of the bytes when they are UTF-8, else null. */
export function textOf(bytes) {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return null;
    }
}

export function joinBytes(pieces) {
    const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
        all.set(piece, at);
        at += piece.length;
    }
    return all;
}

export const header = (headers, name) => headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

/** Splits the address by hand: URL would decode, sort out and normalise what was signed. */
export function makeRequest({ method, url = "", headers = [], body = null, form = null, notes = [] }) {
    const whole = url.replace(/#.*$/s, "");
    const at = whole.indexOf("?");
    const place = at < 0 ? whole : whole.slice(0, at);
    const [, scheme = "", authority = "", path = ""] =
        /^([a-z][a-z0-9+.-]*:)?(?:\/\/([^/]*))?(.*)$/is.exec(place) ?? [];
    return {
        method: (method || (body || form ? "POST" : "GET")).toUpperCase(),
        url: whole,
        scheme: scheme.toLowerCase(),
        host: authority || header(headers, "host") || "",
        path: path || "/",
        query: at < 0 ? "" : whole.slice(at + 1),
        headers,
        body: body && body.length > 0 ? body : null,
        form,
        notes,
    };
}

/** Without the line breaks at the end. */
export function withoutLastBreaks(text) {
    let end = text.length;
    while (end > 0 && (text[end - 1] === "\n" || text[end - 1] === "\r")) end -= 1;
    return text.slice(0, end);
}

/** One decoded [name, value] a pair; a broken escape stays as it is (the core says so). */
export function pairsOf(query) {
    const decode = (text) => {
        try {
            return decodeURIComponent(text.replace(/\+/g, " "));
        } catch {
            return text;
        }
    };
    return query
        .split("&")
        .filter(Boolean)
        .map((pair) => {
            const at = pair.indexOf("=");
            return at < 0 ? [decode(pair), ""] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
        });
}

export const encodePairs = (pairs) =>
    pairs
        .map(
            ([name, value]) =>
                `${encodeURIComponent(name.toWellFormed?.() ?? name)}=${encodeURIComponent(value.toWellFormed?.() ?? value)}`,
        )
        .join("&");

export function isForm(request) {
    const type = header(request.headers, "content-type");
    if (type !== undefined) return /^\s*application\/x-www-form-urlencoded/i.test(type);
    return false;
}
