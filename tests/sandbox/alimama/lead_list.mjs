import { parseExact, TopList } from "../gateway/render.mjs";

export const LEAD_LIST = "taobao.mama.crm.lead.list";

/** taobao.mama.crm.lead.list over one account. */
export function createLeadList(account, options) {
    return {
        needsSession: true,

        /** @returns {{error: object} | {offset: bigint|null, pageSize: number}} */
        parse(params) {
            let query;
            try {
                query = parseExact(params.get("lead_external_query_dto") ?? "{}");
            } catch {
                return invalid("lead_external_query_dto is not JSON");
            }
            if (query === null || typeof query !== "object" || Array.isArray(query))
                return invalid("lead_external_query_dto is not an object");
            const pageSize = integer(query.page_size);
            const offset = integer(query.offset);
            if (pageSize === null) {
                return {
                    error: {
                        code: 40,
                        msg: "Missing required arguments:page_size",
                        sub_code: "isv.missing-parameter",
                        sub_msg: "page_size",
                    },
                };
            }
            if (pageSize === undefined || pageSize < 1n || pageSize > BigInt(options.maxPageSize))
                return invalid("非法参数");
            if (offset === undefined) return invalid("非法参数");
            return { offset, pageSize: Number(pageSize) };
        },

        /** @returns {{ids: string[], model: object}} */
        run({ offset, pageSize }) {
            const page = account.page(offset, pageSize);
            const model = { result_data: new TopList("result", page.leads), result_ok: true };
            if (page.leads.length === 0 && options.emptyList === "missing") delete model.result_data;
            return { ids: page.ids, model };
        },

        failed: (code, text) => ({ result_ok: false, result_error_code: code, error_msg: text }),
    };
}

const invalid = (text) => ({
    error: { code: 50, msg: "Remote service error", sub_code: "isv.invalid-parameter", sub_msg: text },
});

/** BigInt from a JSON integer or its text; null when absent, undefined when it is something else. */
function integer(value) {
    if (value === undefined || value === null) return null;
    if (typeof value === "bigint") return value;
    return typeof value === "string" && /^-?\d{1,19}$/.test(value) ? BigInt(value) : undefined;
}
