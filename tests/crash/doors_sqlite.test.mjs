// Kill the native process (no clean-up, exit 137) before and after every effect of a pull by windows, of statistics that are sent and of
// pushes that come in; SQLite on disk, HTTP, the platform coming again. The clock moves, so that leases run out; nothing waits for them.
import assert from "node:assert/strict";
import test from "node:test";
import { TMALL_OK, tmallPush } from "../sandbox/callers/tmall.mjs";
import { place, sideBySide } from "./sqlite.mjs";

const AT_ONCE = 4;
const MOST_RUNS = 12;
const MINUTE = 60_000;

/** The kill counts effects over all invocations of a place: this one knows where the next begins. */
function counting(here, kill) {
    const met = { effects: 0, processes: 0, killed: null };
    const invoke = async (event, body) => {
        const at = kill && !met.killed ? kill.at - met.effects : 0;
        const result = await here.invoke(event, body, at > 0 ? { ...kill, at } : undefined);
        met.processes += 1;
        if (result.killed) met.killed = result.killed;
        else met.effects += result.answer.effects;
        return result;
    };
    return { met, invoke };
}

/** Plays `scenario(kill)` whole, then at each boundary. */
async function everywhere(t, scenario) {
    const whole = await scenario();
    const kills = Array.from({ length: whole.effects }, (_, i) =>
        ["before", "after"].map((when) => ({ at: i + 1, when })),
    ).flat();
    let processes = 0;
    await sideBySide(AT_ONCE, kills, async (kill) => {
        try {
            const met = await scenario(kill);
            assert.ok(met.killed, "the boundary was not met");
            processes += met.processes;
        } catch (error) {
            error.message = `killed ${kill.when} effect ${kill.at}: ${error.message}`;
            throw error;
        }
    });
    t.diagnostic(`${kills.length} boundaries (${whole.effects} effects, before and after), ${processes} processes`);
}

/** @returns {Promise<Map<string, object>>} lead_id -> lead, phones in the clear */
async function leadsOf(here) {
    const { answer } = await here.run("leadbridge", "leads", "--json", "--reveal", "--limit", "500");
    const byId = new Map(answer.leads.map((lead) => [lead.source.lead_id, lead]));
    assert.equal(byId.size, answer.leads.length, "a lead is there twice");
    return byId;
}

test("tanma pull, killed at every boundary on SQLite: nothing lost, nothing twice", async (t) => {
    await everywhere(t, async (kill) => {
        const here = await place({
            sandbox: { tanma: { customers: 8, newestAt: Date.now() - 60_000, companyShare: 0 } },
            config: (url, { tanma }) => ({
                sources: {
                    scrm: {
                        platform: "tanma",
                        endpoint: `${url}/tanma`,
                        app_id: tanma.appId,
                        app_key: { env: "LB_TANMA" },
                        page_size: 5,
                        overlap_minutes: 0,
                        backfill: { days: 1 },
                    },
                },
                budget: { requests: 2, seconds: 20 },
            }),
        });
        try {
            const { met, invoke } = counting(here, kill);
            here.sandbox.tanma.faults.push({ kind: "html502", atCall: 3 });
            let inserted = 0;
            let done = false;
            for (let i = 0; i < MOST_RUNS && !done; i++) {
                const { answer } = await invoke({ kind: "pull" });
                here.clock.aheadMs += MINUTE; // the next window is another one, whatever the second
                if (!answer) continue;
                const [source] = answer.summary.sources;
                assert.ok(["ok", "budget", "failed"].includes(source.outcome), JSON.stringify(source));
                inserted += source.inserted;
                done = source.outcome === "ok";
            }
            assert.ok(done, "not complete");
            const leads = await leadsOf(here);
            assert.deepEqual([...leads.keys()].sort(), [...here.sandbox.tanma.truth().keys()].sort());
            if (!kill) assert.equal(inserted, leads.size);
            return met;
        } finally {
            await here.close();
        }
    });
});

test("statistics, killed at every boundary on SQLite: every row arrives, twice only when its answer died", async (t) => {
    const IDS = [1, 2, 3, 4];
    let doubled = 0;
    const file = IDS.map((id) =>
        JSON.stringify({
            id,
            store_id: 3,
            storeName: "fake",
            aliUv: id,
            totalUv: id,
            businessType: 1,
            statisticsDate: "2026-04-20",
        }),
    ).join("\n");
    await everywhere(t, async (kill) => {
        const here = await place({
            config: (url) => ({
                sources: {},
                backflow: {
                    stats: {
                        platform: "outinvest",
                        endpoint: `${url}/router/rest`,
                        session: { env: "LB_SESSION" },
                        batch_rows: 2,
                    },
                },
            }),
        });
        try {
            const { met, invoke } = counting(here, kill);
            const { outinvest } = here.sandbox;
            const event = { kind: "backflow", name: "stats", action: "send" };
            let given = false;
            let over = false;
            let unheard = null;
            for (let i = 0; i < MOST_RUNS && !over; i++) {
                const before = outinvest.calls.length;
                const { answer, killed } = given ? await invoke(event) : await invoke({ ...event, type: 2 }, file);
                given ||= Boolean(answer);
                over = answer?.summary.waiting === 0;
                const answerLost =
                    (killed?.type === "http" && killed.when === "after") ||
                    (killed?.type === "store.commit" && killed.when === "before");
                if (answerLost && outinvest.calls.length > before) unheard = outinvest.calls.length;
                here.clock.aheadMs += 3 * MINUTE;
            }
            assert.ok(over, "rows wait for ever");
            const truth = [...outinvest.truth().values()];
            assert.deepEqual(truth.map(({ id }) => Number(id)).sort(), IDS, "lost");
            for (const { id, calls } of truth) {
                assert.deepEqual(
                    calls.slice(0, -1).filter((n) => n !== unheard),
                    [],
                    `row ${id} was sent again although its answer was recorded`,
                );
                if (calls.length > 1) doubled += 1;
            }
            return met;
        } finally {
            await here.close();
        }
    });
    t.diagnostic(`${IDS.length} rows: 0 lost, ${doubled} arrived twice, all unheard`);
    assert.ok(doubled > 0);
});

test("tmall pushes, killed at every boundary on SQLite: acknowledged only what is stored, stored once", async (t) => {
    await everywhere(t, async (kill) => {
        const here = await place({
            sandbox: { tmall: { leads: 3 } },
            config: { sources: {}, endpoints: { "/spi/tmall": { platform: "tmall" } } },
        });
        try {
            const { met, invoke } = counting(here, kill);
            const {
                tmall,
                options: { app_key, app_secret },
            } = here.sandbox;
            tmall.modify(tmall.ids()[0]);
            for (const [id, version] of [
                [tmall.ids()[0], 2],
                [tmall.ids()[0], 1],
                [tmall.ids()[1], 1],
                [tmall.ids()[2], 1],
            ]) {
                let acknowledged = false;
                for (let i = 0; i < MOST_RUNS && !acknowledged; i++) {
                    const { method, url, headers, body } = tmallPush(tmall.lead(id, version), {
                        app_key,
                        app_secret,
                        path: "",
                        timestamp: Date.now() + here.clock.aheadMs,
                    });
                    const { answer } = await invoke(
                        {
                            kind: "request",
                            method,
                            path: "/spi/tmall",
                            query: url.slice(1),
                            headers: Object.entries(headers),
                        },
                        body,
                    );
                    here.clock.aheadMs += MINUTE;
                    if (!answer) continue;
                    acknowledged = answer.response.status === 200 && TMALL_OK.includes(answer.response.body);
                    assert.ok(acknowledged, JSON.stringify(answer));
                }
                assert.ok(acknowledged);
            }
            const leads = await leadsOf(here);
            assert.deepEqual([...leads.keys()].sort(), tmall.ids().sort());
            assert.equal(
                leads.get(tmall.ids()[0]).times.modified.raw,
                tmall.lead(tmall.ids()[0]).gmt_modified,
                "the older form won",
            );
            return met;
        } finally {
            await here.close();
        }
    });
});
