// Stores that earlier versions left behind, opened by this one: nothing is lost, and work goes on where it stood (README.md).
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { echoesNoise } from "../sandbox/callers/tanma.mjs";
import { TMALL_OK } from "../sandbox/callers/tmall.mjs";
import { HOSTS } from "./hosts.mjs";
import { look, pushes, PUSHED_AT, requestOf } from "./story.mjs";
import { configuration, END, ndjson, openWorld, PATHS, statistics } from "./world.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const versions = readdirSync(here).filter((name) => existsSync(join(here, name, "config")));
const MINUTE = 60_000;

/** Everything that stood there stands there still; what a later version adds is its own affair. */
function contains(now, then, where) {
    if (Array.isArray(then)) {
        assert.ok(Array.isArray(now), where);
        assert.equal(now.length, then.length, `${where}: how many`);
        for (const [i, each] of then.entries()) contains(now[i], each, `${where}[${i}]`);
    } else if (then !== null && typeof then === "object") {
        for (const [key, value] of Object.entries(then)) contains(now?.[key], value, `${where}.${key}`);
    } else assert.deepEqual(now, then, where);
}

const byId = (leads) => {
    const map = new Map(leads.map((lead) => [lead.id, lead]));
    assert.equal(map.size, leads.length, "a lead is there twice");
    return map;
};
const idsOf = (leads, platform) =>
    leads
        .filter(({ source }) => source.platform === platform)
        .map(({ source }) => source.lead_id)
        .sort();

for (const version of versions) {
    for (const [name, { open, file }] of Object.entries(HOSTS)) {
        test(`${version}, ${name}: nothing is lost, and the next runs go on from it`, async (t) => {
            const world = await openWorld();
            const host = await open(world.secrets);
            t.after(async () => {
                await host.close();
                await world.close();
            });
            const folder = join(here, version);
            const config = configuration(join(folder, "config/all_platforms.json"), { url: world.url });
            const then = JSON.parse(readFileSync(join(folder, `${name}.seen.json`), "utf8"));
            const stored = readFileSync(join(folder, file), "utf8");
            await host.load(stored);
            world.later();
            const { sandbox } = world;
            const invoke = (minutes, invocation) => {
                const at = END + minutes * MINUTE;
                world.clock.now = at;
                return host.invoke({ config, at, ...invocation });
            };
            const leadsNow = async (minutes) => {
                world.clock.now = END + minutes * MINUTE;
                return byId((await look(host, config, END + minutes * MINUTE, world.secrets)).leads);
            };

            await t.test("it says what the old version said", async () => {
                const now = await look(host, config, END, world.secrets);
                for (const part of Object.keys(then)) contains(now[part], then[part], part);
                assert.ok(
                    then.leads.length > 20 && then.leads.some(({ phones }) => phones?.[0]?.class === "encrypted"),
                );
            });

            await t.test("a source that waits for the end of a ban still waits", async () => {
                const { summary } = await invoke(1, { event: { kind: "pull", sources: ["ads"] } });
                assert.equal(summary.sources[0].outcome, "parked", JSON.stringify(summary));
                assert.equal(sandbox.calls.length, 0);
            });

            await t.test("a push that came before is a replay", async () => {
                const again = pushes.tmall(world, 1, PUSHED_AT);
                const tmall = await invoke(1, requestOf(again, PATHS.tmall));
                assert.equal(tmall.summary.outcome, "replay", JSON.stringify(tmall.summary));
                assert.ok(TMALL_OK.includes(tmall.response.body), tmall.response.body);
                const push = pushes.tanma(world, 2, PUSHED_AT);
                const tanma = await invoke(1, requestOf(push, PATHS.tanma));
                assert.equal(tanma.summary.outcome, "replay", JSON.stringify(tanma.summary));
                assert.ok(echoesNoise(tanma.response.body, push.noise));
            });

            await t.test(
                "rows are recognised: sent ones stay sent, refused and changed ones go again, waiting ones wait",
                async () => {
                    const send = { kind: "backflow", name: "stats", action: "send" };
                    const { summary } = await invoke(1, {
                        event: { ...send, type: 2 },
                        body: ndjson([statistics(2), statistics(4), statistics(1, { aliUv: 77 }), statistics(5)]),
                    });
                    assert.equal(summary.already_sent, 3, JSON.stringify(summary));
                    assert.equal(summary.already_waiting, 1);
                    assert.equal(summary.enqueued, 0);
                    for (let minute = 5; minute < 200 && minute > 0; minute += 20) {
                        const { summary: flushed } = await invoke(minute, { event: send });
                        if (flushed.waiting === 0) minute = -100;
                    }
                    const arrived = [...sandbox.outinvest.truth().values()];
                    assert.deepEqual(
                        arrived.map(({ type, id, times }) => `${type}/${id} ${times}`).sort(),
                        ["1/7 1", "1/8 1", "2/5 1", "2/6 1", "3/10 1", "3/9 1"],
                        "what waited, once each; nothing that had been sent",
                    );
                    const refused = await invoke(201, { event: { ...send, type: 2 }, body: ndjson([statistics(3)]) });
                    assert.equal(refused.summary.enqueued, 1);
                    assert.equal(refused.summary.refused, 1, JSON.stringify(refused.summary));
                },
            );

            await t.test("phones that could not be read are read with the right key", async () => {
                const { summary } = await invoke(202, { event: { kind: "normalise" } });
                const unread = then.leads.filter(({ phones }) => phones?.some((phone) => phone.class === "encrypted"));
                assert.ok(unread.length > 0);
                assert.equal(summary.unread, 0, JSON.stringify(summary)); // a pull may have opened them already
                const now = await leadsNow(202);
                for (const { id } of unread) assert.notEqual(now.get(id).phones[0].class, "encrypted");
            });

            await t.test("the walks go on, close their gaps and bring no lead twice", async () => {
                const before = await leadsNow(203);
                sandbox.addLeads(2, END + 203 * MINUTE);
                sandbox.tanma.account.add(2, END + 203 * MINUTE);
                sandbox.platforms.etc.change({ add: 1n }, END + 203 * MINUTE);
                let inserted = 0;
                if (host.cron) {
                    world.clock.now = END + 205 * MINUTE;
                    assert.equal((await host.cron({ config, at: END + 205 * MINUTE })).outcome, "ok");
                } else {
                    const { exit, summary } = await invoke(205, { event: { kind: "pull" } });
                    assert.equal(exit, 0, JSON.stringify(summary));
                    for (const source of summary.sources) inserted += source.inserted;
                }
                const after = await leadsNow(206);
                const leads = [...after.values()];
                assert.deepEqual(idsOf(leads, "alimama"), [...sandbox.truth().keys()].sort());
                const customers = idsOf(leads, "tanma").filter((id) => sandbox.tanma.truth().has(id));
                assert.deepEqual(customers, [...sandbox.tanma.truth().keys()].sort());
                assert.deepEqual(idsOf(leads, "etc"), [...sandbox.platforms.etc.truth().keys()].sort());
                assert.ok(after.size > before.size);
                if (!host.cron) assert.equal(inserted, after.size - before.size);
                for (const id of before.keys()) assert.ok(after.has(id), `${id} is lost`);
                const { status } = await look(host, config, END + 207 * MINUTE, world.secrets);
                for (const source of status.sources.filter(({ last_run }) => last_run)) {
                    assert.equal(source.state, "ok", JSON.stringify(source));
                    assert.equal(source.complete, true, JSON.stringify(source));
                    assert.deepEqual(source.gaps ?? [], []);
                }
            });

            await t.test("what no event shows is still there: kept bytes and audit entries", async () => {
                const bytes = /^.*sealed; application\/json.*$/m.exec(stored)[0].match(/\bdjEu[A-Za-z0-9+/=]+/)[0];
                const now = await host.dump();
                for (const part of [bytes, "4 leads"]) {
                    assert.ok(stored.includes(part));
                    assert.ok(now.includes(part), part);
                }
            });

            if (host.call) {
                await t.test("the Worker itself knows the push and serves the leads", async () => {
                    const at = END + 2 * MINUTE;
                    const { method, url, headers, body } = pushes.tmall(world, 1, PUSHED_AT);
                    const query = url.slice(url.indexOf("?") + 1);
                    const answer = await host.call({ method, path: PATHS.tmall, query, headers, body, config, at });
                    assert.equal(answer.status, 200);
                    assert.ok(TMALL_OK.includes(answer.body), answer.body);
                    const bearer = { authorization: `Bearer ${world.secrets.PHONES_TOKEN}` };
                    const page = await host.call({
                        method: "GET",
                        path: "/v1/leads",
                        query: "limit=1000",
                        headers: bearer,
                        config,
                        at: END + 208 * MINUTE,
                    });
                    assert.equal(page.status, 200);
                    assert.deepEqual(
                        [...byId(JSON.parse(page.body).leads).keys()].sort(),
                        [...(await leadsNow(208)).keys()].sort(),
                    );
                });
            }
        });

        test(`${version}, ${name}: today, as the released program meets it`, async (t) => {
            const world = await openWorld();
            const host = await open(world.secrets);
            t.after(async () => {
                await host.close();
                await world.close();
            });
            const folder = join(here, version);
            const config = configuration(join(folder, "config/all_platforms.json"), { url: world.url });
            const then = JSON.parse(readFileSync(join(folder, `${name}.seen.json`), "utf8"));
            await host.load(readFileSync(join(folder, file), "utf8"));
            world.later();
            world.clock.now = Date.now();
            // What was to be kept for two days is gone after a run; everything else is there.
            const kept = then.leads.filter(({ source }) => source.lead_id !== String(world.sandbox.tmall.ids()[0]));
            assert.equal(kept.length, then.leads.length - 1);
            let leads;
            if (host.program) {
                const pulled = await host.program(config, "pull");
                assert.equal(pulled.status, 0, JSON.stringify(pulled));
                const shown = await host.program(config, "leads", "--reveal", "--limit", "1000");
                leads = shown.answer.leads;
                const doctor = await host.program(config, "doctor");
                const bad = doctor.answer.checks.filter(({ ok, advice }) => !ok && !advice);
                assert.deepEqual(bad, [], "every kind of checkpoint is read");
            } else {
                assert.equal((await host.cron({ config, at: Date.now() })).outcome, "ok");
                leads = (await look(host, config, Date.now(), world.secrets)).leads;
            }
            const now = byId(leads);
            for (const { id } of kept) assert.ok(now.has(id), `${id} is lost`);
            assert.equal(now.size, leads.length);
            assert.ok(!now.has(then.leads.find(({ id }) => !kept.some((each) => each.id === id)).id));
            assert.deepEqual(idsOf(leads, "alimama"), [...world.sandbox.truth().keys()].sort());
        });
    }
}
