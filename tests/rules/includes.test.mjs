// Rooms depend in one direction (docs: the design's tree), and each third-party library lives in one room.
import assert from "node:assert/strict";
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

// Made by the build (cmake/gbk_table.mjs), for one file.
const generated = new Set(["gbk_table.h"]);

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
