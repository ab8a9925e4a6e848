// Puts the Worker together without a bundler: copies the modules it imports, the SQL and the WebAssembly file into
// build/worker/, with the same relative paths. Use: node infra/cloudflare/assemble.mjs [--config leadbridge.json]
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkConfig, Problem, secretsOf } from "../config_check.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const START = ["functions/cloudflare/worker.mjs", "functions/cloudflare/store_d1.mjs"];
export const SQL = ["infra/sql/schema.sql", "infra/sql/statements.sql"];
const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s*["'](\.[^"']+)["']/gm;

/** The preview page as a module: text, tag, and the policy that its own meta has (functions/preview/build.mjs); null when it was not built. */
function previewModule(path) {
    if (!existsSync(path)) return null;
    const html = readFileSync(path, "utf8");
    const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)?.[1];
    if (!policy) throw new Error(`${path} has no policy: it is not what ./dev build makes`);
    return { html, policy, etag: `"${createHash("sha256").update(html).digest("hex").slice(0, 32)}"` };
}

/** @returns {string[]} names of the Worker secrets it needs @throws {Problem} what no Worker can do */
function checkForWorker(configText) {
    const secrets = secretsOf(checkConfig(configText));
    const elsewhere = secrets.filter(({ kind }) => kind !== "env");
    if (elsewhere.length > 0)
        throw new Problem(
            elsewhere
                .map(
                    ({ at, kind }) => `${at}: a Worker cannot read {"${kind}"}; write {"env": "NAME"}, a Worker secret`,
                )
                .join("\n"),
        );
    return [...new Set(secrets.map(({ name }) => name))];
}

/** Modules of this tree that `start` needs, itself included; paths from the root. @param {string[]} start */
export function modulesOf(start) {
    const modules = new Set();
    const visit = (path) => {
        if (modules.has(path)) return;
        modules.add(path);
        for (const [, target] of readFileSync(join(ROOT, path), "utf8").matchAll(IMPORT))
            visit(join(dirname(path), target));
    };
    start.forEach(visit);
    return modules;
}

/**
 * @param {{to?: string, wasm?: string, preview?: string, config?: string}} paths default: build/worker, build/leadbridge.wasm, the page
 *   beside it, no bundled configuration
 * @returns {{entry: string, files: string[], secrets: string[]}} absolute path of the entry; the files, relative to its folder; names of
 *   the Worker secrets that the bundled configuration needs
 */
export function assemble({
    to = join(ROOT, "build/worker"),
    wasm = join(ROOT, "build/leadbridge.wasm"),
    preview = join(dirname(wasm), "leadbridge-preview.html"),
    config,
} = {}) {
    if (!existsSync(wasm))
        throw new Error(`${relative(process.cwd(), wasm) || wasm} is not there: build it first with ./dev build`);
    const configText = config ? readFileSync(config, "utf8") : "";
    const secrets = configText ? checkForWorker(configText) : []; // a Worker that cannot start is worse than a message now

    rmSync(to, { recursive: true, force: true });
    const put = (from, path) => {
        mkdirSync(dirname(join(to, path)), { recursive: true });
        copyFileSync(from, join(to, path));
    };
    const files = [...modulesOf(START), ...SQL];
    for (const path of files) put(join(ROOT, path), path);
    put(wasm, "leadbridge.wasm");
    put(join(ROOT, "infra/cloudflare/entry.mjs"), "worker.mjs");
    writeFileSync(join(to, "config.mjs"), `export default ${JSON.stringify(configText)};\n`);
    writeFileSync(join(to, "preview.mjs"), `export default ${JSON.stringify(previewModule(preview))};\n`);
    return {
        entry: join(to, "worker.mjs"),
        files: ["worker.mjs", "config.mjs", "preview.mjs", "leadbridge.wasm", ...files],
        secrets,
    };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    try {
        const { values } = parseArgs({
            options: {
                config: { type: "string" },
                to: { type: "string" },
                wasm: { type: "string" },
                preview: { type: "string" },
            },
        });
        const { entry, files, secrets } = assemble(values);
        console.log(
            `${relative(process.cwd(), entry)}: ${files.length} files${values.config ? `, with ${values.config}` : ""}`,
        );
        if (values.config) {
            console.log("deploy: npx wrangler deploy --config infra/cloudflare/wrangler.jsonc");
            if (secrets.length > 0) console.log("then, once each (a changed secret deploys by itself):");
            for (const name of secrets)
                console.log(`  npx wrangler secret put ${name} --config infra/cloudflare/wrangler.jsonc`);
        }
    } catch (error) {
        if (!(error instanceof Error)) throw error;
        console.error(`assemble: ${error.message}`);
        process.exitCode = 1;
    }
}
