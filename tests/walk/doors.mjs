// A world like harness.mjs's for the other doors: pushes and queries that come in, rows that are brought, windows that are pulled.
// Every invocation goes through the drive loop of the JavaScript hosts; it can be killed around any effect.
import assert from "node:assert/strict";
import { drive } from "../../functions/host/drive.mjs";
import { openMemoryStore } from "../store/memory.mjs";
import { createRandom } from "../sandbox/random.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { askSandbox, Killed, key, secret, START, STORE_MS, wasm } from "./harness.mjs";

export const PATHS = { tmall: "/spi/tmall", etc: "/spi/etc", tanma: "/push/tanma" };
export const TOKEN = "fake-token-of-the-proofs";

export class Doors {
    /**
     * @param {{seed?: string, sandbox?: object, tanma?: object, etc?: object, endpoints?: object, stats?: object, budget?: object,
     *   beforeCall?: (world: Doors) => void}} options tanma, etc: settings of the sources `scrm` and `etc_in`
     */
    constructor({
        seed = "doors",
        sandbox = {},
        tanma = {},
        etc = {},
        endpoints = {},
        stats = {},
        budget = {},
        beforeCall,
    } = {}) {
        this.now = START;
        this.random = createRandom(seed, "doors");
        const newestAt = START - 3_600_000;
        const { tanma: tanmaAccount, etc: etcAccount, tmall: tmallAccount, ...rest } = sandbox;
        this.sandbox = createSandbox({
            seed,
            leads: 0,
            key: key(),
            newestAt,
            tanma: { newestAt, customers: 0, ...tanmaAccount },
            etc: { newestAt, rows: 0, ...etcAccount },
            tmall: { newestAt, leads: 0, ...tmallAccount },
            ...rest,
        });
        this.store = openMemoryStore();
        this.beforeCall = beforeCall;
        this.runs = 0;
        this.effects = 0; // of every counted invocation
        this.inserted = 0; // leads and rows, as the commits reported
        const { app_key, app_secret, session, tanma: tanmaKeys, etc: etcKeys } = this.sandbox.options;
        this.spi = { app_key, app_secret };
        this.config = {
            tenant: "proof",
            apps: { main: { app_key, app_secret: secret(app_secret) } },
            sources: {
                scrm: {
                    platform: "tanma",
                    endpoint: "http://127.0.0.1:9/tanma",
                    app_id: tanmaKeys.appId,
                    app_key: secret(tanmaKeys.appKey),
                    ...tanma,
                },
                etc_in: {
                    platform: "etc",
                    endpoint: "http://127.0.0.1:9/router/qm",
                    target_app_key: etcKeys.target_app_key,
                    ...etc,
                },
            },
            endpoints: {
                [PATHS.tmall]: { platform: "tmall" },
                [PATHS.etc]: { platform: "etc", page_size: 7 },
                [PATHS.tanma]: { platform: "tanma", source: "scrm" },
                ...endpoints,
            },
            backflow: {
                stats: {
                    platform: "outinvest",
                    endpoint: "http://127.0.0.1:9/router/rest",
                    session: secret(session),
                    ...stats,
                },
            },
            api: { backflow_token: secret(TOKEN) },
            budget: { requests: 1000, seconds: 3600, ...budget },
        };
    }

    /**
     * One invocation.
     * @param {{at?: number, when?: 'before'|'after', chance?: number}} kill at: number of the effect over all invocations
     * @returns {Promise<{killed?: {type: string, when: string}, exit?: number, summary?: object, answer: object|null}>} answer: what the
     *   caller got, also of an invocation that died later
     */
    async run(event, body, kill = {}) {
        const numbers = new Map(); // effect head -> its number
        let answer = null;
        let killed;
        const maybeDie = (head, when) => {
            const number = numbers.get(head) ?? numbers.set(head, ++this.effects).get(head);
            const dies = kill.at
                ? kill.at === number && kill.when === when
                : kill.chance > 0 && this.random.chance(kill.chance / 2);
            if (!dies) return;
            killed = { type: head.type, when };
            throw new Killed(`${when} effect ${number}, ${head.type}`);
        };
        const log = [];
        let responding = null;
        let done = null;
        const host = {
            now: () => this.now,
            random: () => createRandom("doors engine", ++this.runs).bytes(32),
            log: (line) => log.push(line),
            http: async (head) => {
                this.beforeCall?.(this);
                const [{ type, ...result }, payload] = askSandbox(this, head, head.body);
                return { ...result, body: payload };
            },
            wait: async (ms) => void (this.now += ms),
            respond: (given) => {
                answer = { status: given.status, body: Buffer.from(given.body).toString() };
                maybeDie(responding, "after");
            },
            store: this.#store(),
        };
        const hooks = {
            before: (head) => {
                if (head.type === "log") return;
                if (head.type === "respond") responding = head;
                if (head.type === "done") done = head;
                maybeDie(head, "before");
            },
            after: (head) => maybeDie(head, "after"),
        };
        try {
            const { exit, summary } = await drive({
                module: wasm(),
                configText: JSON.stringify(this.config),
                event,
                body,
                host,
                hooks,
            });
            if (done) maybeDie(done, "after");
            return { exit, summary, answer, log };
        } catch (error) {
            if (!(error instanceof Killed)) throw error;
            return { killed, answer, log };
        }
    }

    #store() {
        const timed =
            (call) =>
            async (...args) => {
                this.now += STORE_MS;
                return call(...args);
            };
        const { store } = this;
        const calls = Object.fromEntries(
            ["load", "scan", "claim", "settle", "purge"].map((name) => [name, timed(store[name].bind(store))]),
        );
        const commit = timed(async (...args) => {
            const result = await store.commit(...args);
            if (result.outcome === "ok") this.inserted += result.inserted ?? 0;
            return result;
        });
        return { ...calls, commit };
    }

    /** A call of a platform, as the host hands it on. */
    call(path, { method, url, headers, body }, kill) {
        const at = url.indexOf("?");
        return this.run(
            {
                kind: "request",
                method,
                path,
                query: at < 0 ? "" : url.slice(at + 1),
                headers: Object.entries(headers),
            },
            body,
            kill,
        );
    }

    /** An invocation that changes nothing and is not counted. */
    async ask(event) {
        const { effects } = this;
        const { exit, summary } = await this.run(event);
        assert.equal(exit, 0, JSON.stringify(summary));
        this.effects = effects;
        return summary;
    }
    status = async (source) => (await this.ask({ kind: "status" })).sources.find(({ name }) => name === source);

    /** Everything of one kind, page by page, documents read; ids stay text. */
    async #all(kind, query) {
        const found = [];
        for (let page = "", more = true; more; more = page !== "") {
            const { items, next } = await this.store.scan(kind, query, 1000, page);
            for (const row of items) found.push({ ...row, doc: JSON.parse(row.doc), text: row.doc });
            page = next;
        }
        return found;
    }
    rows = (set) => this.#all("rows", { set });
    /** lead_id -> stored lead, of one source. */
    async leads(source) {
        const all = await this.#all("leads", source ? { source } : {});
        const byId = new Map(all.map((row) => [row.doc.source.lead_id, row]));
        assert.equal(byId.size, all.length, "a lead is there twice");
        return byId;
    }
}

/** Every boundary of a run with `effects` effects. */
export const boundaries = (effects) =>
    Array.from({ length: effects }, (_, i) => ["before", "after"].map((when) => ({ at: i + 1, when }))).flat();

/** Names the boundary in what fails there. */
export async function at(kill, work) {
    try {
        return await work();
    } catch (error) {
        error.message = `killed ${kill.when} effect ${kill.at}: ${error.message}`;
        throw error;
    }
}
