// Kill the function at every boundary between it and the world, with DynamoDB behind it, and at random ones: nothing is lost, nothing is
// there twice, and a statistics row goes out twice only where its answer died. Lambda starts a fresh process and hands the event out again,
// SQS the whole batch, a platform its push.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRandom } from "../sandbox/random.mjs";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";
import { httpAnswer, httpEvent, NO_PROGRAM, SCHEDULE, sqsBatch } from "./function.mjs";
import { randomKills, sideBySide, startTables, TOKEN, World } from "./kills.mjs";

const skip = NO_PROGRAM;
const AT_ONCE = 4;
const MOST_TRIES = 40;
const STORIES = 4;
const KILLS = Number(process.env.LEADBRIDGE_KILLS ?? 200);

let tables;
before(async () => {
    tables = await startTables();
});
after(() => tables.close());

const row = (id) =>
    JSON.stringify({
        id,
        store_id: 3,
        storeName: "fake",
        aliUv: 1,
        totalUv: 1,
        businessType: 1,
        statisticsDate: "2026-04-20",
    });
const load = (ids) =>
    httpEvent({
        path: "/v1/backflow/stats",
        query: "type=2&format=ndjson",
        headers: [["Authorization", `Bearer ${TOKEN}`]],
        body: ids.map(row).join("\n"),
    });
const message = (ids) => ({
    kind: "backflow",
    name: "stats",
    action: "send",
    type: 2,
    format: "ndjson",
    body: ids.map(row).join("\n"),
});
const seller = (leads) => createTmallAccount({ ...TMALL_DEFAULTS, leads, newestAt: Date.now() - 60_000 });

// ---- how each caller comes again ------------------------------------------------------------------------------------------------

/** Until `done(reply)` says true; between tries time passes. */
async function comesAgain(world, eventOf, done, most = MOST_TRIES) {
    for (let tries = 0; tries < most; tries++) {
        const reply = await world.invoke(eventOf());
        if (reply && done(reply)) return;
        await world.timePasses();
    }
    assert.ok(most < MOST_TRIES, `${most} tries: ${world.errors.slice(-2000)}`);
}
/** Lambda tries an event of its schedule three times; then comes the next one. */
const schedule = (world, most) =>
    comesAgain(
        world,
        () => SCHEDULE,
        ({ kind, text }) => {
            assert.equal(kind, "response", text);
            const {
                exit,
                pull,
                backflow: [stats],
            } = JSON.parse(text);
            return exit === 0 && pull.sources.every(({ outcome }) => outcome === "ok") && stats.waiting === 0;
        },
        most,
    );
const push = (world, lead) =>
    comesAgain(
        world,
        () => {
            const { url, headers, body } = tmallPush(lead, {
                ...world.spi,
                path: "/spi/tmall",
                timestamp: Date.now(),
            });
            return httpEvent({
                path: "/spi/tmall",
                query: url.split("?")[1],
                headers: Object.entries(headers),
                body,
            });
        },
        (reply) => {
            const { status, body } = httpAnswer(reply);
            assert.ok(status === 200 && TMALL_OK.includes(body.toString()), body.toString());
            return true;
        },
    );
const bring = (world, ids) =>
    comesAgain(
        world,
        () => load(ids),
        (reply) => {
            const { status, body } = httpAnswer(reply);
            assert.equal(status, 202, body.toString());
            return true;
        },
    );
/** A batch of SQS: a message that failed comes again, at most three times; then it is a dead letter. */
async function queue(world, messages, dead = []) {
    let left = messages.map((text, at) => ({ text, at, times: 0 }));
    const letters = [];
    for (let tries = 0; left.length > 0; tries++) {
        assert.ok(tries < MOST_TRIES, `a batch without end: ${world.errors.slice(-2000)}`);
        const batch = sqsBatch(left.map(({ text }) => text));
        const reply = await world.invoke(batch);
        await world.timePasses();
        if (!reply) continue; // nobody said anything: all of it comes again (a kill is no fault of a message here)
        assert.equal(reply.kind, "response", reply.text);
        const failed = new Set(JSON.parse(reply.text).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        left = left.filter((_, at) => failed.has(batch.Records[at].messageId));
        for (const each of left) each.times += 1;
        letters.push(...left.filter(({ times }) => times === 3).map(({ at }) => at));
        left = left.filter(({ times }) => times < 3);
    }
    assert.deepEqual(letters, dead, "dead letters");
}

// ---- every boundary ---------------------------------------------------------------------------------------------------------------

/** Plays `story(kill)` whole, then killed at each request, before and after. */
async function everywhere(t, name, options, story) {
    const play = async (kill) => {
        const world = await World.start(tables, { ...options(), kill });
        try {
            const given = await story(world);
            await world.idle();
            assert.equal(world.killed.length, kill ? 1 : 0, kill && "the boundary was not met");
            const sum = await world.compare(given);
            if (!kill) assert.equal(sum.twice, 0, "twice without a kill");
            return { ...sum, requests: world.requests, processes: world.processes };
        } catch (error) {
            throw kill
                ? new Error(`killed ${kill.when} request ${kill.at}, ${world.killed[0]?.what}`, {
                      cause: error,
                  })
                : error;
        } finally {
            await world.close();
        }
    };
    const whole = await play();
    // The last one asks for an invocation and gets none: no answer to die after.
    const kills = Array.from({ length: whole.requests }, (_, i) =>
        ["before", "after"].map((when) => ({ at: i + 1, when })),
    )
        .flat()
        .slice(0, -1);
    let processes = 0;
    let twice = 0;
    await sideBySide(AT_ONCE, kills, async (kill) => {
        const met = await play(kill);
        processes += met.processes;
        twice += met.twice;
    });
    t.diagnostic(
        `${name}: ${kills.length} boundaries (${whole.requests} requests, before and after), ${processes} processes, ${whole.leads} leads, ${whole.rows} rows, ${twice} rows twice, all unheard`,
    );
    return twice;
}

test("the schedule pulls two sources", { skip }, (t) =>
    everywhere(t, "pull", () => ({ sandbox: { leads: 5, tanma: { customers: 4 } } }), schedule),
);

test("tmall pushes, and pushes a change and an older form", { skip }, (t) =>
    everywhere(
        t,
        "push",
        () => ({ config: { sources: {} } }),
        async (world) => {
            const tmall = seller(2);
            const [first, second] = tmall.ids();
            tmall.modify(first);
            for (const [id, version] of [
                [first, 2],
                [first, 1],
                [second, 1],
            ])
                await push(world, tmall.lead(id, version));
            return { tmall };
        },
    ),
);

test("the merchant brings statistics", { skip }, async (t) => {
    const twice = await everywhere(
        t,
        "statistics",
        () => ({ config: { sources: {} } }),
        async (world) => {
            await bring(world, [1, 2, 3]);
            await schedule(world);
            return { rows: ["1", "2", "3"] };
        },
    );
    assert.ok(twice > 0, "an answer that died has no trace");
});

test("a batch of SQS with a poison message", { skip }, (t) =>
    everywhere(
        t,
        "queue",
        () => ({ sandbox: { leads: 4 } }),
        async (world) => {
            await queue(world, [message([1, 2]), "not ours", { kind: "pull", sources: ["ads"] }], [1]);
            await schedule(world);
            return { rows: ["1", "2"] };
        },
    ),
);

// ---- random boundaries --------------------------------------------------------------------------------------------------------------

test(`${KILLS} random kills: nothing lost, nothing twice`, { skip }, async (t) => {
    const outcomes = {}; // of pulls beside the one that is killed
    const sum = { kills: 0, processes: 0, requests: 0, leads: 0, rows: 0, twice: 0 };
    await sideBySide(
        STORIES,
        Array.from({ length: STORIES }, (_, i) => i),
        async (number) => {
            const seed = `kills ${process.env.LEADBRIDGE_SEED ?? "one"} ${number}`;
            const random = createRandom(seed, "story");
            const kills = randomKills(seed);
            const wanted = Math.ceil(KILLS / STORIES);
            let killed = [];
            const world = await World.start(tables, {
                sandbox: { leads: 6, tanma: { customers: 3 } },
                kills: (from) => (killed.length >= wanted ? null : kills(from)),
            });
            ({ killed } = world);
            const tmall = seller(1);
            const rows = [];
            const fresh = () =>
                Array.from({ length: 1 + random.below(4) }, () => {
                    rows.push(String(rows.length + 1));
                    return rows.length;
                });
            const poison = () => (random.chance(0.2) ? ["not ours"] : []);
            try {
                for (let step = 0; world.killed.length < wanted; step++) {
                    assert.ok(step < 20 * wanted, "the kills do not come");
                    world.sandbox.addLeads(random.below(4), Date.now());
                    if (random.chance(0.3))
                        world.sandbox.modifyLead([...world.sandbox.truth().keys()].at(-1), Date.now());
                    world.sandbox.tanma.account.add(random.below(3), Date.now() - 2000);
                    const what = random.below(4);
                    const beside = random.chance(0.4) ? world.invokeBeside({ kind: "pull" }) : null;
                    beside?.catch(() => {}); // the step's own failure is the one to tell
                    if (what === 0) await schedule(world, 3);
                    if (what === 1) {
                        const id =
                            random.chance(0.5) || tmall.size() === 0
                                ? tmall.add(1, Date.now())[0]
                                : random.pick(tmall.ids());
                        if (random.chance(0.4)) tmall.modify(id);
                        await push(world, tmall.lead(id));
                    }
                    if (what === 2) await bring(world, fresh());
                    if (what === 3) {
                        const first = poison();
                        await queue(
                            world,
                            [...first, message(fresh()), { kind: "pull", sources: ["scrm"] }],
                            first.length ? [0] : [],
                        );
                    }
                    if (!beside) continue;
                    const { kind, text } = await beside;
                    assert.equal(kind, "response", text);
                    for (const { outcome } of JSON.parse(text).sources)
                        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
                }
                for (const id of tmall.ids()) await push(world, tmall.lead(id));
                await schedule(world);
                const { leads, rows: arrived, twice } = await world.compare({ tmall, rows });
                sum.kills += world.killed.length;
                sum.processes += world.processes;
                sum.requests += world.requests;
                sum.leads += leads;
                sum.rows += arrived;
                sum.twice += twice;
                const kinds = new Set(world.killed.map(({ what }) => what.split(" ")[0]));
                assert.ok(wanted < 20 || (kinds.has("dynamodb") && kinds.has("http")), "both sides were cut off");
            } catch (error) {
                throw new Error(
                    `${seed}, ${world.killed.length} kills, the last: ${JSON.stringify(world.killed.slice(-3))}`,
                    { cause: error },
                );
            } finally {
                await world.close();
            }
        },
    );
    t.diagnostic(JSON.stringify({ ...sum, beside: outcomes }));
    assert.ok(sum.kills >= KILLS);
});
