import { FAULT_KINDS } from "../faults.mjs";

const TRANSPORT = [
    "html502",
    "empty",
    "garbage",
    "truncated",
    "invalid_utf8",
    "bom",
    "gzip",
    "slow",
    "silent",
    "reset",
    "cut",
    "huge",
];
const error = (fault) => ({
    code: fault.code ?? 15,
    msg: fault.msg ?? "Remote service error",
    sub_code: fault.sub_code ?? "isp.http-read-timeout",
    sub_msg: fault.sub_msg ?? "服务不可用",
});

/** What can go wrong on the way through the gateway, and at the provider behind it. */
export const ETC_FAULTS = {
    ...Object.fromEntries(TRANSPORT.map((kind) => [kind, FAULT_KINDS[kind]])),
    ban: (fault, call) => call.ban(fault.seconds ?? 60),
    isp: (fault, call) => call.failure(error(fault)),
    error_response: (fault, call) => call.failure(error(fault), "error_response"),
    response_failure: (fault, call) => call.failure(error(fault), "response"),
    flat_failure: (fault, call) => call.failure(error(fault), "flat"),
    qm_code: (fault, call) =>
        call.page((reply) => ({
            ...reply,
            data: "[]",
            qmCode: fault.qmCode ?? "500",
            qmMessage: fault.qmMessage ?? "system error",
            status: fault.status ?? "0",
        })),
    status: (fault, call) => call.page((reply) => ({ ...reply, status: fault.status ?? "0" })),
    sign_refused: (_, call) =>
        call.page(() => ({ qmMessage: "Illegal request", qmCode: "sign-check-failure", status: "不等于1" })),
    data_not_json: (_, call) => call.page((reply) => ({ ...reply, data: "no rows today" })),
    data_null: (_, call) => call.page((reply) => ({ ...reply, data: null })),
    data_missing: (_, call) => call.page(({ data, ...reply }) => reply),
    data_array: (_, call) => call.page((reply, rows) => ({ ...reply, data: rows })),
    data_object: (_, call) => call.page((reply) => ({ ...reply, data: '{"rows":[]}' })),
    wrong_types: (_, call) =>
        call.rows((row, i) => (i % 2 ? { ...row, status: "x", cid: null, created_time: 5 } : { ...row, id: { a: 1 } })),
    extra_columns: (_, call) => call.rows((row) => ({ ...row, new_column: "新列", z_wechat: null })),
    missing_columns: (_, call) => call.rows(({ z_mobile, budget, updated_time, ...row }) => row),
    /** Page 1 whatever the page: a list that never ends. */
    repeat_page: (_, call) => call.firstPage(),
};
