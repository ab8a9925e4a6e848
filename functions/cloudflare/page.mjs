// The page of the Worker: plain HTML from one `status` summary (no script, nothing loaded). Every value that came from outside goes
// through text() or field(); the answers carry a policy that would stop a script even if one got through.

import { adviceFor } from "../host/advice.mjs";

const LANGUAGES = ["zh", "en"];

export const SECURITY_HEADERS = Object.freeze({
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
});

/** The switch on the page goes before the browser's wish; Chinese when it names neither. */
export function languageOf(asked, acceptLanguage) {
    if (LANGUAGES.includes(asked)) return asked;
    const wishes = String(acceptLanguage ?? "")
        .slice(0, 500)
        .split(",")
        .map((part) => {
            const [tag, ...parameters] = part.trim().toLowerCase().split(";");
            const quality = parameters.map((p) => /^\s*q=([\d.]+)$/.exec(p)?.[1]).find(Boolean);
            return { language: tag.split("-")[0], quality: quality === undefined ? 1 : Number(quality) };
        })
        .filter(({ language, quality }) => LANGUAGES.includes(language) && quality > 0)
        .sort((a, b) => b.quality - a.quality);
    return wishes[0]?.language ?? "zh";
}

// ---- escaping -------------------------------------------------------------------------------------------------------------

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
// Marks that turn the reading direction round, and controls: shown, so that nobody can hide behind them.
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/g;
// Invisible characters, except the joiner inside an emoji.
const INVISIBLE =
    /[\u00ad\u180e\u200b\u200c\u2060-\u2064\ufeff]|\u200d(?!\p{Extended_Pictographic})|[\u{e0000}-\u{e007f}]/gu;
const LONGEST = 300;

/** Any value as HTML text: one line, bounded, nothing hidden. */
export function text(value) {
    if (value === null || value === undefined) return "";
    let plain = (typeof value === "string" ? value : (JSON.stringify(value) ?? "")).toWellFormed?.() ?? String(value);
    plain = plain.replace(/[\t\r\n]+/g, " ").replace(INVISIBLE, "");
    plain = plain.replace(
        DECEPTIVE,
        (mark) => `[U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
    const letters = [...plain];
    if (letters.length > LONGEST) plain = `${letters.slice(0, LONGEST).join("")}…`;
    return plain.replace(/[&<>"']/g, (mark) => ENTITIES[mark]);
}

/** A value from a platform: its own reading direction cannot disturb its neighbours. */
const field = (value) => (value === null || value === undefined || value === "" ? "" : `<bdi>${text(value)}</bdi>`);

// ---- words ----------------------------------------------------------------------------------------------------------------

const WORDS = {
    zh: {
        lang: "zh",
        html: "zh-CN",
        title: "客资桥",
        other: "English",
        navigation: "导航",
        preview: "预览工具",
        allWell: "一切正常",
        working: "正在补取，尚未取完",
        waiting: "正在等待",
        notYet: "尚未运行",
        attention: "有需要处理的问题",
        whatToDo: "如何处理",
        problem: "问题",
        cannot: "暂时无法显示数据",
        notYetHint: "定时任务每分钟运行一次，首次运行后数据会出现在这里。",
        sources: "来源",
        noSources: "配置里还没有来源。请在 sources 中加入一个。",
        states: {
            never_run: "尚未运行",
            ok: "正常",
            budget: "未取完，下次继续",
            parked: "等待中",
            failed: "出错",
            conflict: "与另一次运行重叠",
            listening: "等待平台推送",
        },
        leads: "条客资",
        unread: "条手机号未解密",
        stop: "。",
        unreadHint: "请检查 mobile_key 与 mobile_cipher；原文已保存，换上正确的密钥后可重新解密。",
        unreadFewHint: "其余号码都已解密，密钥无误；这些人留下的多半不是完整号码，原文已保存。",
        newest: "最新一条",
        lastRun: "上次运行",
        never: "还没有",
        run: (run) => `${run.pages ?? 0} 页，新增 ${run.inserted ?? 0}，更新 ${run.updated ?? 0}`,
        covered: "已取完的范围",
        coveredNone: "还没有取到任何一条",
        fromStart: (to) => `从最早一条到编号 ${to}：完整`,
        range: (from, to) => `编号 ${from} 至 ${to}：完整`,
        span: (from, to) => `${from} 至 ${to}：完整`,
        gap: (after, before) => `编号 ${after} 与 ${before} 之间：尚未取完，后续运行会补上`,
        gapStart: (before) => `编号 ${before} 之前：尚未取完，后续运行会补上`,
        more: (n) => `另有 ${n} 段`,
        parkedUntil: "暂停至",
        parkedHint: "平台要求等待，到时间会自动继续，无需处理。",
        lastError: "最近一次错误",
        warning: "注意",
        drift: "未见过的字段",
        driftHint: "内容已保存在 extra 中",
        backflow: "数据回流",
        rowsServed: (n) => `${n} 行可供平台查询`,
        rowsSent: (n) => `${n} 行有记录`,
        waitingRows: (n) => `${n} 行待发送`,
        deadRows: (n) => `${n} 行被拒绝或放弃：运行 leadbridge backflow 名称 status 查看原因`,
        newestLeads: "最新客资",
        noLeads: "还没有客资。",
        columns: {
            time: "提交时间",
            person: "姓名",
            phone: "手机",
            region: "地区",
            from: "推广",
            source: "来源",
        },
        classes: {
            encrypted: "未解密",
            invalid: "号码无效",
            privacy_ext: "隐私号",
            privacy_700: "隐私号",
            landline: "座机",
            service: "客服号",
            masked: "已脱敏",
        },
        test: "测试",
        anonymous: "未留姓名",
        noPhone: "无号码",
        masked: "手机号已脱敏显示。",
        refresh: "每 30 秒自动刷新",
        shown: "页面时间",
        zone: "北京时间",
        ago: (value, unit) => `${value} ${{ s: "秒", m: "分钟", h: "小时", d: "天" }[unit]}前`,
        now: "刚刚",
        doorTitle: "页面未开放",
        door: {
            closed: '此页面默认关闭。要打开它：在配置中加入 "page": {"token": {"env": "LEADBRIDGE_PAGE_TOKEN"}}，运行 npx wrangler secret put LEADBRIDGE_PAGE_TOKEN，再重新部署。',
            no_token:
                "配置了 page.token，但没有取到它的值。请运行 npx wrangler secret put，名称与配置中 env 的名称一致。",
            ask: "请输入访问口令。",
            wrong: "口令不正确，请重试。口令即配置中 page.token 所指的密文。",
        },
        token: "访问口令",
        enter: "进入",
    },
    en: {
        lang: "en",
        html: "en",
        title: "Lead bridge",
        other: "中文",
        navigation: "Navigation",
        preview: "Preview",
        allWell: "All is well",
        working: "Still catching up",
        waiting: "Waiting",
        notYet: "Not run yet",
        attention: "Something needs your attention",
        whatToDo: "What to do",
        problem: "Problem",
        cannot: "No data can be shown",
        notYetHint: "The cron trigger runs every minute; the data appears here after its first run.",
        sources: "Sources",
        noSources: 'The configuration has no sources yet. Add one under "sources".',
        states: {
            never_run: "not run yet",
            ok: "ok",
            budget: "more to read, goes on next run",
            parked: "waiting",
            failed: "failed",
            conflict: "overlapped another run",
            listening: "Listening for pushes",
        },
        leads: "leads",
        unread: "phones not decrypted",
        stop: ". ",
        unreadHint:
            "Check mobile_key and mobile_cipher. The originals are kept and can be decrypted with the right key.",
        unreadFewHint:
            "The others were, so the key is right: these people probably left no whole number. The originals are kept.",
        newest: "Newest",
        lastRun: "Last run",
        never: "none yet",
        run: (run) =>
            `${run.pages ?? 0} ${run.pages === 1 ? "page" : "pages"}, ${run.inserted ?? 0} new, ${run.updated ?? 0} updated`,
        covered: "Covered",
        coveredNone: "nothing read yet",
        fromStart: (to) => `From the very first to id ${to}: complete`,
        range: (from, to) => `Ids ${from} to ${to}: complete`,
        span: (from, to) => `${from} to ${to}: complete`,
        gap: (after, before) => `Between ids ${after} and ${before}: not read yet, the next runs close it`,
        gapStart: (before) => `Before id ${before}: not read yet, the next runs close it`,
        more: (n) => `and ${n} more`,
        parkedUntil: "Paused until",
        parkedHint: "The platform asked for a pause. It goes on by itself; nothing to do.",
        lastError: "Last error",
        warning: "Note",
        drift: "Fields not seen before",
        driftHint: "kept in extra",
        backflow: "Flowing back",
        rowsServed: (n) => `${n} rows for the platform to ask for`,
        rowsSent: (n) => `${n} rows on record`,
        waitingRows: (n) => `${n} waiting to be sent`,
        deadRows: (n) => `${n} refused or given up: leadbridge backflow NAME status says why`,
        newestLeads: "Newest leads",
        noLeads: "No leads yet.",
        columns: {
            time: "Submitted",
            person: "Name",
            phone: "Phone",
            region: "Region",
            from: "Campaign",
            source: "Source",
        },
        classes: {
            encrypted: "not decrypted",
            invalid: "not valid",
            privacy_ext: "privacy number",
            privacy_700: "privacy number",
            landline: "landline",
            service: "service number",
            masked: "masked",
        },
        test: "test",
        anonymous: "no name given",
        noPhone: "no number",
        masked: "Phone numbers are masked.",
        refresh: "Refreshes every 30 seconds",
        shown: "Page made",
        zone: "Beijing time",
        ago: (value, unit) => `${value} ${{ s: "s", m: "min", h: "h", d: "d" }[unit]} ago`,
        now: "just now",
        doorTitle: "This page is closed",
        door: {
            closed: 'The page is closed by default. To open it: add "page": {"token": {"env": "LEADBRIDGE_PAGE_TOKEN"}} to the configuration, run npx wrangler secret put LEADBRIDGE_PAGE_TOKEN, and deploy again.',
            no_token:
                "page.token is configured, but it has no value. Run npx wrangler secret put with the name that env gives in the configuration.",
            ask: "Please enter the access token.",
            wrong: "That token is not right. It is the secret that page.token of the configuration names.",
        },
        token: "Access token",
        enter: "Open",
    },
};

// ---- times: shown in the platforms' own zone, +08:00 ------------------------------------------------------------------------

const millis = (value) => (typeof value === "number" ? value : Date.parse(value ?? ""));

function stamp(value) {
    const at = new Date(millis(value) + 8 * 3600_000);
    return Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 16).replace("T", " ");
}

/** Absolute and, when `now` is given, how long ago. */
function moment(words, value, now) {
    const at = millis(value);
    if (Number.isNaN(at)) return text(value);
    const absolute = stamp(at);
    if (!absolute) return text(value);
    const tag = (inner) =>
        `<time datetime="${new Date(at).toISOString()}" title="${absolute} ${text(words.zone)}">${inner}</time>`;
    if (now === undefined) return tag(absolute);
    const seconds = Math.round((now - at) / 1000);
    if (seconds < 5 && seconds > -60) return tag(words.now);
    if (seconds < 0) return tag(absolute);
    const [value_, unit] =
        seconds < 60
            ? [seconds, "s"]
            : seconds < 3600
              ? [seconds / 60, "m"]
              : seconds < 172_800
                ? [seconds / 3600, "h"]
                : [seconds / 86_400, "d"];
    return tag(words.ago(Math.floor(value_), unit));
}

/** The core's sentence, behind the advice in the reader's language where there is one. */
function reason(words, error) {
    const advice = adviceFor(words.lang, error?.code);
    return advice ? `${advice}<br><span class="hint" lang="en">${field(error.reason)}</span>` : field(error?.reason);
}

// ---- parts ----------------------------------------------------------------------------------------------------------------

const SHOWN_RANGES = 5;

function coverage(words, source) {
    const time = (value) => /^\d{4}-\d\d-\d\dT/.test(String(value));
    const lines = (source.covered ?? []).map(({ from, to }) =>
        time(from)
            ? words.span(stamp(Date.parse(from)), stamp(Date.parse(to)))
            : String(from) === "0"
              ? words.fromStart(text(to))
              : words.range(text(from), text(to)),
    );
    const gaps = (source.gaps ?? []).map(({ after, before }) =>
        String(after ?? "0") === "0" ? words.gapStart(text(before)) : words.gap(text(after), text(before)),
    );
    const list = (entries, mark) => {
        const shown = entries.slice(0, SHOWN_RANGES).map((entry) => `<li class="${mark}">${entry}</li>`);
        if (entries.length > SHOWN_RANGES) shown.push(`<li>${words.more(entries.length - SHOWN_RANGES)}</li>`);
        return shown.join("");
    };
    if (lines.length === 0) return words.coveredNone;
    return `<ul>${list(lines, "whole")}${list(gaps, "gap")}</ul>`;
}

const TONES = {
    ok: "good",
    listening: "good",
    budget: "busy",
    conflict: "busy",
    parked: "busy",
    failed: "bad",
    never_run: "idle",
};

function sourceCard(words, source, now) {
    const rows = [];
    const row = (name, value) => value && rows.push(`<dt>${name}</dt><dd>${value}</dd>`);
    const called = source.state === "listening"; // there is no list to be complete about
    row(words.covered, called ? "" : coverage(words, source));
    row(
        words.lastRun,
        called
            ? ""
            : source.last_run
              ? `${moment(words, source.last_run.at, now)} · ${words.run(numbers(source.last_run))}`
              : words.never,
    );
    row(words.newest, source.newest_at ? moment(words, source.newest_at) : "");
    row(
        words.parkedUntil,
        source.parked_until ? `${moment(words, source.parked_until)}<p class="hint">${words.parkedHint}</p>` : "",
    );
    const error = source.last_error;
    // A failed source has its reason in the banner already.
    row(
        words.lastError,
        error
            ? `${moment(words, error.at, now)} <code>${field(error.code)}</code>${source.state === "failed" ? "" : `<p class="hint">${reason(words, error)}</p>`}`
            : "",
    );
    row(words.warning, source.warning ? field(source.warning) : "");
    const drift = Object.entries(source.drift ?? {});
    row(
        words.drift,
        drift.length > 0
            ? `${drift
                  .slice(0, 12)
                  .map(([name, count]) => `<code>${field(name)}</code> ${Number(count) || 0}`)
                  .join(", ")} <span class="hint">(${words.driftHint})</span>`
            : "",
    );
    const few = Number(source.unread) * 4 < Number(source.leads); // a wrong key spares nobody
    const unread =
        Number(source.unread) > 0
            ? `<p class="${few ? "hint" : "note"}"><b>${count(source.unread)}</b> ${words.unread}${words.stop}${few ? words.unreadFewHint : words.unreadHint}</p>`
            : "";
    return `<article class="card">
<header><h3>${field(source.name)}</h3><span class="hint">${field(source.platform)}</span><span class="pill ${TONES[source.state] ?? "idle"}">${words.states[source.state] ?? text(source.state)}</span></header>
<p class="count"><b>${count(source.leads)}</b> ${words.leads}</p>
${unread}<dl>${rows.join("")}</dl>
</article>`;
}

/** What flows back: rows that platforms ask for, rows that go out. */
function backflowCards(words, { rows = [], queues = [] }) {
    const names = [...new Set([...rows.map(({ set }) => set), ...queues.map(({ queue }) => queue)])].sort();
    if (names.length === 0) return "";
    const cards = names.map((name) => {
        const stored = rows.find(({ set }) => set === name);
        const queue = queues.find((each) => each.queue === name);
        const sent = name.startsWith("stats/");
        const lines = [stored && (sent ? words.rowsSent : words.rowsServed)(`<b>${count(stored.rows)}</b>`)];
        if (queue && Number(queue.waiting) > 0) lines.push(words.waitingRows(count(queue.waiting)));
        if (queue && Number(queue.dead) > 0)
            lines.push(`<span class="note">${words.deadRows(count(queue.dead))}</span>`);
        if (stored?.newest_at)
            lines.push(`<span class="hint">${words.newest} ${moment(words, stored.newest_at)}</span>`);
        return `<article class="card"><header><h3>${field(name)}</h3></header>${lines
            .filter(Boolean)
            .map((line) => `<p>${line}</p>`)
            .join("")}</article>`;
    });
    return `<section><h2>${words.backflow}</h2><div class="cards">${cards.join("\n")}</div></section>`;
}

const count = (value) => String(Number(value) || 0).replace(/\B(?=(\d{3})+$)/g, ",");
const numbers = (run) =>
    Object.fromEntries(
        Object.entries(run).map(([key, value]) => [key, typeof value === "number" ? value : Number(value) || 0]),
    );

function leadRow(words, lead) {
    const cells = [];
    const cell = (name, value, kind = "") =>
        cells.push(
            `<td class="${kind}${value ? "" : " empty"}" data-name="${words.columns[name]}"><div>${value || "–"}</div></td>`,
        );
    const phone = (lead.phones ?? [])
        .map(({ class: kind, masked }) => {
            const label = words.classes[kind];
            return `${masked ? `<span class="number">${field(masked)}</span>` : ""}${label ? ` <span class="tag ${kind === "encrypted" || kind === "invalid" ? "bad" : ""}">${label}</span>` : ""}`;
        })
        .filter(Boolean)
        .join("<br>");
    const region = lead.region ?? {};
    const places = [region.province, region.city, region.district].filter(Boolean);
    const place =
        places
            .filter((name, i) => name !== places[i - 1])
            .map(field)
            .join(" ") || field(region.source_text);
    const origin = [
        ...new Set(
            [lead.campaign?.name, lead.form?.name, lead.page?.name, lead.store?.name].filter(Boolean).map(String),
        ),
    ];
    const submitted = lead.times?.submitted ?? lead.times?.created;
    const name = field(lead.person?.name) || field(lead.company?.name) || field(lead.person?.nick);
    // A push may say no time of its own: then the moment it arrived, set apart.
    const arrived = lead.source?.received_at
        ? `<span class="hint">${moment(words, lead.source.received_at)}</span>`
        : "";
    cell("time", submitted?.utc ? moment(words, submitted.utc) : field(submitted?.raw) || arrived, "time");
    cell(
        "person",
        `${name || `<span class="hint">${words.anonymous}</span>`}${lead.is_test ? ` <span class="tag">${words.test}</span>` : ""}`,
        "person",
    );
    cell("phone", phone || `<span class="hint">${words.noPhone}</span>`, "phone");
    cell("region", place);
    cell("from", origin.map(field).join("<br>"));
    cell("source", `${field(lead.source?.name ?? lead.source?.platform)} <code>${field(lead.source?.lead_id)}</code>`);
    return `<tr>${cells.join("")}</tr>`;
}

function leadTable(words, leads) {
    if (leads.length === 0) return `<p class="card hint">${words.noLeads}</p>`;
    const head = Object.values(words.columns)
        .map((name) => `<th scope="col">${name}</th>`)
        .join("");
    return `<div class="card table"><table><thead><tr>${head}</tr></thead><tbody>${leads.map((lead) => leadRow(words, lead)).join("\n")}</tbody></table></div>`;
}

function banner(words, summary) {
    const items = [];
    if (summary.error)
        items.push(
            `<li><code>${field(summary.error.code)}</code><p class="fix">${reason(words, summary.error)}</p></li>`,
        );
    for (const { path, problem, fix } of summary.errors ?? []) {
        items.push(
            `<li><code>${field(path)}</code> ${field(problem)}${fix ? `<p class="fix">${words.whatToDo}: ${field(fix)}</p>` : ""}</li>`,
        );
    }
    if (items.length > 0)
        return `<section class="banner bad"><h2>${words.cannot}</h2><ul>${items.join("")}</ul></section>`;
    const sources = summary.sources ?? [];
    const failed = sources.filter(({ state }) => state === "failed");
    if (failed.length > 0) {
        const list = failed.map(
            ({ name, last_error: error }) =>
                `<li><b>${field(name)}</b> <code>${field(error?.code)}</code><p class="fix">${reason(words, error)}</p></li>`,
        );
        return `<section class="banner bad"><h2>${words.attention}</h2><ul>${list.join("")}</ul></section>`;
    }
    if (sources.length > 0 && sources.every(({ state }) => state === "never_run")) {
        return `<section class="banner idle"><h2>${words.notYet}</h2><p>${words.notYetHint}</p></section>`;
    }
    if (sources.some(({ state }) => state === "parked"))
        return `<section class="banner busy"><h2>${words.waiting}</h2><p>${words.parkedHint}</p></section>`;
    if (sources.some(({ state }) => state === "budget"))
        return `<section class="banner busy"><h2>${words.working}</h2></section>`;
    return sources.length > 0 ? `<section class="banner good"><h2>${words.allWell}</h2></section>` : "";
}

// ---- whole pages ----------------------------------------------------------------------------------------------------------

/** @param {{lang: 'zh'|'en', now: number, summary: object}} what `summary` of a `status` event asked with leads */
export function renderPage({ lang, now, summary }) {
    const words = WORDS[lang];
    const broken = Boolean(summary.error || summary.errors);
    const sources = summary.sources ?? [];
    const body = `${banner(words, summary)}
${
    broken
        ? ""
        : `<section><h2>${words.sources}</h2>${sources.length > 0 ? `<div class="cards">${sources.map((source) => sourceCard(words, source, now)).join("\n")}</div>` : `<p class="card">${words.noSources}</p>`}</section>
${backflowCards(words, summary)}
<section><h2>${words.newestLeads}</h2>${leadTable(words, summary.leads ?? [])}</section>`
}
<footer>${broken ? "" : `${words.masked} `}${words.refresh} · ${words.shown} ${stamp(now)} (${words.zone})</footer>`;
    return document_(lang, words, { title: words.title, tenant: summary.tenant, refresh: true, body });
}

/** @param {{lang: 'zh'|'en', why: 'closed'|'no_token'|'ask'|'wrong'}} what */
export function renderDoor({ lang, why }) {
    const words = WORDS[lang];
    const form =
        why === "ask" || why === "wrong"
            ? `<form method="get" action="/"><input type="hidden" name="lang" value="${lang}"><label>${words.token} <input type="password" name="token" autocomplete="current-password" required autofocus></label> <button>${words.enter}</button></form>`
            : "";
    const body = `<section class="banner ${why === "ask" ? "idle" : "bad"}"><h2>${words.doorTitle}</h2><p>${text(words.door[why])}</p>${form}</section>`;
    return document_(lang, words, { title: words.title, body });
}

async function document_(lang, words, { title, tenant, refresh, body }) {
    const other = lang === "zh" ? "en" : "zh";
    const page = `<!doctype html>
<html lang="${words.html}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${refresh ? '<meta http-equiv="refresh" content="30">\n' : ""}<title>${text(tenant ? `${tenant} · ${title}` : title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="top"><h1>${words.title}${tenant ? ` <span>${field(tenant)}</span>` : ""}</h1><nav aria-label="${words.navigation}"><a href="/preview#lang=${lang}">${words.preview}</a> <a href="?lang=${other}" hreflang="${other}" lang="${WORDS[other].html}">${words.other}</a></nav></header>
<main>
${body}
</main>
</body>
</html>
`;
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
    const policy = `default-src 'none'; style-src 'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
    return {
        text: page,
        headers: {
            "content-type": "text/html; charset=utf-8",
            "content-language": words.html,
            "content-security-policy": policy,
            vary: "accept-language",
        },
    };
}

const STYLE = `
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1c2330;--soft:#667085;--line:#e3e6eb;--link:#1f5fd0;
--good:#0f7b4a;--good-bg:#e3f5ec;--busy:#8a5a00;--busy-bg:#fdf1d7;--bad:#b3261e;--bad-bg:#fdeae8;--idle:#475467;--idle-bg:#e9ecf1}
@media (prefers-color-scheme:dark){:root{--bg:#12151b;--card:#1b2028;--ink:#e7eaf0;--soft:#98a2b3;--line:#2c333e;--link:#8ab4ff;
--good:#6fd3a3;--good-bg:#12352a;--busy:#f0c36a;--busy-bg:#3a2e12;--bad:#ff9d94;--bad-bg:#40201e;--idle:#b6c0cf;--idle-bg:#2a313c}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;overflow-wrap:anywhere}
.top,main{max-width:1120px;margin:0 auto;padding:0 16px}
.top{display:flex;align-items:baseline;justify-content:space-between;gap:12px;padding-top:20px}
h1{font-size:20px;margin:0}h1 span{color:var(--soft);font-weight:400;margin-left:4px}
h2{font-size:16px;margin:26px 0 10px}h3{font-size:16px;margin:0}
a{color:var(--link)}nav a{display:inline-block;padding:6px 2px}nav a+a{margin-left:12px}nav{white-space:nowrap}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:12px;align-items:start}
.card>header{display:flex;align-items:baseline;gap:8px;flex-wrap:wrap}
.pill{margin-left:auto}.pill,.tag{border-radius:99px;padding:1px 9px;font-size:13px;white-space:nowrap}
.tag{background:var(--idle-bg);color:var(--idle);font-size:12px;padding:0 7px}
.good{background:var(--good-bg);color:var(--good)}.busy{background:var(--busy-bg);color:var(--busy)}
.bad{background:var(--bad-bg);color:var(--bad)}.idle{background:var(--idle-bg);color:var(--idle)}
.count{margin:6px 0 8px}.count b{font-size:26px;font-weight:650;font-variant-numeric:tabular-nums}
.note{background:var(--busy-bg);color:var(--busy);border-radius:8px;padding:8px 10px;margin:0 0 10px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:6px 14px;margin:0}
dt{color:var(--soft)}dd{margin:0;min-width:0}dd ul{list-style:none;margin:0;padding:0}
.whole::before{content:"\\2713\\a0";color:var(--good)}.gap::before{content:"\\2026\\a0";color:var(--busy)}
.hint{color:var(--soft)}p.hint,p.fix{margin:2px 0 6px}
.banner{border-radius:10px;padding:12px 16px;margin-top:16px}.banner h2{margin:0}.banner p{margin:4px 0 0}
.banner ul{margin:6px 0 0;padding-left:18px}.banner.bad li{color:var(--ink)}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
td code{color:var(--soft);font-size:12px}
.table{padding:0;overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:8px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500;font-size:13px;white-space:nowrap}tbody tr:last-child td{border-bottom:0}
.time,.number{white-space:nowrap;font-variant-numeric:tabular-nums}.empty{color:var(--soft)}
footer{color:var(--soft);font-size:13px;margin:20px 0 32px}
form{display:flex;gap:8px;margin-top:10px;max-width:460px}
label{display:flex;gap:10px;align-items:center;flex:1;min-width:0;white-space:nowrap}input{flex:1;min-width:0}
input,button{font:inherit;padding:7px 10px;border-radius:8px;border:1px solid var(--line);background:var(--card);color:var(--ink)}
button{background:var(--link);border-color:var(--link);color:var(--card);cursor:pointer}
@media (max-width:700px){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}tr{padding:10px 14px;border-bottom:1px solid var(--line);display:grid;grid-template-columns:1fr auto;gap:2px 12px}
tbody tr:last-child{border-bottom:0}td{border:0;padding:0}
.person{order:-2;font-weight:600;font-size:16px}.time{order:-1;color:var(--soft);font-size:13px;text-align:right}
td:not(.person):not(.time){grid-column:1/-1;display:grid;grid-template-columns:88px 1fr}
td:not(.person):not(.time)::before{content:attr(data-name);color:var(--soft)}td.empty.empty{display:none}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
`;
