// `./dev run` as a person uses it.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { startRun, until } from "./fakes/local_run.mjs";
import { BUILD, NO_MODULE } from "./fakes/module.mjs";
import { width } from "../../infra/dev/table.mjs";

/** Every process below `pid`, from /proc. */
function descendants(pid) {
    const parents = new Map();
    for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
        try {
            parents.set(Number(name), Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))[1]));
        } catch {
            // ended meanwhile
        }
    }
    const below = [pid];
    for (let i = 0; i < below.length; ++i)
        for (const [child, parent] of parents) if (parent === below[i]) below.push(child);
    return below.slice(1);
}

const alive = (pid) => {
    try {
        return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
        return false;
    }
};

test("--help and mistakes in the command line", async (t) => {
    const help = startRun(t, ["--help"]);
    assert.equal((await help.ended).code, 0);
    assert.match(help.out, /--sandbox-port N[\s\S]*--config FILE[\s\S]*--once/);
    for (const [args, pattern] of [
        [["--prot", "1"], /--prot/],
        [["--port", "x"], /--port takes a number/],
        [["--port", "70000"], /65535/],
        [["--config", "/nonexistent/x.json", "--port", "0"], /cannot be read: ENOENT/],
    ]) {
        const wrong = startRun(t, args);
        assert.equal((await wrong.ended).code, 1, args.join(" "));
        assert.match(wrong.err, pattern);
        assert.doesNotMatch(wrong.err, /at .*\.mjs:\d+/);
    }
});

test("a busy port is said, for page and sandbox", async (t) => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const { port } = server.address();
    for (const args of [
        ["--port", `${port}`],
        ["--port", "0", "--sandbox-port", `${port}`],
    ]) {
        const busy = startRun(t, args);
        assert.equal((await busy.ended).code, 1);
        assert.match(
            busy.err,
            new RegExp(`port ${port} is in use.*${args.length === 2 ? "--port" : "--sandbox-port"} N`),
        );
    }
});

test("--once pulls the sample account, prints a table that lines up, and ends", {
    skip: NO_MODULE,
}, async (t) => {
    const once = startRun(t, ["--once", "--port", "0"]);
    assert.deepEqual(await once.ended, { code: 0, signal: null }, once.err + once.out);
    assert.match(once.out, /newest 20 of 3[45]\d leads, some of every source/);
    for (const source of ["ads", "scrm", "etc_in", "tmall"])
        assert.match(once.out, new RegExp(`^.{19} +${source} `, "m"), source);
    for (const door of [
        "tmall pushed 12 leads: 12 acknowledged",
        "tanma pushed 6 encrypted messages: 6 acknowledged",
        "etc: 30 rows loaded, 30 served",
        "statistics: 1 row pushed",
    ])
        assert.match(once.out, new RegExp(`^ok +${door}`, "m"));
    assert.match(once.out, /^\d\d:\d\d:\d\d ads: ok \| 25\d leads \| .*everything up to \d+/m);
    assert.match(once.out, /^ready http:\/\/127\.0\.0\.1:\d+$/m);
    const lines = once.out.split("\n");
    const ruler = lines.findIndex((line) => /^-+ {2}-+/.test(line));
    const last = lines[ruler].lastIndexOf("  ") + 2; // where the last column starts
    for (const line of lines.slice(ruler + 1, ruler + 21)) {
        const id = /\S+$/.exec(line)[0];
        assert.equal(width(line) - id.length, last, line);
        assert.match(line, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
        assert.doesNotMatch(line.slice(0, -id.length), /(?<!\d)1[3-9]\d{9}(?!\d)/, "phones are masked");
    }
    assert.equal(once.err, "");
});

for (const [signal, status] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
]) {
    test(`${signal} ends everything it started`, { skip: NO_MODULE }, async (t) => {
        const running = startRun(t, ["--port", "0", "--every", "1"]);
        await until("ready", () => /^ready (http\S+)$/m.test(running.out));
        const url = /^ready (http\S+)$/m.exec(running.out)[1];
        const page = await fetch(`${url}/?lang=en`);
        assert.equal(page.status, 200);
        assert.match(await page.text(), /Newest leads/);
        await until("a second pull", () => (running.out.match(/^\d\d:\d\d:\d\d ads:/gm) ?? []).length >= 2);
        const started = descendants(running.child.pid);
        assert.ok(started.length > 0, "workerd runs");
        running.child.kill(signal);
        assert.deepEqual(await running.ended, { code: status, signal: null }, running.err);
        await until("no process left", () => !started.some(alive), 5000);
        await assert.rejects(fetch(url));
    });
}

test("Ctrl-C while it starts ends it as well", async (t) => {
    for (const delay of [150, 500]) {
        const starting = startRun(t, ["--port", "0", "--every", "1"]);
        await new Promise((resolve) => setTimeout(resolve, delay));
        const started = descendants(starting.child.pid);
        starting.child.kill("SIGINT");
        await starting.ended;
        await until("no process left", () => !started.some(alive), 5000);
    }
});

test("a configuration of one's own: errors name the path; secrets come from this shell", {
    skip: NO_MODULE,
}, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-run-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, `own-${process.pid}.json`);
    t.after(() =>
        readdirSync(join(BUILD, "run-state"))
            .filter((name) => name.startsWith(`own-${process.pid}-`))
            .forEach((name) => rmSync(join(BUILD, "run-state", name), { recursive: true })),
    );
    const config = {
        tenant: "own",
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
    };
    writeFileSync(file, JSON.stringify(config));
    const incomplete = startRun(t, ["--config", file, "--once", "--port", "0"], {
        LB_TEST_SESSION: undefined,
    });
    assert.equal((await incomplete.ended).code, 1);
    assert.match(incomplete.out, /sources\.ads\.session.*LB_TEST_SESSION/);
    assert.match(incomplete.out, /apps\.main\.app_secret.*secret|apps\.main\.app_secret.*file/);
    writeFileSync(join(folder, "secret.txt"), "fake\n");
    const unreachable = startRun(t, ["--config", file, "--once", "--port", "0"], { LB_TEST_SESSION: "fake" });
    assert.equal((await unreachable.ended).code, 2);
    assert.match(unreachable.out, /ads: failed \| 0 leads/);
});
