// The platforms of the stored stores: made up from a seed, so that a later version meets the same accounts again.
import { readFileSync } from "node:fs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";

/** What configuration files write in place of the sandbox's address. */
export const ORIGIN = "http://sandbox.example";
export const PATHS = { tmall: "/spi/tmall", etc: "/spi/etc", tanma: "/push/tanma" };

const MINUTE = 60_000;
/** 2026-11-20 10:00 in China: the first run. */
export const START = Date.UTC(2026, 10, 20, 2);
/** When the stores were finished: claims of START + 6 min are still leased, marks of pushes still live. */
export const END = START + 7 * MINUTE;

const OPTIONS = {
    seed: "stores",
    newestAt: START - 60 * MINUTE,
    leads: 12,
    dirtyShare: 0.2,
    tanma: { customers: 7, companyShare: 0, newestAt: START - 60 * MINUTE },
    etc: { rows: 4, newestAt: START - 60 * MINUTE },
    tmall: { leads: 5, newestAt: START - 60 * MINUTE },
    outinvest: { refuseIds: [3] },
};

/** The sandbox as it was at the start; `later()` brings what came during the story. */
export async function openWorld() {
    const sandbox = createSandbox(OPTIONS);
    const clock = { now: START };
    const server = await startServer(sandbox, { now: () => clock.now });
    const { app_secret, session, tanma } = sandbox.options;
    return {
        sandbox,
        clock,
        url: server.url,
        close: () => server.close(),
        later: () => sandbox.addLeads(9, START + 2 * MINUTE),
        secrets: {
            TOP_APP_SECRET: app_secret,
            TOP_SESSION: session,
            ALIMAMA_RSA_KEY: sandbox.keys.privatePem,
            TANMA_APP_KEY: tanma.appKey,
            BACKFLOW_TOKEN: "fake-backflow-token-of-the-stores",
            READ_TOKEN: "fake-read-token-of-the-stores",
            PHONES_TOKEN: "fake-phones-token-of-the-stores",
            DATA_KEY: Buffer.alloc(32, "fake data key").toString("hex"),
            PEPPER: "fake pepper of the stores",
        },
    };
}

/** Another key of the right form, which opens none of the phones. */
export const wrongKey = () => createSandbox({ seed: "another key", leads: 0 }).keys.privatePem;

/** A configuration file of a version with the sandbox's address and, where wanted, other members. */
export function configuration(path, { url, ...members }) {
    const config = JSON.parse(readFileSync(path, "utf8").replaceAll(ORIGIN, url));
    return { ...config, ...members };
}

/** One row of statistics; `more` changes its text. */
export const statistics = (id, more = {}) => ({
    id,
    store_id: 3,
    storeName: "fake store",
    aliUv: id,
    totalUv: id * 2,
    businessType: 1,
    statisticsDate: "2026-11-19",
    ...more,
});
export const ndjson = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
