// The readers of pasted requests: what the three shells, HTTP, HAR and people write, and what attackers would.
import assert from "node:assert/strict";
import test from "node:test";
import { parse, kindOf, ParseProblem } from "../../functions/preview/debugger/parse/parse.mjs";
import { parseCurl } from "../../functions/preview/debugger/parse/curl.mjs";
import { header } from "../../functions/preview/debugger/parse/request.mjs";

const only = (text) => {
    const { requests } = parse(text);
    assert.equal(requests.length, 1);
    return requests[0].open();
};
const bodyText = ({ body }) => (body === null ? null : new TextDecoder().decode(body));
const codes = ({ notes }) => notes.map(({ code }) => code);
const refused = (text, code) =>
    assert.throws(
        () => parse(text).requests.map(({ open }) => open()),
        (error) => error instanceof ParseProblem && error.code === code,
        `${JSON.stringify(text)} should be ${code}`,
    );

test("curl in bash: quotes of all kinds, continued lines, many options", () => {
    const request = only(`$ curl -sS --compressed -X POST 'https://eco.taobao.com/router/rest?method=a&sign=AB' \\
  -H 'Accept: */*' -H "X-Name: say \\"hi\\" \\$5" -H 'X-Empty;' -H 'User-Agent:' \\
  -d 'a=1' --data-raw @b=2 -d $'c=\\u5ba2\\n\\'' -o out.json`);
    assert.equal(request.method, "POST");
    assert.equal(request.host, "eco.taobao.com");
    assert.equal(request.path, "/router/rest");
    assert.equal(request.query, "method=a&sign=AB");
    assert.deepEqual(request.headers, [
        ["Accept", "*/*"],
        ["X-Name", 'say "hi" $5'],
        ["X-Empty", ""],
        ["Content-Type", "application/x-www-form-urlencoded"],
    ]);
    assert.equal(bodyText(request), "a=1&@b=2&c=客\n'");
});

test("curl: -G, --json, --data-urlencode, --url-query, -F, attached values", () => {
    const got = only(`curl -G https://h/x?a=1 -d b=2 --data-urlencode 'c=d e+f&客' --data-urlencode '=g h'`);
    assert.equal(got.method, "GET");
    assert.equal(got.query, "a=1&b=2&c=d+e%2Bf%26%E5%AE%A2&g+h");
    assert.equal(got.body, null);
    const json = only(`curl https://h/x --json '{"a":' --json '1}'`);
    assert.equal(bodyText(json), '{"a":1}');
    assert.equal(header(json.headers, "content-type"), "application/json");
    assert.equal(json.method, "POST");
    const form = only(`curl https://h/x -F a=1 -F 'b=x y;type=text/plain' -F file=@secret.txt`);
    assert.deepEqual(form.form, [
        ["a", "1"],
        ["b", "x y"],
    ]);
    assert.deepEqual(codes(form), ["file_part"]);
    const attached = only(`curl -XPUT -Hname:value -da=1 h.example/x --url-query q=1`);
    assert.equal(attached.method, "PUT");
    assert.equal(attached.url, "http://h.example/x?q=1");
    assert.equal(header(attached.headers, "name"), "value");
});

test("curl: bytes that are no text stay bytes", () => {
    const request = only(
        `curl https://h/x -H 'Content-Type: text/plain;charset=GBK' --data-binary $'\\xbf\\xcd\\xd7\\312'`,
    );
    assert.deepEqual([...request.body], [0xbf, 0xcd, 0xd7, 0xca]);
});

test("curl in bash: what goes wrong is said", () => {
    assert.deepEqual(codes(only("curl https://h/x?a=1&b=2&sign=AB")), ["unquoted_ampersand"]);
    assert.equal(only("curl https://h/x?a=1&b=2&sign=AB").query, "a=1&b=2&sign=AB");
    assert.deepEqual(codes(only('curl "https://h/x?t=$TOKEN"')), ["variable"]);
    assert.deepEqual(codes(only("curl https://h/x -d @body.json")), ["file_body"]);
    assert.deepEqual(codes(only("curl https://h/x --data-binary @- ")), ["file_body"]);
    assert.deepEqual(codes(only("curl https://h/x https://h/y")), ["more_urls"]);
    assert.deepEqual(codes(only("curl https://h/x --next https://h/y")), ["more_requests"]);
    assert.equal(bodyText(only("curl https://h/x -d a=1 | jq .")), "a=1");
    assert.equal(bodyText(only("curl https://h/x\n  -d a=1")), "a=1");
    refused("curl 'https://h/x", "open_quote");
    refused('curl "https://h/x', "open_quote");
    refused("curl $'https://h/x", "open_quote");
    refused("curl -H", "option_without_value");
    refused("curl -s", "no_url");
});

test("curl in cmd: carets, both ways browsers quote", () => {
    const fresh = only(
        'curl ^"https://h/x?a=1^&b=^%^E5^%^AE^%^A2^" ^\n  -H ^"content-type: application/json^" ^\n  --data-raw ^"^{^\\^"a^\\^":^\\^"x^^y^\\^",^\\^"b^\\^":^\\^"1^\n\n2^\\^"^}^"',
    );
    assert.equal(fresh.query, "a=1&b=%E5%AE%A2");
    assert.equal(bodyText(fresh), '{"a":"x^y","b":"1\n2"}');
    const old = parseCurl(
        'curl "https://h/x?a=1&b=2" ^\r\n -H "n: v" ^\r\n --data-binary "{""a"":\\"b\\\\\\"}" --compressed',
        "cmd",
    );
    assert.equal(old.query, "a=1&b=2");
    assert.equal(bodyText(old), '{"a":"b\\"}');
    assert.equal(header(old.headers, "n"), "v");
});

test("PowerShell: Invoke-WebRequest as browsers copy it, and curl.exe", () => {
    const web = only(`$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "Mozilla"
Invoke-WebRequest -UseBasicParsing -Uri "https://h/x?a=1&b=2" \`
-Method "POST" \`
-WebSession $session \`
-Headers @{
"accept"="*/*"
  "x-q"="say \`"hi\`" \`$5"
} \`
-ContentType "application/json" \`
-Body ([System.Text.Encoding]::UTF8.GetBytes("{\`"a\`":\`"$([char]23458)\`"}"))`);
    assert.equal(web.method, "POST");
    assert.equal(web.query, "a=1&b=2");
    assert.equal(bodyText(web), '{"a":"客"}');
    assert.equal(header(web.headers, "x-q"), 'say "hi" $5');
    assert.equal(header(web.headers, "content-type"), "application/json");
    const plain = only("curl.exe 'https://h/x?a=1' `\n -H 'n: it''s' `\n -d 'a=b'");
    assert.equal(header(plain.headers, "n"), "it's");
    assert.equal(bodyText(plain), "a=b");
    const body = only("Invoke-RestMethod -Uri 'https://h/x' -Method Post -Body @{a='1'; b='x y'}");
    assert.deepEqual(body.form, [
        ["a", "1"],
        ["b", "x y"],
    ]);
});

test("raw HTTP: plain, from curl -v, HTTP/2, chunked", () => {
    const request = only(
        'POST /spi?sign=AB&x=%20 HTTP/1.1\r\nHost: bridge.example\r\nContent-Type: application/json\r\n\r\n{"a":1}',
    );
    assert.equal(request.method, "POST");
    assert.equal(request.host, "bridge.example");
    assert.equal(request.query, "sign=AB&x=%20");
    assert.equal(bodyText(request), '{"a":1}');
    assert.equal(only('> POST /x?a=1 HTTP/1.1\n> Host: h\n> Content-Length: 3\n>\n{"a":1}\nabc').query, "a=1");
    assert.equal(
        only(":method: POST\n:path: /x?a=1\n:authority: h\ncontent-type: text/plain\n\nhello").url,
        "https://h/x?a=1",
    );
    assert.equal(bodyText(only("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n5\nhello\n3\n客\n0\n\n")), "hello客");
});

test("raw HTTP: Content-Length tells what pasting did to the body", () => {
    const head = (length) => `POST /x HTTP/1.1\nContent-Type: text/plain\nContent-Length: ${length}\n\n`;
    assert.equal(bodyText(only(`${head(3)}abc\n`)), "abc");
    assert.equal(bodyText(only(`${head(4)}abc\n`)), "abc\n");
    const restored = only(`${head(6)}ab\ncd`);
    assert.equal(bodyText(restored), "ab\r\ncd");
    assert.deepEqual(codes(restored), ["crlf_restored"]);
    assert.deepEqual(codes(only(`${head(99)}abc`)), ["shorter_than_length"]);
    assert.deepEqual(codes(only(`${head(2)}abc`)), ["longer_than_length"]);
    assert.deepEqual(codes(only("POST /x HTTP/1.1\nA: b\n\nabc\n")), ["last_break_dropped"]);
});

test("HAR: a file with a choice, an entry, a bare request", () => {
    const request = (n) => ({
        method: "POST",
        url: `https://h/x?n=${n}`,
        headers: [
            { name: "Content-Type", value: "application/json" },
            { name: ":path", value: "/x" },
        ],
        postData: { mimeType: "application/json", text: `{"n":${n}}` },
    });
    const file = parse(
        JSON.stringify({
            log: { entries: [{ request: request(1) }, { request: request(2) }, { response: {} }] },
        }),
    );
    assert.equal(file.kind, "har");
    assert.equal(file.requests.length, 2);
    assert.equal(bodyText(file.requests[1].open()), '{"n":2}');
    assert.equal(only(JSON.stringify({ request: request(3) })).query, "n=3");
    assert.deepEqual(only(JSON.stringify(request(4))).headers, [["Content-Type", "application/json"]]);
    const form = only(
        JSON.stringify({
            method: "POST",
            url: "https://h/",
            headers: [],
            postData: {
                mimeType: "application/x-www-form-urlencoded",
                params: [{ name: "a", value: "b c" }],
            },
        }),
    );
    assert.deepEqual(form.form, [["a", "b c"]]);
    assert.deepEqual(
        [
            ...only(
                JSON.stringify({
                    method: "POST",
                    url: "https://h/",
                    postData: { text: "v80=", encoding: "base64" },
                }),
            ).body,
        ],
        [0xbf, 0xcd],
    );
    assert.equal(
        only('fetch("https://h/x?a=1", {\n "headers": {"a": "b"},\n "body": "{\\"c\\":1}",\n "method": "POST"\n});')
            .method,
        "POST",
    );
});

test("fields: lines, JSON, a query, an address", () => {
    assert.equal(only("method=a.b\nname=x y+z\nempty=").query, "method=a.b&name=x%20y%2Bz&empty=");
    assert.equal(only("appId: ww1\ntimestamp: 1\nsign: ab").query, "appId=ww1&timestamp=1&sign=ab");
    assert.equal(only("?a=1&b=%E5%AE%A2").query, "a=1&b=%E5%AE%A2");
    assert.equal(only("https://h/x?a=1").query, "a=1");
    assert.equal(
        only('{"id":12345678901234567890,"on":true,"o":{"x":1},"n":null}').query,
        "id=12345678901234567890&on=true&o=%7B%22x%22%3A1%7D&n=",
    );
    assert.equal(only("/spi/tmall?a=1&sign=AB").query, "a=1&sign=AB");
    assert.equal(only("/spi/tmall?a=1&sign=AB").path, "/spi/tmall");
    refused("just some words here", "not_a_field");
    refused("   ", "nothing");
    refused("[1,2]", "no_request");
    refused('{"a":', "broken_json");
});

test("hostile texts end in a request or a problem with a code, and soon", () => {
    const pieces = [
        "curl ",
        "https://h/",
        "'",
        '"',
        "\\",
        "^",
        "`",
        "$(",
        "$'\\x",
        "@{",
        "}",
        "=",
        "&",
        "\n",
        "\r\n",
        "-H",
        "-d",
        "--json ",
        "POST / HTTP/1.1\n",
        ":",
        "{",
        "[",
        "\0",
        "\ud800",
        "\u202e",
        "客",
        "%",
        "%zz",
        'fetch("',
        ")",
        "Invoke-WebRequest ",
        "([char]",
        "\\u",
        " ",
    ];
    let seed = 7;
    const random = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
    for (let i = 0; i < 4000; ++i) {
        const text = Array.from({ length: 1 + random(14) }, () => pieces[random(pieces.length)]).join("");
        try {
            for (const { open } of parse(text).requests) open();
        } catch (error) {
            assert.ok(error instanceof ParseProblem, `${JSON.stringify(text)}: ${error.stack}`);
            assert.match(error.code, /^[a-z_]+$/);
        }
    }
    const long = "x".repeat(300_000);
    for (const text of [
        `curl '${long}'`,
        `curl ${"\\".repeat(300_000)}`,
        `curl ${'^"'.repeat(100_000)}`,
        `${long}=${long}`,
        `curl "${"`".repeat(200_000)}`,
        `{"a":"${long}"}`,
        "{".repeat(200_000),
        `fetch("${'\\"'.repeat(100_000)}`,
        `Invoke-WebRequest ${"@{".repeat(50_000)}`,
        `POST / HTTP/1.1\n${"a: b\n".repeat(50_000)}`,
        `curl ${" -H a:b".repeat(30_000)} https://h`,
        `"${'"'.repeat(200_000)}`,
        `a${" ".repeat(200_000)}b`,
    ]) {
        const started = performance.now();
        try {
            for (const { open } of parse(text).requests) open();
        } catch (error) {
            assert.ok(error instanceof ParseProblem, error.stack);
        }
        assert.ok(performance.now() - started < 5000, `${text.slice(0, 20)}: too slow`);
    }
    refused("x".repeat((20 << 20) + 1), "too_long");
});

test("names of object properties are never taken for words", () => {
    assert.equal(kindOf("__proto__=1"), "fields");
    assert.equal(only("__proto__=1\nconstructor=2").query, "__proto__=1&constructor=2");
    assert.equal(only('{"__proto__":"1","toString":"2"}').query, "__proto__=1&toString=2");
    refused("curl $'\\toString", "open_quote");
});
