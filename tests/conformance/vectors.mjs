// Runs signature vectors (JSON files) against build/leadbridge.wasm: node tests/conformance/vectors.mjs FILE...
// Prints each failure and ends with `N passed, N failed`. Kinds this version does not know are counted as skipped.
import { readFileSync } from "node:fs";
import { ABI_VERSION, createEngine } from "../../wasm/loader.mjs";

const moduleFile = process.env.LEADBRIDGE_WASM ?? new URL("../../build/leadbridge.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(moduleFile));

// Java hashes a lone surrogate as '?'.
const asJavaHashes = (text) =>
    text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "?");

function ask(event, body = new Uint8Array()) {
    const engine = createEngine(module, "{}");
    const head = { v: ABI_VERSION, type: "start", now: 0, event, random: "00".repeat(32) };
    engine.feed({ head, body });
    const answer = engine.next();
    engine.close();
    return answer.head.summary;
}

/** Empty text = passed, otherwise what differs. */
function checkTop(vector) {
    const params = {};
    for (const [name, value] of Object.entries(vector.params ?? {})) {
        if (value !== null) params[asJavaHashes(name)] = asJavaHashes(String(value));
    }
    const secret = asJavaHashes(vector.secret);
    const event = { kind: "sign", sign_method: vector.sign_method ?? "", secret, params };
    if (vector.body !== null && vector.body !== undefined && vector.body_in_sign !== false)
        event.body = asJavaHashes(vector.body);
    const { base_string: text, sign, error } = ask(event);
    if (error) return error.reason;
    const around = vector.sign_method === "md5" ? secret : "";
    const behind = ["hmac", "hmac-sha256"].includes(vector.sign_method) ? "" : secret;
    const expected = vector.base_string === undefined ? undefined : asJavaHashes(vector.base_string);
    if (expected !== undefined && expected !== around + text + behind && expected !== text)
        return "base string differs";
    if (sign !== vector.expected_sign) return `sign is ${sign}`;
    if (typeof vector.expected_valid === "boolean") {
        const judged = ask({ ...event, kind: "verify", given_sign: vector.given_sign }).valid;
        if (judged !== vector.expected_valid) return "the given sign is judged wrongly";
    }
    return "";
}

const gbk = new TextDecoder("gbk");

/** A call of the platform: accepted or refused as the official checker does, over the same text. */
function checkSpi(vector) {
    const secret = asJavaHashes(vector.secret);
    const headers = Object.entries(vector.headers ?? {}).filter(([, value]) => value !== null);
    if (typeof vector.content_type === "string") headers.push(["Content-Type", vector.content_type]);
    const body = vector.body_base64 ? Buffer.from(vector.body_base64, "base64") : Buffer.from(vector.body ?? "");
    const event = { kind: "verify", spi: true, query: vector.query ?? "", headers, secret };
    const { valid, code, expected, base_string, error } = ask(event, new Uint8Array(body));
    if (error) return error.reason;
    if (typeof vector.expected_sign !== "string") return valid ? "accepted, where the official checker throws" : "";
    if (expected !== vector.expected_sign) return `expects the sign ${expected} ${code}`;
    if (valid !== (vector.expected_valid === true)) return `the sign is judged wrongly: ${code}`;
    if (typeof vector.base_string !== "string") return "";
    // The sign already says that the bytes are right. GBK has '?' for what it cannot write, and may pass for UTF-8.
    const hashable = (text) => text.replaceAll("\ufffd", "?");
    const wanted = hashable(asJavaHashes(vector.base_string));
    const readings = [base_string, gbk.decode(Buffer.from(base_string))];
    return readings.some((text) => hashable(secret + text + secret) === wanted) ? "" : "base string differs";
}

const checks = { top: checkTop, spi: checkSpi };
const files = process.argv.slice(2);
if (files.length === 0) {
    console.error("usage: node tests/conformance/vectors.mjs FILE...");
    process.exit(1);
}
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of files) {
    for (const vector of JSON.parse(readFileSync(file, "utf8"))) {
        const check = checks[vector.kind];
        if (!check) {
            skipped++;
            continue;
        }
        const problem = check(vector);
        if (problem) console.error(`${vector.name}: ${problem}`);
        problem ? failed++ : passed++;
    }
}
console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
