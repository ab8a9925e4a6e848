// Kill the native process (no clean-up, exit 137) before and after every effect of runs that meet a burst, a ban that is
// waited for, a 502 and the budget; start it again; go on until all is covered. SQLite on disk, HTTP, real time.
import assert from "node:assert/strict";
import test from "node:test";
import { place, sideBySide } from "./sqlite.mjs";

const AT_ONCE = 6;
const MOST_RUNS = 20;

const scenario = async () => {
    const here = await place({
        sandbox: { leads: 14, noiseEvery: 11, growth: { bursts: [{ atCall: 3, count: 12 }] } },
        source: { page_size: 6, overlap: 2 },
        config: { budget: { requests: 4, seconds: 20 } },
    });
    for (const fault of [
        { kind: "ban", seconds: 1, atCall: 5 },
        { kind: "html502", atCall: 8 },
    ])
        here.sandbox.faults.push(fault);
    return here;
};

/** Runs until all is covered; the kill counts effects over all runs. */
async function throughTheEnd({ run, status }, kill) {
    const outcomes = [];
    let before = 0; // effects of the runs that ended
    let boundary = "";
    for (let i = 0; i < MOST_RUNS; i++) {
        const at = kill && boundary === "" ? kill.at - before : 0;
        const {
            status: exit,
            answer,
            err,
        } = await run(
            "crash_host",
            "--config",
            "leadbridge.json",
            ...(at > 0 ? ["--kill-at", String(at), "--when", kill.when] : []),
        );
        if (exit === 137) {
            boundary = "met";
            outcomes.push("killed");
            continue;
        }
        assert.ok(answer?.summary, `exit ${exit}: ${err}`);
        before += answer.effects;
        const { outcome } = answer.summary.sources[0];
        outcomes.push(outcome);
        if (outcome === "ok" && (await status()).complete) return { effects: before, outcomes };
    }
    return assert.fail(`not complete after ${outcomes.join(" ")}`);
}

test("killed at every boundary on SQLite: nothing lost, nothing twice", async (t) => {
    const whole = await scenario();
    t.after(() => whole.close());
    const { effects, outcomes } = await throughTheEnd(whole);
    const leads = await whole.compare();
    assert.ok(outcomes.includes("budget"));
    assert.deepEqual([...new Set(whole.sandbox.calls.map(({ outcome }) => outcome))].sort(), [
        "fault:ban",
        "fault:html502",
        "ok",
    ]);
    assert.ok((await whole.status()).unread > 0);

    const boundaries = Array.from({ length: effects }, (_, i) =>
        ["before", "after"].map((when) => ({ at: i + 1, when })),
    ).flat();
    let runs = 0;
    await sideBySide(AT_ONCE, boundaries, async (kill) => {
        const here = await scenario();
        try {
            const { outcomes: seen } = await throughTheEnd(here, kill);
            assert.ok(seen.includes("killed"));
            runs += seen.length;
            assert.equal(await here.compare(), leads);
        } catch (error) {
            error.message = `killed ${kill.when} effect ${kill.at}: ${error.message}`;
            throw error;
        } finally {
            await here.close();
        }
    });
    t.diagnostic(
        `${boundaries.length} boundaries (${effects} effects, before and after), ${runs} processes, ${leads} leads: ${outcomes.join(" ")}`,
    );
});
