// docs/openapi.json, the machine-readable contract, against the implementation: every path, parameter and documented answer is played
// on the real Worker and on the Lambda function, and every answer is held against its schema.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { ROOT } from "../hosts/fakes/module.mjs";
import { pushTmallLeads } from "../sandbox/pushers.mjs";
import { createJudge, DOCUMENT, parameters, promised } from "./contract.mjs";
import { PHONES_TOKEN, READ_TOKEN, skip, startBoth, TOKEN } from "./hosts.mjs";

const ORIGIN = ["Origin", "https://crm.example"];
const bearer = (token) => [["Authorization", `Bearer ${token}`]];
const READ = bearer(READ_TOKEN);
const PHONES = bearer(PHONES_TOKEN);
const ROWS = bearer(TOKEN);

test("the document is a valid OpenAPI 3.1 document", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(DOCUMENT);
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, "3.1");
    const ids = Object.values(DOCUMENT.paths).flatMap((item) =>
        Object.values(item)
            .map((operation) => operation.operationId)
            .filter(Boolean),
    );
    assert.equal(new Set(ids).size, ids.length);
    // A spoiled one is refused: the judge can say no.
    const spoiled = structuredClone(DOCUMENT);
    delete spoiled.paths["/v1/leads"].get.responses;
    spoiled.paths["/v1/leads"].get.parameters[0].in = "nowhere";
    assert.equal((await new Validator().validate(spoiled)).valid, false);
});

test("every component of the document is referred to, and every reference leads somewhere", () => {
    const text = JSON.stringify(DOCUMENT);
    const wanted = new Set(
        [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)].map(([, kind, name]) => `${kind}/${name}`),
    );
    const there = ["schemas", "responses", "headers"].flatMap((kind) =>
        Object.keys(DOCUMENT.components[kind]).map((name) => `${kind}/${name}`),
    );
    assert.deepEqual([...wanted].sort(), there.sort());
});

test("every route that the core knows is in the document, and no other", () => {
    const sources = readdirSync(join(ROOT, "src"), { recursive: true }).filter((name) => /\.(cc|h)$/.test(name));
    const routes = new Set();
    for (const name of sources) {
        const text = readFileSync(join(ROOT, "src", name), "utf8").replaceAll(/\/\/.*$/gm, "");
        for (const [, route] of text.matchAll(/constexpr std::string_view \w+ = "(\/v1\/[\w/]*)"/g))
            routes.add(route.endsWith("/") ? `${route}{name}` : route);
        // Whatever else looks like one must be one of those.
        for (const [, route] of text.matchAll(/"(\/v1\/\w[\w/]*)"/g))
            assert.ok(routes.has(route) || routes.has(`${route}{name}`), `${name}: ${route}`);
    }
    assert.deepEqual(
        Object.keys(DOCUMENT.paths)
            .filter((path) => path.startsWith("/v1/"))
            .sort(),
        [...routes].sort(),
    );
});

/** Every call of the tour: [path, {method, headers, body, as}, status or statuses]. */
const tour = [
    ["/v1/leads", { headers: READ }, 200],
    ["/v1/leads", { headers: PHONES }, 200],
    ["/v1/leads", { headers: [...PHONES, ORIGIN] }, 200],
    ["/v1/leads?limit=3&source=ads", { headers: READ }, 200],
    ["/v1/leads?since=2020-01-01T00:00:00Z&until=4102444800000&source=scrm&limit=1000&page=", { headers: PHONES }, 200],
    ["/v1/leads?source=nobody", { headers: READ }, 200],
    ...[
        "limit=0",
        "limit=-1",
        "limit=1e9",
        "since=then",
        "until=2023-02-30",
        "since=2&until=1",
        "page=00",
        "offset=1",
        "limit=1&limit=2",
        "source=%",
    ].map((query) => [`/v1/leads?${query}`, { headers: READ }, 400]),
    ["/v1/leads?limit=0", { headers: [...PHONES, ORIGIN] }, 400],
    ["/v1/leads", {}, 401],
    ["/v1/leads", { headers: [...ROWS, ORIGIN] }, 401],
    ...["POST", "PUT", "PATCH", "DELETE"].map((method) => [
        "/v1/leads",
        { method, as: "GET", headers: READ, body: "" },
        405,
    ]),
    ["/v1/leads", { method: "OPTIONS", headers: [ORIGIN] }, 204],
    ["/v1/leads", { method: "OPTIONS", headers: [["Origin", "https://evil.example"]] }, 403],
    ["/v1/status", { headers: READ }, 200],
    ["/v1/status", { headers: [...PHONES, ORIGIN] }, 200],
    ["/v1/status?x=1", { headers: READ }, 400],
    ["/v1/status", { headers: ROWS }, 401],
    ["/v1/status", { method: "POST", as: "GET", headers: [...READ, ORIGIN], body: "x" }, 405],
    ["/v1/status", { method: "OPTIONS", headers: [ORIGIN] }, 204],
    ["/v1/status", { method: "OPTIONS" }, 403],

    ...["put", "post"].flatMap((verb) => {
        const method = verb.toUpperCase();
        const rows = (text, type = "text/csv") => ({
            method,
            headers: [...ROWS, ["Content-Type", type]],
            body: text,
        });
        return [
            [
                "/v1/backflow/etc?data_type=4&format=ndjson",
                rows('{"id":1,"status":0}\n{"id":2,"status":0,"colour":"red"}', "application/x-ndjson"),
                200,
            ],
            ["/v1/backflow/etc?format=csv", rows("id,status\n3,0\n"), 200],
            ["/v1/backflow/etc", rows("id,status\nx,0\n"), 422],
            ["/v1/backflow/etc", rows('"'), 400],
            ["/v1/backflow/stats?type=2", rows("id,statisticsDate,calledNum\n1,2023-11-14,3\n"), 202],
            ["/v1/backflow/stats?type=2", rows("id,statisticsDate,calledNum,colour\n2,yesterday,3,red\n"), 422],
            ["/v1/backflow/stats?type=2", rows('"'), 400],
            ["/v1/backflow/stats?type=7", rows("id\n1\n"), 400],
            ["/v1/backflow/nobody", rows("id\n1\n"), 400],
            ["/v1/backflow/etc", { method, headers: READ, body: "id\n1\n" }, 401],
            ["/v1/backflow/etc", { method: "DELETE", as: method, headers: ROWS, body: "" }, 405],
        ];
    }),
    ["/v1/backflow/etc", { headers: ROWS }, 200],
    ["/v1/backflow/stats", { headers: ROWS }, 200],
    ["/v1/backflow/nobody", { headers: ROWS }, 400],
    ["/v1/backflow/etc", { headers: PHONES }, 401],
    ["/v1/backflow/etc", { method: "PATCH", as: "GET", headers: ROWS, body: "" }, 405],
];
const health = [
    ["/healthz", {}, 200],
    ["/healthz?max_age=100000", {}, 200],
    ["/healthz?max_age=-1", {}, 503],
    ["/healthz", { method: "POST", as: "GET", body: "" }, 405],
];
const ofWorker = [
    ...["PUT", "POST"].map((method) => [
        "/v1/backflow/etc",
        { method, headers: ROWS, body: "x".repeat((16 << 20) + 1) },
        413,
    ]),
];
const closed = [
    ["/v1/leads", { headers: READ }, 403],
    ["/v1/status", { headers: [...READ, ORIGIN] }, 403],
    ["/v1/backflow/etc", { headers: ROWS }, 403],
    ...["PUT", "POST"].map((method) => ["/v1/backflow/etc", { method, headers: ROWS, body: "id\n1\n" }, 403]),
];
const failing = [
    ["/v1/leads", { headers: [...READ, ORIGIN] }, 503],
    ["/v1/leads", { headers: PHONES }, 503],
    ["/v1/status", { headers: READ }, 503],
    ["/v1/backflow/etc", { headers: ROWS }, 503],
    ["/v1/backflow/stats", { headers: ROWS }, 503],
    ...["PUT", "POST"].flatMap((method) => [
        ["/v1/backflow/etc", { method, headers: ROWS, body: "id,status\n1,0\n" }, 503],
        [
            "/v1/backflow/stats?type=2",
            { method, headers: ROWS, body: "id,statisticsDate,calledNum\n1,2023-11-14,3\n" },
            503,
        ],
    ]),
];

test("every documented answer is given, and none that is not documented", { skip }, async (t) => {
    const { bridge, hosts } = await startBoth(t, {
        sandbox: { leads: 130, tanma: { newestAt: Date.now() - 60_000, customers: 25 } },
    });
    for (const host of hosts) {
        const { judge, seen, used } = createJudge(host.name);
        const wrong = [];
        const play = async (ask, calls) => {
            const answers = [];
            for (const [path, call, status] of calls) {
                const answer = await ask(path, call);
                if (answer.status !== status)
                    wrong.push(
                        `${host.name}: ${call.method ?? "GET"} ${path}: wanted ${status}, came ${answer.status}: ${answer.text.slice(0, 300)}`,
                    );
                wrong.push(...judge(path, call, answer).map((text) => `${host.name}: ${text}`));
                for (const secret of [READ_TOKEN, PHONES_TOKEN, TOKEN])
                    if (JSON.stringify(answer).includes(secret)) wrong.push(`${path}: shows a token`);
                answers.push(answer);
            }
            return answers;
        };
        // A store that nothing has come to yet, then all kinds of leads, then a source that fails.
        await play(host.ask, [
            ["/v1/leads", { headers: READ }, 200],
            ["/v1/status", { headers: READ }, 200],
        ]);
        await host.pull();
        const fetch = async (url, { method, headers, body }) => {
            const answer = await host.ask(`/spi/tmall?${url.split("?")[1]}`, {
                method,
                headers: Object.entries(headers),
                body,
            });
            return { status: answer.status, arrayBuffer: async () => Buffer.from(answer.text) };
        };
        assert.deepEqual(
            (await pushTmallLeads({ url: "http://bridge.example/spi/tmall", ...bridge.spi, count: 8, fetch })).wrong,
            [],
        );
        const [masked, plain] = await play(host.ask, [...tour, ...health, ...(host.name === "worker" ? ofWorker : [])]);
        const numbers = (text) => text.match(/(?<!\d)1[3-9]\d{9}(?!\d)/g) ?? [];
        assert.ok(
            numbers(plain.text).length > 50,
            `${host.name}: the token that sees phones sees ${numbers(plain.text).length}`,
        );
        assert.deepEqual(
            JSON.parse(masked.text).leads.flatMap(({ phones }) =>
                phones.filter((phone) => "raw" in phone || "e164" in phone),
            ),
            [],
        );

        bridge.sandbox.expireSession();
        await host.pull();
        bridge.sandbox.renewSession(bridge.secrets.TOP_SESSION);
        await play(host.ask, [["/v1/status", { headers: READ }, 200]]);
        await play(await host.variant({ ...bridge.config, api: { allow_origins: ["https://crm.example"] } }), closed);
        await play(await host.broken(), failing);
        await play(await host.variant(undefined), failing);

        assert.deepEqual(wrong.slice(0, 20), []);
        assert.deepEqual(
            promised(host.name).filter((response) => !seen.has(response)),
            [],
            `${host.name}: documented, but never answered`,
        );
        const notUsed = parameters().filter((parameter) => !used.has(parameter));
        assert.deepEqual(notUsed, [], `${host.name}: parameters that nothing tried`);
        // Nothing of it is in a log: no phone, no token.
        for (const secret of [READ_TOKEN, PHONES_TOKEN, TOKEN])
            assert.ok(!host.log().includes(secret), `${host.name}: a token in the log`);
        for (const phone of numbers(plain.text))
            assert.ok(!host.log().includes(phone), `${host.name}: a phone in the log`);
    }
});

test("HEAD is GET without a body; a page with plain phones leaves an audit entry, a masked one none", {
    skip,
}, async (t) => {
    const { hosts } = await startBoth(t, { sandbox: { leads: 3 } });
    for (const { name, ask, pull, audit } of hosts) {
        await pull();
        for (const [path, headers, status] of [
            ["/v1/leads?limit=2", [...READ, ORIGIN], 200],
            ["/v1/leads?limit=0", READ, 400],
            ["/v1/status", [], 401],
        ]) {
            const [head, get] = [await ask(path, { method: "HEAD", headers }), await ask(path, { headers })];
            assert.deepEqual([head.status, head.text], [status, ""], `${name} ${path}`);
            for (const header of [
                "content-type",
                "access-control-allow-origin",
                "vary",
                "cache-control",
                "www-authenticate",
            ]) {
                assert.equal(head.headers[header], get.headers[header], `${name} ${path} ${header}`);
            }
        }
        await ask("/v1/leads?limit=2", { headers: PHONES });
        await ask("/v1/leads?source=ads", { headers: PHONES });
        await ask("/v1/leads?source=nobody", { headers: PHONES });
        await ask("/v1/status", { headers: PHONES });
        const entries = await audit();
        if (entries) {
            assert.deepEqual(entries, [
                { action: "reveal", subject: "all sources", detail: "2 leads" },
                { action: "reveal", subject: "ads", detail: "3 leads" },
            ]);
        }
    }
});
