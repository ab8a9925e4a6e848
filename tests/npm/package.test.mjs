// `./dev package npm` as who adopts it sees it: installed into an empty project, which pulls leads from the sandbox in Node, in workerd
// and in Chromium, and compiles against the types.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startModules } from "../../infra/dev/local_worker.mjs";
import { BUILD, ROOT } from "../hosts/fakes/module.mjs";
import { launch } from "../preview/browser/harness.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";
import { startServer } from "../sandbox/server.mjs";

const run = promisify(execFile);
const LEADS = 12;
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const TARBALL = join(BUILD, `leadbridge-${version}.tgz`);

const pack = (env = {}) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "infra/npm/package.mjs")], {
        encoding: "utf8",
        env: { ...process.env, LEADBRIDGE_BUILD: BUILD, ...env },
    });
    assert.equal(status, 0, stderr);
    return stdout;
};

let project;
let sandbox;
let server;
let secrets;
before(async () => {
    pack();
    project = mkdtempSync(join(tmpdir(), "lb-npm-"));
    writeFileSync(join(project, "package.json"), '{"name": "consumer", "private": true, "type": "module"}');
    await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", TARBALL], {
        cwd: project,
    });
    sandbox = createSandbox({ newestAt: Date.now(), leads: LEADS });
    server = await startServer(sandbox);
    secrets = {
        TOP_APP_SECRET: sandbox.options.app_secret,
        TOP_SESSION: sandbox.options.session,
        ALIMAMA_RSA_KEY: sandbox.keys.privatePem,
    };
});
after(() => {
    server?.close();
    rmSync(project, { recursive: true, force: true });
});

/** The package's own example, at the sandbox instead of the platform. */
function example() {
    const [, code] = /```js\n([\s\S]*?)```/.exec(
        readFileSync(join(project, "node_modules/leadbridge/README.md"), "utf8"),
    );
    assert.ok(code.trim().split("\n").length <= 20, "the example has twenty lines");
    const there = code
        .replace('app_key: "12345678"', `app_key: ${JSON.stringify(sandbox.options.app_key)}`)
        .replace('platform: "alimama"', `platform: "alimama", endpoint: "${server.url}/router/rest"`);
    assert.notEqual(there, code);
    return there;
}

test("the same bytes twice, and nothing but what is listed", () => {
    const first = pack({ TZ: "Asia/Shanghai" });
    assert.equal(pack({ TZ: "America/New_York" }), first);
    const listed = spawnSync("tar", ["tzf", TARBALL], { encoding: "utf8" }).stdout.trim().split("\n").sort();
    assert.deepEqual(
        listed.map((path) => path.replace(/^package\//, "")).filter((path) => !/^(functions|wasm|sql)\//.test(path)),
        [
            "LICENSE",
            "NOTICES",
            "README.md",
            "index.d.ts",
            "index.mjs",
            "leadbridge.wasm",
            "node.d.ts",
            "node.mjs",
            "package.json",
            "preview.html",
            "store/memory.mjs",
            "worker.d.ts",
            "worker.mjs",
        ],
    );
    assert.ok(listed.every((path) => /\.(mjs|d\.mts|d\.ts|wasm|sql|html|json|md)$|LICENSE$|NOTICES$/.test(path)));
    assert.ok(!listed.some((path) => /test|bench|node_modules/.test(path)));
});

for (const node of [...new Set([process.execPath, "/usr/local/bin/node", "/usr/bin/node"])].filter(existsSync)) {
    const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
    test(`the example in Node ${stdout.trim()}`, async () => {
        writeFileSync(join(project, "pull.mjs"), example());
        const { stdout: out, stderr } = await run(node, ["pull.mjs"], {
            cwd: project,
            env: { PATH: process.env.PATH, ...secrets },
        });
        const lines = out.trim().split("\n");
        assert.equal(lines.length, LEADS, out + stderr);
        for (const line of lines) assert.match(line, /^alimama:\S+ .* 1\d\d\*{4}\d{4}$/);
    });
}

test("a configuration that cannot work says what to do", async () => {
    writeFileSync(join(project, "pull.mjs"), example());
    const { stderr } = await run(process.execPath, ["pull.mjs"], {
        cwd: project,
        env: { PATH: process.env.PATH },
    }).catch((error) => error);
    assert.match(stderr, /TOP_APP_SECRET is not set/);
});

const bundle = async (source, options) => {
    const [{ text }] = (
        await build({
            stdin: { contents: source, resolveDir: project, sourcefile: "consumer.mjs" },
            bundle: true,
            format: "esm",
            write: false,
            logLevel: "silent",
            ...options,
        })
    ).outputFiles;
    return text;
};
const moduleBytes = () => new Uint8Array(readFileSync(join(project, "node_modules/leadbridge/leadbridge.wasm")));
const config = () => ({
    apps: { main: { app_key: sandbox.options.app_key, app_secret: { env: "TOP_APP_SECRET" } } },
    sources: {
        ads: {
            platform: "alimama",
            endpoint: `${server.url}/router/rest`,
            session: { env: "TOP_SESSION" },
            mobile_key: { env: "ALIMAMA_RSA_KEY" },
        },
    },
});

test("a Worker of ten lines", async (t) => {
    const text = await bundle(
        `import module from "leadbridge/leadbridge.wasm";
         import { createBridge, openMemoryStore } from "leadbridge";
         export default {
             async fetch(request, env) {
                 const bridge = createBridge({ module, config: env.CONFIG, secrets: env, store: openMemoryStore() });
                 const { summary } = await bridge.run({ kind: "pull" });
                 const { summary: stored } = await bridge.run({ kind: "leads", limit: 50 });
                 return Response.json({ pulled: summary.sources[0].inserted, leads: stored.leads.length });
             },
         };`,
        { external: ["*.wasm"] },
    );
    const { worker, url } = await startModules(
        { "worker.mjs": text, "leadbridge/leadbridge.wasm": moduleBytes() },
        { bindings: { CONFIG: JSON.stringify(config()), ...secrets } },
    );
    t.after(() => worker.dispose());
    assert.deepEqual(await (await fetch(url)).json(), { pulled: LEADS, leads: LEADS });
});

test("the whole bridge as a Worker, with D1", async (t) => {
    const text = await bundle(
        `import module from "leadbridge/leadbridge.wasm";
         import schema from "leadbridge/sql/schema.sql";
         import statements from "leadbridge/sql/statements.sql";
         import { createWorker, openD1Store } from "leadbridge/worker";
         export default createWorker({ module, openStore: (db) => openD1Store(db, { schema, statements }) });`,
        { external: ["*.wasm"], loader: { ".sql": "text" } },
    );
    const { worker, url } = await startModules(
        { "worker.mjs": text, "leadbridge/leadbridge.wasm": moduleBytes() },
        { bindings: { LEADBRIDGE_CONFIG: JSON.stringify(config()), ...secrets }, databases: { DB: "consumer" } },
    );
    t.after(() => worker.dispose());
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test("a page in Chromium, through a server of its own origin", async (t) => {
    const script = await bundle(
        `import { createBridge, openMemoryStore } from "leadbridge";
         const { config, secrets } = await (await fetch("/config")).json();
         const bridge = createBridge({
             module: await WebAssembly.compileStreaming(fetch("/leadbridge.wasm")),
             config, secrets, store: openMemoryStore(),
         });
         const { summary } = await bridge.run({ kind: "pull" });
         const { summary: stored } = await bridge.run({ kind: "leads", limit: 50 });
         document.body.textContent = JSON.stringify({ pulled: summary.sources[0].inserted, leads: stored.leads.length });`,
        { platform: "browser" },
    );
    const files = {
        "/": [
            "text/html",
            '<!doctype html><meta charset="utf-8"><body><script type="module" src="/page.mjs"></script>',
        ],
        "/page.mjs": ["text/javascript", script],
        "/leadbridge.wasm": ["application/wasm", moduleBytes()],
    };
    const site = createServer(async (request, response) => {
        const { pathname } = new URL(request.url, "http://site");
        if (pathname === "/config") {
            const own = config();
            own.sources.ads.endpoint = `http://127.0.0.1:${site.address().port}/router/rest`;
            response.setHeader("content-type", "application/json");
            return response.end(JSON.stringify({ config: own, secrets }));
        }
        if (files[pathname]) {
            response.setHeader("content-type", files[pathname][0]);
            return response.end(files[pathname][1]);
        }
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const answer = await fetch(server.url + request.url, {
            method: request.method,
            headers: { "content-type": request.headers["content-type"] ?? "application/x-www-form-urlencoded" },
            ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
        });
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
        return response.end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise((done) => site.listen(0, "127.0.0.1", done));
    t.after(() => site.close());
    const { browser, close } = await launch();
    t.after(close);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${site.address().port}/`);
    await page.waitForFunction(() => document.body.textContent.startsWith("{"), null, { timeout: 30_000 });
    assert.deepEqual(JSON.parse(await page.textContent("body")), { pulled: LEADS, leads: LEADS });
});

test("the types compile, strictly, and a mistake does not", () => {
    const compile = (code) => {
        mkdirSync(join(project, "types"), { recursive: true });
        writeFileSync(join(project, "types/consumer.ts"), code);
        return spawnSync(
            process.execPath,
            [
                join(ROOT, "node_modules/typescript/bin/tsc"),
                ...["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"],
                "types/consumer.ts",
            ],
            { cwd: project, encoding: "utf8" },
        ).stdout;
    };
    const good = `
        import { createBridge, openMemoryStore, type Outcome, type Store } from "leadbridge";
        import { loadModule } from "leadbridge/node";
        import { createWorker, openD1Store, type Database } from "leadbridge/worker";
        const store: Store = openMemoryStore();
        const bridge = createBridge({ module: await loadModule(), config: {}, store, log: ({ level }) => void level });
        const outcome: Outcome = await bridge.run({ kind: "pull", sources: ["ads"] });
        const exit: 0 | 1 | 2 | 3 = outcome.exit;
        declare const db: Database;
        const worker = createWorker({ module: await loadModule(), openStore: () => openD1Store(db, { schema: "", statements: "" }) });
        const answer: Response = await worker.fetch(new Request("https://example.com"), {});
        export { answer, exit };`;
    assert.equal(compile(good), "");
    assert.match(compile(good.replace('kind: "pull"', "kind: 1")), /consumer\.ts.*not assignable/s);
});
