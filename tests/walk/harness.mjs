// A small world for proofs: the wasm engine, the platform sandbox and the memory store in one process, under one virtual
// clock. Nothing here waits, and the same seed gives the same run. LEADBRIDGE_BUILD names the build directory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { openMemoryStore } from "../store/memory.mjs";
import { ABI_VERSION, createEngine } from "../../wasm/loader.mjs";
import { createRandom } from "../sandbox/random.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const BUILD = resolve(root, process.env.LEADBRIDGE_BUILD ?? "build");
const MOST_STEPS = 200_000; // effects of one invocation
const HTTP_MS = 20;
export const STORE_MS = 1;
export const START = 1_700_000_000_000;

let compiled;
export const wasm = () => (compiled ??= new WebAssembly.Module(readFileSync(join(BUILD, "leadbridge.wasm"))));

// One key for all sandboxes: making one costs more than a whole run.
let keys;
export const key = () => (keys ??= createSandbox({ leads: 0 }).keys).privatePem;

/**
 * One http effect against `world.sandbox`, on the clock `world.now`.
 * @returns {[object, Buffer?]} the result's head and body
 */
export function askSandbox(world, head, body, change = (answer) => answer) {
    world.now += HTTP_MS;
    const answer = change(
        world.sandbox.handle(
            { method: head.method, url: head.url, headers: Object.fromEntries(head.headers), body },
            world.now,
        ),
    );
    const failed = (kind) => [{ type: "http_result", error: { kind, message: "in the sandbox" } }];
    const late = answer.hang ? Infinity : (answer.delayMs ?? 0);
    world.now += Math.min(late, head.timeout_ms);
    if (late >= head.timeout_ms) return failed("timeout");
    if (answer.reset || answer.cutAfter !== undefined) return failed("reset");
    const bytes = answer.headers["content-encoding"] === "gzip" ? gunzipSync(answer.body) : answer.body;
    if (bytes.length > head.max_bytes) return failed("too_large");
    return [{ type: "http_result", status: answer.status, headers: Object.entries(answer.headers) }, bytes];
}

/** The invocation died here, as a process would: nothing after this line of its life has happened. */
export class Killed extends Error {}

export const secret = (value) => ({ env: "FAKE", value });

/**
 * @typedef {object} WorldOptions
 * @property {string} [seed]
 * @property {object} [sandbox] options of createSandbox; `leads` arrive in groups of 50 with growing times
 * @property {object} [source] settings of the source `ads`
 * @property {object} [config] more of the configuration (budget, privacy, ...)
 * @property {(call: number, world: World) => void} [beforeCall] the world moves on just before a request arrives
 * @property {(answer: object, call: number) => object|void} [tamper] changes what the gateway answered
 */
export class World {
    constructor({ seed = "walk", sandbox = {}, source = {}, config = {}, beforeCall, tamper } = {}) {
        const { leads = 0, mobileCipher = "plaintext", ...rest } = sandbox;
        this.now = START;
        this.random = createRandom(seed, "world");
        // Encrypted phones are plain mobiles here: an invented landline that decrypts counts as noise.
        const dirtyShare = mobileCipher === "plaintext" ? 0.08 : 0;
        this.sandbox = createSandbox({
            seed,
            mobileCipher,
            dirtyShare,
            ...rest,
            key: key(),
            leads: 0,
            newestAt: START - 86_400_000,
        });
        this.store = openMemoryStore();
        this.beforeCall = beforeCall;
        this.tamper = tamper;
        this.ids = []; // every id that is visible, ascending BigInt
        for (let left = leads; left > 0; left -= 50)
            this.#sortIn(this.sandbox.addLeads(Math.min(50, left), START - 3_600_000 - left * 1000));
        this.rows = new Map(); // what the commits have stored: lead_id -> {version, revision}
        this.required = new Map(); // lead_id -> version that was shown on a committed page
        this.inserted = 0; // as the store counted
        this.effects = 0; // of all pulls, without log
        this.runs = 0;
        this.session = this.sandbox.options.session;
        this.source = source;
        this.config = config;
    }

    configText() {
        const { app_key, app_secret, mobileCipher } = this.sandbox.options;
        const cipher = mobileCipher === "garbage" ? "rsa_pkcs1" : mobileCipher;
        return JSON.stringify({
            tenant: "proof",
            apps: { main: { app_key, app_secret: secret(app_secret) } },
            sources: {
                ads: {
                    platform: "alimama",
                    endpoint: "http://127.0.0.1:9/router/rest",
                    session: secret(this.session),
                    mobile_cipher: cipher,
                    ...(cipher === "plaintext" ? {} : { mobile_key: secret(key()) }),
                    ...this.source,
                },
            },
            budget: { requests: 1000, seconds: 3600 },
            ...this.config,
        });
    }

    #sortIn(texts) {
        for (const text of texts) {
            const id = BigInt(text);
            let at = this.ids.length;
            while (at > 0 && this.ids[at - 1] > id) at -= 1;
            this.ids.splice(at, 0, id);
        }
    }
    grow(count) {
        if (count > 0) this.#sortIn(this.sandbox.addLeads(count, this.now));
    }
    /** A lead becomes visible with at most `deepest` rows above it; false when no hole is there. */
    late(deepest) {
        for (let depth = 1; depth <= deepest && depth < this.ids.length; depth++) {
            if (this.ids.at(-depth) - this.ids.at(-depth - 1) > 1n) {
                this.#sortIn([this.sandbox.addLateLead(this.now, { depth })]);
                return true;
            }
        }
        return false;
    }
    /** One of the newest `among` leads changes. */
    modify(among, patch) {
        if (this.ids.length > 0)
            this.sandbox.modifyLead(
                this.ids.at(-1 - this.random.below(Math.min(among, this.ids.length))),
                this.now,
                patch,
            );
    }

    invocation() {
        return new Invocation(
            this,
            createRandom(this.sandbox.options.seed, "engine", ++this.runs)
                .bytes(32)
                .toString("hex"),
        );
    }

    /**
     * One run from start to end.
     * @param {{at?: number, when?: 'before'|'after', chance?: number, again?: number}} kill at: number of the effect, counted over all runs of this
     *   world; chance: at any effect
     * @returns {Promise<{exit?: number, summary?: object, source?: object, killed: boolean}>}
     */
    async run(kill = {}) {
        const invocation = this.invocation();
        try {
            while (!(await invocation.step(kill))) assert.ok(invocation.steps < MOST_STEPS, "a run without end");
        } catch (error) {
            if (!(error instanceof Killed)) throw error;
            return { killed: true };
        }
        return invocation.result;
    }

    /** Runs until everything is covered; between runs `pauseMs` pass. Fails after `most` runs. */
    async runUntilComplete({ most = 200, pauseMs = 60_000, kill, afterRun } = {}) {
        const results = [];
        for (let i = 0; i < most; i++) {
            const result = await this.run(kill);
            results.push(result);
            await afterRun?.(result);
            if (result.source?.outcome === "ok" && (await this.status()).complete) return results;
            this.now += pauseMs;
        }
        assert.fail(
            `not complete after ${most} runs; the last: ${JSON.stringify(results.at(-1))}; ${JSON.stringify(await this.status())}`,
        );
    }

    async status() {
        const invocation = new Invocation(this, "00".repeat(32), { kind: "status" });
        while (!(await invocation.step())) assert.ok(invocation.steps < 100);
        return invocation.result.summary.sources[0];
    }

    /** The intervals the checkpoint claims, ids exact: [{lo, settled, hi}], and the floor below which nothing is wanted. */
    async claims() {
        const { records } = await this.store.load(["pull/ads"], this.now);
        if (records.length === 0) return { covered: [], floor: 0n };
        const value = records[0].value;
        const list = /"covered":\[((?:\[\d+,\d+,\d+\],?)*)\]/.exec(value)[1];
        const covered = [...list.matchAll(/\[(\d+),(\d+),(\d+)\]/g)].map(([, lo, settled, hi]) => ({
            lo: BigInt(lo),
            settled: BigInt(settled),
            hi: BigInt(hi),
        }));
        return { covered, floor: BigInt(/"backfill_floor":(\d+)/.exec(value)?.[1] ?? 0) };
    }

    /** Whatever the checkpoint claims is stored. */
    async checkClaims() {
        const { covered, floor } = await this.claims();
        for (const { lo, settled, hi } of covered) {
            assert.ok(lo <= settled && settled <= hi, `interval ${lo} ${settled} ${hi}`);
            for (let i = this.ids.length - 1; i >= 0; i--) {
                const id = this.ids[i];
                if (id > settled) continue;
                if (id < lo || id < floor) break;
                if (!this.rows.has(String(id)))
                    assert.fail(`id ${id} is claimed by [${lo}, ${settled}] and not stored`);
            }
        }
    }

    /** The rows of the store, through its own scan. */
    async stored() {
        const rows = new Map();
        for (let page = "", more = true; more; more = page !== "") {
            const { items, next } = await this.store.scan("leads", {}, 1000, page);
            for (const row of items) {
                const lead = JSON.parse(row.doc);
                assert.ok(!rows.has(lead.source.lead_id), `${row.id} is there twice`);
                assert.equal(row.id, `alimama:${lead.source.account}:${lead.source.lead_id}`);
                rows.set(lead.source.lead_id, { ...row, lead });
            }
            page = next;
        }
        return rows;
    }

    /**
     * The store against the truth: nothing lost, nothing twice, versions as shown, phones right where readable, ids exact.
     * @returns {Promise<{leads: number}>}
     */
    async compare() {
        await this.checkClaims();
        const stored = await this.stored();
        const truth = this.sandbox.truth();
        const { floor } = await this.claims();
        const lost = [...truth.keys()].filter((id) => BigInt(id) >= floor && !stored.has(id));
        assert.deepEqual(lost, [], `${lost.length} of ${truth.size} leads lost`);
        const invented = [...stored.keys()].filter((id) => !truth.has(id));
        assert.deepEqual(invented, [], "stored without a source");
        assert.equal(this.inserted, stored.size, "rows inserted = rows stored");
        for (const [id, row] of stored) checkLead(id, row, truth.get(id), this.required.get(id));
        return { leads: stored.size };
    }
}

/** One stored lead against what the platform has. */
export function checkLead(id, row, { fields, mobilePlain, readable }, shown = 0) {
    const { lead } = row;
    assert.ok(
        row.version >= shown && row.version <= fields.gmt_modified,
        `${id}: version ${row.version}, shown ${shown}, true ${fields.gmt_modified}`,
    );
    assert.equal(lead.source.version, String(row.version));
    assert.equal(row.revision, readable ? 1 : 0, `${id}: revision`);
    if (!readable) return assert.equal(lead.phones[0].class, "encrypted");
    if (row.version < fields.gmt_modified) return undefined; // a change that was never shown
    if (/^1\d{10}$/.test(mobilePlain)) {
        assert.equal(lead.phones.length, 1);
        return assert.equal(lead.phones[0].e164, `+86${mobilePlain}`, id);
    }
    assert.ok(lead.phones.length > 0, `${id}: ${mobilePlain}`);
    for (const phone of lead.phones) {
        assert.notEqual(phone.class, "encrypted");
        assert.ok(mobilePlain.includes(phone.raw), `${id}: ${phone.raw} is not of ${mobilePlain}`);
    }
    return undefined;
}

/** One engine, performed effect by effect. */
export class Invocation {
    constructor(world, random, event = { kind: "pull" }) {
        this.world = world;
        this.pulls = event.kind === "pull";
        this.engine = createEngine(wasm(), world.configText());
        this.queue = [];
        this.steps = 0;
        this.commits = []; // {expected, outcome}
        this.shown = new Map(); // lead_id -> version, on the page that is not committed yet
        this.log = [];
        this.waited = 0;
        this.#feed({ type: "start", event, random });
    }

    #feed(head, body) {
        this.engine.feed({ head: { v: ABI_VERSION, now: this.world.now, ...head }, body });
        for (let effect = this.engine.next(); effect; effect = this.engine.next()) {
            if (effect.head.type === "log") this.log.push(effect.head);
            else this.queue.push(effect);
        }
    }

    /** What the next step will do. */
    get next() {
        return this.queue[0]?.head.type;
    }

    /** Performs one effect and tells the engine; true when the invocation is over. Throws Killed. */
    async step(kill = {}) {
        const { head, body } = this.queue.shift() ?? assert.fail("stalled");
        const { world } = this;
        const number = this.pulls ? ++world.effects : 0;
        this.steps += 1;
        const dies = (when) =>
            kill.at
                ? kill.at === number && (kill.when ?? "before") === when
                : kill.chance > 0 && world.random.chance(kill.chance / 2);
        const die = () => {
            this.engine.close();
            throw new Killed(`at effect ${number}, ${head.type}`);
        };
        if (dies("before")) die();
        if (head.type === "done") {
            this.engine.close();
            this.result = {
                exit: head.exit,
                summary: head.summary,
                source: head.summary.sources?.[0],
                killed: false,
                log: this.log,
                waited: this.waited,
            };
            if (dies("after")) die();
            return true;
        }
        const [answer, payload] = await this.#perform(head, body);
        if (dies("after")) die();
        this.#feed({ ...answer, id: head.id }, payload);
        return false;
    }

    async #perform(head, body) {
        const { world } = this;
        if (head.type === "http") return this.#http(head, body);
        if (head.type === "wait") {
            world.now += head.ms;
            this.waited += head.ms;
            return [{ type: "wait_result" }];
        }
        world.now += STORE_MS;
        let result;
        if (head.type === "store.load") result = await world.store.load(head.keys, head.now);
        else if (head.type === "store.scan")
            result = { ...(await world.store.scan(head.kind, head.query, head.limit, head.page)), kind: head.kind };
        else if (head.type === "store.purge") result = { outcome: (await world.store.purge(head.now)).outcome };
        else if (head.type === "store.commit") result = await this.#commit(head, new TextDecoder().decode(body));
        else assert.fail(`an effect nobody expects: ${head.type}`);
        return [{ type: "store_result", ...result }];
    }

    async #commit(head, text) {
        const { world } = this;
        const result = await world.store.commit(head.checkpoints, text);
        this.commits.push({ expected: head.checkpoints[0].expected, outcome: result.outcome });
        if (result.outcome === "ok") {
            const leads = text.split("\n").map((line) => JSON.parse(line).leads);
            for (const { lead_id: id, version, revision } of leads.filter((lead) => lead !== undefined)) {
                const old = world.rows.get(id);
                if (!old || version > old.version || (version === old.version && revision > old.revision))
                    world.rows.set(id, { version, revision });
            }
            world.inserted += result.inserted;
            for (const [id, version] of this.shown)
                world.required.set(id, Math.max(version, world.required.get(id) ?? 0));
        }
        this.shown.clear();
        return result;
    }

    #http(head, body) {
        const { world } = this;
        const call = world.sandbox.calls.length + 1;
        world.beforeCall?.(call, world);
        const [result, bytes] = askSandbox(world, head, body, (answer) => world.tamper?.(answer, call) ?? answer);
        if (!bytes) return [result];
        if (result.status === 200) {
            for (const [, version, id] of bytes.toString().matchAll(/"gmt_modified":(\d{13}),.*?"id":(\d+)/g)) {
                this.shown.set(id, Math.max(Number(version), this.shown.get(id) ?? 0));
            }
        }
        return [result, bytes];
    }
}
