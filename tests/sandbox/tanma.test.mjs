import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { clueListRequest } from "./client.mjs";
import { parseExact } from "./gateway/render.mjs";
import { formatGmt8 } from "./gateway/time.mjs";
import { createSandbox } from "./sandbox.mjs";
import { TANMA_FAULTS } from "./tanma/faults.mjs";
import { corpidOf, readCursor, signApi, writeCursor } from "./tanma/protocol.mjs";

const NOW = 1693900800000;
const make = (tanma = {}, options = {}) => createSandbox({ leads: 0, ...options, tanma: { customers: 45, ...tanma } });
const raw = (sandbox, query, more = {}) =>
    sandbox.handle(clueListRequest(sandbox.options.tanma, query, { nowMs: NOW, ...more }), more.now ?? NOW);
const replyOf = (answer) => parseExact(answer.body.toString());
const call = (sandbox, query, more) => replyOf(raw(sandbox, query, more));
const ids = (reply) => reply.data.list.map(({ customerId }) => String(customerId));

/** Every page, as a client reads them: until empty, or no new cursor. */
function walk(sandbox, query = {}, most = 100) {
    const pages = [];
    let cursor;
    for (let i = 0; i < most; i++) {
        const { data } = call(sandbox, { size: 10, ...query, cursor });
        pages.push(data.list);
        if (data.list.length === 0 || !data.nextCursor || data.nextCursor === cursor) return { pages, ended: true };
        cursor = data.nextCursor;
    }
    return { pages, ended: false };
}

test("a page looks like the sample", () => {
    const { code, message, data } = call(make({ unknownShare: 0 }), {
        since: "2023-09-01 00:00:00",
        before: "2023-09-06 00:00:00",
        size: 40,
        type: undefined,
    });
    assert.deepEqual([code, message], [0n, "ok"]);
    assert.equal(data.list.length, 40);
    for (const row of data.list) {
        assert.deepEqual(
            Object.keys(row).filter((name) => name !== "companyInfo"),
            ["customerId", "isClue", "type", "fields", "tagIds", "createTime", "lastUpdateTime"],
        );
        assert.ok(row.customerId > 2n ** 48n && row.customerId < 2n ** 53n && typeof row.isClue === "boolean");
        assert.equal("companyInfo" in row, row.type === 2n);
        assert.deepEqual(
            row.fields.slice(0, 10).map(({ field, type }) => [field, Number(type)]),
            [
                ["customer_source", 2],
                ["description", 1],
                ["mobile", 8],
                ["address", 1],
                ["birthday", 3],
                ["corp_name", 1],
                ["name", 1],
                ["purchase_intention", 2],
                ["gender", 2],
                ["customer_stage", 2],
            ],
        );
        const mobile = row.fields[2].valueAsText;
        assert.ok(mobile === null || Array.isArray(JSON.parse(mobile)));
    }
    const codes = new Set(data.list.flatMap(({ fields }) => fields.map(({ type }) => Number(type))));
    assert.deepEqual([...codes].sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.ok(
        data.list.some(({ fields }) => fields[2].valueAsText === null) &&
            data.list.some(({ tagIds }) => tagIds.length > 0),
    );
});

test("signature: over the exact bytes, checked after the clock", () => {
    const sandbox = make();
    const codeOf = (query, more) => Number(call(sandbox, query, more).code);
    assert.equal(codeOf('{ "size" : 3 }'), 0);
    const text = '{"size":3}';
    const sign = signApi({ ...sandbox.options.tanma, timestamp: String(NOW) }, text);
    assert.equal(codeOf(text, { headers: { sign } }), 0);
    assert.equal(codeOf('{"size": 3}', { headers: { sign } }), 1002);
    assert.equal(codeOf(text, { headers: { sign: sign.toUpperCase() } }), 1002);
    for (const headers of [{ sign: undefined }, { sign: "0" }, { appId: undefined }, { appId: "other" }])
        assert.equal(codeOf(text, { headers }), 1002, JSON.stringify(headers));
    for (const timestamp of [
        String(NOW - 300_001),
        String(NOW + 300_001),
        String(NOW / 1000),
        formatGmt8(NOW),
        "",
        "1693900800000x",
    ]) {
        assert.equal(codeOf(text, { headers: { timestamp } }), 1003, timestamp);
    }
    for (const timestamp of [String(NOW - 300_000), String(NOW + 300_000)])
        assert.equal(codeOf(text, { headers: { timestamp } }), 0);
    assert.equal(codeOf(text, { headers: { timestamp: undefined } }), 1003);
    assert.deepEqual(
        sandbox.tanma.calls.slice(0, 3).map(({ outcome, sentAppKey }) => [outcome, sentAppKey]),
        [
            ["ok", false],
            ["ok", false],
            ["code:1002", false],
        ],
    );
    codeOf(text, { headers: { appKey: "whatever" } });
    assert.deepEqual([sandbox.tanma.calls.at(-1).outcome, sandbox.tanma.calls.at(-1).sentAppKey], ["ok", true]);
    assert.equal(raw(sandbox, text, { headers: { "content-type": "text/plain" } }).status, 415);
    assert.equal(
        sandbox.handle({ ...clueListRequest(sandbox.options.tanma, text, { nowMs: NOW }), method: "GET" }, NOW).status,
        405,
    );
    assert.equal(raw(sandbox, text, { path: "/api/v3/none" }).status, 404);
});

test("queries that are wrong: 40400", () => {
    const sandbox = make();
    const wrong = [
        "no json",
        "[]",
        { size: 0 },
        { size: 101 },
        { size: "10" },
        { type: 3 },
        { type: "1" },
        { cursor: "quis" },
        { cursor: 5 },
        { since: "sunt" },
        { since: "2023-09-31 00:00:00" },
        { since: String(NOW) },
        { since: "2023-09-02 00:00:00", before: "2023-09-02 00:00:00" },
    ];
    for (const query of wrong) assert.equal(call(sandbox, query).code, 40400n, JSON.stringify(query));
    for (const query of [{}, "", { unknown: 1 }, { cursor: "" }, { cursor: null, type: null, size: null }])
        assert.equal(call(sandbox, query).code, 0n);
    assert.equal(call(sandbox, {}).data.list.length, 10);
});

test("paging: every row once, ascending, whatever the end looks like", () => {
    for (const endRule of ["empty", "missing", "null", "unchanged"]) {
        for (const customers of [0, 1, 40, 45]) {
            for (const shortEvery of [0, 2]) {
                const sandbox = make({ endRule, customers, shortEvery });
                const { pages, ended } = walk(sandbox);
                const seen = pages.flat().map(({ customerId }) => String(customerId));
                assert.ok(ended);
                assert.deepEqual(seen, [...sandbox.tanma.truth().keys()], `${endRule} ${customers} ${shortEvery}`);
                const times = pages.flat().map(({ createTime }) => createTime);
                assert.deepEqual(times, times.toSorted());
                const last = sandbox.tanma.calls.at(-1);
                if (endRule === "empty" && customers > 0) assert.equal(last.ids.length, 0);
                if (endRule === "unchanged" && customers === 45) assert.equal(last.nextCursor, last.cursor);
            }
        }
    }
});

test("the window: since is in it, before is not; type picks", () => {
    const sandbox = make({ sameSecondShare: 0 });
    const times = [...sandbox.tanma.truth().values()].map(({ fields }) => fields.createTime);
    const { pages } = walk(sandbox, { since: times[10], before: times[20] });
    assert.deepEqual(
        pages.flat().map(({ createTime }) => createTime),
        times.slice(10, 20),
    );
    for (const type of [1, 2]) {
        const rows = walk(sandbox, { type }).pages.flat();
        assert.ok(rows.length > 0 && rows.every((row) => row.type === BigInt(type)));
    }
    assert.equal(call(sandbox, { since: "2030-01-01 00:00:00" }).data.list.length, 0);
});

test("the cursor is the documented one", () => {
    assert.deepEqual(readCursor("AAAAAGCaL2kAAAAAAAAAAAAAAAAAAAn8"), { seconds: 1620717417, row: 2556 });
    assert.equal(writeCursor({ seconds: 1620717417, row: 2556 }), "AAAAAGCaL2kAAAAAAAAAAAAAAAAAAAn8");
    assert.equal(readCursor("!"), null);
    const { data } = call(make(), { size: 5 });
    assert.equal(formatGmt8(readCursor(data.nextCursor).seconds * 1000), data.list[4].createTime);
    assert.equal(corpidOf("ww51046ddc4f4df510_NjaEnW"), "ww51046ddc4f4df510");
    assert.equal(corpidOf("zc_test"), "zc_test");
});

test("rows arrive between calls, late ones behind the cursor", () => {
    const sandbox = make({
        growth: {
            perCall: 1,
            bursts: [{ atCall: 3, count: 12 }],
            late: [{ atCall: 4, count: 2, secondsAgo: 4000 }],
        },
    });
    const seen = walk(sandbox)
        .pages.flat()
        .map(({ customerId }) => String(customerId));
    const all = [...sandbox.tanma.truth().keys()];
    assert.equal(new Set(seen).size, seen.length);
    assert.equal(all.length - seen.length, 2, "the late rows are missed by this walk");
    assert.ok(seen.length > 60);
    const again = walk(sandbox)
        .pages.flat()
        .map(({ customerId }) => String(customerId));
    assert.ok(again.length >= all.length);

    const id = all[3];
    sandbox.tanma.account.modify(id, NOW + 5000, { name: "新名字" });
    const row = walk(sandbox)
        .pages.flat()
        .find(({ customerId }) => String(customerId) === id);
    assert.equal(row.lastUpdateTime, formatGmt8(NOW + 5000));
    assert.equal(row.fields.find(({ field }) => field === "name").valueAsText, "新名字");
    assert.equal(sandbox.tanma.truth().get(id).version, 2);
});

test("same options, same bytes; ids beyond 2^53 survive", () => {
    assert.deepEqual(raw(make(), { size: 40 }), raw(make(), { size: 40 }));
    const big = make({ firstCustomerId: "9007199254740993", customers: 2, idStep: 1 });
    assert.deepEqual(
        ids(call(big, {})),
        ["9007199254740994", "9007199254740995"].map((id) => String(BigInt(id) - 1n)),
    );
});

const page = (answer) => replyOf(answer).data.list;
const EXPECTED = {
    html502: (answer) => assert.equal(answer.status, 502),
    empty: (answer) => assert.equal(answer.body.length, 0),
    garbage: (answer) => assert.throws(() => JSON.parse(answer.body)),
    truncated: (answer) => assert.throws(() => JSON.parse(answer.body)),
    invalid_utf8: (answer) => assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(answer.body)),
    bom: (answer) => assert.equal(answer.body[0], 0xef),
    gzip: (answer) => assert.equal(JSON.parse(gunzipSync(answer.body)).data.list.length, 10),
    slow: (answer) => assert.deepEqual([answer.delayMs, page(answer).length], [1000, 10]),
    silent: (answer) => assert.ok(answer.hang),
    reset: (answer) => assert.ok(answer.reset),
    cut: (answer) => assert.ok(answer.cutAfter < answer.body.length),
    huge: (answer) => assert.ok(answer.body.length > 20_000_000 && JSON.parse(answer.body).data),
    deep_json: (answer) => assert.ok(answer.body.includes("[".repeat(10_000))),
    code: (answer) => assert.deepEqual(JSON.parse(answer.body), { code: 50001, message: "系统繁忙" }),
    code_text: (answer) => assert.deepEqual([replyOf(answer).code, page(answer).length], ["0", 10]),
    list_null: (answer) => assert.deepEqual(JSON.parse(answer.body).data, { list: null, nextCursor: null }),
    list_missing: (answer) => assert.deepEqual(JSON.parse(answer.body).data, {}),
    data_null: (answer) => assert.equal(JSON.parse(answer.body).data, null),
    no_code: (answer) => assert.deepEqual(Object.keys(JSON.parse(answer.body)), ["data"]),
    wrong_types: (answer) => assert.equal(typeof page(answer)[0].customerId, "object"),
    bad_row: (answer) => assert.deepEqual([page(answer).length, page(answer)[5]], [10, null]),
    ids_as_text: (answer) => assert.equal(typeof page(answer)[0].customerId, "string"),
    endless_cursor: (answer) => assert.ok(replyOf(answer).data.nextCursor),
    cycle_cursor: (answer) => assert.equal(page(answer).length, 10),
    same_cursor: (answer) => assert.equal(page(answer).length, 10),
    repeat_page: (answer) => assert.equal(page(answer).length, 10),
};
test("every Tanma fault has its expectation here", () =>
    assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(TANMA_FAULTS).sort()));
for (const [kind, check] of Object.entries(EXPECTED)) {
    test(`Tanma fault ${kind}, once, then all is well`, () => {
        const sandbox = make();
        sandbox.tanma.faults.push({ kind });
        check(raw(sandbox, { size: 10 }));
        assert.equal(sandbox.tanma.calls[0].outcome, `fault:${kind}`);
        assert.equal(call(sandbox, { size: 10 }).data.list.length, 10);
        assert.equal(sandbox.tanma.calls[1].outcome, "ok");
    });
}

test("codes by number; a fault never hides a wrong request", () => {
    const sandbox = make();
    for (const code of [1002, 1003, 40417]) sandbox.tanma.faults.push({ kind: "code", code });
    assert.equal(call(sandbox, {}, { headers: { sign: "x" } }).code, 1002n);
    assert.deepEqual(
        [1, 2, 3].map(() => call(sandbox, {}).message),
        ["签名校验未通过", "请求时间与服务器时间相差过大", "请求参数验证失败：电话号码重复"],
    );
    assert.throws(() => sandbox.tanma.faults.push({ kind: "ban" }), /unknown fault kind ban/);
});

test("a cursor that never ends, one that repeats, one that stays", () => {
    const endless = make();
    endless.tanma.faults.push({ kind: "endless_cursor", times: 1_000_000 });
    const cursors = [];
    for (let i = 0, cursor; i < 30; i++) cursors.push((cursor = call(endless, { size: 10, cursor }).data.nextCursor));
    assert.equal(new Set(cursors).size, 30);
    assert.ok(endless.tanma.calls.every(({ outcome }) => outcome === "fault:endless_cursor"));

    const cycle = make();
    cycle.tanma.faults.push({ kind: "cycle_cursor", length: 3, times: 1_000_000 });
    const round = [];
    for (let i = 0, cursor; i < 9; i++) round.push((cursor = call(cycle, { size: 10, cursor }).data.nextCursor));
    assert.deepEqual(round.slice(3, 6), round.slice(0, 3));
    assert.equal(new Set(round).size, 3);

    const same = make();
    same.tanma.faults.push({ kind: "same_cursor", atCall: 2 });
    assert.deepEqual(
        walk(same).pages.map((list) => list.length),
        [10, 10],
    );
});

test("echo, registration of a push address, the control door", () => {
    const sandbox = make();
    assert.deepEqual(call(sandbox, { a: 1 }, { path: "/api/v3/echo" }).data, { a: 1n });
    const path = "/api/v2/push-register";
    assert.equal(
        call(
            sandbox,
            { receiveAddress: "https://bridge.example/push/tanma", subscription: "register,new_qw_customer" },
            { path },
        ).code,
        0n,
    );
    assert.equal(call(sandbox, { receiveAddress: "bridge" }, { path }).code, 40400n);
    const control = (method, what, body) => {
        const answer = sandbox.handle({ method, url: `/_sandbox/${what}`, body: body && JSON.stringify(body) }, NOW);
        return [answer.status, JSON.parse(answer.body)];
    };
    assert.deepEqual(control("GET", "state?platform=tanma")[1].registrations, [
        {
            receiveAddress: "https://bridge.example/push/tanma",
            subscription: ["register", "new_qw_customer"],
        },
    ]);
    assert.equal(
        control("POST", "faults?platform=tanma", [{ kind: "empty" }, { platform: "alimama", kind: "isp" }])[1].faults
            .length,
        1,
    );
    assert.equal(sandbox.faults.pending().length, 1);
    assert.deepEqual(control("DELETE", "faults?platform=tanma")[1], { faults: [] });
    const [, { ids: changed }] = control("POST", "leads?platform=tanma", { add: 1, late: 1 });
    assert.ok(changed.every((id) => id in control("GET", "truth?platform=tanma")[1]));
    assert.equal(control("GET", "config?platform=tanma")[1].options.gender[2], "女");
    for (const wrong of ["state?platform=nobody", "faults?platform=tmall"])
        assert.equal(
            control(
                wrong.startsWith("state") ? "GET" : "POST",
                wrong,
                wrong.startsWith("state") ? undefined : [{ kind: "empty" }],
            )[0],
            400,
        );
    assert.throws(() => make({ endRule: "never" }), /tanma.endRule/);
    assert.throws(() => make({ nope: 1 }), /tanma.nope/);
});
