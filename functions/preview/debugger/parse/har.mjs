// HAR files and entries as browsers and proxies save them, and `fetch(...)` as browsers copy it.
import { makeRequest, ParseProblem, utf8 } from "./request.mjs";

const MOST_ENTRIES = 5000;

/** The requests in a HAR file, an entry, or a bare request; null when it is none of these. */
export function harRequests(json) {
    const list = Array.isArray(json?.log?.entries)
        ? json.log.entries
        : Array.isArray(json?.entries)
          ? json.entries
          : json?.request && typeof json.request === "object"
            ? [json]
            : typeof json?.url === "string" && typeof json?.method === "string"
              ? [{ request: json }]
              : null;
    if (!list) return null;
    return list
        .slice(0, MOST_ENTRIES)
        .map((entry) => entry?.request)
        .filter((request) => request && typeof request === "object" && typeof request.url === "string");
}

export function fromHar(request) {
    const notes = [];
    const pairs = (list) =>
        (Array.isArray(list) ? list : [])
            .filter((each) => each && typeof each.name === "string")
            .map(({ name, value }) => [name, String(value ?? "")]);
    const headers = pairs(request.headers).filter(([name]) => !/^:(method|path|scheme|authority)$/.test(name));
    const data = request.postData;
    let body = null;
    let form = null;
    if (data && typeof data === "object") {
        if (typeof data.text === "string" && data.text !== "") {
            if (data.encoding === "base64" || data._encoding === "base64") {
                try {
                    body = Uint8Array.from(atob(data.text), (char) => char.charCodeAt(0));
                } catch {
                    throw new ParseProblem("not_readable", "postData");
                }
            } else body = utf8(data.text);
        } else if (Array.isArray(data.params) && data.params.length > 0) form = pairs(data.params);
        if (
            typeof data.mimeType === "string" &&
            data.mimeType &&
            !headers.some(([name]) => /^content-type$/i.test(name))
        )
            headers.push(["Content-Type", data.mimeType]);
        if (!data.text && !form && Number(request.bodySize) > 0) notes.push({ code: "har_without_body", detail: "" });
    }
    return makeRequest({
        method: String(request.method ?? ""),
        url: request.url,
        headers,
        body,
        form,
        notes,
    });
}

/** fetch("https://...", {"headers": {...}, "body": "...", "method": "POST"}); */
export function parseFetch(text) {
    const found = /^\s*(?:await\s+)?fetch\(\s*("(?:[^"\\]|\\.)*")\s*(?:,\s*(\{.*\})\s*)?\)\s*;?\s*$/s.exec(text);
    if (!found) throw new ParseProblem("not_readable", "fetch");
    try {
        const url = JSON.parse(found[1]);
        const options = found[2] ? JSON.parse(found[2]) : {};
        const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value)]);
        return makeRequest({
            method: String(options.method ?? ""),
            url,
            headers,
            body: typeof options.body === "string" ? utf8(options.body) : null,
        });
    } catch {
        throw new ParseProblem("not_readable", "fetch");
    }
}
