// Walking /v1/leads page by page while new leads arrive: none of those that were there is missing, none comes twice.
import assert from "node:assert/strict";
import test from "node:test";
import { pushTmallLeads } from "../sandbox/pushers.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "../sandbox/tmall/account.mjs";
import { PHONES_TOKEN, READ_TOKEN, skip, startBoth } from "./hosts.mjs";

const MOST_PAGES = 200;

test("a walk over a thousand leads of three sources, new ones arriving meanwhile", { skip }, async (t) => {
    const { bridge, hosts } = await startBoth(t, {
        sandbox: { leads: 600, tanma: { newestAt: Date.now() - 60_000, customers: 300 } },
    });
    for (const { name, ask, pull } of hosts) {
        let first = 1_000_000;
        const push = async (count) => {
            const fetch = async (url, { method, headers, body }) => {
                const answer = await ask(`/spi/tmall?${url.split("?")[1]}`, {
                    method,
                    headers: Object.entries(headers),
                    body,
                });
                return { status: answer.status, arrayBuffer: async () => Buffer.from(answer.text) };
            };
            const account = createTmallAccount({
                ...TMALL_DEFAULTS,
                firstRecordId: String((first += 1000)),
                leads: count,
                newestAt: Date.now(),
            });
            const leads = account.ids().map((id) => account.lead(id));
            const { wrong } = await pushTmallLeads({
                url: "http://bridge.example/spi/tmall",
                ...bridge.spi,
                leads,
                fetch,
            });
            assert.deepEqual(wrong, []);
        };
        /** Ids in order; `between` runs after each page. */
        const walk = async (query, { limit, token = READ_TOKEN, between = () => {} }) => {
            const ids = [];
            let page = "";
            let pages = 0;
            do {
                const answer = await ask(
                    `/v1/leads?${query}&limit=${typeof limit === "function" ? limit(pages) : limit}&page=${page}`,
                    { headers: [["Authorization", `Bearer ${token}`]] },
                );
                assert.equal(answer.status, 200, answer.text.slice(0, 300));
                const { leads, next } = JSON.parse(answer.text);
                ids.push(...leads.map(({ id }) => id));
                page = next;
                assert.ok(leads.length > 0 || page === "", "an empty page is the last one");
                await between(++pages);
            } while (page !== "" && pages < MOST_PAGES);
            assert.equal(page, "", `${name}: the walk ends`);
            return { ids, pages };
        };

        await pull();
        await push(100);
        const before = (await walk("", { limit: 1000 })).ids;
        assert.equal(new Set(before).size, before.length);
        assert.ok(before.length >= 1000, `${name}: ${before.length}`);

        const { ids, pages } = await walk("", {
            limit: 37,
            between: async (number) => {
                if (number % 6 !== 0) return;
                bridge.sandbox.addLeads(5, Date.now());
                bridge.sandbox.tanma.account.add(2, Date.now() - 1000);
                await pull();
                await push(3);
            },
        });
        assert.equal(new Set(ids).size, ids.length, `${name}: twice`);
        const came = new Set(ids);
        assert.deepEqual(
            before.filter((id) => !came.has(id)),
            [],
            `${name}: missing`,
        );
        assert.ok(pages >= 27, `${name}: ${pages} pages`);

        // Pages of any length, one after the other; by source the parts are the whole.
        const after = (await walk("", { limit: (number) => [1, 1000, 7, 250][number % 4], token: PHONES_TOKEN })).ids;
        assert.ok(after.length > before.length, `${name}: new leads are there`);
        const parts = [];
        for (const source of ["ads", "scrm", "tmall"]) {
            const part = (await walk(`source=${source}`, { limit: 111 })).ids;
            assert.ok(part.length >= 100, `${name}: ${source}`);
            parts.push(...part);
        }
        assert.deepEqual(parts.sort(), [...after].sort(), name);
        // Cut by time anywhere, the two halves are the whole.
        const middle = JSON.parse(
            (await ask("/v1/leads?limit=500", { headers: [["Authorization", `Bearer ${READ_TOKEN}`]] })).text,
        ).leads.at(-1);
        const at = Date.parse(middle.times.submitted?.utc ?? middle.times.created.utc);
        const halves = [
            ...(await walk(`since=${at}`, { limit: 300 })).ids,
            ...(await walk(`until=${new Date(at).toISOString()}`, { limit: 300 })).ids,
        ];
        assert.deepEqual(halves, after, name);
    }
});
