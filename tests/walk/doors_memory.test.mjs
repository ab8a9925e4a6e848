// The invocation is killed before and after every single effect of each door: pushes, queries, rows that are loaded, statistics that
// are sent, a pull by windows. The world goes on as it does outside: platforms and merchants that got no answer come again.
import assert from "node:assert/strict";
import test from "node:test";
import { etcQuery } from "../sandbox/callers/etc.mjs";
import { echoesNoise, inventPush, registerPush, tanmaPush } from "../sandbox/callers/tanma.mjs";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { at, boundaries, Doors, PATHS } from "./doors.mjs";

const MOST_TRIES = 20;
const MINUTE = 60_000;

/** Runs `scenario` whole, then once for each boundary. */
async function everywhere(t, scenario, check = () => {}) {
    const whole = await scenario();
    await check(whole);
    const all = boundaries(whole.world.effects);
    let killed = 0;
    for (const kill of all) {
        await at(kill, async () => {
            const outcome = await scenario(kill);
            killed += outcome.kills;
            assert.equal(outcome.kills, 1, "the boundary was not met");
            await check(outcome, whole);
        });
    }
    t.diagnostic(`${all.length} boundaries (${whole.world.effects} effects, before and after), killed at ${killed}`);
    return { whole, all };
}

/** Until it is acknowledged; whoever got no answer sends it again. */
async function deliver(world, path, make, acknowledged, stored, kill) {
    let kills = 0;
    for (let i = 0; i < MOST_TRIES; i++) {
        const { killed, answer } = await world.call(path, make(world.now), kill);
        if (killed) kills += 1;
        if (answer) {
            assert.ok(acknowledged(answer), `${answer.status} ${answer.body}`);
            await stored();
            return { kills, sent: i + 1 };
        }
        world.now += MINUTE;
    }
    return assert.fail("never acknowledged");
}

test("receive, tmall: never acknowledged before it is stored, stored once", async (t) => {
    const scenario = async (kill) => {
        const world = new Doors({ sandbox: { tmall: { leads: 6 } } });
        const { tmall } = world.sandbox;
        const [changed, ...others] = tmall.ids();
        tmall.modify(changed);
        // A new one, an older form of it, the same again, and the rest in other forms.
        const pushes = [[changed, 2], [changed, 1], [changed, 2], ...others.map((id) => [id, 1])];
        const result = { world, kills: 0, sent: 0 };
        for (const [i, [id, version]] of pushes.entries()) {
            const content = ["json", "form", "xml"][i % 3];
            const make = (timestamp) =>
                tmallPush(tmall.lead(id, version), {
                    ...world.spi,
                    timestamp,
                    path: "",
                    content,
                    charset: i % 2 ? "gbk" : "utf-8",
                });
            const { kills, sent } = await deliver(
                world,
                PATHS.tmall,
                make,
                ({ status, body }) => status === 200 && TMALL_OK.includes(body),
                async () => {
                    assert.ok((await world.leads()).has(id), `${id} is acknowledged and not stored`);
                },
                kill,
            );
            result.kills += kills;
            result.sent += sent;
        }
        const leads = await world.leads();
        assert.deepEqual([...leads.keys()].sort(), tmall.ids().sort());
        assert.equal(world.inserted, leads.size + (await world.rows("drift/tmall")).length);
        const newest = Date.parse(`${tmall.lead(changed).gmt_modified.replace(" ", "T")}+08:00`);
        assert.equal(leads.get(changed).version, newest, "the older form won");
        return result;
    };
    await everywhere(t, scenario);
});

test("receive, tanma: echoed only when stored, stored once", async (t) => {
    const scenario = async (kill) => {
        const world = new Doors();
        const {
            tanma: { appId, appKey },
        } = world.sandbox.options;
        const messages = [registerPush(), ...[1, 2, 3, 4].map((number) => inventPush({}, number))];
        messages.splice(3, 0, messages[1]); // the same again
        const result = { world, kills: 0 };
        for (const message of messages) {
            const make = (timestamp) => tanmaPush(message, { appId, appKey, timestamp, path: "" });
            const { kills } = await deliver(
                world,
                PATHS.tanma,
                make,
                ({ status, body }) => status === 200 && echoesNoise(body, message.noise),
                async () => {
                    const id = message.content.externalUserId;
                    assert.ok(!id || (await world.leads()).has(id), `${id} is acknowledged and not stored`);
                },
                kill,
            );
            result.kills += kills;
        }
        const leads = await world.leads();
        assert.deepEqual(
            [...leads.keys()].sort(),
            [...new Set(messages.map(({ content }) => content.externalUserId).filter(Boolean))].sort(),
        );
        assert.equal(world.inserted, leads.size + (await world.rows("drift/scrm")).length);
        return result;
    };
    await everywhere(t, scenario);
});

test("load and serve: the file given again, the question asked again; every page as if nothing had happened", async (t) => {
    const ROWS = 450; // three commits
    const scenario = async (kill) => {
        const world = new Doors({
            endpoints: { [PATHS.etc]: { platform: "etc", page_size: 200 } },
            sandbox: { etc: { rows: ROWS } },
        });
        world.config.backflow.etc = { platform: "etc" };
        const rows = [...world.sandbox.etc.truth().values()].map(({ fields }) => fields);
        const file = Buffer.from(
            rows.map((row) => `${JSON.stringify({ ...row, id: 0 }).replace('"id":0', `"id":${row.id}`)}\n`).join(""),
        );
        let kills = 0;
        const again = async (work) => {
            for (let i = 0; i < MOST_TRIES; i++) {
                const result = await work();
                if (!result.killed) return result;
                kills += 1;
                // A platform that has its answer does not ask again.
                if (result.answer) return result;
                world.now += MINUTE;
            }
            return assert.fail("never done");
        };
        const { summary, exit } = await again(() =>
            world.run({ kind: "backflow", name: "etc", action: "load" }, file, kill),
        );
        assert.deepEqual([exit, summary.inserted + summary.unchanged, summary.refused], [0, ROWS, 0]);
        assert.equal(world.inserted, ROWS);
        const timestamp = world.now; // a repeated question is the very same one
        const pages = [];
        for (let page = 1; page <= 4; page++) {
            const { answer } = await again(() =>
                world.call(PATHS.etc, etcQuery({ page, queryTime: "0" }, { ...world.spi, timestamp, path: "" }), kill),
            );
            pages.push(answer.body);
        }
        assert.equal((await world.rows("etc/4")).length, ROWS);
        return { world, kills, pages };
    };
    await everywhere(t, scenario, ({ pages, world }, whole) => {
        if (whole) return assert.deepEqual(pages, whole.pages);
        const ids = pages.flatMap((page) => [...JSON.parse(page).data.matchAll(/"id":(\d+)/g)].map(([, id]) => id));
        return assert.deepEqual(ids.sort(), [...world.sandbox.etc.truth().keys()].sort());
    });
});

const statistics = (ids) =>
    ids
        .map((id) =>
            JSON.stringify({
                id,
                store_id: 3,
                storeName: "fake",
                aliUv: id,
                totalUv: id,
                businessType: 1,
                statisticsDate: "2023-11-14",
            }),
        )
        .join("\n");

for (const faulty of [false, true]) {
    test(`send, ${faulty ? "with trouble" : "all well"}: every row arrives, again only where nobody could know that it had`, async (t) => {
        const IDS = Array.from({ length: 23 }, (_, i) => i + 1);
        const refused = faulty ? [9] : [];
        let doubled = 0;
        const scenario = async (kill) => {
            const world = new Doors({
                stats: { batch_rows: 5 },
                sandbox: { outinvest: { refuseIds: refused } },
                budget: { requests: faulty ? 4 : 1000, seconds: 3600 },
            });
            const { outinvest } = world.sandbox;
            if (faulty) {
                for (const fault of [
                    { kind: "ban", seconds: 3, atCall: 2 },
                    { kind: "accept_reset", atCall: 4 },
                    { kind: "accept_html502", atCall: 5 },
                    { kind: "isp", atCall: 7 },
                    { kind: "ban", seconds: 900, atCall: 9 },
                ])
                    outinvest.faults.push(fault);
            }
            const event = { kind: "backflow", name: "stats", action: "send" };
            const file = Buffer.from(statistics(IDS));
            let kills = 0;
            let given = false;
            let unheard = null; // the call whose outcome died with the invocation
            let over = false;
            for (let i = 0; i < 40 && !over; i++) {
                const before = outinvest.calls.length;
                const result = given
                    ? await world.run(event, undefined, kill)
                    : await world.run({ ...event, type: 2 }, file, kill);
                if (result.killed) {
                    kills += 1;
                    const { type, when } = result.killed;
                    if (
                        outinvest.calls.length > before &&
                        ((type === "http" && when === "after") || (type === "store.commit" && when === "before"))
                    )
                        unheard = outinvest.calls.length;
                } else {
                    given = true;
                    over = result.summary.waiting === 0;
                }
                world.now += 70 * MINUTE;
            }
            assert.ok(over, "rows wait for ever");
            const { queue } = await world.ask({ kind: "backflow", name: "stats", action: "status" });
            assert.equal(queue.waiting, 0);
            assert.equal(queue.dead, refused.length);
            const truth = [...outinvest.truth().values()];
            const missing = IDS.filter((id) => !truth.some((row) => row.id === String(id)));
            assert.deepEqual(missing, refused, "lost");
            for (const { id, calls } of truth) {
                const known = calls
                    .slice(0, -1)
                    .filter((n) => n !== unheard && !/^fault:accept_/.test(outinvest.calls[n - 1].outcome));
                assert.deepEqual(known, [], `row ${id} was sent again although its answer was recorded`);
                if (calls.includes(unheard) && calls.length > 1) doubled += 1;
            }
            const states = (await world.rows("backflow/stats")).map(({ doc }) => doc.state);
            if (states.length > 0)
                assert.deepEqual([...new Set(states)].sort(), refused.length ? ["refused", "sent"] : ["sent"]);
            return { world, kills, outcomes: outinvest.calls.map(({ outcome }) => outcome) };
        };
        const { whole } = await everywhere(t, scenario, ({ world }, whole) => {
            if (!whole && !faulty)
                assert.ok([...world.sandbox.outinvest.truth().values()].every(({ times }) => times === 1));
        });
        t.diagnostic(
            `${IDS.length} rows, ${whole.outcomes.length} calls (${[...new Set(whole.outcomes)].join(" ")}): 0 lost, ${doubled} arrived twice, all unheard`,
        );
        assert.ok(doubled > 0, "no kill fell between an answer and its record");
    });
}

test("pull, tanma: windows with budget stops, a throttle answer and a 502", async (t) => {
    const outcomes = new Set();
    const scenario = async (kill) => {
        let calls = 0;
        const world = new Doors({
            sandbox: { tanma: { customers: 40, endRule: "empty", shortEvery: 4 } },
            tanma: { page_size: 6, overlap_minutes: 10, backfill: { days: 1 } },
            budget: { requests: 3, seconds: 60 },
            beforeCall: ({ now, sandbox }) => {
                calls += 1;
                if (calls === 3) sandbox.tanma.account.add(4, now);
                if (calls === 8) sandbox.tanma.account.addLate(now, { secondsAgo: 300 });
            },
        });
        const { tanma } = world.sandbox;
        for (const fault of [
            { kind: "code", code: 429, atCall: 2 },
            { kind: "html502", atCall: 5 },
            { kind: "truncated", atCall: 9 },
        ])
            tanma.faults.push(fault);
        let kills = 0;
        let done = 0;
        for (let run = 0; done < 2; run++) {
            assert.ok(run < 60, "not complete");
            const { killed, summary } = await world.run({ kind: "pull", sources: ["scrm"] }, undefined, kill);
            if (killed) kills += 1;
            else {
                outcomes.add(summary.sources[0].outcome);
                done = summary.sources[0].outcome === "ok" ? done + 1 : 0;
            }
            world.now += 2 * MINUTE;
        }
        const leads = await world.leads("scrm");
        assert.deepEqual([...leads.keys()].sort(), [...tanma.truth().keys()].sort());
        assert.equal(world.inserted, leads.size);
        return { world, kills };
    };
    await everywhere(t, scenario);
    t.diagnostic(`outcomes: ${[...outcomes].join(" ")}`);
    for (const outcome of ["ok", "budget"]) assert.ok(outcomes.has(outcome), outcome);
});
