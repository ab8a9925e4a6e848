import { createFaults } from "../faults.mjs";
import { answer, parseExact } from "../gateway/render.mjs";
import { parseTimestamp } from "../gateway/time.mjs";
import { writeJson } from "../json.mjs";
import { createRandom } from "../random.mjs";
import { createTanmaAccount } from "./account.mjs";
import { FIELD_OPTIONS } from "./customer.mjs";
import { TANMA_FAULTS, TANMA_MESSAGES } from "./faults.mjs";
import { readCursor, signApi, WINDOW_MS, writeCursor } from "./protocol.mjs";

/** All credentials here are fake. */
export const TANMA_DEFAULTS = {
    basePath: "/tanma",
    appId: "wwdemo0000000000_AbCdEf",
    appKey: "fake0tanma0key0for0the0sandbox00",
    customers: 60,
    firstCustomerId: "410983932389440",
    firstRow: 2556,
    idStep: 1_000_000,
    intervalMs: 90_000,
    sameSecondShare: 0.1,
    companyShare: 0.25,
    dirtyShare: 0.08,
    unknownShare: 0.05,
    maxSize: 100,
    defaultSize: 10,
    endRule: "empty",
    shortEvery: 0,
    growth: {},
};
export const END_RULES = ["empty", "missing", "null", "unchanged"];
export const CLUE_LIST = "/api/v3/clue/list-by-create-time-asc";
const PUSH_REGISTER = "/api/v2/push-register";
const ECHO = "/api/v3/echo";

/** Tanma's API over one account. */
export function createTanma(options) {
    const account = createTanmaAccount(options);
    const faults = createFaults(TANMA_FAULTS);
    const random = createRandom(options.seed, "tanma", "api");
    const calls = [];
    const registrations = [];
    const given = new Map(); // window -> the cursors given for it, for the faults that lead in circles
    let endless = 0;

    const send = (value) => answer(200, "application/json", writeJson(value));
    const code = (number, message = TANMA_MESSAGES[number]) => send({ code: number, message });

    /** @returns {object|null} null when the path is not Tanma's */
    function handle({ httpMethod, path, headers, body }, clock) {
        if (!path.startsWith(`${options.basePath}/`)) return null;
        const n = calls.length + 1;
        const header = (name) => Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
        const record = {
            n,
            atMs: clock,
            path: path.slice(options.basePath.length),
            since: null,
            before: null,
            type: null,
            size: null,
            cursor: null,
            sentAppKey: header("appKey") !== undefined,
            outcome: "ok",
            ids: [],
            nextCursor: null,
        };
        calls.push(record);
        grow(n, clock);
        const refuse = (number, message) => {
            record.outcome = `code:${number}`;
            return code(number, message);
        };
        if (![CLUE_LIST, PUSH_REGISTER, ECHO].includes(record.path)) {
            record.outcome = "error:404";
            return answer(404, "text/html", "<html><body>404 Not Found</body></html>");
        }
        if (httpMethod !== "POST") {
            record.outcome = "error:405";
            return answer(405, "text/html", "<html><body>405 Method Not Allowed</body></html>");
        }
        const timestamp = header("timestamp") ?? "";
        if (!/^\d{13}$/.test(timestamp) || Math.abs(clock - Number(timestamp)) > WINDOW_MS) return refuse(1003);
        if (header("appId") !== options.appId || header("sign") !== signApi({ ...options, timestamp }, body))
            return refuse(1002);

        let query = {};
        if (body.length > 0) {
            if (!/^application\/json\b/i.test(header("content-type") ?? "")) {
                record.outcome = "error:415";
                return answer(415, "text/html", "<html><body>415 Unsupported Media Type</body></html>");
            }
            try {
                query = parseExact(new TextDecoder("utf-8", { fatal: true }).decode(body));
            } catch {
                return refuse(40400, "请求参数验证失败：请求体不是JSON");
            }
        }
        if (record.path === ECHO) return send({ code: 0, message: "ok", data: query });
        if (record.path === PUSH_REGISTER) return register(query, record, refuse);

        const asked = readQuery(query, options);
        if (asked.problem) return refuse(40400, `请求参数验证失败：${asked.problem}`);
        Object.assign(record, {
            since: query.since ?? null,
            before: query.before ?? null,
            type: asked.type ?? null,
            size: asked.size,
            cursor: asked.cursor,
        });

        const list = (change = (reply) => reply, ask = asked) => {
            const size = options.shortEvery > 0 && n % options.shortEvery === 0 ? Math.max(1, ask.size >> 1) : ask.size;
            const page = account.page({ ...ask, size });
            record.ids = page.ids;
            const next = nextCursor(page, ask.cursor, options.endRule);
            const reply = change({ code: 0, message: "ok", data: { list: page.list, nextCursor: next } }, page);
            record.nextCursor = reply.data?.nextCursor ?? null;
            return send(reply);
        };

        const fault = faults.take(n);
        if (!fault) return list();
        record.outcome = `fault:${fault.kind}`;
        const window = `${query.since}|${query.before}|${query.type}`;
        return TANMA_FAULTS[fault.kind](fault, {
            page: list,
            code,
            random,
            sentCursor: asked.cursor,
            firstPage: () => list(undefined, { ...asked, position: null }),
            endless: () =>
                list((reply, page) => {
                    endless += 1;
                    const rows =
                        page.list.length > 0 ? page.list : account.page({ ...asked, position: null }).list.slice(-1);
                    const position =
                        page.last && !page.atEnd
                            ? page.last
                            : writeCursor({ seconds: Math.floor(clock / 1000), row: 1_000_000 + endless });
                    return { ...reply, data: { list: rows, nextCursor: position } };
                }),
            cycle: (length) =>
                list((reply, page) => {
                    const cursors = given.get(window) ?? given.set(window, []).get(window);
                    let cursor = page.last ?? cursors[0];
                    if (cursors.length >= length && !cursors.includes(cursor)) cursor = cursors[0];
                    else if (cursor && !cursors.includes(cursor)) cursors.push(cursor);
                    return { ...reply, data: { ...reply.data, nextCursor: cursor } };
                }),
        });
    }

    function register({ receiveAddress, subscription }, _record, refuse) {
        if (typeof receiveAddress !== "string" || !/^https?:\/\//.test(receiveAddress))
            return refuse(40400, "请求参数验证失败：receiveAddress");
        if (typeof subscription !== "string" || subscription === "")
            return refuse(40400, "请求参数验证失败：subscription");
        registrations.push({ receiveAddress, subscription: subscription.split(",") });
        return send({ code: 0, message: "ok", data: null });
    }

    function grow(n, clock) {
        const { perCall = 0, bursts = [], late = [] } = options.growth;
        let count = n > 1 ? perCall : 0;
        for (const burst of bursts) if (burst.atCall === n) count += burst.count;
        if (count > 0) account.add(count, clock);
        for (const { atCall, count: rows = 1, secondsAgo = 60 } of late) {
            if (atCall === n) for (let i = 0; i < rows; i++) account.addLate(clock, { secondsAgo });
        }
    }

    return {
        handle,
        account,
        faults,
        calls,
        registrations,
        truth: account.truth,
        config: () => ({
            basePath: options.basePath,
            appId: options.appId,
            appKey: options.appKey,
            maxSize: options.maxSize,
            options: FIELD_OPTIONS,
        }),
        state: () => ({
            calls: calls.length,
            lastCalls: calls.slice(-20),
            customers: account.size(),
            ...account.range(),
            registrations,
            faults: faults.pending(),
        }),
    };
}

/** How the list says that it is over; the way is not documented, so each is an option. */
function nextCursor({ last, atEnd }, sent, rule) {
    if (!atEnd) return last;
    switch (rule) {
        case "missing":
            return undefined;
        case "null":
            return null;
        case "unchanged":
            return sent ?? last;
        default:
            return last; // empty: the next page has no rows, and no cursor
    }
}

function readQuery(query, { maxSize, defaultSize }) {
    if (query === null || typeof query !== "object" || Array.isArray(query)) return { problem: "请求体不是对象" };
    const asked = { cursor: null, position: null, size: defaultSize };
    for (const [name, key] of [
        ["since", "sinceMs"],
        ["before", "beforeMs"],
    ]) {
        if (query[name] === undefined || query[name] === null) continue;
        const ms = typeof query[name] === "string" && query[name].includes("-") ? parseTimestamp(query[name]) : null;
        if (ms === null) return { problem: `${name} 不是 yyyy-MM-dd HH:mm:ss` };
        asked[key] = ms;
    }
    if (asked.sinceMs >= asked.beforeMs) return { problem: "since 不早于 before" };
    if (query.size !== undefined && query.size !== null) {
        if (typeof query.size !== "bigint" || query.size < 1n || query.size > BigInt(maxSize))
            return { problem: `size 不在 1..${maxSize}` };
        asked.size = Number(query.size);
    }
    if (query.type !== undefined && query.type !== null) {
        if (query.type !== 1n && query.type !== 2n) return { problem: "type 不是 1 或 2" };
        asked.type = Number(query.type);
    }
    if (query.cursor !== undefined && query.cursor !== null && query.cursor !== "") {
        asked.cursor = query.cursor;
        asked.position = typeof query.cursor === "string" ? readCursor(query.cursor) : null;
        if (asked.position === null) return { problem: "cursor" };
    }
    return asked;
}
