// A whole function that can be killed at an exact boundary: the static binary as Lambda runs it, DynamoDB (emulated) and the sandbox, and
// between the binary and everything else one proxy, which sends SIGKILL before the N-th request goes on, or after the other side has
// answered and before the process sees it. Then Lambda starts a fresh process and hands the event out again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request as ask } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../sandbox/random.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";
import { KEYS, startDynalite, startPlayer } from "../store/dynamo.mjs";
import { checkLead, key } from "../walk/harness.mjs";
import { commandLine, PROGRAM, until } from "./function.mjs";
import { startRuntimeApi } from "./runtime_stub.mjs";

export const TOKEN = "fake-token-of-the-kills";
const REGION = "eu-central-1";

/** One emulator for many worlds, each with a table of its own. */
export async function startTables() {
    const dynamo = await startDynalite();
    const player = startPlayer();
    let tables = 0;
    return {
        url: dynamo.url,
        async create() {
            const table = `leads-${++tables}`;
            const { outcome, reason } = await player.open({
                table,
                endpoint: dynamo.url,
                region: REGION,
                create: true,
            });
            assert.equal(outcome, "ok", reason);
            return table;
        },
        /** One call without a signature worth the name: the emulator reads none. */
        async call(operation, body) {
            const response = await fetch(dynamo.url, {
                method: "POST",
                body: JSON.stringify(body),
                headers: {
                    "x-amz-target": `DynamoDB_20120810.${operation}`,
                    "content-type": "application/x-amz-json-1.0",
                    "x-amz-date": "20260101T000000Z",
                    authorization:
                        "AWS4-HMAC-SHA256 Credential=fake/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
                },
            });
            const answer = await response.json();
            // A dead process's last write may still be under way, and come first.
            assert.ok(
                response.status === 200 || answer.__type?.endsWith("ConditionalCheckFailedException"),
                JSON.stringify(answer),
            );
            return answer;
        },
        close() {
            player.close();
            dynamo.close();
        },
    };
}

/** A random kill: after some requests, before or after. Seeded, so that a story can be told again. */
export function randomKills(seed) {
    const random = createRandom(seed, "kills");
    return (from) => ({
        at: from + 1 + random.below(random.pick([8, 30, 90])),
        when: random.chance(0.5) ? "before" : "after",
    });
}

export class World {
    /**
     * @param {{sandbox?: object, config?: object, kill?: {at: number, when: 'before'|'after'}, kills?: (from: number) => object}} options
     *   kills: gives the next boundary after each kill, and the first
     */
    static async start(tables, { sandbox: options = {}, source = {}, config = {}, kill, kills } = {}) {
        const world = new World();
        const newestAt = Date.now() - 60_000;
        const { tanma, ...rest } = options;
        world.sandbox = createSandbox({
            leads: 0,
            newestAt,
            dirtyShare: 0,
            key: key(),
            ...rest,
            tanma: { newestAt, customers: 0, companyShare: 0, ...tanma },
        });
        world.server = await startServer(world.sandbox);
        world.tables = tables;
        world.table = await tables.create();
        world.errors = ""; // of the present process
        world.requests = 0; // through the proxy, over all processes
        world.processes = 0;
        world.killed = []; // {at, when, what}
        world.kill = kill ?? kills?.(0) ?? null;
        world.kills = kills;
        world.sent = new Map(); // id of a statistics row -> how often its outcome was recorded as sent
        world.wrong = []; // what must never happen, and did
        world.agent = new Agent({ keepAlive: true, maxSockets: 64 });
        world.proxy = createServer((request, response) =>
            world.#through(request, response).catch((error) => {
                response.destroy();
                world.wrong.push(`the proxy: ${error.stack}`);
            }),
        );
        world.proxy.keepAliveTimeout = 60_000;
        await new Promise((resolve) => world.proxy.listen(0, "127.0.0.1", resolve));
        const origin = `http://127.0.0.1:${world.proxy.address().port}`;
        const { app_key, app_secret, session, tanma: scrm } = world.sandbox.options;
        world.spi = { app_key, app_secret };
        world.config = {
            tenant: "proof",
            store: { kind: "dynamodb", table: world.table },
            apps: { main: { app_key, app_secret: { env: "TOP_APP_SECRET" } } },
            sources: {
                ads: {
                    platform: "alimama",
                    endpoint: `${origin}/router/rest`,
                    session: { env: "TOP_SESSION" },
                    mobile_key: { env: "RSA_KEY" },
                    page_size: 3,
                    overlap: 2,
                    ...source,
                },
                scrm: {
                    platform: "tanma",
                    endpoint: `${origin}/tanma`,
                    app_id: scrm.appId,
                    app_key: { env: "TANMA_APP_KEY" },
                    page_size: 3,
                },
            },
            endpoints: { "/spi/tmall": { platform: "tmall" } },
            backflow: {
                stats: {
                    platform: "outinvest",
                    endpoint: `${origin}/router/rest`,
                    session: { env: "TOP_SESSION" },
                    batch_rows: 2,
                },
            },
            api: { backflow_token: { env: "BACKFLOW_TOKEN" } },
            budget: { requests: 1000, seconds: 25 },
            ...config,
        };
        world.secrets = {
            TOP_APP_SECRET: app_secret,
            TOP_SESSION: session,
            TANMA_APP_KEY: scrm.appKey,
            RSA_KEY: key(),
            BACKFLOW_TOKEN: TOKEN,
        };
        world.cwd = mkdtempSync(join(tmpdir(), "lb-kills-"));
        writeFileSync(join(world.cwd, "leadbridge.json"), JSON.stringify(world.config));
        return world;
    }

    async close() {
        await this.#end();
        await this.beside?.stop();
        this.proxy.closeAllConnections();
        this.proxy.close();
        this.agent.destroy();
        await this.server.close();
        rmSync(this.cwd, { recursive: true, force: true });
    }

    // ---- the process ---------------------------------------------------------------------------------------------------------

    async #begin() {
        this.api = await startRuntimeApi();
        const address = `127.0.0.1:${this.proxy.address().port}`;
        const child = spawn(PROGRAM, [], {
            cwd: this.cwd,
            stdio: ["ignore", "ignore", "pipe"],
            env: {
                LAMBDA_TASK_ROOT: this.cwd,
                AWS_LAMBDA_RUNTIME_API: address,
                AWS_REGION: REGION,
                AWS_ENDPOINT_URL_DYNAMODB: `http://${address}/`,
                ...KEYS,
                ...this.secrets,
            },
        });
        this.processes += 1;
        this.errors = "";
        child.stderr.on("data", (bytes) => {
            this.errors += bytes;
        });
        const guard = setTimeout(() => child.kill("SIGKILL"), 60_000);
        this.child = child;
        this.asking = false;
        this.ended = new Promise((done) =>
            child.once("close", () => {
                clearTimeout(guard);
                done(null);
            }),
        );
    }

    async #end() {
        if (!this.api) return;
        this.child?.kill("SIGKILL");
        await this.ended;
        await this.api.close();
        this.api = this.child = null;
    }

    /**
     * One invocation, on a warm process where there is one.
     * @returns {Promise<object|null>} what Lambda was told; null: the process died first
     */
    async invoke(event) {
        if (!this.child) {
            await this.#end();
            await this.#begin();
        }
        const { ended, api } = this;
        const reply = await Promise.race([api.invoke(event), ended]);
        if (!reply && this.child) {
            assert.fail(`the process ended by itself: ${this.errors}`);
        }
        return reply;
    }

    /**
     * The same on a second process, which nobody kills and no proxy watches: Lambda runs as many at once as there are events. Not for
     * statistics, which are counted at the proxy.
     */
    async invokeBeside(event) {
        if (!this.beside) {
            const api = await startRuntimeApi();
            const direct = JSON.stringify(this.config).replaceAll(
                `http://127.0.0.1:${this.proxy.address().port}`,
                this.server.url,
            );
            const child = spawn(PROGRAM, [], {
                stdio: ["ignore", "ignore", "ignore"],
                env: {
                    LEADBRIDGE_CONFIG: direct,
                    AWS_LAMBDA_RUNTIME_API: api.address,
                    AWS_REGION: REGION,
                    AWS_ENDPOINT_URL_DYNAMODB: this.tables.url,
                    ...KEYS,
                    ...this.secrets,
                },
            });
            const ended = new Promise((done) => child.once("close", () => done(null)));
            this.beside = {
                api,
                ended,
                stop: () => {
                    child.kill("SIGKILL");
                    return ended.then(() => api.close());
                },
            };
        }
        const reply = await Promise.race([this.beside.api.invoke(event), this.beside.ended]);
        assert.ok(reply, "the second process ended by itself");
        return reply;
    }

    /** The process has said all it has to say. */
    async idle() {
        await until(() => !this.child || this.asking, "the next request of the loop");
    }

    #die(what) {
        this.killed.push({ ...this.kill, what });
        this.child.kill("SIGKILL");
        this.child = null;
        this.kill = this.kills?.(this.requests) ?? null;
    }

    // ---- the proxy -----------------------------------------------------------------------------------------------------------

    async #through(request, response) {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const body = Buffer.concat(chunks);
        const of = this.child; // a dead process's last requests are under way, too
        const number = ++this.requests;
        const { upstream, what } = this.#whereTo(request, body);
        const dies = (when) => this.child && this.child === of && this.kill?.when === when && this.kill.at <= number;
        if (dies("before")) {
            this.#die(what);
            return response.destroy();
        }
        if (what === "GET next") this.asking = true;
        const answer = await this.#forward(upstream, request, body);
        if (what === "GET next") this.asking = false;
        if (!answer) return response.destroy();
        this.#watch(what, body, answer);
        if (dies("after")) {
            this.#die(what);
            return response.destroy();
        }
        response.writeHead(answer.status, answer.headers).end(answer.body);
        return undefined;
    }

    #whereTo({ method, url, headers }, body) {
        const target = headers["x-amz-target"];
        if (target) return { upstream: this.tables.url, what: `dynamodb ${target.split(".")[1]}` };
        if (url.startsWith("/2018-06-01/"))
            return { upstream: `http://${this.api.address}`, what: `${method} ${url.split("/").at(-1)}` };
        if (body.includes("total.data.back.flow")) this.#statistics(body);
        return { upstream: this.server.url, what: `http ${url.split("?")[0]}` };
    }

    #forward(upstream, { method, url, headers }, body) {
        return new Promise((done) => {
            const onward = ask(
                `${upstream.replace(/\/$/, "")}${url}`,
                { method, headers, agent: this.agent },
                async (response) => {
                    const chunks = [];
                    try {
                        for await (const chunk of response) chunks.push(chunk);
                    } catch {
                        return done(null);
                    }
                    const { "transfer-encoding": _, ...rest } = response.headers;
                    return done({ status: response.statusCode, headers: rest, body: Buffer.concat(chunks) });
                },
            );
            onward.on("error", () => done(null));
            onward.end(body);
        });
    }

    /** Marks that say that a row was sent. */
    #watch(what, body, { status }) {
        if (what !== "dynamodb PutItem" || status !== 200) return;
        const mark = /"pk":\{"S":"m#sent\/([^"]*)"/.exec(body)?.[1];
        const id = mark && rowOf(mark);
        if (id) this.sent.set(id, (this.sent.get(id) ?? 0) + 1);
    }

    #statistics(body) {
        const form = new URLSearchParams(body.toString());
        for (const row of JSON.parse(form.get("req") ?? "{}").data ?? []) {
            if (this.sent.has(String(row.id)))
                this.wrong.push(`row ${row.id} is sent again although its outcome is recorded`);
        }
    }

    // ---- time and truth ------------------------------------------------------------------------------------------------------

    /** Leases and waits of the outbox are over, as if minutes had passed. */
    async timePasses() {
        const { Items } = await this.tables.call("Scan", {
            TableName: this.table,
            FilterExpression: "begins_with(pk, :o) AND attribute_exists(queueName)",
            ExpressionAttributeValues: { ":o": { S: "o#" } },
        });
        const due = Date.now() - 1000;
        for (const { pk, sk, gpk } of Items) {
            if (!gpk?.S.startsWith("q#")) continue;
            await this.tables.call("UpdateItem", {
                TableName: this.table,
                Key: { pk, sk },
                ConditionExpression: "attribute_exists(queueName)",
                UpdateExpression: "SET dueMs = :due, gsk = :order REMOVE leaseUntil",
                ExpressionAttributeValues: {
                    ":due": { N: String(due) },
                    ":order": { S: `${String(BigInt(due) + 2n ** 53n).padStart(17, "0")}:${pk.S.slice(2)}` },
                },
            });
        }
    }

    /** `platform/lead_id` -> lead, phones in the clear; read by the command line, not through the proxy. */
    async leads() {
        const env = {
            AWS_REGION: REGION,
            AWS_ENDPOINT_URL_DYNAMODB: this.tables.url,
            ...KEYS,
            ...this.secrets,
        };
        const found = new Map();
        for (let page = "", first = true; first || page; first = false) {
            const { status, answer, errors } = await commandLine(
                this.cwd,
                env,
                "leads",
                "--reveal",
                "--limit",
                "500",
                ...(page ? ["--page", page] : []),
            );
            assert.equal(status, 0, errors);
            const { leads, next } = answer;
            for (const lead of leads) {
                const name = `${lead.source.platform}/${lead.source.lead_id}`;
                assert.ok(!found.has(name), `${name} is there twice`);
                found.set(name, lead);
            }
            page = next;
        }
        return found;
    }

    /**
     * The store against the truth of the platforms: nothing lost, nothing twice, newest versions, phones right.
     * @param {{tmall?: object, rows?: string[]}} given the account whose leads were acknowledged; ids of statistics rows that were accepted
     */
    async compare({ tmall, rows = [] } = {}) {
        assert.deepEqual(this.wrong, []);
        const leads = await this.leads();
        const [ads, scrm] = [this.sandbox.truth(), this.sandbox.tanma.truth()];
        const names = [
            ...[...ads.keys()].map((id) => `alimama/${id}`),
            ...[...scrm.keys()].map((id) => `tanma/${id}`),
            ...(tmall?.ids() ?? []).map((id) => `tmall/${id}`),
        ];
        assert.deepEqual([...leads.keys()].sort(), names.sort(), "lost or invented");
        for (const [id, truth] of ads) {
            const lead = leads.get(`alimama/${id}`);
            checkLead(
                id,
                {
                    lead,
                    version: Number(lead.source.version),
                    revision: lead.phones.some((phone) => phone.class === "encrypted") ? 0 : 1,
                },
                truth,
            );
        }
        for (const id of tmall?.ids() ?? [])
            assert.equal(leads.get(`tmall/${id}`).times.modified.raw, tmall.lead(id).gmt_modified, "an older form won");
        const arrived = [...this.sandbox.outinvest.truth().values()];
        assert.deepEqual(arrived.map(({ id }) => String(id)).sort(), [...rows].sort(), "statistics lost or invented");
        for (const { id } of arrived) assert.ok(this.sent.has(String(id)), `row ${id} arrived and is not recorded`);
        return {
            leads: leads.size,
            rows: arrived.length,
            twice: arrived.filter(({ times }) => times > 1).length,
        };
    }
}

/** Works through `jobs`, some at once; the first failure ends it when the others under way have ended. */
export async function sideBySide(width, jobs, work) {
    const left = [...jobs];
    const failures = [];
    await Promise.all(
        Array.from({ length: width }, async () => {
            while (left.length > 0 && failures.length === 0)
                await work(left.shift()).catch((error) => failures.push(error));
        }),
    );
    if (failures.length > 0) throw failures[0];
}

/** The id in the key of a row: "stats/TYPE/ID/DATE/..." */
const rowOf = (mark) => mark.split("/")[2];
