// The walk's promise: 200 random accounts with bursts, late and changed leads, bans, three pages a run and a crash at about
// every thirtieth effect lose nothing, store nothing twice and never claim what is not stored. Beside it, on the same
// accounts, the two walks one would write first.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../sandbox/random.mjs";
import { World } from "./harness.mjs";

const ACCOUNTS = Number(process.env.LEADBRIDGE_ACCOUNTS ?? 200);
const FIRST = Number(process.env.LEADBRIDGE_FIRST_ACCOUNT ?? 0);
const PAGES_A_RUN = 3;
const CRASHES = 0.03;
const MOST_RUNS = 3000;

function plan(number) {
    const random = createRandom("account", number);
    const u = random.next() / 0x100000000;
    const order = random.chance(0.2) ? "asc" : "desc";
    const pageSize = random.pick([5, 7, 10, 16, 20, 25, 40, 60, 100]);
    return {
        random,
        pageSize,
        sandbox: {
            leads: Math.floor(3000 * u ** 12),
            firstId: random.pick(["1", "221985", "9007199254740000", "4611686018427387000"]),
            idStep: random.pick([1, 3, 5, 40]),
            order,
            pageOrder: random.chance(0.15) ? "asc" : order,
            offsetBoundary: random.pick(["inclusive", "exclusive"]),
            emptyList: random.pick(["array", "missing"]),
            duplicateEvery: random.chance(0.25) ? 2 + random.below(5) : 0,
        },
        // Upwards a run reads the first page, the overlap and the end: three pages, if the overlap fits into one.
        overlap: order === "asc" ? Math.floor(pageSize / 2) - 1 : random.pick([5, 20]),
        growingRuns: 4 + random.below(8),
        rate: random.pick([0.2, 1, 2]),
    };
}

// What the two simple walks would have: the same list, growth, page size, pages a run and chance to crash.
class Naive {
    constructor(account, pageSize, random) {
        Object.assign(this, {
            account,
            pageSize,
            random,
            maximum: -1n,
            newestOnly: new Set(),
            untilMaximum: new Set(),
        });
    }
    #page(below) {
        const { ids } = this.account;
        const out = [];
        for (let i = ids.length - 1; i >= 0 && out.length < this.pageSize; i--)
            if (below === null || ids[i] < below) out.push(ids[i]);
        return out;
    }
    #crash = () => this.random.chance(CRASHES);
    run() {
        // Load, page, store: three effects as well.
        if (!this.#crash() && !this.#crash() && !this.#crash())
            for (const id of this.#page(null)) this.newestOnly.add(id);
        let below = null;
        for (let pages = 0; pages < PAGES_A_RUN; pages++) {
            if (this.#crash()) return;
            const rows = this.#page(below);
            if (this.#crash()) return;
            for (const id of rows) this.untilMaximum.add(id);
            below = rows.at(-1) ?? null;
            if (below === null || below <= this.maximum) break;
        }
        if (!this.#crash() && this.account.ids.length > 0) this.maximum = this.account.ids.at(-1);
    }
}

test(`${ACCOUNTS} random accounts: nothing lost, nothing twice, every claim true`, async (t) => {
    const sum = {
        leads: 0,
        runs: 0,
        pages: 0,
        requests: 0,
        crashes: 0,
        parked: 0,
        late: 0,
        changes: 0,
        newestOnly: 0,
        untilMaximum: 0,
    };
    for (let number = FIRST; number < FIRST + ACCOUNTS; number++) {
        const { random, pageSize, sandbox, overlap, growingRuns, rate } = plan(number);
        // A late lead must be one that a run may still see: inside the overlap, which reaches no further than one page.
        const deepest = Math.min(overlap, Math.floor(pageSize / 2) - 1);
        let growing = true;
        const world = new World({
            seed: `account ${number}`,
            sandbox,
            source: { page_size: pageSize, overlap },
            config: { budget: { requests: PAGES_A_RUN, seconds: 100 } },
            beforeCall: () => {
                if (!growing) return;
                if (random.chance(0.3)) world.grow(random.below(4));
                if (random.chance(0.05) && world.late(deepest)) {
                    sum.late += 1;
                    if (random.chance(0.6)) world.grow(pageSize - 1); // the newest page ends just above it
                }
                if (random.chance(0.05)) {
                    world.modify(3);
                    sum.changes += 1;
                }
                if (random.chance(0.01)) world.sandbox.faults.push({ kind: "ban", seconds: random.pick([2, 5, 90]) });
            },
        });
        const naive = new Naive(world, pageSize, random);
        const where = `account ${number}: ${JSON.stringify({ pageSize, overlap, ...sandbox })}`;
        try {
            let complete = false;
            for (let run = 0; !complete; run++) {
                assert.ok(run < MOST_RUNS, `not complete after ${run} runs: ${JSON.stringify(await world.status())}`);
                growing = run < growingRuns;
                if (growing && random.chance(0.5)) world.grow(random.below(Math.ceil(pageSize * rate)));
                if (growing && random.chance(0.03)) world.grow(pageSize * (PAGES_A_RUN + 1)); // more than a run can read
                const { killed, source } = await world.run({ chance: CRASHES });
                naive.run();
                await world.checkClaims();
                if (killed) sum.crashes += 1;
                else if (source.outcome === "parked") sum.parked += 1;
                else assert.ok(["ok", "budget"].includes(source.outcome), JSON.stringify(source));
                complete =
                    !growing &&
                    source?.outcome === "ok" &&
                    (run % 4 === 0 || !killed) &&
                    (await world.status()).complete;
                world.now += 30_000;
            }
            const { leads } = await world.compare();
            sum.leads += leads;
        } catch (error) {
            error.message = `${where}: ${error.message}`;
            throw error;
        }
        const answered = world.sandbox.calls.filter(({ outcome }) => outcome === "ok").length;
        sum.runs += world.runs;
        sum.pages += answered;
        sum.requests += world.sandbox.calls.length;
        sum.newestOnly += world.ids.length - naive.newestOnly.size;
        sum.untilMaximum += world.ids.length - naive.untilMaximum.size;
    }
    const share = (lost) => `${((100 * lost) / sum.leads).toFixed(1)} %`;
    t.diagnostic(
        `${ACCOUNTS} accounts, ${sum.leads} leads (${sum.late} late, ${sum.changes} changes): 0 lost, 0 twice`,
    );
    t.diagnostic(
        `${sum.runs} runs, ${sum.crashes} crashed, ${sum.parked} parked; ${sum.pages} pages, ${((1000 * sum.requests) / sum.leads).toFixed(0)} requests per 1000 leads`,
    );
    t.diagnostic(
        `the same accounts, newest page only: ${share(sum.newestOnly)} lost; walk, then save the maximum: ${share(sum.untilMaximum)} lost`,
    );
    if (ACCOUNTS >= 100) assert.ok(sum.crashes > 0 && sum.parked > 0 && sum.late > 0);
});
