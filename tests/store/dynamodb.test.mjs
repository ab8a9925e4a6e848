// The store suite on DynamoDB (emulated), twice: with expired items deleted by purge, and as on AWS, where they lie about until DynamoDB
// gets to them. Then what only DynamoDB can get wrong.
import assert from "node:assert/strict";
import http from "node:http";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { conformance } from "./suite.mjs";
import { KEYS, refusal, startDynalite, startPlayer, startProxy } from "./dynamo.mjs";

const NOW = 1_700_000_000_000;
let dynamo;
const closing = [];
before(async () => {
    dynamo = await startDynalite();
});
after(() => {
    for (const each of closing) each.close();
    dynamo.close();
});

const kept = (thing) => {
    closing.push(thing);
    return thing;
};
let tables = 0;
const newTable = () => `leads-${++tables}`;
async function opened(options = {}, environment = KEYS) {
    const player = kept(startPlayer(environment));
    const answer = await player.open({
        table: options.table ?? newTable(),
        endpoint: dynamo.url,
        create: true,
        ...options,
    });
    assert.equal(answer.outcome, "ok", answer.reason);
    return player;
}
/** A store behind a proxy, on a table that is there already. */
async function behind(fault, options = {}) {
    const table = options.table ?? newTable();
    const direct = await opened({ table });
    const proxy = kept(await startProxy(dynamo.url, fault));
    const store = await opened({ table, endpoint: proxy.url, create: false, ...options });
    return { table, direct, proxy, store };
}
const lead = (id, more = {}) => ({
    id,
    source: "ads",
    platform: "alimama",
    account: "main",
    lead_id: id,
    version: 1,
    revision: 1,
    sort_at: NOW,
    doc: "{}",
    ...more,
});
const entry = (id, more = {}) => ({ id, queue: "q", due_at: 0, payload: "p", ...more });
const records = (commit, more = {}) => ({ commit, now: NOW, ...more });
const ids = ({ items }) => items.map((item) => item.id);
const move = (expected, value = `v${expected}`) => [{ key: "walk", expected, value }];

describe("expired items deleted by purge", () => {
    const player = startPlayer();
    closing.push(player);
    conformance(async () => {
        await player.open({ table: newTable(), endpoint: dynamo.url, create: true, sweep: true });
        return player;
    });
});

describe("expired items left to DynamoDB", () => {
    const player = startPlayer();
    closing.push(player);
    // Nobody counts what DynamoDB deletes; everything else holds.
    const counts = ["leads", "outbox", "rows", "marks", "raw"];
    conformance(
        async () => {
            await player.open({ table: newTable(), endpoint: dynamo.url, create: true });
            return player;
        },
        ({ op }) => (op === "purge" ? counts : []),
    );
});

describe("requests", () => {
    test("are signed, the session token too; nothing but the table is touched", async () => {
        const { store, proxy, table } = await behind();
        await store.commit(
            move(0),
            records("c", {
                leads: [lead("客资:1", { doc: "数".repeat(5000) })],
                outbox: [entry("o")],
                audit: [{ at: NOW, action: "pull" }],
            }),
        );
        await store.scan("leads", {}, 10, "");
        assert.deepEqual(proxy.problems, []);
        assert.ok(proxy.calls.length > 5);
        for (const { body, headers } of proxy.calls) {
            assert.equal(headers["x-amz-security-token"], KEYS.AWS_SESSION_TOKEN);
            assert.deepEqual(body.RequestItems ? Object.keys(body.RequestItems) : [body.TableName], [table]);
        }
    });

    test("without a session token none is sent", async () => {
        const { AWS_SESSION_TOKEN: _, ...keys } = KEYS;
        const table = newTable();
        await opened({ table });
        const proxy = kept(await startProxy(dynamo.url));
        const store = await opened({ table, endpoint: proxy.url, create: false }, keys);
        assert.equal((await store.load(["a"], NOW)).outcome, "ok");
        assert.deepEqual(proxy.problems, []);
        assert.equal(proxy.calls[0].headers["x-amz-security-token"], undefined);
    });

    test("with the credentials of the container endpoint, fetched once", async () => {
        const asked = [];
        const endpoint = http
            .createServer((request, response) => {
                asked.push(request.headers.authorization);
                response.end(
                    JSON.stringify({
                        AccessKeyId: "AKIDCONTAINER",
                        SecretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY,
                        Token: "container-token",
                        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
                    }),
                );
            })
            .listen(0, "127.0.0.1");
        await once(endpoint, "listening");
        kept(endpoint);
        const table = newTable();
        await opened({ table });
        const proxy = kept(await startProxy(dynamo.url));
        const store = await opened(
            { table, endpoint: proxy.url, create: false },
            {
                AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${endpoint.address().port}/creds`,
                AWS_CONTAINER_AUTHORIZATION_TOKEN: "let-me",
            },
        );
        for (let i = 0; i < 3; i++) assert.equal((await store.load(["a"], NOW)).outcome, "ok");
        assert.deepEqual(asked, ["let-me"]);
        assert.match(proxy.calls[0].headers.authorization, /Credential=AKIDCONTAINER\//);
        assert.equal(proxy.calls[0].headers["x-amz-security-token"], "container-token");
        assert.deepEqual(proxy.problems, []);
    });

    test("without credentials: an error that says what to set", async () => {
        const store = await opened({ create: false }, {});
        const result = await store.load(["a"], NOW);
        assert.equal(result.outcome, "error");
        assert.match(result.reason, /AWS_ACCESS_KEY_ID/);
    });
});

describe("two writers at once", () => {
    test("50 commits each on one checkpoint: every conflict is said, nothing is lost or doubled", async () => {
        const table = newTable();
        const writers = [await opened({ table }), await opened({ table })];
        const won = [[], []];
        let conflicts = 0;
        await Promise.all(
            writers.map(async (store, who) => {
                for (let n = 0; n < 50; n++) {
                    for (let tries = 0; ; tries++) {
                        assert.ok(tries < 1000, "no progress");
                        const loaded = await store.load(["walk"], NOW);
                        assert.equal(loaded.outcome, "ok", loaded.reason);
                        const seen = loaded.records[0] ?? { version: 0, value: "" };
                        const id = `${who}-${n}`;
                        const result = await store.commit(
                            [
                                {
                                    key: "walk",
                                    expected: seen.version,
                                    value: `${seen.value}${seen.value && " "}${id}`,
                                },
                            ],
                            records(`c-${id}-${tries}`, {
                                leads: [lead(id), lead("both", { version: who * 100 + n + 1 })],
                                outbox: [entry(`${id}@1`, { lead: id })],
                            }),
                        );
                        assert.notEqual(result.outcome, "error", result.reason);
                        if (result.outcome === "ok") {
                            won[who].push(id);
                            break;
                        }
                        conflicts++;
                    }
                }
            }),
        );
        const [walk] = (await writers[0].load(["walk"], NOW)).records;
        assert.equal(walk.version, 100);
        assert.deepEqual(walk.value.split(" ").sort(), won.flat().sort());
        assert.equal((await writers[0].scan("leads", {}, 1000, "")).items.length, 101);
        assert.equal((await writers[1].claim("q", 1000, 1000, "L", NOW)).entries.length, 100);
        assert.ok(conflicts > 0, "they met");
    });

    test("claims at once share nothing", async () => {
        const table = newTable();
        const stores = [await opened({ table }), await opened({ table })];
        await stores[0].commit([], records("c", { outbox: Array.from({ length: 60 }, (_, i) => entry(`o${i}`)) }));
        const claims = await Promise.all(stores.map((store, i) => store.claim("q", 40, 60_000, `L${i}`, NOW)));
        const claimed = claims.flatMap(({ entries }) => entries.map(({ id }) => id));
        assert.equal(claimed.length, 60);
        assert.equal(new Set(claimed).size, 60);
    });

    test("a checkpoint that moves at the last moment: conflict, and the repeat brings everything once", async () => {
        const { store, direct, proxy } = await behind();
        let raced = false;
        const walk = ({ operation, body }) => operation === "PutItem" && body.Item.pk.S === "c#walk";
        proxy.fault = (call) => {
            if (!walk(call) || raced) return undefined;
            raced = true;
            call.body.raced = direct.commit(move(0, "the other"), records("other"));
            return refusal("ConditionalCheckFailedException", "The conditional request failed");
        };
        const page = {
            leads: [lead("l1")],
            outbox: [entry("l1@1", { lead: "l1" })],
            marks: [{ key: "once", expires_at: NOW + 1, once: true }],
        };
        assert.equal((await store.commit(move(0), records("c1", page))).outcome, "conflict");
        await proxy.calls.find(walk).body.raced;
        assert.deepEqual((await store.load(["mark/once"], NOW)).records, [], "the mark was taken back");
        const again = await store.commit(move(1), records("c2", page));
        assert.deepEqual([again.outcome, again.inserted, again.unchanged], ["ok", 0, 1], again.reason);
        assert.deepEqual(
            (await store.claim("q", 10, 1000, "L", NOW)).entries.map(({ id }) => id),
            ["l1@1"],
        );
    });
});

describe("a crash between two writes", () => {
    // The process is killed when the N-th request of a commit reaches the proxy, before or after it took effect. Another run repeats the page
    // under a new commit name, delivers, and repeats once more.
    const page = (commit) =>
        records(commit, {
            leads: [lead("l1"), lead("l2", { source: "scrm" })],
            rows: [{ set: "s", id: "r1", at: 1, doc: "x" }],
            outbox: [entry("l1@1", { lead: "l1" }), entry("l2@1", { lead: "l2" }), entry("free")],
            marks: [{ key: "m", expires_at: NOW + 1000 }],
            audit: [{ at: NOW, action: "pull" }],
            raw: [{ id: "raw", source: "s", received_at: NOW, content_type: "t", body_base64: "AA==" }],
        });

    test("loses nothing and delivers every lead once, wherever it falls", async () => {
        let requests = 99;
        for (let at = 0; at < requests; at++) {
            for (const drop of ["before", "after"]) {
                const { store, proxy, direct } = await behind();
                const known = await store.load(["walk"], NOW);
                assert.equal(known.outcome, "ok");
                const first = proxy.calls.length;
                let killed;
                proxy.fault = ({ number }) => {
                    if (number < first + at) return undefined;
                    killed ??= new Promise((resolve) =>
                        setTimeout(
                            () => {
                                store.child.kill("SIGKILL");
                                resolve();
                            },
                            drop === "after" ? 30 : 0,
                        ),
                    );
                    return { drop: number === first + at ? drop : "before" };
                };
                const result = await store.commit(move(0), page("c1"));
                if (!killed) {
                    assert.equal(result.outcome, "ok", result.reason);
                    requests = Math.min(requests, proxy.calls.length - first);
                    break;
                }
                await killed;
                // A delivery may come between the crash and the repeat.
                const delivered = [];
                const deliver = async (lease) => {
                    const { entries } = await direct.claim("q", 10, 60_000, lease, NOW);
                    delivered.push(...entries.map(({ id }) => id));
                    await direct.settle(
                        "q",
                        entries.map(({ id }) => ({ id, lease, outcome: "done", retry_at: 0, reason: "" })),
                        NOW,
                    );
                };
                await deliver("L1");
                const {
                    records: [walk],
                } = await direct.load(["walk"], NOW);
                if (!walk) {
                    const again = await direct.commit(move(0), page("c2"));
                    assert.equal(again.outcome, "ok", again.reason);
                    assert.equal(again.inserted + again.updated + again.unchanged, 3);
                    await deliver("L2");
                }
                const last = await direct.commit(move(1), page("c3"));
                assert.deepEqual([last.outcome, last.inserted, last.unchanged], ["ok", 0, 3], `${at} ${drop}`);
                await deliver("L3");
                const bound = delivered.filter((id) => id !== "free").sort();
                assert.deepEqual(bound, ["l1@1", "l2@1"], `request ${at}, ${drop}`);
                assert.ok(delivered.includes("free"));
                assert.deepEqual(ids(await direct.scan("leads", {}, 10, "")), ["l2", "l1"]);
                assert.deepEqual(ids(await direct.scan("rows", { set: "s" }, 10, "")), ["r1"]);
                assert.equal((await direct.load(["mark/m"], NOW)).records.length, 1);
                for (const each of [store, direct, proxy]) each.close();
            }
        }
        assert.ok(requests > 8 && requests < 40, `${requests} requests`);
    });
});

describe("faults", () => {
    const flaky = (share, make) => {
        let seed = 7;
        return (call) => {
            seed = (seed * 1103515245 + 12345) % 2 ** 31;
            return (seed >> 8) % 100 < share * 100 ? make(call) : undefined;
        };
    };
    const work = async (store) => {
        for (let n = 0; n < 5; n++) {
            const result = await store.commit(
                move(n),
                records(`c${n}`, {
                    leads: Array.from({ length: 20 }, (_, i) => lead(`${n}-${i}`)),
                    outbox: Array.from({ length: 20 }, (_, i) => entry(`${n}-${i}@1`, { lead: `${n}-${i}` })),
                }),
            );
            assert.deepEqual([result.outcome, result.inserted], ["ok", 20], result.reason);
        }
        const { entries } = await store.claim("q", 1000, 60_000, "L", NOW);
        assert.deepEqual(new Set(entries.map(({ attempts }) => attempts)), new Set([1]));
        assert.equal(
            (
                await store.settle(
                    "q",
                    entries.map(({ id }) => ({ id, lease: "L", outcome: "done", retry_at: 0, reason: "" })),
                    NOW,
                )
            ).outcome,
            "ok",
        );
        assert.equal(entries.length, 100);
        assert.deepEqual(
            (await store.scan("counts", {}, 10, "")).items.map((item) => item.leads),
            [100],
        );
        assert.deepEqual((await store.scan("queues", {}, 10, "")).items, []);
    };

    test("throttling and 500 now and then are waited out", async () => {
        const kinds = [
            refusal("ProvisionedThroughputExceededException", "slower"),
            refusal("ThrottlingException", "slower"),
            refusal("InternalServerError", "oops"),
        ];
        const { store, proxy } = await behind(flaky(0.15, ({ number }) => kinds[number % 3]));
        await work(store);
        assert.deepEqual(proxy.problems, []);
    });

    test("answers that are lost after the write took effect change nothing", async () => {
        const { store } = await behind(
            flaky(0.05, () => ({ drop: "after" })),
            { attempt_ms: 150 },
        );
        await work(store);
    });

    test("a checkpoint written before the time ran out is no conflict", async () => {
        for (const expected of [0, 1]) {
            const { store, direct, proxy } = await behind(undefined, { attempt_ms: 200 });
            if (expected) await direct.commit(move(0), records("before"));
            let dropped = false;
            proxy.fault = ({ operation, body }) =>
                operation === "PutItem" && /^[cm]#/.test(body.Item.pk.S) && !dropped
                    ? ((dropped = true), { drop: "after" })
                    : undefined;
            const result = await store.commit(move(expected), records("c", { leads: [lead("l1")] }));
            assert.deepEqual([dropped, result.outcome, result.inserted], [true, "ok", 1], result.reason);
            assert.equal((await direct.load(["walk"], NOW)).records[0].version, expected + 1);
        }
    });

    test("a mark set once before the time ran out is no replay", async () => {
        const { store, proxy } = await behind(undefined, { attempt_ms: 200 });
        let dropped = false;
        proxy.fault = ({ operation, body }) =>
            operation === "PutItem" && body.Item.pk.S === "m#n" && !dropped
                ? ((dropped = true), { drop: "after" })
                : undefined;
        const push = (commit) =>
            store.commit(
                [],
                records(commit, {
                    leads: [lead("l1")],
                    marks: [{ key: "n", expires_at: NOW + 1, once: true }],
                }),
            );
        assert.equal((await push("c1")).outcome, "ok");
        assert.equal((await push("c2")).outcome, "conflict");
    });

    test("parts of a batch left undone are asked for again", async () => {
        const { store, proxy, table } = await behind();
        let left = 3;
        proxy.fault = ({ operation, body }) => {
            if (!operation.startsWith("Batch") || left-- <= 0) return undefined;
            return operation === "BatchGetItem"
                ? { status: 200, body: { Responses: { [table]: [] }, UnprocessedKeys: body.RequestItems } }
                : { status: 200, body: { UnprocessedItems: body.RequestItems } };
        };
        assert.equal((await store.commit(move(0), records("c", { leads: [lead("l1")] }))).outcome, "ok");
        assert.deepEqual(ids(await store.scan("leads", {}, 10, "")), ["l1"]);
    });

    const cases = [
        [
            "throttled for good",
            refusal("ProvisionedThroughputExceededException", "slower"),
            /throttled.*on-demand capacity/,
        ],
        ["failing for good", refusal("InternalServerError", "oops"), /AWS failed .*Run again/],
        [
            "no permission",
            refusal("AccessDeniedException", "User is not authorized to perform: dynamodb:GetItem"),
            /may not do this.*infra\/aws\/template\.yaml/,
        ],
        [
            "expired credentials",
            refusal("ExpiredTokenException", "The security token included in the request is expired"),
            /credentials have expired/,
        ],
        [
            "unknown credentials",
            refusal("UnrecognizedClientException", "The security token included in the request is invalid."),
            /does not know these credentials/,
        ],
        [
            "a clock that is off",
            refusal(
                "InvalidSignatureException",
                "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z (20260101T001500Z - 5 min.)",
            ),
            /clock.*NTP/,
        ],
        [
            "a wrong secret",
            refusal(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided.",
            ),
            /refuses the signature.*AWS_SECRET_ACCESS_KEY/,
        ],
        ["no JSON", { status: 200, body: "hello" }, /not JSON/],
        ["silence", { drop: "before" }, /not reachable \(timeout/],
    ];
    for (const [name, fault, reason] of cases) {
        test(name, async () => {
            const { store, direct } = await behind(() => fault, { attempt_ms: 300, total_ms: 900 });
            const began = Date.now();
            for (const result of [
                await store.load(["walk"], NOW),
                await store.commit(move(0), records("c", { leads: [lead("l")] })),
                await store.scan("leads", {}, 1, ""),
                await store.claim("q", 1, 1, "L", NOW),
            ]) {
                assert.equal(result.outcome, "error");
                assert.match(result.reason, reason);
                assert.ok(
                    !result.reason.includes(KEYS.AWS_SECRET_ACCESS_KEY) &&
                        !result.reason.includes(KEYS.AWS_SESSION_TOKEN),
                );
            }
            assert.ok(Date.now() - began < 8000, "bounded");
            assert.deepEqual((await direct.load(["walk"], NOW)).records, []);
        });
    }

    test("a missing table", async () => {
        const store = await opened({ table: "nowhere", create: false });
        const result = await store.commit(move(0), records("c", { leads: [lead("l")] }));
        assert.equal(result.outcome, "error");
        assert.match(
            result.reason,
            /the table nowhere does not exist in eu-central-1: create it with infra\/aws\/template\.yaml/,
        );
    });

    test("nobody listens", async () => {
        const store = await opened({ endpoint: "http://127.0.0.1:9/", create: false, total_ms: 500 });
        assert.match((await store.load(["a"], NOW)).reason, /not reachable/);
    });

    test("a table name and a region that are none", async () => {
        const player = kept(startPlayer());
        assert.match((await player.open({ table: "a b" })).reason, /\/store\/table/);
        assert.match((await player.open({ table: "leads", region: "" })).reason, /AWS_REGION/);
    });
});

describe("sizes", () => {
    test("more than 1 MB is read page by page", async () => {
        const store = await opened();
        const doc = "x".repeat(100_000);
        const many = Array.from({ length: 40 }, (_, i) => String(i).padStart(4, "0"));
        const result = await store.commit(
            [],
            records("c", {
                leads: many.map((n) => lead(`l${n}`, { sort_at: Number(n), doc })),
                rows: many.map((n) => ({ set: "s", id: n, at: Number(n), doc })),
            }),
        );
        assert.deepEqual([result.outcome, result.inserted], ["ok", 80], result.reason);
        assert.deepEqual(ids(await store.scan("leads", {}, 1000, "")), many.map((n) => `l${n}`).reverse());
        assert.deepEqual(ids(await store.scan("rows", { set: "s" }, 1000, "")), many);
        assert.deepEqual(ids(await store.scan("rows", { set: "s", offset: 25, since: 5 }, 3, "")), [
            "0030",
            "0031",
            "0032",
        ]);
        assert.deepEqual((await store.scan("row_counts", {}, 10, "")).items[0], {
            set: "s",
            rows: 40,
            newest: 39,
        });
        // Counting 12,000 rows takes more than one page of the index, too.
        for (let part = 0; part < 3; part++) {
            await store.commit(
                [],
                records(`d${part}`, {
                    rows: Array.from({ length: 2000 }, (_, i) => ({
                        set: "t",
                        id: `${"y".repeat(200)}${part}-${i}`,
                        at: i,
                        doc: "",
                    })),
                }),
            );
        }
        assert.deepEqual((await store.scan("row_counts", {}, 10, "s")).items[0], {
            set: "t",
            rows: 6000,
            newest: 1999,
        });
    });

    test("a record that DynamoDB cannot hold is refused before anything is written; a raw body is cut", async () => {
        const store = await opened();
        for (const more of [
            { leads: [lead("a"), lead("b", { doc: "x".repeat(400_000) })] },
            { outbox: [entry("x".repeat(2000))] },
            { rows: [{ set: "s", id: "r", at: 1, doc: "x".repeat(400_000) }] },
            { rows: [{ set: "s", id: "", at: 1, doc: "" }] },
        ]) {
            const result = await store.commit(move(0), records("c", more));
            assert.equal(result.outcome, "error");
            assert.match(result.reason, /380 KB|900 bytes|not empty/);
        }
        assert.deepEqual((await store.scan("leads", {}, 10, "")).items, []);
        const raw = await store.commit(
            move(0),
            records("c", {
                raw: [
                    {
                        id: "r",
                        source: "s",
                        received_at: NOW,
                        content_type: "t",
                        body_base64: Buffer.alloc(1_500_000, 7).toString("base64"),
                    },
                ],
            }),
        );
        assert.equal(raw.outcome, "ok", raw.reason);
    });

    test("names that look like keys of the table stay apart", async () => {
        const store = await opened();
        const odd = ["#", "-", "c#a", "l#a#b", "~", " "];
        await store.commit(
            odd.map((key) => ({ key, expected: 0, value: key })),
            records("c", {
                leads: odd.map((id) => lead(id, { source: id })),
                rows: odd.map((id) => ({ set: id, id, at: 1, doc: id })),
                outbox: odd.map((id) => entry(id, { queue: id })),
            }),
        );
        assert.deepEqual(
            (await store.load(odd, NOW)).records.map(({ value }) => value),
            odd,
        );
        assert.deepEqual(ids(await store.scan("leads", {}, 100, "")), [...odd].sort().reverse());
        for (const id of odd) {
            assert.deepEqual(ids(await store.scan("rows", { set: id }, 10, "")), [id]);
            assert.deepEqual(
                (await store.claim(id, 10, 1, "L", NOW)).entries.map((each) => each.id),
                [id],
            );
        }
        assert.equal((await store.scan("row_counts", {}, 100, "")).items.length, odd.length);
    });
});
