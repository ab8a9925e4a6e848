// Sources take turns when a tick has fewer requests than there are sources: none that is due and not parked waits for more than
// ceil(sources / the requests a tick keeps for pulling) ticks, whatever the seed does to them: bans, failures, ticks that die anywhere.
// Every source always has more pages, so that each would take all it can get.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../sandbox/random.mjs";
import { Doors, TOKEN } from "./doors.mjs";
import { secret } from "./harness.mjs";

const SEED = process.env.LEADBRIDGE_SEED ?? "turns";
const TICK_MS = 60_000;

const json = (value) => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(value)),
});
const page = (newest, rows) =>
    json({
        mama_crm_lead_list_response: {
            result_ok: true,
            result_data: {
                result: Array.from({ length: rows }, (_, at) => ({
                    id: newest - at,
                    seller_user_id: 999999999,
                    name: "fake",
                    mobile: "13800138000",
                    gmt_create: "2023-09-07 16:00:00",
                    gmt_modified: "2023-09-07 16:00:00",
                })),
            },
        },
    });
const ban = (seconds) =>
    json({
        error_response: { code: 7, msg: "App Call Limited", sub_msg: `This ban will last for ${seconds} more seconds` },
    });
const expired = () => json({ error_response: { code: 27, msg: "Invalid session" } });

/** A bridge with `sources` sources, each with a session of its own and a list without end. */
class Crowd {
    constructor(seed, { sources, requests, trouble = 0 }) {
        this.random = createRandom(seed, "crowd");
        this.bridge = new Doors({ seed, budget: { requests } });
        this.names = Array.from({ length: sources }, (_, at) => `s${at}`);
        this.parked = new Map(); // name -> until when
        this.served = []; // names, in the order of this tick's calls
        this.sent = 0; // calls with statistics
        const settings = {
            platform: "alimama",
            endpoint: "http://127.0.0.1:9/router/rest",
            mobile_cipher: "plaintext",
            page_size: 2,
        };
        this.bridge.config.sources = Object.fromEntries(
            this.names.map((name) => [name, { ...settings, retries: 1, max_wait_s: 1, session: secret(name) }]),
        );
        delete this.bridge.config.endpoints["/push/tanma"];
        const { sandbox } = this.bridge;
        const handle = sandbox.handle.bind(sandbox);
        sandbox.handle = (request, now) => {
            const form = new URLSearchParams(`${new URL(request.url).search.slice(1)}&${request.body}`);
            if (form.get("method") !== "taobao.mama.crm.lead.list") {
                this.sent += 1;
                return handle(request, now);
            }
            const name = form.get("session");
            this.served.push(name);
            if (this.random.chance(trouble)) {
                if (this.random.chance(0.3)) return expired();
                const seconds = 2 + this.random.below(300);
                this.parked.set(name, now + seconds * 1000);
                return ban(seconds);
            }
            const offset = /"offset":"?(\d+)/.exec(form.get("lead_external_query_dto") ?? "")?.[1];
            return page(Number(offset ?? 9_000_000), 2);
        };
    }

    /** Was its turn noted since `began`? */
    async noted(name, began) {
        const { records } = await this.bridge.store.load([`pull/${name}`], this.bridge.now);
        return records.length > 0 && JSON.parse(records[0].value).served_at >= began;
    }

    async tick(kill) {
        this.served = [];
        this.sent = 0;
        // The bridge counts from when the answer came.
        const due = this.names.filter((name) => (this.parked.get(name) ?? 0) + 1000 <= this.bridge.now);
        const result = await this.bridge.run({ kind: "tick" }, undefined, kill);
        this.bridge.now += TICK_MS;
        return { ...result, due };
    }
}

/** Ticks until every source has had two turns at least; fails when one waits too long. */
async function watch(crowd, kept, { chance = 0, most = 400 } = {}) {
    const bound = Math.ceil(crowd.names.length / kept);
    const waits = new Map(crowd.names.map((name) => [name, 0]));
    const turns = new Map(crowd.names.map((name) => [name, 0]));
    let [longest, killed] = [0, 0];
    for (let ticks = 0; ticks < most; ++ticks) {
        const began = crowd.bridge.now;
        const { due, ...result } = await crowd.tick({ chance });
        const served = new Set(crowd.served);
        for (const name of served) turns.set(name, turns.get(name) + 1);
        if (result.killed) {
            killed += 1;
            // It counts as no tick for those that it did not come to; who was served and has it noted waits anew.
            for (const name of served) if (await crowd.noted(name, began)) waits.set(name, 0);
            continue;
        }
        assert.ok([0, 2, 3].includes(result.exit), JSON.stringify(result.summary));
        assert.equal(result.summary.job, "tick");
        for (const name of crowd.names) {
            if (served.has(name) || !due.includes(name)) {
                waits.set(name, 0);
                continue;
            }
            waits.set(name, waits.get(name) + 1);
            longest = Math.max(longest, waits.get(name));
            assert.ok(waits.get(name) < bound, `${name} waits for the ${waits.get(name)}th tick of ${bound}`);
        }
        if ([...turns.values()].every((count) => count >= 2)) return { ticks: ticks + 1, longest, killed, bound };
    }
    return assert.fail(`not two turns for each in ${most} ticks`);
}

test("1 to 500 sources, bans and crashes: nobody waits longer than the bound", async (t) => {
    const lines = [];
    const random = createRandom(SEED, "sizes");
    for (const [sources, requests] of [
        [1, 1],
        [2, 1],
        [5, 3],
        [30, 40],
        [41, 40],
        [108, 40],
        [108, 7],
        [250, 40],
        [500, 40],
        [500, 60],
        [1 + random.below(500), 20 + random.below(40)],
        [1 + random.below(500), 20 + random.below(40)],
    ]) {
        for (const [trouble, chance] of [
            [0, 0],
            [0.2, 0],
            [0.2, 0.004],
        ]) {
            const crowd = new Crowd(`${SEED} ${sources} ${requests} ${trouble} ${chance}`, {
                sources,
                requests,
                trouble,
            });
            const seen = await watch(crowd, requests, { chance });
            lines.push(
                `${sources}/${requests}: ${seen.longest} of ${seen.bound - 1}${chance ? `, ${seen.killed} killed` : ""}`,
            );
        }
    }
    t.diagnostic(`longest wait in ticks (sources/requests): ${lines.join("; ")}`);
});

test("without turns the same account would fail: the bound is sharp", async () => {
    // 12 sources and 4 requests: each is served in every third tick exactly.
    const crowd = new Crowd(`${SEED} sharp`, { sources: 12, requests: 4 });
    const order = [];
    for (let ticks = 0; ticks < 6; ++ticks) {
        const { summary } = await crowd.tick();
        assert.equal(summary.pull.waiting, 8);
        assert.equal(crowd.served.length, 4, "the budget holds");
        order.push(...crowd.served);
    }
    assert.deepEqual(order.slice(0, 12), order.slice(12));
    assert.equal(new Set(order.slice(0, 12)).size, 12);
});

test("statistics that wait get their share, and sources keep theirs", async (t) => {
    for (const [sources, requests] of [
        [50, 8],
        [12, 2],
        [108, 40],
    ]) {
        const crowd = new Crowd(`${SEED} share ${sources}`, { sources, requests });
        const row = (id) => ({
            id,
            store_id: 3,
            storeName: "fake",
            aliUv: 1,
            totalUv: 1,
            businessType: 1,
            statisticsDate: "2023-11-14",
        });
        const rows = Array.from({ length: 3000 }, (_, at) => JSON.stringify(row(at + 1))).join("\n");
        const brought = await crowd.bridge.call("/v1/backflow/stats", {
            method: "POST",
            url: "/v1/backflow/stats?type=2&format=ndjson",
            headers: { authorization: `Bearer ${TOKEN}` },
            body: rows,
        });
        assert.equal(brought.answer.status, 202, brought.answer.body);
        const kept = requests - Math.max(1, Math.floor(requests / 4));
        const bound = Math.ceil(sources / kept);
        const last = new Map(crowd.names.map((name) => [name, 0]));
        let waiting = 3000;
        for (let ticks = 1; ticks <= 3 * bound && waiting > 0; ++ticks) {
            const { summary, exit } = await crowd.tick();
            assert.notEqual(exit, 2, JSON.stringify(summary).slice(0, 1000));
            waiting = summary.backflow[0].waiting;
            assert.ok(crowd.sent >= 1, "statistics had a request");
            assert.ok(crowd.sent + crowd.served.length <= requests, "the budget holds for both together");
            if (waiting > 0) assert.ok(new Set(crowd.served).size >= Math.min(sources, kept));
            for (const name of crowd.served) last.set(name, ticks);
            for (const [name, at] of last) assert.ok(ticks - at < bound, `${name} waits since tick ${at}`);
        }
        t.diagnostic(`${sources} sources, ${requests} requests: ${kept} kept for pulling, bound ${bound}`);
    }
});
