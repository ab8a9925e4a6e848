#!/usr/bin/env node
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createSandbox } from "./sandbox.mjs";
import { startServer } from "./server.mjs";

const integer = (text) => {
    if (!/^-?\d+$/.test(text)) throw new TypeError(`${text} is not an integer`);
    return Number(text);
};
const text = (value) => value;

/** Command-line name -> [sandbox option, how it is read]. */
const FLAGS = {
    seed: ["seed", text],
    "app-key": ["app_key", text],
    "app-secret": ["app_secret", text],
    session: ["session", text],
    "skew-ms": ["clockSkewMs", integer],
    leads: ["leads", integer],
    "first-id": ["firstId", text],
    "id-step": ["idStep", integer],
    order: ["order", text],
    "page-order": ["pageOrder", text],
    boundary: ["offsetBoundary", text],
    "max-page-size": ["maxPageSize", integer],
    "duplicate-every": ["duplicateEvery", integer],
    "empty-list": ["emptyList", text],
    "date-style": ["dateStyle", text],
    cipher: ["mobileCipher", text],
    key: ["key", (file) => readFileSync(file, "utf8")],
    "key-bits": ["keyBits", integer],
    "noise-every": ["noiseEvery", integer],
    "growth-per-call": ["growth", (count) => ({ perCall: integer(count) })],
    "tanma-app-id": ["tanma.appId", text],
    "tanma-app-key": ["tanma.appKey", text],
    "tanma-base": ["tanma.basePath", text],
    "tanma-customers": ["tanma.customers", integer],
    "tanma-end-rule": ["tanma.endRule", text],
    "etc-rows": ["etc.rows", integer],
    "etc-page-size": ["etc.pageSize", integer],
    "etc-target-app-key": ["etc.target_app_key", text],
    "outinvest-refuse": ["outinvest.refuseIds", (ids) => ids.split(",")],
    "tmall-leads": ["tmall.leads", integer],
};

function setOption(options, name, value) {
    const [group, member] = name.split(".");
    if (member === undefined) options[group] = value;
    else options[group] = { ...options[group], [member]: value };
}
const USAGE = `usage: main.mjs [--port N] [--options FILE.json] [--faults FILE.json] [--key-out FILE] [${Object.keys(
    FLAGS,
)
    .map((name) => `--${name} V`)
    .join("] [")}]`;

async function main() {
    const own = ["port", "options", "faults", "key-out"];
    const { values } = parseArgs({
        options: {
            help: { type: "boolean" },
            ...Object.fromEntries([...own, ...Object.keys(FLAGS)].map((name) => [name, { type: "string" }])),
        },
    });
    if (values.help) {
        console.log(USAGE);
        return;
    }
    const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
    const options = { newestAt: Date.now(), ...(values.options ? readJson(values.options) : {}) };
    for (const [flag, [name, read]] of Object.entries(FLAGS)) {
        if (values[flag] !== undefined) setOption(options, name, read(values[flag]));
    }
    const sandbox = createSandbox(options);
    if (values.faults) {
        for (const { platform = "alimama", ...fault } of [readJson(values.faults)].flat()) {
            const faults = Object.hasOwn(sandbox.platforms, platform) ? sandbox.platforms[platform].faults : undefined;
            if (!faults) throw new TypeError(`platform ${platform} has no faults`);
            faults.push(fault);
        }
    }
    // The key out for whoever decrypts: the private one, or the public one where that recovers the phone.
    if (values["key-out"]) {
        const { publicPem, privatePem } = sandbox.keys;
        writeFileSync(
            values["key-out"],
            sandbox.options.mobileCipher === "rsa_public_recover" ? publicPem : privatePem,
            { mode: 0o600 },
        );
    }

    const server = await startServer(sandbox, { port: integer(values.port ?? "0") });
    console.log(`sandbox ${server.url}`);
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
}

main().catch((error) => {
    console.error(`sandbox: ${error.message}\n${USAGE}`);
    process.exitCode = 1;
});
