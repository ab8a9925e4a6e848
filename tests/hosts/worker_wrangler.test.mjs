// What `npx wrangler deploy` would send, with the very wrangler.toml; nothing leaves this machine.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { echoModule } from "./fakes/echo.mjs";
import { NO_MODULE, ROOT, WASM } from "./fakes/module.mjs";

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
    copyFileSync(join(ROOT, "infra/cloudflare/wrangler.toml"), join(root, "infra/cloudflare/wrangler.toml"));
    const wrangler = join(dirname(createRequire(import.meta.url).resolve("wrangler/package.json")), "bin/wrangler.js");
    const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [wrangler, "deploy", "--dry-run", "--config", "infra/cloudflare/wrangler.toml", "--outdir", "out"],
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
    writeFileSync(config, '{"tenant": "acme", "id": 9223372036854775807}');
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
    writeFileSync(config, '{"tenant": ');
    assert.throws(() => assembled(root, config), SyntaxError);
});
