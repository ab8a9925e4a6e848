// `./dev release`: everything a release consists of, in build/release/, with checksums. The same build gives the same bytes. Nothing is
// published.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { MODULE, NATIVE, notices, ownLicence } from "./notices.mjs";
import { sbomOf } from "./sbom.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const BUILD = resolve(process.env.LEADBRIDGE_BUILD ?? join(ROOT, "build"));
const TO = join(BUILD, "release");

/** The version, which package.json, CMake and the changelog must agree on. */
function versionOf() {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const built = JSON.parse(
        execFileSync(join(BUILD, "leadbridge"), ["version", "--json"], { encoding: "utf8" }),
    ).version;
    if (built !== version) throw new Error(`package.json says ${version}, the program ${built}`);
    const changelog = readFileSync(join(ROOT, "CHANGELOG.md"), "utf8");
    const unreleased = /^## Unreleased$/m.test(changelog);
    const named = changelog.includes(`\n## ${version}`);
    if (!named && !unreleased) throw new Error(`CHANGELOG.md says nothing of ${version}`);
    return version;
}

function main() {
    for (const name of ["leadbridge", "leadbridge.wasm", "leadbridge-preview.html"])
        if (!existsSync(join(BUILD, name))) throw new Error(`${name} is not there: build it first with ./dev build`);
    const version = versionOf();
    rmSync(TO, { recursive: true, force: true });
    mkdirSync(TO, { recursive: true });
    const run = (script, ...args) => execFileSync(process.execPath, [join(ROOT, script), ...args], { stdio: "pipe" });
    run("infra/aws/package.mjs", "--to", join(TO, `leadbridge-${version}-lambda.zip`));
    run("infra/npm/package.mjs");
    copyFileSync(join(BUILD, `leadbridge-${version}.tgz`), join(TO, `leadbridge-${version}.tgz`));
    copyFileSync(join(BUILD, "leadbridge"), join(TO, "leadbridge"));
    copyFileSync(join(BUILD, "leadbridge.wasm"), join(TO, "leadbridge.wasm"));
    copyFileSync(join(BUILD, "leadbridge-preview.html"), join(TO, "leadbridge-preview.html"));
    copyFileSync(join(ROOT, "CHANGELOG.md"), join(TO, "CHANGELOG.md"));
    const where = { root: ROOT, build: BUILD };
    const put = (name, text) => writeFileSync(join(TO, name), text);
    const bom = (name, type, parts) =>
        put(`${name}.cdx.json`, `${JSON.stringify(sbomOf({ name, version, type }, parts, where), null, 2)}\n`);
    bom("leadbridge", "application", NATIVE);
    bom("leadbridge.wasm", "library", MODULE);
    put("LICENSE", ownLicence(ROOT));
    put(
        "NOTICES",
        notices(
            { ...NATIVE, debian: [...NATIVE.debian, "emscripten"], compiled: [...NATIVE.compiled, ...MODULE.compiled] },
            where,
        ),
    );
    const sums = readdirSync(TO)
        .sort()
        .map(
            (name) =>
                `${createHash("sha256")
                    .update(readFileSync(join(TO, name)))
                    .digest("hex")}  ${name}`,
        );
    put("SHA256SUMS", `${sums.join("\n")}\n`);
    console.log(`${relative(process.cwd(), TO)}: leadbridge ${version}`);
    for (const line of sums) console.log(line);
}

try {
    main();
} catch (error) {
    console.error(`release: ${error.message}`);
    process.exitCode = 1;
}
