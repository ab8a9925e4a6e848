import { createFaults } from "../faults.mjs";
import { checkCall } from "../gateway/check.mjs";
import { collectParams } from "../gateway/params.mjs";
import { answer, CONTENT_TYPE, parseExact } from "../gateway/render.mjs";
import { writeJson } from "../json.mjs";
import { createRandom } from "../random.mjs";
import { createEtcAccount } from "./account.mjs";
import { ETC_FAULTS } from "./faults.mjs";

export const CLUE_BACKFLOW = "qimen.tmall.alihouse.newhome.clue.backflow";
const PATHS = ["/router/qm", "/router/qmtest"];

export const ETC_DEFAULTS = {
    target_app_key: "23558957",
    rows: 30,
    firstId: "215",
    idStep: 24,
    intervalMs: 90_000,
    pageSize: 10,
    dataTypes: [4],
    errorStyle: "response",
    growth: {},
};
export const ERROR_STYLES = ["response", "flat", "error_response"];

/** The Qimen gateway with one ETC partner behind it; `gateway` gives the caller's app_key and app_secret. */
export function createEtc(options, gateway) {
    const account = createEtcAccount(options);
    const faults = createFaults(ETC_FAULTS);
    const random = createRandom(options.seed, "etc", "gateway");
    const calls = [];
    let bannedUntil = 0;

    /** @returns {object|null} null when the path is not Qimen's */
    function handle(request, clock) {
        if (!PATHS.includes(request.path)) return null;
        const n = calls.length + 1;
        const record = {
            n,
            atMs: clock,
            method: null,
            dataType: null,
            queryTime: null,
            page: null,
            outcome: "ok",
            ids: [],
        };
        calls.push(record);
        const { perCall = 0, bursts = [] } = options.growth;
        const arrived =
            (n > 1 ? perCall : 0) +
            bursts.filter(({ atCall }) => atCall === n).reduce((sum, { count }) => sum + count, 0);
        if (arrived > 0) account.add(arrived, clock);

        const request_id = random.token(12);
        const send = (value) => answer(200, CONTENT_TYPE.json, writeJson(value));
        const failure = ({ code, msg, sub_code, sub_msg }, style = options.errorStyle) => {
            if (style === "error_response")
                return send({ error_response: { code, msg, sub_code, sub_msg, request_id } });
            const flat = {
                flag: "failure",
                code: String(code),
                message: msg,
                sub_code,
                sub_message: sub_msg,
                request_id,
            };
            return send(style === "flat" ? flat : { response: flat });
        };
        const refuse = (error) => {
            record.outcome = `error:${error.code}`;
            return failure(error);
        };

        const { params, body, problem } = collectParams(request);
        record.method = params.get("method") ?? null;
        const refusal = checkCall(
            { httpMethod: request.httpMethod, params, body, problem },
            {
                ...gateway,
                expired: new Set(),
                session: "",
                nowMs: clock,
                versions: ["2.0", "3.0"],
                formats: ["json", "json2", "xml"],
                needsSession: (name) => (name === CLUE_BACKFLOW ? false : undefined),
            },
        );
        if (refusal) return refuse(refusal);
        if (!params.has("target_app_key")) return refuse(missing("target_app_key"));
        if (params.get("target_app_key") !== options.target_app_key) return refuse(invalid("target_app_key"));
        const banned = () => ({
            code: 7,
            msg: "App Call Limited",
            sub_code: "accesscontrol.limited-by-api-access-count",
            sub_msg: `This ban will last for ${Math.ceil((bannedUntil - clock) / 1000)} more seconds`,
        });
        if (clock < bannedUntil) return refuse(banned());

        const query = readQuery(params, body);
        if (query.error) return refuse(query.error);
        Object.assign(record, {
            dataType: query.dataType,
            queryTime: String(query.queryTime),
            page: String(query.page),
        });

        // What the provider would say; the gateway hands it on.
        const page = (change = (reply) => reply, { number = query.page, eachRow = (row) => row } = {}) => {
            if (number < 1n || query.queryTime < 0n) {
                record.outcome = "qm:400";
                return send({ qmMessage: "invalid parameter", data: "[]", qmCode: "400", status: "0" });
            }
            const known = options.dataTypes.map(String).includes(query.dataType);
            const { ids, rows } = known
                ? account.page(Number(query.queryTime) * 1000, Number(number), options.pageSize)
                : { ids: [], rows: [] };
            record.ids = ids;
            const shown = rows.map(eachRow);
            return send(change({ qmMessage: "Success", data: writeJson(shown), qmCode: "200", status: "1" }, shown));
        };

        const fault = faults.take(n);
        if (!fault) return page();
        record.outcome = `fault:${fault.kind}`;
        return ETC_FAULTS[fault.kind](fault, {
            page,
            failure,
            random,
            envelope: "response",
            rows: (eachRow) => page(undefined, { eachRow }),
            firstPage: () => page(undefined, { number: 1n }),
            ban: (seconds) => {
                bannedUntil = clock + seconds * 1000;
                return failure(banned());
            },
        });
    }

    return {
        handle,
        account,
        faults,
        calls,
        truth: account.truth,
        config: () => ({
            target_app_key: options.target_app_key,
            pageSize: options.pageSize,
            dataTypes: options.dataTypes,
        }),
        state: (clock) => ({
            calls: calls.length,
            lastCalls: calls.slice(-20),
            rows: account.size(),
            faults: faults.pending(),
            banSeconds: Math.max(0, Math.ceil((bannedUntil - clock) / 1000)),
        }),
    };
}

const missing = (name) => ({
    code: 40,
    msg: `Missing required arguments:${name}`,
    sub_code: "isv.missing-parameter",
    sub_msg: name,
});
const invalid = (name) => ({
    code: 41,
    msg: `Invalid arguments:${name}`,
    sub_code: "isv.invalid-parameter",
    sub_msg: name,
});

/** The business parameters, from the form or the JSON body. */
function readQuery(params, body) {
    let given = Object.fromEntries(params);
    if (body !== null && body.length > 0) {
        try {
            given = { ...given, ...parseExact(body.toString()) };
        } catch {
            return { error: invalid("body") };
        }
    }
    for (const name of ["filter", "appid", "dataType", "queryTime"])
        if (given[name] === undefined || given[name] === null) return { error: missing(name) };
    const integer = (value) => (/^-?\d{1,18}$/.test(String(value)) ? BigInt(value) : null);
    const [queryTime, page, dataType] = [integer(given.queryTime), integer(given.page ?? "1"), integer(given.dataType)];
    if (queryTime === null) return { error: invalid("queryTime") };
    if (page === null) return { error: invalid("page") };
    if (dataType === null) return { error: invalid("dataType") };
    return { queryTime, page, dataType: String(dataType), filter: given.filter, appid: given.appid };
}
