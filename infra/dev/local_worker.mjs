// Workers in real workerd on this machine, through Miniflare; for ./dev run, the tests and the benchmarks.
import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Miniflare, NoOpLog } from "miniflare";

const TYPES = { ".mjs": "esm", ".wasm": "wasm", ".sql": "text" };

/**
 * @typedef {object} WorkerOptions
 * @property {number} [port]
 * @property {Record<string, unknown>} [bindings] configuration and secrets
 * @property {Record<string, string>} [databases] binding -> name of a D1 database
 * @property {string} [persist] folder of the databases; without it they are gone at the end
 * @property {(line: string) => void} [onOutput] what the Worker logs, a line each; without it nobody hears it
 */

/**
 * The assembled Worker.
 * @param {ReturnType<import('../cloudflare/assemble.mjs').assemble>} assembled @param {WorkerOptions} options
 */
export function startLocalWorker(assembled, options) {
    const folder = join(assembled.entry, "..");
    const modules = Object.fromEntries(
        assembled.files.map((path) => {
            const bytes = readFileSync(join(folder, path));
            return [path, TYPES[extname(path)] === "wasm" ? new Uint8Array(bytes) : bytes.toString()];
        }),
    );
    return startModules(modules, { databases: { DB: "leadbridge" }, ...options });
}

/** @param {Record<string, string | Uint8Array>} modules by path; the first is the entry @param {WorkerOptions} options */
export async function startModules(modules, { port = 0, bindings = {}, databases = {}, persist, onOutput } = {}) {
    const lines = (message) => message.split("\n").filter(Boolean);
    const worker = new Miniflare({
        host: "127.0.0.1",
        port,
        cf: false, // else it asks the network what a request's `cf` object looks like
        enableDevRegistry: false, // else it tells of itself in the user's home folder
        log: new NoOpLog(),
        handleStructuredLogs: ({ message }) => onOutput && lines(message).forEach((line) => onOutput(line)),
        ...(persist ? { resourcePersistencePath: persist } : {}),
        workers: [
            {
                config: {
                    name: "leadbridge",
                    compatibilityDate: "2026-04-01",
                    manifest: {
                        mainModule: Object.keys(modules)[0],
                        modules: Object.fromEntries(
                            Object.entries(modules).map(([path, contents]) => [
                                path,
                                { type: TYPES[extname(path)], contents },
                            ]),
                        ),
                    },
                    env: {
                        ...mapped(bindings, (value) => ({ type: typeof value === "string" ? "text" : "json", value })),
                        ...mapped(databases, (id) => ({ type: "d1", id })),
                    },
                },
            },
        ],
    });
    try {
        const url = await worker.ready;
        return { worker, url: url.origin };
    } catch (error) {
        await worker.dispose().catch(() => {});
        throw error;
    }
}

const mapped = (object, change) =>
    Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
