import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { encodeText, urlEncode } from "./callers/charset.mjs";
import { checkSpi } from "./callers/checker.mjs";
import { etcQuery, SAMPLE_QUERY } from "./callers/etc.mjs";
import { SPI_DAMAGE } from "./callers/spi.mjs";
import { echoesNoise, inventPush, registerPush, TANMA_PUSH_DAMAGE, tanmaPush } from "./callers/tanma.mjs";
import { tmallPush } from "./callers/tmall.mjs";
import { parseTimestamp, TIMESTAMP_WINDOW_MS } from "./gateway/time.mjs";
import { parseExact } from "./gateway/render.mjs";
import { writeJson } from "./json.mjs";
import { openPush, sealPush, signApi, signPush } from "./tanma/protocol.mjs";
import { createTmallAccount, TMALL_DEFAULTS } from "./tmall/account.mjs";
import { inventTmallLead, NUMBER_FIELDS, SAMPLE_LEAD } from "./tmall/lead.mjs";

const NOW = 1693900800000;
const SECRET = "fake0secret0for0the0sandbox00000";
const vectors = JSON.parse(readFileSync(new URL("../vectors/top-and-spi.json", import.meta.url))).filter(
    ({ kind }) => kind === "spi",
);
const parts = ({ url, headers, body }) => ({ query: url.split("?")[1], headers, body });
const check = (request, secret = SECRET) => checkSpi(parts(request), secret);

test("the SPI signature and the checker agree with every official vector", () => {
    assert.ok(vectors.length >= 38);
    for (const {
        name,
        query,
        headers,
        body,
        body_base64,
        content_type,
        secret,
        charset,
        expected_sign,
        expected_valid,
        params,
    } of vectors) {
        const bytes = body_base64 ? Buffer.from(body_base64, "base64") : encodeText(body ?? "", charset);
        const all = { ...headers, ...(content_type ? { "content-type": content_type } : {}) };
        const verdict = checkSpi({ query, headers: all, body: bytes }, secret);
        assert.equal(verdict.valid, expected_valid ?? false, name);
        if (expected_sign === null) continue;
        assert.equal(verdict.sign, expected_sign, name);
        const { sign, ...others } = Object.fromEntries(verdict.params);
        const { sign: _, ...expected } = params;
        assert.deepEqual(others, expected, name);
    }
});

test("a pushed lead verifies in every content, charset and with signed headers", () => {
    const lead = inventTmallLead({}, { recordId: 371009n, createdMs: NOW });
    for (const content of ["json", "form", "xml"]) {
        for (const charset of ["utf-8", "gbk"]) {
            for (const headersToSign of [{}, { "X-Nick": "张三 + %", "x-empty": "" }]) {
                const request = tmallPush(lead, {
                    app_secret: SECRET,
                    timestamp: NOW,
                    content,
                    charset,
                    headersToSign,
                    path: "http://127.0.0.1:1/spi/tmall",
                });
                const verdict = check(request);
                assert.ok(verdict.valid, `${content} ${charset} ${verdict.error}`);
                assert.equal(verdict.params.get("timestamp"), "2023-09-05 16:00:00");
                assert.match(request.url, /&sign=[0-9A-F]{32}$/);
                if (content === "form") assert.equal(verdict.params.get("record_id"), "371009");
            }
        }
    }
    const { body } = tmallPush(lead, { app_secret: SECRET, timestamp: "2023-09-05 16:00:00" });
    assert.deepEqual(parseExact(body.toString()).record_id, 371009n);
});

test("what is damaged is refused, and nothing else", () => {
    const lead = inventTmallLead({}, { recordId: 1n, createdMs: NOW });
    const forJson = (damage) => tmallPush(lead, { app_secret: SECRET, timestamp: NOW, damage });
    for (const [damage, verdict] of Object.entries(SPI_DAMAGE)) {
        const request = forJson(damage);
        const { valid, params } = check(request);
        if (verdict === "sign") assert.equal(valid, false, damage);
        else if (verdict === "refused") assert.ok(!valid || request.body.length > 1_000_000, damage);
        else assert.equal(valid, true, damage);
        if (verdict === "timestamp") {
            const text = params.get("timestamp");
            const sent = text === undefined || /^\d+$/.test(text) ? null : parseTimestamp(text);
            assert.ok(sent === null || Math.abs(sent - NOW) > TIMESTAMP_WINDOW_MS, damage);
        }
    }
    assert.ok(forJson("sign_in_body").body.includes('"sign":"'));
    assert.equal(forJson("no_content_type").headers["content-type"], undefined);
    assert.ok(
        forJson("huge").body.length > 5_000_000 &&
            parseExact(forJson("huge").body.toString()).padding.length === 5_000_000,
    );
    const types = parseExact(forJson("wrong_types").body.toString());
    for (const [name, value] of Object.entries(types))
        assert.notEqual(typeof value === "bigint" ? "number" : typeof value, typeof SAMPLE_LEAD[name], name);
    const form = tmallPush(lead, {
        app_secret: SECRET,
        timestamp: NOW,
        content: "form",
        damage: "sign_in_body",
    });
    assert.ok(form.body.includes("&sign=") && !check(form).valid);
    assert.throws(() => forJson("nonsense"), TypeError);
});

test("an ETC query is the sample of the page", () => {
    const request = etcQuery({}, { app_secret: SECRET, timestamp: NOW });
    assert.equal(
        request.body.toString(),
        '{"filter":"\\"\\"","appid":"\\"\\"","dataType":4,"queryTime":"1640933570","page":1}',
    );
    assert.ok(check(request).valid);
    const form = etcQuery({ page: 10 ** 9, queryTime: "-5" }, { app_secret: SECRET, timestamp: NOW, content: "form" });
    assert.deepEqual(
        [check(form).params.get("page"), check(form).params.get("queryTime"), check(form).params.get("filter")],
        ["1000000000", "-5", SAMPLE_QUERY.filter],
    );
});

test("GBK: the whole table comes back, what it lacks is a question mark", () => {
    const text = "张三 余杭区 ㎡㈱囍 “急”";
    assert.equal(new TextDecoder("gbk").decode(encodeText(text, "GBK")), text);
    assert.deepEqual([...encodeText("张三", "gbk")], [0xd5, 0xc5, 0xc8, 0xfd]);
    assert.deepEqual([...encodeText("a😀b", "gbk")], [0x61, 0x3f, 0x62]);
    let pairs = 0;
    for (let lead = 0x81; lead <= 0xfe; lead++) {
        for (let trail = 0x40; trail <= 0xfe; trail++) {
            const bytes = Uint8Array.of(lead, trail);
            const char = new TextDecoder("gbk").decode(bytes);
            if (trail === 0x7f || [...char].length !== 1 || char === "\ufffd" || (char >= "\ue000" && char <= "\uf8ff"))
                continue;
            const again = encodeText(char, "gbk");
            assert.equal(new TextDecoder("gbk").decode(again), char);
            pairs += 1;
        }
    }
    assert.ok(pairs > 20_000);
    assert.equal(urlEncode("a b~*中", "gbk"), "a+b%7E*%D6%D0");
    assert.throws(() => encodeText("a", "latin1"), TypeError);
});

test("invented Tmall leads: repeatable, every field, versions, unknown values", () => {
    const make = (recordId, version, options) => inventTmallLead({ ...options }, { recordId, createdMs: NOW, version });
    assert.deepEqual(make(5n, 1), make(5n, 1));
    assert.notDeepEqual(make(5n, 1), make(6n, 1));
    const full = make(5n, 1, { sparseShare: 0 });
    assert.deepEqual(Object.keys(full), Object.keys(SAMPLE_LEAD));
    for (const [name, value] of Object.entries(full))
        assert.equal(NUMBER_FIELDS.includes(name), typeof value !== "string", name);
    const [one, two] = [make(5n, 1), make(5n, 2)];
    assert.ok(two.gmt_modified > one.gmt_modified && two.phone === one.phone && two.remark !== one.remark);
    const many = Array.from({ length: 300 }, (_, i) => make(BigInt(i), 1));
    assert.ok(
        many.some(({ decoration_type }) => decoration_type >= 90),
        "unknown enumeration values",
    );
    assert.ok(many.some(({ extra }) => extra.includes("channelName")) && many.some((lead) => !("order_num" in lead)));
    for (const { phone, extra } of many)
        assert.ok(/0000|^400|\uff10{4}|145678388|\*{4}/.test(phone) && JSON.parse(extra), phone);

    const account = createTmallAccount({ ...TMALL_DEFAULTS, seed: "s", newestAt: NOW, leads: 3 });
    const [id] = account.ids();
    account.modify(id);
    assert.deepEqual(
        [account.truth().get(id).version, account.lead(id, 1).record_id, account.truth().size],
        [2, 371009n, 3],
    );
    assert.throws(() => account.lead("1"), RangeError);
});

test("Tanma: the golden vectors", () => {
    const zc = { appId: "zc_test", appKey: "zc_test", corpid: "zc_test" };
    assert.equal(
        signPush({ ...zc, timestamp: "1596681164807" }),
        "317672b4685d9b8bafe1794390e31209aed5cef912683292fed94a69085919d3",
    );
    const sealed =
        "5TMVT8H4yTSSoING+afhRlGcCZAIxTs8Z7o3vGpid6tF2aF7C73uZ44qMopuNPCFmwOLOJ8xViCTHUfe/xYZSb71/VRSEDeIqqwN4eg=";
    const plain = '{"type":"register","noise":4970601478527096155,"msgId":999,"content":"hello"}';
    assert.equal(openPush(sealed, zc).toString(), plain);
    assert.equal(sealPush(Buffer.from(plain), zc), sealed);
    const request = tanmaPush(registerPush(), { ...zc, timestamp: 1596681164807 });
    assert.equal(request.body.toString(), sealed);
    assert.deepEqual(request.headers, {
        appId: "zc_test",
        timestamp: "1596681164807",
        version: "1",
        "content-type": "text/plain;charset=UTF-8",
        sign: "317672b4685d9b8bafe1794390e31209aed5cef912683292fed94a69085919d3",
    });
    const api = {
        appId: "wwdemo0000000000_AbCdEf",
        appKey: "0123456789abcdef0123456789abcdef",
        timestamp: "1620717417000",
    };
    assert.equal(
        signApi(api, '{"since":"2021-05-11 00:00:00","before":"2021-05-12 00:00:00","size":100,"type":1}'),
        "7831e5aa2be3fda841055b46cb45249f7dc92ac458efc393703742a865cc48b2",
    );
    assert.equal(signApi(api), "ba1d1218bec4a58f5da84a8e520a9c454eada82133f965fdcb62753d51b925fa");
});

test("Tanma pushes: corpid from the appId, exact noise, damages that show", () => {
    const app = { appId: "wwdemo0000000000_AbCdEf", appKey: "fake0tanma0key" };
    const keys = { appKey: app.appKey, corpid: "wwdemo0000000000" };
    const message = inventPush({}, 7);
    assert.deepEqual(message, inventPush({}, 7));
    const good = tanmaPush(message, { ...app, timestamp: NOW });
    assert.deepEqual(parseExact(openPush(good.body.toString(), keys).toString()).noise, message.noise);
    assert.ok(Array.from({ length: 50 }, (_, i) => inventPush({}, i).noise).some((noise) => noise < 0n));
    for (const damage of Object.keys(TANMA_PUSH_DAMAGE)) {
        const bad = tanmaPush(message, { ...app, timestamp: NOW, damage });
        assert.notDeepEqual([bad.headers, bad.body.toString()], [good.headers, good.body.toString()], damage);
        const { appId = "", timestamp = "", version = "", sign } = bad.headers;
        const signed = sign === signPush({ appId, appKey: app.appKey, timestamp, version }) && appId === app.appId;
        if (TANMA_PUSH_DAMAGE[damage] === "sign") assert.equal(signed, false, damage);
        if (["content", "timestamp"].includes(TANMA_PUSH_DAMAGE[damage])) assert.equal(signed, true, damage);
    }
    assert.throws(() => tanmaPush(message, { ...app, timestamp: NOW, damage: "x" }), TypeError);
    assert.ok(echoesNoise('{"code":0,"noise":-203478414587272730}', -203478414587272730n));
    assert.ok(!echoesNoise('{"code":0,"noise":-203478414587272700}', -203478414587272730n));
    assert.equal(writeJson({ a: 2n ** 63n - 1n, b: undefined, c: "中/" }), '{"a":9223372036854775807,"c":"中/"}');
});
