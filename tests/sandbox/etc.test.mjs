import assert from "node:assert/strict";
import { test } from "node:test";
import { clueQueryRequest } from "./client.mjs";
import { ETC_FAULTS } from "./etc/faults.mjs";
import { ETC_COLUMNS } from "./etc/row.mjs";
import { signTop } from "./gateway/sign.mjs";
import { formatGmt8, parseTimestamp } from "./gateway/time.mjs";
import { createSandbox } from "./sandbox.mjs";

const NOW = 1693900800000;
const make = (etc = {}) => createSandbox({ leads: 0, etc: { rows: 25, ...etc } });
const credentials = ({ options }) => ({ ...options, target_app_key: options.etc.target_app_key });
const raw = (sandbox, query, more = {}) =>
    sandbox.handle(clueQueryRequest(credentials(sandbox), query, { nowMs: NOW, ...more }), NOW);
const reply = (sandbox, query, more) => JSON.parse(raw(sandbox, query, more).body);
const rowsOf = (answer) => JSON.parse(answer.data);
const NOW_SECONDS = Math.floor(NOW / 1000);

test("a page has the four members of the sample and its columns", () => {
    const sandbox = make();
    const answer = raw(sandbox, {});
    assert.match(
        answer.body.toString(),
        /^\{"qmMessage":"Success","data":"\[\{\\"id\\":215,\\"status\\":.*\}\]","qmCode":"200","status":"1"\}$/,
    );
    const rows = rowsOf(JSON.parse(answer.body));
    assert.equal(rows.length, 10);
    for (const row of rows) assert.deepEqual(Object.keys(row), ETC_COLUMNS);
    assert.ok(
        rows.some(({ z_mobile }) => /^1\d{2}0000\d{4}$/.test(z_mobile)) && rows.some(({ z_mobile }) => z_mobile === ""),
    );
    assert.equal(raw(sandbox, {}).headers["content-type"], "text/javascript;charset=UTF-8");
});

test("pages from 1 until an empty list; every row once", () => {
    const sandbox = make();
    const ids = [];
    let page = 1;
    for (; page < 20; page++) {
        const rows = rowsOf(reply(sandbox, { page }));
        if (rows.length === 0) break;
        ids.push(...rows.map(({ id }) => String(id)));
    }
    assert.equal(page, 4);
    assert.deepEqual(ids, [...sandbox.etc.truth().keys()]);
    assert.equal(reply(sandbox, { page: 10 ** 9 }).data, "[]");
    assert.deepEqual(rowsOf(reply(sandbox, { page: undefined })).length, 10);
});

test("queryTime is the lower bound on created or updated", () => {
    const sandbox = make({ pageSize: 100 });
    const created = [...sandbox.etc.truth().values()].map(({ fields }) => parseTimestamp(fields.created_time) / 1000);
    assert.equal(rowsOf(reply(sandbox, { queryTime: created[20] })).length, 5);
    assert.equal(rowsOf(reply(sandbox, { queryTime: created[20] + 1 })).length, 4);
    sandbox.etc.account.modify("215", NOW + 60_000);
    const changed = rowsOf(reply(sandbox, { queryTime: NOW_SECONDS + 60 }));
    assert.deepEqual(
        changed.map(({ id, updated_time }) => [id, updated_time]),
        [[215, formatGmt8(NOW + 60_000)]],
    );
    assert.equal(reply(sandbox, { dataType: 5 }).data, "[]");
});

test("wrong questions: by the gateway, or by the provider behind it", () => {
    const sandbox = make();
    const failed = (query, more) => reply(sandbox, query, more).response;
    assert.deepEqual(
        { ...failed({}, { sign: "X" }), request_id: 0 },
        { flag: "failure", code: "25", message: "Invalid signature", request_id: 0 },
    );
    assert.equal(failed({}, { params: { target_app_key: undefined } }).sub_code, "isv.missing-parameter");
    assert.equal(failed({}, { params: { target_app_key: "1" } }).sub_code, "isv.invalid-parameter");
    for (const query of [
        { filter: undefined },
        { filter: "" },
        { appid: undefined },
        { dataType: undefined },
        { queryTime: undefined },
    ])
        assert.equal(failed(query).code, "40", JSON.stringify(query));
    for (const query of [{ page: "x" }, { queryTime: "today" }, { dataType: "4.5" }])
        assert.equal(failed(query).code, "41", JSON.stringify(query));
    for (const query of [{ page: 0 }, { page: -1 }, { queryTime: -1 }])
        assert.deepEqual(
            [reply(sandbox, query).qmCode, reply(sandbox, query).status],
            ["400", "0"],
            JSON.stringify(query),
        );
    assert.equal(failed({}, { params: { timestamp: formatGmt8(NOW - 601_000) } }).code, "31");
    assert.equal(failed({}, { params: { method: "qimen.other" } }).code, "22");
    for (const sign_method of ["md5", "hmac", "hmac-sha256"])
        assert.equal(reply(sandbox, {}, { params: { sign_method } }).qmCode, "200");
    assert.equal(reply(sandbox, {}, { params: { v: "3.0", format: "json2" } }).qmCode, "200");
    const flat = make({ errorStyle: "flat" });
    assert.equal(reply(flat, {}, { sign: "X" }).flag, "failure");
    const other = make({ errorStyle: "error_response" });
    assert.equal(reply(other, {}, { sign: "X" }).error_response.code, 25);
});

test("a JSON body carries the question as well as a form", () => {
    const sandbox = make();
    const { app_key, app_secret, target_app_key } = credentials(sandbox);
    const params = {
        method: "qimen.tmall.alihouse.newhome.clue.backflow",
        app_key,
        target_app_key,
        timestamp: formatGmt8(NOW),
        v: "2.0",
        sign_method: "md5",
        format: "json",
    };
    const body = '{"filter":"\\"\\"","appid":"\\"\\"","dataType":4,"queryTime":"0","page":2}';
    params.sign = signTop(Object.entries(params), body, app_secret, "md5");
    const request = {
        method: "POST",
        url: `/router/qmtest?${new URLSearchParams(params)}`,
        headers: { "content-type": "application/json;charset=utf-8" },
        body,
    };
    assert.equal(rowsOf(JSON.parse(sandbox.handle(request, NOW).body)).length, 10);
    assert.equal(sandbox.etc.calls[0].page, "2");
    assert.equal(JSON.parse(sandbox.handle({ ...request, body: `${body} ` }, NOW).body).response.code, "25");
});

const EXPECTED = {
    html502: (answer) => assert.equal(answer.status, 502),
    empty: (answer) => assert.equal(answer.body.length, 0),
    garbage: (answer) => assert.throws(() => JSON.parse(answer.body)),
    truncated: (answer) => assert.throws(() => JSON.parse(answer.body)),
    invalid_utf8: (answer) => assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(answer.body)),
    bom: (answer) => assert.equal(answer.body[0], 0xef),
    gzip: (answer) => assert.equal(answer.headers["content-encoding"], "gzip"),
    slow: (answer) => assert.equal(answer.delayMs, 1000),
    silent: (answer) => assert.ok(answer.hang),
    reset: (answer) => assert.ok(answer.reset),
    cut: (answer) => assert.ok(answer.cutAfter),
    huge: (answer) => assert.equal(answer.body.length, 20_000_000),
    ban: (answer) => assert.match(JSON.parse(answer.body).response.sub_message, / 60 more seconds/),
    isp: (answer) => assert.equal(JSON.parse(answer.body).response.sub_code, "isp.http-read-timeout"),
    error_response: (answer) => assert.equal(JSON.parse(answer.body).error_response.code, 15),
    response_failure: (answer) => assert.equal(JSON.parse(answer.body).response.flag, "failure"),
    flat_failure: (answer) => assert.equal(JSON.parse(answer.body).sub_code, "isp.http-read-timeout"),
    qm_code: (answer) =>
        assert.deepEqual(JSON.parse(answer.body), {
            qmMessage: "system error",
            data: "[]",
            qmCode: "500",
            status: "0",
        }),
    status: (answer) =>
        assert.deepEqual([JSON.parse(answer.body).qmCode, JSON.parse(answer.body).status], ["200", "0"]),
    sign_refused: (answer) =>
        assert.deepEqual(JSON.parse(answer.body), {
            qmMessage: "Illegal request",
            qmCode: "sign-check-failure",
            status: "不等于1",
        }),
    data_not_json: (answer) => assert.throws(() => rowsOf(JSON.parse(answer.body))),
    data_null: (answer) => assert.equal(JSON.parse(answer.body).data, null),
    data_missing: (answer) => assert.deepEqual(Object.keys(JSON.parse(answer.body)), ["qmMessage", "qmCode", "status"]),
    data_array: (answer) => assert.equal(JSON.parse(answer.body).data.length, 10),
    data_object: (answer) => assert.deepEqual(rowsOf(JSON.parse(answer.body)), { rows: [] }),
    wrong_types: (answer) => assert.equal(typeof rowsOf(JSON.parse(answer.body))[0].id, "object"),
    extra_columns: (answer) => assert.equal(rowsOf(JSON.parse(answer.body))[0].new_column, "新列"),
    missing_columns: (answer) => assert.equal("z_mobile" in rowsOf(JSON.parse(answer.body))[0], false),
    repeat_page: (answer) => assert.equal(rowsOf(JSON.parse(answer.body))[0].id, 215),
};
test("every ETC fault has its expectation here", () =>
    assert.deepEqual(Object.keys(EXPECTED).sort(), Object.keys(ETC_FAULTS).sort()));
for (const [kind, check] of Object.entries(EXPECTED)) {
    test(`ETC fault ${kind}, once, then all is well`, () => {
        const sandbox = make();
        sandbox.etc.faults.push({ kind });
        check(raw(sandbox, kind === "repeat_page" ? { page: 2 } : {}));
        assert.equal(sandbox.etc.calls[0].outcome, `fault:${kind}`);
        const later = kind === "ban" ? NOW + 60_000 : NOW;
        const next = sandbox.handle(clueQueryRequest(credentials(sandbox), {}, { nowMs: later }), later);
        assert.equal(rowsOf(JSON.parse(next.body)).length, 10);
    });
}

test("rows that arrive and change through the control door", () => {
    const sandbox = make({ growth: { perCall: 2 } });
    reply(sandbox, {});
    reply(sandbox, {});
    const control = (method, what, body) =>
        JSON.parse(
            sandbox.handle({ method, url: `/_sandbox/${what}?platform=etc`, body: body && JSON.stringify(body) }, NOW)
                .body,
        );
    assert.equal(control("GET", "state").rows, 27);
    const { ids } = control("POST", "leads", { add: 1, modify: 215 });
    assert.deepEqual([ids.length, control("GET", "truth")["215"].version], [2, 2]);
    assert.match(control("POST", "leads", { add: 1, late: 1 }).error, /late/);
    assert.equal(control("GET", "state").rows, 28);
});
