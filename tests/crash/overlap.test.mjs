// Two processes pull the same source into one SQLite file at the same time.
import assert from "node:assert/strict";
import test from "node:test";
import { place } from "./sqlite.mjs";

const ROUNDS = 10;

test(`${ROUNDS} rounds of two processes on one SQLite file: no loss, no double, one gives way`, async (t) => {
    const sum = { conflicts: 0, ok: 0, budget: 0, leads: 0 };
    for (let round = 0; round < ROUNDS; round++) {
        const here = await place({
            sandbox: { leads: 40, growth: { perCall: 1 } },
            source: { page_size: 10, overlap: 3 },
            config: { budget: { requests: 6, seconds: 20 } },
        });
        try {
            // Answers take a moment, so that the two are under way together.
            here.sandbox.faults.push({ kind: "slow", ms: 25, times: 1000 });
            const outcomes = [];
            const pull = async () => {
                const { answer, err } = await here.run("leadbridge", "pull", "--json");
                assert.ok(answer?.sources, `round ${round}: ${JSON.stringify(answer)} ${err}`);
                outcomes.push(answer.sources[0].outcome);
                assert.ok(["ok", "budget", "conflict"].includes(outcomes.at(-1)), JSON.stringify(answer));
            };
            await Promise.all([pull(), pull()]);
            if (round % 2 === 1) await Promise.all([pull(), pull()]);
            for (const outcome of outcomes) sum[outcome === "conflict" ? "conflicts" : outcome] += 1;
            here.sandbox.options.growth.perCall = 0;
            here.sandbox.faults.clear();
            for (let run = 0; run < 10 && outcomes.at(-1) !== "done"; run++) {
                await pull();
                if (outcomes.at(-1) === "ok" && (await here.status()).complete) outcomes.push("done");
            }
            sum.leads += await here.compare();
        } finally {
            await here.close();
        }
    }
    t.diagnostic(
        `${ROUNDS} rounds, ${sum.leads} leads: ${sum.conflicts} runs gave way (conflict), ${sum.ok} ok, ${sum.budget} stopped by the budget`,
    );
    assert.ok(sum.conflicts >= 1);
});
