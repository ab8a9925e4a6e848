import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { createEngine, decodeMessage, encodeMessage, EngineTrap } from "../../wasm/loader.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { realModule, NO_MODULE } from "./fakes/module.mjs";

const echo = (config = "{}") => createEngine(echoModule(), config);
const head = (fields = {}) => ({ v: 2, type: "x", ...fields });

test("a message goes through the memory and comes back, text and bytes", () => {
    const engine = echo();
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    engine.feed({ head: head({ id: 7, name: '客资 \u{1f600} "\\' }), body });
    const answer = engine.next();
    assert.deepEqual(answer.head, head({ id: 7, name: '客资 \u{1f600} "\\' }));
    assert.deepEqual(answer.body, body);
    assert.deepEqual(Buffer.from(answer.raw), Buffer.from(encodeMessage({ head: answer.head, body })));
    assert.equal(engine.next(), null);
});

test("views are made anew: every feed of the fake grows the memory, and large bodies cross its first pages", () => {
    const engine = echo();
    const before = engine.memoryBytes;
    for (const size of [0, 1, 70_000, 1_000_000, 3]) {
        const body = new Uint8Array(size).fill(size % 251);
        engine.feed({ head: head(), body });
        assert.deepEqual(engine.next().body, body, `body of ${size}`);
    }
    assert.ok(engine.memoryBytes > before);
});

test("what next() gave stays as it was when the module goes on", () => {
    const engine = echo();
    engine.feed({ head: head(), body: "first" });
    const first = engine.next();
    engine.feed({ head: head(), body: "second, longer" });
    engine.next();
    assert.equal(Buffer.from(first.body).toString(), "first");
});

for (const [body, what] of [
    ["X", "unreachable"],
    ["R", "endless recursion"],
]) {
    test(`a trap (${what}) ends the engine, and only this one`, () => {
        const engine = echo();
        const other = echo();
        assert.throws(() => engine.feed({ head: head(), body }), EngineTrap);
        for (const call of [() => engine.feed({ head: head(), body: "ok" }), () => engine.next()]) {
            assert.throws(
                call,
                (error) => error instanceof EngineTrap && error.code === "trap" && /fresh one/.test(error.message),
            );
        }
        engine.close(); // harmless
        for (const alive of [other, echo()]) {
            alive.feed({ head: head(), body: "ok" });
            assert.equal(Buffer.from(alive.next().body).toString(), "ok");
        }
    });
}

test("a trap while opening is an EngineTrap too", () => {
    assert.throws(() => echo("Trap"), EngineTrap);
});

test("a message outside the memory ends the engine", () => {
    const engine = echo();
    engine.feed({ head: head(), body: "B" });
    assert.throws(() => engine.next(), EngineTrap);
    assert.throws(() => engine.next(), EngineTrap);
});

test("calls inside a call are refused and harm nothing", () => {
    const engine = echo();
    let inner;
    const nosy = {
        toJSON: () => {
            try {
                engine.next();
            } catch (error) {
                inner = error;
            }
            return "x";
        },
    };
    engine.feed({ head: head({ nosy }), body: "ok" });
    assert.match(inner.message, /another call is running/);
    assert.equal(Buffer.from(engine.next().body).toString(), "ok");
});

test("a caller's mistake harms nothing", () => {
    const engine = echo();
    assert.throws(() => engine.feed({ head: head(), body: 42 }), TypeError);
    assert.throws(() => engine.feed({ head: { n: 1n } }), TypeError);
    engine.feed({ head: head(), body: "ok" });
    assert.equal(Buffer.from(engine.next().body).toString(), "ok");
});

test("after close every call says so", () => {
    const engine = echo();
    engine.close();
    engine.close();
    assert.throws(() => engine.next(), /closed/);
    assert.equal(engine.memoryBytes, 0);
});

test("a module of another ABI version is refused", () => {
    const bytes = Buffer.from(echoModule.bytes);
    // (func (result i32) i32.const 2 end) of lb_abi_version
    const at = bytes.indexOf(Buffer.from([0x04, 0x00, 0x41, 0x02, 0x0b]));
    assert.ok(at > 0);
    bytes[at + 3] = 1;
    assert.throws(() => createEngine(new WebAssembly.Module(bytes), "{}"), /ABI 1/);
});

test("cut and lying messages are refused", () => {
    const good = encodeMessage({ head: head(), body: "abc" });
    for (let length = 0; length < good.length; ++length)
        assert.throws(() => decodeMessage(good.subarray(0, length)), RangeError);
    const lying = Uint8Array.from(good);
    new DataView(lying.buffer).setUint32(4, 0xffffffff, true);
    assert.throws(() => decodeMessage(lying), RangeError);
});

test("the loader stays small and needs nothing", () => {
    const source = readFileSync(new URL("../../wasm/loader.mjs", import.meta.url), "utf8");
    assert.ok(source.split("\n").length <= 150);
    assert.doesNotMatch(source, /^import /m);
});

test("the real module: no imports, starts, reports a bad configuration instead of failing", {
    skip: NO_MODULE,
}, () => {
    const module = realModule();
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const engine = createEngine(module, "this is not JSON");
    engine.feed({ head: { v: 2, type: "start", now: 1, event: { kind: "status" }, random: "0".repeat(64) } });
    const heads = [];
    for (let effect; heads.length < 10 && (effect = engine.next()); ) heads.push(effect.head);
    const done = heads.find(({ type }) => type === "done");
    assert.equal(done?.exit, 1);
    engine.close();
});

test("the real module survives noise as input or traps, and never takes the next instance with it", {
    skip: NO_MODULE,
}, () => {
    const module = realModule();
    for (const noise of [
        { head: null },
        { head: 5 },
        { head: [] },
        { head: { v: 2 } },
        { head: { v: 2, type: "http_result", id: 99 } },
        { head: { v: 2, type: "start", now: "x", event: 3 } },
    ]) {
        const engine = createEngine(module, "{}");
        try {
            engine.feed(noise);
            for (let i = 0; i < 10 && engine.next(); ++i);
        } catch (error) {
            assert.ok(error instanceof EngineTrap || /malformed/.test(error.message), String(error));
        }
        engine.close();
    }
    createEngine(module, "{}").close();
});

test("the real module: a body above its memory limit is a trap with a reason", { skip: NO_MODULE }, () => {
    const engine = createEngine(realModule(), "{}");
    assert.throws(() => engine.feed({ head: { v: 2, type: "start" }, body: new Uint8Array(80 << 20) }), EngineTrap);
    assert.throws(() => engine.next(), EngineTrap);
});
