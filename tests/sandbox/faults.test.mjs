import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { errorOf, leadListRequest, leadsOf } from "./client.mjs";
import { FAULT_KINDS } from "./faults.mjs";
import { createSandbox } from "./sandbox.mjs";

const NOW = 1693900800000;
const make = (options) => createSandbox({ leads: 50, mobileCipher: "plaintext", ...options });
const call = (sandbox, query = { page_size: 10 }, nowMs = NOW, params = {}) =>
    sandbox.handle(leadListRequest(sandbox.options, query, { nowMs, params }), nowMs);

/** kind -> what must be true of the answer. */
const EXPECTED = {
    ban: (answer) => assert.match(errorOf(answer).sub_msg, /This ban will last for 60 more seconds/),
    isp: (answer) =>
        assert.deepEqual([errorOf(answer).code, errorOf(answer).sub_code], [15, "isp.remote-service-timeout"]),
    isv: (answer) => assert.deepEqual([errorOf(answer).code, errorOf(answer).sub_code], [50, "isv.invalid-parameter"]),
    error: (answer) => assert.equal(errorOf(answer).code, 11),
    result_not_ok: (answer) =>
        assert.deepEqual(
            { ...JSON.parse(answer.body).mama_crm_lead_list_response, request_id: 0 },
            { result_ok: false, result_error_code: "SYSTEM_ERROR", error_msg: "查询失败", request_id: 0 },
        ),
    html502: (answer) => assert.ok(answer.status === 502 && answer.body.includes("<html>")),
    empty: (answer) => assert.deepEqual([answer.status, answer.body.length], [200, 0]),
    garbage: (answer) => assert.throws(() => JSON.parse(answer.body)),
    huge: (answer) => assert.ok(answer.body.length === 20_000_000 && JSON.parse(answer.body)),
    deep_json: (answer) => assert.ok(answer.body.includes("[".repeat(10_000))),
    truncated: (answer) => assert.ok(answer.body.length > 1000 && throws(answer.body)),
    invalid_utf8: (answer) => assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(answer.body)),
    bom: (answer) => assert.deepEqual([...answer.body.subarray(0, 4)], [0xef, 0xbb, 0xbf, 0x7b]),
    gzip: (answer) =>
        assert.equal(
            answer.headers["content-encoding"] === "gzip" && leadsOf({ body: gunzipSync(answer.body) }).length,
            10,
        ),
    xml_dtd: (answer) =>
        assert.match(answer.body.toString(), /^<\?xml[^>]*\?><!DOCTYPE mama_crm_lead_list_response SYSTEM/),
    xml_entity: (answer) =>
        assert.ok(answer.body.includes("<!ENTITY l9") && answer.body.includes("<entity>&l9;</entity>")),
    wrong_envelope: (answer) => assert.deepEqual(Object.keys(JSON.parse(answer.body)), ["time_get_response"]),
    repeat_page: (answer, sandbox) => assert.equal(String(leadsOf(answer)[0].id), sandbox.state(NOW).newest),
    slow: (answer) => assert.deepEqual([answer.delayMs, leadsOf(answer).length], [1000, 10]),
    silent: (answer) => assert.equal(answer.hang, true),
    reset: (answer) => assert.equal(answer.reset, true),
    cut: (answer) => assert.ok(answer.cutAfter > 0 && answer.cutAfter < answer.body.length),
};

function throws(body) {
    try {
        JSON.parse(body);
        return false;
    } catch {
        return true;
    }
}

test("every fault kind has its expectation here", () =>
    assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(FAULT_KINDS).sort()));

for (const [kind, check] of Object.entries(EXPECTED)) {
    test(`fault ${kind}, once, then all is well`, () => {
        const sandbox = make();
        const oldest = sandbox.state(NOW).oldest;
        sandbox.faults.push({
            kind,
            ...(kind === "error"
                ? {
                      code: 11,
                      msg: "Insufficient isv permissions",
                      sub_code: "isv.permission-api-package-limit",
                  }
                : {}),
        });
        const query = kind === "repeat_page" ? { page_size: 10, offset: oldest } : { page_size: 10 };
        check(call(sandbox, query), sandbox);
        assert.equal(sandbox.calls[0].outcome, `fault:${kind}`);
        const later = kind === "ban" ? NOW + 60_000 : NOW;
        assert.equal(leadsOf(call(sandbox, { page_size: 10 }, later)).length, 10);
        assert.equal(sandbox.calls[1].outcome, "ok");
    });
}

test("a ban refuses every call until it is over", () => {
    const sandbox = make();
    sandbox.faults.push({ kind: "ban", seconds: 30, atCall: 2 });
    assert.equal(leadsOf(call(sandbox)).length, 10);
    const message = (nowMs) => errorOf(call(sandbox, { page_size: 1 }, nowMs))?.sub_msg;
    assert.match(message(NOW), / 30 more/);
    assert.match(message(NOW + 1500), / 29 more/);
    assert.match(message(NOW + 29_999), / 1 more/);
    assert.equal(message(NOW + 30_000), undefined);
    assert.deepEqual(
        sandbox.calls.map(({ outcome }) => outcome),
        ["ok", "fault:ban", "error:7", "error:7", "ok"],
    );
});

test("a script: at which call, how often, one after the other", () => {
    const sandbox = make();
    sandbox.faults.push({ kind: "isp", atCall: 2, times: 2 });
    sandbox.faults.push({ kind: "empty", atCall: 3 });
    sandbox.faults.push({ kind: "html502", status: 503, atCall: 6 });
    for (let i = 0; i < 6; i++) call(sandbox);
    assert.deepEqual(
        sandbox.calls.map(({ outcome }) => outcome),
        ["ok", "fault:isp", "fault:isp", "fault:empty", "ok", "fault:html502"],
    );
    assert.deepEqual(sandbox.faults.pending(), []);
});

test("a fault never hides a wrong request and is not used up by one", () => {
    const sandbox = make();
    sandbox.faults.push({ kind: "empty" });
    const request = leadListRequest(sandbox.options, { page_size: 1 }, { nowMs: NOW, sign: "WRONG" });
    assert.equal(errorOf(sandbox.handle(request, NOW)).code, 25);
    assert.equal(errorOf(call(sandbox, { page_size: 1000 })).code, 50);
    assert.equal(call(sandbox).body.length, 0);
});

test("XML faults and page faults keep the asked format", () => {
    const sandbox = make();
    for (const kind of ["bom", "truncated", "wrong_envelope", "result_not_ok", "isp"]) sandbox.faults.push({ kind });
    for (let i = 0; i < 5; i++)
        assert.ok(call(sandbox, { page_size: 5 }, NOW, { format: "xml" }).body.includes("<?xml"));
});

test("calls are recorded with what was asked and given", () => {
    const sandbox = make();
    const [first] = leadsOf(call(sandbox, { page_size: 3 }));
    call(sandbox, { page_size: 2, offset: first.id });
    const [one, two] = sandbox.calls;
    assert.deepEqual(
        [one.n, one.offset, one.pageSize, one.ids.length, one.method],
        [1, null, 3, 3, "taobao.mama.crm.lead.list"],
    );
    assert.deepEqual([two.n, two.offset, two.ids[0]], [2, String(first.id), String(first.id)]);
});

test("wrong script entries are refused", () => {
    const sandbox = make();
    for (const entry of [
        null,
        {},
        { kind: "nope" },
        { kind: "toString" },
        { kind: "isp", times: 0 },
        { kind: "isp", atCall: "2" },
    ]) {
        assert.throws(() => sandbox.faults.push(entry), TypeError);
    }
});

test("the control door", () => {
    const sandbox = make();
    const control = (method, path, body) => {
        const answer = sandbox.handle(
            { method, url: `http://127.0.0.1:1/_sandbox/${path}`, body: body && JSON.stringify(body) },
            NOW,
        );
        return [answer.status, JSON.parse(answer.body)];
    };
    assert.deepEqual(control("POST", "faults", [{ kind: "isp" }, { kind: "empty", atCall: 9 }])[1].faults.length, 2);
    assert.equal(control("POST", "faults", { kind: "nope" })[0], 400);
    assert.equal(control("GET", "state")[1].faults.length, 2);
    assert.deepEqual(control("DELETE", "faults")[1], { faults: [] });
    const [, { ids }] = control("POST", "leads", { add: 2, late: 1 });
    assert.equal(ids.length, 3);
    assert.deepEqual(control("POST", "leads", { modify: ids[0], patch: { mobile: "13800000000" } }), [
        200,
        { ids: [ids[0]] },
    ]);
    assert.equal(control("POST", "leads", { modify: "1" })[0], 400);
    assert.equal(control("GET", "truth")[1][ids[0]].mobilePlain, "13800000000");
    assert.match(control("GET", "config")[1].keys.privatePem, /PRIVATE KEY/);
    assert.equal(control("GET", "state")[1].leads, 53);
    assert.equal(control("GET", "nothing")[0], 404);
    assert.equal(sandbox.calls.length, 0);
    assert.equal(sandbox.handle({ url: "/other" }, NOW).status, 404);
});
