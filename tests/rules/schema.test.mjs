// infra/config.schema.json and the core's own reader (src/engine/config.cc) must know the same configuration.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import Ajv from "ajv";
import { ABI_VERSION, createEngine } from "../../wasm/loader.mjs";

const root = new URL("../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("infra/config.schema.json", root), "utf8"));
const moduleFile = process.env.LEADBRIDGE_WASM ?? new URL("build/leadbridge.wasm", root);
const module = new WebAssembly.Module(readFileSync(moduleFile));
const validate = new Ajv({ strictTypes: false, allErrors: true }).compile(schema);

const secret = (name, value = `fake-${name}-fake-${name}`) => ({ env: name, value });
const withoutValues = (config) =>
    JSON.parse(JSON.stringify(config, (key, value) => (key === "value" ? undefined : value)));

/** Paths and problems the core names. */
function problems(config) {
    const engine = createEngine(module, JSON.stringify(config));
    engine.feed({
        head: { v: ABI_VERSION, type: "start", now: 0, event: { kind: "status" }, random: "00".repeat(32) },
    });
    const { head } = engine.next();
    engine.close();
    return head.type === "done" ? (head.summary.errors ?? []).map(({ path, problem }) => `${path} ${problem}`) : [];
}

/** A value for every property of an object of the schema: its default, or something fitting. */
function everything(object) {
    const out = {};
    for (const [key, given] of Object.entries(object.properties)) {
        const property = given.$ref ? schema.definitions[given.$ref.split("/").pop()] : given;
        if (given.$ref === "#/definitions/secret")
            out[key] = secret(key.toUpperCase(), key === "data_key" ? "11".repeat(32) : undefined);
        else if (property.const !== undefined) out[key] = property.const;
        else if (property.default !== undefined) out[key] = property.default;
        else if (property.properties) out[key] = everything(property);
        else if (key === "since") out[key] = "2024-01-01 00:00:00";
        else if (property.additionalProperties?.enum) out[key] = { city_name: property.additionalProperties.enum[0] };
        else if (property.additionalProperties?.additionalProperties) out[key] = { channel: { 0: "zero" } };
        else if (!["apps", "sources", "endpoints", "backflow"].includes(key)) out[key] = "main";
    }
    return out;
}

const full = () => ({
    ...everything(schema),
    apps: { main: everything(schema.definitions.app) },
    sources: {
        ads: {
            ...everything(schema.definitions.alimama),
            mobile_cipher: "passthrough",
            mobile_key: undefined,
        },
        scrm: everything(schema.definitions.tanma),
        etc_in: everything(schema.definitions.etc),
    },
    endpoints: {
        "/spi/tmall": everything(schema.definitions.tmall_endpoint),
        "/spi/etc": everything(schema.definitions.etc_endpoint),
        "/push/own": { ...everything(schema.definitions.tanma_endpoint), source: undefined },
        "/push/scrm": { platform: "tanma", source: "scrm" },
    },
    backflow: {
        stats: everything(schema.definitions.outinvest),
        etc: everything(schema.definitions.etc_rows),
    },
});

test("the core knows every key of the schema, with the same defaults and limits", () => {
    const config = full();
    for (const origins of [[], ["https://crm.example", "http://localhost:8080", "null", "*"]]) {
        config.api.allow_origins = origins;
        assert.ok(validate(withoutValues(config)), JSON.stringify(validate.errors));
        assert.deepEqual(problems(config), []);
    }
});

test("both know the secrets that AWS keeps", () => {
    for (const reference of [
        { ssm: "/lb/secret:2" },
        { secretsmanager: "lb" },
        { secretsmanager: "lb", key: "app_secret", stage: "AWSPREVIOUS" },
    ]) {
        const config = full();
        config.apps.main.app_secret = { ...reference, value: "fake-value" };
        assert.ok(validate(withoutValues(config)), JSON.stringify(validate.errors));
        assert.deepEqual(problems(config), []);
        config.apps.main.app_secret = { ...reference, missing: "it does not exist", fix: "create it" };
        assert.deepEqual(problems(config), ["apps.main.app_secret it does not exist"]);
    }
    for (const reference of [
        { ssm: "" },
        { ssm: "/lb", key: "x" },
        { secretsmanager: "lb", region: "x" },
        { ssm: "/lb", env: "X" },
        { ssm: "/lb", value: "typed in" },
    ]) {
        const config = withoutValues(full());
        config.apps.main.app_secret = reference;
        assert.ok(!validate(config), JSON.stringify(reference));
    }
});

test("both refuse an unknown key, a wrong type, a value out of range and a secret in the file", () => {
    const faults = [
        (config) => (config.sources.ads.pagesize = 5),
        (config) => (config.budget.requests = 0),
        (config) => (config.sources.ads.page_size = 501),
        (config) => (config.sources.ads.sign_method = "sha1"),
        (config) => (config.sources.ads.simplify = "yes"),
        (config) => (config.sources.ads.session = "in plain text"),
        (config) => (config.store.kind = "mysql"),
        (config) => delete config.apps.main.app_secret,
        (config) => (config.sources.scrm.page_size = 0),
        (config) => delete config.sources.etc_in.target_app_key,
        (config) => (config.sources.scrm.reread_pages = 1),
        (config) => (config.endpoints["/spi/tmall"].clock_window_s = -1),
        (config) => (config.endpoints["/spi/etc"].platform = "nobody"),
        (config) => (config.endpoints["/push/own"].app_key = "in plain text"),
        (config) => (config.endpoints["no slash"] = config.endpoints["/spi/tmall"]),
        (config) => (config.backflow.stats.batch_rows = 501),
        (config) => (config.backflow.stats.extra_columns = { x: "blob" }),
        (config) => (config.api.read_token = "in plain text"),
        ...[
            "https://crm.example/",
            "https://CRM.example",
            "crm.example",
            "https://*.crm.example",
            "https://",
            "",
            "ftp://x",
            7,
        ].map((origin) => (config) => (config.api.allow_origins = ["null", origin])),
        (config) => (config.api.allow_origins = "*"),
        (config) => ["sources", "endpoints", "backflow"].forEach((section) => delete config[section]),
    ];
    for (const fault of faults) {
        const config = full();
        fault(config);
        assert.ok(!validate(withoutValues(config)), `the schema lets pass: ${fault}`);
        assert.notEqual(problems(config).length, 0, `the core lets pass: ${fault}`);
    }
});
