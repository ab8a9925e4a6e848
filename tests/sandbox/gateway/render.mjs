export const CONTENT_TYPE = { json: "text/javascript;charset=UTF-8", xml: "text/xml;charset=UTF-8" };

/** A list of the TOP model: wrapped by its item name, except in simplified JSON. */
export class TopList {
    constructor(itemName, values) {
        this.itemName = itemName;
        this.values = values;
    }
}

/** Envelope name: the method without a leading `taobao.`, underlined. */
export const envelopeName = (method) => `${method.replace(/^taobao\./, "").replaceAll(".", "_")}_response`;

/**
 * One answer as it goes over the wire.
 * @param {object} model plain values, BigInt for 64-bit integers, TopList for lists, objects for structures
 * @param {{format: 'json'|'xml', simplify?: boolean, envelope: string, comment?: string}} style
 */
export function renderAnswer(model, { format, simplify, envelope, comment }) {
    if (format === "xml") {
        const text = `<?xml version="1.0" encoding="utf-8" ?>${xml(envelope, model)}<!--${comment ?? "top"}-->`;
        return answer(200, CONTENT_TYPE.xml, text);
    }
    const flat = simplify && envelope !== "error_response"; // errors keep their envelope
    return answer(200, CONTENT_TYPE.json, flat ? json(model, true) : `{"${envelope}":${json(model, simplify)}}`);
}

export function answer(status, contentType, body) {
    return { status, headers: { "content-type": contentType }, body: Buffer.from(body) };
}

/** JSON with raw UTF-8, exact 64-bit integers and `\/`, as the platform's own writer has it. */
export function json(value, simplify = false) {
    if (value instanceof TopList) {
        return simplify ? json(value.values, true) : `{"${value.itemName}":${json(value.values)}}`;
    }
    if (typeof value === "bigint") return String(value);
    if (typeof value === "string") return JSON.stringify(value).replaceAll("/", "\\/");
    if (Array.isArray(value)) return `[${value.map((item) => json(item, simplify)).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `"${name}":${json(member, simplify)}`).join(",")}}`;
}

function xml(name, value) {
    if (value === undefined) return "";
    let inside;
    if (value instanceof TopList) inside = value.values.map((item) => xml(value.itemName, item)).join("");
    else if (value !== null && typeof value === "object") {
        inside = Object.entries(value)
            .map(([key, member]) => xml(key, member))
            .join("");
    } else inside = escapeXml(String(value));
    return inside === "" ? `<${name}/>` : `<${name}>${inside}</${name}>`;
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const escapeXml = (text) => text.replace(/[&<>"']/g, (char) => ENTITIES[char]);

/** JSON.parse with every integer as a BigInt, so that ids survive. Throws SyntaxError. */
export function parseExact(text) {
    JSON.parse(text);
    const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
    const marked = text.replace(token, (part) => (/^-?\d+$/.test(part) ? `"\\u0000int${part}"` : part));
    return JSON.parse(marked, (_, value) =>
        typeof value === "string" && value.startsWith("\0int") ? BigInt(value.slice(4)) : value,
    );
}
