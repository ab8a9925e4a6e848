// GBK in the core, on the native program, in Node and in workerd: every two-byte code is read and written as Java does it.
// The judges: glibc's converter (the program iconv), the layout of the codes that are for users to define, and Node's
// decoder where it agrees with them.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { assemble } from "../../infra/cloudflare/assemble.mjs";
import { startLocalWorker } from "../../infra/dev/local_worker.mjs";
import { createEngine } from "../../wasm/loader.mjs";
import { BUILD, NO_MODULE, realModule, ROOT, WASM } from "../hosts/fakes/module.mjs";

const LEADS = Array.from({ length: 0x7e }, (_, at) => at + 0x81);
const TRAILS = Array.from({ length: 0xbf }, (_, at) => at + 0x40).filter((trail) => trail !== 0x7f);
const CODES = LEADS.flatMap((lead) => TRAILS.map((trail) => (lead << 8) | trail));
const row = (lead) => Buffer.from(TRAILS.flatMap((trail) => [lead, trail]));

/** What each code is: glibc's answer, and private characters in the order of the codes where GBK has none. */
function table() {
    const known = new Map();
    // Illegal sequences end iconv, so each code is a line of its own and -c leaves the illegal ones out.
    const lines = Buffer.concat(CODES.map((code) => Buffer.of(code >> 8, code & 0xff, 0x0a)));
    const text = execFileSync("sh", ["-c", "iconv -c -f GBK -t UTF-8 || true"], { input: lines, maxBuffer: 1 << 24 });
    text.toString()
        .split("\n")
        .forEach((line, at) => line && known.set(CODES[at], line));
    const between = (value, from, to) => value >= from && value <= to;
    const privates = (from, wanted) =>
        CODES.filter((code) => !known.has(code) && wanted(code >> 8, code & 0xff)).forEach((code, at) =>
            known.set(code, String.fromCharCode(from + at)),
        );
    privates(0xe000, (lead, trail) => between(lead, 0xaa, 0xaf) && trail >= 0xa1);
    privates(0xe234, (lead, trail) => between(lead, 0xf8, 0xfe) && trail >= 0xa1);
    privates(0xe4c6, (lead, trail) => between(lead, 0xa1, 0xa7) && trail <= 0xa0);
    privates(0xe766, () => true);
    known.set(0xa2e3, "\u20ac"); // one of the empty ones became the euro sign, in Java too
    return known;
}
const TABLE = table();
const textOf = (lead) => TRAILS.map((trail) => TABLE.get((lead << 8) | trail)).join("");

test("the judge knows 23,940 characters, no two alike", () => {
    assert.equal(CODES.length, 23_940);
    assert.equal(new Set(TABLE.values()).size, 23_940);
});

test("Node's decoder differs where it is known to", () => {
    const decoder = new TextDecoder("gbk");
    const other = CODES.filter((code) => decoder.decode(Uint8Array.of(code >> 8, code & 0xff)) !== TABLE.get(code));
    // Some private characters have become others in the web's table, and A3A0 a second U+3000, in newer versions of Node.
    for (const code of other) assert.match(TABLE.get(code), /[\ue4c6-\ue864\u20ac]/, code.toString(16));
    assert.ok(other.length <= 120, `${other.length} differ`);
});

const SECRET = "fake";
const percent = (bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
const sign = (...parts) =>
    createHash("md5")
        .update(Buffer.concat([SECRET, ...parts, SECRET].map((part) => Buffer.from(part))))
        .digest("hex")
        .toUpperCase();

/** The same bytes as body, as a value of the query and as a value of a form. */
function calls(bytes) {
    const form = `text=${percent(bytes)}`;
    const call = (query, type, body) => ({
        event: {
            kind: "verify",
            spi: true,
            secret: SECRET,
            query,
            headers: [["content-type", `${type};charset=GBK`]],
        },
        body,
    });
    return {
        body: call(`sign=${sign(bytes)}`, "text/plain", bytes),
        query: call(`${form}&sign=${sign("text", bytes)}`, "text/plain", Buffer.alloc(0)),
        form: call(`sign=${sign("text", bytes)}`, "application/x-www-form-urlencoded", Buffer.from(form)),
    };
}

function inNode({ event, body }) {
    const engine = createEngine(realModule(), "{}");
    engine.feed({ head: { v: 2, type: "start", now: 0, event, random: "00".repeat(32) }, body });
    const { summary } = engine.next().head;
    engine.close();
    return summary;
}

function inProgram({ event, body }) {
    const [[name, value]] = event.headers;
    const { stdout } = spawnSync(
        join(BUILD, "leadbridge"),
        [
            "verify",
            "--spi",
            "--json",
            "--secret",
            SECRET,
            "--query",
            event.query,
            "--header",
            `${name}: ${value}`,
            "--body-file",
            "-",
        ],
        { input: body, encoding: "utf8", maxBuffer: 1 << 26 },
    );
    return JSON.parse(stdout);
}

const passes = (summary, lead, way) => {
    const { valid, base_string } = summary;
    const name = `${way} with ${lead.toString(16)}`;
    assert.equal(base_string, (way === "body" ? "" : "text") + textOf(lead), name);
    assert.equal(valid, true, name);
};

test("module in Node: all codes pass as body, query and form value", { skip: NO_MODULE }, () => {
    for (const lead of LEADS)
        for (const [way, call] of Object.entries(calls(row(lead)))) passes(inNode(call), lead, way);
});

test("module in workerd: all codes pass as body, query and form value", { skip: NO_MODULE }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-gbk-"));
    const { entry, files } = assemble({ to: join(folder, "worker"), wasm: WASM });
    copyFileSync(join(ROOT, "tests/hosts/fakes/cases_entry.mjs"), join(dirname(entry), "cases_entry.mjs"));
    const own = files.filter((file) => !["worker.mjs", "config.mjs"].includes(file));
    const { worker } = await startLocalWorker({ entry, files: ["cases_entry.mjs", ...own] });
    try {
        for (const lead of LEADS) {
            for (const [way, { event, body }] of Object.entries(calls(row(lead)))) {
                const tool = { event, body: Buffer.from(body).toString("base64"), config: "{}", now: 0 };
                const answer = await worker.dispatchFetch("http://worker/", {
                    method: "POST",
                    body: JSON.stringify({ tool }),
                });
                passes((await answer.json()).summary, lead, way);
            }
        }
    } finally {
        await worker.dispose();
        rmSync(folder, { recursive: true });
    }
});

test("native: all codes pass as body, query and form value", { skip: !existsSync(join(BUILD, "leadbridge")) }, () => {
    for (const lead of LEADS)
        for (const [way, call] of Object.entries(calls(row(lead)))) passes(inProgram(call), lead, way);
});

test("what is malformed is hashed as ?, as Java does", { skip: NO_MODULE }, () => {
    const signedText = (...bytes) => inNode(calls(Buffer.from(bytes)).body).base_string;
    for (let lead = 0x80; lead <= 0xff; lead++) {
        for (const trail of [0x20, 0x30, 0x3f, 0x7f])
            assert.equal(signedText(lead, trail), `?${String.fromCharCode(trail)}`);
        assert.equal(signedText(0x61, lead), "a?"); // cut inside a pair
    }
    assert.equal(signedText(0x81, 0xff, 0x61), "?a");
    assert.equal(signedText(0x80, 0x81, 0x40), "?\u4e02");
});
