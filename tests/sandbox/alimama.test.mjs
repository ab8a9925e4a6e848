import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { constants, privateDecrypt, publicDecrypt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { errorOf, leadListRequest, leadsOf } from "./client.mjs";
import { formatGmt8 } from "./gateway/time.mjs";
import { createSandbox } from "./sandbox.mjs";

const NOW = 1693900800000;

const call = (sandbox, query, more) =>
    sandbox.handle(leadListRequest(sandbox.options, query, { nowMs: NOW, ...more }), NOW);

/** Pages through an account; returns the ids of every page. */
function walk(sandbox, pageSize) {
    const { order, offsetBoundary } = sandbox.options;
    const pages = [];
    let offset;
    for (let turn = 0; turn < 1000; turn++) {
        const ids = leadsOf(call(sandbox, { offset, page_size: pageSize })).map(({ id }) => id);
        const edge =
            order === "desc"
                ? ids.reduce((a, b) => (b < a ? b : a), ids[0])
                : ids.reduce((a, b) => (b > a ? b : a), ids[0]);
        if (ids.length === 0 || edge === offset) return pages;
        pages.push(ids);
        offset = edge;
        if (offsetBoundary === "inclusive" && ids.length === 1) return pages;
    }
    throw new Error("the walk does not end");
}

test("the pages together are the account, for every order and boundary", () => {
    for (const order of ["desc", "asc"]) {
        for (const offsetBoundary of ["inclusive", "exclusive"]) {
            for (const pageOrder of ["desc", "asc"]) {
                for (const duplicateEvery of [0, 1, 3]) {
                    const sandbox = createSandbox({
                        leads: 57,
                        order,
                        offsetBoundary,
                        pageOrder,
                        duplicateEvery,
                        idStep: 9,
                    });
                    const pages = walk(sandbox, 10);
                    const name = JSON.stringify([order, offsetBoundary, pageOrder, duplicateEvery]);
                    assert.deepEqual(new Set(pages.flat().map(String)), new Set(sandbox.truth().keys()), name);
                    const first = pages[0];
                    assert.ok(first.length === 10, name);
                    assert.equal(new Set(first).size < 10, duplicateEvery > 0, name);
                    assert.ok(
                        first.every(
                            (id, i) => i === 0 || (pageOrder === "desc" ? id <= first[i - 1] : id >= first[i - 1]),
                        ),
                        name,
                    );
                    const known = [...sandbox.truth().keys()];
                    assert.ok(first.map(String).includes(order === "desc" ? known.at(-1) : known[0]), name);
                    assert.equal(
                        pages[1].includes(first.at(pageOrder === order ? -1 : 0)),
                        offsetBoundary === "inclusive",
                        name,
                    );
                }
            }
        }
    }
});

test("same seed, same bytes; another seed, other bytes", () => {
    const bytes = (options) => {
        const sandbox = createSandbox({ leads: 30, ...options });
        return call(sandbox, { page_size: 30 }).body.toString();
    };
    for (const mobileCipher of [
        "rsa_pkcs1",
        "rsa_oaep_sha1",
        "rsa_oaep_sha256",
        "rsa_oaep_sha256_mgf1_sha1",
        "rsa_public_recover",
        "garbage",
        "plaintext",
    ]) {
        assert.equal(bytes({ mobileCipher }), bytes({ mobileCipher }), mobileCipher);
    }
    assert.notEqual(bytes({}), bytes({ seed: "other" }));
});

test("a page of 100 leads is about 57 KB of raw UTF-8", () => {
    const sandbox = createSandbox({ leads: 300 });
    const text = call(sandbox, { page_size: 100 }).body.toString();
    const size = Buffer.byteLength(text);
    assert.ok(size > 52_000 && size < 62_000, String(size));
    assert.ok(
        text.startsWith('{"mama_crm_lead_list_response":{"result_data":{"result":[{"seller_nick":"XX****旗舰店"'),
    );
    assert.ok(text.includes('"extend_list":{"lead_extend_d_t_o":[{"label":'));
    assert.match(text, /"result_ok":true,"request_id":"[a-z0-9]{12}"\}\}$/);
    assert.ok(!/\\u[0-9a-f]{4}/i.test(text));
});

test("every lead on the wire is the truth, dates grow with ids", () => {
    const sandbox = createSandbox({
        leads: 200,
        mobileCipher: "plaintext",
        maxPageSize: 200,
        pageOrder: "asc",
    });
    const truth = sandbox.truth();
    let before = 0;
    for (const lead of leadsOf(call(sandbox, { page_size: 200 }))) {
        const { fields, mobilePlain } = truth.get(String(lead.id));
        assert.equal(lead.mobile, mobilePlain);
        assert.equal(Number(lead.gmt_create), fields.gmt_create);
        assert.equal(lead.lead_time, formatGmt8(fields.lead_time));
        assert.deepEqual(
            (lead.extend_list?.lead_extend_d_t_o ?? []).map((e) => ({ ...e })),
            fields.extend_list,
        );
        assert.ok(fields.gmt_create > before && fields.lead_time <= fields.gmt_create);
        before = fields.gmt_create;
    }
    assert.equal(before, NOW);
});

test("phones: every cipher opens with the exported key", () => {
    const open = {
        rsa_pkcs1: ({ privatePem }, data) =>
            unpad(privateDecrypt({ key: privatePem, padding: constants.RSA_NO_PADDING }, data)),
        rsa_oaep_sha1: ({ privatePem }, data) => privateDecrypt({ key: privatePem, oaepHash: "sha1" }, data),
        rsa_oaep_sha256: ({ privatePkcs1Pem }, data) =>
            privateDecrypt({ key: privatePkcs1Pem, oaepHash: "sha256" }, data),
        rsa_oaep_sha256_mgf1_sha1: decryptAsJava,
        rsa_public_recover: ({ publicPem }, data) => publicDecrypt(publicPem, data),
    };
    for (const [mobileCipher, decrypt] of Object.entries(open)) {
        for (const keyBits of [1024, 2048]) {
            const leads = decrypt === decryptAsJava ? 10 : 60; // a process each
            const sandbox = createSandbox({
                leads,
                mobileCipher,
                keyBits,
                dirtyShare: 0.5,
                noiseEvery: 7,
            });
            const truth = sandbox.truth();
            let unreadable = 0;
            for (const { id, mobile } of leadsOf(call(sandbox, { page_size: leads }))) {
                const data = Buffer.from(mobile, "base64");
                assert.equal(data.length, keyBits / 8);
                const { mobilePlain, readable } = truth.get(String(id));
                if (readable) assert.equal(decrypt(sandbox.keys, data).toString(), mobilePlain, mobileCipher);
                else unreadable += 1;
            }
            assert.ok(unreadable > 0);
        }
    }
    const other = createSandbox({ seed: "other" }).keys.privatePem;
    const { keys } = createSandbox({ key: other });
    assert.equal(keys.privatePem, other);
    assert.equal(
        leadsOf(call(createSandbox({ leads: 2, mobileCipher: "garbage" }), { page_size: 2 }))[0].mobile.length,
        172,
    );
});

// Node has one hash for both; the openssl program can name two.
function decryptAsJava({ privatePem }, data) {
    const folder = mkdtempSync(join(tmpdir(), "leadbridge-cipher-"));
    const key = join(folder, "fake.pem");
    writeFileSync(key, privatePem);
    const options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1"];
    try {
        return execFileSync(
            "openssl",
            ["pkeyutl", "-decrypt", "-inkey", key, ...options.flatMap((option) => ["-pkeyopt", option])],
            { input: data },
        );
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function unpad(block) {
    assert.deepEqual([...block.subarray(0, 2)], [0, 2]);
    const end = block.indexOf(0, 2);
    assert.ok(end >= 10);
    return block.subarray(end + 1);
}

test("no phone is a real one: mobiles have 0000 in the middle", () => {
    const phones = [...createSandbox({ leads: 2000, dirtyShare: 0.3 }).truth().values()].map(
        ({ mobilePlain }) => mobilePlain,
    );
    assert.ok(new Set(phones).size > 1500);
    for (const phone of phones) {
        const digits = phone.normalize("NFKC").replace(/\D/g, "");
        assert.ok(/0000/.test(digits) || phone === "145678388" || phone.includes("****"), phone);
        assert.ok(Buffer.byteLength(phone) <= 62, phone);
    }
});

test("dates as milliseconds, numeric text or text", () => {
    const dates = (dateStyle) => {
        const sandbox = createSandbox({ leads: 1, dateStyle });
        return call(sandbox, { page_size: 1 })
            .body.toString()
            .match(/"(gmt_create|lead_time)":("[^"]*"|\d+)/g)
            .sort();
    };
    const shape = (pairs) => pairs.map((pair) => pair.slice(pair.indexOf(":") + 1).replace(/\d/g, "9"));
    assert.deepEqual(shape(dates("ms")), ["9999999999999", '"9999-99-99 99:99:99"']);
    assert.deepEqual(shape(dates("all_ms")), ["9999999999999", "9999999999999"]);
    assert.deepEqual(shape(dates("numeric_text")), ['"9999999999999"', '"9999999999999"']);
    assert.deepEqual(shape(dates("text")), ['"9999-99-99 99:99:99"', '"9999-99-99 99:99:99"']);
});

test("ids up to 2^63-1 stay exact, and none is given beyond", () => {
    const sandbox = createSandbox({ leads: 2, firstId: "9223372036854775806", idStep: 1 });
    const text = call(sandbox, { page_size: 5, offset: 9223372036854775807n }).body.toString();
    assert.deepEqual(text.match(/"id":\d+/g), ['"id":9223372036854775807', '"id":9223372036854775806']);
    assert.equal(sandbox.calls[0].offset, "9223372036854775807");
    assert.throws(() => sandbox.addLeads(1, NOW), /no lead id is left/);
});

test("simplify gives plain lists, keeps the error envelope", () => {
    const sandbox = createSandbox({ leads: 40 });
    for (const simplify of ["true", "1"]) {
        const flat = JSON.parse(call(sandbox, { page_size: 40 }, { params: { simplify } }).body);
        assert.equal(flat.result_ok, true);
        assert.equal(flat.result_data.length, 40);
        assert.ok(flat.result_data.some(({ extend_list }) => Array.isArray(extend_list)));
        assert.equal(errorOf(call(sandbox, { page_size: 999 }, { params: { simplify } })).code, 50);
    }
});

test("XML is the default, complete and escaped", () => {
    const sandbox = createSandbox({ leads: 100, mobileCipher: "plaintext" });
    const answer = call(sandbox, { page_size: 100 }, { params: { format: undefined } });
    assert.equal(answer.headers["content-type"], "text/xml;charset=UTF-8");
    const text = answer.body.toString();
    assert.match(text, /^<\?xml version="1.0" encoding="utf-8" \?><mama_crm_lead_list_response>/);
    assert.match(text, /<\/mama_crm_lead_list_response><!--top[^-]*-->$/);
    const unescaped = (s) =>
        s.replace(
            /&(lt|gt|quot|apos|amp);/g,
            (_, name) => ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" })[name],
        );
    const rows = text.match(/<result>.*?<\/result>/gs);
    assert.equal(rows.length, 100);
    const truth = sandbox.truth();
    for (const row of rows) {
        const one = (name) => unescaped(row.match(new RegExp(`<${name}>([^<]*)</${name}>`))[1]);
        const { fields, mobilePlain } = truth.get(one("id"));
        assert.equal(one("location"), fields.location);
        assert.equal(one("mobile"), mobilePlain);
        assert.deepEqual(
            [...row.matchAll(/<value>([^<]*)<\/value>/g)].map(([, value]) => unescaped(value)),
            fields.extend_list.map(({ value }) => value),
        );
    }
    assert.ok(text.includes("&lt;") && text.includes("&amp;"));
    assert.match(
        call(sandbox, { page_size: 999 }, { params: { format: "xml" } }).body.toString(),
        /<error_response><code>50<\/code>.*<!--top/,
    );
});

test("an empty account: an empty list, or none", () => {
    const body = (emptyList) => call(createSandbox({ leads: 0, emptyList }), { page_size: 5 }).body.toString();
    assert.match(body("array"), /"result_data":\{"result":\[\]\},"result_ok":true/);
    assert.match(body("missing"), /^\{"mama_crm_lead_list_response":\{"result_ok":true/);
});

test("growth per call and in bursts, late ids, changed leads", () => {
    const sandbox = createSandbox({ leads: 10, growth: { perCall: 2, bursts: [{ atCall: 3, count: 30 }] } });
    const sizes = [1, 2, 3, 4].map(() => {
        call(sandbox, { page_size: 5 });
        return sandbox.size();
    });
    assert.deepEqual(sizes, [10, 12, 44, 46]);

    const newest = BigInt([...sandbox.truth().keys()].at(-1));
    const [added] = sandbox.addLeads(1, NOW + 60_000);
    assert.ok(BigInt(added) > newest);
    const late = sandbox.addLateLead(NOW);
    assert.ok(BigInt(late) < BigInt(added) && sandbox.truth().has(late));
    assert.equal(new Set(sandbox.truth().keys()).size, 48);

    const before = sandbox.truth().get(late);
    assert.equal(sandbox.modifyLead(late, NOW + 120_000), 2);
    const after = sandbox.truth().get(late);
    assert.equal(after.version, 2);
    assert.ok(after.fields.gmt_modified > before.fields.gmt_modified);
    assert.notDeepEqual(after.fields.extend_list, before.fields.extend_list);
    sandbox.modifyLead(late, NOW, { mobile: "13900001234", page_name: "改" });
    const third = sandbox.truth().get(late);
    assert.ok(third.fields.gmt_modified > after.fields.gmt_modified);
    assert.deepEqual(
        [third.mobilePlain, third.fields.page_name, third.fields.extend_list],
        ["13900001234", "改", after.fields.extend_list],
    );
    assert.throws(() => sandbox.modifyLead("1", NOW), /no lead 1/);
});

test("a late id exists even where ids have no holes", () => {
    const sandbox = createSandbox({ leads: 5, idStep: 1 });
    const late = BigInt(sandbox.addLateLead(NOW));
    const ids = [...sandbox.truth().keys()].map(BigInt);
    assert.deepEqual(ids.slice(-2), [late, late + 1n]);
});

test("sessions expire and are renewed", () => {
    const sandbox = createSandbox({ leads: 1 });
    sandbox.expireSession();
    assert.equal(errorOf(call(sandbox, { page_size: 1 })).sub_code, "invalid-sessionkey");
    sandbox.renewSession("fake-new-session");
    assert.equal(errorOf(call(sandbox, { page_size: 1 })).code, 27);
    assert.equal(errorOf(call(sandbox, { page_size: 1 }, { params: { session: "fake-new-session" } })), undefined);
});

test("options are checked", () => {
    for (const bad of [
        { colour: 1 },
        { order: "up" },
        { leads: -1 },
        { idStep: 0 },
        { keyBits: 512 },
        { firstId: "x" },
        { mobileCipher: "rot13" },
    ]) {
        assert.throws(() => createSandbox(bad), TypeError, JSON.stringify(bad));
    }
});

test("a large account is made and read quickly", () => {
    const started = process.hrtime.bigint();
    const sandbox = createSandbox({ leads: 200_000 });
    assert.equal(leadsOf(call(sandbox, { page_size: 100, offset: 300_000 })).length, 100);
    assert.ok(Number(process.hrtime.bigint() - started) / 1e6 < 5000);
});
