// What every contender gets: one page of 100 leads from the sandbox, and configurations that read it. All of it is fake and
// follows from a fixed seed; the native contender reads the same from files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { leadListRequest, leadsOf } from "../sandbox/client.mjs";
import { createSandbox } from "../sandbox/sandbox.mjs";

export const LEADS = 100;
const SEED = "bench4"; // 8 of its 100 phones are no plain mobiles

function pageOf(options) {
    const sandbox = createSandbox({ seed: SEED, leads: LEADS, keyBits: 1024, ...options });
    const nowMs = sandbox.options.newestAt + 60_000;
    const answer = sandbox.handle(leadListRequest(sandbox.options, { page_size: LEADS }, { nowMs }), nowMs);
    return { sandbox, nowMs, bytes: new Uint8Array(answer.body) };
}

const secret = (value) => ({ env: "BENCH", value });

export function makeInputs() {
    const { sandbox, nowMs, bytes } = pageOf({});
    const { app_key, app_secret, session } = sandbox.options;
    const key = sandbox.keys.privatePem;
    const config = (cipher, privacy = {}) =>
        JSON.stringify({
            tenant: "bench",
            apps: { main: { app_key, app_secret: secret(app_secret) } },
            sources: {
                ads: {
                    platform: "alimama",
                    endpoint: "http://127.0.0.1/router/rest",
                    session: secret(session),
                    mobile_cipher: cipher,
                    mobile_key: secret(key),
                },
            },
            privacy,
            budget: { requests: 1 }, // one page, then done
        });
    const leads = leadsOf({ body: Buffer.from(bytes) });
    const truth = sandbox.truth();
    return {
        now: nowMs,
        page: bytes,
        plainPage: pageOf({ mobileCipher: "plaintext" }).bytes,
        key,
        phones: leads.map(({ id }) => truth.get(String(id)).mobilePlain),
        config: config("rsa_pkcs1"),
        configPassthrough: config("passthrough"),
        configPlaintext: config("plaintext"),
        configPrivate: config("rsa_pkcs1", {
            data_key: secret("0f".repeat(32)),
            pepper: secret("not-a-real-pepper"),
        }),
    };
}

/** A page whose ids do not fit a JavaScript number. */
export function bigIdPage() {
    const { sandbox, bytes } = pageOf({ firstId: "9007199254740993" });
    return { bytes, ids: [...sandbox.truth().keys()] };
}

export function writeInputs(inputs, folder) {
    mkdirSync(folder, { recursive: true });
    const files = {
        "page.json": inputs.page,
        "plain_page.json": inputs.plainPage,
        "key.pem": inputs.key,
        "phones.json": JSON.stringify(inputs.phones),
        "config.json": inputs.config,
        "config_passthrough.json": inputs.configPassthrough,
        "config_plaintext.json": inputs.configPlaintext,
        "config_private.json": inputs.configPrivate,
        "now.txt": String(inputs.now),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}
