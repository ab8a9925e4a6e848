// A sample of every oracle: its whole size is `./dev oracles`.
import assert from "node:assert/strict";
import test from "node:test";
import { consult, oracles } from "./run.mjs";
import { createTally } from "./tally.mjs";

for (const name of oracles()) {
    test(`${name} agree with the judge`, { timeout: 120_000 }, async (t) => {
        const { text, good } = await consult(name, { sample: true });
        t.diagnostic(text);
        assert.ok(good, text);
    });
}

test("a tally says no: nothing compared, one that differs, a share that is not reached", () => {
    const verdict = (...calls) => {
        const tally = createTally();
        for (const call of calls) call(tally);
        return tally.report("").good;
    };
    const same = (tally) => tally.add("a", true);
    const differs = (tally) => tally.add("a", false, "x");
    const listed = (tally) => tally.add("a", false, "x", "a reason");
    const half = (tally) => tally.goal("a", 0.5);
    assert.equal(verdict(), false);
    assert.equal(verdict(same), true);
    assert.equal(verdict(same, differs), false);
    assert.equal(verdict(same, listed), true);
    assert.equal(verdict(half, same, differs), true);
    assert.equal(verdict(half, same, differs, differs), false);
});
