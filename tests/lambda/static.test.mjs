// One static file is the whole package: it runs in a root folder that holds nothing else, finds the certificates where Amazon Linux 2023 and
// Debian keep them, and resolves names from /etc/hosts and from DNS.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { copyFileSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { dirname, join } from "node:path";
import test from "node:test";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { key } from "../walk/harness.mjs";
import { folder, NO_PROGRAM, PROGRAM, startFunction } from "./function.mjs";

const skip = NO_PROGRAM;
const BUNDLES = {
    "Amazon Linux 2023": "/etc/pki/tls/certs/ca-bundle.crt",
    "Amazon Linux 2023, without its link": "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    Debian: "/etc/ssl/certs/ca-certificates.crt",
};
const PT_DYNAMIC = 2;
const PT_INTERP = 3;

test("the file needs no loader and no library", { skip }, () => {
    const head = Buffer.alloc(4096);
    readSync(openSync(PROGRAM, "r"), head, 0, head.length, 0);
    assert.equal(head.toString("latin1", 1, 4), "ELF");
    const [from, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
    const kinds = Array.from({ length: count }, (_, at) => head.readUInt32LE(from + at * size));
    assert.ok(kinds.length > 2);
    assert.deepEqual(
        kinds.filter((kind) => kind === PT_DYNAMIC || kind === PT_INTERP),
        [],
        "a dynamic executable",
    );
    const ldd = spawnSync("ldd", [PROGRAM], { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } });
    if (!ldd.error) assert.match(ldd.stdout + ldd.stderr, /not a dynamic executable|statically linked/);
});

/** A command that runs `file` with `root` as its root folder, or null where that is not allowed. */
function inside(root, file) {
    for (const prefix of [
        ["chroot", root],
        ["unshare", "--user", "--map-root-user", "chroot", root],
    ]) {
        const [program, ...args] = prefix;
        if (spawnSync(program, [...args, file, "--version"]).status === 0) return [...prefix, file];
    }
    return null;
}

/** A root folder with the bootstrap and nothing else; files: path -> text. */
function emptyRoot(t, files) {
    const root = folder(t);
    mkdirSync(join(root, "var/task"), { recursive: true });
    copyFileSync(PROGRAM, join(root, "var/task/bootstrap"));
    for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
    }
    return root;
}

/** The sandbox behind TLS under two invented names, its certificate its own authority. */
async function startPlatform(t) {
    const cwd = folder(t);
    const made = spawnSync("openssl", [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=platform.test",
        "-addext",
        "subjectAltName=DNS:platform.test,DNS:named.platform.test",
        "-keyout",
        join(cwd, "tls.key"),
        "-out",
        join(cwd, "tls.crt"),
    ]);
    if (made.status !== 0) return null;
    const sandbox = createSandbox({ leads: 4, newestAt: Date.now() - 60_000, key: key() });
    const certificate = readFileSync(join(cwd, "tls.crt"), "utf8");
    const server = createServer(
        { key: readFileSync(join(cwd, "tls.key")), cert: certificate },
        async (request, response) => {
            const chunks = [];
            for await (const chunk of request) chunks.push(chunk);
            const { status, headers, body } = sandbox.handle(
                {
                    method: request.method,
                    url: request.url,
                    headers: request.headers,
                    body: Buffer.concat(chunks),
                },
                Date.now(),
            );
            response.writeHead(status, headers).end(body);
        },
    );
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    t.after(() => {
        server.closeAllConnections();
        server.close();
    });
    return { sandbox, certificate, port: server.address().port };
}

/** Answers every name with 127.0.0.1; null where port 53 may not be taken. */
async function startDns(t, address) {
    const asked = [];
    const socket = createSocket("udp4");
    socket.on("message", (query, from) => {
        let end = 12;
        const labels = [];
        while (query[end] !== 0) {
            labels.push(query.toString("latin1", end + 1, end + 1 + query[end]));
            end += query[end] + 1;
        }
        const type = query.readUInt16BE(end + 1);
        asked.push(`${labels.join(".")} ${type}`);
        const answers = type === 1 ? [Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1])] : []; // A; no AAAA
        const head = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, answers.length, 0, 0, 0, 0]);
        socket.send(Buffer.concat([head, query.subarray(12, end + 5), ...answers]), from.port, from.address);
    });
    const bound = await new Promise((done) => {
        socket.once("error", () => done(false));
        socket.bind(53, address, () => done(true));
    });
    if (!bound) return null;
    t.after(() => socket.close());
    return asked;
}

/** Pulls with the bootstrap in `root`; what the source says. */
async function pull(t, root, { sandbox, port }, host) {
    const { app_key, app_secret, session } = sandbox.options;
    const command = inside(root, "/var/task/bootstrap");
    const lambda = await startFunction(t, {
        command,
        config: {
            store: { kind: "memory" },
            apps: { main: { app_key, app_secret: { env: "SECRET" } } },
            sources: {
                ads: {
                    platform: "alimama",
                    endpoint: `https://${host}:${port}/router/rest`,
                    session: { env: "SESSION" },
                    mobile_key: { env: "KEY" },
                    retries: 0,
                },
            },
        },
        env: { SECRET: app_secret, SESSION: session, KEY: key(), LAMBDA_TASK_ROOT: "/var/task" },
    });
    const { text } = await Promise.race([
        lambda.invoke({ kind: "pull" }),
        lambda.ended.then(() => ({ text: lambda.errors() })),
    ]);
    const summary = JSON.parse(text);
    return (summary.summary ?? summary).sources[0];
}

test("alone in its root: certificates where the distributions keep them, names from /etc/hosts and DNS", {
    skip,
    timeout: 60_000,
}, async (t) => {
    if (!inside(emptyRoot(t, {}), "/var/task/bootstrap")) return t.skip("neither chroot nor unshare is allowed here");
    const platform = await startPlatform(t);
    if (!platform) return t.skip("no openssl program");
    const hosts = { "/etc/hosts": "127.0.0.1 localhost platform.test\n" };
    for (const [where, path] of Object.entries(BUNDLES)) {
        const { outcome, inserted, reason } = await pull(
            t,
            emptyRoot(t, { ...hosts, [path]: platform.certificate }),
            platform,
            "platform.test",
        );
        assert.deepEqual([outcome, inserted], ["ok", 4], `${where}: ${reason}`);
    }
    const without = await pull(t, emptyRoot(t, hosts), platform, "platform.test");
    assert.equal(without.outcome, "failed");
    assert.match(without.reason, /certificate/);

    const address = "127.0.0.77";
    const asked = await startDns(t, address);
    if (!asked) return t.diagnostic("port 53 is not ours to take: names from DNS are not tried");
    const files = { [BUNDLES.Debian]: platform.certificate, "/etc/resolv.conf": `nameserver ${address}\n` };
    const named = await pull(t, emptyRoot(t, files), platform, "named.platform.test");
    assert.deepEqual([named.outcome, named.inserted], ["ok", 4], named.reason);
    assert.ok(asked.includes("named.platform.test 1"), asked.join());
    return undefined;
});
