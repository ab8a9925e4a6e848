import { createHash, createHmac } from "node:crypto";

// Character.isWhitespace of Java: no-break blanks (U+00A0, U+2007, U+202F) and U+FEFF are not in it.
const BLANK = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/;

/** True for a value the official client neither signs nor sends. */
export const isBlank = (text) => BLANK.test(text);

/**
 * The text that is signed: sorted by UTF-16 unit, name + value with nothing between, blank ones left out, body last.
 * @param {Iterable<[string, string]>} params decoded, untrimmed
 * @param {Buffer|string|null} body only for JSON/XML/text bodies
 */
export function signedBytes(params, body) {
    const pairs = [...params].filter(
        ([name, value]) => name !== "sign" && value !== null && !isBlank(name) && !isBlank(value),
    );
    pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); // JavaScript compares UTF-16 units, as Java does
    const text = pairs.map(([name, value]) => name + value).join("");
    return Buffer.concat([utf8(text), Buffer.from(body ?? "")]);
}

/** The signature as the official gateway computes it. An unknown method is the legacy form: trailing secret only. */
export function signTop(params, body, secret, signMethod) {
    const bytes = signedBytes(params, body);
    const key = utf8(secret);
    switch (signMethod) {
        case "md5":
            return upperHex(createHash("md5").update(Buffer.concat([key, bytes, key])));
        case "hmac":
            return upperHex(createHmac("md5", key).update(bytes));
        case "hmac-sha256":
            return upperHex(createHmac("sha256", key).update(bytes));
        default:
            return upperHex(createHash("md5").update(Buffer.concat([bytes, key])));
    }
}

const upperHex = (hash) => hash.digest("hex").toUpperCase();
const utf8 = (text) => Buffer.from(text.replace(/\p{Surrogate}/gu, "?")); // Java writes a lone surrogate as '?'
