import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, leadListRequest, leadsOf, outInvestRequest } from "./client.mjs";
import { OUT_INVEST, SAMPLE_ROW } from "./outinvest/data_back.mjs";
import { OUTINVEST_FAULTS } from "./outinvest/faults.mjs";
import { createSandbox } from "./sandbox.mjs";

const NOW = 1693900800000;
const ENVELOPE = "tmall_alihouse_customer_clue_out_invest_total_data_back_flow_response";
const make = (outinvest = {}) => createSandbox({ leads: 3, mobileCipher: "plaintext", outinvest });
const rows = (...ids) => ids.map((id) => ({ ...SAMPLE_ROW, id: BigInt(id) }));
const push = (sandbox, type = 1, list = rows(64), more = {}) =>
    sandbox.handle(outInvestRequest(sandbox.options, type, list, { nowMs: NOW, ...more }), NOW);
const resultOf = (answer) => JSON.parse(answer.body)[ENVELOPE].result;
const truth = (sandbox) => [...sandbox.outinvest.truth()].map(([key, { times }]) => `${key} x${times}`);

test("the sample of the page is accepted, in JSON, XML and simplified", () => {
    const sandbox = make();
    assert.deepEqual(resultOf(push(sandbox)), { code: "success", msg: "成功", success: "true" });
    const xml = push(sandbox, 1, rows(64), { params: { format: undefined } }).body.toString();
    assert.match(
        xml,
        new RegExp(
            `<${ENVELOPE}><result><code>success</code><msg>成功</msg><success>true</success></result><request_id>`,
        ),
    );
    assert.deepEqual(
        JSON.parse(push(sandbox, 1, rows(64), { params: { simplify: "true" } }).body).result.code,
        "success",
    );
    assert.deepEqual(truth(sandbox), ["1/64/2022-04-02 x3"]);
    const { row, calls, changed } = sandbox.outinvest.truth().get("1/64/2022-04-02");
    assert.deepEqual([JSON.parse(row), calls, changed], [SAMPLE_ROW, [1, 2, 3], 0]);
});

test("rows are told apart by type, id and day; large ids stay exact", () => {
    const sandbox = make();
    push(sandbox, 1, rows(1, 2, "9007199254740993"));
    push(sandbox, 2, rows(1));
    push(sandbox, 1, [
        { ...SAMPLE_ROW, id: 1n, statisticsDate: "2022-04-03" },
        { ...SAMPLE_ROW, id: 2n, aliUv: 7 },
    ]);
    assert.deepEqual(truth(sandbox), [
        "1/1/2022-04-02 x1",
        "1/2/2022-04-02 x2",
        "1/9007199254740993/2022-04-02 x1",
        "2/1/2022-04-02 x1",
        "1/1/2022-04-03 x1",
    ]);
    assert.equal(sandbox.outinvest.truth().get("1/2/2022-04-02").changed, 1);
    assert.deepEqual(
        sandbox.outinvest.calls.map(({ type, ids, outcome }) => [type, ids.length, outcome]),
        [
            [1, 3, "ok"],
            [2, 1, "ok"],
            [1, 2, "ok"],
        ],
    );
});

test("sign and session are checked as for every method; calls are counted per platform", () => {
    const sandbox = make();
    const code = (more) => errorOf(push(sandbox, 1, rows(1), more))?.code;
    assert.equal(code({ sign: "X" }), 25);
    assert.equal(code({ params: { session: undefined } }), 26);
    assert.equal(code({ params: { session: "other" } }), 27);
    for (const sign_method of ["md5", "hmac", "hmac-sha256"])
        assert.equal(code({ params: { sign_method } }), undefined);
    assert.deepEqual([sandbox.outinvest.calls.length, sandbox.calls.length], [6, 0]);
    sandbox.faults.push({ kind: "ban" });
    sandbox.handle(leadListRequest(sandbox.options, { page_size: 1 }, { nowMs: NOW }), NOW);
    assert.equal(code({}), undefined, "a ban of the lead list is not ours");
    assert.deepEqual(truth(sandbox), ["1/1/2022-04-02 x4"]);
});

test("what is no batch: 50 isv.invalid-parameter, or 40 for what is missing", () => {
    const sandbox = make({ maxRows: 2 });
    const bad = (req) => errorOf(push(sandbox, 1, "", { req }));
    for (const req of ["{}", '{"type":1}', '{"data":"[]"}']) assert.equal(bad(req).code, 40, req);
    const day = '\\"statisticsDate\\":\\"2022-04-02\\"';
    for (const req of [
        "no",
        "[]",
        '{"type":4,"data":"[]"}',
        '{"type":"x","data":"[]"}',
        '{"type":1,"data":[]}',
        '{"type":1,"data":"[]"}',
        '{"type":1,"data":"no"}',
        `{"type":1,"data":"[{${day}}]"}`,
        `{"type":1,"data":"[{\\"id\\":\\"1\\",${day}}]"}`,
        '{"type":1,"data":"[{\\"id\\":1,\\"statisticsDate\\":\\"today\\"}]"}',
        '{"type":1,"data":"[null]"}',
    ])
        assert.deepEqual([bad(req).code, bad(req).sub_code], [50, "isv.invalid-parameter"], req);
    assert.equal(errorOf(push(sandbox, 1, rows(1, 2, 3))).code, 50);
    assert.deepEqual(truth(sandbox), []);
});

test("a row that is refused takes its batch with it", () => {
    const sandbox = make({
        refuseIds: ["3", 4],
        refuseWhere: [
            { field: "aliUv", op: "above", value: 100 },
            { field: "store_id", op: "missing" },
        ],
    });
    assert.deepEqual(resultOf(push(sandbox, 1, rows(1, 2, 3))), {
        code: "invalid-row",
        msg: "第3行(id=3)id无效",
        success: "false",
    });
    assert.equal(resultOf(push(sandbox, 1, [{ ...SAMPLE_ROW, aliUv: 101 }])).success, "false");
    const { store_id, ...without } = SAMPLE_ROW;
    assert.equal(resultOf(push(sandbox, 1, [without])).code, "invalid-row");
    assert.deepEqual(truth(sandbox), []);
    assert.equal(resultOf(push(sandbox, 1, rows(1, 2))).success, "true");
    assert.equal(sandbox.outinvest.calls[0].outcome, "refused:3");
    const silent = make({ refuseIds: [3], refuseNames: "none" });
    assert.equal(resultOf(push(silent, 1, rows(1, 3))).msg, "存在无效数据");
    assert.throws(() => make({ refuseWhere: [{ field: "a", op: "like" }] }), /refuseWhere/);
});

/** kind -> [what must be true of the answer, how often the row was accepted]. */
const EXPECTED = {
    ban: [(answer) => assert.match(errorOf(answer).sub_msg, / 60 more seconds/), 0],
    isp: [(answer) => assert.equal(errorOf(answer).code, 15), 0],
    isv: [(answer) => assert.equal(errorOf(answer).sub_code, "isv.invalid-parameter"), 0],
    error: [(answer) => assert.equal(errorOf(answer).code, 11), 0],
    result_not_ok: [(answer) => assert.equal(resultOf(answer).success, "false"), 0],
    refuse: [(answer) => assert.equal(resultOf(answer).code, "invalid-row"), 0],
    html502: [(answer) => assert.equal(answer.status, 502), 0],
    empty: [(answer) => assert.equal(answer.body.length, 0), 0],
    garbage: [(answer) => assert.throws(() => JSON.parse(answer.body)), 0],
    huge: [(answer) => assert.equal(answer.body.length, 20_000_000), 0],
    deep_json: [(answer) => assert.ok(answer.body.length > 20_000), 0],
    silent: [(answer) => assert.ok(answer.hang), 0],
    reset: [(answer) => assert.ok(answer.reset), 0],
    truncated: [(answer) => assert.throws(() => JSON.parse(answer.body)), 1],
    invalid_utf8: [(answer) => assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(answer.body)), 1],
    bom: [(answer) => assert.equal(answer.body[0], 0xef), 1],
    gzip: [(answer) => assert.equal(answer.headers["content-encoding"], "gzip"), 1],
    xml_dtd: [(answer) => assert.match(answer.body.toString(), /<!DOCTYPE/), 1],
    xml_entity: [(answer) => assert.match(answer.body.toString(), /<!ENTITY/), 1],
    wrong_envelope: [(answer) => assert.deepEqual(Object.keys(JSON.parse(answer.body)), ["time_get_response"]), 1],
    slow: [(answer) => assert.equal(answer.delayMs, 1000), 1],
    cut: [(answer) => assert.ok(answer.cutAfter), 1],
    result_missing: [(answer) => assert.equal(resultOf(answer), undefined), 1],
    success_boolean: [(answer) => assert.equal(resultOf(answer).success, true), 1],
    accept_silent: [(answer) => assert.ok(answer.hang), 1],
    accept_reset: [(answer) => assert.ok(answer.reset), 1],
    accept_html502: [(answer) => assert.equal(answer.status, 502), 1],
    accept_isp: [(answer) => assert.equal(errorOf(answer).sub_code, "isp.remote-service-timeout"), 1],
};
test("every statistics fault has its expectation here", () =>
    assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(OUTINVEST_FAULTS).sort()));
for (const [kind, [check, accepted]] of Object.entries(EXPECTED)) {
    test(`statistics fault ${kind}: accepted ${accepted} times`, () => {
        const sandbox = make();
        sandbox.outinvest.faults.push({ kind, ...(kind === "error" ? { code: 11, msg: "x" } : {}) });
        check(push(sandbox));
        assert.deepEqual(truth(sandbox), accepted ? ["1/64/2022-04-02 x1"] : []);
        const later = kind === "ban" ? NOW + 60_000 : NOW;
        assert.equal(
            resultOf(sandbox.handle(outInvestRequest(sandbox.options, 1, rows(64), { nowMs: later }), later)).success,
            "true",
        );
    });
}

test("the control door shows what was taken over", () => {
    const sandbox = make();
    push(sandbox);
    const get = (what) =>
        JSON.parse(sandbox.handle({ method: "GET", url: `/_sandbox/${what}?platform=outinvest` }, NOW).body);
    assert.equal(get("truth")["1/64/2022-04-02"].times, 1);
    assert.equal(get("state").lastCalls[0].method, OUT_INVEST);
    assert.equal(get("config").maxRows, 1000);
    assert.equal(
        leadsOf(sandbox.handle(leadListRequest(sandbox.options, { page_size: 9 }, { nowMs: NOW }), NOW)).length,
        3,
    );
});
