// Which signature a request carries, what the core is asked, and where two base strings part.
import assert from "node:assert/strict";
import test from "node:test";
import { compareBase, firstDifference } from "../../functions/preview/debugger/difference.mjs";
import { parse } from "../../functions/preview/debugger/parse/parse.mjs";
import {
    assembleSigned,
    chinaTime,
    draftRequest,
    eventFor,
    givenSign,
    recognise,
} from "../../functions/preview/debugger/protocol.mjs";

const request = (text) => parse(text).requests[0].open();
const protocolOf = (text) => recognise(request(text)).protocol;

test("the protocol is recognised", () => {
    assert.equal(
        protocolOf("curl 'https://eco.taobao.com/router/rest?method=taobao.mama.crm.lead.list&sign=A' -d 'x=1'"),
        "top",
    );
    assert.equal(protocolOf("method=taobao.mama.crm.lead.list\napp_key=1\nsign=A"), "top");
    assert.equal(
        protocolOf("curl 'https://qimen.api.taobao.com/router/qm?method=qimen.x&target_app_key=2&sign=A'"),
        "qimen",
    );
    assert.equal(
        protocolOf(
            "POST /spi/tmall?app_key=1&target_appkey=2&sign=A HTTP/1.1\nHost: bridge.example\nContent-Type: application/json\n\n{}",
        ),
        "spi",
    );
    assert.equal(protocolOf("POST /spi/tmall?sign=A HTTP/1.1\nHost: bridge.example\ntop-sign-list: x\n\n"), "spi");
    assert.equal(
        protocolOf(
            "curl https://account.tanmarket.cn/apiServer/api/v3/clue -H 'appId: ww' -H 'timestamp: 1' -H 'sign: ab' --json '{}'",
        ),
        "tanma",
    );
    assert.equal(
        protocolOf(
            "curl https://bridge.example/push -H 'appId: ww' -H 'timestamp: 1' -H 'version: 1' -H 'sign: ab' -d 'AAAA'",
        ),
        "tanma_push",
    );
    assert.equal(protocolOf("appId: ww\ntimestamp: 1\nsign: ab"), "tanma");
});

test("events: form fields join the query, other bodies are signed behind it", () => {
    const form = request("curl 'https://eco.taobao.com/router/rest?method=m&sign=AB' -d 'a=x+y'");
    assert.deepEqual(eventFor("verify", form, { protocol: "top", secret: "s" }), {
        event: { kind: "verify", protocol: "top", secret: "s", query: "method=m&sign=AB&a=x+y" },
        body: undefined,
    });
    const json = request("curl 'https://qimen.api.taobao.com/router/qm?method=m&sign=AB' --json '{}'");
    assert.equal(eventFor("verify", json, { protocol: "qimen", secret: "s" }).event.body, "{}");
    const gbk = request(
        "curl 'https://qimen.api.taobao.com/router/qm?sign=AB' -H 'Content-Type: text/xml' --data-raw $'\\xbf\\xcd'",
    );
    assert.deepEqual([...eventFor("verify", gbk, { protocol: "qimen", secret: "s" }).body], [0xbf, 0xcd]);
    const spi = eventFor("verify", json, { protocol: "spi", secret: "s", others: ["o"] });
    assert.equal(spi.event.spi, true);
    assert.deepEqual(spi.event.other_secrets, ["o"]);
    assert.equal(new TextDecoder().decode(spi.body), "{}");
    const tanma = request("curl https://h/x -H 'appId: ww' -H 'timestamp: 1' -H 'sign: ab' --json '{ }'");
    const { event, body } = eventFor("verify", tanma, { protocol: "tanma", secret: "s" });
    assert.deepEqual(event, {
        kind: "verify",
        protocol: "tanma",
        secret: "s",
        app_id: "ww",
        timestamp: "1",
        given_sign: "ab",
    });
    assert.equal(new TextDecoder().decode(body), "{ }");
    assert.equal(givenSign(form, "top"), "AB");
    assert.equal(eventFor("sign", form, { protocol: "top", secret: "s" }).event.query, "method=m&a=x+y");
});

test("the signed request carries what was signed", () => {
    const draft = {
        protocol: "top",
        url: "https://eco.taobao.com/router/rest",
        params: [
            ["method", "m"],
            ["x", "a b&客"],
        ],
        headers: [],
        body: "",
        bodyType: "",
    };
    const { event } = eventFor("sign", draftRequest(draft), { protocol: "top", secret: "s" });
    assert.equal(event.query, "method=m&x=a%20b%26%E5%AE%A2");
    const signed = assembleSigned(draft, "AB");
    assert.equal(signed.url, "https://eco.taobao.com/router/rest?method=m&sign=AB");
    assert.equal(signed.body, "x=a%20b%26%E5%AE%A2");
    const tanma = {
        protocol: "tanma",
        url: "https://h/x",
        params: [
            ["appId", "ww"],
            ["timestamp", "1"],
        ],
        headers: [],
        body: "{ }",
        bodyType: "",
    };
    const asked = eventFor("sign", draftRequest(tanma), { protocol: "tanma", secret: "s" });
    assert.equal(asked.event.app_id, "ww");
    assert.equal(new TextDecoder().decode(asked.body), "{ }");
    assert.deepEqual(assembleSigned(tanma, "cd").headers.slice(0, 3), [
        ["appId", "ww"],
        ["timestamp", "1"],
        ["sign", "cd"],
    ]);
    assert.equal(chinaTime(Date.UTC(2026, 0, 1, 20, 0, 5)), "2026-01-02 04:00:05");
});

test("the first difference is found, and its piece", () => {
    assert.equal(firstDifference("abc", "abc"), -1);
    assert.equal(firstDifference("abc", "abd"), 2);
    assert.equal(firstDifference("ab", "abc"), 2);
    assert.equal(firstDifference("x\u{1f600}", "x\u{1f601}"), 1);
    const pieces = [
        { what: "secret" },
        { what: "name", text: "a", name: "a" },
        { what: "value", text: "1 2", name: "a" },
        { what: "body", text: "{}" },
        { what: "secret" },
    ];
    const without = compareBase(pieces, "s3cret", "a1+2{}");
    assert.deepEqual(
        [without.same, without.withSecret, without.at, without.piece.what, without.piece.name, without.piece.offset],
        [false, false, 2, "value", "a", 1],
    );
    const around = compareBase(pieces, "s3cret", "s3creta1 2{ }s3cret");
    assert.deepEqual([around.withSecret, around.piece.what], [true, "body"]);
    assert.equal(compareBase(pieces, "s3cret", "s3creta1 2{}s3cret").same, true);
    assert.equal(compareBase(pieces, "s3cret", "a1 2{}").same, true);
    assert.equal(compareBase(pieces, "s3cret", "a1 2").ended, "theirs");
    const longer = compareBase(pieces, "s3cret", "a1 2{}\n");
    assert.deepEqual([longer.ended, longer.lineBreak, longer.piece], ["ours", true, null]);
});
