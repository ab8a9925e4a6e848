// The Signature tab through its own fields: every usual mistake is planted and named, for every protocol; by keyboard alone, too.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import test, { after, before } from "node:test";
import { goTab, launch, open } from "./harness.mjs";

const SECRET = "fake-secret-0123";
const md5 = (data) => createHash("md5").update(data).digest("hex").toUpperCase();
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const china = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
const NOW = Date.now();

// ---- what a careful caller does, and what each kind of careless one does otherwise ---------------------------------------------------
const PARAMS = {
    app_key: "12345678",
    format: "json",
    method: "taobao.mama.crm.lead.list",
    Zone: "a b+c",
    session: "fake-session",
    sign_method: "hmac-sha256",
    timestamp: china(NOW),
    v: "2.0",
    remark: " 客资 ",
};
const join = (params, { sort = true, drop = true, between = ["", "", ""] } = {}) => {
    const names = Object.keys(params).filter((name) => !drop || params[name].trim() !== "");
    if (sort) names.sort();
    return names.map((name) => name + between[0] + params[name]).join(between[1]);
};
const SIGN = {
    md5: (text, secret) => md5(secret + text + secret),
    hmac: (text, secret) => createHmac("md5", secret).update(text).digest("hex").toUpperCase(),
    "hmac-sha256": (text, secret) => createHmac("sha256", secret).update(text).digest("hex").toUpperCase(),
};
const query = (params) =>
    Object.entries(params)
        .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
        .join("&");
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const top = (sign, params = PARAMS, body = "") =>
    `curl ${quoted(`https://eco.taobao.com/router/rest?${query(params)}&sign=${sign}`)}${body ? ` -H 'Content-Type: application/json' --data-raw ${quoted(body)}` : ""}`;
const right = (params = PARAMS, method = params.sign_method, secret = SECRET) => SIGN[method](join(params), secret);
const changed = (change) =>
    Object.fromEntries(Object.entries(PARAMS).map(([name, value]) => [name, change(value, name)]));
const BODY = '{"b": 1, "a": "客资"}\n';

const spiQuery = {
    app_key: "12345678",
    target_appkey: "12345678",
    timestamp: china(NOW),
    empty: "",
    note: "x y",
};
const spi = (sign, body = BODY.trim(), params = spiQuery) =>
    `POST /spi/tmall?${query(params)}&sign=${sign} HTTP/1.1\nHost: bridge.example\nContent-Type: application/json;charset=UTF-8\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`;
const spiSign = (text, secret = SECRET) => md5(secret + text + secret);
const spiText = (options = {}) => join(spiQuery, { drop: false, ...options });

const TANMA = { appId: "wwdemo0000000000_AbCdEf", timestamp: String(NOW) };
const tanma = (sign, body = '{"pageSize": 100}', ms = TANMA.timestamp) =>
    `curl https://account.tanmarket.cn/apiServer/api/v3/clue -H 'appId: ${TANMA.appId}' -H 'timestamp: ${ms}' -H 'sign: ${sign}' -H 'Content-Type: application/json' --data-raw ${quoted(body)}`;
const push = (sign, extra = "") =>
    `POST /push/tanma HTTP/1.1\nHost: bridge.example\nContent-Type: text/plain;charset=UTF-8\nappId: ${TANMA.appId}\nversion: 1\ntimestamp: ${TANMA.timestamp}\nsign: ${sign}\n\nAAAAAAAAAAAAAAAAAAAAAA==${extra}`;

const MISTAKES = [
    [
        "TOP: the time zone",
        top(SIGN["hmac-sha256"](join(changed((v, n) => (n === "timestamp" ? china(NOW - 8 * 3_600_000) : v))), SECRET)),
        "time_zone",
    ],
    [
        "TOP: + for a blank",
        top(SIGN["hmac-sha256"](join(changed((v) => v.replaceAll(" ", "+"))), SECRET)),
        "plus_and_space",
    ],
    [
        "TOP: %20 for a blank",
        top(SIGN["hmac-sha256"](join(changed((v) => v.replaceAll(" ", "%20"))), SECRET)),
        "plus_and_space",
    ],
    [
        "TOP: encoded values",
        top(SIGN["hmac-sha256"](join(changed((v) => encodeURIComponent(v))), SECRET)),
        "signed_encoded",
    ],
    ["TOP: order", top(SIGN["hmac-sha256"](join(PARAMS, { sort: false }), SECRET)), "order"],
    ["TOP: trimmed values", top(SIGN["hmac-sha256"](join(changed((v) => v.trim())), SECRET)), "trimmed_values"],
    [
        "TOP: an empty value kept",
        top(SIGN["hmac-sha256"](join({ ...PARAMS, empty: "" }, { drop: false }), SECRET), {
            ...PARAMS,
            empty: "",
        }),
        "empty_value",
    ],
    ["TOP: = and & kept", top(SIGN["hmac-sha256"](join(PARAMS, { between: ["=", "&"] }), SECRET)), "separators"],
    ["TOP: md5 instead of hmac", top(SIGN.md5(join(PARAMS), SECRET)), "other_method"],
    [
        "TOP: hmac instead of md5",
        top(SIGN.hmac(join({ ...PARAMS, sign_method: "md5" }), SECRET), { ...PARAMS, sign_method: "md5" }),
        "other_method",
    ],
    ["TOP: lower case", top(right().toLowerCase()), "lower_case"],
    ["TOP: a secret with a line break", top(right(PARAMS, "hmac-sha256", `${SECRET}\n`)), "secret_line_break"],
    ["TOP: a secret with a blank", top(right(PARAMS, "hmac-sha256", `${SECRET} `)), "secret_line_break"],
    [
        "TOP: charset GBK",
        top(
            createHmac("sha256", SECRET)
                .update(gbk(join(PARAMS)))
                .digest("hex")
                .toUpperCase(),
        ),
        "charset_gbk",
    ],
    ["TOP: another app's secret", top(right(PARAMS, "hmac-sha256", "fake-other-secret")), "other_secret"],
    ["TOP: body left out", top(right(), PARAMS, BODY), "body_left_out"],
    [
        "Qimen: body re-serialised",
        top(
            SIGN["hmac-sha256"](
                join({ ...PARAMS, target_app_key: "23558957" }) + JSON.stringify(JSON.parse(BODY)),
                SECRET,
            ),
            { ...PARAMS, target_app_key: "23558957" },
            BODY,
        ),
        "body_reserialised",
    ],
    [
        "Qimen: body trimmed",
        top(
            SIGN["hmac-sha256"](join({ ...PARAMS, target_app_key: "23558957" }) + BODY.trim(), SECRET),
            { ...PARAMS, target_app_key: "23558957" },
            BODY,
        ),
        "body_trimmed",
    ],
    ["SPI: body left out", spi(spiSign(spiText())), "body_left_out"],
    ["SPI: an empty value dropped", spi(spiSign(spiText({ drop: true }) + BODY.trim())), "empty_value"],
    ["SPI: body re-serialised", spi(spiSign(spiText() + JSON.stringify(JSON.parse(BODY)))), "body_reserialised"],
    ["SPI: order", spi(spiSign(spiText({ sort: false }) + BODY.trim())), "order"],
    ["SPI: lower case", spi(spiSign(spiText() + BODY.trim()).toLowerCase()), "sign_lower_case"],
    ["SPI: hmac instead of md5", spi(SIGN.hmac(spiText() + BODY.trim(), SECRET)), "other_method"],
    ["SPI: another app's secret", spi(spiSign(spiText() + BODY.trim(), "fake-other-secret")), "other_secret"],
    [
        "Tanma: upper case",
        tanma(sha256(TANMA.appId + TANMA.timestamp + '{"pageSize": 100}' + SECRET).toUpperCase()),
        "upper_case",
    ],
    [
        "Tanma: body re-serialised",
        tanma(sha256(TANMA.appId + TANMA.timestamp + '{"pageSize":100}' + SECRET)),
        "body_reserialised",
    ],
    ["Tanma: body left out", tanma(sha256(TANMA.appId + TANMA.timestamp + SECRET)), "body_left_out"],
    [
        "Tanma: seconds signed",
        tanma(sha256(TANMA.appId + TANMA.timestamp.slice(0, -3) + '{"pageSize": 100}' + SECRET)),
        "timestamp_unit",
    ],
    [
        "Tanma: the order of the parts",
        tanma(sha256(TANMA.timestamp + TANMA.appId + '{"pageSize": 100}' + SECRET)),
        "order",
    ],
    [
        "Tanma: hmac instead of plain",
        tanma(createHmac("sha256", SECRET).update(`${TANMA.appId}${TANMA.timestamp}{"pageSize": 100}`).digest("hex")),
        "other_method",
    ],
    [
        "Tanma: a key with a line break",
        tanma(sha256(`${TANMA.appId}${TANMA.timestamp}{"pageSize": 100}${SECRET}\n`)),
        "secret_line_break",
    ],
    [
        "Tanma push: body signed",
        push(sha256(`${TANMA.appId}1${TANMA.timestamp}AAAAAAAAAAAAAAAAAAAAAA==${SECRET}`)),
        "body_signed",
    ],
    [
        "Tanma push: another app's key",
        push(sha256(`${TANMA.appId}1${TANMA.timestamp}fake-other-secret`)),
        "other_secret",
    ],
];
const RIGHT = [
    ["TOP", top(right())],
    ["TOP md5", top(right({ ...PARAMS, sign_method: "md5" }), { ...PARAMS, sign_method: "md5" })],
    ["SPI", spi(spiSign(spiText() + BODY.trim()))],
    ["Tanma", tanma(sha256(`${TANMA.appId}${TANMA.timestamp}{"pageSize": 100}${SECRET}`))],
    ["Tanma push", push(sha256(`${TANMA.appId}1${TANMA.timestamp}${SECRET}`))],
    ["SPI, the address from an access log", `/spi/tmall?${query(spiQuery)}&sign=${spiSign(spiText())}`],
    [
        "fields",
        Object.entries({ ...PARAMS, sign: right() })
            .map(([name, value]) => `${name}=${value}`)
            .join("\n"),
    ],
    [
        "HAR",
        JSON.stringify({
            log: {
                entries: [
                    {
                        request: {
                            method: "POST",
                            url: `https://eco.taobao.com/router/rest?${query(PARAMS)}&sign=${right()}`,
                            headers: [],
                        },
                    },
                ],
            },
        }),
    ],
];

/** The characters used here, in GBK. */
function gbk(text) {
    const bytes = { 客: [0xbf, 0xcd], 资: [0xd7, 0xca] };
    return Buffer.from([...text].flatMap((char) => bytes[char] ?? [char.charCodeAt(0)]));
}

let session;
let opened;
before(async () => {
    session = await launch();
    opened = await open(session.browser, { lang: "en-US" });
    await goTab(opened.page, "debugger");
});
after(async () => {
    await opened?.done();
    await session?.close();
});

const request = () => opened.page.getByLabel("Paste a request");

/** Fills the tab in and presses Check; the codes of the causes that are named. */
async function check(text) {
    const { page } = opened;
    await request().fill(text);
    await page.evaluate(() => document.querySelector(".debugger-result").replaceChildren());
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.locator(".debugger-result > .banner").first().waitFor();
    return {
        valid: await page
            .locator(".verdict")
            .getAttribute("data-valid", { timeout: 2000 })
            .catch(() => null),
        causes: await page.locator(".cause").evaluateAll((items) => items.map(({ dataset }) => dataset.code)),
        text: await page.locator(".debugger-result").innerText(),
    };
}

test("secrets are put in once: the app's, and one of another app", async () => {
    const { page } = opened;
    await page.locator("#panel-debugger input[type=password]").first().fill(SECRET);
    await page.getByText("Other possible secrets").click();
    await page.getByRole("button", { name: "Add one" }).click();
    await page.getByLabel("Other secret 1", { exact: true }).fill("fake-other-secret");
});

for (const [name, text] of RIGHT) {
    test(`right: ${name}`, async () => {
        const { valid, causes, text: said } = await check(text);
        assert.equal(valid, "true", said);
        assert.deepEqual(causes, []);
    });
}

for (const [name, text, cause] of MISTAKES) {
    test(`planted and named: ${name}`, async () => {
        const { valid, causes, text: said } = await check(text);
        assert.equal(valid, "false", said);
        assert.ok(causes.includes(cause), `${cause} is not among [${causes}]\n${said}`);
    });
}

test("a HAR with several requests: the one that is chosen is checked", async () => {
    const { page } = opened;
    const entry = (sign, name) => ({
        request: {
            method: "POST",
            url: `https://eco.taobao.com/router/rest?${query({ ...PARAMS, name })}&sign=${sign}`,
            headers: [],
        },
    });
    const har = JSON.stringify({
        log: {
            entries: [
                entry("00", "one"),
                entry(right({ ...PARAMS, name: "two" }), "two"),
                entry(right({ ...PARAMS, name: "three" }).toLowerCase(), "three"),
            ],
        },
    });
    assert.equal((await check(har)).valid, "false");
    for (const [pick, valid, causes] of [
        ["1", "true", []],
        ["2", "false", ["lower_case"]],
    ]) {
        await page.evaluate(() => document.querySelector(".debugger-result").replaceChildren());
        await page.getByLabel("Requests in the HAR (3)").selectOption(pick);
        await page.locator(".verdict").waitFor();
        assert.equal(await page.locator(".verdict").getAttribute("data-valid"), valid);
        assert.deepEqual(
            await page.locator(".cause").evaluateAll((items) => items.map(({ dataset }) => dataset.code)),
            causes,
        );
    }
});

test("the time is checked beside the signature: a zone off by 8 hours, an old call", async () => {
    const off = { ...PARAMS, timestamp: new Date(NOW).toISOString().slice(0, 19).replace("T", " ") };
    assert.deepEqual(await check(top(right(off), off)).then(({ valid, causes }) => [valid, causes]), [
        "true",
        ["time_zone"],
    ]);
    const old = { ...PARAMS, timestamp: "2020-01-01 00:00:00" };
    assert.deepEqual(await check(top(right(old), old)).then(({ valid, causes }) => [valid, causes]), [
        "true",
        ["timestamp_old"],
    ]);
});

test("expected and given, the base string piece by piece, nothing of the secret", async () => {
    const { page } = opened;
    const { text } = await check(
        top(right({ ...PARAMS, sign_method: "md5" }).replace(/^../, "00"), { ...PARAMS, sign_method: "md5" }),
    );
    assert.ok(text.includes(right({ ...PARAMS, sign_method: "md5" })));
    assert.equal(await page.locator(".piece-secret").count(), 2);
    assert.deepEqual((await page.locator(".piece-name").allInnerTexts()).slice(0, 3), ["Zone", "app_key", "format"]);
    assert.equal(await page.locator(".piece-value").first().innerText(), "a·b+c");
    const markup = await page.locator("#panel-debugger").evaluate((element) => element.innerHTML + location.href);
    assert.equal(markup.includes(SECRET), false);
});

test("a base string of one's own: the first difference is located and its piece named", async () => {
    const { page } = opened;
    await check(top(right().replace(/^../, "00")));
    const own = page.getByLabel("The base string your own code built");
    await own.fill(join(changed((v) => v.replace("a b", "a+b"))));
    assert.match(
        await page.locator(".own-result").innerText(),
        /Differs from character 6 on[\s\S]*value Zone, character 2/,
    );
    await own.fill(join(PARAMS));
    assert.match(await page.locator(".own-result").innerText(), /The same/);
    await own.fill(`${join(PARAMS)}\n`);
    assert.match(await page.locator(".own-result").innerText(), /Only a line break at the end/);
    await own.fill("");
});

test("bad input is answered with a sentence", async () => {
    for (const [text, sentence] of [
        ["curl 'https://h", /not closed/],
        ['{"a":', /broken/],
        ["curl -s", /no address/],
        ["what is this", /not name=value/],
        ["POST", /not name=value|first line/],
    ]) {
        await request().fill(text);
        assert.match(await opened.page.locator(".about").innerText(), sentence);
    }
    await request().fill("curl https://eco.taobao.com/router/rest?a=1&b=%zz&sign=A");
    await opened.page.getByRole("button", { name: "Check", exact: true }).click();
    await opened.page.locator(".debugger-result .banner.bad").waitFor();
    assert.match(await opened.page.locator(".debugger-result").innerText(), /broken %/);
});

test("HTML, direction marks and control characters in a request stay text", async () => {
    const attack = '"><img src=x onerror="window.executed=1"><script>window.executed=1</script>\u202e\u0007';
    await check(top("AB", { ...PARAMS, [`n${attack}`.replace(/=/g, "")]: attack }));
    const { page } = opened;
    assert.equal(await page.evaluate(() => window.executed ?? 0), 0);
    assert.equal(await page.locator("#panel-debugger img, #panel-debugger script").count(), 0);
    assert.ok((await page.locator(".base-flow .mark").allInnerTexts()).includes("U+202E"));
});

test("the other direction: a command that is signed rightly, as bash would run it and as the check reads it", async () => {
    const { page } = opened;
    await check(top(right().replace(/^../, "00")));
    await page.getByRole("button", { name: "Make a curl with the right signature" }).click();
    const command = page.locator(".command");
    await command.waitFor();
    const text = await command.innerText();
    assert.ok(text.includes(right()), text);
    assert.equal(text.includes(SECRET), false);
    const words = spawnSync("/bin/bash", ["-c", `curl() { printf '%s\\0' "$@"; }\n${text}`], {
        encoding: "utf8",
        env: { PATH: "/nowhere" },
    });
    const url = words.stdout.split("\0")[0];
    assert.equal(new URL(url).searchParams.get("timestamp"), PARAMS.timestamp);
    await page.getByRole("button", { name: "Check a signature" }).click();
    assert.equal((await check(text)).valid, "true");
});

test("the other direction, every protocol: what is made is right when it is checked", async () => {
    const { page } = opened;
    for (const protocol of ["top", "qimen", "spi", "tanma", "tanma_push"]) {
        for (const shell of ["bash", "powershell", "cmd"]) {
            await page.getByRole("button", { name: "Make a signature" }).click();
            await page.getByLabel("Protocol").selectOption(protocol);
            await page.getByLabel("Shell").selectOption(shell);
            await page.locator("#panel-debugger input[type=password]").fill(SECRET);
            await page.evaluate(() => document.querySelector(".debugger-result").replaceChildren());
            await page.getByRole("button", { name: "Make", exact: true }).click();
            const text = await page.locator(".command").innerText();
            await page.getByRole("button", { name: "Check a signature" }).click();
            const { valid, text: said } = await check(text);
            assert.equal(valid, "true", `${protocol} ${shell}: ${text}\n${said}`);
        }
    }
});

test("by keyboard alone: to the tab, through the fields, to the answer", async () => {
    const { page, context } = await open(session.browser, { lang: "en-US" });
    const focused = () =>
        page.evaluate(() => document.activeElement.id || document.activeElement.textContent.slice(0, 20));
    const tab = async (until, most = 20) => {
        for (let i = 0; i < most; ++i) {
            await page.keyboard.press("Tab");
            if (await page.evaluate((selector) => document.activeElement.matches(selector), until)) return;
        }
        assert.fail(`Tab does not reach ${until}; it stands on ${await focused()}`);
    };
    await tab("[role=tab]");
    for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
    assert.equal(await focused(), "tab-debugger");
    await tab("#panel-debugger textarea");
    await page.keyboard.insertText(top(right().toLowerCase()));
    await tab("#panel-debugger input[type=password]");
    await page.keyboard.insertText(SECRET);
    await page.keyboard.press("Enter");
    await page.locator(".cause[data-code=lower_case]").waitFor();
    assert.match(await page.locator("[role=status]").innerText(), /does not match/);
    await page.keyboard.press("Shift+Tab");
    await tab(".base-flow", 30);
    await tab("#panel-debugger .own-result, #panel-debugger textarea", 30);
    await page.keyboard.press("Escape");
    await context.close();
});

test("a change of language keeps what was put in; nothing is stored", async () => {
    const { page } = opened;
    await request().fill(top(right()));
    await page.locator("#language").click();
    assert.equal(await page.locator("html").getAttribute("lang"), "zh-CN");
    assert.equal(await page.getByLabel("粘贴请求").inputValue(), top(right()));
    await page.locator(".verdict").waitFor();
    const kept = await page.evaluate(async () => ({
        local: localStorage.length,
        session: sessionStorage.length,
        cookie: document.cookie,
        hash: location.hash,
        databases: (await indexedDB.databases()).length,
    }));
    assert.deepEqual(kept, { local: 0, session: 0, cookie: "", hash: "#tab=debugger&lang=zh", databases: 0 });
});
