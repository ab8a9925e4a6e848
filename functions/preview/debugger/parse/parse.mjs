// Whatever was pasted, into one request or a choice of several. Pure: nothing is sent, nothing is kept.
import { parseCurl, shellOf } from "./curl.mjs";
import { fromObject, parseFields } from "./fields.mjs";
import { fromHar, harRequests, parseFetch } from "./har.mjs";
import { looksLikeHttp, parseHttp } from "./http.mjs";
import { MOST_CHARACTERS, ParseProblem } from "./request.mjs";

export { ParseProblem } from "./request.mjs";

/** @returns {'curl'|'http'|'har'|'fetch'|'json'|'fields'} */
export function kindOf(text) {
    const start = text.slice(0, 4000).replace(/^[\s\ufeff]+/, "");
    if (/^[{[]/.test(start)) return "json";
    if (/^(await\s+)?fetch\(/.test(start)) return "fetch";
    if (
        /(^|[\s\\/;|&(])curl(\.exe)?["']?([\s^\\`]|$)/i.test(start.slice(0, 400)) ||
        /\b(invoke-webrequest|invoke-restmethod)\b/i.test(start)
    )
        return "curl";
    if (looksLikeHttp(start)) return "http";
    return "fields";
}

/**
 * @returns {{kind: string, shell?: string, requests: {label: string, open: () => object}[]}} `open` gives the request or throws ParseProblem
 */
export function parse(text) {
    if (typeof text !== "string" || text.trim() === "") throw new ParseProblem("nothing");
    if (text.length > MOST_CHARACTERS) throw new ParseProblem("too_long");
    const clean = text.replace(/^\ufeff/, "");
    const kind = kindOf(clean);
    const one = (name, request, more = {}) => ({
        kind: name,
        ...more,
        requests: [{ label: labelOf(request), open: () => request }],
    });
    if (kind === "curl") return one("curl", parseCurl(clean), { shell: shellOf(clean) });
    if (kind === "http") return one("http", parseHttp(clean));
    if (kind === "fetch") return one("fetch", parseFetch(clean));
    if (kind === "json") {
        let json;
        try {
            json = JSON.parse(longNumbersAsText(clean));
        } catch (error) {
            throw new ParseProblem("broken_json", String(error.message));
        }
        const requests = harRequests(json);
        if (requests?.length > 0)
            return {
                kind: "har",
                requests: requests.map((request) => ({
                    label: labelOf(request),
                    open: () => fromHar(request),
                })),
            };
        if (requests || Array.isArray(json) || typeof json !== "object" || json === null)
            throw new ParseProblem("no_request");
        return one("fields", fromObject(json));
    }
    return one("fields", parseFields(clean));
}

// A 64-bit id must not pass through a JavaScript number.
const longNumbersAsText = (text) =>
    text.replace(/"(?:[^"\\]|\\.)*"|-?\b\d{16,}\b(?![.eE])/g, (token) =>
        token.startsWith('"') ? token : `"${token}"`,
    );

const labelOf = ({ method, url }) => `${String(method).slice(0, 10)} ${String(url).slice(0, 160)}`;
