import assert from "node:assert/strict";
import test from "node:test";
import { clean, fit, table, width } from "../../infra/dev/table.mjs";

test("Chinese counts two columns, joined emoji do not break a line", () => {
    assert.equal(width("客资 ab"), 7);
    assert.equal(width("（全角）"), 8);
    assert.equal(width("e\u0301"), 1);
    assert.equal(fit("春季装修活动", 7), "春季装…");
    assert.equal(fit("abc", 3), "abc");
});

test("columns line up", () => {
    const lines = table(
        ["name", "id"],
        [
            ["张三", "1"],
            ["Test Person", "22"],
            [null, "3"],
        ],
    );
    assert.deepEqual(lines, [
        "name         id",
        "-----------  --",
        "张三         1",
        "Test Person  22",
        "             3",
    ]);
});

test("text from outside cannot move the cursor", () => {
    assert.equal(clean("a\u001b[2Jb\r\nc\u202ed"), "a [2Jb c d");
});
