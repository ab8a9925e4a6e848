// `./dev run --host lambda` beside `./dev run`: the same main job, the same leads.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { withStore } from "../../infra/dev/run/setup.mjs";
import { startRun, until } from "../hosts/fakes/local_run.mjs";
import { BUILD, NO_MODULE } from "../hosts/fakes/module.mjs";

// It runs the build's own program.
const NO_BOOTSTRAP = existsSync(join(BUILD, "leadbridge")) ? false : "build/leadbridge is not built";
/** Rows of the table without their times (the two runs begin at different moments), in the order of their ids; what each source says; doors. */
function read(out) {
    const lines = out.split("\n");
    const ruler = lines.findIndex((line) => /^-+ {2}-+/.test(line));
    const end = lines.indexOf("", ruler);
    return {
        title: lines[ruler - 2],
        head: lines[ruler - 1],
        leads: lines
            .slice(ruler + 1, end)
            .map((line) => line.slice(19))
            .toSorted(),
        sources: lines
            .filter((line) => /^\d\d:\d\d:\d\d /.test(line))
            .map((line) => line.slice(9).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z|\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME")),
        doors: lines.filter((line) => /^(ok|FAIL) /.test(line)),
    };
}

test("Worker and Lambda print the same table, the same sources, the same doors", {
    skip: NO_MODULE || NO_BOOTSTRAP,
}, async (t) => {
    const worker = startRun(t, ["--once", "--port", "0"]);
    assert.deepEqual(await worker.ended, { code: 0, signal: null }, worker.err + worker.out);
    const lambda = startRun(t, ["--host", "lambda", "--once", "--port", "0"]);
    assert.deepEqual(await lambda.ended, { code: 0, signal: null }, lambda.err + lambda.out);
    const [there, here] = [read(worker.out), read(lambda.out)];
    assert.equal(there.leads.length, 20, worker.out);
    const [queue] = here.doors.splice(-1);
    assert.match(queue, /^ok +queue: 1 message taken, 1 row of it pushed to the platform, 0 messages left$/);
    assert.deepEqual(here, there);
    assert.match(lambda.out, /^queue http:\/\/\S+ at http:\/\/127\.0\.0\.1:\d+ \(dead letters: http:\/\/\S+\)$/m);
    assert.match(lambda.out, /^ready http:\/\/127\.0\.0\.1:\d+$/m);
    assert.equal(lambda.err, "");
    assert.doesNotMatch(
        lambda.out.replaceAll(/^.* +\S+$/gm, (line) => line.replace(/\S+$/, "")),
        /(?<!\d)1[3-9]\d{9}(?!\d)/,
        "phones are masked",
    );
});

test("Ctrl-C ends it and the bootstrap; until then it pulls again", { skip: NO_BOOTSTRAP }, async (t) => {
    const running = startRun(t, ["--host", "lambda", "--port", "0", "--every", "1"]);
    await until("ready", () => /^ready (http\S+)$/m.test(running.out));
    const url = /^ready (http\S+)$/m.exec(running.out)[1];
    assert.equal((await fetch(`${url}/nothing/here`)).status, 404);
    await until("a second pull", () => (running.out.match(/^\d\d:\d\d:\d\d ads:/gm) ?? []).length >= 2);
    const [bootstrap] = childrenOf(running.child.pid);
    assert.ok(bootstrap);
    running.child.kill("SIGINT");
    assert.deepEqual(await running.ended, { code: 130, signal: null }, running.err);
    await until("no bootstrap", () => !existsSync(`/proc/${bootstrap}`), 5000);
    await assert.rejects(fetch(url));
});

test("a bootstrap that dies is started again", { skip: NO_BOOTSTRAP }, async (t) => {
    const running = startRun(t, ["--host", "lambda", "--port", "0", "--every", "1"]);
    await until("ready", () => /^ready (http\S+)$/m.test(running.out));
    const [first] = childrenOf(running.child.pid);
    process.kill(first, "SIGKILL");
    const pulls = () => (running.out.match(/^\d\d:\d\d:\d\d ads: ok/gm) ?? []).length;
    const before = pulls();
    await until("pulls by another", () => pulls() >= before + 2);
    assert.notEqual(childrenOf(running.child.pid)[0], first);
});

/** Children that are the bootstrap. */
function childrenOf(pid) {
    return readdirSync(`/proc/${pid}/task`)
        .flatMap((task) =>
            readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
        )
        .filter((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").startsWith("bootstrap"));
}

test("a configuration of one's own: kept from run to run, secrets from this shell, errors name the path", {
    skip: NO_BOOTSTRAP,
}, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "lb-run-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const name = `aws-${process.pid}`;
    const file = join(folder, `${name}.json`);
    t.after(() =>
        readdirSync(join(BUILD, "run-state"))
            .filter((each) => each.startsWith(`${name}-`))
            .forEach((each) => rmSync(join(BUILD, "run-state", each), { recursive: true })),
    );
    writeFileSync(
        file,
        JSON.stringify({
            tenant: "own",
            store: { kind: "sqlite", path: "not-this-one.db" },
            apps: { main: { app_key: "1", app_secret: { file: "secret.txt" } } },
            sources: {
                ads: {
                    platform: "alimama",
                    app: "main",
                    endpoint: "http://127.0.0.1:9/",
                    session: { env: "LB_TEST_SESSION" },
                    mobile_cipher: "passthrough",
                    retries: 0,
                },
            },
        }),
    );
    const args = ["--host", "lambda", "--config", file, "--once", "--port", "0"];
    const incomplete = startRun(t, args, { LB_TEST_SESSION: undefined });
    assert.equal((await incomplete.ended).code, 1, incomplete.err);
    assert.match(incomplete.out, /session.*LB_TEST_SESSION/);
    assert.match(incomplete.out, /app_secret.*secret\.txt/);
    writeFileSync(join(folder, "secret.txt"), "fake\n");
    for (let i = 0; i < 2; ++i) {
        const unreachable = startRun(t, args, { LB_TEST_SESSION: "fake" });
        assert.equal((await unreachable.ended).code, 2, unreachable.err);
        assert.match(unreachable.out, /ads: failed \| 0 leads/);
    }
    assert.deepEqual(
        readdirSync(folder).toSorted(),
        [`${name}.json`, "secret.txt"],
        "the store of the configuration was not touched",
    );
    const other = startRun(t, ["--host", "moon"]);
    assert.equal((await other.ended).code, 1);
    assert.match(other.err, /--host is worker or lambda, not "moon"/);
});

test("the store of a configuration is replaced in the text", () => {
    const store = { kind: "memory" };
    const big = '{"a": {"store": 1, "x": "}\\"store\\":{"}, "id": 9007199254740993';
    for (const [text, wanted] of [
        ["{}", '{"store":{"kind":"memory"}}'],
        [`${big}}`, `{"store":{"kind":"memory"},${big.slice(1)}}`],
        [
            `${big}, "store": {"kind": "sqlite", "path": "a,b}"} , "z": [1]}`,
            `${big}, "store":{"kind":"memory"}, "z": [1]}`,
        ],
        [`${big}, "store": {"kind": "d1"}\n}`, `${big}, "store":{"kind":"memory"}}`],
        ['{"store":{}}', '{"store":{"kind":"memory"}}'],
    ]) {
        assert.equal(withStore(text, store), wanted);
        assert.deepEqual(JSON.parse(withStore(text, store)), { ...JSON.parse(text), store });
    }
    assert.equal(withStore("not JSON", store), "not JSON");
});
