// What is large or deep ends as an error with a reason, never as a trap: 64 MB of memory and 512 KB of stack are enough for all that is
// read at once. Answers of platforms are cases (tests/cases/limits.json); here are keys, configurations and pasted payloads.
import assert from "node:assert/strict";
import test from "node:test";
import { createEngine } from "../../wasm/loader.mjs";
import { NO_MODULE, realModule } from "./fakes/module.mjs";

/** The summary of an event that needs no host. */
function ask(module, event, body = "", config = "{}") {
    const engine = createEngine(module, config);
    engine.feed({
        head: { v: 2, type: "start", now: 1_694_077_000_000, event, random: "00".repeat(32) },
        body: Buffer.from(body),
    });
    for (;;) {
        const effect = engine.next();
        assert.ok(effect, "idle before done");
        if (effect.head.type !== "done") continue;
        engine.close();
        return effect.head.summary;
    }
}

const bytes = (text) => Buffer.from(text, "hex");
const ALGORITHM = bytes("300d06092a864886f70d0101010500");

/** DER of a key wrapped `depth` times: PKCS#8 (version, algorithm, octets) or SubjectPublicKeyInfo (algorithm, bits). */
function wrapped(depth, { isPrivate }) {
    const pieces = [bytes("300602010002012a")]; // no key either, but well-formed
    let length = pieces[0].length;
    const head = (tag, size) => {
        const octets =
            size < 0x80
                ? [size]
                : size < 0x100
                  ? [0x81, size]
                  : size < 0x10000
                    ? [0x82, size >> 8, size & 255]
                    : [0x83, size >> 16, (size >> 8) & 255, size & 255];
        return Buffer.from([tag, ...octets]);
    };
    for (let i = 0; i < depth; ++i) {
        const inner = isPrivate ? head(0x04, length) : Buffer.concat([head(0x03, length + 1), bytes("00")]);
        const before = Buffer.concat([isPrivate ? bytes("020100") : Buffer.alloc(0), ALGORITHM, inner]);
        const outer = Buffer.concat([head(0x30, before.length + length), before]);
        pieces.push(outer);
        length += outer.length;
    }
    return Buffer.concat(pieces.reverse());
}

for (const isPrivate of [true, false]) {
    test(`a ${isPrivate ? "private" : "public"} key inside 20,000 others is none`, { skip: NO_MODULE }, () => {
        const key = wrapped(20_000, { isPrivate }).toString("base64");
        const body = JSON.stringify({ id: 1, seller_user_id: 2, mobile: "x".repeat(172), gmt_modified: 1694076956000 });
        const { key_problem: problem } = ask(realModule(), { kind: "preview", mobile_key: key }, body);
        assert.equal(problem?.code, "key_malformed");
        const config = JSON.stringify({
            apps: { main: { app_key: "1", app_secret: { env: "A", value: "fake" } } },
            sources: {
                ads: {
                    platform: "alimama",
                    session: { env: "S", value: "fake" },
                    mobile_key: { env: "K", value: key },
                },
            },
        });
        const summary = JSON.stringify(ask(realModule(), { kind: "pull" }, "", config));
        assert.match(summary, /RSA key/);
    });
}

const many = (times, text) => Array.from({ length: times }, (_, n) => text.replace("{{n}}", n)).join("");

test("a configuration of 90,000 members, or 10,000 levels, is refused with a reason", { skip: NO_MODULE }, () => {
    for (const config of [
        `{"sources":{${many(90_000, '"s{{n}}":{},')}"x":{}}}`,
        `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
        `[${"{},".repeat(2_700_000)}{}]`,
    ]) {
        const { problems = [], error } = ask(realModule(), { kind: "status" }, "", config);
        assert.match(JSON.stringify(problems) + JSON.stringify(error ?? ""), /JSON/);
    }
});

test("payloads of the preview: rows, members, names, levels", { skip: NO_MODULE }, () => {
    const expected = {
        [`[${"{},".repeat(2_700_000)}{}]`]: "too_many_values",
        [`[${"{},".repeat(399_000)}{}]`]: "too_many_records",
        [`{${many(90_000, '"m{{n}}":1,')}"id":1,"mobile":"1"}`]: "too_many_values",
        [`<r>${"<a/>".repeat(900_000)}</r>`]: "too_many_values",
        [`<r>${many(90_000, "<m{{n}}/>")}</r>`]: "too_many_values",
        [`<r${many(90_000, ' m{{n}}=""')}/>`]: "too_many_values",
        [`${"<a>".repeat(100_000)}`]: "xml_too_deep",
        [`${"[".repeat(1_000_000)}`]: "json_too_deep",
        [many(90_000, "m{{n}}=1&")]: "too_many_values",
    };
    for (const [body, code] of Object.entries(expected)) {
        const { error } = ask(realModule(), { kind: "preview" }, body);
        assert.equal(error?.code, code, body.slice(0, 40));
    }
});
