// tests/cases in real workerd with D1, through Miniflare: the real worker.mjs, cron events, the platform on a loopback port.
// Rows go in through the door of the merchant's own systems, which answers with the summary. The page's events, which no Worker is asked
// for, are played on the module in workerd. Others are the command line's: such steps are left out, and `normalise` ends the case here.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { resolveSecrets } from "../../functions/host/config.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import {
    allCases,
    bodyOf,
    NOW,
    playedOn,
    requestEvent,
    responseOf,
    setting,
    stepDifference,
    withoutClock,
} from "../cases/play.mjs";
import { startPlatform } from "../cases/server.mjs";
import { NO_MODULE, ROOT, WASM } from "./fakes/module.mjs";

const cases = allCases().filter((entry) => playedOn(entry, "worker"));
const database = (at) => `DB_${at}`;

let started = null;
async function start() {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-cases-"));
    const { entry, files } = assemble({ to: join(folder, "worker"), wasm: WASM });
    copyFileSync(join(ROOT, "tests/hosts/fakes/cases_entry.mjs"), join(dirname(entry), "cases_entry.mjs"));
    const modules = {
        entry,
        files: ["cases_entry.mjs", ...files.filter((file) => !["worker.mjs", "config.mjs"].includes(file))],
    };
    const { worker } = await startLocalWorker(modules, {
        databases: Object.fromEntries(cases.map((_, at) => [database(at), `case-${at}`])),
    });
    const platform = await startPlatform();
    return { folder, worker, platform };
}
const host = () => (started ??= start());
test.after(async () => {
    if (!started) return;
    const { folder, worker, platform } = await started;
    await worker.dispose();
    await platform.close();
    rmSync(folder, { recursive: true, force: true });
});

// As the Worker's log hides them.
const withoutNumbers = (value) =>
    JSON.parse(JSON.stringify(value).replace(/\d{7,}/g, (digits) => "#".repeat(digits.length)));

/** The HTTP call of a step: its request, or its rows at the merchant's own door. */
function callOf(step, config, secrets) {
    const body = bodyOf(step).toString("base64");
    if (step.request) return { ...requestEvent(step, secrets), body };
    const { kind, name, action, type, data_type: dataType, format } = step.event ?? {};
    // What waits is the cron trigger's.
    if (kind !== "backflow" || (action === "send" && body === "")) return undefined;
    const query = new URLSearchParams(
        Object.entries({ type, data_type: dataType, format }).filter(([, value]) => value !== undefined),
    ).toString();
    const token = secrets[config.api?.backflow_token?.env] ?? "";
    return {
        method: action === "status" ? "GET" : "POST",
        path: `/v1/backflow/${name}`,
        query,
        headers: [["authorization", `Bearer ${token}`]],
        body,
    };
}

/** Of a tick, the part that a case's own event would be. */
function partOf({ pull, backflow, ...whole }, kind) {
    if (kind === "pull") return { ...whole, ...pull, job: "pull" };
    return { ...whole, ...backflow?.[0], job: "backflow" };
}

/** A step with an event of the page's. */
async function useTool(worker, entry, step, now) {
    const { configText, secrets } = setting(entry, step);
    const config = resolveSecrets(configText, (_, name) =>
        Object.hasOwn(secrets, name) ? { value: secrets[name] } : { missing: "not set" },
    );
    const tool = { event: step.event, body: bodyOf(step).toString("base64"), config, now };
    const { exit, summary, log } = await (
        await worker.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify({ tool }) })
    ).json();
    return stepDifference(
        entry,
        step,
        { exit, summary, log: log.map(({ code }) => code), shown: JSON.stringify([summary, log]) },
        secrets,
    );
}

async function play(entry, at) {
    const { worker, platform } = await host();
    const failures = [];
    let now = entry.now ?? NOW;
    for (const [index, step] of entry.steps.entries()) {
        now += (step.after_s ?? 0) * 1000;
        const kind = step.request ? "request" : (step.event?.kind ?? "pull");
        if (kind === "normalise") break;
        if (["preview", "sign", "verify"].includes(kind)) {
            failures.push(...(await useTool(worker, entry, step, now)).map((text) => `step ${index + 1} ${text}`));
            continue;
        }
        if (!["request", "pull", "backflow"].includes(kind) || step.event?.sources) continue;
        const { config, configText, secrets } = setting(entry, step, platform.origin);
        platform.play(step);
        const call = callOf(step, config, secrets);
        const answer = await worker.dispatchFetch("http://worker/", {
            method: "POST",
            body: JSON.stringify({
                config: configText,
                secrets,
                database: database(at),
                call,
                sets: Object.keys(step.expect?.rows ?? {}),
            }),
        });
        const { failure, lines, health, leads, rows, response } = await answer.json();
        const expect = withoutClock(step.expect ?? {});
        const failed = expect.exit === 1 || expect.exit === 2;
        const own = step.event?.kind === "backflow" && ["load", "status"].includes(step.event.action);
        if (!call && "exit" in expect && failed !== (failure !== null))
            failures.push(`step ${index + 1} exit: wanted ${expect.exit}, came ${failure}`);
        const ticked = call ? undefined : lines.map((line) => JSON.parse(line)).find(({ code }) => code === "tick");
        const wanted = {
            expect: {
                ...expect,
                exit: undefined,
                summary: withoutNumbers(expect.summary ?? {}),
                response: kind === "request" ? expect.response : undefined,
            },
        };
        const came = {
            summary: own
                ? withoutNumbers(JSON.parse(response.body))
                : ticked && partOf(JSON.parse(ticked.message), kind),
            leads: leads.map((doc) => withoutClock(JSON.parse(doc))),
            rows: withoutClock(
                Object.fromEntries(
                    Object.entries(rows).map(([set, docs]) => [set, docs.map((doc) => JSON.parse(doc))]),
                ),
            ),
            response: kind === "request" ? responseOf(response.status, response.headers, response.body) : undefined,
            shown: lines.join("\n") + failure + health,
        };
        for (const name of Object.keys(wanted.expect))
            if (wanted.expect[name] === undefined) delete wanted.expect[name];
        failures.push(
            ...[...platform.failures(), ...stepDifference(entry, wanted, came, secrets)].map(
                (text) => `step ${index + 1} ${text}`,
            ),
        );
    }
    return failures;
}

for (const [at, entry] of cases.entries()) {
    test(`case ${entry.name} in the Worker`, { skip: NO_MODULE }, async () => {
        assert.deepEqual(await play(entry, at), []);
    });
}
