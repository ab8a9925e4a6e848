// Every one- and two-byte GBK sequence in the module against Node's own decoder. The text of a platform call
// declared as GBK comes back as `base_string`, the bytes hashed for it as `base_string_base64`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ABI_VERSION, createEngine } from "../../wasm/loader.mjs";

const moduleFile = process.env.LEADBRIDGE_WASM ?? new URL("../../build/leadbridge.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(moduleFile));
const decoder = new TextDecoder("gbk");

function signedText(bytes) {
    const engine = createEngine(module, "{}");
    const event = {
        kind: "verify",
        spi: true,
        query: "sign=none",
        secret: "x",
        headers: [["content-type", "text/plain;charset=GBK"]],
    };
    engine.feed({ head: { v: ABI_VERSION, type: "start", now: 0, event, random: "00".repeat(32) }, body: bytes });
    const { summary } = engine.next().head;
    engine.close();
    return {
        text: summary.base_string,
        bytes: Buffer.from(
            summary.base_string_base64 ?? summary.base_string,
            summary.base_string_base64 ? "base64" : "utf8",
        ),
    };
}

test("without a table nothing but ASCII is read, and nothing breaks", () => {
    const { exports } = new WebAssembly.Instance(module, {});
    exports._initialize?.();
    const text = new TextEncoder().encode("too short");
    const at = exports.lb_alloc(text.length);
    new Uint8Array(exports.memory.buffer).set(text, at);
    assert.equal(exports.lb_gbk(at, text.length), 0);
});

test("all pairs with a valid second byte", () => {
    for (let lead = 0x81; lead <= 0xfe; lead++) {
        const pairs = [];
        for (let trail = 0x40; trail <= 0xfe; trail++) {
            const euro = lead === 0xa2 && trail === 0xe3; // a private character in some tables
            if (trail !== 0x7f && !euro) pairs.push(lead, trail);
        }
        const bytes = Uint8Array.from(pairs);
        const got = signedText(bytes);
        assert.equal(got.text, decoder.decode(bytes), `lead byte ${lead.toString(16)}`);
        assert.deepEqual(got.bytes, Buffer.from(bytes));
    }
    assert.equal(signedText(Uint8Array.of(0xa2, 0xe3)).text, "\u20ac");
});

test("what is malformed is hashed as ?, as Java does", () => {
    for (let lead = 0x80; lead <= 0xff; lead++) {
        for (const trail of [0x20, 0x30, 0x3f, 0x7f]) {
            assert.equal(signedText(Uint8Array.of(lead, trail)).text, `?${String.fromCharCode(trail)}`);
        }
        assert.equal(signedText(Uint8Array.of(0x61, lead)).text, "a?");
    }
    assert.equal(signedText(Uint8Array.of(0x81, 0xff, 0x61)).text, "?a");
    assert.equal(signedText(Uint8Array.of(0x80, 0x81, 0x40)).text, "?\u4e02");
});
