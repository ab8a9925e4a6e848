// The sandbox behind HTTP and a configuration with every door, for the function under test. SQLite in a folder of its own.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";
import { folder, PROGRAM, startFunction } from "./function.mjs";

export const TOKEN = "fake-token-of-lambda";
export const READ_TOKEN = "fake-read-token-of-lambda";
export const PHONES_TOKEN = "fake-phones-token-of-lambda";

/** @param {{sandbox?: object, config?: object, start?: object}} options config: members that replace ours; start: more for startFunction, its env beside the secrets */
export async function startBridge(t, { sandbox: options = {}, config: more = {}, start = {} } = {}) {
    const newestAt = Date.now();
    const sandbox = createSandbox({
        leads: 0,
        newestAt,
        etc: { newestAt, rows: 0 },
        tanma: { newestAt, customers: 0 },
        ...options,
    });
    const server = await startServer(sandbox);
    t.after(() => server.close());
    const cwd = folder(t);
    const { app_key, app_secret, session, tanma } = sandbox.options;
    const top = `${server.url}/router/rest`;
    const config = {
        tenant: "lambda",
        store: { kind: "sqlite", path: join(cwd, "leads.db") },
        apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
        sources: {
            ads: {
                platform: "alimama",
                endpoint: top,
                session: { env: "TOP_SESSION" },
                mobile_cipher: "rsa_pkcs1",
                mobile_key: { env: "RSA_KEY" },
            },
            scrm: {
                platform: "tanma",
                endpoint: `${server.url}/tanma`,
                app_id: tanma.appId,
                app_key: { env: "TANMA_APP_KEY" },
            },
        },
        endpoints: {
            "/spi/tmall": { platform: "tmall" },
            "/spi/etc": { platform: "etc", page_size: 7 },
            "/push/tanma": { platform: "tanma", source: "scrm" },
        },
        backflow: { stats: { platform: "outinvest", endpoint: top, session: { env: "TOP_SESSION" } } },
        api: {
            backflow_token: { env: "BACKFLOW_TOKEN" },
            read_token: { env: "READ_TOKEN" },
            phones_token: { env: "PHONES_TOKEN" },
            allow_origins: ["https://crm.example"],
        },
        privacy: { data_key: { env: "DATA_KEY" }, pepper: { env: "PEPPER" } },
        budget: { requests: 1000, seconds: 25 },
        ...more,
    };
    const { env = {}, ...rest } = start;
    const secrets = {
        TOP_APP_SECRET: app_secret,
        TOP_SESSION: session,
        TANMA_APP_KEY: tanma.appKey,
        BACKFLOW_TOKEN: TOKEN,
        READ_TOKEN,
        PHONES_TOKEN,
        RSA_KEY: sandbox.keys.privatePem,
        DATA_KEY: Buffer.alloc(32, "fake data key").toString("hex"),
        PEPPER: "fake pepper of lambda",
        ...env,
    };
    writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(config));
    const lambda = await startFunction(t, { cwd, ...rest, env: secrets });
    return {
        ...lambda,
        sandbox,
        server,
        config,
        secrets,
        spi: { app_key, app_secret },
        tanma: { appId: tanma.appId, appKey: tanma.appKey },
        /** The same program as the command line: leads of the store, phones in the clear, by platform/lead_id. */
        leads() {
            const { stdout, stderr, status } = spawnSync(PROGRAM, ["leads", "--reveal", "--limit", "1000", "--json"], {
                cwd,
                env: secrets,
                encoding: "utf8",
            });
            if (status !== 0) throw new Error(stderr);
            return new Map(
                JSON.parse(stdout).leads.map((lead) => [`${lead.source.platform}/${lead.source.lead_id}`, lead]),
            );
        },
    };
}
