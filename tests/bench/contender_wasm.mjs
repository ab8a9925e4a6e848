// The page through build/leadbridge.wasm, by its ABI (docs/abi.md).
import { ABI_VERSION, createEngine, decodeMessage, encodeMessage } from "../../wasm/loader.mjs";

const RANDOM = "07".repeat(32); // as page_bench.cc has it
const decoder = new TextDecoder();
const encoder = new TextEncoder();
const HEADERS = [["content-type", "text/javascript;charset=UTF-8"]];

/** Performs one pull invocation by hand, on anything with feed(input) and next(). */
function invocation(engine, { now, checkpoint = null }) {
    const feed = (head, body) => engine.feed({ head: { v: ABI_VERSION, now, ...head }, body });
    const expect = (type) => {
        for (let effect = engine.next(); effect; effect = engine.next()) {
            if (effect.head.type === type) return effect;
            if (effect.head.type === "done")
                throw new Error(`expected ${type}, got done: ${JSON.stringify(effect.head.summary)}`);
        }
        throw new Error(`expected ${type}, got nothing`);
    };
    const stored = (effect) => feed({ type: "store_result", id: effect.head.id, outcome: "ok", inserted: 100 });

    feed({ type: "start", event: { kind: "pull" }, random: RANDOM });
    const { id, keys } = expect("store.load").head;
    feed({
        type: "store_result",
        id,
        outcome: "ok",
        records: checkpoint === null ? [] : [{ key: keys[0], version: 1, value: checkpoint }],
    });
    const request = expect("http").head.id;
    return {
        /** The part that is "the page": the answer's bytes go in, the records come out as text for the store. */
        page(bytes) {
            feed({ type: "http_result", id: request, status: 200, headers: HEADERS }, bytes);
            const effect = expect("store.commit");
            return {
                effect,
                checkpoint: effect.head.checkpoints[0].value,
                records: decoder.decode(effect.body),
            };
        },
        end({ effect }) {
            stored(effect); // the page, then the closing commit: the budget is one request
            stored(expect("store.commit"));
            stored(expect("store.purge"));
            expect("done");
        },
    };
}

/** One instance for many invocations: what is left when the fresh instance is not counted. */
function reusedInstance(module) {
    const { exports } = new WebAssembly.Instance(module, {});
    exports._initialize();
    const lend = (bytes, call) => {
        const at = exports.lb_alloc(bytes.length) >>> 0;
        new Uint8Array(exports.memory.buffer).set(bytes, at);
        const result = call(at, bytes.length);
        exports.lb_free(at);
        return result;
    };
    return (config) => {
        const handle = lend(encoder.encode(config), (at, length) => exports.lb_open(at, length));
        return {
            feed(input) {
                if (lend(encodeMessage(input), (at, length) => exports.lb_feed(handle, at, length)) === 0)
                    throw new Error("malformed message");
            },
            next() {
                const at = exports.lb_next(handle) >>> 0;
                if (at === 0) return null;
                const { buffer } = exports.memory;
                return decodeMessage(
                    new Uint8Array(buffer.slice(at, at + 4 + new DataView(buffer).getUint32(at, true))),
                );
            },
            close: () => exports.lb_close(handle),
        };
    };
}

/** A whole invocation in an instance of its own. */
function freshInstance(module, config, bytes, now) {
    const engine = createEngine(module, config);
    const run = invocation(engine, { now });
    const commit = run.page(bytes);
    run.end(commit);
    const { memoryBytes } = engine;
    engine.close();
    return { ...commit, memoryBytes };
}

export const firstPage = (...args) => freshInstance(...args).records;

export function createWasm(inputs, module) {
    const open = reusedInstance(module);
    const { now } = inputs;
    const fresh = (config, bytes) => freshInstance(module, config, bytes, now);
    const page = (config, bytes, checkpoint) => ({
        prepare() {
            const engine = open(config);
            return { engine, run: invocation(engine, { now, checkpoint }) };
        },
        run: ({ run }) => run.page(bytes).records.length,
        finish: ({ engine }) => engine.close(),
    });
    const commit = () => fresh(inputs.config, inputs.page);
    const known = fresh(inputs.configPlaintext, inputs.plainPage).checkpoint; // every lead of the page, readable

    return {
        name: "wasm",
        commit,
        ids: (bytes) =>
            fresh(inputs.configPassthrough, bytes)
                .records.split("\n")
                .slice(1)
                .map((line) => JSON.parse(line).leads.lead_id),
        steps: {
            page: page(inputs.config, inputs.page),
            page_known: page(inputs.config, inputs.page, known),
            page_known_plaintext: page(inputs.configPlaintext, inputs.plainPage, known),
            page_passthrough: page(inputs.configPassthrough, inputs.page),
            page_plaintext: page(inputs.configPlaintext, inputs.plainPage),
            page_private: page(inputs.configPrivate, inputs.page),
            invocation: { run: () => commit().records.length },
            instantiate: { run: () => new WebAssembly.Instance(module, {}).exports._initialize() },
        },
    };
}
