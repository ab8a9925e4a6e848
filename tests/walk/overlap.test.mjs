// Two invocations on one store, effect by effect in an order a seed decides: no loss, no double, one of them says `conflict`.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../sandbox/random.mjs";
import { World } from "./harness.mjs";

const INTERLEAVINGS = 200;

test(`${INTERLEAVINGS} interleavings of two invocations: no loss, no double, every claim true`, async (t) => {
    const sum = { bothCommitted: 0, conflicts: 0, overlapping: 0, leads: 0, apart: 0 };
    for (let seed = 0; seed < INTERLEAVINGS; seed++) {
        const random = createRandom("interleaving", seed);
        const world = new World({
            seed: `overlap ${seed}`,
            sandbox: {
                leads: 20 + random.below(60),
                idStep: 3,
                offsetBoundary: random.pick(["inclusive", "exclusive"]),
                order: random.chance(0.2) ? "asc" : "desc",
            },
            source: { page_size: random.pick([7, 10, 20]), overlap: 4 },
            config: { budget: { requests: random.pick([4, 50]), seconds: 600 } },
            beforeCall: (_call, { ids }) => {
                if (ids.length > 150) return;
                if (random.chance(0.3)) world.grow(1 + random.below(3));
                if (random.chance(0.1)) world.late(2);
            },
        });
        try {
            if (random.chance(0.5)) await world.run(); // not always on an empty store
            world.grow(random.below(30));
            const pair = [world.invocation(), world.invocation()];
            const live = [...pair];
            const moves = []; // who does what, in order
            const changes = random.pick([0.5, 0.3, 0.1, 0.02]); // how often the other one gets on
            let who = random.pick(live);
            while (live.length > 0) {
                if (random.chance(changes) || !live.includes(who)) who = random.pick(live);
                moves.push([pair.indexOf(who), who.next]);
                if (await who.step()) live.splice(live.indexOf(who), 1);
                if (moves.at(-1)[1] === "store.commit") await world.checkClaims();
            }
            const committed = pair.filter(({ commits }) => commits.some(({ outcome }) => outcome === "ok")).length;
            const conflicts = pair.filter(({ result }) => result.source.outcome === "conflict").length;
            // Both had loaded before either committed, and both came to commit: one of them must have been refused.
            const firstCommit = moves.findIndex(([, type]) => type === "store.commit");
            const loads = [0, 1].map((who) =>
                moves.findIndex(([mover, type]) => mover === who && type === "store.load"),
            );
            const overlapping =
                loads.every((at) => at < firstCommit) && pair.every(({ commits }) => commits.length > 0);
            if (overlapping) assert.ok(conflicts >= 1, "two overlapping runs both went through");
            assert.ok(conflicts <= 1, "both gave way");
            for (const { result } of pair)
                assert.ok(["ok", "budget", "conflict"].includes(result.source.outcome), JSON.stringify(result.source));
            sum.overlapping += overlapping ? 1 : 0;
            sum.conflicts += conflicts;
            sum.bothCommitted += committed === 2 ? 1 : 0;
            sum.apart += conflicts === 0 ? 1 : 0;

            world.beforeCall = undefined;
            await world.runUntilComplete();
            sum.leads += (await world.compare()).leads;
        } catch (error) {
            error.message = `interleaving ${seed}: ${error.message}`;
            throw error;
        }
    }
    t.diagnostic(
        `${INTERLEAVINGS} interleavings, ${sum.leads} leads: ${sum.conflicts} ended in a conflict (${sum.overlapping} had to), ${sum.apart} passed each other; in ${sum.bothCommitted} both stored pages`,
    );
    assert.ok(sum.overlapping >= INTERLEAVINGS / 10 && sum.bothCommitted > 0);
});
