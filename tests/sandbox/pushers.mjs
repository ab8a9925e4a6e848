import { ETC_BAD_SIGN, etcQuery } from "./callers/etc.mjs";
import { SPI_DAMAGE } from "./callers/spi.mjs";
import { echoesNoise, inventPush, registerPush, TANMA_PUSH_DAMAGE, tanmaPush } from "./callers/tanma.mjs";
import { TMALL_BAD_SIGN, TMALL_OK, tmallPush } from "./callers/tmall.mjs";
import { parseExact } from "./gateway/render.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "./tmall/account.mjs";

/*
 * The platforms as callers of a bridge at any address. Every function takes {url, ...credentials, fetch?, now?} and gives back what was
 * answered: {answers: [...], wrong: [...]}. An answer is {what, status, body, ok}; `wrong` holds those that are not as the platform's
 * page prints them, so an empty list means the bridge does its part.
 */

const MAX_PAGES = 10_000;

/** Sends a caller's request to url's endpoint. */
async function send(url, request, { fetch = globalThis.fetch, timeoutMs = 10_000 }) {
    const at = request.url.indexOf("?");
    const target = `${url}${at < 0 ? "" : request.url.slice(at)}`;
    const { method, headers, body } = request;
    const response = await fetch(target, { method, headers, body, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()).toString() };
}

function report(answers) {
    return { answers, wrong: answers.filter(({ ok }) => !ok) };
}

/**
 * Pushes leads of an invented seller, or those given.
 * @param {{url: string, app_secret: string, count?: number, leads?: object[], seed?: string, content?: string, charset?: string,
 *          app_key?: string, openKey?: string, now?: () => number, fetch?: Function}} options
 */
export async function pushTmallLeads(options) {
    const { url, app_secret, app_key, count = 20, content, charset, now = Date.now } = options;
    const leads = options.leads ?? inventedLeads({ count, now: now(), ...options });
    const answers = [];
    for (const lead of leads) {
        const { status, body } = await send(
            url,
            tmallPush(lead, { app_secret, app_key, timestamp: now(), content, charset, path: "" }),
            options,
        );
        answers.push({
            what: String(lead.record_id),
            status,
            body,
            ok: status === 200 && TMALL_OK.includes(body),
        });
    }
    return report(answers);
}

function inventedLeads({ count, now, seed = "leadbridge", openKey }) {
    const account = createTmallAccount({
        ...TMALL_DEFAULTS,
        ...(openKey ? { openKey } : {}),
        seed,
        newestAt: now,
        leads: count,
    });
    return account.ids().map((id) => account.lead(id));
}

/** One unsigned and one wrongly signed call: the platform's own probe before an interface may be published. */
export async function probeTmall(options) {
    return probe(
        options,
        (damage, common) => tmallPush(inventedLeads({ count: 1, now: common.timestamp })[0], { ...common, damage }),
        (body) => TMALL_BAD_SIGN.includes(body),
    );
}
export async function probeEtc(options) {
    return probe(
        options,
        (damage, common) => etcQuery({}, { ...common, damage }),
        (body) => ETC_BAD_SIGN.test(body),
    );
}

async function probe(options, make, isRefusal) {
    const { url, app_secret, app_key, now = Date.now } = options;
    const answers = [];
    for (const damage of options.damages ?? ["unsigned", "wrong_sign"]) {
        const { status, body } = await send(
            url,
            make(damage, { app_secret, app_key, timestamp: now(), path: "" }),
            options,
        );
        const ok =
            damage in SPI_DAMAGE && SPI_DAMAGE[damage] === "sign" ? status === 200 && isRefusal(body) : !isServed(body);
        answers.push({ what: damage, status, body, ok });
    }
    return report(answers);
}

const isServed = (body) => TMALL_OK.includes(body) || /"qmCode":"200"/.test(body);

/**
 * Asks for pages until one is empty.
 * @param {{url: string, app_secret: string, app_key?: string, dataType?: number, queryTime?: string|number, filter?: string, appid?: string,
 *          content?: string, maxPages?: number, now?: () => number, fetch?: Function}} options
 * @returns {Promise<{answers: object[], wrong: object[], rows: object[], pages: number, ended: boolean}>}
 */
export async function askEtcPages(options) {
    const {
        url,
        app_secret,
        app_key,
        dataType = 4,
        queryTime = "0",
        filter,
        appid,
        content,
        maxPages = MAX_PAGES,
        now = Date.now,
    } = options;
    const query = Object.fromEntries(
        Object.entries({ dataType, queryTime: String(queryTime), filter, appid }).filter(
            ([, value]) => value !== undefined,
        ),
    );
    const [answers, rows] = [[], []];
    let ended = false;
    for (let page = 1; page <= Math.min(maxPages, MAX_PAGES) && !ended; page++) {
        const { status, body } = await send(
            url,
            etcQuery({ ...query, page }, { app_secret, app_key, timestamp: now(), content, path: "" }),
            options,
        );
        const shown = rowsOf(status, body);
        answers.push({ what: `page ${page}`, status, body, ok: shown !== null });
        if (shown === null) break;
        rows.push(...shown);
        ended = shown.length === 0;
    }
    return { ...report(answers), rows, pages: answers.length, ended };
}

const PAGE_HEAD = '{"qmMessage":"Success","data":"[';
const PAGE_TAIL = ']","qmCode":"200","status":"1"}';

/** The rows of a page as the seed shows it, data as JSON text and ids as BigInt. Null when it is anything else. */
function rowsOf(status, body) {
    if (status !== 200 || !body.startsWith(PAGE_HEAD) || !body.endsWith(PAGE_TAIL)) return null;
    try {
        const rows = parseExact(JSON.parse(body).data);
        return rows.every((row) => typeof row?.id === "bigint") ? rows : null;
    } catch {
        return null;
    }
}

/**
 * Confirms the address, then pushes new customers.
 * @param {{url: string, appId: string, appKey: string, corpid?: string, count?: number, seed?: string, now?: () => number, fetch?: Function}} options
 */
export async function pushTanmaCustomers(options) {
    const { url, appId, appKey, corpid, count = 5, now = Date.now } = options;
    const messages = options.messages ?? [
        registerPush(),
        ...Array.from({ length: count }, (_, i) => inventPush(options, i + 1)),
    ];
    const answers = [];
    for (const message of messages) {
        const { status, body } = await send(
            url,
            tanmaPush(message, { appId, appKey, corpid, timestamp: now(), path: "" }),
            options,
        );
        answers.push({
            what: `${message.type} ${message.msgId}`,
            status,
            body,
            ok: status === 200 && isJson(body) && echoesNoise(body, message.noise),
        });
    }
    return { ...report(answers), messages };
}

/** Damaged pushes; ok when the answer does not give the noise back as an accepted one does. */
export async function probeTanma(options) {
    const { url, appId, appKey, corpid, now = Date.now } = options;
    const damages =
        options.damages ?? Object.keys(TANMA_PUSH_DAMAGE).filter((damage) => TANMA_PUSH_DAMAGE[damage] !== "any");
    const answers = [];
    for (const [i, damage] of damages.entries()) {
        const message = inventPush(options, 900 + i);
        const { status, body } = await send(
            url,
            tanmaPush(message, { appId, appKey, corpid, timestamp: now(), path: "", damage }),
            options,
        );
        answers.push({ what: damage, status, body, ok: !echoesNoise(body, message.noise) });
    }
    return report(answers);
}

function isJson(text) {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}
