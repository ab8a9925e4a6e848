import { LEAD_LIST } from "./alimama/lead_list.mjs";
import { CLUE_BACKFLOW } from "./etc/gateway.mjs";
import { signTop } from "./gateway/sign.mjs";
import { formatGmt8 } from "./gateway/time.mjs";
import { parseExact } from "./gateway/render.mjs";
import { writeJson } from "./json.mjs";
import { OUT_INVEST } from "./outinvest/data_back.mjs";
import { CLUE_LIST } from "./tanma/api.mjs";
import { signApi } from "./tanma/protocol.mjs";

/**
 * A well-formed signed call to the lead list, as the official client sends it: public parameters in the query, the rest as a form.
 * @param {object} credentials app_key, app_secret, session (a sandbox's `options` will do)
 * @param {object|string} query lead_external_query_dto; ids as text or BigInt
 * @param {{nowMs: number, params?: object, sign?: string}} more params override public ones; undefined leaves one out
 */
export function leadListRequest(credentials, query, more = {}) {
    return topRequest(
        LEAD_LIST,
        credentials,
        { lead_external_query_dto: typeof query === "string" ? query : queryText(query) },
        more,
    );
}

/** A signed push of statistics (seed 001). `rows`: a list, or the text that stands in data. */
export function outInvestRequest(credentials, type, rows, more = {}) {
    const data = typeof rows === "string" ? rows : writeJson(rows);
    return topRequest(OUT_INVEST, credentials, { req: more.req ?? writeJson({ data, type }) }, more);
}

/** A signed question through the Qimen gateway (seed 000, as the caller); credentials has target_app_key too. */
export function clueQueryRequest(credentials, query, more = {}) {
    const business = Object.fromEntries(
        Object.entries({ filter: '""', appid: '""', dataType: 4, queryTime: "0", page: 1, ...query })
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, String(value)]),
    );
    const params = { session: undefined, target_app_key: credentials.target_app_key, ...more.params };
    return { ...topRequest(CLUE_BACKFLOW, credentials, business, { ...more, params, path: "/router/qm" }) };
}

function topRequest(method, credentials, business, { nowMs, params = {}, sign, path = "/router/rest" }) {
    const publicParams = {
        method,
        app_key: credentials.app_key,
        session: credentials.session,
        timestamp: formatGmt8(nowMs),
        v: "2.0",
        sign_method: "hmac-sha256",
        format: "json",
        ...params,
    };
    for (const name of Object.keys(publicParams)) if (publicParams[name] === undefined) delete publicParams[name];
    const all = Object.entries({ ...publicParams, ...business });
    publicParams.sign = sign ?? signTop(all, null, credentials.app_secret, publicParams.sign_method);
    return {
        method: "POST",
        url: `${path}?${new URLSearchParams(publicParams)}`,
        headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
        body: new URLSearchParams(business).toString(),
    };
}

/**
 * A signed call to Tanma's list (seed 004), or to another path of its API.
 * @param {object} credentials appId, appKey, basePath
 * @param {object|string} query since, before, size, cursor, type; text is sent as it is
 * @param {{nowMs: number, path?: string, headers?: object}} more headers override; undefined leaves one out
 */
export function clueListRequest(credentials, query, { nowMs, path = CLUE_LIST, headers = {} }) {
    const body = typeof query === "string" ? query : writeJson(query);
    const timestamp = headers.timestamp ?? String(nowMs);
    const all = {
        appId: credentials.appId,
        timestamp,
        sign: signApi({ ...credentials, timestamp }, body),
        "content-type": "application/json",
        ...headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return { method: "POST", url: `${credentials.basePath}${path}`, headers: given, body };
}

function queryText(query) {
    const members = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    return `{${members.map(([name, value]) => `"${name}":${value}`).join(",")}}`;
}

/** The leads of a JSON answer, ids as BigInt. */
export const leadsOf = (answer) =>
    parseExact(answer.body.toString()).mama_crm_lead_list_response.result_data?.result ?? [];
export const errorOf = (answer) => JSON.parse(answer.body).error_response;
