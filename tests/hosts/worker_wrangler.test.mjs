// What `npx wrangler deploy` would send, with the very wrangler.jsonc; nothing leaves this machine.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { sections } from "../../functions/host/sql.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { NO_MODULE, ROOT, WASM } from "./fakes/module.mjs";

const CONFIG = "infra/cloudflare/wrangler.jsonc";
const WRANGLER = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
const QUIET = {
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_HIDE_BANNER: "true",
    CI: "true",
    NO_UPDATE_NOTIFIER: "1",
    FORCE_COLOR: "0",
};

function folder(t) {
    const path = mkdtempSync(join(tmpdir(), "leadbridge-wrangler-"));
    t.after(() => rmSync(path, { recursive: true, force: true }));
    return path;
}

/** The assembled Worker below `root`, with the real module when it is built. */
function assembled(root, config) {
    const wasm = join(root, "echo.wasm");
    writeFileSync(wasm, echoModule.bytes);
    return assemble({ to: join(root, "build/worker"), wasm: NO_MODULE ? wasm : WASM, config });
}

test("wrangler deploy --dry-run takes the assembled Worker as it is", async (t) => {
    const root = folder(t);
    const { files } = assembled(root);
    mkdirSync(join(root, "infra/cloudflare"), { recursive: true });
    copyFileSync(join(ROOT, CONFIG), join(root, CONFIG));
    const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [WRANGLER, "deploy", "--dry-run", "--config", CONFIG, "--outdir", "out"],
        { cwd: root, env: { ...process.env, ...QUIET, HOME: root, XDG_CONFIG_HOME: root }, timeout: 60_000 },
    );
    assert.match(stdout, /--dry-run: exiting now/);
    assert.match(stdout, /env\.DB \(leadbridge\)/);
    assert.doesNotMatch(stderr, /WARNING|ERROR/, stderr);
    for (const file of files)
        assert.deepEqual(readFileSync(join(root, "out", file)), readFileSync(join(root, "build/worker", file)), file);
});

test("assembled: every import is there, a configuration is bundled as text, a missing module is said", async (t) => {
    const root = folder(t);
    const config = join(root, "my.json");
    writeFileSync(
        config,
        '{"apps": {"main": {"app_key": "1", "app_secret": {"env": "S"}}},\n "endpoints": {"/spi/tmall": {"platform": "tmall"}}}',
    );
    const { entry, files } = assembled(root, config);
    assert.ok(
        files.includes("functions/host/drive.mjs") &&
            files.includes("wasm/loader.mjs") &&
            files.includes("infra/sql/schema.sql"),
    );
    assert.ok(!files.some((file) => file.includes("memory.mjs")));
    const { default: text } = await import(join(dirname(entry), "config.mjs"));
    assert.equal(text, readFileSync(config, "utf8"));
    assert.throws(
        () => assemble({ to: join(root, "x"), wasm: join(root, "none.wasm") }),
        /is not there: build it first/,
    );
    for (const [text, wanted] of [
        ['{"tenant": ', /not JSON/],
        ['{"sources": {"ads": {"platform": "alimama", "sesion": {"env": "X"}}}}', /\/sources\/ads/],
        [
            '{"apps": {"main": {"app_key": "1", "app_secret": {"file": "s"}}}, "endpoints": {"/spi/tmall": {"platform": "tmall"}}}',
            /apps\.main\.app_secret: a Worker cannot read/,
        ],
    ]) {
        writeFileSync(config, text);
        assert.throws(() => assembled(root, config), wanted);
    }
});

test("assembled with a configuration: each command that is still to be typed is printed", async (t) => {
    const root = folder(t);
    const config = join(root, "my.json");
    const secret = (name) => ({ env: name });
    writeFileSync(
        config,
        JSON.stringify({
            apps: { main: { app_key: "12345678", app_secret: secret("TOP_APP_SECRET") } },
            sources: { ads: { platform: "alimama", session: secret("TOP_SESSION"), mobile_key: secret("RSA_KEY") } },
        }),
    );
    const wasm = join(root, "echo.wasm");
    writeFileSync(wasm, echoModule.bytes);
    const { stdout } = await promisify(execFile)(process.execPath, [
        join(ROOT, "infra/cloudflare/assemble.mjs"),
        ...["--config", config, "--wasm", wasm, "--to", join(root, "worker")],
    ]);
    assert.deepEqual(
        [...stdout.matchAll(/secret put (\S+) --config infra\/cloudflare\/wrangler\.jsonc/g)].map(([, name]) => name),
        ["TOP_APP_SECRET", "TOP_SESSION", "RSA_KEY"],
    );
});

test("a backup by wrangler holds a whole database, and a new one is filled from it", { skip: NO_MODULE }, async (t) => {
    const root = folder(t);
    mkdirSync(join(root, "infra/cloudflare"), { recursive: true });
    copyFileSync(join(ROOT, CONFIG), join(root, CONFIG));
    const d1 = async (state, ...args) => {
        rmSync(join(root, "infra/cloudflare/.wrangler"), { recursive: true, force: true });
        if (existsSync(join(root, state)))
            cpSync(join(root, state), join(root, "infra/cloudflare/.wrangler"), { recursive: true });
        const { stdout } = await promisify(execFile)(
            process.execPath,
            [WRANGLER, "d1", ...args, "--local", "--config", CONFIG],
            { cwd: root, env: { ...process.env, ...QUIET, HOME: root, XDG_CONFIG_HOME: root }, timeout: 60_000 },
        );
        cpSync(join(root, "infra/cloudflare/.wrangler"), join(root, state), { recursive: true });
        return stdout;
    };
    const sql = [
        ...sections(readFileSync(join(ROOT, "infra/sql/schema.sql"), "utf8")).values(),
        "INSERT INTO leads VALUES ('tmall:1:2','tmall','tmall','1','2',1,1,5,NULL,NULL,'{\"name\":\"测试\"}',5,5,'c','c');",
    ].join("\n");
    writeFileSync(join(root, "all.sql"), sql);
    await d1("first", "execute", "leadbridge", "--file", "all.sql");
    await d1("first", "export", "leadbridge", "--output", "backup.sql");
    await d1("second", "execute", "leadbridge", "--file", "backup.sql");
    const rows = await d1(
        "second",
        "execute",
        "leadbridge",
        "--json",
        "--command",
        "SELECT (SELECT doc FROM leads) AS doc, (SELECT leads FROM lead_counts) AS leads, (SELECT count(*) FROM sqlite_schema WHERE type = 'trigger') AS triggers",
    );
    const [{ doc, leads, triggers }] = JSON.parse(rows)[0].results;
    assert.deepEqual([doc, leads], ['{"name":"测试"}', 1]);
    assert.equal(triggers, [...sql.matchAll(/CREATE TRIGGER/g)].length);
});
