// Edges of the walk: lists that are empty, tiny, endless, upside down, full of odd rows, or that change under way.
import assert from "node:assert/strict";
import test from "node:test";
import { START, World } from "./harness.mjs";

const answerOf = (world) =>
    world.sandbox.calls.map(({ offset, outcome, ids }) => `${offset ?? "newest"} ${outcome} ${ids.length}`);

/** Changes the rows of a good JSON answer as text: ids must not pass through a number. */
const rewrite = (answer, change) => ({ ...answer, body: Buffer.from(change(answer.body.toString())) });

test("an empty account is done at once, and its first lead is found later", async () => {
    for (const emptyList of ["array", "missing"]) {
        const world = new World({ sandbox: { leads: 0, emptyList } });
        const { source, exit } = await world.run();
        assert.deepEqual([exit, source.outcome, source.requests], [0, "ok", 1]);
        assert.equal((await world.status()).complete, true);
        world.grow(1);
        await world.runUntilComplete({ most: 2 });
        assert.equal((await world.compare()).leads, 1);
    }
});

for (const order of ["desc", "asc"]) {
    for (const offsetBoundary of ["inclusive", "exclusive"]) {
        test(`${order}, ${offsetBoundary}: one lead, one page, one page and one, page size 1, and growth after each`, async () => {
            for (const pageSize of [1, 2, 5]) {
                // With one row a page nothing shows that a list ascends: the operator says it.
                const source = {
                    page_size: pageSize,
                    ...(order === "asc" && pageSize === 1 ? { offset_mode: "asc" } : {}),
                };
                for (const leads of [1, 2, 4, 5, 6, 10, 11]) {
                    const world = new World({ sandbox: { leads, order, offsetBoundary }, source });
                    await world.runUntilComplete({ most: 2, afterRun: () => world.checkClaims() });
                    assert.equal((await world.compare()).leads, leads, `${leads} leads, page size ${pageSize}`);
                    for (const more of [1, 3, 12]) {
                        world.grow(more);
                        await world.runUntilComplete({ most: 3, afterRun: () => world.checkClaims() });
                    }
                    assert.equal(
                        (await world.compare()).leads,
                        leads + 16,
                        `${leads} leads, page size ${pageSize}, later`,
                    );
                }
            }
        });
    }
}

test("small pages upwards: the walk gets on although the overlap is larger than a page", async () => {
    for (const [pageSize, offsetBoundary, duplicateEvery] of [
        [2, "inclusive", 0],
        [5, "exclusive", 0],
        [6, "inclusive", 2],
        [20, "inclusive", 0],
    ]) {
        const world = new World({
            sandbox: { leads: 120, order: "asc", offsetBoundary, duplicateEvery },
            source: { page_size: pageSize, overlap: 20 },
            config: { budget: { requests: 12, seconds: 60 } },
        });
        await world.runUntilComplete({ most: 200, afterRun: () => world.checkClaims() });
        assert.equal((await world.compare()).leads, 120);
    }
});

test("ids up to 2^63-1 stay exact, in both directions", async () => {
    for (const order of ["desc", "asc"]) {
        for (const offsetBoundary of ["inclusive", "exclusive"]) {
            for (const pageSize of [1, 4]) {
                const world = new World({
                    sandbox: {
                        leads: 10,
                        firstId: String(2n ** 63n - 10n),
                        idStep: 1,
                        order,
                        offsetBoundary,
                    },
                    source: { page_size: pageSize, overlap: 2, offset_mode: order },
                });
                await world.runUntilComplete({ most: 3 });
                assert.equal((await world.compare()).leads, 10);
                assert.ok((await world.stored()).has("9223372036854775807"));
                assert.equal((await world.claims()).covered[0].hi, 9223372036854775807n);
                await world.runUntilComplete({ most: 1 });
            }
        }
    }
});

test("a list that gives its newest page for ever: refused with a reason, everything seen is stored, then it heals", async () => {
    for (const pageOrder of ["desc", "asc"]) {
        const world = new World({ sandbox: { leads: 50, pageOrder }, source: { page_size: 10 } });
        world.sandbox.faults.push({ kind: "repeat_page", times: 20 });
        for (let run = 0; run < 3; run++) {
            const { source, exit } = await world.run();
            assert.deepEqual([exit, source.outcome, source.code], [2, "failed", "list_contradiction"]);
            assert.ok(source.requests <= 3, `${source.requests} requests`);
            await world.checkClaims();
        }
        assert.equal((await world.stored()).size, 10);
        world.sandbox.faults.clear();
        await world.runUntilComplete({ most: 1 });
        assert.equal((await world.compare()).leads, 50);
    }
});

test("the first backfill bound by days or by leads: what is wanted is there, and status says from where", async () => {
    for (const backfill of [{ days: 1 }, { leads: 40 }]) {
        const world = new World({
            source: { page_size: 10, backfill },
            config: { budget: { requests: 3, seconds: 60 } },
        });
        const past = START - 5 * 86_400_000;
        for (let group = 0; group < 10; group++)
            world.sandbox.addLeads(10, past + group * 43_200_000).forEach((id) => world.ids.push(BigInt(id)));
        await world.runUntilComplete({ most: 20, pauseMs: 3600_000, afterRun: () => world.checkClaims() });
        const { leads } = await world.compare();
        const { floor } = await world.claims();
        assert.ok(leads < 100 && floor > 0n, `${leads} leads`);
        assert.equal((await world.status()).complete_from, String(floor));
        // One page more than asked for at most, and nothing of it missing.
        const wanted =
            backfill.leads ??
            [...world.sandbox.truth().values()].filter(({ fields }) => fields.gmt_create >= START - 86_000_000).length;
        assert.ok(leads >= wanted && leads <= wanted + 20, `${leads} for ${wanted}`);
        world.grow(35);
        await world.runUntilComplete({ most: 5 });
        assert.equal((await world.compare()).leads, leads + 35);
        assert.equal((await world.claims()).floor, floor, "the bound of the first backfill stays");
    }
});

test("odd rows: an id as text is an id; a row without one, or with 0, is kept once and stops nothing", async () => {
    const world = new World({
        sandbox: { leads: 30 },
        source: { page_size: 10 },
        tamper: (answer) =>
            rewrite(answer, (text) =>
                text
                    .replace(/"id":(\d*1),/g, '"id":"$1",') // text
                    .replace(/"id":\d*3,/g, "") // none
                    .replace(/"id":\d*7,/g, '"id":0,'),
            ),
    });
    for (let i = 0; i < 2; i++) assert.equal((await world.run()).source.outcome, "ok");
    const stored = await world.stored();
    const nameless = [...stored.keys()].filter((id) => id.startsWith("sha256-"));
    const expected = [...world.ids].filter((id) => /[37]$/.test(String(id)));
    assert.equal(nameless.length, expected.length);
    assert.equal(stored.size, 30);
    for (const id of world.ids.filter((id) => !/[37]$/.test(String(id)))) assert.ok(stored.has(String(id)), `${id}`);
});

test("a page full of rows without an id is not the end of the list", async () => {
    for (const from of [1, 3]) {
        const world = new World({
            sandbox: { leads: 50 },
            source: { page_size: 10 },
            tamper: (answer, call) =>
                call === from ? rewrite(answer, (text) => text.replace(/"id":\d+,/g, "")) : undefined,
        });
        const { source, exit } = await world.run();
        assert.deepEqual([exit, source.outcome, source.code], [2, "failed", "list_contradiction"], `page ${from}`);
        assert.ok(!(await world.status()).complete);
        await world.checkClaims();
        await world.runUntilComplete({ most: 1 });
        for (const id of world.ids) assert.ok(world.rows.has(String(id)));
    }
});

test("pages shorter than asked for are not the end of the list", async () => {
    // As a platform does that filters rows after it has cut the page.
    const shorten = (text) => {
        const [head, ...rows] = text.split(/,?(?=\{"seller_nick")/);
        if (rows.length <= 8) return text;
        return `${head}${rows.slice(0, 8).join(",")}${rows.at(-1).slice(rows.at(-1).lastIndexOf(']},"result_ok"'))}`;
    };
    for (const order of ["desc", "asc"]) {
        for (const offsetBoundary of ["inclusive", "exclusive"]) {
            const world = new World({
                sandbox: { leads: 90, order, offsetBoundary },
                config: { budget: { requests: 12, seconds: 60 } },
                tamper: (answer) => rewrite(answer, shorten),
            });
            await world.runUntilComplete({ most: 60, afterRun: () => world.checkClaims() });
            assert.equal((await world.compare()).leads, 90);
        }
    }
});

test("a refused page size is halved, remembered and spared the next run", async () => {
    const world = new World({ sandbox: { leads: 300, maxPageSize: 30 }, source: { page_size: 100 } });
    const first = await world.run();
    assert.deepEqual([first.exit, first.source.outcome], [0, "ok"]);
    const refused = () => world.sandbox.calls.filter(({ outcome }) => outcome === "error:50").length;
    assert.equal(refused(), 2); // 100, 50, 25
    await world.run();
    assert.equal(refused(), 2);
    await world.compare();

    // When smaller pages do not help either, the size stays as configured and the run fails with the platform's words.
    const other = new World({ sandbox: { leads: 300 }, source: { page_size: 100 } });
    other.sandbox.faults.push({ kind: "isv", times: 20 });
    const { source, exit } = await other.run();
    assert.deepEqual([exit, source.outcome, source.code], [2, "failed", "refused"]);
    assert.ok(source.requests <= 5);
    other.sandbox.faults.clear();
    await other.run();
    assert.equal(other.sandbox.calls.at(-1).pageSize, 100);
});

test("an account that turns its list round later is noticed, either way", async () => {
    for (const [before, after, pageOrder] of [
        ["desc", "asc"],
        ["asc", "desc"],
        ["asc", "desc", "asc"],
        ["desc", "asc", "asc"],
    ]) {
        for (const requests of [3, 1000]) {
            for (const settled of [true, false]) {
                const world = new World({
                    sandbox: { leads: 95, order: before },
                    source: { page_size: 10, overlap: 5 },
                    config: { budget: { requests, seconds: 60 } },
                });
                const where = `${before} -> ${after} (${pageOrder ?? after} inside), ${requests} requests, ${settled ? "complete" : "under way"}`;
                if (settled) await world.runUntilComplete();
                else await world.run();
                world.grow(30);
                Object.assign(world.sandbox.options, { order: after, pageOrder: pageOrder ?? after });
                await world.runUntilComplete({
                    most: 60,
                    afterRun: () =>
                        world.checkClaims().catch((error) => {
                            throw new Error(`${where}: ${error.message}`);
                        }),
                });
                assert.equal((await world.compare()).leads, 125, where);
                world.grow(40);
                await world.runUntilComplete({ most: 60, afterRun: () => world.checkClaims() });
                assert.equal((await world.compare()).leads, 165, where);
            }
        }
    }
});

test("a walk upwards that the budget stopped is not called complete", async () => {
    const world = new World({
        sandbox: { leads: 200, order: "asc" },
        source: { page_size: 20, overlap: 5 },
        config: { budget: { requests: 3, seconds: 60 } },
    });
    const { source } = await world.run();
    assert.equal(source.outcome, "budget");
    assert.equal((await world.status()).complete, false);
    await world.runUntilComplete();
    assert.equal((await world.status()).complete, true);
});

test("a session that expires in the middle: said, nothing lost; renewed, the next run goes on from there", async () => {
    const world = new World({
        sandbox: { leads: 100 },
        source: { page_size: 10 },
        beforeCall: (call) => call === 4 && world.sandbox.expireSession(),
    });
    const { source, exit } = await world.run();
    assert.deepEqual(
        [exit, source.outcome, source.code, source.inserted],
        [2, "failed", "session_expired", source.inserted],
    );
    assert.ok(source.inserted >= 28);
    await world.checkClaims();
    assert.equal((await world.status()).last_error.code, "session_expired");
    world.sandbox.renewSession("6100000fake0session0renewed");
    world.session = "6100000fake0session0renewed";
    await world.runUntilComplete({ most: 1 });
    assert.equal((await world.compare()).leads, 100);
    assert.equal((await world.status()).last_error, null);
});

test("a clock an hour off is healed from the answer's Date, at one refused call a run, with a warning", async () => {
    for (const clockSkewMs of [3_600_000, -3_600_000]) {
        const world = new World({ sandbox: { leads: 40, clockSkewMs }, source: { page_size: 10 } });
        const { source, log } = await world.run();
        assert.equal(source.outcome, "ok");
        assert.equal(world.sandbox.calls.filter(({ outcome }) => outcome === "error:31").length, 1);
        assert.ok(log.some(({ code, level }) => code === "clock_off" && level === "warn"));
        assert.match(
            (await world.status()).warning,
            clockSkewMs > 0
                ? /3600 seconds behind|359\d seconds behind/
                : /3600 seconds ahead|360\d seconds ahead|359\d seconds ahead/,
        );
        assert.equal((await world.compare()).leads, 40);
    }
});

test("the budget in seconds stops between pages; slow and silent answers count", async () => {
    const world = new World({
        sandbox: { leads: 200 },
        source: { page_size: 10 },
        config: { budget: { requests: 1000, seconds: 20 } },
    });
    for (const fault of [
        { kind: "slow", ms: 4000, times: 9 },
        { kind: "silent", times: 2 },
    ])
        world.sandbox.faults.push(fault);
    const started = world.now;
    const first = await world.run();
    assert.deepEqual([first.exit, first.source.outcome], [3, "budget"]);
    assert.ok(world.now - started < 25_000, `${world.now - started} ms`);
    assert.ok(first.source.inserted >= 30 && first.source.inserted < 100);
    await world.checkClaims();
    await world.runUntilComplete({ most: 20, afterRun: () => world.checkClaims() });
    assert.equal((await world.compare()).leads, 200);
});

test("requests of a quiet account: one a run", async () => {
    const world = new World({ sandbox: { leads: 300 } });
    await world.runUntilComplete({ most: 1 });
    const before = world.sandbox.calls.length;
    for (let i = 0; i < 5; i++) await world.run();
    assert.equal(world.sandbox.calls.length - before, 5, answerOf(world).join("; "));
});
