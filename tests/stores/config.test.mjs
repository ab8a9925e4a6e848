// Configuration files of earlier versions: read as they are or refused with the exact change, and `config upgrade` writes one that is accepted.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const PROGRAM = join(resolve(root, process.env.LEADBRIDGE_BUILD ?? "build"), "leadbridge");
const files = readdirSync(here, { recursive: true })
    .filter((path) => /^[^/]+\/config\/.*\.json$/.test(path))
    .sort();
const validate = new Ajv({ strictTypes: false, allErrors: true }).compile(
    JSON.parse(readFileSync(join(root, "infra/config.schema.json"), "utf8")),
);

function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "lb-config-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

const run = (args, options = {}) => spawnSync(PROGRAM, args, { encoding: "utf8", env: {}, ...options });
const upgrade = (...args) => run(["config", "upgrade", ...args]);

for (const path of files) {
    test(`${path}: upgraded, accepted, and not changed a second time`, (t) => {
        const cwd = folder(t);
        const old = readFileSync(join(here, path), "utf8");
        const { status, stdout, stderr } = upgrade(join(here, path));
        assert.equal(status, 0, stderr);
        assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
        // Read as it is, or refused with what is to be changed: never anything between.
        const changes = stderr.split("\n").filter((line) => line && line !== "nothing had to be changed");
        if (changes.length === 0) assert.equal(stdout, old, "byte for byte");
        else assert.match(readAs(cwd, old), /config upgrade/);
        writeFileSync(join(cwd, "new.json"), stdout);
        const again = upgrade(join(cwd, "new.json"));
        assert.equal(again.stdout, stdout);
        assert.match(again.stderr, /^nothing had to be changed$/m);
        // Of what this version has to say of it only the secrets are left, which are not here.
        const said = readAs(cwd, stdout);
        const problems = said.split("\n").filter((line) => line.startsWith("leadbridge: "));
        const secrets = /is not set|is not readable|was not fetched|there are no AWS|no AWS|credentials/;
        assert.deepEqual(
            problems.filter((line) => !secrets.test(line)),
            [],
            said,
        );
    });
}

/** What the program says when it is to work with this configuration. */
function readAs(cwd, text) {
    const config = JSON.parse(text);
    config.store = { kind: "memory" }; // a host of its own kind would refuse D1
    writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(config));
    const { stderr } = run(["status"], { cwd, env: { AWS_REGION: "eu-central-1" } });
    return stderr;
}

test("there are files of every version", () => assert.ok(files.length >= 4, files.join()));

test("--to writes a new file and never over one", (t) => {
    const cwd = folder(t);
    const old = join(
        here,
        files.find((path) => path.endsWith("minimal.json")),
    );
    const to = join(cwd, "new.json");
    const first = upgrade(old, "--to", to);
    assert.equal(first.status, 0, first.stderr);
    assert.equal(first.stdout, "");
    assert.equal(readFileSync(to, "utf8"), readFileSync(old, "utf8"));
    const before = statSync(to).mtimeMs;
    const second = upgrade(old, "--to", to);
    assert.equal(second.status, 1);
    assert.match(second.stderr, /there already/);
    assert.equal(statSync(to).mtimeMs, before);
});

test("what it cannot repair is told, and nothing is written", (t) => {
    const cwd = folder(t);
    const bad = join(cwd, "bad.json");
    const to = join(cwd, "new.json");
    writeFileSync(bad, '{"sources": {"ads": {"platform": "alimama", "session": "in the clear", "page_sice": 3}}}');
    const { status, stdout, stderr } = upgrade(bad, "--to", to);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /sources\.ads\.page_sice/);
    assert.match(stderr, /sources\.ads\.session a secret must not stand in the configuration/);
    assert.doesNotMatch(stderr, /in the clear/);
    assert.throws(() => statSync(to));
    const json = JSON.parse(upgrade(bad, "--json").stdout);
    assert.equal(json.error.code, "configuration");
    assert.ok(json.errors.length >= 2);
});

test("no configuration, no JSON, no word", (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, "broken.json"), '{"apps": ');
    assert.equal(upgrade(join(cwd, "nothing.json")).status, 1);
    const broken = upgrade(join(cwd, "broken.json"));
    assert.equal(broken.status, 1);
    assert.match(broken.stderr, /broken\.json/);
    assert.equal(upgrade().status, 1);
    assert.equal(run(["config"]).status, 1);
    assert.equal(run(["config", "downgrade", "x"]).status, 1);
    const minimal = readFileSync(
        join(
            here,
            files.find((path) => path.endsWith("minimal.json")),
        ),
        "utf8",
    );
    const piped = run(["config", "upgrade", "-", "--json"], { input: minimal });
    assert.deepEqual(JSON.parse(piped.stdout), { job: "config", changes: [], text: minimal });
});
