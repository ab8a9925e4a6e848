import { signSpi } from "./spi.mjs";

const BODY_TYPES = ["application/json", "text/xml", "application/xml", "text/plain"];
const FORM = "application/x-www-form-urlencoded";

/**
 * The official checker of SPI calls, rule by rule: what a provider must accept and refuse. Tests hold the callers against it,
 * and the stand-in provider of the tests uses it.
 * @param {{query: string, headers: object, body: Buffer}} request
 * @returns {{valid: boolean, sign?: string, params?: Map<string,string>, error?: string}} error: where the checker throws
 */
export function checkSpi({ query, headers, body }, secret) {
    try {
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        const contentType = lower["content-type"];
        if (contentType === undefined) throw new Error("no content type");
        const charset = /charset=([^;\s]+)/i.exec(contentType)?.[1].toLowerCase() ?? "utf-8";
        if (!["utf-8", "gbk"].includes(charset)) throw new Error(`charset ${charset}`);
        const hasBody = BODY_TYPES.some((type) => contentType.startsWith(type));
        if (!hasBody && !contentType.startsWith(FORM)) throw new Error("unsupported SPI request");
        if (query === undefined || query === "") throw new Error("no query");

        const params = new Map();
        for (const name of splitJava(lower["top-sign-list"] ?? ""))
            params.set(name, lower[name.toLowerCase()] ? decode(lower[name.toLowerCase()], charset) : "");
        const inQuery = new Set();
        for (const pair of query.split("&")) {
            const parts = pair.split("=");
            while (parts.length > 0 && parts.at(-1) === "") parts.pop(); // Java's split drops trailing empty parts
            if (parts.length !== 1 && parts.length !== 2) continue;
            const name = decode(parts[0], charset);
            params.set(name, parts.length === 2 ? decode(parts[1], charset) : "");
            inQuery.add(name);
        }
        if (!hasBody) {
            const seen = new Set(inQuery);
            for (const pair of body
                .toString("latin1")
                .split("&")
                .filter((text) => text !== "")) {
                const cut = pair.indexOf("=");
                const name = decode(cut < 0 ? pair : pair.slice(0, cut), charset);
                const value = cut < 0 ? "" : decode(pair.slice(cut + 1), charset);
                if (!seen.has(name)) params.set(name, value.trim() === "" ? "" : value);
                seen.add(name);
            }
        }
        // The body is decoded before it is hashed, so broken UTF-8 cannot verify against its own bytes.
        const text = hasBody ? new TextDecoder(charset, { ignoreBOM: true }).decode(body) : "";
        const bytes = charset === "utf-8" ? Buffer.from(text) : body;
        const sign = signSpi(params, hasBody ? bytes : null, secret, charset);
        const given = inQuery.has("sign") ? params.get("sign") : undefined;
        return { valid: given === sign, sign, params };
    } catch (error) {
        return { valid: false, error: error.message };
    }
}

function splitJava(text) {
    const items = text === "" ? [] : text.split(",");
    while (items.length > 0 && items.at(-1) === "") items.pop();
    return items;
}

function decode(text, charset) {
    if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw new Error("broken percent escape");
    const bytes = Buffer.from(text.replaceAll("+", " "), "latin1")
        .toString("latin1")
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    return new TextDecoder(charset, { ignoreBOM: true }).decode(Buffer.from(bytes, "latin1"));
}
