// What documents and comments point at is there.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import test from "node:test";
import { files, read } from "./tree.mjs";

const all = files();
const there = (path) => existsSync(new URL(`../../${path}`, import.meta.url));
const text = (path) => read(path).toString();
const documents = all.filter((path) => path.endsWith(".md"));
const decisions = all.filter((path) => /^docs\/decisions\/\d{3}-.*\.md$/.test(path));

test("links of documents lead somewhere", () => {
    const wrong = [];
    for (const path of documents) {
        for (const [, link] of text(path).matchAll(/\]\(([^)\s]+)\)/g)) {
            if (/^[a-z]+:/.test(link) || link.startsWith("#")) continue;
            const target = posix.join(posix.dirname(path), link.replace(/#.*/, ""));
            if (!there(target)) wrong.push(`${path}: ${link}`);
        }
    }
    assert.deepEqual(wrong, []);
});

test("documents and decisions that code names are there", () => {
    const numbers = new Set(decisions.map((path) => path.match(/\d{3}/)[0]));
    const wrong = [];
    for (const path of all.filter((each) => /\.(cc|h|mjs|js|ts|sh|cmake|sql|md|json|yaml|toml)$/.test(each))) {
        const content = text(path);
        for (const [name] of content.matchAll(/\bdocs\/[\w/-]+\.(?:md|json)/g))
            if (!there(name)) wrong.push(`${path}: ${name}`);
        for (const [name, number] of content.matchAll(/\b(?:docs\/decisions\/|[Dd]ecision )(\d{3})\b/g))
            if (!numbers.has(number)) wrong.push(`${path}: ${name}`);
    }
    assert.deepEqual(wrong, []);
});

test("the index of documents names every one", () => {
    const index = text("docs/README.md");
    const missing = all
        .filter((path) => /^docs\/([\w-]+|decisions\/.*)\.md$/.test(path) && path !== "docs/README.md")
        .filter((path) => !index.includes(`(${path.slice("docs/".length)})`));
    assert.deepEqual(missing, []);
    const protocols = text("docs/protocols/README.md");
    const chapters = all
        .filter((path) => /^docs\/protocols\/(?!README)/.test(path))
        .map((path) => path.split("/").at(-1));
    assert.deepEqual(
        chapters.filter((name) => !protocols.includes(`(${name})`)),
        [],
    );
});

test("decisions have numbers of their own", () => {
    const numbers = decisions.map((path) => path.match(/\d{3}/)[0]);
    assert.deepEqual(numbers, [...new Set(numbers)]);
});
