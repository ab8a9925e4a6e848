// `./dev package npm`: build/leadbridge-VERSION.tgz for programs that adopt the bridge: module, loader, drive loop, stores, types, the
// preview page. npm itself packs what is staged here, the same bytes twice. Nothing is published.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { modulesOf, SQL } from "../cloudflare/assemble.mjs";
import { MODULE, notices, ownLicence } from "../notices.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
const OWN = ["index.mjs", "index.d.ts", "node.mjs", "node.d.ts", "worker.mjs", "worker.d.ts", "README.md"];
const MEMORY = "tests/store/memory.mjs";

const entry = (name) => ({ types: `./${name}.d.ts`, default: `./${name}.mjs` });

function manifest() {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    return {
        name,
        version,
        description: "Sales leads from Alibaba's platforms: WebAssembly core, drive loop, stores",
        license,
        type: "module",
        engines: { node: ">=20" },
        exports: {
            ".": entry("index"),
            "./node": entry("node"),
            "./worker": entry("worker"),
            "./leadbridge.wasm": "./leadbridge.wasm",
            "./preview.html": "./preview.html",
            "./sql/*.sql": "./sql/*.sql",
            "./package.json": "./package.json",
        },
        sideEffects: false,
    };
}

/** Everything that goes into the package, under `to`. */
function stage(to) {
    rmSync(to, { recursive: true, force: true });
    const put = (path, bytes) => {
        mkdirSync(dirname(join(to, path)), { recursive: true });
        writeFileSync(join(to, path), bytes);
    };
    const copy = (path, from) => put(path, readFileSync(from));
    const start = ["functions/host/drive.mjs", "functions/host/config.mjs", "functions/cloudflare/worker.mjs"];
    for (const path of modulesOf([...start, "functions/cloudflare/store_d1.mjs"])) {
        copy(path, join(ROOT, path));
        const types = path.replace(/\.mjs$/, ".d.ts");
        // Beside a .mjs stands a .d.mts.
        if (existsSync(join(ROOT, types))) copy(types.replace(/\.d\.ts$/, ".d.mts"), join(ROOT, types));
    }
    for (const path of OWN) copy(path, join(ROOT, "infra/npm", path));
    put("store/memory.mjs", readFileSync(join(ROOT, MEMORY), "utf8").replace("../../functions/", "../functions/"));
    for (const path of SQL) copy(`sql/${path.split("/").at(-1)}`, join(ROOT, path));
    copyFileSync(join(BUILD, "leadbridge.wasm"), join(to, "leadbridge.wasm"));
    copyFileSync(join(BUILD, "leadbridge-preview.html"), join(to, "preview.html"));
    put("LICENSE", ownLicence(ROOT));
    put("NOTICES", notices(MODULE, { root: ROOT, build: BUILD }));
    put("package.json", `${JSON.stringify(manifest(), null, 2)}\n`);
}

function main() {
    for (const name of ["leadbridge.wasm", "leadbridge-preview.html"]) {
        if (!existsSync(join(BUILD, name))) throw new Error(`${name} is not there: build it first with ./dev build`);
    }
    const staged = join(BUILD, "npm");
    stage(staged);
    const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", BUILD], {
        cwd: staged,
        encoding: "utf8",
    });
    const answer = JSON.parse(packed);
    const { filename, entryCount } = Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
    const bytes = readFileSync(join(BUILD, filename));
    console.log(`${relative(process.cwd(), join(BUILD, filename))}  ${bytes.length} bytes  ${entryCount} files`);
    console.log(`sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
}

try {
    main();
} catch (error) {
    console.error(`package: ${error.message}`);
    process.exitCode = 1;
}
