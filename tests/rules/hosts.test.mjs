// Hosts decide nothing: what a platform is, and what to say about it, is the core's.
import assert from "node:assert/strict";
import test from "node:test";
import { files, read } from "./tree.mjs";

const PLATFORMS = files()
    .map((path) => /^src\/platforms\/(\w+)\//.exec(path)?.[1])
    .filter((name, at, all) => name && name !== "leadbridge" && all.indexOf(name) === at);

test("no host names a platform", () => {
    assert.ok(PLATFORMS.length >= 5, PLATFORMS.join());
    const hosts = files().filter((path) => /^functions\/(cloudflare|lambda|native|host)\//.test(path));
    assert.ok(hosts.length > 20);
    // A short name may be part of a word: it counts in quotes.
    const pattern = new RegExp(PLATFORMS.map((name) => (name.length < 5 ? `["']${name}["']` : name)).join("|"), "i");
    const wrong = [];
    for (const path of hosts) {
        for (const [at, line] of read(path).toString().split("\n").entries())
            if (pattern.test(line)) wrong.push(`${path}:${at + 1}: ${line.trim()}`);
    }
    assert.deepEqual(wrong, []);
});
