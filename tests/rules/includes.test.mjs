// Rooms depend in one direction (docs/architecture.md), and each third-party library lives in one room.
import assert from "node:assert/strict";
import { posix } from "node:path";
import test from "node:test";
import { files, isCpp, read } from "./tree.mjs";

// A room may include itself and the rooms of earlier rows, never its neighbours in the same row.
const rows = [["base"], ["effect"], ["crypto", "codec"], ["lead", "wire"], ["platforms"], ["jobs"], ["engine"]];
const rowOf = new Map(rows.flatMap((rooms, row) => rooms.map((room) => [room, row])));

const owners = [
    { library: /^cryptopp\//, room: "crypto" },
    { library: /^(nlohmann\/|pugixml\.hpp$)/, room: "codec" },
];
// Standard headers that reach a clock, a file, a terminal, a thread or a random device.
const outside = new Set(
    "chrono ctime time.h fstream iostream filesystem thread jthread mutex future condition_variable random csignal".split(
        " ",
    ),
);

// Made by the build (cmake/gbk_table.mjs, cmake/region_table.mjs), each for one file.
const generated = new Set(["gbk_table.h", "region_table_data.h"]);

const core = files().filter((path) => isCpp(path) && path.startsWith("src/"));

function* includes(paths) {
    for (const path of paths) {
        let line = 0;
        for (const text of read(path).toString().split("\n")) {
            line += 1;
            const found = text.match(/^\s*#\s*include\s*([<"])([^>"]+)[>"]/);
            if (found)
                yield {
                    path,
                    where: `${path}:${line}`,
                    room: path.split("/")[1],
                    quoted: found[1] === '"',
                    name: found[2],
                };
        }
    }
}

test("every room of src/ has its place in the order", () => {
    const unknown = new Set(core.map((path) => path.split("/")[1]).filter((room) => !rowOf.has(room)));
    assert.deepEqual([...unknown], [], "add the room to `rows` in tests/rules/includes.test.mjs");
});

test("no room includes a later one", () => {
    const wrong = [];
    for (const { where, room, quoted, name } of includes(core)) {
        if (!quoted) continue;
        const other = name.split("/")[0];
        if (generated.has(name)) continue;
        if (!name.includes("/") || !rowOf.has(other)) wrong.push(`${where}: "${name}" is not written from src/`);
        else if (other !== room && rowOf.get(other) >= rowOf.get(room))
            wrong.push(`${where}: ${room} includes ${other}`);
    }
    assert.deepEqual(wrong, []);
});

test("a platform is reached through its registry only", () => {
    const wrong = [];
    for (const { path, where, name } of includes(core)) {
        const target = name.match(/^platforms\/([^/]+)\//)?.[1];
        const inside = path.startsWith(`src/platforms/${target}/`) || path === "src/platforms/registry.cc";
        if (target && !inside) wrong.push(`${where}: ${name}`);
    }
    assert.deepEqual(wrong, []);
});

test("third-party libraries stay in their room, and the core includes nothing of the system", () => {
    const wrong = [];
    for (const { where, room, quoted, name } of includes(core)) {
        if (quoted) continue;
        const owner = owners.find(({ library }) => library.test(name));
        if (owner ? owner.room !== room : name.includes("/") || /\.h(pp)?$/.test(name) || outside.has(name))
            wrong.push(`${where}: <${name}>`);
    }
    assert.deepEqual(wrong, []);
});

test("the module's door includes only the core and plain headers", () => {
    const wrong = [];
    for (const { where, quoted, name } of includes(files().filter((path) => isCpp(path) && path.startsWith("wasm/"))))
        if (!quoted && (name.includes("/") || name.includes(".") || outside.has(name)))
            wrong.push(`${where}: <${name}>`);
    assert.deepEqual(wrong, []);
});

// ---- functions/: hosts stand on the core and on what they share, never on each other ---------------------------------------

// Folders of C++, the innermost first: what a file there may include besides its own folder.
const hostRooms = [
    { folder: "functions/native/store/sqlite/", may: ["functions/native/store/"] },
    { folder: "functions/native/store/dynamodb/", may: ["functions/native/store/", "functions/native/aws/"] },
    { folder: "functions/native/store/", may: ["functions/native/"] },
    { folder: "functions/native/aws/", may: ["functions/native/"] },
    { folder: "functions/native/", may: [] },
    { folder: "functions/cli/", may: ["functions/native/"] },
    { folder: "functions/lambda/", may: ["functions/native/"] },
    { folder: "functions/", may: ["functions/cli/", "functions/lambda/"] },
];
// A folder whose headers only its own files and these see: whoever needs a store asks for one.
const closed = [
    { folder: "functions/native/store/sqlite/", to: "functions/native/store/open.cc" },
    { folder: "functions/native/store/dynamodb/", to: "functions/native/store/open.cc" },
];
// The core's face for hosts.
const faces = new Set(["base", "codec", "effect", "engine"]);
// Lambda's runtime loop reads past what is too large and keeps its connection, which HttpClient does not: it has libcurl itself.
const hostOwners = [
    { library: /^CLI\//, files: /^functions\/cli\// },
    { library: /^sqlite3\.h$/, files: /^functions\/native\/store\/sqlite\// },
    { library: /^curl\//, files: /^functions\/(native\/http_curl\.cc|lambda\/runtime\.cc)$/ },
    // Stores take the contract as types; DynamoDB's own items are JSON.
    { library: /^nlohmann\//, files: /^functions\/(cli\/|native\/(?!store\/(?!dynamodb\/)))/ },
];
const systemHeader = /^(sys\/\w+|unistd|fcntl|poll|netdb|netinet\/\w+|arpa\/\w+)\.h$/;

const hosts = files().filter((path) => isCpp(path) && path.startsWith("functions/"));
const roomOf = (path) => hostRooms.find(({ folder }) => path.startsWith(folder));

test("hosts include the core's face, what they share, and nothing of each other", () => {
    const wrong = [];
    for (const { path, where, quoted, name } of includes(hosts)) {
        if (!quoted || name === "sql_files.h") continue; // made by the build, for the SQLite store
        if (!name.startsWith("functions/")) {
            if (!faces.has(name.split("/")[0])) wrong.push(`${where}: "${name}" is not for hosts`);
            continue;
        }
        const { folder, may } = roomOf(path);
        const target = roomOf(name).folder;
        const inside = target === folder || (folder === "functions/native/" && name.startsWith(folder));
        if (!inside && !may.some((each) => name.startsWith(each))) wrong.push(`${where}: ${folder} includes "${name}"`);
        const door = closed.find((each) => name.startsWith(each.folder));
        if (door && folder !== door.folder && path !== door.to) wrong.push(`${where}: "${name}" is for ${door.to}`);
    }
    assert.deepEqual(wrong, []);
});

test("third-party libraries of the hosts stay with their owner", () => {
    const wrong = [];
    for (const { path, where, quoted, name } of includes(hosts)) {
        if (quoted || systemHeader.test(name)) continue;
        const owner = hostOwners.find(({ library }) => library.test(name));
        if (owner ? !owner.files.test(path) : name.includes("/") || /\.h(pp)?$/.test(name))
            wrong.push(`${where}: <${name}>`);
    }
    assert.deepEqual(wrong, []);
});

// What JavaScript of a folder may import from other folders. Packages: only what builds the page.
const scripts = [
    { folder: "functions/host/", may: ["wasm/"] },
    { folder: "functions/cloudflare/", may: ["functions/host/", "wasm/"] },
    { folder: "functions/preview/", may: ["functions/host/", "wasm/"] },
    { folder: "wasm/", may: [] },
];
// Statements at the start of a line, and import("...") wherever it stands, in types too.
const IMPORT = /(?:^(?:import|export)\b[^'"`();]*?from\s*|^import\s*|\bimport\(\s*)["']([^"'\n]+)["']/gm;

test("JavaScript of the hosts imports the shared host, the loader, and nothing of tests or infra", () => {
    const wrong = [];
    const paths = files().filter((path) => /^(functions|wasm)\/.*\.(mjs|js|ts)$/.test(path));
    for (const path of paths) {
        const room = scripts.find(({ folder }) => path.startsWith(folder));
        if (!room) {
            wrong.push(`${path}: add its folder to \`scripts\` in tests/rules/includes.test.mjs`);
            continue;
        }
        const builds = path === "functions/preview/build.mjs";
        for (const [, name] of read(path).toString().matchAll(IMPORT)) {
            if (!name.startsWith(".")) {
                if (!builds && !name.startsWith("leadbridge:")) wrong.push(`${path}: ${name}`);
                continue;
            }
            const target = posix.join(posix.dirname(path), name);
            if (![room.folder, ...room.may].some((each) => target.startsWith(each))) wrong.push(`${path}: ${name}`);
        }
    }
    assert.deepEqual(wrong, []);
});
