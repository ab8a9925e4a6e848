// What users read in two languages says the same things in both: the same sections, rows, commands, links and numbers.
import assert from "node:assert/strict";
import test from "node:test";
import { files, read } from "./tree.mjs";

const pairs = files()
    .filter((path) => path.endsWith(".zh-CN.md"))
    .map((chinese) => [chinese.replace(".zh-CN.md", ".md"), chinese]);
const text = (path) => read(path).toString();
const found = (content, pattern) => [...content.matchAll(pattern)].map(([, what]) => what);

test("there is a Chinese README", () => assert.ok(pairs.some(([english]) => english === "README.md")));

for (const [english, chinese] of pairs) {
    test(`${english} and ${chinese}`, () => {
        const [one, other] = [text(english), text(chinese)];
        for (const [what, pattern] of [
            ["headings by level", /^(#+) /gm],
            ["rows of tables", /^(\|)/gm],
            ["code blocks", /^(```\w*)/gm],
        ])
            assert.deepEqual(found(other, pattern), found(one, pattern), what);
        const links = (content) =>
            [...new Set(found(content, /\]\(([^)]+)\)/g))]
                .filter((link) => !/^README(\.zh-CN)?\.md$/.test(link))
                .sort();
        assert.deepEqual(links(other), links(one), "links");
        // Code is the same but for its remarks.
        const code = (content) =>
            found(content, /```\w*\n([\s\S]*?)```/g).map((block) =>
                block
                    .split("\n")
                    .map((line) => line.replace(/(^|\s)(#|\/\/).*$/, "").trimEnd())
                    .filter(Boolean),
            );
        const [ours, theirs] = [code(one), code(other)];
        ours.forEach((block, i) => {
            if (!block.some((line) => /^(src|wasm)\//.test(line))) assert.deepEqual(theirs[i], block, "code");
        });
    });
}

test("README is short, and has a picture", () => {
    for (const path of ["README.md", "README.zh-CN.md"]) {
        assert.ok(text(path).split("\n").length <= 121, `${path} has more than 120 lines`);
        assert.match(text(path), /!\[[^\]]+\]\([^)]+\.png\)/);
    }
});
