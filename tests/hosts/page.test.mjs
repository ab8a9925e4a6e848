import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { languageOf, renderDoor, renderPage, text } from "../../functions/cloudflare/page.mjs";
import { healthy, misconfigured, NOW, troubled } from "./fakes/status.mjs";

const render = (summary, lang = "en") => renderPage({ lang, now: NOW, summary });

/** Every text in the summary, wherever it is, followed by `poison`; numbers become it too. Known states stay. */
const KEEP = new Set(["state", "class", "at", "utc", "newest_at", "parked_until"]);
function poisoned(value, poison, key = "") {
    if (Array.isArray(value)) return value.map((each) => poisoned(each, poison));
    if (value && typeof value === "object")
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, poisoned(each, poison, name)]));
    if (value === null || typeof value === "boolean" || KEEP.has(key)) return value;
    return poison;
}

const ATTACK = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;</title></style></textarea>--><svg/onload=alert(3)>`;

/** Tags of our own templates only. */
const TAGS =
    /<\/?(?:!doctype|html|head|meta|title|style|body|header|h1|h2|h3|span|nav|a|main|section|div|article|p|b|dl|dt|dd|ul|li|code|time|bdi|br|table|thead|tbody|tr|th|td|footer|form|input|label|button)(?:\s[^<>]*)?>/g;

for (const lang of ["zh", "en"]) {
    for (const [name, make] of Object.entries({ healthy, troubled, misconfigured })) {
        test(`HTML in every field stays text (${name}, ${lang})`, async () => {
            for (const summary of [
                poisoned(make(), ATTACK),
                { ...make(), tenant: ATTACK, error: { code: ATTACK, reason: ATTACK } },
            ]) {
                const { text: page } = await render(summary, lang);
                assert.doesNotMatch(page, /<script|<img|<svg|onerror='|<textarea/);
                assert.equal((page.match(/<\/title>/g) ?? []).length, 1);
                assert.equal((page.match(/<\/style>/g) ?? []).length, 1);
                const rest = page.slice(page.indexOf("</style>")).replace(TAGS, "");
                assert.doesNotMatch(rest, /[<>]/);
                assert.match(page, /&lt;script&gt;/);
            }
        });
    }
}

test("states, classes and times from a hostile store do not reach attributes unescaped", async () => {
    const summary = healthy();
    Object.assign(summary.sources[0], {
        state: ATTACK,
        newest_at: ATTACK,
        parked_until: ATTACK,
        drift: { [ATTACK]: ATTACK },
        leads: ATTACK,
        unread: ATTACK,
        last_run: { at: ATTACK, pages: ATTACK },
    });
    summary.leads = [
        {
            phones: [{ class: ATTACK, masked: ATTACK }],
            times: { submitted: { utc: ATTACK } },
            source: null,
            person: ATTACK,
        },
        {},
    ];
    const { text: page } = await render(summary);
    assert.doesNotMatch(page.slice(page.indexOf("</style>") + 8).replace(TAGS, ""), /[<>]/);
});

test("marks that turn or hide text are shown or removed", () => {
    assert.equal(text("张\u202e三"), "张[U+202E]三");
    assert.equal(text("a\u2066b\u200fc\u0000d\u001b[31m"), "a[U+2066]b[U+200F]c[U+0000]d[U+001B][31m");
    assert.equal(text("1\u200b3\u200c8\ufeff\u2060\u00ad\u{e0041}"), "138");
    assert.equal(text("a\u200db"), "ab");
    assert.equal(text("\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"), "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}");
    assert.equal(text("two\r\nlines\ttab"), "two lines tab");
    assert.equal(text("\ud800!"), "\ufffd!");
    assert.equal(text(null), "");
    assert.equal(text(0), "0");
    assert.equal(text({ a: "<" }), "{&quot;a&quot;:&quot;&lt;&quot;}");
    assert.equal(text("客".repeat(10_000)).length, 301);
});

test("right-to-left names keep to their own cell", async () => {
    const summary = healthy();
    summary.leads[0].person.name = "محمد";
    assert.match((await render(summary)).text, /<bdi>محمد<\/bdi>/);
});

test("the policy allows the one style of the page and nothing else", async () => {
    const { text: page, headers } = await render(healthy());
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)[1];
    const policy = headers["content-security-policy"];
    assert.ok(policy.includes(`style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`));
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|script-src|\*/);
    assert.doesNotMatch(page, / style=| on\w+=|https?:\/\/|<script|<link/);
});

test("what it says: coverage, gaps, run, error, unread, drift, parked", async () => {
    const { text: english } = await render(troubled());
    for (const sentence of [
        "Ids 9000 to 223245: complete",
        "From the very first to id 5000: complete",
        "Between ids 5000 and 9000: not read yet",
        "24 s ago",
        "3 new, 1 updated",
        "session_expired",
        "Authorise the shop again",
        "not decrypted",
        "decoration_budget",
        "Paused until",
        "2026-04-20 16:39",
        "12,480",
    ]) {
        assert.ok(english.includes(sentence), sentence);
    }
    const { text: chinese } = await render(troubled(), "zh");
    for (const sentence of [
        "编号 9000 至 223245：完整",
        "从最早一条到编号 5000：完整",
        "24 秒前",
        "重新授权",
        "未解密",
        "暂停至",
        "尚未运行",
    ])
        assert.ok(chinese.includes(sentence), sentence);
    assert.match(chinese, /<html lang="zh-CN">/);
});

test("ids stay exact, phones masked, places not repeated", async () => {
    const { text: page } = await render(healthy());
    assert.ok(page.includes("9007199254740993"));
    assert.ok(page.includes("138****0000"));
    assert.doesNotMatch(page, /上海市<\/bdi> <bdi>上海市/);
});

test("configuration errors name path and fix; an empty bridge says what to do", async () => {
    const { text: page } = await render(misconfigured());
    for (const part of [
        "sources.ads.session",
        "npx wrangler secret put TOP_SESSION",
        "did you mean mobile_cipher?",
        "What to do",
    ])
        assert.ok(page.includes(part), part);
    assert.match((await render({ sources: [], leads: [] })).text, /Add one under/);
    assert.match((await render({ sources: [{ name: "a", state: "never_run" }] })).text, /every minute/);
});

test("reloads itself, has both languages, works on a phone", async () => {
    for (const [lang, other] of [
        ["zh", "en"],
        ["en", "zh"],
    ]) {
        const { text: page, headers } = await render(healthy(), lang);
        assert.match(page, /<meta http-equiv="refresh" content="30">/);
        assert.match(page, new RegExp(`href="\\?lang=${other}"`));
        assert.match(page, /name="viewport" content="width=device-width/);
        assert.match(page, /prefers-color-scheme:dark/);
        assert.equal(headers["content-type"], "text/html; charset=utf-8");
    }
});

test("the language: the switch, then the browser, then Chinese", () => {
    for (const [asked, accept, expected] of [
        ["en", "zh-CN", "en"],
        ["zh", "en", "zh"],
        ["fr", "en-GB,en;q=0.9", "en"],
        [null, "zh-TW,zh;q=0.9,en;q=0.8", "zh"],
        [null, "en;q=0.3, zh;q=0.7", "zh"],
        [null, "fr-FR, en;q=0.5", "en"],
        [null, "zh;q=0, en;q=0.1", "en"],
        [null, "de", "zh"],
        [null, null, "zh"],
        [null, ",;q=;;,".repeat(100_000), "zh"],
    ])
        assert.equal(languageOf(asked, accept), expected, `${asked} ${String(accept).slice(0, 40)}`);
});

test("the door asks only where a token can open it", async () => {
    for (const [why, form] of [
        ["ask", true],
        ["wrong", true],
        ["closed", false],
        ["no_token", false],
    ]) {
        for (const lang of ["zh", "en"]) {
            const { text: page } = await renderDoor({ lang, why });
            assert.equal(page.includes("<form"), form);
            assert.doesNotMatch(page, /http-equiv="refresh"/);
            if (why === "closed") assert.match(page, /LEADBRIDGE_PAGE_TOKEN/);
        }
    }
});
