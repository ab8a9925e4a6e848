/** Bytes of a text in a request's charset. Node decodes GBK but does not encode it: the table is the decoder, inverted. */
export function encodeText(text, charset = "utf-8") {
    const name = charset.toLowerCase();
    if (name === "utf-8") return Buffer.from(text.replace(/\p{Surrogate}/gu, "?")); // a lone surrogate is '?', as in Java
    if (name !== "gbk") throw new TypeError(`charset ${charset}: only utf-8 and gbk are known`);
    const table = gbkTable();
    const bytes = [];
    for (const char of text) {
        if (char < "\x80") bytes.push(char.charCodeAt(0));
        else bytes.push(...(table.get(char) ?? [0x3f])); // what GBK cannot say becomes '?', as in Java
    }
    return Buffer.from(bytes);
}

let gbk;
function gbkTable() {
    if (gbk) return gbk;
    gbk = new Map();
    const decoder = new TextDecoder("gbk", { fatal: true });
    for (let lead = 0x81; lead <= 0xfe; lead++) {
        for (let trail = 0x40; trail <= 0xfe; trail++) {
            if (trail === 0x7f) continue;
            let char;
            try {
                char = decoder.decode(Uint8Array.of(lead, trail));
            } catch {
                continue;
            }
            const privateUse = char >= "\ue000" && char <= "\uf8ff";
            if ([...char].length === 1 && !privateUse && !gbk.has(char)) gbk.set(char, [lead, trail]);
        }
    }
    return gbk;
}

/** application/x-www-form-urlencoded as java.net.URLEncoder writes it: blank is '+', `*-_.` stay, the rest is upper-case hex. */
export function urlEncode(text, charset = "utf-8") {
    let encoded = "";
    for (const byte of encodeText(text, charset)) {
        const char = String.fromCharCode(byte);
        if (/[A-Za-z0-9*\-_.]/.test(char)) encoded += char;
        else if (char === " ") encoded += "+";
        else encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    }
    return encoded;
}

export const formOf = (pairs, charset) =>
    pairs.map(([name, value]) => `${urlEncode(name, charset)}=${urlEncode(value, charset)}`).join("&");
