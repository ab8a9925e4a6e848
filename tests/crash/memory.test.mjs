// Kill the invocation before and after every single effect of runs that meet bursts, a short and a long ban, trouble of the
// platform, a 502 and the budget; restart; go on until all is covered. Engine in WebAssembly, memory store, virtual clock.
import assert from "node:assert/strict";
import test from "node:test";
import { World } from "../walk/harness.mjs";

const BURSTS = new Map([
    [3, 25],
    [9, 20],
    [17, 30],
]); // call -> leads that arrive just before it

/** The same world every time; what happens depends on the number of the call only. */
function scenario(mobileCipher) {
    const world = new World({
        seed: "kill",
        sandbox: {
            leads: 45,
            mobileCipher,
            offsetBoundary: "inclusive",
            noiseEvery: mobileCipher === "plaintext" ? 0 : 7,
        },
        source: { page_size: 12, overlap: 5 },
        config: { budget: { requests: 5, seconds: 60 } },
        beforeCall: (call) => {
            if (world.quiet) return;
            world.grow(BURSTS.get(call) ?? (call < 30 && call % 2 === 0 ? 1 : 0));
            if (call === 8 || call === 19) world.modify(3);
            if (call === 12) world.late(4);
        },
    });
    for (const fault of [
        { kind: "ban", seconds: 4, atCall: 2 }, // waited for
        { kind: "isp", atCall: 6, times: 4 }, // retried, given up, retried
        { kind: "html502", atCall: 11 },
        { kind: "ban", seconds: 90, atCall: 14 }, // parks the source
        { kind: "result_not_ok", atCall: 20 },
        { kind: "truncated", atCall: 22 },
    ])
        world.sandbox.faults.push(fault);
    return world;
}

/** Runs until all is covered; then once more, when nothing new arrives. */
async function throughTheEnd(world, kill, outcomes = []) {
    const afterRun = async (result) => {
        outcomes.push(result.killed ? "killed" : result.source.outcome);
        await world.checkClaims();
    };
    const until = () => world.runUntilComplete({ most: 60, pauseMs: 30_000, kill, afterRun });
    const results = await until();
    world.quiet = true;
    return [...results, ...(await until())];
}

test("the scenario itself meets every kind of stop", async (t) => {
    const world = scenario("rsa_pkcs1");
    const outcomes = [];
    const results = await throughTheEnd(world, undefined, outcomes);
    const { leads } = await world.compare();
    t.diagnostic(
        `${results.length} runs, ${world.sandbox.calls.length} calls, ${world.effects} effects, ${leads} leads: ${outcomes.join(" ")}`,
    );
    for (const outcome of ["ok", "budget", "parked", "failed"])
        assert.ok(outcomes.includes(outcome), `no run ended ${outcome}`);
    assert.ok(
        results.some((result) => result.waited >= 4000),
        "no ban was waited for",
    );
    assert.equal(
        results.reduce((sum, { source }) => sum + source.inserted, 0),
        leads,
        "the runs report each lead once",
    );
    assert.ok((await world.status()).unread > 0);
});

for (const [mobileCipher, every] of [
    ["plaintext", 1],
    ["rsa_pkcs1", 15],
]) {
    test(`killed at ${every === 1 ? "every" : `each ${every}th`} boundary (${mobileCipher}): nothing lost, nothing twice, every claim true`, async (t) => {
        const whole = scenario(mobileCipher);
        await throughTheEnd(whole);
        const effects = whole.effects;
        let boundaries = 0;
        let runs = 0;
        for (let at = 1; at <= effects; at += every) {
            for (const when of ["before", "after"]) {
                const world = scenario(mobileCipher);
                const outcomes = [];
                try {
                    await throughTheEnd(world, { at, when }, outcomes);
                    await world.compare();
                    assert.ok(outcomes.includes("killed"));
                } catch (error) {
                    error.message = `killed ${when} effect ${at} (${outcomes.join(" ")}): ${error.message}`;
                    throw error;
                }
                boundaries += 1;
                runs += world.runs;
            }
        }
        t.diagnostic(`${boundaries} boundaries (${effects} effects, before and after), ${runs} runs`);
        assert.ok(boundaries >= (every === 1 ? 150 : 10));
    });
}
