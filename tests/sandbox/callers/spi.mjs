import { createHash } from "node:crypto";
import { writeJson } from "../json.mjs";
import { formatGmt8 } from "../gateway/time.mjs";
import { encodeText, formOf, urlEncode } from "./charset.mjs";

const TYPES = { json: "application/json", form: "application/x-www-form-urlencoded", xml: "text/xml" };

/**
 * The SPI signature: MD5 of secret + sorted names and values + body + secret, in the charset of the request.
 * An empty value keeps its name. `sign` itself takes no part.
 * @param {Iterable<[string, string]>} params query, form and listed headers together, decoded
 * @param {Buffer|null} body null for a form
 */
export function signSpi(params, body, secret, charset = "utf-8") {
    const pairs = [...params].filter(([name]) => name !== "sign").sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const head = encodeText(secret + pairs.map(([name, value]) => name + value).join(""), charset);
    return createHash("md5")
        .update(head)
        .update(body ?? Buffer.alloc(0))
        .update(encodeText(secret, charset))
        .digest("hex")
        .toUpperCase();
}

/**
 * What a right checker makes of a damaged JSON call: `sign`, `timestamp` and `content` are refusals for that reason, `refused` is one
 * for either, `ok` is served, `any` is left to the provider.
 */
export const SPI_DAMAGE = {
    unsigned: "sign",
    wrong_sign: "sign",
    lower_sign: "sign",
    wrong_secret: "sign",
    sign_in_body: "sign",
    changed_body: "sign",
    reserialised: "sign",
    extra_query: "sign",
    unescaped_equals: "sign",
    duplicate_parameter: "sign",
    duplicate_signed_last: "ok",
    bad_percent: "sign",
    no_content_type: "sign",
    multipart: "sign",
    unknown_content_type: "sign",
    no_query: "sign",
    timestamp_missing: "timestamp",
    timestamp_old: "timestamp",
    timestamp_future: "timestamp",
    timestamp_ms: "timestamp",
    timestamp_garbage: "timestamp",
    wrong_types: "content",
    not_json: "content",
    not_an_object: "content",
    empty_body: "content",
    deep_json: "content",
    invalid_utf8: "refused",
    bom: "any",
    huge: "refused",
};

/**
 * A call of the platform to a provider, signed by the provider's secret as the official gateway does it.
 * @param {object} business top-level parameters; numbers, BigInt, text
 * @param {object} options
 * @param {string} options.path of the provider's endpoint, with or without http://host
 * @param {string} options.app_secret
 * @param {number|string} options.timestamp epoch ms (written as GMT+8 text), or the text itself
 * @param {string} [options.app_key] with target_appkey, source_appkey, requestId and query {name: value} the rest of the query
 * @param {'json'|'form'|'xml'} [options.content]
 * @param {'utf-8'|'gbk'} [options.charset]
 * @param {Object<string,string>} [options.headersToSign] sent URL-encoded and named in top-sign-list
 * @param {string} [options.damage] one of SPI_DAMAGE
 * @returns {{method: string, url: string, headers: Object<string,string>, body: Buffer}}
 */
export function spiCall(business, options) {
    const {
        path,
        app_secret,
        timestamp,
        content = "json",
        charset = "utf-8",
        headersToSign = {},
        damage,
        method,
        root = "request",
    } = options;
    if (damage !== undefined && !Object.hasOwn(SPI_DAMAGE, damage))
        throw new TypeError(`unknown damage ${damage}; one of ${Object.keys(SPI_DAMAGE).join(", ")}`);
    if (!Object.hasOwn(TYPES, content)) throw new TypeError(`unknown content ${content}`);
    const { app_key = "12345678", target_appkey = app_key, source_appkey = "23558957" } = options; // logs have app_key as ours and as the caller's
    const query = [
        ["app_key", app_key],
        ["target_appkey", target_appkey],
        ["method", method],
        ["sign_method", "md5"],
        ["format", content === "xml" ? "xml" : "json"],
        ["request_id", options.requestId ?? "sb0fake0call"],
        ["source_appkey", source_appkey],
        ...clock(timestamp, damage),
    ].filter(([, value]) => value !== undefined);
    for (const [name, value] of Object.entries(options.query ?? {})) query.push([name, value]);

    const values = damage === "wrong_types" ? wrongTypes(business) : business;
    const form = content === "form" ? Object.entries(values).map(([name, value]) => [name, textOf(value)]) : [];
    let body = damagedBody(bodyOf(values, form, content, charset, root), damage);
    if (damage === "unescaped_equals") query.push(["note", "a=b"]);
    if (damage === "duplicate_signed_last") query.push(["twice", "2"]);

    // The names in the query win over the form, and both over headers: that is the order of the checker's puts.
    const signed = new Map([
        ...Object.entries(headersToSign),
        ...form.filter(([name]) => !query.some(([other]) => other === name)).map(blankIsEmpty),
        ...query,
    ]);
    let sign = signSpi(
        signed,
        content === "form" ? null : body,
        damage === "wrong_secret" ? `${app_secret}x` : app_secret,
        charset,
    );
    if (damage === "wrong_sign") sign = sign.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    if (damage === "lower_sign") sign = sign.toLowerCase();

    if (damage === "sign_in_body")
        body =
            content === "form"
                ? Buffer.from(`${body}&sign=${sign}`)
                : Buffer.from(body.toString("latin1").replace("{", `{"sign":"${sign}",`), "latin1");
    else if (damage !== "unsigned") query.push(["sign", sign]);
    if (damage === "changed_body") body = changeDigit(body);
    if (damage === "reserialised")
        body = Buffer.concat([body, Buffer.from(content === "form" ? "&" + "again=1" : "\n")]);

    let queryText = formOf(query, charset);
    if (damage === "unescaped_equals") queryText = queryText.replace("note=a%3Db", "note=a=b");
    if (damage === "duplicate_parameter") queryText += "&app_key=87654321";
    if (damage === "duplicate_signed_last") queryText = `twice=1&${queryText}`;
    if (damage === "extra_query") queryText += "&a=";
    if (damage === "bad_percent") queryText += "&a=%zz";
    const headers = { "content-type": `${TYPES[content]};charset=${charset.toUpperCase()}` };
    if (damage === "no_content_type") delete headers["content-type"];
    if (damage === "unknown_content_type") headers["content-type"] = "text/json";
    if (damage === "multipart") {
        headers["content-type"] = "multipart/form-data; boundary=fake0boundary";
        body = Buffer.concat([
            Buffer.from('--fake0boundary\r\nContent-Disposition: form-data; name="lead"\r\n\r\n'),
            body,
            Buffer.from("\r\n--fake0boundary--\r\n"),
        ]);
    }
    if (Object.keys(headersToSign).length > 0) {
        headers["top-sign-list"] = Object.keys(headersToSign).join(",");
        for (const [name, value] of Object.entries(headersToSign))
            headers[name.toLowerCase()] = urlEncode(value, charset);
    }
    return { method: "POST", url: damage === "no_query" ? path : `${path}?${queryText}`, headers, body };
}

function clock(timestamp, damage) {
    if (damage === "timestamp_missing") return [];
    const ms = typeof timestamp === "number" ? timestamp : Date.parse(`${timestamp.replace(" ", "T")}+08:00`);
    const shown = {
        timestamp_old: () => formatGmt8(ms - 3600_000),
        timestamp_future: () => formatGmt8(ms + 3600_000),
        timestamp_ms: () => String(ms),
        timestamp_garbage: () => "yesterday",
    }[damage];
    return [["timestamp", shown ? shown() : typeof timestamp === "number" ? formatGmt8(ms) : timestamp]];
}

const blankIsEmpty = ([name, value]) => [name, value.trim() === "" ? "" : value];
const textOf = (value) => (value !== null && typeof value === "object" ? writeJson(value) : String(value));

function bodyOf(values, form, content, charset, root) {
    if (content === "json") return encodeText(writeJson(values), charset);
    if (content === "form") return Buffer.from(formOf(form, charset));
    const members = Object.entries(values)
        .map(([name, value]) => `<${name}>${escapeXml(textOf(value))}</${name}>`)
        .join("");
    return encodeText(
        `<?xml version="1.0" encoding="${charset.toUpperCase()}"?><${root}>${members}</${root}>`,
        charset,
    );
}

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": "&#10;" };
const escapeXml = (text) => text.replace(/[&<>"'\n]/g, (char) => ENTITIES[char]);

/** Damage that is done before signing: the signature is right, the content is not. */
function damagedBody(body, damage) {
    switch (damage) {
        case "not_json":
            return Buffer.from("this is no document");
        case "not_an_object":
            return Buffer.from("[1,2,3]");
        case "empty_body":
            return Buffer.alloc(0);
        case "deep_json":
            return Buffer.from(`{"extra":${"[".repeat(20_000)}${"]".repeat(20_000)}}`);
        case "invalid_utf8":
            return Buffer.concat([body.subarray(0, -2), Buffer.from([0xff, 0xfe]), body.subarray(-2)]);
        case "bom":
            return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
        case "huge":
            return Buffer.concat([
                body.subarray(0, -1),
                Buffer.from(`,"padding":"${"a".repeat(5_000_000)}"`),
                body.subarray(-1),
            ]);
        default:
            return body;
    }
}

function changeDigit(body) {
    const changed = Buffer.from(body);
    const at = changed.findLastIndex((byte) => byte >= 0x30 && byte <= 0x39);
    if (at >= 0) changed[at] = changed[at] === 0x39 ? 0x30 : changed[at] + 1;
    return changed;
}

/** Every value of another JSON type than documented. */
function wrongTypes(fields) {
    const others = [{ a: 1 }, [1], true, null, 1.5];
    return Object.fromEntries(
        Object.entries(fields).map(([name, value], i) => [
            name,
            typeof value === "string" ? others[i % 5] : [{ b: 2 }, ["x"], false, "x"][i % 4],
        ]),
    );
}
