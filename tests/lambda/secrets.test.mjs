// Secrets that stay in AWS: fetched once at a cold start, and every failure an init error that names where it stands, what is asked for
// and what to do, and never a value.
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "node:test";
import { AWS_KEYS, refusal, startAws } from "./aws_stub.mjs";
import { startBridge } from "./bridge.mjs";
import { commandLine, folder, NO_PROGRAM, SCHEDULE, startFunction } from "./function.mjs";

const skip = NO_PROGRAM;
const VALUE = "fake-value-of-a-secret";
const status = { kind: "status" };
const ssm = (name) => ({ ssm: name });
const secret = (name, more = {}) => ({ secretsmanager: name, ...more });
/** The smallest configuration with this secret in it. */
const configOf = (app_secret, more = {}) => ({
    store: { kind: "memory" },
    apps: { main: { app_key: "12345678", app_secret, ...more } },
    endpoints: { "/spi/tmall": { platform: "tmall" } },
});

async function serves(lambda) {
    const reply = await Promise.race([
        lambda.invoke(status),
        lambda.ended.then(() => ({ kind: "ended", text: lambda.errors() })),
    ]);
    assert.equal(reply.kind, "response", reply.text);
}

/** The text of the one init error. */
async function refuses(t, config, env) {
    const lambda = await startFunction(t, { config, env });
    assert.deepEqual(await lambda.ended, { status: 1, signal: null }, lambda.errors());
    const [{ body }, ...others] = lambda.api.initErrors;
    assert.deepEqual(others, []);
    const { errorType, errorMessage } = JSON.parse(body);
    assert.equal(errorType, "Leadbridge.configuration", body);
    for (const shown of [errorMessage, lambda.errors()])
        for (const value of [VALUE, ...Object.values(AWS_KEYS)]) assert.ok(!shown.includes(value), shown);
    return errorMessage;
}

/** The command line, beside a configuration. */
async function cli(t, config, env, ...args) {
    const cwd = folder(t);
    writeFileSync(join(cwd, "leadbridge.json"), JSON.stringify(config));
    const { status: exit, answer, errors } = await commandLine(cwd, env, ...args);
    assert.ok(!(JSON.stringify(answer) + errors).includes(VALUE), "a value is shown");
    return { exit, answer, errors };
}

test("a whole function with every secret in AWS: signed, in batches, once", { skip }, async (t) => {
    const aws = await startAws(t);
    const stays = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`/lb/label/${at}`, `fake ${at}`]));
    const bridge = await startBridge(t, {
        sandbox: { leads: 12, tanma: { newestAt: Date.now() - 60_000, customers: 3 } },
        // Written over below: the sandbox's secrets are not known yet.
        config: { sources: {}, backflow: {} },
    });
    const { secrets, config } = bridge;
    Object.assign(aws.parameters, stays, {
        "/lb/app_secret": secrets.TOP_APP_SECRET,
        "/lb/session": secrets.TOP_SESSION,
        "/lb/rsa": `${secrets.RSA_KEY}\n`,
        "/lb/pepper:3": secrets.PEPPER,
        "/lb/pepper": "the wrong version",
    });
    aws.secrets["lb/tanma"] = JSON.stringify({ app_key: secrets.TANMA_APP_KEY, other: VALUE });
    aws.secrets["lb/data-key"] = Buffer.from(secrets.DATA_KEY);
    aws.secrets["arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"] = secrets.BACKFLOW_TOKEN;
    const top = `${bridge.server.url}/router/rest`;
    const whole = {
        ...config,
        store: { kind: "memory" },
        apps: {
            main: {
                app_key: config.apps.main.app_key,
                app_secret: ssm("/lb/app_secret"),
                previous_app_secret: ssm("/lb/app_secret:1"),
            },
        },
        sources: {
            ads: {
                platform: "alimama",
                endpoint: top,
                session: ssm("/lb/session"),
                mobile_cipher: "rsa_pkcs1",
                mobile_key: ssm("/lb/rsa"),
            },
            scrm: {
                platform: "tanma",
                endpoint: `${bridge.server.url}/tanma`,
                app_id: bridge.tanma.appId,
                app_key: secret("lb/tanma", { key: "app_key" }),
            },
            ...Object.fromEntries(
                Object.keys(stays).map((name, at) => [
                    `more${at}`,
                    {
                        platform: "tanma",
                        endpoint: `${bridge.server.url}/tanma`,
                        app_id: bridge.tanma.appId,
                        app_key: ssm(name),
                    },
                ]),
            ),
        },
        backflow: { stats: { platform: "outinvest", endpoint: top, session: ssm("/lb/session") } },
        api: { backflow_token: secret("arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf") },
        privacy: { data_key: secret("lb/data-key"), pepper: ssm("/lb/pepper:3") },
    };
    const lambda = await startFunction(t, { config: whole, env: aws.env });
    const { kind, text } = await Promise.race([
        lambda.invoke({ kind: "pull", sources: ["ads", "scrm"] }),
        lambda.ended.then(() => ({ text: lambda.errors() })),
    ]);
    assert.equal(kind, "response", text);
    assert.deepEqual(
        JSON.parse(text).sources.map(({ name, inserted }) => [name, inserted]),
        [
            ["ads", 12],
            ["scrm", 3],
        ],
        text,
    );
    assert.equal(
        JSON.parse((await lambda.invoke({ kind: "status" })).text).sources.find(({ name }) => name === "ads").unread ??
            0,
        0,
        "phones were decrypted",
    );
    await lambda.invoke(SCHEDULE);
    assert.deepEqual(aws.problems, []);
    assert.equal(aws.calls.filter(({ body }) => body.Names).length, 2, "parameters come by ten");
    assert.deepEqual(
        aws.asked().sort(),
        [
            ...Object.keys(stays),
            "/lb/app_secret",
            "/lb/app_secret:1",
            "/lb/session",
            "/lb/rsa",
            "/lb/pepper:3",
            "lb/tanma",
            "lb/data-key",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf",
        ].sort(),
        "each once, whatever the invocations",
    );
    assert.deepEqual(
        new Set(aws.calls.map(({ region }) => region)),
        new Set(["eu-central-1", "eu-west-1"]),
        "an ARN says its region",
    );
    for (const { headers } of aws.calls) assert.equal(headers["x-amz-security-token"], AWS_KEYS.AWS_SESSION_TOKEN);
});

test("a secret that is rotated: the warm function keeps what it has, the next cold start fetches", {
    skip,
}, async (t) => {
    const aws = await startAws(t, { secrets: { app: { AWSCURRENT: "fake-new", AWSPREVIOUS: "fake-old" } } });
    const config = configOf(secret("app"), { previous_app_secret: secret("app", { stage: "AWSPREVIOUS" }) });
    const warm = await startFunction(t, { config, env: aws.env });
    await serves(warm);
    assert.deepEqual(
        aws.calls.map(({ body }) => body.VersionStage),
        [undefined, "AWSPREVIOUS"],
    );
    aws.secrets.app = { AWSCURRENT: "fake-newer", AWSPREVIOUS: "fake-new" };
    await serves(warm);
    assert.equal(aws.calls.length, 2);
    await serves(await startFunction(t, { config, env: aws.env }));
    assert.equal(aws.calls.length, 4);
});

test("the secret before this one may be missing, but not unknown", { skip }, async (t) => {
    const aws = await startAws(t, { parameters: { "/lb/app": VALUE }, secrets: { app: VALUE } });
    await serves(
        await startFunction(t, {
            config: configOf(ssm("/lb/app"), { previous_app_secret: ssm("/lb/app:1") }),
            env: aws.env,
        }),
    );
    await serves(
        await startFunction(t, {
            config: configOf(secret("app"), { previous_app_secret: secret("app", { stage: "AWSPREVIOUS" }) }),
            env: aws.env,
        }),
    );
    aws.fault = ({ body }) => (body.VersionStage ? refusal.denied("secretsmanager:GetSecretValue", "app") : undefined);
    assert.match(
        await refuses(
            t,
            configOf(secret("app"), { previous_app_secret: secret("app", { stage: "AWSPREVIOUS" }) }),
            aws.env,
        ),
        /^apps\.main\.previous_app_secret the secret app of Secrets Manager: the credentials may not do this/,
    );
});

test("a parameter that another account shares, by its ARN", { skip }, async (t) => {
    const arn = "arn:aws:ssm:eu-west-1:210987654321:parameter/shared/app";
    const aws = await startAws(t, { parameters: { [arn]: VALUE } });
    await serves(await startFunction(t, { config: configOf(ssm(arn)), env: aws.env }));
    assert.deepEqual(
        aws.calls.map(({ region, body }) => [region, body.Names]),
        [["eu-west-1", [arn]]],
    );
    assert.match(
        await refuses(t, configOf(ssm(`${arn}s`)), aws.env),
        /parameter\/shared\/apps does not exist in eu-west-1/,
    );
});

test("trouble that passes is waited out", { skip }, async (t) => {
    for (const trouble of [refusal.throttled, refusal.failing]) {
        const aws = await startAws(t, { parameters: { "/lb/app": VALUE } });
        aws.fault = ({ number }) => (number < 3 ? trouble : undefined);
        await serves(await startFunction(t, { config: configOf(ssm("/lb/app")), env: aws.env }));
        assert.equal(aws.calls.length, 4);
        assert.deepEqual(aws.problems, []);
    }
});

const BY_FAULT = [
    [
        "throttled for good",
        refusal.throttled,
        /is throttled \(ThrottlingException\).*run again; Lambda does so by itself/,
    ],
    ["failing for good", refusal.failing, /AWS failed \(InternalServerError: internal\).*run again/],
    [
        "no permission",
        ({ body }) => refusal.denied(body.Names ? "ssm:GetParameters" : "secretsmanager:GetSecretValue", "it"),
        /may not do this \(AccessDeniedException: User: .*\(allow (ssm:GetParameters|secretsmanager:GetSecretValue) on it, and kms:Decrypt/,
    ],
    ["expired credentials", refusal.expired, /the AWS credentials have expired \(Fetch new ones/],
    ["unknown credentials", refusal.unknown, /AWS does not know these credentials \(Check AWS_ACCESS_KEY_ID/],
    ["a clock that is off", refusal.skewed, /the clock of this machine is more than five minutes off.*NTP/],
    ["a KMS key that is off", refusal.no_key, /cannot be decrypted \(InvalidKeyId\) \(check its KMS key/],
    [
        "silence",
        refusal.silence,
        /was not reachable \(timeout: .*a function in a VPC needs a NAT gateway or an endpoint for (ssm|secretsmanager)/,
    ],
    [
        "a portal that answers",
        refusal.html,
        /the answer is not JSON \(check http:\/\/127\.0\.0\.1:\d+: is that AWS\? \(AWS_ENDPOINT_URL\)/,
    ],
];
test("what AWS refuses, said for each secret with what to do", { skip, timeout: 60_000 }, async (t) => {
    await Promise.all(
        BY_FAULT.map(async ([name, fault, says]) => {
            const aws = await startAws(t, { parameters: { "/lb/app": VALUE }, secrets: { token: VALUE } });
            aws.fault = typeof fault === "function" ? fault : () => fault;
            const began = Date.now();
            const message = await refuses(
                t,
                { ...configOf(ssm("/lb/app")), api: { backflow_token: secret("token") } },
                aws.env,
            );
            const [first, second] = message.split("; api.");
            assert.match(first, /^apps\.main\.app_secret the SSM parameter \/lb\/app/, name);
            assert.match(second ?? "", /^backflow_token the secret token of Secrets Manager/, `${name}: ${message}`);
            assert.match(first, says, name);
            assert.match(second, says, name);
            assert.deepEqual(aws.problems, [], name);
            assert.ok(Date.now() - began < 20_000, `${name}: bounded`);
        }),
    );
});

test("one that fails leaves the others alone", { skip }, async (t) => {
    const aws = await startAws(t, { parameters: { "/lb/app": VALUE }, secrets: { token: VALUE } });
    aws.fault = ({ body }) => (body.Names ? refusal.denied("ssm:GetParameters", "/lb/app") : undefined);
    const message = await refuses(
        t,
        { ...configOf(ssm("/lb/app")), api: { backflow_token: secret("token") } },
        aws.env,
    );
    assert.match(message, /^apps\.main\.app_secret /);
    assert.doesNotMatch(message, /backflow_token/);
});

test("what is not there, or not as it should be", { skip }, async (t) => {
    const members = JSON.stringify({ top: VALUE, n: { a: 1 } });
    const aws = await startAws(t, {
        parameters: { "/lb/empty": "\n" },
        secrets: { object: members, text: VALUE, gone: null, binary: Buffer.from([0xff, 0xfe, 1]) },
    });
    for (const [reference, says] of [
        [
            ssm("/lb/nowhere"),
            /the SSM parameter \/lb\/nowhere does not exist in eu-central-1 \(create it \(aws ssm put-parameter.*AWS_REGION/,
        ],
        [ssm("/lb/empty"), /the SSM parameter \/lb\/empty is empty/],
        [ssm("/lb/has space"), /has a name that AWS does not allow/],
        [secret("nowhere"), /the secret nowhere of Secrets Manager does not exist in eu-central-1/],
        [secret("text", { stage: "AWSPREVIOUS" }), /has no version AWSPREVIOUS/],
        [secret("gone"), /is marked for deletion \(restore it/],
        [secret("object"), /is a JSON object \(name one of its members with "key": n, top/],
        [secret("object", { key: "app" }), /has no member "app" \(it has: n, top/],
        [secret("object", { key: "n" }), /has no text in "n"/],
        [secret("text", { key: "app" }), /is not a JSON object \(leave "key" out/],
        [secret("binary"), /is not UTF-8 text/],
        [{ ssm: "/lb/x", key: "y" }, /was not fetched from AWS|unknown/],
    ]) {
        const message = await refuses(t, configOf(reference), aws.env);
        assert.match(message, /^apps\.main\.app_secret /);
        assert.match(message, says);
    }
    assert.deepEqual(aws.problems, []);
    assert.ok(!aws.asked().includes("/lb/has space"));
});

test("no credentials, no region, a region of AWS that is asked by name", { skip }, async (t) => {
    const config = configOf(ssm("/lb/app"));
    assert.match(
        await refuses(t, config, { AWS_REGION: "eu-central-1" }),
        /was not fetched \(there are no AWS credentials: set AWS_ACCESS_KEY_ID/,
    );
    assert.match(
        await refuses(t, config, AWS_KEYS),
        /no AWS region is named \(set AWS_REGION, or write \/store\/region/,
    );
    // https goes through the proxy of the environment: this one tells where to, and lets nobody through.
    const hosts = [];
    const proxy = createServer()
        .on("connect", (request, socket) => {
            hosts.push(request.url);
            socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        })
        .listen(0, "127.0.0.1");
    await once(proxy, "listening");
    t.after(() => proxy.close());
    const https_proxy = `http://127.0.0.1:${proxy.address().port}`;
    const both = { ...config, api: { backflow_token: secret("token") } };
    await Promise.all([
        refuses(t, both, { ...AWS_KEYS, AWS_REGION: "eu-central-1", https_proxy }),
        refuses(t, config, { ...AWS_KEYS, AWS_REGION: "cn-north-1", https_proxy }),
        refuses(t, config, {
            ...AWS_KEYS,
            AWS_REGION: "us-east-1",
            https_proxy,
            AWS_ENDPOINT_URL: "http://127.0.0.1:9",
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
        }),
    ]);
    assert.deepEqual([...new Set(hosts)].sort(), [
        "secretsmanager.eu-central-1.amazonaws.com:443",
        "ssm.cn-north-1.amazonaws.com.cn:443",
        "ssm.eu-central-1.amazonaws.com:443",
        "ssm.us-east-1.amazonaws.com:443",
    ]);
});

test("an address for one service goes before that for all", { skip }, async (t) => {
    const [one, all] = [
        await startAws(t, { parameters: { "/lb/app": VALUE } }),
        await startAws(t, { secrets: { token: VALUE } }),
    ];
    await serves(
        await startFunction(t, {
            config: { ...configOf(ssm("/lb/app")), api: { backflow_token: secret("token") } },
            env: { ...all.env, AWS_ENDPOINT_URL_SSM: one.url },
        }),
    );
    assert.deepEqual([one.calls.length, all.calls.length], [1, 1]);
    await serves(
        await startFunction(t, {
            config: { ...configOf(ssm("/lb/app")), api: { backflow_token: secret("token") } },
            env: { ...one.env, AWS_ENDPOINT_URL_SECRETS_MANAGER: all.url },
        }),
    );
    assert.deepEqual([one.calls.length, all.calls.length], [2, 2]);
});

test("the command line fetches too, with the credentials of a container; doctor says what came", {
    skip,
}, async (t) => {
    const aws = await startAws(t, { parameters: { "/lb/app": VALUE }, secrets: { token: VALUE } });
    const config = { ...configOf(ssm("/lb/app")), api: { backflow_token: secret("token") } };
    const container = createServer((_, response) =>
        response.end(
            JSON.stringify({
                AccessKeyId: "AKIDCONTAINER",
                SecretAccessKey: AWS_KEYS.AWS_SECRET_ACCESS_KEY,
                Token: "container-token",
                Expiration: new Date(Date.now() + 3_600_000).toISOString(),
            }),
        ),
    ).listen(0, "127.0.0.1");
    await once(container, "listening");
    t.after(() => container.close());
    const env = {
        AWS_REGION: "eu-central-1",
        AWS_ENDPOINT_URL: aws.url,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${container.address().port}/`,
    };
    const checked = await cli(t, config, env, "doctor");
    assert.equal(checked.exit, 0, checked.errors + JSON.stringify(checked.answer));
    assert.deepEqual(
        checked.answer.checks.find(({ name }) => name === "secrets from AWS"),
        { name: "secrets from AWS", ok: true, detail: "2 fetched", fix: "" },
    );
    assert.equal((await cli(t, config, env, "status")).exit, 0);
    assert.equal(aws.calls.length, 4);
    assert.deepEqual(aws.problems, []);
    for (const { headers } of aws.calls) assert.equal(headers["x-amz-security-token"], "container-token");

    aws.fault = () => refusal.denied("ssm:GetParameters", "/lb/app");
    const refused = await cli(t, config, env, "doctor");
    assert.equal(refused.exit, 1);
    const [first] = refused.answer.checks;
    assert.deepEqual([first.name, first.ok], ["configuration", false]);
    assert.match(first.detail, /^apps\.main\.app_secret the SSM parameter \/lb\/app: the credentials may not do this/);
    assert.match(first.fix, /allow ssm:GetParameters/);
    assert.match(
        (await cli(t, config, env, "pull")).errors,
        /apps\.main\.app_secret the SSM parameter .*\n {2}fix: allow ssm:GetParameters/,
    );
    const typed = await cli(t, configOf({ ssm: "/lb/app", value: VALUE }), env, "status");
    assert.deepEqual([typed.exit, typed.answer.error.code], [1, "config_secret"]);
});
