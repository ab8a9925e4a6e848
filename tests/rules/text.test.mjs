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
            // eslint-disable-next-line no-control-regex
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

test("JavaScript is formatted (./dev format)", () => {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["node_modules/@biomejs/biome/bin/biome", "format", "."],
        {
            cwd: root,
            encoding: "utf8",
        },
    );
    assert.equal(status, 0, `run ./dev format\n${stdout}${stderr}`);
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
    const { dependencies = {}, devDependencies = {} } = JSON.parse(read("package.json"));
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
        ([, version]) => !/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/.test(version),
    );
    assert.deepEqual(loose, []);
    const { packages } = JSON.parse(read("package-lock.json"));
    assert.deepEqual(
        Object.keys(packages).filter((name) => "resolved" in packages[name]),
        [],
    );
});
