// Previews in the module: everything a file can do to its memory.
import assert from "node:assert/strict";
import test from "node:test";
import { createEngine } from "../../wasm/loader.mjs";
import { NO_MODULE, realModule } from "./fakes/module.mjs";

const EIGHT_MB = 8 << 20;

function run(event, body) {
    const engine = createEngine(realModule(), "");
    engine.feed({
        head: { v: 2, type: "start", now: 1_694_077_000_000, event, random: "5a".repeat(32) },
        body,
    });
    const { head } = engine.next();
    const memory = engine.memoryBytes;
    engine.close();
    return { exit: head.exit, ...head.summary, memory };
}

const row = (remark, id = 1) => JSON.stringify({ record_id: id, open_key: "k", phone: "13800138000", remark });
const rows = (count, length) => Array.from({ length: count }, (_, at) => row("y".repeat(length), at));
const large = {
    "one cell of 8 MB": row("x".repeat(EIGHT_MB - 100)),
    "lines of 4 KB": rows(2000, 3900).join("\n"),
    "an array of rows of 8 KB": `[${rows(1000, 8000).join(",")}]`,
    "a table of 8 MB": `record_id,open_key,remark\n${Array.from({ length: 1900 }, (_, at) => `${at},k,"${"z".repeat(4300)}"`).join("\n")}`,
    "an array of numbers": `[${"1,".repeat(399_990)}1]`,
    "objects without end": `[${'{"a":1},'.repeat(190_000)}{}]`,
    "members without end": `{${Array.from({ length: 390_000 }, (_, at) => `"${at}":1`).join(",")}}`,
    "texts without end": `[${'"abcdefghijklmnopqrst",'.repeat(360_000)}""]`,
    "elements without end": `<a>${"<b>1</b>".repeat(190_000)}</a>`,
    "an element of 8 MB": `<a><record_id>1</record_id><open_key>1</open_key><remark>${"x".repeat(EIGHT_MB - 200)}</remark></a>`,
    "a form without end": `record_id=1&${Array.from({ length: 600_000 }, (_, at) => `k${at}=v`).join("&")}`,
    "base64 without end": "QUJD".repeat(EIGHT_MB / 4),
    "quotes without end": '"'.repeat(EIGHT_MB),
    "columns without end": "a,".repeat(EIGHT_MB / 2),
    "lines without end": "{}\n".repeat(EIGHT_MB / 3),
    "a push with a large content": JSON.stringify({
        noise: 1,
        type: "new_x",
        content: Array.from({ length: 1900 }, (_, at) => ({ customerId: at, name: "n".repeat(4000) })),
    }),
    "lists within text": JSON.stringify({ type: 1, data: `[${"{},".repeat(1_500_000)}{}]` }),
    "more than 8 MB": " ".repeat(EIGHT_MB + 1),
};
for (const [name, body] of Object.entries(large)) {
    test(`${name}: a sentence, no trap`, { skip: NO_MODULE }, () => {
        const { exit, error, problems, memory } = run(
            { kind: "preview", raw: true, reveal: true, tanma_app_id: "a", tanma_app_key: "b" },
            body,
        );
        assert.equal(exit, 2);
        assert.ok((error?.reason ?? problems[0].problem).length > 10);
        assert.ok(memory <= 64 << 20, `${memory} bytes`);
    });
}

test("a piece as the page cuts it needs few megabytes", { skip: NO_MODULE }, () => {
    const { exit, leads, memory } = run({ kind: "preview", raw: true }, rows(500, 200).join("\n"));
    assert.equal(exit, 0);
    assert.equal(leads.length, 500);
    assert.ok(memory <= 8 << 20, `${memory} bytes`);
});

test("more than fits into the memory: a failed invocation with a reason, and the instance lives on", {
    skip: NO_MODULE,
}, () => {
    const engine = createEngine(realModule(), "");
    engine.feed({
        head: { v: 2, type: "start", now: 1, event: { kind: "preview" }, random: "5a".repeat(32) },
        body: new Uint8Array(36 << 20),
    });
    const { head } = engine.next();
    assert.equal(head.type, "done");
    assert.equal(head.exit, 2);
    assert.equal(head.summary.error.code, "out_of_memory");
    assert.equal(engine.next(), null);
    engine.close();
});
