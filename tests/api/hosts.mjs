// The two hosts of the API under one configuration and one sandbox: the assembled Worker in workerd with D1, and the static binary
// behind a Runtime API, called as a function URL calls it. ask() gives {status, headers, text} on both.
import { createServer } from "node:http";
import { join } from "node:path";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import { NO_MODULE, WASM } from "../hosts/fakes/module.mjs";
import { startBridge } from "../lambda/bridge.mjs";
import { folder, httpAnswer, httpEvent, NO_PROGRAM, SCHEDULE, startFunction } from "../lambda/function.mjs";
import { KEYS } from "../store/dynamo.mjs";

export { PHONES_TOKEN, READ_TOKEN, TOKEN } from "../lambda/bridge.mjs";
export const skip = NO_MODULE || NO_PROGRAM;
const CRON = { cron: "* * * * *" };

/** @returns {Promise<{bridge: object, hosts: object[]}>} `config`: members that replace those of tests/lambda/bridge.mjs */
export async function startBoth(t, { config = {}, sandbox } = {}) {
    const bridge = await startBridge(t, { sandbox, config });
    return { bridge, hosts: [await startWorker(t, bridge), lambdaHost(t, bridge)] };
}

async function startWorker(t, { config, secrets }) {
    const assembled = assemble({ to: join(folder(t), "worker"), wasm: WASM });
    const open = async (settings, more = {}) => {
        const bindings = {
            LEADBRIDGE_CONFIG:
                typeof settings === "string" ? settings : JSON.stringify({ ...settings, store: { kind: "d1" } }),
            ...secrets,
        };
        const output = [];
        const { worker } = await startLocalWorker(assembled, {
            bindings,
            onOutput: (line) => output.push(line),
            ...more,
        });
        t.after(() => worker.dispose());
        const ask = async (path, { method = "GET", headers = [], body } = {}) => {
            const answer = await worker.dispatchFetch(`http://bridge.example${path}`, {
                method,
                headers,
                body: method === "GET" || method === "HEAD" ? undefined : body,
            });
            return {
                status: answer.status,
                headers: Object.fromEntries(answer.headers),
                text: await answer.text(),
            };
        };
        return { worker, ask, output };
    };
    const { worker, ask, output } = await open(config);
    const database = () => worker.getD1Database("DB");
    return {
        name: "worker",
        ask,
        log: () => output.join("\n"),
        pull: async () => (await (await worker.getWorker()).scheduled(CRON)).outcome,
        audit: async () =>
            (await (await database()).prepare("SELECT action, subject, detail FROM audit ORDER BY rowid").all())
                .results,
        /** ask() with other settings over a store of its own; `undefined` settings: none that could run. */
        variant: async (settings) => (await open(settings ?? "no JSON")).ask,
        /** ask() over a store that takes and gives nothing. */
        broken: async () => {
            const other = await open(config);
            await other.ask("/v1/status", { headers: [["authorization", `Bearer ${secrets.READ_TOKEN}`]] });
            const db = await other.worker.getD1Database("DB");
            for (const { name } of (
                await db
                    .prepare(
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('meta') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
                    )
                    .all()
            ).results) {
                await db.prepare(`DROP TABLE ${name}`).run();
            }
            return other.ask;
        },
    };
}

function lambdaHost(t, { invoke, errors, config, secrets }) {
    const asking =
        (call) =>
        async (path, { method = "GET", headers = [], body = "" } = {}) => {
            const [name, query = ""] = path.split("?");
            const reply = httpAnswer(await call(httpEvent({ method, path: name, query, headers, body })));
            return { status: reply.status, headers: reply.headers, text: reply.body.toString() };
        };
    const other = async (settings, env = {}) =>
        asking((await startFunction(t, { config: settings, env: { ...secrets, ...env } })).invoke);
    return {
        name: "lambda",
        ask: asking(invoke),
        log: errors,
        pull: async () => (await invoke(SCHEDULE)).kind,
        audit: async () => null, // what SQLite holds is looked at in tests/store
        variant: (settings) =>
            other(
                settings
                    ? { ...settings, store: { kind: "sqlite", path: "other.db" } }
                    : { ...config, store: { kind: "sqlite", path: "nowhere/leads.db" } },
            ),
        broken: async () => {
            const server = createServer((request, response) => {
                request.resume();
                response.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(
                    JSON.stringify({
                        __type: "com.amazon.coral.service#AccessDeniedException",
                        Message: "not allowed",
                    }),
                );
            });
            await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
            t.after(() => {
                server.closeAllConnections();
                server.close();
            });
            const store = {
                kind: "dynamodb",
                table: "fake",
                region: "eu-central-1",
                endpoint: `http://127.0.0.1:${server.address().port}/`,
            };
            return other({ ...config, store }, KEYS);
        },
    };
}
