// The command line as a process: what it prints, where, and its exit status.
// LEADBRIDGE_BIN names the program (default build/leadbridge).
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import {
    chmodSync,
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { width } from "../../infra/dev/table.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = resolve(root, process.env.LEADBRIDGE_BIN ?? "build/leadbridge");
const skip = existsSync(program) ? false : `${program} is not built`;

/** A folder of its own, removed at the end of the test. */
function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "lb-cli-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

/** Starts the program; `ended` resolves to {status, signal, out, err}. */
function start(args, { cwd, env = {}, stdin = "", uid, command = program } = {}) {
    const child = spawn(command, args, { cwd, uid, gid: uid, env: { PATH: process.env.PATH, ...env } });
    let out = "";
    let err = "";
    child.stdout.on("data", (bytes) => {
        out += bytes;
    });
    child.stderr.on("data", (bytes) => {
        err += bytes;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    const guard = setTimeout(() => child.kill("SIGKILL"), 60_000);
    const ended = new Promise((done, fail) => {
        child.once("error", fail);
        child.once("close", (status, signal) => {
            clearTimeout(guard);
            done({ status, signal, out, err });
        });
    });
    return { child, ended };
}
const run = (args, options) => start(args, options).ended;

/** Runs with --json: exactly one line, and it is JSON. */
async function json(args, options) {
    const result = await run([...args, "--json"], options);
    assert.match(result.out, /^\{.*\}\n$/, `stdout of ${args.join(" ")}: ${result.out}${result.err}`);
    assert.equal(result.out.indexOf("\n"), result.out.length - 1);
    return { ...result, answer: JSON.parse(result.out) };
}

/** A sandbox on a port, and a folder with a configuration for it. */
async function world(t, options = {}, source = {}, more = {}) {
    const sandbox = createSandbox({ newestAt: Date.now(), ...options });
    const server = await startServer(sandbox);
    t.after(() => server.close());
    const cwd = folder(t);
    writeFileSync(join(cwd, "key.pem"), sandbox.keys.privatePem);
    const config = {
        tenant: "acme",
        apps: { main: { app_key: sandbox.options.app_key, app_secret: { env: "LB_SECRET" } } },
        sources: {
            ads: {
                platform: "alimama",
                app: "main",
                endpoint: `${server.url}/router/rest`,
                session: { env: "LB_SESSION" },
                mobile_cipher: "rsa_pkcs1",
                mobile_key: { file: "key.pem" },
                ...source,
            },
        },
        ...more,
    };
    writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(config));
    const env = { LB_SECRET: sandbox.options.app_secret, LB_SESSION: sandbox.options.session };
    return { sandbox, server, cwd, env, config, at: { cwd, env } };
}

test("usage: a wrong command line is exit 1, said on stderr, and JSON stays JSON", { skip }, async () => {
    for (const [args, says] of [
        [[], /subcommand is required/],
        [["fetch"], /no command "fetch"/],
        [["pull", "--bogus"], /--bogus/],
        [["leads", "--limit", "0"], /--limit/],
        [["leads", "--limit", "many"], /--limit/],
        [["leads", "--since", "soon"], /--since/],
        [["sign", "novalue", "--secret", "x"], /not name=value/],
        [["sign", "a=1", "a=2", "--secret", "x"], /there twice/],
        [["sign", "a=1"], /app secret is missing/],
        [["sign", "a=1", "--secret-env", "LB_NOT_SET"], /LB_NOT_SET is not set/],
        [["sign", "a=1", "--secret", "x", "--app", "main"], /excludes/],
        [["sign", "--query", "a=%zz", "--secret", "x"], /% is not followed|broken %/],
    ]) {
        const text = await run(args);
        assert.equal(text.status, 1, args.join(" "));
        assert.equal(text.out, "");
        assert.match(text.err, says);
        if (args.length > 0) {
            const { status, answer } = await json(args);
            assert.equal(status, 1);
            assert.match(answer.error.reason, says);
        }
    }
});

test("help and version are exit 0", { skip }, async () => {
    for (const args of [["--help"], ["pull", "--help"], ["version"], ["--version"]]) {
        const { status, out, err } = await run(args);
        assert.equal(status, 0);
        assert.match(out, /leadbridge/);
        assert.equal(err, "");
    }
    assert.equal((await json(["version"])).answer.abi, 2);
});

test("mistyped words: the nearest one is named", { skip }, async () => {
    for (const [args, wanted] of [
        [["stauts"], /no command "stauts"\. Did you mean status\?/],
        [["pul"], /Did you mean pull\?/],
        [["lead"], /Did you mean leads\?/],
        [["--config", "x.json", "stats"], /Did you mean status\?/],
        [["leads", "--sorce", "ads"], /--sorce.*Did you mean --source\?/],
        [["leads", "--limt=3"], /Did you mean --limit\?/],
        [["config", "upgrde", "x"], /Did you mean upgrade\?/],
    ]) {
        const { status, out, err } = await run(args);
        assert.equal(status, 1, args.join(" "));
        assert.equal(out, "");
        assert.match(err, wanted);
    }
    const { err } = await run(["xyzzy"]);
    assert.doesNotMatch(err, /Did you mean/);
});

test("help wherever it is asked for; options before the command or after it", { skip }, async (t) => {
    const { out: whole } = await run(["--help"]);
    const { out: leads } = await run(["leads", "--help"]);
    assert.equal((await run(["help"])).out, whole);
    for (const args of [
        ["help", "leads"],
        ["leads", "help"],
        ["leads", "-h"],
    ]) {
        const { status, out } = await run(args);
        assert.deepEqual([status, out], [0, leads], args.join(" "));
    }
    assert.match((await run(["help", "config", "upgrade"])).out, /OLD/);
    const { cwd, env } = await world(t);
    const before = await run(["--config", "leadbridge.json", "--json", "status"], { cwd, env });
    const after = await run(["status", "--config", "leadbridge.json", "--json"], { cwd, env });
    assert.equal(before.status, 0, before.err);
    assert.deepEqual(Object.keys(JSON.parse(before.out)), Object.keys(JSON.parse(after.out)));
});

test("bash completes commands and options", { skip }, async (t) => {
    const cwd = folder(t);
    const { out: script, status } = await run(["completion", "bash"]);
    assert.equal(status, 0);
    const complete = (...words) =>
        spawnSync(
            "bash",
            [
                "--norc",
                "-c",
                `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _leadbridge; printf '%s\\n' "\${COMPREPLY[@]}"`,
                "bash",
                "leadbridge",
                ...words,
            ],
            { encoding: "utf8", cwd },
        ).stdout.split("\n");
    assert.deepEqual(complete("stat"), ["status", ""]);
    assert.ok(complete("leads", "--").includes("--source"));
    assert.deepEqual(complete("leads", "--so"), ["--source", ""]);
    assert.deepEqual(complete("config", "up"), ["upgrade", ""]);
    writeFileSync(join(cwd, "mine.json"), "{}");
    assert.deepEqual(complete("--config", "mi"), ["mine.json", ""]);
    assert.equal((await run(["completion", "tcsh"])).status, 1);
});

test("lines fit the terminal; a reader that has seen enough is no error", { skip }, async (t) => {
    const { cwd, env } = await world(t, { leads: 300 });
    assert.equal((await run(["pull"], { cwd, env })).status, 0);
    for (const [COLUMNS, most] of [
        [undefined, 80],
        ["60", 60],
        ["200", 200],
    ]) {
        const { out } = await run(["leads", "--limit", "30"], { cwd, env: { ...env, ...(COLUMNS && { COLUMNS }) } });
        const lines = out.trimEnd().split("\n");
        assert.equal(lines.length, 31);
        for (const line of lines) assert.ok(width(line) <= most, `${width(line)} columns: ${line}`);
        assert.doesNotMatch(out, /\x1b/, "no colours in a file");
    }
    const piped = spawnSync("bash", ["--norc", "-c", `set -o pipefail; "${program}" leads --limit 300 | head -1`], {
        cwd,
        env: { PATH: process.env.PATH, ...env, COLUMNS: "1000" },
        encoding: "utf8",
    });
    assert.deepEqual([piped.status, piped.stderr.replace(/^More:.*\n/, "")], [0, ""]);
    const coloured = (more) =>
        spawnSync("script", ["-qec", `"${program}" doctor`, "/dev/null"], {
            cwd,
            env: { PATH: process.env.PATH, TERM: "xterm", ...env, ...more },
            encoding: "utf8",
        }).stdout;
    assert.match(coloured({}), /\x1b\[32mok /);
    assert.doesNotMatch(coloured({ NO_COLOR: "1" }), /\x1b/);
});

test("a source and a page that do not exist are named", { skip }, async (t) => {
    const { cwd, env } = await world(t);
    for (const args of [
        ["leads", "--source", "adz"],
        ["pull", "--source", "adz"],
    ]) {
        const { status, err } = await run(args, { cwd, env });
        assert.equal(status, 1, err);
        assert.match(err, /adz/);
        assert.match(err, /ads/);
    }
    const { status, err } = await run(["leads", "--page", "no-such-page"], { cwd, env });
    assert.equal(status, 1, err);
    assert.match(err, /--page/);
});

test("configuration: each fault is exit 1, names itself, and creates no file", { skip }, async (t) => {
    const cwd = folder(t);
    const good = {
        sources: { ads: { platform: "alimama", app: "main", session: { env: "LB_S" } } },
        apps: { main: { app_key: "1", app_secret: { env: "LB_K" } } },
    };
    const env = { LB_S: "fake", LB_K: "fake" };
    for (const [text, says] of [
        [null, /does not exist/],
        ["", /not valid JSON/],
        ['{"a": 1,\n}', /not valid JSON at line 2/],
        ['{"a":1,"a":2}', /there twice/],
        [`{"a":${"[".repeat(10000)}${"]".repeat(10000)}}`, /deeper than 32/],
        [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
        [" ".repeat(1024 * 1024 + 1), /larger than/],
        ['{"store":{"kind":"d1"}}', /\/store\/kind/],
        [
            JSON.stringify({
                ...good,
                apps: { main: { app_key: "1", app_secret: { env: "LB_K", value: "typed" } } },
            }),
            /never written into the file/,
        ],
        [JSON.stringify({ ...good, soruces: {} }), /soruces/],
        [
            JSON.stringify({ ...good, apps: { main: { app_key: "1", app_secret: { env: "LB_ABSENT" } } } }),
            /LB_ABSENT is not set/,
        ],
        [
            JSON.stringify({ ...good, apps: { main: { app_key: "1", app_secret: { file: "no.txt" } } } }),
            /no\.txt does not exist/,
        ],
    ]) {
        const file = join(cwd, "c.json");
        rmSync(file, { force: true });
        if (text !== null) writeFileSync(file, text);
        for (const command of ["pull", "status", "leads", "doctor"]) {
            const { status, answer } = await json([command, "--config", "c.json"], { cwd, env });
            assert.equal(status, 1, `${command} with ${String(text).slice(0, 60)}`);
            assert.match(JSON.stringify(answer).replaceAll('\\"', '"'), says);
            assert.ok(!existsSync(join(cwd, "leadbridge.db")));
        }
        const { status, err } = await run(["pull", "--config", "c.json"], { cwd, env });
        assert.equal(status, 1);
        assert.match(err, says);
    }
});

test("configuration: a byte order mark and a configuration from standard input are fine", {
    skip,
}, async (t) => {
    const { at, config } = await world(t, { leads: 3 });
    writeFileSync(join(at.cwd, "bom.json"), `\ufeff${JSON.stringify(config)}`);
    assert.equal((await json(["pull", "--config", "bom.json"], at)).status, 0);
    const { status, answer } = await json(["leads", "--config", "-"], {
        ...at,
        stdin: JSON.stringify(config),
    });
    assert.equal(status, 0);
    assert.equal(answer.leads.length, 3);
});

test("pull twice, leads, status, doctor", { skip }, async (t) => {
    const { sandbox, at } = await world(t, { leads: 250 });
    const first = await json(["pull"], at);
    assert.equal(first.status, 0, first.err);
    assert.equal(first.answer.sources[0].outcome, "ok");
    assert.equal(first.answer.sources[0].inserted, 250);

    sandbox.addLeads(7, Date.now());
    const second = await json(["pull"], at);
    assert.equal(second.answer.sources[0].inserted, 7);
    assert.equal(second.answer.sources[0].updated, 0);

    const ids = new Set();
    let page = "";
    for (let turn = 0; turn < 20; ++turn) {
        const { status, answer } = await json(["leads", "--limit", "50", "--page", page], at);
        assert.equal(status, 0);
        for (const lead of answer.leads) {
            ids.add(lead.source.lead_id);
            for (const phone of lead.phones) assert.ok(!("e164" in phone) && !("raw" in phone));
        }
        page = answer.next;
        if (page === "") break;
    }
    assert.deepEqual([...ids].sort(), [...sandbox.truth().keys()].map(String).sort());

    const revealed = await json(["leads", "--limit", "1000", "--reveal"], at);
    const plain = revealed.answer.leads.flatMap((lead) => lead.phones).filter((phone) => phone.class === "mobile");
    assert.ok(plain.length > 100 && plain.every((phone) => /^\+861\d{10}$/.test(phone.e164)));

    const status = await json(["status", "--leads", "2"], at);
    assert.equal(status.status, 0);
    assert.equal(status.answer.sources[0].leads, 257);
    assert.deepEqual(status.answer.sources[0].gaps, []);
    assert.equal(status.answer.leads.length, 2);

    const table = await run(["leads", "--limit", "3", "--source", "ads", "--since", "365d"], at);
    assert.equal(table.status, 0);
    assert.equal(table.out.split("\n").length, 5);
    assert.match(table.out, /^time \(\+08:00\)/);
    assert.doesNotMatch(table.out, /1[3-9]\d{9}/, "no whole phone number");
    const text = await run(["status"], at);
    assert.match(text.out, /ads \(alimama\): ok, 257 leads/);
    assert.match(text.out, /ids up to \d+ complete/);
    assert.equal(
        (await json(["leads", "--source", "ads", "--since", "2001-01-01 00:00:00"], at)).answer.leads.length,
        50,
    );

    const doctor = await json(["doctor", "--online"], at);
    assert.equal(doctor.status, 0, doctor.out);
    assert.ok(doctor.answer.checks.every((check) => check.ok));
    assert.ok(["store", "network", "clock"].every((name) => doctor.answer.checks.some((check) => check.name === name)));
});

test("pull: no secret on any stream, whatever goes wrong", { skip }, async (t) => {
    const { sandbox, server, at, env } = await world(t, { leads: 30 }, { retries: 0 });
    const hidden = [env.LB_SECRET, env.LB_SESSION];
    const check = ({ out, err }) => hidden.forEach((secret) => assert.ok(!(out + err).includes(secret)));
    for (const fault of [{ kind: "reset" }, { kind: "html502" }, { kind: "cut" }, { kind: "isv" }]) {
        sandbox.faults.push({ times: 5, ...fault });
        check(await run(["pull", "-v"], at));
        sandbox.faults.clear();
    }
    await server.close();
    const refused = await run(["pull", "-v"], at);
    check(refused);
    assert.equal(refused.status, 2);
});

test("pull: a source that does not exist, a wrong secret, a budget", { skip }, async (t) => {
    const { at } = await world(t, { leads: 250 }, {}, { budget: { requests: 2 } });
    assert.equal((await json(["pull", "--source", "nope"], at)).status, 1);
    const wrong = await json(["pull"], { ...at, env: { ...at.env, LB_SECRET: "wrong" } });
    assert.equal(wrong.status, 2);
    assert.equal(wrong.answer.sources[0].outcome, "failed");
    assert.notEqual(wrong.answer.sources[0].reason, "");
    const part = await json(["pull", "--source", "ads"], at);
    assert.equal(part.status, 3, part.out);
    assert.equal(part.answer.sources[0].outcome, "budget");
});

test("pull: a stop request ends a run that waits for a silent server, exit 3", { skip }, async (t) => {
    for (const signal of ["SIGINT", "SIGTERM"]) {
        const { sandbox, at } = await world(t, { leads: 250 });
        sandbox.faults.push({ kind: "silent", atCall: 2, times: 9 });
        const { child, ended } = start(["pull", "--json"], at);
        for (let turn = 0; turn < 200 && sandbox.calls.length < 2; ++turn)
            await new Promise((done) => setTimeout(done, 25));
        const asked = Date.now();
        child.kill(signal);
        const { status, out } = await ended;
        assert.equal(status, 3, out);
        assert.ok(Date.now() - asked < 6000);
        // The first page was committed, and the next run goes on from there.
        sandbox.faults.clear();
        assert.ok((await json(["leads", "--limit", "1000"], at)).answer.leads.length >= 40);
    }
});

test("store: a folder that is not there, is a file, is read-only; a file that is no database", {
    skip,
}, async (t) => {
    const { at, config, cwd } = await world(t, { leads: 3 });
    const use = (path) => writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify({ ...config, store: { path } }));
    use("absent/l.db");
    const absent = await json(["pull"], at);
    assert.equal(absent.status, 1);
    assert.match(absent.answer.error.reason, /absent/);
    use(".");
    assert.equal((await json(["status"], at)).status, 1);
    writeFileSync(join(cwd, "text.db"), "this is no database, ".repeat(100));
    use("text.db");
    const text = await json(["pull"], at);
    assert.equal(text.status, 1);
    assert.match(text.answer.error.reason, /text\.db/);
    assert.match((await run(["doctor"], at)).out, /FAIL {2}store/);

    // Root may write everywhere, so this needs another user.
    const uid = process.getuid() === 0 ? 65534 : undefined;
    mkdirSync(join(cwd, "ro"));
    chmodSync(cwd, 0o755);
    chmodSync(join(cwd, "ro"), 0o555);
    copyFileSync(program, join(cwd, "leadbridge"));
    chmodSync(join(cwd, "leadbridge"), 0o755);
    use("ro/l.db");
    const readOnly = await json(["pull"], { ...at, uid, command: join(cwd, "leadbridge") });
    assert.equal(readOnly.status, 2, readOnly.out);
    assert.match(readOnly.answer.error.reason, /ro\/l\.db/);
});

test("store: memory runs, and keeps nothing", { skip }, async (t) => {
    const { at } = await world(t, { leads: 5 }, {}, { store: { kind: "memory" } });
    assert.equal((await json(["pull"], at)).answer.sources[0].inserted, 5);
    assert.deepEqual((await json(["leads"], at)).answer.leads, []);
});

test("sign and verify", { skip }, async (t) => {
    const env = { LB_SECRET: "fake-secret" };
    const cwd = folder(t);
    const params = ["method=a.b", "name=王 小+明", "empty="];
    for (const method of ["md5", "hmac", "hmac-sha256"]) {
        const signed = await json(["sign", "--secret-env", "LB_SECRET", "--method", method, ...params], {
            env,
        });
        assert.equal(signed.status, 0);
        assert.equal(signed.answer.base_string, "methoda.bname王 小+明");
        assert.ok(!signed.out.includes("fake-secret"));
        const verify = ["verify", "--secret-env", "LB_SECRET", "--method", method, "--sign", signed.answer.sign];
        const good = await json([...verify, ...params], { env });
        assert.equal(good.status, 0);
        assert.equal(good.answer.valid, true);
        const bad = await json([...verify, ...params, "x=1"], { env });
        assert.equal(bad.answer.valid, false);
        assert.equal(bad.status, 2);

        const query = `method=a.b&name=%E7%8E%8B+%E5%B0%8F%2B%E6%98%8E&sign=${signed.answer.sign}`;
        const whole = await run(["verify", "--secret-env", "LB_SECRET", "--method", method, "--query", query], { env });
        assert.equal(whole.status, 0, whole.out + whole.err);
        assert.match(whole.out, /^valid\n/);
        const again = await json(["sign", "--secret-env", "LB_SECRET", "--method", method, "--query", query], { env });
        assert.equal(again.answer.sign, signed.answer.sign);
    }
    writeFileSync(join(cwd, "body.json"), '{"a": 1}\n');
    const fromFile = await json(
        ["sign", "--secret-env", "LB_SECRET", "--method", "md5", "--body", "body.json", "a=1"],
        { env, cwd },
    );
    const fromInput = await json(["sign", "--secret-env", "LB_SECRET", "--method", "md5", "--body", "-", "a=1"], {
        env,
        cwd,
        stdin: '{"a": 1}\n',
    });
    assert.equal(fromFile.answer.base_string, 'a1{"a": 1}\n');
    assert.equal(fromInput.answer.sign, fromFile.answer.sign);
    const noFile = await run(["sign", "--secret-env", "LB_SECRET", "--body", "no.json", "a=1"], { env, cwd });
    assert.equal(noFile.status, 1);
});

test("doctor --online: a refused port, and a certificate nobody vouches for", { skip }, async (t) => {
    const { config, at, cwd } = await world(t);
    const point = (endpoint) => {
        config.sources.ads.endpoint = endpoint;
        writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(config));
    };
    const closed = createServer();
    await new Promise((done) => closed.listen(0, "127.0.0.1", done));
    const { port } = closed.address();
    await new Promise((done) => closed.close(done));
    point(`http://127.0.0.1:${port}/router/rest`);
    const refused = await json(["doctor", "--online"], at);
    assert.equal(refused.status, 2);
    assert.equal(refused.answer.checks.find((check) => check.name === "network").ok, false);

    const made = spawnSync("openssl", [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        join(cwd, "tls.key"),
        "-out",
        join(cwd, "tls.crt"),
    ]);
    if (made.status !== 0) return t.diagnostic("no openssl program: the certificate part is skipped");
    const server = createTlsServer(
        { key: readFileSync(join(cwd, "tls.key")), cert: readFileSync(join(cwd, "tls.crt")) },
        (_request, response) => response.end("hello"),
    );
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    t.after(() => {
        server.closeAllConnections();
        server.close();
    });
    point(`https://127.0.0.1:${server.address().port}/router/rest`);
    const unknown = await json(["doctor", "--online"], at);
    assert.equal(unknown.status, 2);
    assert.match(unknown.answer.checks.find((check) => check.name === "network").detail, /certificate/);
    const trusted = await json(["doctor", "--online"], {
        ...at,
        env: { ...at.env, SSL_CERT_FILE: join(cwd, "tls.crt") },
    });
    assert.equal(trusted.status, 0, trusted.out);
});
