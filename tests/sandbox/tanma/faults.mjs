import { FAULT_KINDS } from "../faults.mjs";
import { answer } from "../gateway/render.mjs";

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
];
export const TANMA_MESSAGES = {
    1002: "签名校验未通过",
    1003: "请求时间与服务器时间相差过大",
    40417: "请求参数验证失败：电话号码重复",
};

/** What can go wrong with Tanma: `page(change)` is the true answer with its data changed, `code(n, text)` a refusal. */
export const TANMA_FAULTS = {
    ...Object.fromEntries(TRANSPORT.map((kind) => [kind, FAULT_KINDS[kind]])),
    huge: (fault) =>
        answer(
            200,
            "application/json",
            Buffer.concat([
                Buffer.from('{"code":0,"message":"'),
                Buffer.alloc(fault.bytes ?? 20_000_000, "a"),
                Buffer.from('","data":{"list":[],"nextCursor":null}}'),
            ]),
        ),
    deep_json: (fault) => {
        const depth = fault.depth ?? 10_000;
        return answer(
            200,
            "application/json",
            `{"code":0,"message":"ok","data":{"list":${"[".repeat(depth)}${"]".repeat(depth)},"nextCursor":null}}`,
        );
    },
    code: (fault, call) => call.code(fault.code ?? 50001, fault.message ?? TANMA_MESSAGES[fault.code] ?? "系统繁忙"),
    code_text: (fault, call) => call.page((reply) => ({ ...reply, code: String(fault.code ?? 0) })),
    list_null: (_, call) => call.page((reply) => ({ ...reply, data: { list: null, nextCursor: null } })),
    list_missing: (_, call) => call.page((reply) => ({ ...reply, data: {} })),
    data_null: (_, call) => call.page((reply) => ({ ...reply, data: null })),
    no_code: (_, call) => call.page(({ data }) => ({ data })),
    wrong_types: (fault, call) =>
        call.page((reply) => ({
            ...reply,
            data: {
                ...reply.data,
                list: reply.data.list.map((row, i) => wrongTypes(row, fault.mode ?? i % 6)),
            },
        })),
    bad_row: (_, call) =>
        call.page((reply) => ({
            ...reply,
            data: { ...reply.data, list: reply.data.list.toSpliced(reply.data.list.length >> 1, 1, null) },
        })),
    ids_as_text: (_, call) =>
        call.page((reply) => ({
            ...reply,
            data: {
                ...reply.data,
                list: reply.data.list.map((row) => ({ ...row, customerId: String(row.customerId) })),
            },
        })),
    /** Rows again and again, each time under a cursor never seen before. */
    endless_cursor: (_, call) => call.endless(),
    /** Leads back to a cursor given earlier, after `length` (2) different ones. */
    cycle_cursor: (fault, call) => call.cycle(fault.length ?? 2),
    same_cursor: (_, call) =>
        call.page((reply) => ({
            ...reply,
            data: { ...reply.data, nextCursor: call.sentCursor ?? reply.data.nextCursor },
        })),
    repeat_page: (_, call) => call.firstPage(),
};

function wrongTypes(row, mode) {
    switch (mode) {
        case 0:
            return { ...row, customerId: { id: 1 } };
        case 1:
            return { ...row, fields: "none" };
        case 2:
            return { ...row, type: "person", isClue: "yes" };
        case 3:
            return { ...row, createTime: 1620717417000, lastUpdateTime: null };
        case 4:
            return {
                ...row,
                fields: row.fields.map((field) => ({
                    ...field,
                    type: String(field.type),
                    valueAsText: field.type === 8 ? "not json" : field.valueAsText,
                })),
            };
        default:
            return { ...row, tagIds: null, companyInfo: [] };
    }
}
