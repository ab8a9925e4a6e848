import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorOf, leadListRequest, leadsOf } from "./client.mjs";
import { collectParams } from "./gateway/params.mjs";
import { isBlank, signTop } from "./gateway/sign.mjs";
import { formatGmt8, parseTimestamp } from "./gateway/time.mjs";
import { json, parseExact } from "./gateway/render.mjs";
import { createSandbox } from "./sandbox.mjs";

const NOW = 1693900800000;
const vectors = JSON.parse(readFileSync(new URL("../vectors/top-and-spi.json", import.meta.url))).filter(
    ({ kind }) => kind === "top",
);

test("the checker agrees with every official signature", () => {
    assert.ok(vectors.length >= 46);
    for (const { name, params, body, body_in_sign, secret, sign_method, expected_sign, given_sign } of vectors) {
        const signed = body_in_sign === false ? null : body;
        const sign = signTop(Object.entries(params), signed, secret, sign_method);
        assert.equal(sign, expected_sign, name);
        if (given_sign) assert.notEqual(sign, given_sign, name);
    }
});

test("parameters collected from whole official requests verify", () => {
    const wires = vectors.filter(({ query }) => query);
    assert.ok(wires.length >= 6);
    for (const { name, query, body, content_type, params, secret, sign_method, expected_sign } of wires) {
        const call = collectParams({ query, contentType: content_type, body: Buffer.from(body) });
        assert.equal(call.problem, undefined, name);
        assert.equal(call.params.get("sign"), expected_sign, name);
        assert.equal(signTop(call.params, call.body, secret, sign_method), expected_sign, name);
        for (const [key, value] of Object.entries(params)) assert.equal(call.params.get(key), value, `${name} ${key}`);
    }
});

test("blank is what Java calls whitespace", () => {
    for (const text of ["", " ", "\t\r\n", "\u3000", "\u2028", "\x1c"]) assert.ok(isBlank(text), JSON.stringify(text));
    for (const text of ["\u00a0", "\u2007", "\u202f", "\u200b", "\ufeff", "\0", " x "])
        assert.ok(!isBlank(text), JSON.stringify(text));
});

test("parameters: decoding, blanks, duplicates, broken input", () => {
    const form = (query, body = "", contentType = "application/x-www-form-urlencoded") =>
        collectParams({ query, contentType, body: Buffer.from(body) });
    assert.deepEqual(
        [...form("a=1+2%2B&b=&c=%20", "d=%E4%B8%AD==&e").params],
        [
            ["a", "1 2+"],
            ["d", "中=="],
        ],
    );
    assert.match(form("a=1&a=1").problem, /duplicate/);
    assert.match(form("a=1", "a=2").problem, /duplicate/);
    assert.match(form("a=%zz").problem, /percent/);
    assert.match(form("a=%ff").problem, /UTF-8/);
    assert.match(form("", "x", "image/png").problem, /content type/);
    assert.equal(form("a=1", '{"b":2}', "Application/JSON; charset=utf-8").body.toString(), '{"b":2}');
});

test("timestamps: GMT+8 text or epoch milliseconds", () => {
    assert.equal(formatGmt8(NOW), "2023-09-05 16:00:00");
    assert.equal(parseTimestamp("2023-09-05 16:00:00"), NOW);
    assert.equal(parseTimestamp(String(NOW)), NOW);
    for (const text of ["2023-09-31 16:00:00", "2023-09-05T16:00:00", "1693900800", "", "x"])
        assert.equal(parseTimestamp(text), null, text);
});

test("JSON writer: raw UTF-8, exact integers, escaped slash", () => {
    const value = { id: 9223372036854775807n, text: '中😀"</\\\n', none: undefined };
    assert.equal(json(value), '{"id":9223372036854775807,"text":"中😀\\"<\\/\\\\\\n"}');
    assert.deepEqual(parseExact('{"a":9223372036854775807,"b":"12 \\"3","c":[-1,1.5]}'), {
        a: 9223372036854775807n,
        b: '12 "3',
        c: [-1n, 1.5],
    });
});

test("public parameters are refused with the official codes", () => {
    const sandbox = createSandbox({ leads: 3, expired: ["old-session"] });
    const good = { page_size: 10 };
    const code = (change, query = good) =>
        errorOf(sandbox.handle(leadListRequest(sandbox.options, query, { nowMs: NOW, ...change }), NOW))?.code;
    assert.equal(code({}), undefined);
    for (const sign_method of ["md5", "hmac", "hmac-sha256"])
        assert.equal(code({ params: { sign_method } }), undefined);

    const cases = [
        [21, { method: undefined }],
        [22, { method: "taobao.no.such" }],
        [28, { app_key: undefined }],
        [29, { app_key: "1" }],
        [32, { v: undefined }],
        [33, { v: "1.0" }],
        [30, { timestamp: undefined }],
        [31, { timestamp: "yesterday" }],
        [26, { session: undefined }],
        [26, { session: " " }],
        [27, { session: "nobody" }],
        [27, { session: "old-session" }],
        [25, { sign_method: "MD5" }],
        [25, { sign_method: undefined }],
    ];
    for (const [expected, params] of cases) assert.equal(code({ params }), expected, JSON.stringify(params));

    assert.equal(code({ sign: "" }), 24);
    assert.equal(code({ sign: "0".repeat(64) }), 25);
    const signed = new URL(leadListRequest(sandbox.options, good, { nowMs: NOW }).url, "http://x").searchParams.get(
        "sign",
    );
    assert.equal(code({ sign: signed }), undefined);
    assert.equal(code({ sign: signed.toLowerCase() }), 25);
    assert.equal(code({}, { page_size: 10, offset: undefined }), undefined);

    const wrongSecret = { ...sandbox.options, app_secret: "wrong" };
    assert.equal(errorOf(sandbox.handle(leadListRequest(wrongSecret, good, { nowMs: NOW }), NOW)).code, 25);
    const expired = errorOf(
        sandbox.handle(leadListRequest({ ...sandbox.options, session: "old-session" }, good, { nowMs: NOW }), NOW),
    );
    assert.equal(expired.sub_code, "invalid-sessionkey");
    assert.match(expired.request_id, /^[a-z0-9]{12}$/);

    const bad = sandbox.handle(leadListRequest(sandbox.options, good, { nowMs: NOW, params: { format: "yaml" } }), NOW);
    assert.match(bad.body.toString(), /^<\?xml .*<error_response><code>23<\/code>/);
    assert.equal(
        errorOf(sandbox.handle({ ...leadListRequest(sandbox.options, good, { nowMs: NOW }), method: "PUT" }, NOW)).code,
        9,
    );
    const twice = leadListRequest(sandbox.options, good, { nowMs: NOW });
    assert.equal(errorOf(sandbox.handle({ ...twice, url: `${twice.url}&format=json` }, NOW)).code, 41);
});

test("the clock window is ten minutes both ways, and follows the skew", () => {
    for (const clockSkewMs of [0, 3600_000, -3600_000]) {
        const sandbox = createSandbox({ leads: 1, clockSkewMs });
        const answer = (timestamp) =>
            sandbox.handle(
                leadListRequest(sandbox.options, { page_size: 1 }, { nowMs: NOW, params: { timestamp } }),
                NOW,
            );
        for (const [shift, code] of [
            [0, undefined],
            [600_000, undefined],
            [-600_000, undefined],
            [601_000, 31],
            [-601_000, 31],
        ]) {
            const ms = NOW + clockSkewMs + shift;
            for (const timestamp of [formatGmt8(ms), String(ms)])
                assert.equal(errorOf(answer(timestamp))?.code, code, `${clockSkewMs} ${shift}`);
        }
        assert.equal(Date.parse(answer(String(NOW)).headers.date), NOW + clockSkewMs);
    }
});

test("query errors: page size and offset", () => {
    const sandbox = createSandbox({ leads: 5, maxPageSize: 50 });
    const call = (query) => sandbox.handle(leadListRequest(sandbox.options, query, { nowMs: NOW }), NOW);
    assert.equal(errorOf(call({})).code, 40);
    for (const query of [
        { page_size: 51 },
        { page_size: 0 },
        { page_size: 10, offset: '"x"' },
        { page_size: 10, offset: 1.5 },
        "no json",
        "[]",
    ]) {
        assert.deepEqual(
            [errorOf(call(query)).code, errorOf(call(query)).sub_code],
            [50, "isv.invalid-parameter"],
            String(query),
        );
    }
    assert.equal(leadsOf(call({ page_size: 50 })).length, 5);
});

test("a JSON body is signed and read from nowhere else", () => {
    const sandbox = createSandbox({ leads: 1 });
    const params = {
        method: "taobao.mama.crm.lead.list",
        app_key: sandbox.options.app_key,
        session: sandbox.options.session,
        timestamp: formatGmt8(NOW),
        v: "2.0",
        sign_method: "md5",
        format: "json",
        lead_external_query_dto: '{"page_size":1}',
    };
    const body = '{"note":"中"}';
    params.sign = signTop(Object.entries(params), body, sandbox.options.app_secret, "md5");
    const request = {
        method: "POST",
        url: `/router/rest?${new URLSearchParams(params)}`,
        headers: { "Content-Type": "application/json;charset=utf-8" },
        body,
    };
    assert.equal(leadsOf(sandbox.handle(request, NOW)).length, 1);
    assert.equal(errorOf(sandbox.handle({ ...request, body: `${body} ` }, NOW)).code, 25);
});
