import { signTop } from "./sign.mjs";
import { parseTimestamp, TIMESTAMP_WINDOW_MS } from "./time.mjs";

const SIGN_METHODS = ["md5", "hmac", "hmac-sha256"];

/** The gateway's own refusals, with the texts of the official table. */
export const GATEWAY_ERRORS = {
    9: { code: 9, msg: "Http action not allowed" },
    21: { code: 21, msg: "Missing method" },
    22: { code: 22, msg: "Invalid method" },
    23: { code: 23, msg: "Invalid format" },
    24: { code: 24, msg: "Missing signature" },
    25: { code: 25, msg: "Invalid signature" },
    26: { code: 26, msg: "Missing session" },
    27: { code: 27, msg: "Invalid session" },
    28: { code: 28, msg: "Missing app Key" },
    29: { code: 29, msg: "Invalid app Key", sub_code: "isv.appkey-not-exists" },
    30: { code: 30, msg: "Missing timestamp" },
    31: { code: 31, msg: "Invalid timestamp" },
    32: { code: 32, msg: "Missing version" },
    33: { code: 33, msg: "Invalid version" },
    41: { code: 41, msg: "Invalid arguments", sub_code: "isv.invalid-parameter" },
};

/**
 * The checks before any API runs.
 * @param {{httpMethod: string, params: Map<string,string>, body: Buffer|null, problem?: string}} call
 * @param {{app_key: string, app_secret: string, session: string, expired: Set<string>, nowMs: number,
 *          needsSession: (method: string) => boolean|undefined, versions?: string[], formats?: string[]}} gateway
 *   needsSession is undefined for an unknown method
 * @returns {object|null} the error, or null when the call may run
 */
export function checkCall({ httpMethod, params, body, problem }, gateway) {
    const refuse = (code, sub) => ({ ...GATEWAY_ERRORS[code], ...sub });
    if (httpMethod !== "GET" && httpMethod !== "POST") return refuse(9);
    if (problem) return refuse(41, { sub_msg: problem });

    if (!params.has("method")) return refuse(21);
    if (!params.has("app_key")) return refuse(28);
    if (params.get("app_key") !== gateway.app_key) return refuse(29);
    if (!params.has("v")) return refuse(32);
    if (!(gateway.versions ?? ["2.0"]).includes(params.get("v"))) return refuse(33);
    if (!(gateway.formats ?? ["xml", "json"]).includes(params.get("format") ?? "xml")) return refuse(23);

    if (!params.has("timestamp")) return refuse(30);
    const sent = parseTimestamp(params.get("timestamp"));
    if (sent === null) return refuse(31, { sub_msg: "timestamp is neither GMT+8 text nor epoch milliseconds" });
    if (Math.abs(gateway.nowMs - sent) > TIMESTAMP_WINDOW_MS) return refuse(31);

    if (!params.has("sign")) return refuse(24);
    const signMethod = params.get("sign_method");
    if (!SIGN_METHODS.includes(signMethod))
        return refuse(25, { sub_msg: "sign_method is not md5, hmac or hmac-sha256" });
    if (params.get("sign") !== signTop(params, body, gateway.app_secret, signMethod)) return refuse(25);

    const needsSession = gateway.needsSession(params.get("method"));
    if (needsSession === undefined) return refuse(22);
    if (needsSession) {
        const session = params.get("session");
        if (session === undefined) return refuse(26);
        if (gateway.expired.has(session))
            return refuse(27, { sub_code: "invalid-sessionkey", sub_msg: "SessionKey非法" });
        if (session !== gateway.session) return refuse(27, { sub_code: "session-not-exist", sub_msg: "session不存在" });
    }
    return null;
}
