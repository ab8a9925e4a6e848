// What the door tests share: the assembled Worker in workerd with a D1 of its own, the sandbox behind HTTP, and a look into the store.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drive, randomBytes } from "../../functions/host/drive.mjs";
import { resolveSecrets } from "../../functions/host/config.mjs";
import { openD1Store } from "../../functions/cloudflare/store_d1.mjs";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import { NO_MODULE, realModule, ROOT, WASM } from "../hosts/fakes/module.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";

export { NO_MODULE };
export const PATHS = { tmall: "/spi/tmall", etc: "/spi/etc", tanma: "/push/tanma" };
export const TOKEN = "fake-token-of-the-doors";
const PAGE_ROWS = 7; // few, so that rows take several pages

/**
 * @param {import('node:test').TestContext} t
 * @param {{sandbox?: object, worker?: object}} options worker: of Miniflare
 */
export async function startBridge(t, { sandbox: options = {}, worker: more = {} } = {}) {
    const newestAt = Date.now();
    const sandbox = createSandbox({
        leads: 0,
        newestAt,
        etc: { newestAt, rows: 30 },
        tanma: { newestAt, customers: 0 },
        ...options,
    });
    const server = await startServer(sandbox);
    t.after(() => server.close());
    const { app_key, app_secret, session, tanma } = sandbox.options;
    const config = {
        tenant: "doors",
        store: { kind: "d1" },
        apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
        sources: {
            scrm: {
                platform: "tanma",
                endpoint: `${server.url}/tanma`,
                app_id: tanma.appId,
                app_key: { env: "TANMA_APP_KEY" },
            },
        },
        endpoints: {
            [PATHS.tmall]: { platform: "tmall" },
            [PATHS.etc]: { platform: "etc", page_size: PAGE_ROWS },
            [PATHS.tanma]: { platform: "tanma", source: "scrm" },
        },
        backflow: {
            stats: {
                platform: "outinvest",
                endpoint: `${server.url}/router/rest`,
                session: { env: "TOP_SESSION" },
            },
        },
        api: { backflow_token: { env: "BACKFLOW_TOKEN" } },
        privacy: { data_key: { env: "DATA_KEY" }, pepper: { env: "PEPPER" } },
    };
    const secrets = {
        TOP_APP_SECRET: app_secret,
        TOP_SESSION: session,
        TANMA_APP_KEY: tanma.appKey,
        BACKFLOW_TOKEN: TOKEN,
        DATA_KEY: Buffer.alloc(32, "fake data key").toString("hex"),
        PEPPER: "fake pepper of the doors",
    };
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-doors-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const assembled = assemble({ to: join(folder, "worker"), wasm: WASM });
    const output = [];
    const { worker, url } = await startLocalWorker(assembled, {
        bindings: { LEADBRIDGE_CONFIG: JSON.stringify(config), ...secrets },
        onOutput: (line) => output.push(line),
        ...more,
    });
    t.after(() => worker.dispose());

    // The same core in Node reads the Worker's database: phones are sealed there.
    const configText = resolveSecrets(JSON.stringify(config), (_, name) => ({ value: secrets[name] }));
    const sql = Object.fromEntries(
        ["schema", "statements"].map((name) => [name, readFileSync(join(ROOT, `infra/sql/${name}.sql`), "utf8")]),
    );
    const ask = async (event) => {
        const store = openD1Store(await worker.getD1Database("DB"), sql);
        const { exit, summary } = await drive({
            module: realModule(),
            configText,
            event,
            host: { now: Date.now, random: randomBytes, store },
        });
        assert.equal(exit, 0, JSON.stringify(summary));
        return summary;
    };

    return {
        sandbox,
        url,
        output,
        worker,
        secrets,
        spi: { app_key, app_secret },
        tanma: { appId: tanma.appId, appKey: tanma.appKey },
        /** Every lead of the store by `platform/lead_id`, phones in the clear. */
        async leads() {
            const found = new Map();
            for (let page = "", more = true; more; more = page !== "") {
                const { leads, next } = await ask({ kind: "leads", limit: 500, page, reveal: true });
                for (const lead of leads) {
                    const name = `${lead.source.platform}/${lead.source.lead_id}`;
                    assert.ok(!found.has(name), `${name} is there twice`);
                    found.set(name, lead);
                }
                page = next ?? "";
            }
            return found;
        },
        /** All rows of a statement. */
        rows: async (statement) => (await (await worker.getD1Database("DB")).prepare(statement).all()).results,
        /** The merchant's own door. */
        own: async (method, path, body, token = TOKEN) => {
            const answer = await fetch(`${url}${path}`, {
                method,
                body,
                headers: token ? { authorization: `Bearer ${token}` } : {},
            });
            return { status: answer.status, text: await answer.text() };
        },
    };
}

/** The phones of a stored lead are those that came. */
export function checkPhones(lead, came, where) {
    const texts = [came].flat().filter((text) => typeof text === "string" && text !== "");
    for (const { raw } of lead.phones ?? [])
        assert.ok(
            texts.some((text) => text.includes(raw)),
            `${where}: ${raw} is not of ${texts}`,
        );
    for (const text of texts) {
        assert.ok((lead.phones ?? []).length > 0, `${where}: ${text} is not there`);
        if (/^1[3-9]\d{9}$/.test(text))
            assert.ok(
                lead.phones.some(({ e164 }) => e164 === `+86${text}`),
                `${where}: ${text}`,
            );
    }
}
