// budget.decryptions: a run opens no more phones than that; the others are stored unread and opened by later runs, new leads or not, and
// what no key opens keeps nobody waiting.
import assert from "node:assert/strict";
import test from "node:test";
import { createRandom } from "../sandbox/random.mjs";
import { World } from "./harness.mjs";

const SEED = process.env.LEADBRIDGE_SEED ?? "decryptions";

const readable = async (world) => [...(await world.stored()).values()].filter(({ revision }) => revision === 1).length;
const open = (decryptions, more = {}) =>
    new World({
        seed: `${SEED} ${decryptions}`,
        sandbox: { leads: 60, mobileCipher: "rsa_pkcs1", ...more },
        source: { page_size: 20 },
        config: { budget: { requests: 20, seconds: 3600, decryptions } },
    });

for (const decryptions of [1, 3, 8]) {
    test(`${decryptions} in a run: every phone is read in the end, none of them lost`, async (t) => {
        const world = open(decryptions);
        const random = createRandom(SEED, decryptions);
        let [before, runs, total] = [0, 0, 60];
        for (let settled = 0; settled < 2; ++runs) {
            assert.ok(runs < 200, "not all read after 200 runs");
            if (runs < 12 && random.chance(0.5)) {
                const news = 1 + random.below(3);
                world.grow(news);
                total += news;
            }
            const { summary, killed, exit } = await world.run(random.chance(0.2) ? { chance: 0.1 } : {});
            world.now += 60_000;
            const now = await readable(world);
            assert.ok(now - before <= decryptions, `${now - before} were opened in one run of ${decryptions}`);
            before = now;
            if (killed) continue;
            assert.ok([0, 3].includes(exit), JSON.stringify(summary));
            settled = now === total ? settled + 1 : 0;
        }
        await world.compare();
        const status = await world.status();
        assert.deepEqual([status.leads, status.unread, status.put_off], [total, 0, undefined]);
        t.diagnostic(`${total} phones in ${runs} runs`);
        // Nothing waits any more: a run costs what it did before.
        const { summary } = await world.run();
        assert.equal(summary.opened, undefined);
    });
}

test("the newest leads come first, and a backlog leaves them a quarter", async () => {
    const world = open(8);
    await world.run();
    world.grow(2);
    const { summary } = await world.run();
    const [ads] = summary.sources;
    assert.equal(ads.inserted, 2);
    const stored = await world.stored();
    const revisions = world.ids.slice(-2).map((id) => stored.get(String(id)).revision);
    assert.deepEqual(revisions, [1, 1], "two of eight were kept for them");
    assert.deepEqual([summary.opened.examined, summary.opened.opened], [6, 6]);
});

test("0 and nothing at all mean no limit", async () => {
    for (const budget of [{}, { decryptions: 0 }]) {
        const world = open(0);
        world.config = { budget: { requests: 20, seconds: 3600, ...budget } };
        const { summary } = await world.run();
        assert.deepEqual([summary.sources[0].put_off, summary.sources[0].unread], [undefined, 0]);
        assert.equal(await readable(world), 60);
    }
});

test("phones that no key opens are tried once by a sweep, and keep nobody waiting", async () => {
    const world = open(5, { mobileCipher: "garbage" });
    let waiting = true;
    for (let runs = 0; waiting; ++runs) {
        assert.ok(runs < 60, "sweeps without end");
        const { summary } = await world.run();
        world.now += 60_000;
        assert.ok((summary.opened?.opened ?? 0) === 0);
        waiting = (await world.status()).put_off > 0;
    }
    assert.equal((await world.status()).unread, 60);
});
