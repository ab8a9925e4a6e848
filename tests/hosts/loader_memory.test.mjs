// A fresh instance for each invocation must not add up: 10,000 of them in one Node process.
import assert from "node:assert/strict";
import test from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { drive } from "../../functions/host/drive.mjs";
import { openMemoryStore } from "../store/memory.mjs";
import { createEngine, EngineTrap } from "../../wasm/loader.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { NO_MODULE, realModule } from "./fakes/module.mjs";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
const INVOCATIONS = 10_000;
const WARM_UP = 2_000;

/** Bytes that one more invocation adds, by least squares over the samples after the warm-up. */
async function slopes(invoke) {
    const samples = [];
    for (let i = 1; i <= INVOCATIONS; ++i) {
        await invoke(i);
        if (i % 250 === 0) {
            await new Promise((resolve) => setImmediate(resolve)); // WebAssembly memories are given back between tasks
            gc();
        }
        if (i >= WARM_UP && i % 500 === 0) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            gc();
            const { heapUsed, external, rss } = process.memoryUsage();
            samples.push([i, heapUsed + external, rss]);
        }
    }
    const slope = (column) => {
        const mean = (index) => samples.reduce((sum, sample) => sum + sample[index], 0) / samples.length;
        const [x, y] = [mean(0), mean(column)];
        return (
            samples.reduce((sum, s) => sum + (s[0] - x) * (s[column] - y), 0) /
            samples.reduce((sum, s) => sum + (s[0] - x) ** 2, 0)
        );
    };
    return { heap: slope(1), rss: slope(2), last: samples.at(-1)[2] };
}

function flat(t, { heap, rss, last }) {
    t.diagnostic(
        `per invocation: heap ${heap.toFixed(1)} bytes, resident ${rss.toFixed(1)} bytes; resident at the end ${(last / 1e6).toFixed(0)} MB`,
    );
    assert.ok(heap < 512, `the heap grows by ${heap} bytes an invocation`);
    assert.ok(rss < 4096, `the process grows by ${rss} bytes an invocation`); // one instance is a megabyte
}

test("10,000 invocations with a fresh instance each: flat memory", {
    skip: NO_MODULE,
    timeout: 300_000,
}, async (t) => {
    const module = realModule();
    const configText = JSON.stringify({
        tenant: "acme",
        apps: { main: { app_key: "1", app_secret: { env: "X", value: "fake" } } },
        sources: {
            ads: {
                platform: "alimama",
                app: "main",
                session: { env: "Y", value: "fake" },
                mobile_cipher: "passthrough",
            },
        },
    });
    const store = openMemoryStore();
    const host = { now: Date.now, random: (count) => new Uint8Array(count), store };
    flat(
        t,
        await slopes(async () => {
            const { exit, summary } = await drive({
                module,
                configText,
                event: { kind: "status", leads: 5 },
                host,
            });
            assert.equal(exit, 0, JSON.stringify(summary));
        }),
    );
});

test("10,000 invocations that trap: flat memory", { timeout: 300_000 }, async (t) => {
    const module = echoModule();
    flat(
        t,
        await slopes(() => {
            const engine = createEngine(module, "{}");
            assert.throws(() => engine.feed({ head: { v: 2 }, body: "X" }), EngineTrap);
        }),
    );
});
