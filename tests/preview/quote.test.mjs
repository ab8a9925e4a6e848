// Commands to copy: a real shell must see exactly the words, whatever they hold; and our own readers must read them back.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { bashCommand, bashWord, cmdCommand, powershellCommand } from "../../functions/preview/debugger/quote.mjs";
import { parseCurl } from "../../functions/preview/debugger/parse/curl.mjs";

const HOSTILE = [
    "",
    " ",
    "it's",
    "$(touch x)",
    "`id`",
    '"double"',
    "\\",
    '\\\\"',
    "'; rm -rf x; '",
    "!!",
    "~",
    "*",
    "#x",
    "&&",
    "|",
    "-H",
    "%PATH%",
    "^",
    "a\nb",
    "a\r\nb",
    "\t",
    "\u0001\u001b[31m",
    "\u0007'1",
    "\u007f",
    "客资",
    "\u{1f600}",
    "\u202eabc",
    "\u2018x\u2019",
    "${IFS}",
    "{a,b}",
    "<x>",
    "@file",
    "x\\",
    "x\\'",
    '\\"',
];

test("bash sees every word exactly", () => {
    const { stdout, status, stderr } = spawnSync("bash", ["-c", `printf '%s\\0' ${HOSTILE.map(bashWord).join(" ")}`], {
        encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.split("\0").slice(0, -1), HOSTILE);
    assert.throws(() => bashWord("a\0b"), RangeError);
});

test("bash runs nothing but curl, with the words of the request", () => {
    for (const value of HOSTILE) {
        const request = {
            method: "POST",
            url: `https://h/x?a=${encodeURIComponent(value)}`,
            headers: [
                ["X-Value", value.replace(/[\r\n]/g, "")],
                ["Content-Type", "text/plain"],
            ],
            body: value,
        };
        const script = `curl() { printf '%s\\0' "$@"; }\n${bashCommand(request)}`;
        const { stdout, stderr, status } = spawnSync("/bin/bash", ["-c", script], {
            encoding: "utf8",
            env: { PATH: "/nowhere" },
        });
        assert.equal(status, 0, stderr);
        const words = stdout.split("\0").slice(0, -1);
        assert.equal(words[0], request.url);
        assert.equal(words.at(-1), value);
        assert.equal(words.at(-2), "--data-raw");
    }
});

const text = (body) => (body === null ? "" : new TextDecoder().decode(body));

test("what the shells get is what our own readers read", () => {
    for (const value of HOSTILE) {
        const header = value.replace(/[\r\n]/g, "").trim() || "x";
        const request = {
            method: "POST",
            url: `https://h/x?a=${encodeURIComponent(value)}&b=1`,
            headers: [
                ["X-Value", header],
                ["Content-Type", "text/plain"],
            ],
            body: value,
        };
        const again = (command, shell) => {
            const read = parseCurl(command, shell);
            assert.equal(read.url, request.url, `${shell}: ${command}`);
            assert.equal(text(read.body), value, `${shell}: ${command}`);
            assert.equal(read.headers.find(([name]) => name === "X-Value")[1], header, `${shell}: ${command}`);
            assert.equal(read.method, "POST");
        };
        again(bashCommand(request), "bash");
        again(powershellCommand(request), "powershell");
        if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) assert.throws(() => cmdCommand(request), RangeError);
        else again(cmdCommand(request), "cmd");
    }
});

test("cmd: everything its own reading would act on stands behind a caret", () => {
    const command = cmdCommand({
        method: "POST",
        url: "https://h/x?a=1&b=%41",
        headers: [],
        body: '"&calc|<>%PATH%!x!^',
    });
    for (const match of command.replaceAll("^\n", "").matchAll(/[&|<>%!"()]/g))
        assert.equal(command.replaceAll("^\n", "")[match.index - 1], "^", command);
});
