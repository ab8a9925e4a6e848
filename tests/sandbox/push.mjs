#!/usr/bin/env node
// The platforms call a bridge: node tests/sandbox/push.mjs tmall|etc|tanma --url URL --secret S [--count N] ...
import { parseArgs } from "node:util";
import { askEtcPages, probeEtc, probeTanma, probeTmall, pushTanmaCustomers, pushTmallLeads } from "./pushers.mjs";

const USAGE = `usage: push.mjs tmall|etc|tanma --url URL --secret SECRET [--app-key KEY] [--app-id ID] [--corpid ID] [--count N] [--seed S]
  [--content json|form|xml] [--charset utf-8|gbk] [--open-key KEY] [--query-time SECONDS] [--data-type N] [--probe]`;
const TEXT = [
    "url",
    "secret",
    "app-key",
    "app-id",
    "corpid",
    "count",
    "seed",
    "content",
    "charset",
    "open-key",
    "query-time",
    "data-type",
];

async function main() {
    const {
        values,
        positionals: [platform],
    } = parseArgs({
        allowPositionals: true,
        options: {
            help: { type: "boolean" },
            probe: { type: "boolean" },
            ...Object.fromEntries(TEXT.map((name) => [name, { type: "string" }])),
        },
    });
    if (values.help) {
        console.log(USAGE);
        return;
    }
    const run = {
        tmall: values.probe ? probeTmall : pushTmallLeads,
        etc: values.probe ? probeEtc : askEtcPages,
        tanma: values.probe ? probeTanma : pushTanmaCustomers,
    }[platform];
    if (!run || !values.url || !values.secret) throw new TypeError("platform, --url and --secret are needed");
    const given = {
        url: values.url,
        app_secret: values.secret,
        app_key: values["app-key"],
        appKey: values.secret,
        appId: values["app-id"] ?? "wwdemo0000000000_AbCdEf",
        corpid: values.corpid,
        count: values.count && Number(values.count),
        seed: values.seed,
        content: values.content,
        charset: values.charset,
        openKey: values["open-key"],
        queryTime: values["query-time"],
        dataType: values["data-type"] && Number(values["data-type"]),
    };
    const { answers, wrong, rows } = await run(
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    );
    for (const { what, status, body } of wrong)
        console.error(`${platform} ${what}: HTTP ${status} ${body.slice(0, 300)}`);
    console.log(
        `${platform} ${answers.length - wrong.length} of ${answers.length} answered as documented${rows ? `, ${rows.length} rows` : ""}`,
    );
    if (wrong.length > 0) process.exitCode = 2;
}

main().catch((error) => {
    console.error(`push: ${error.message}\n${USAGE}`);
    process.exitCode = 1;
});
