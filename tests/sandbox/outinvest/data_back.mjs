import { parseExact } from "../gateway/render.mjs";
import { writeJson } from "../json.mjs";

export const OUT_INVEST = "tmall.alihouse.customer.clue.out.invest.total.data.back.flow";

/** The sample row of the page. */
export const SAMPLE_ROW = {
    id: 64,
    store_id: 3,
    storeName: "222333444555666777",
    aliDayTSendRate: 2,
    aliDayTcSend: 2,
    aliDayTnSend: 1,
    aliOrderTSendRate: 1,
    aliOrderTcSend: 1,
    aliOrderTnSend: 1,
    aliUv: 1,
    allLzSendRate: 1,
    allLzcSend: 1,
    allLznSend: 1,
    businessType: 1,
    createTime: "2022-03-31 21:23:12",
    fcDayTSendRate: 1,
    fcDayTcSend: 1,
    fcDayTnSend: 1,
    fcLzSendRate: 1,
    fcLzcSend: 1,
    fcLznSend: 1,
    fcOrderTSendRate: 1,
    fcOrderTcSend: 1,
    fcOrderTnSend: 1,
    fcUv: 1,
    replyImAll: 1,
    replyImRate: 0,
    sendImAll: 1,
    statisticsDate: "2022-04-02",
    totalCSend: 1,
    totalDayTSendRate: 1,
    totalDayTcSend: 1,
    totalDayTnSend: 1,
    totalNSend: 11,
    totalSendRate: 0,
    totalUv: 1,
    updateTime: "2022-03-31 21:23:12",
};

export const OUTINVEST_DEFAULTS = {
    refuseIds: [],
    refuseWhere: [],
    refuseNames: "row",
    maxRows: 1000,
};
const REFUSE_OPERATORS = {
    equals: (value, given) => String(value) === String(given),
    below: (value, given) => Number(value) < Number(given),
    above: (value, given) => Number(value) > Number(given),
    missing: (value) => value === undefined || value === null,
};
export const REFUSE_OPS = Object.keys(REFUSE_OPERATORS);

/** tmall.alihouse.customer.clue.out.invest.total.data.back.flow: statistics come in, all rows of a batch or none. */
export function createDataBack(account, options) {
    const refused = new Set(options.refuseIds.map(String));
    const refusal = (row) => {
        if (refused.has(String(row.id))) return "id";
        return options.refuseWhere.find(({ field, op = "equals", value }) => REFUSE_OPERATORS[op](row[field], value))
            ?.field;
    };

    return {
        needsSession: true,

        /** @returns {{error: object} | {type: number, rows: object[]}} */
        parse(params) {
            if (!params.has("req")) return missing("req");
            let req;
            try {
                req = parseExact(params.get("req"));
            } catch {
                return invalid("req is not JSON");
            }
            if (req === null || typeof req !== "object" || Array.isArray(req)) return invalid("req is not an object");
            if (req.type === undefined || req.type === null) return missing("type");
            if (req.data === undefined || req.data === null) return missing("data");
            const type = /^[123]$/.test(String(req.type)) ? Number(req.type) : null;
            if (type === null) return invalid("type");
            if (typeof req.data !== "string") return invalid("data is no text");
            let data;
            try {
                data = parseExact(req.data);
            } catch {
                return invalid("data is not JSON");
            }
            if (!Array.isArray(data) || data.length === 0 || data.length > options.maxRows)
                return invalid(`data is no list of 1..${options.maxRows} rows`);
            const wrong = data.findIndex(
                (row) =>
                    row === null ||
                    typeof row !== "object" ||
                    Array.isArray(row) ||
                    typeof row.id !== "bigint" ||
                    !/^\d{4}-\d\d-\d\d$/.test(row.statisticsDate ?? ""),
            );
            if (wrong >= 0) return invalid(`data[${wrong}]`);
            return { type, rows: data };
        },

        /** @returns {{ids: string[], model: object}} */
        run({ type, rows }, call) {
            const ids = rows.map(({ id }) => String(id));
            for (const [index, row] of rows.entries()) {
                const field = refusal(row);
                if (!field) continue;
                const where =
                    options.refuseNames === "row" ? `第${index + 1}行(id=${row.id})${field}无效` : "存在无效数据";
                return { ids, refused: String(row.id), model: this.failed("invalid-row", where) };
            }
            account.accept(
                type,
                rows.map((row) => ({ id: String(row.id), day: row.statisticsDate, text: writeJson(row) })),
                call,
            );
            return { ids, model: { result: { code: "success", msg: "成功", success: "true" } } };
        },

        failed: (code, text) => ({ result: { code, msg: text, success: "false" } }),
    };
}

const missing = (name) => ({
    error: {
        code: 40,
        msg: `Missing required arguments:${name}`,
        sub_code: "isv.missing-parameter",
        sub_msg: name,
    },
});
const invalid = (text) => ({
    error: {
        code: 50,
        msg: "Remote service error",
        sub_code: "isv.invalid-parameter",
        sub_msg: `非法参数:${text}`,
    },
});
