// tests/cases through the Runtime API: a cold start of the static binary each step, SQLite, the platform on a loopback port. Requests
// come as a function URL gives them; every other event is a direct invocation.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import {
    allCases,
    bodyOf,
    playedOn,
    requestEvent,
    responseOf,
    setting,
    stepDifference,
    withoutClock,
} from "../cases/play.mjs";
import { startPlatform } from "../cases/server.mjs";
import { folder, httpAnswer, httpEvent, NO_PROGRAM, PROGRAM, startFunction } from "./function.mjs";

const MAX_PAYLOAD = 6_291_556;

// As our log hides them.
const withoutNumbers = (value) =>
    JSON.parse(JSON.stringify(value).replace(/\d{7,}/g, (digits) => "#".repeat(digits.length)));

/** AWS joins headers of one name: a case with two of them is another case there. */
const doubles = ({ headers = [] }) => new Set(headers.map(([name]) => name.toLowerCase())).size < headers.length;

function payloadOf(step, secrets) {
    const body = bodyOf(step);
    const request = requestEvent(step, secrets);
    if (request) return httpEvent({ ...request, body });
    return {
        ...(step.event ?? { kind: "pull" }),
        ...(body.length > 0 ? { body: body.toString("base64"), isBase64Encoded: true } : {}),
    };
}

/** What an init error must name of an expected summary. */
const missingIn = (text, { errors = [] }) =>
    errors
        .flatMap((each) => Object.values(each))
        .filter((part) => typeof part === "string" && !text.includes(part))
        .map((part) => `init error lacks ${part}: ${text}`);

async function play(t, entry) {
    const platform = await startPlatform();
    t.after(() => platform.close());
    const cwd = folder(t);
    const file = join(cwd, "leadbridge.json");
    const failures = [];
    for (const [index, step] of entry.steps.entries()) {
        if (step.request && doubles(step.request)) continue;
        const { configText, secrets } = setting(entry, step, platform.origin);
        const payload = JSON.stringify(payloadOf(step, secrets));
        if (payload.length > MAX_PAYLOAD) continue; // AWS refuses it before it is an event
        writeFileSync(file, configText);
        platform.play(step);
        const lambda = await startFunction(t, { cwd, env: secrets });
        const reply = await Promise.race([lambda.invoke(payload), lambda.ended.then(() => null)]);
        const [init] = lambda.api.initErrors;
        const answer = reply && JSON.parse(reply.text);
        let came;
        let found = [];
        const expect = withoutClock(step.expect ?? {});
        if (!reply) {
            // Never a summary: nothing ran.
            came = { exit: init ? 1 : undefined };
            found = missingIn(init?.body ?? "", expect.summary ?? {});
        } else if (step.request) {
            const logged = lambda.log().find(({ code }) => code === "request");
            const { status, headers, body } = httpAnswer(reply);
            came = {
                summary: logged && withoutClock(JSON.parse(logged.message)),
                response: responseOf(status, headers, body.toString()),
            };
            if (expect.summary) expect.summary = withoutNumbers(expect.summary);
        } else {
            const { exit, ...summary } = reply.kind === "error" ? { exit: answer.exit, ...answer.summary } : answer;
            came = { exit, summary: withoutClock(summary) };
        }
        await lambda.stop();
        // The configuration of the case, not of the step, which may be broken on purpose.
        const whole = setting(entry, {}, platform.origin);
        writeFileSync(file, whole.configText);
        const stored = spawnSync(PROGRAM, ["leads", "--reveal", "--limit", "1000", "--json"], {
            cwd,
            env: whole.secrets,
            encoding: "utf8",
        });
        came.leads = playedOn(entry, "cli") ? withoutClock(JSON.parse(stored.stdout).leads) : undefined;
        // What a log or a report of errors shows; the answer to a direct invocation is its caller's.
        came.shown = lambda.errors() + (reply?.kind === "error" ? reply.text : "") + (init?.body ?? "");
        failures.push(
            ...[...platform.failures(), ...found, ...stepDifference(entry, { expect }, came, secrets)].map(
                (text) => `step ${index + 1} ${text}`,
            ),
        );
    }
    return failures;
}

for (const entry of allCases().filter((each) => playedOn(each, "lambda") && playedOn(each, "worker"))) {
    test(`case ${entry.name} on Lambda`, { skip: NO_PROGRAM }, async (t) => {
        assert.deepEqual(await play(t, entry), []);
    });
}
