// The promise of a source that is pulled by windows: random accounts with late rows, growth under way, every way a list may end, short
// pages and a crash now and then lose nothing and store nothing twice, three pages a run; a list that never ends stops the run only.
import assert from "node:assert/strict";
import test from "node:test";
import { END_RULES } from "../sandbox/tanma/api.mjs";
import { createRandom } from "../sandbox/random.mjs";
import { Doors } from "./doors.mjs";

const ACCOUNTS = Number(process.env.LEADBRIDGE_ACCOUNTS ?? 60);
const PAGES_A_RUN = 3;
const CRASHES = 0.03;
const MOST_RUNS = 400;
const MINUTE = 60_000;

/** Runs until two in a row say that all is read, `growing` runs of them with a world that moves. */
async function untilComplete(world, source, { chance = 0, growing = 0, beforeRun = () => {}, sum }) {
    let done = 0;
    for (let run = 0; done < 2; run++) {
        assert.ok(run < MOST_RUNS, `not complete after ${run} runs: ${JSON.stringify(await world.status(source))}`);
        world.growing = run < growing;
        if (world.growing) beforeRun(run);
        const { killed, summary } = await world.run({ kind: "pull", sources: [source] }, undefined, {
            chance,
        });
        sum.runs += 1;
        if (killed) sum.crashes += 1;
        else {
            const { outcome, requests, code } = summary.sources[0];
            // A row that a newer one pushes to the next page while a list grows looks like a page read before: the run says so, the
            // next one begins this time span again.
            const pushed = world.growing && code === "cursor_loop";
            assert.ok(pushed || ["ok", "budget", "parked"].includes(outcome), JSON.stringify(summary.sources[0]));
            assert.ok(requests <= PAGES_A_RUN, `${requests} requests`);
            done = outcome === "ok" && !world.growing ? done + 1 : 0;
        }
        world.now += MINUTE * (1 + world.random.below(20));
    }
}

test(`${ACCOUNTS} random Tanma accounts: nothing lost, nothing twice`, async (t) => {
    const sum = { leads: 0, late: 0, runs: 0, crashes: 0, calls: 0 };
    for (let number = 0; number < ACCOUNTS; number++) {
        const random = createRandom("tanma account", number);
        const overlap = random.pick([5, 30, 120]); // minutes
        const sandbox = {
            customers: random.pick([0, 1, 7, 20, 60, 150]),
            endRule: END_RULES[number % END_RULES.length],
            shortEvery: random.pick([0, 0, 2, 3]),
            sameSecondShare: random.pick([0.1, 0.6]),
            intervalMs: random.pick([1000, 90_000, 3_600_000]),
            companyShare: random.pick([0, 0.25]),
        };
        const world = new Doors({
            seed: `tanma ${number}`,
            sandbox: { tanma: sandbox },
            tanma: {
                page_size: random.pick([1, 5, 10, 20, 100]),
                overlap_minutes: overlap,
                window_days: random.pick([1, 7]),
                backfill: { days: 15 },
            },
            budget: { requests: PAGES_A_RUN, seconds: 100 },
            beforeCall: ({ now, growing }) => {
                if (!growing) return;
                const { account, faults } = world.sandbox.tanma;
                if (random.chance(0.3)) account.add(random.below(4), now);
                // Late, but within the overlap, less the second that times are rounded to.
                if (random.chance(0.15)) {
                    account.addLate(now, { secondsAgo: 1 + random.below(overlap * 60 - 1) });
                    sum.late += 1;
                }
                if (random.chance(0.02)) faults.push({ kind: random.pick(["html502", "truncated", "cut"]) });
                if (random.chance(0.01)) faults.push({ kind: "code", code: 429 });
            },
        });
        const { tanma } = world.sandbox;
        try {
            await untilComplete(world, "scrm", {
                chance: CRASHES,
                growing: 4 + random.below(8),
                sum,
                beforeRun: () => random.chance(0.5) && tanma.account.add(random.below(12), world.now),
            });
            const stored = await world.leads("scrm");
            assert.deepEqual([...stored.keys()].sort(), [...tanma.truth().keys()].sort());
            assert.equal(world.inserted, stored.size, "rows inserted = rows stored");
            sum.leads += stored.size;
            sum.calls += tanma.calls.length;
        } catch (error) {
            error.message = `account ${number} ${JSON.stringify({ overlap, ...sandbox, ...world.config.sources.scrm })}: ${error.message}`;
            throw error;
        }
    }
    t.diagnostic(
        `${ACCOUNTS} accounts, ${sum.leads} customers (${sum.late} late): 0 lost, 0 twice; ${sum.runs} runs, ${sum.crashes} crashed, ${sum.calls} calls`,
    );
    if (ACCOUNTS >= 60) assert.ok(sum.late > 0 && sum.crashes > 0);
});

test(`${ACCOUNTS} random ETC accounts with changed rows: nothing lost, the newest form stored`, async (t) => {
    const sum = { leads: 0, changes: 0, runs: 0, crashes: 0, calls: 0 };
    for (let number = 0; number < ACCOUNTS; number++) {
        const random = createRandom("etc account", number);
        const sandbox = {
            rows: random.pick([0, 1, 9, 10, 11, 60]),
            pageSize: random.pick([1, 3, 10, 50]),
            intervalMs: random.pick([1000, 90_000, 3_600_000]),
        };
        const world = new Doors({
            seed: `etc ${number}`,
            sandbox: { etc: sandbox },
            etc: { overlap_minutes: random.pick([5, 30]), backfill: { days: 15 } },
            budget: { requests: PAGES_A_RUN, seconds: 100 },
            beforeCall: ({ now, growing }) => {
                if (!growing) return;
                const { account, faults } = world.sandbox.etc;
                if (random.chance(0.3)) account.add(random.below(4), now);
                if (random.chance(0.3) && account.size() > 0) {
                    account.modify(random.pick([...account.truth().keys()]), now);
                    sum.changes += 1;
                }
                if (random.chance(0.02))
                    faults.push({
                        kind: random.pick(["html502", "truncated", "response_failure", "qm_code"]),
                    });
            },
        });
        const { etc } = world.sandbox;
        try {
            await untilComplete(world, "etc_in", {
                chance: CRASHES,
                growing: 4 + random.below(8),
                sum,
                beforeRun: () => random.chance(0.5) && etc.account.add(random.below(12), world.now),
            });
            const stored = await world.leads("etc_in");
            const truth = etc.truth();
            assert.deepEqual([...stored.keys()].sort(), [...truth.keys()].sort());
            assert.equal(world.inserted, stored.size, "rows inserted = rows stored");
            for (const [id, { fields }] of truth) {
                const { doc } = stored.get(id);
                assert.equal(doc.status?.raw ?? "", String(fields.status), `${id} is not its newest form`);
                assert.equal(doc.times.modified?.raw ?? null, fields.updated_time, `${id} is not its newest form`);
            }
            sum.leads += stored.size;
            sum.calls += etc.calls.length;
        } catch (error) {
            error.message = `account ${number} ${JSON.stringify({ ...sandbox, ...world.config.sources.etc_in })}: ${error.message}`;
            throw error;
        }
    }
    t.diagnostic(
        `${ACCOUNTS} accounts, ${sum.leads} rows (${sum.changes} changes): 0 lost, 0 twice; ${sum.runs} runs, ${sum.crashes} crashed, ${sum.calls} calls`,
    );
});

for (const [platform, source, fault] of [
    ["tanma", "scrm", { kind: "cycle_cursor", length: 3 }],
    ["tanma", "scrm", { kind: "cycle_cursor", length: 2 }],
    ["tanma", "scrm", { kind: "cycle_cursor", length: 5 }],
    ["tanma", "scrm", { kind: "repeat_page" }],
    ["tanma", "scrm", { kind: "repeat_page", atCall: 5 }],
    ["tanma", "scrm", { kind: "repeat_page", atCall: 6 }],
    ["tanma", "scrm", { kind: "endless_cursor" }],
    ["etc", "etc_in", { kind: "repeat_page" }],
]) {
    test(`${platform}, ${fault.kind}${fault.length ? ` of ${fault.length}` : ""}${fault.atCall ? ` from call ${fault.atCall}` : ""}: the run says so, what came is stored, later it completes`, async () => {
        const world = new Doors({
            sandbox: { tanma: { customers: 30 }, etc: { rows: 30, pageSize: 5 } },
            tanma: { page_size: 5 },
            budget: { requests: 60, seconds: 600 },
        });
        const account = world.sandbox[platform];
        account.faults.push({ ...fault, times: 1000 });
        const came = () => new Set(account.calls.flatMap(({ ids }) => ids));
        const outcomes = [];
        for (let run = 0; run < 3; run++) {
            const { summary } = await world.run({ kind: "pull", sources: [source] });
            const { outcome, code, reason, requests } = summary.sources[0];
            outcomes.push(`${outcome} ${code}`);
            assert.deepEqual([outcome, code], ["failed", "cursor_loop"], JSON.stringify(summary.sources[0]));
            assert.ok(reason.includes("+08:00"), reason);
            assert.ok(requests <= 40, `${requests} requests`);
            assert.deepEqual([...(await world.leads(source)).keys()].sort(), [...came()].sort());
            const { state, complete, last_error: error } = await world.status(source);
            assert.deepEqual([state, complete, error.code], ["failed", false, "cursor_loop"]);
            world.now += 10 * MINUTE;
        }
        account.faults.clear();
        const { summary } = await world.run({ kind: "pull", sources: [source] });
        assert.equal(summary.sources[0].outcome, "ok", JSON.stringify(summary.sources[0]));
        const stored = await world.leads(source);
        assert.deepEqual([...stored.keys()].sort(), [...account.truth().keys()].sort());
        assert.equal(world.inserted, stored.size);
        assert.equal((await world.status(source)).complete, true);
    });
}

test("a loop that is met over several small runs is seen as well", async () => {
    const world = new Doors({
        sandbox: { tanma: { customers: 30 } },
        tanma: { page_size: 5 },
        budget: { requests: PAGES_A_RUN, seconds: 100 },
    });
    world.sandbox.tanma.faults.push({ kind: "cycle_cursor", length: 4, times: 1000 });
    const codes = [];
    for (let run = 0; run < 12 && !codes.includes("cursor_loop"); run++) {
        codes.push((await world.run({ kind: "pull", sources: ["scrm"] })).summary.sources[0].code);
        world.now += MINUTE;
    }
    assert.equal(codes.at(-1), "cursor_loop", codes.join(" "));
    world.sandbox.tanma.faults.clear();
    await untilComplete(world, "scrm", { sum: { runs: 0, crashes: 0 } });
    assert.deepEqual([...(await world.leads("scrm")).keys()].sort(), [...world.sandbox.tanma.truth().keys()].sort());
});
