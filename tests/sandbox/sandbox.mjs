import { createAccount } from "./alimama/account.mjs";
import { createLeadList, LEAD_LIST } from "./alimama/lead_list.mjs";
import { createControl } from "./control.mjs";
import { createEtc } from "./etc/gateway.mjs";
import { createFaults, FAULT_KINDS } from "./faults.mjs";
import { answer } from "./gateway/render.mjs";
import { createTop } from "./gateway/top.mjs";
import { withDefaults } from "./options.mjs";
import { createOutinvestAccount } from "./outinvest/account.mjs";
import { createDataBack, OUT_INVEST } from "./outinvest/data_back.mjs";
import { OUTINVEST_FAULTS } from "./outinvest/faults.mjs";
import { createTanma } from "./tanma/api.mjs";
import { createTmallAccount } from "./tmall/account.mjs";

export { DEFAULTS } from "./options.mjs";

/**
 * The platforms, without a clock or a socket: the same options and the same calls give the same bytes.
 * See README.md for the options and the faults.
 */
export function createSandbox(given = {}) {
    const options = withDefaults(given);
    const account = createAccount(options);
    const faults = createFaults();
    const calls = [];
    const statistics = createOutinvestAccount();
    const outinvest = { account: statistics, faults: createFaults(OUTINVEST_FAULTS), calls: [] };
    const top = createTop(
        options,
        new Map([
            [
                LEAD_LIST,
                {
                    api: createLeadList(account, options),
                    kinds: FAULT_KINDS,
                    faults,
                    calls,
                    limit: "app",
                    record: { offset: null, pageSize: null },
                    beforeCall: grow,
                    note(record, { offset, pageSize }) {
                        record.offset = offset === null ? null : String(offset);
                        record.pageSize = pageSize;
                    },
                },
            ],
            [
                OUT_INVEST,
                {
                    api: createDataBack(statistics, options.outinvest),
                    kinds: OUTINVEST_FAULTS,
                    faults: outinvest.faults,
                    calls: outinvest.calls,
                    limit: "api",
                    record: { type: null },
                    note(record, { type }) {
                        record.type = type;
                    },
                },
            ],
        ]),
        LEAD_LIST,
    );
    const tanma = createTanma(options.tanma);
    const etc = createEtc(options.etc, { app_key: options.app_key, app_secret: options.app_secret });
    const tmall = createTmallAccount(options.tmall);

    function grow(n, clock) {
        const { perCall = 0, bursts = [] } = options.growth;
        let count = n > 1 ? perCall : 0;
        for (const burst of bursts) if (burst.atCall === n) count += burst.count;
        if (count > 0) account.add(count, clock);
    }

    /** One door per platform, all alike: truth, state and config for whoever looks, faults where the platform answers. */
    const platforms = {
        alimama: {
            faults,
            calls,
            truth: account.truth,
            state: (clock) => ({
                calls: calls.length,
                lastCalls: calls.slice(-20),
                leads: account.size(),
                ...account.range(),
                faults: faults.pending(),
                banSeconds: top.banSeconds(LEAD_LIST, clock),
            }),
            config: () => {
                const { app_key, app_secret, mobileCipher, maxPageSize } = options;
                return {
                    app_key,
                    app_secret,
                    session: top.session(),
                    mobileCipher,
                    maxPageSize,
                    keys: account.keys,
                };
            },
            change: changeRows({ ...account, addLate: (_, where) => account.addLate(where) }),
        },
        tanma: { ...tanma, change: changeRows(tanma.account) },
        outinvest: {
            ...outinvest,
            truth: statistics.truth,
            state: (clock) => ({
                calls: outinvest.calls.length,
                lastCalls: outinvest.calls.slice(-20),
                rows: statistics.size(),
                faults: outinvest.faults.pending(),
                banSeconds: top.banSeconds(OUT_INVEST, clock),
            }),
            config: () => ({
                app_key: options.app_key,
                app_secret: options.app_secret,
                session: top.session(),
                maxRows: options.outinvest.maxRows,
            }),
        },
        etc: {
            ...etc,
            change: changeRows(etc.account),
            config: () => ({ app_key: options.app_key, app_secret: options.app_secret, ...etc.config() }),
        },
        tmall: {
            account: tmall,
            truth: tmall.truth,
            change: changeRows(tmall),
            state: () => ({ leads: tmall.size(), ids: tmall.ids().slice(-20) }),
            config: () => ({
                app_key: options.app_key,
                app_secret: options.app_secret,
                openKey: options.tmall.openKey,
                sellerId: options.tmall.sellerId,
            }),
        },
    };
    const control = createControl(platforms);

    /** @returns {{status: number, headers: object, body: Buffer, delayMs?: number, hang?: true, reset?: true, cutAfter?: number}} */
    function handle({ method = "GET", url, headers = {}, body = "" }, nowMs) {
        const clock = nowMs + options.clockSkewMs;
        const target = url.replace(/^[a-z]+:\/\/[^/]*/i, "");
        const cut = target.indexOf("?");
        const request = {
            httpMethod: method.toUpperCase(),
            path: cut < 0 ? target : target.slice(0, cut),
            query: cut < 0 ? "" : target.slice(cut + 1),
            headers,
            contentType: Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1],
            body: Buffer.from(body),
        };
        const reply = route(request, clock);
        reply.headers = { ...reply.headers, date: new Date(clock).toUTCString() };
        return reply;
    }

    function route(request, clock) {
        if (request.path.startsWith("/_sandbox/")) return control(request, clock);
        if (request.path === "/router/rest") return top.handle(request, clock);
        return (
            etc.handle(request, clock) ??
            tanma.handle(request, clock) ??
            answer(404, "text/html", "<html><body>404 Not Found</body></html>")
        );
    }

    return {
        handle,
        options,
        platforms,
        keys: account.keys,
        tanma: platforms.tanma,
        outinvest: platforms.outinvest,
        etc: platforms.etc,
        tmall,
        // Alimama was here first and keeps its names.
        faults,
        calls,
        state: (nowMs) => platforms.alimama.state(nowMs + options.clockSkewMs),
        addLeads: (count, nowMs) => account.add(count, nowMs + options.clockSkewMs),
        addLateLead: (_nowMs, where) => account.addLate(where),
        modifyLead: (id, nowMs, patch) => account.modify(id, nowMs + options.clockSkewMs, patch),
        truth: account.truth,
        size: account.size,
        /** Refuses a session from now on (default: the present one). */
        expireSession: top.expireSession,
        /** What a new authorisation gives. */
        renewSession: top.renewSession,
    };
}

/** `{add, late, modify, patch}` on an account; the ids concerned. */
function changeRows(account) {
    return ({ add = 0n, late = 0n, modify = [], patch }, clock) => {
        if (late > 0n && !account.addLate) throw new TypeError("late rows: not on this platform");
        const ids = account.add(Number(add), clock);
        for (let i = 0; i < Number(late); i++) ids.push(account.addLate(clock));
        for (const id of [modify].flat()) {
            account.modify(id, clock, patch);
            ids.push(String(id));
        }
        return ids;
    };
}
