// Rules about the text of committed files.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { files, isCpp, read, root } from "./tree.mjs";

const all = files();

test("C++ is ASCII, except where Chinese is the subject", () => {
    const chinese = /^(src\/lead|src\/platforms|tests)\//;
    const wrong = [];
    for (const path of all.filter((path) => isCpp(path) && !chinese.test(path)))
        read(path)
            .toString()
            .split("\n")
            .forEach((line, index) => /[^\x00-\x7f]/.test(line) && wrong.push(`${path}:${index + 1}: ${line.trim()}`));
    assert.deepEqual(wrong, []);
});

test("C++ is formatted (./dev format)", () => {
    const sources = all.filter(isCpp);
    assert.ok(sources.length > 0);
    const { status, stderr, error } = spawnSync("clang-format", ["--dry-run", "--Werror", ...sources], {
        cwd: root,
        encoding: "utf8",
    });
    assert.ifError(error);
    const wrong = [...new Set([...stderr.matchAll(/^(\S+?):\d+:\d+: error/gm)].map(([, path]) => path))];
    assert.deepEqual(wrong, [], "run ./dev format");
    assert.equal(status, 0, stderr);
});

for (const [what, args, hint] of [
    ["formatted (./dev format)", ["format"], "run ./dev format"],
    [
        "clean (./dev lint)",
        ["lint", "--error-on-warnings"],
        "mend it, or switch the rule off in biome.jsonc and say why",
    ],
])
    test(`JavaScript is ${what}`, () => {
        const biome = ["node_modules/@biomejs/biome/bin/biome", ...args, "."];
        const { status, stdout, stderr } = spawnSync(process.execPath, biome, { cwd: root, encoding: "utf8" });
        assert.equal(status, 0, `${hint}\n${stdout}${stderr}`);
    });

test("text is as .editorconfig wants it", () => {
    const data = /^tests\/(cases|vectors)\//;
    const wrong = [];
    for (const path of all.filter((path) => !data.test(path))) {
        const bytes = read(path);
        if (bytes.includes(0)) continue;
        if (bytes.length > 0 && bytes.at(-1) !== 10) wrong.push(`${path}: no line break at its end`);
        const lines = bytes.toString().split("\n");
        const at = lines.findIndex((line) => /[ \t\r]$|^\s*\t/.test(line));
        if (at >= 0) wrong.push(`${path}:${at + 1}: a blank at the end of the line, or a tab`);
    }
    assert.deepEqual(wrong, []);
});

test("no committed file names a package registry or a path of somebody's machine", () => {
    // Spelt in pieces, or this file would break its own rule.
    const names = [
        ["npmjs", "org"],
        ["npmjs", "com"],
        ["deb", "debian", "org"],
        ["security", "debian", "org"],
        ["pypi", "org"],
        ["pythonhosted", "org"],
        ["crates", "io"],
        ["yarnpkg", "com"],
        ["npmmirror", "com"],
        ["nodesource", "com"],
    ].map((parts) => parts.join("\\."));
    const folders = ["home/[a-z]", "root/", "Users/[A-Za-z]", "work/", "tmp/lb"].map(
        (folder) => `(?<![\\w.:/-])/${folder}`,
    );
    const pattern = new RegExp([...names, ...folders].join("|"));
    const wrong = [];
    for (const path of all) {
        const bytes = read(path);
        if (bytes.includes(0)) continue;
        bytes
            .toString()
            .split("\n")
            .forEach((line, index) => {
                const found = line.match(pattern);
                if (found) wrong.push(`${path}:${index + 1}: ${found[0]}`);
            });
    }
    assert.deepEqual(wrong, []);
});

test("npm packages have exact versions, and the lock file names no address to fetch them from", () => {
    const { dependencies = {}, devDependencies = {}, optionalDependencies = {} } = JSON.parse(read("package.json"));
    const loose = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
        ([, version]) => !/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/.test(version),
    );
    assert.deepEqual(loose, []);
    const { packages } = JSON.parse(read("package-lock.json"));
    assert.deepEqual(
        Object.keys(packages).filter((name) => "resolved" in packages[name]),
        [],
    );
});
