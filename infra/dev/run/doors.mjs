// The platforms call and the merchant brings rows, whatever the host.
import * as callers from "../../../tests/sandbox/pushers.mjs";
import { clean } from "../table.mjs";
import { PATHS } from "./setup.mjs";
import { china } from "./show.mjs";

/** One line each, with whether every answer was as the platform's page shows. @returns {Promise<{ok: boolean, line: string}[]>} */
export async function callEveryDoor(url, { sandbox, secrets }) {
    const { app_key, app_secret, tanma } = sandbox.options;
    const results = [];
    const say = (ok, text) => results.push(doorLine(ok, text));
    const own = (method, path, body) =>
        fetch(`${url}${path}`, {
            method,
            body,
            headers: { authorization: `Bearer ${secrets.BACKFLOW_TOKEN}` },
        });

    const tmall = await callers.pushTmallLeads({ url: url + PATHS.tmall, app_key, app_secret, count: 12 });
    const refused = await callers.probeTmall({ url: url + PATHS.tmall, app_key, app_secret });
    say(
        tmall.wrong.length + refused.wrong.length === 0,
        `tmall pushed ${tmall.answers.length} leads: ${tmall.answers.length - tmall.wrong.length} acknowledged; ${refused.answers.length} badly signed calls refused as the page shows`,
    );

    const pushed = await callers.pushTanmaCustomers({
        url: url + PATHS.tanma,
        appId: tanma.appId,
        appKey: tanma.appKey,
        count: 5,
    });
    say(
        pushed.wrong.length === 0,
        `tanma pushed ${pushed.answers.length} encrypted messages: ${pushed.answers.length - pushed.wrong.length} acknowledged with their noise`,
    );

    const rows = etcRows(sandbox);
    const loaded = await own("PUT", "/v1/backflow/etc", rows.map((row) => `${row}\n`).join(""));
    const served = await callers.askEtcPages({ url: url + PATHS.etc, app_key, app_secret });
    say(
        loaded.status === 200 && served.ended && served.rows.length === rows.length,
        `etc: ${rows.length} rows loaded, ${served.rows.length} served to the platform in ${served.pages} signed queries`,
    );

    const sent = await own("POST", "/v1/backflow/stats?type=2", statisticsRow(64));
    const arrived = await statisticsRows(sandbox, 1);
    say(sent.status === 202 && arrived === 1, `statistics: ${arrived} row pushed to the platform and acknowledged`);
    return results;
}

export const doorLine = (ok, text) => ({ ok, line: clean(`${ok ? "ok  " : "FAIL"} ${text}`) });

/** Rows that reached the platform; waits up to 5 s until there are `wanted`. */
export async function statisticsRows(sandbox, wanted) {
    const arrived = () => sandbox.platforms.outinvest.truth().size;
    for (let i = 0; i < 100 && arrived() < wanted; ++i) await new Promise((resolve) => setTimeout(resolve, 50));
    return arrived();
}

/** Rows as a merchant's own system would report them: here the sandbox's. */
const etcRows = (sandbox) =>
    [...sandbox.platforms.etc.truth().values()].map(({ fields }) =>
        JSON.stringify(fields, (_, value) => (typeof value === "bigint" ? Number(value) : value)),
    );

/** NDJSON of one row of type 2. */
export const statisticsRow = (id) =>
    JSON.stringify({
        id,
        store_id: 3,
        storeName: "sample store",
        aliUv: 1,
        totalUv: 2,
        businessType: 1,
        statisticsDate: china(Date.now()).slice(0, 10),
    });
