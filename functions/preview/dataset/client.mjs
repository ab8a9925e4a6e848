// The page's side of the workers: promises, progress, cancel, and what all tabs share (filters, order, the revealing switch).

const POOL = 4;

/**
 * @param {{worker: () => Worker, wasm: () => Promise<WebAssembly.Module | ArrayBuffer | Uint8Array>, cores?: number}} options
 *   worker: starts dataset/worker.mjs
 */
export function createCoreClient({
    worker,
    wasm,
    cores = Math.max(1, Math.min(POOL, (navigator.hardwareConcurrency || 2) - 1)),
}) {
    const listeners = new Set();
    const waiting = new Map(); // of the data worker
    let data = null;
    let pool = [];
    let runner = null; // for single events
    let last = 0;
    let closed = false;
    let revealed = false;
    let query = { filters: [], sort: { column: "submitted", descending: true }, group: false };
    let compiled = null;

    const emit = (type, detail) => listeners.forEach((listener) => listener(type, detail));
    /** Compiled once and posted; the bytes themselves where a module cannot be posted. */
    const module = () =>
        (compiled ??= Promise.resolve(wasm()).then((given) =>
            given instanceof WebAssembly.Module ? given : WebAssembly.compile(given),
        ));

    function startCore(index) {
        const core = worker();
        const { port1, port2 } = new MessageChannel();
        pool[index] = core;
        data.postMessage({ connect: index, port: port1 }, [port1]);
        core.onerror = () => restart(index, core);
        module().then(
            (code) => core.postMessage({ role: "core", module: code, port: port2 }, [port2]),
            (error) => emit("failed", { reason: String(error?.message ?? error) }),
        );
    }
    function restart(index, core) {
        if (closed || pool[index] !== core) return;
        core.terminate();
        startCore(index);
    }

    function start() {
        if (data || closed) return;
        data = worker();
        data.postMessage({ role: "data", width: cores });
        data.postMessage({ id: 0, method: "query", args: [query] });
        data.onmessage = ({ data: message }) => {
            if (message.progress) return emit("progress", message.progress);
            if (message.stuck !== undefined) return restart(message.stuck, pool[message.stuck]);
            const { resolve, reject } = waiting.get(message.id) ?? {};
            waiting.delete(message.id);
            if (message.error !== undefined) reject?.(new Error(message.error));
            else resolve?.(message.result);
            return undefined;
        };
        data.onerror = (event) => {
            // Out of memory, most likely: everything it held is gone, and the page says so.
            event.preventDefault?.();
            const reason = event.message || "the data worker stopped";
            for (const { reject } of waiting.values()) reject(new Error(reason));
            waiting.clear();
            stop();
            emit("failed", { reason });
            emit("change");
        };
        for (let index = 0; index < cores; index++) startCore(index);
    }
    function stop() {
        data?.terminate();
        data = null;
        for (const core of pool) core.terminate();
        pool = [];
    }

    function ask(method, ...args) {
        if (closed) return Promise.reject(new Error("closed"));
        start();
        const id = ++last;
        return new Promise((resolve, reject) => {
            waiting.set(id, { resolve, reject });
            data.postMessage({ id, method, args });
        });
    }
    async function changing(method, ...args) {
        emit("begin");
        try {
            return await ask(method, ...args);
        } finally {
            emit("change");
        }
    }

    /** One event in a core of its own, beside whatever is loading. */
    function run(event, bytes = new Uint8Array(0), { signal } = {}) {
        return new Promise((resolve, reject) => {
            if (closed) return reject(new Error("closed"));
            if (signal?.aborted) return reject(signal.reason);
            runner ??= startRunner();
            const mine = runner;
            const id = ++last;
            const abort = () => {
                mine.jobs.delete(id);
                if (mine.jobs.size === 0) endRunner(mine, null);
                reject(signal.reason);
            };
            signal?.addEventListener("abort", abort, { once: true });
            mine.jobs.set(id, {
                resolve: (summary) => {
                    signal?.removeEventListener("abort", abort);
                    resolve(summary);
                },
                reject,
            });
            mine.ready.then(
                () =>
                    mine.worker.postMessage({
                        id,
                        event,
                        bytes: typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes,
                    }),
                reject,
            );
            return undefined;
        });
    }
    function startRunner() {
        const made = { worker: worker(), jobs: new Map() };
        made.ready = module().then((code) => made.worker.postMessage({ role: "core", module: code }));
        made.worker.onmessage = ({ data: { id, summary } }) => {
            made.jobs.get(id)?.resolve(summary);
            made.jobs.delete(id);
        };
        made.worker.onerror = (event) => endRunner(made, new Error(event.message || "the core stopped"));
        return made;
    }
    function endRunner(made, error) {
        made.worker.terminate();
        for (const { reject } of made.jobs.values()) reject(error ?? new Error("ended"));
        if (runner === made) runner = null;
    }

    return {
        run,
        /** @param {{name: string, blob: Blob, platform?: string, format?: string}[]} inputs */
        load: (inputs) => changing("load", inputs),
        /** Lead documents from elsewhere, into the same dataset. */
        loadLeads: (docs, { source } = {}) => changing("loadLeads", docs, { source }),
        retry: () => changing("retry"),
        cancel: () => ask("cancel"),
        /** Keys and how to read; kept in the worker's memory until `clear`. */
        set: (settings) => ask("set", settings),
        window: (from, count) => ask("window", { from, count, reveal: revealed }),
        detail: (row, { reveal = revealed } = {}) => ask("detail", { row, reveal }),
        show: (row, { reveal = revealed } = {}) => ask("show", { row, reveal }),
        toggle: (person) => ask("toggle", person),
        pictures: () => ask("pictures"),
        values: (column, filters) => ask("values", { column, filters }),
        stats: () => ask("stats"),
        problems: (options) => ask("problems", options),
        rows: (options) => ask("rows", options),
        examples: (options) => ask("examples", options),
        export: (options) => ask("export", options),
        async clear() {
            revealed = false;
            query = { ...query, filters: [], group: false };
            if (data) await changing("clear");
            await ask("query", query);
            emit("query", query);
        },

        get query() {
            return query;
        },
        /** Filters, order and grouping, shared by table, pictures and exports. */
        async setQuery(changes) {
            query = { ...query, ...changes };
            await ask("query", query);
            emit("query", query);
        },
        /** Adds a filter, or takes it off when it is set already. */
        toggleFilter(filter) {
            const same = JSON.stringify(filter);
            const others = query.filters.filter((each) => JSON.stringify(each) !== same);
            return this.setQuery({
                filters: others.length < query.filters.length ? others : [...others, filter],
            });
        },
        get revealed() {
            return revealed;
        },
        reveal(on) {
            revealed = on;
            emit("reveal", on);
        },

        /** listener(type, detail); type: begin, progress, change, query, reveal, failed. Returns what takes it off. */
        on(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
        get cores() {
            return cores;
        },
        close() {
            closed = true;
            stop();
            runner?.worker.terminate();
        },
    };
}
