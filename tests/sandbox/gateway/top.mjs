import { createRandom } from "../random.mjs";
import { checkCall } from "./check.mjs";
import { collectParams } from "./params.mjs";
import { envelopeName, renderAnswer } from "./render.mjs";

/**
 * The TOP gateway over some methods. Each method is a lane of its own: what it does, its faults, its calls, its ban.
 * @param {{app_key: string, app_secret: string, session: string, expired: string[], seed: string}} options
 * @param {Map<string, {api: object, kinds: object, faults: object, calls: object[], record: object, limit: string,
 *                      beforeCall?: (n: number, clock: number) => void, note?: (record: object, query: object) => void}>} lanes
 * @param {string} fallback the lane that records calls to methods nobody knows
 */
export function createTop(options, lanes, fallback) {
    const random = createRandom(options.seed, "gateway");
    const expired = new Set(options.expired);
    const bans = new Map(); // lane -> until
    let session = options.session;

    function handle(request, clock) {
        const { params, body, problem } = collectParams(request);
        const method = params.get("method") ?? null;
        const lane = lanes.get(method) ?? lanes.get(fallback);
        const { api, faults, calls } = lane;
        const n = calls.length + 1;
        lane.beforeCall?.(n, clock);
        const record = { n, atMs: clock, method, ...lane.record, outcome: "ok", ids: [] };
        calls.push(record);

        const envelope = envelopeName(method ?? "unknown");
        const style = {
            format: params.get("format") === "json" ? "json" : "xml",
            simplify: ["true", "1"].includes(params.get("simplify")),
        };
        const request_id = random.token(12);
        const render = (model, change) =>
            renderAnswer(
                { ...model, request_id },
                { ...style, envelope, comment: `top01100${request_id.slice(0, 6)}.center`, ...change },
            );
        const error = (e) => render(e, { envelope: "error_response" });
        const refuse = (e) => {
            record.outcome = `error:${e.code}`;
            return error(e);
        };
        const banError = () => ({
            code: 7,
            msg: "App Call Limited",
            sub_code: `accesscontrol.limited-by-${lane.limit}-access-count`,
            sub_msg: `This ban will last for ${Math.ceil((bans.get(lane) - clock) / 1000)} more seconds`,
        });

        const refusal = checkCall(
            { httpMethod: request.httpMethod, params, body, problem },
            {
                app_key: options.app_key,
                app_secret: options.app_secret,
                session,
                expired,
                nowMs: clock,
                needsSession: (name) => lanes.get(name)?.api.needsSession,
            },
        );
        if (refusal) return refuse(refusal);
        if (clock < (bans.get(lane) ?? 0)) return refuse(banError());

        const query = api.parse(params);
        if (query.error) return refuse(query.error);
        lane.note?.(record, query);

        const run = (change) => {
            const result = api.run({ ...query, ...change }, n);
            record.ids = result.ids;
            if (result.refused !== undefined) record.outcome = `refused:${result.refused}`;
            return result.model;
        };
        const page = ({ offset, ...change } = {}) => render(run(offset === undefined ? {} : { offset }), change);
        const fault = faults.take(n);
        if (!fault) return page();
        record.outcome = `fault:${fault.kind}`;
        return lane.kinds[fault.kind](fault, {
            page,
            error,
            envelope,
            random,
            model: (change) => render(typeof change === "function" ? change(run()) : (run(), change)),
            failed: (code, text) => render(api.failed(code, text)),
            ban: (seconds) => {
                bans.set(lane, clock + seconds * 1000);
                return error(banError());
            },
        });
    }

    return {
        handle,
        session: () => session,
        expireSession: (value = session) => {
            expired.add(value);
        },
        renewSession: (value) => {
            session = value;
            expired.delete(value);
        },
        banSeconds: (method, clock) => Math.max(0, Math.ceil(((bans.get(lanes.get(method)) ?? 0) - clock) / 1000)),
    };
}
