// Builds the preview page: one HTML file that holds everything (style, script, worker, the core as gzip in base64), with a policy made of
// the hashes of what is in it. Use: node functions/preview/build.mjs [--wasm build/leadbridge.wasm] [--to build]
// Writes TO/leadbridge-preview.html, and TO/preview/ for static hosts (the same file as index.html, and its headers).
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build as bundle } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const TARGET = ["chrome103", "edge103", "firefox113", "safari16.4"]; // DecompressionStream and wasm exceptions
const ICON =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fd0"/><path d="M5 21c3-9 19-9 22 0M9 21v-4M16 21v-7M23 21v-4" stroke="#fff" stroke-width="2.6" fill="none" stroke-linecap="round"/></svg>';

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** The policy of the page, as its own meta has it; a server sends the same as a header, with frame-ancestors. */
export const policyOf = (html) => /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)?.[1] ?? "";
export const headerPolicyOf = (html) => `${policyOf(html)}; frame-ancestors 'none'`;

/** Everything but the style is in two scripts; connect-src is narrowed by the first of them before the second exists. */
const policy = ({ guard, script, style }) =>
    [
        "default-src 'none'",
        `script-src ${hash(guard)} ${hash(script)} 'wasm-unsafe-eval'`,
        `style-src ${hash(style)}`,
        "img-src data: blob:",
        "worker-src blob:",
        "connect-src https: http://127.0.0.1:* http://localhost:*",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types leadbridge",
    ].join("; ");

/** Text that must stand inside an inline element without ending it. */
function inline(text, name) {
    if (/<\/(script|style)|<!--|\r|\0/i.test(text))
        throw new Error(`${name} holds a text that cannot stand inside the page`);
    return text;
}

async function script(entry, parts = {}) {
    const { outputFiles } = await bundle({
        entryPoints: [join(HERE, entry)],
        bundle: true,
        minify: true,
        write: false,
        format: "iife",
        target: TARGET,
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        plugins: [
            {
                name: "parts",
                setup(build) {
                    build.onResolve({ filter: /^leadbridge:/ }, ({ path }) => ({
                        path: path.slice("leadbridge:".length),
                        namespace: "part",
                    }));
                    build.onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => ({
                        contents: parts[path],
                        loader: "text",
                    }));
                },
            },
        ],
    });
    return outputFiles[0].text.trim();
}

async function styles() {
    const sheets = [
        "style.css",
        ...["leads", "pictures", "exports", "debugger", "live"].map((name) => `${name}/${name}.css`),
    ].filter((path) => existsSync(join(HERE, path)));
    const { outputFiles } = await bundle({
        stdin: {
            contents: sheets.map((path) => `@import "./${path}";`).join("\n"),
            resolveDir: HERE,
            loader: "css",
        },
        bundle: true,
        minify: true,
        write: false,
        target: TARGET,
        charset: "utf8",
        logLevel: "warning",
    });
    return outputFiles[0].text.trim();
}

const MODULE = join(ROOT, "build/leadbridge.wasm");

/** @returns {Promise<{html: string, sizes: Record<string, number>}>} */
export async function buildPage({ wasm = MODULE } = {}) {
    if (!existsSync(wasm))
        throw new Error(`${relative(process.cwd(), wasm)} is not there: build it first with ./dev build`);
    const module = gzipSync(readFileSync(wasm), { level: 9 });
    module[9] = 255; // the system in gzip's header: the same file from every machine
    const packed = module.toString("base64");
    const worker = await script("dataset/worker.mjs");
    const [main, style, guard] = await Promise.all([
        script("main.mjs", { worker, module: packed }),
        styles(),
        bundle({
            entryPoints: [join(HERE, "guard.js")],
            minify: true,
            write: false,
            target: TARGET,
            charset: "utf8",
        }).then(({ outputFiles }) => outputFiles[0].text.trim()),
    ]);
    const parts = {
        guard: inline(guard, "guard.js"),
        script: inline(main, "main.mjs"),
        style: inline(style, "style.css"),
    };
    const values = {
        POLICY: policy(parts),
        GUARD: parts.guard,
        STYLE: parts.style,
        SCRIPT: parts.script,
        ICON: `data:image/svg+xml,${encodeURIComponent(ICON)}`,
    };
    const html = readFileSync(join(HERE, "index.html"), "utf8").replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
    return {
        html,
        sizes: {
            core: packed.length,
            worker: worker.length,
            script: main.length - packed.length - worker.length,
            style: style.length,
            page: Buffer.byteLength(html),
        },
    };
}

/** Written only when it changed, so that what depends on it is left alone. */
function put(path, text) {
    if (existsSync(path) && readFileSync(path, "utf8") === text) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
}

// For hosts that read a `_headers` file; others take the three lines by hand.
const hostHeaders = (html) => `/*
  Content-Security-Policy: ${headerPolicyOf(html)}
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
`;

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
    try {
        const { values } = parseArgs({
            options: {
                wasm: { type: "string", default: MODULE },
                to: { type: "string", default: join(ROOT, "build") },
            },
        });
        const { html, sizes } = await buildPage(values);
        put(join(values.to, "leadbridge-preview.html"), html);
        put(join(values.to, "preview/index.html"), html);
        put(join(values.to, "preview/_headers"), hostHeaders(html));
        const kb = (bytes) => `${Math.round(bytes / 1024)} KB`;
        const name = relative(process.cwd(), join(values.to, "leadbridge-preview.html"));
        console.log(
            `${name}: ${kb(sizes.page)}, gzip ${kb(gzipSync(html).length)} (core ${kb(sizes.core)}, script ${kb(sizes.script)}, worker ${kb(sizes.worker)}, style ${kb(sizes.style)})`,
        );
    } catch (error) {
        console.error(`preview: ${error.message}`);
        process.exitCode = 1;
    }
}
