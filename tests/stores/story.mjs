// What happened to a store before it was written down. Every kind of record, checkpoint and queue comes of it.
import assert from "node:assert/strict";
import { tmallPush } from "../sandbox/callers/tmall.mjs";
import { inventPush, tanmaPush } from "../sandbox/callers/tanma.mjs";
import { END, ndjson, PATHS, START, statistics } from "./world.mjs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A request event of one of the sandbox's callers. */
export const requestOf = ({ method, url, headers, body }, path) => ({
    event: {
        kind: "request",
        method,
        path,
        query: url.slice(url.indexOf("?") + 1),
        headers: Object.entries(headers),
    },
    body,
});

/** The same bytes whenever it is asked: pushes that the stores know. `at` is the caller's clock. */
export const pushes = {
    tmall(world, number, at, more = {}) {
        const { app_key, app_secret } = world.sandbox.options;
        const { tmall } = world.sandbox;
        const lead = { ...tmall.lead(tmall.ids()[number]), ...more.fields };
        const call = tmallPush(lead, { app_key, app_secret, path: "", timestamp: at, damage: more.damage });
        return { ...call, url: call.url.includes("?") ? call.url : `?${call.url}` };
    },
    tanma(world, number, at) {
        const { appId, appKey } = world.sandbox.options.tanma;
        const message = inventPush({ seed: "stores", dirtyShare: 0 }, number);
        return { ...tanmaPush(message, { appId, appKey, path: "", timestamp: at }), noise: message.noise };
    },
};
export const PUSHED_AT = START + 5 * MINUTE;

/** Rows that the merchant's own systems loaded for the platform to ask for. */
const etcRows = (world) =>
    [...world.sandbox.platforms.etc.truth().values()]
        .slice(0, 3)
        .map(({ fields }) => JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? Number(value) : value)))
        .join("\n");

/**
 * @param {object} world @param {import('./hosts.mjs').StoreHost} host @param {object} config
 */
export async function tell(world, host, config) {
    const budget = (requests) => ({ ...config, budget: { ...config.budget, requests } });
    const invoke = async (minutes, invocation, exit = 0) => {
        const at = START + minutes * MINUTE;
        world.clock.now = at;
        const result = await host.invoke({ config, at, ...invocation });
        if (result) assert.equal(result.exit, exit, JSON.stringify(result));
        return result;
    };
    const pull = (source) => ({ event: { kind: "pull", sources: [source] } });
    const send = (type, rows) => ({
        event: { kind: "backflow", name: "stats", action: "send", ...(rows ? { type } : {}) },
        ...(rows ? { body: ndjson(rows) } : {}),
    });
    const push = (minutes, request, path, more = {}) => invoke(minutes, { ...requestOf(request, path), ...more });

    // A lead that is not kept for long.
    const short = { ...config, privacy: { ...config.privacy, lead_days: 2 } };
    await push(0, pushes.tmall(world, 0, START), PATHS.tmall, { config: short });

    // Alimama: phones that the key does not open, a gap, a ban.
    const { ads } = config.sources;
    const locked = {
        ...budget(2),
        sources: { ...config.sources, ads: { ...ads, mobile_key: { env: "ANOTHER_KEY" } } },
    };
    await invoke(1, { ...pull("ads"), config: locked }, 3);
    world.later();
    await invoke(2, { ...pull("ads"), config: budget(2) }, 3);
    world.sandbox.faults.push({ kind: "ban", seconds: 1800 });
    await invoke(3, pull("ads"), 2);

    // Windows: one that is open at a cursor, one that is closed.
    await invoke(4, { ...pull("scrm"), config: budget(2) }, 3);
    await invoke(4.2, pull("etc_in"));

    // Pushes: stored, given again, in an older and a newer form, with fields nobody knows, and one that cannot be read.
    await push(5, pushes.tmall(world, 1, PUSHED_AT), PATHS.tmall);
    const again = await push(5.1, pushes.tmall(world, 1, PUSHED_AT), PATHS.tmall);
    assert.equal(again.summary.outcome, "replay");
    await push(5.2, pushes.tmall(world, 2, PUSHED_AT, { fields: { brand_new_field: "one" } }), PATHS.tmall);
    await push(5.2, pushes.tmall(world, 3, PUSHED_AT), PATHS.tmall);
    const unread = await push(5.3, pushes.tmall(world, 4, PUSHED_AT, { damage: "not_an_object" }), PATHS.tmall);
    assert.equal(unread.summary.outcome, "refused");
    for (const number of [1, 2, 3]) await push(5.4, pushes.tanma(world, number, PUSHED_AT), PATHS.tanma);

    // Rows for the platform to ask for.
    await invoke(5.5, { event: { kind: "backflow", name: "etc", action: "load" }, body: etcRows(world) });

    // Statistics: sent, refused and given once more, corrected, without a known outcome, claimed by a process that died, waiting.
    const { outinvest } = world.sandbox;
    await invoke(
        5.6,
        send(
            2,
            [1, 2, 3, 4].map((id) => statistics(id)),
        ),
        2,
    );
    await invoke(5.7, send(2, [statistics(3), statistics(1, { aliUv: 77 })]), 2);
    outinvest.faults.push({ kind: "accept_html502", times: 4 });
    await invoke(
        5.8,
        send(
            2,
            [5, 6].map((id) => statistics(id)),
        ),
        2,
    );
    outinvest.faults.clear();
    const died = await invoke(6, {
        ...send(
            1,
            [7, 8].map((id) => statistics(id)),
        ),
        dies: true,
    });
    assert.equal(died, null);
    const bearer = (secret) => [["authorization", `Bearer ${secret}`]];
    const taken = await invoke(6.2, {
        event: {
            kind: "request",
            method: "POST",
            path: "/v1/backflow/stats",
            query: "type=3",
            headers: [...bearer(world.secrets.BACKFLOW_TOKEN), ["content-type", "application/x-ndjson"]],
        },
        body: ndjson([9, 10].map((id) => statistics(id))),
    });
    assert.equal(taken.response.status, 202);

    // Somebody looked at phones.
    const looked = await invoke(6.5, {
        event: {
            kind: "request",
            method: "GET",
            path: "/v1/leads",
            query: "source=tmall",
            headers: bearer(world.secrets.PHONES_TOKEN),
        },
    });
    assert.equal(looked.response.status, 200);
    world.clock.now = END;
}

/** What a version says of a store: everything a person can see of it. */
export async function look(host, config, at, secrets) {
    const ask = async (event) => {
        const { exit, summary } = await host.invoke({ event, config, at });
        assert.equal(exit, 0, JSON.stringify(summary));
        return summary;
    };
    const pages = async (event) => {
        const leads = [];
        let page = "";
        do {
            const part = await ask({ ...event, page });
            leads.push(...part.leads);
            page = part.next;
        } while (page);
        return leads;
    };
    const { now: _now, ...status } = await ask({ kind: "status" });
    const masked = await host.invoke({
        event: {
            kind: "request",
            method: "GET",
            path: "/v1/leads",
            query: "limit=1000",
            headers: [["authorization", `Bearer ${secrets.READ_TOKEN}`]],
        },
        config,
        at,
    });
    return {
        status,
        statistics: await ask({ kind: "backflow", name: "stats", action: "status" }),
        etc: await ask({ kind: "backflow", name: "etc", action: "status" }),
        leads: await pages({ kind: "leads", limit: 10, reveal: true }),
        masked: JSON.parse(masked.response.body).leads.map(({ id, phones }) => ({ id, phones })),
    };
}
