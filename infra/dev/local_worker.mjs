// The assembled Worker in real workerd on this machine, through Miniflare; for ./dev run and the tests.
import { extname, join } from "node:path";
import { Miniflare, NoOpLog } from "miniflare";

const TYPES = { ".mjs": "ESModule", ".wasm": "CompiledWasm", ".sql": "Text" };

/**
 * @param {ReturnType<import('../cloudflare/assemble.mjs').assemble>} assembled
 * @param {{port?: number, bindings?: object, persist?: string, onOutput?: (line: string) => void}} options `bindings`:
 *   configuration and secrets; `persist`: folder of the database (without it: gone at the end)
 */
export async function startLocalWorker(assembled, { port = 0, bindings = {}, persist, onOutput, ...more } = {}) {
    const folder = join(assembled.entry, "..");
    const worker = new Miniflare({
        name: "leadbridge",
        host: "127.0.0.1",
        port,
        modulesRoot: folder,
        modules: assembled.files.map((path) => ({ type: TYPES[extname(path)], path: join(folder, path) })),
        compatibilityDate: "2026-04-01",
        bindings,
        d1Databases: { DB: "leadbridge" },
        ...(persist ? { d1Persist: persist } : {}),
        cf: false, // else it asks the network what a request's `cf` object looks like
        log: new NoOpLog(),
        ...(onOutput
            ? { handleRuntimeStdio: (...streams) => streams.forEach((stream) => eachLine(stream, onOutput)) }
            : {}),
        ...more,
    });
    try {
        const url = await worker.ready;
        return { worker, url: url.origin };
    } catch (error) {
        await worker.dispose().catch(() => {});
        throw error;
    }
}

function eachLine(stream, use) {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop();
        lines.filter(Boolean).forEach(use);
    });
}
