// infra/aws/template.yaml: by AWS's own validator (its resource schemas and cfn-lint's rules, offline), then what no linter knows: the
// table the store wants, the rights it uses, the log entries the alarms count.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import validator from "@aws/cloudformation-validate";
import { createTableRequest, evaluate, parseTemplate, TEMPLATE } from "../../infra/aws/template.mjs";
import { ROOT } from "../hosts/fakes/module.mjs";
import { startBridge } from "../lambda/bridge.mjs";
import { NO_PROGRAM, SCHEDULE } from "../lambda/function.mjs";
import { startDynalite, startPlayer, startProxy } from "../store/dynamo.mjs";

const TEXT = readFileSync(TEMPLATE, "utf8");
const template = parseTemplate(TEXT);
// Every parameter that may be empty, given.
const GIVEN = {
    CodeBucket: "packages",
    CodeVersion: "v1",
    ReservedConcurrency: "5",
    ConfigText: "{}",
    ConfigFile: "config/leadbridge.json",
    SecretsAt: "2026-11-25",
    SecretsKeyArn: "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000000",
    AlarmTopicArn: "arn:aws:sns:eu-central-1:000000000000:alarms",
};
const MINIMAL = { CodeBucket: "packages" };

describe("the validator", () => {
    let engine;
    let folder;
    before(() => {
        engine = new validator.RegoEngine();
        folder = mkdtempSync(join(tmpdir(), "lb-template-"));
    });
    after(() => {
        engine.free();
        rmSync(folder, { recursive: true, force: true });
    });

    /** Findings from WARN on. The validator looks into branches of Fn::If that cannot be taken, so every parameter has a value. */
    function findings(text, parameters = GIVEN) {
        const path = join(folder, "template.yaml");
        writeFileSync(path, text);
        const report = engine.validateStandard(new validator.TemplateFile(path), {
            severityLevel: "WARN",
            parameterOverrides: parameters,
            pseudoParameterOverrides: { region: "eu-central-1" },
            // A prefix, the name of a key and a date are no secrets.
            exclude: {
                logicalIds: ["SecretPrefix", "SecretsKeyArn", "SecretsAt"].map((logicalId) => ({
                    ruleId: "W2509",
                    logicalId,
                })),
            },
        });
        assert.equal(report.status, "OK");
        return report.diagnostics.map(
            ({ ruleId, entity, propertyPath, message }) => `${ruleId} ${entity?.logicalId} ${propertyPath}: ${message}`,
        );
    }
    const changed = (from, to) => {
        assert.ok(TEXT.includes(from), `the template has ${from}`);
        return TEXT.replace(from, to);
    };

    test("finds nothing, and CloudFormation takes the text without a bucket", () => {
        assert.ok(Buffer.byteLength(TEXT) <= 51_200);
        assert.deepEqual(findings(TEXT), []);
        assert.deepEqual(
            findings(TEXT, { ...GIVEN, PublicUrl: "no", Architecture: "arm64", TimeoutSeconds: "900" }),
            [],
        );
    });

    for (const [what, from, to, says] of [
        ["a misspelt property", "BillingMode: PAY_PER_REQUEST", "BilingMode: PAY_PER_REQUEST", /BilingMode/],
        ["a misspelt property deep inside", "MaximumConcurrency: 2", "MaximumConcurency: 2", /MaximumConcurency/],
        ["a required property that is missing", "      Role: !GetAtt Role.Arn\n", "", /Function .*Role/],
        ["a value that is not among those allowed", "AuthType: NONE", "AuthType: OPEN", /OPEN/],
        [
            "a number out of range",
            "MaximumEventAgeInSeconds: 60\n      MaximumRetryAttempts",
            "MaximumEventAgeInSeconds: 6\n      MaximumRetryAttempts",
            /ScheduleOutcome/,
        ],
        ["a Ref that leads nowhere", "TableName: !Ref TableName", "TableName: !Ref TabelName", /TabelName/],
        [
            "a GetAtt of a resource that is not there",
            "Arn: !GetAtt Function.Arn",
            "Arn: !GetAtt Funktion.Arn",
            /Funktion/,
        ],
        ["a GetAtt of an attribute that is not there", "Value: !GetAtt Queue.Arn", "Value: !GetAtt Queue.Am", /Am/],
        ["a condition that is not there", "Condition: HasUrl", "Condition: HasUri", /HasUri/],
        [
            "a table whose key is not defined",
            "        - {AttributeName: gsk, AttributeType: S}\n",
            "",
            /gsk|AttributeDefinitions/,
        ],
    ]) {
        test(`finds ${what}`, () => {
            const found = findings(changed(from, to));
            assert.ok(
                found.some((each) => says.test(each)),
                found.join("\n"),
            );
        });
    }
});

describe("parameters and conditions", () => {
    test("each is described, is constrained, and may be left out except the bucket", () => {
        for (const [
            name,
            { Type, Default, Description, AllowedValues, AllowedPattern, MinValue, MaxValue, MaxLength },
        ] of Object.entries(template.Parameters)) {
            assert.ok(Description?.length > 20 && /[.]$/.test(Description), `${name} says what it is`);
            assert.equal(Default === undefined, name === "CodeBucket", name);
            const constrained =
                AllowedValues ||
                AllowedPattern ||
                MaxLength ||
                (Type === "Number" && MinValue !== undefined && MaxValue !== undefined);
            assert.ok(constrained || name === "CodeVersion", `${name} has constraints`);
            if (AllowedPattern && Default !== undefined)
                assert.match(String(Default), new RegExp(AllowedPattern), name);
            if (AllowedValues) assert.ok(AllowedValues.includes(Default), name);
        }
        const shown = template.Metadata["AWS::CloudFormation::Interface"].ParameterGroups.flatMap(
            ({ Parameters }) => Parameters,
        );
        assert.deepEqual(shown.toSorted(), Object.keys(template.Parameters).toSorted());
    });

    test("what is left out is not there, what is given is", () => {
        const without = evaluate(template, MINIMAL).resources;
        const full = evaluate(template, GIVEN).resources;
        assert.deepEqual(without.Function.Properties.Environment.Variables, {});
        assert.deepEqual(full.Function.Properties.Environment.Variables, {
            LEADBRIDGE_CONFIG: "{}",
            LEADBRIDGE_CONFIG_FILE: "config/leadbridge.json",
            LEADBRIDGE_SECRETS_AT: "2026-11-25",
        });
        assert.equal(without.Function.Properties.ReservedConcurrentExecutions, undefined);
        assert.equal(full.Function.Properties.ReservedConcurrentExecutions, "5");
        assert.equal(without.Function.Properties.Code.S3ObjectVersion, undefined);
        for (const [name, { Type, Properties }] of Object.entries(without))
            if (Type === "AWS::CloudWatch::Alarm") assert.equal(Properties.AlarmActions, undefined, name);
        for (const [name, { Type, Properties }] of Object.entries(full))
            if (Type === "AWS::CloudWatch::Alarm")
                assert.deepEqual(
                    [Properties.AlarmActions, Properties.OKActions],
                    [[GIVEN.AlarmTopicArn], [GIVEN.AlarmTopicArn]],
                    name,
                );
        const closed = evaluate(template, { ...MINIMAL, PublicUrl: "no" });
        assert.deepEqual(
            Object.keys(closed.resources).filter((name) => name.startsWith("Url")),
            [],
        );
        assert.equal(closed.outputs.FunctionUrl, undefined);
    });

    test("a message stays hidden for six times the limit, and slow is within a second of it", () => {
        for (const limit of template.Parameters.TimeoutSeconds.AllowedValues) {
            const {
                Queue,
                SlowAlarm,
                Function: { Properties },
            } = evaluate(template, { ...MINIMAL, TimeoutSeconds: limit }).resources;
            assert.equal(Properties.Timeout, limit);
            assert.equal(Queue.Properties.VisibilityTimeout, 6 * limit);
            assert.equal(SlowAlarm.Properties.Threshold, 1000 * limit - 1000);
        }
    });
});

describe("the table", () => {
    const table = evaluate(template, MINIMAL).resources.Table;

    test("is the one the store makes for its own tests, and no less safe than it should be", async (t) => {
        const dynamo = await startDynalite();
        t.after(() => dynamo.close());
        const proxy = await startProxy(dynamo.url);
        t.after(() => proxy.close());
        const player = startPlayer();
        t.after(() => player.close());
        assert.equal((await player.open({ table: "leadbridge", endpoint: proxy.url, create: true })).outcome, "ok");
        const made = proxy.calls.find(({ operation }) => operation === "CreateTable").body;
        const sorted = ({ AttributeDefinitions, ...rest }) => ({
            ...rest,
            AttributeDefinitions: AttributeDefinitions.toSorted((a, b) => (a.AttributeName < b.AttributeName ? -1 : 1)),
        });
        assert.deepEqual(sorted(createTableRequest(table)), sorted(made));
        const ttl = proxy.calls.find(({ operation }) => operation === "UpdateTimeToLive").body;
        assert.deepEqual(table.Properties.TimeToLiveSpecification, ttl.TimeToLiveSpecification);

        const { SSESpecification, PointInTimeRecoverySpecification, DeletionProtectionEnabled } = table.Properties;
        assert.deepEqual(
            [SSESpecification, PointInTimeRecoverySpecification, DeletionProtectionEnabled],
            [{ SSEEnabled: true }, { PointInTimeRecoveryEnabled: true }, true],
        );
        assert.deepEqual(
            [template.Resources.Table.DeletionPolicy, template.Resources.Table.UpdateReplacePolicy],
            ["Retain", "Retain"],
        );
    });

    test("has the name that a configuration without one means", () => {
        const schema = JSON.parse(readFileSync(join(ROOT, "infra/config.schema.json"), "utf8"));
        assert.equal(template.Parameters.TableName.Default, schema.properties.store.properties.table.default);
    });
});

// ---- rights ---------------------------------------------------------------------------------------------------------------------

const list = (value) => (Array.isArray(value) ? value : [value]);
const statementsOf = (resources) =>
    resources.Role.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);

/** What is wider than a name of ours. A prefix of secrets ends in /*; an attribute of a resource of ours is exact. */
function wideRights(resources) {
    const wide = [];
    for (const { Sid, Effect, Action, Resource, NotAction, NotResource } of statementsOf(resources)) {
        if (Effect !== "Allow" || NotAction || NotResource) wide.push(`${Sid}: only Allow with Action and Resource`);
        for (const action of list(Action)) if (!/^[a-z]+:[A-Za-z]+$/.test(action)) wide.push(`${Sid}: ${action}`);
        for (const resource of list(Resource)) {
            const exact =
                /^(Table|Queue|Log)\.Arn(\/index\/order)?$/.test(resource) || resource === GIVEN.SecretsKeyArn;
            const prefix =
                /^arn:aws:(ssm:eu-central-1:000000000000:parameter|secretsmanager:eu-central-1:000000000000:secret)[/:]leadbridge\/\*$/.test(
                    resource,
                );
            if (!exact && !prefix) wide.push(`${Sid}: ${resource}`);
        }
    }
    return wide;
}

describe("the role", () => {
    const { resources } = evaluate(template, GIVEN);
    const actions = (service) =>
        statementsOf(resources)
            .flatMap(({ Action }) => list(Action))
            .filter((action) => action.startsWith(`${service}:`))
            .map((action) => action.split(":")[1])
            .toSorted();

    test("names every action and every resource", () => {
        assert.deepEqual(wideRights(resources), []);
        for (const [from, to] of [
            ["- dynamodb:PutItem", "- 'dynamodb:*'"],
            ["- dynamodb:PutItem", "- '*'"],
            ["- dynamodb:PutItem", "- dynamodb:Put*"],
            ["Resource: !GetAtt Table.Arn", "Resource: '*'"],
            ["Resource: !Sub ${Table.Arn}/index/order", "Resource: !Sub ${Table.Arn}/index/*"],
            ["Resource: !GetAtt Queue.Arn", "Resource: !Sub arn:${AWS::Partition}:sqs:*:*:*"],
            ["parameter/${SecretPrefix}/*", "parameter/*"],
            ["Resource: !GetAtt Log.Arn", "Resource: !Sub arn:${AWS::Partition}:logs:*:${AWS::AccountId}:*"],
            ["Action: ssm:GetParameters", "NotAction: ssm:PutParameter"],
        ]) {
            assert.ok(TEXT.includes(from), from);
            assert.equal(
                wideRights(evaluate(parseTemplate(TEXT.replace(from, to)), GIVEN).resources).length > 0,
                true,
                `${from} -> ${to}`,
            );
        }
    });

    test("may do to the table what the store does, and no more", async (t) => {
        // Everything the source names, but for making a table and for sweeping it (tests only).
        const sources = readdirSync(join(ROOT, "functions/native/store/dynamodb"))
            .filter((name) => name.endsWith(".cc"))
            .map((name) => readFileSync(join(ROOT, "functions/native/store/dynamodb", name), "utf8"))
            .join("\n");
        const named = new Set(
            [...sources.matchAll(/"((?:Batch|Create|Delete|Describe|Get|Put|Query|Scan|Transact|Update)[A-Za-z]*)"/g)]
                .map(([, name]) => name)
                .filter((name) => /^(Query|Scan)$|(Item|Items|Table|ToLive)$/.test(name)),
        );
        for (const name of ["CreateTable", "DescribeTable", "UpdateTimeToLive", "Scan"])
            assert.ok(named.delete(name), name);
        assert.deepEqual(
            actions("dynamodb").filter((name, at, all) => all.indexOf(name) === at),
            [...named].toSorted(),
        );

        // And what goes over the wire in one turn of everything.
        const dynamo = await startDynalite();
        t.after(() => dynamo.close());
        const maker = startPlayer();
        t.after(() => maker.close());
        await maker.open({ table: "leadbridge", endpoint: dynamo.url, create: true });
        const proxy = await startProxy(dynamo.url);
        t.after(() => proxy.close());
        const store = startPlayer();
        t.after(() => store.close());
        await store.open({ table: "leadbridge", endpoint: proxy.url, create: false });
        const now = 1_700_000_000_000;
        const lead = {
            id: "a:1",
            source: "ads",
            platform: "alimama",
            account: "main",
            lead_id: "1",
            version: 1,
            revision: 1,
            sort_at: now,
            doc: "{}",
        };
        const all = {
            leads: [lead],
            rows: [{ set: "s", id: "1", at: now, doc: "{}" }],
            outbox: [{ id: "o", queue: "q", due_at: 0, payload: "p", lead: lead.id }],
            marks: [{ key: "m", expires_at: now + 1000, once: true }],
            audit: [{ at: now, action: "pull" }],
            raw: [
                {
                    id: "r",
                    source: "ads",
                    received_at: now,
                    expires_at: now + 1000,
                    content_type: "text/plain",
                    body_base64: "YQ==",
                },
            ],
        };
        const ok = ({ outcome, reason }) => assert.equal(outcome, "ok", reason);
        ok(await store.commit([{ key: "walk", expected: 0, value: "v" }], { commit: "c1", now, ...all }));
        ok(
            await store.commit([{ key: "walk", expected: 1, value: "v" }], {
                commit: "c2",
                now,
                leads: [{ ...lead, version: 2 }],
            }),
        );
        ok(await store.load(["walk"], now));
        for (const [kind, query] of [
            ["leads", {}],
            ["counts", {}],
            ["rows", { set: "s" }],
            ["row_counts", {}],
            ["queues", {}],
            ["dead", {}],
        ])
            ok(await store.scan(kind, query, 10, ""));
        const { entries } = await store.claim("q", 1, 1000, "lease", now);
        ok(
            await store.settle(
                "q",
                entries.map(({ id, lease }) => ({ id, lease, outcome: "done", reason: "", retry_at: 0 })),
                now,
            ),
        );
        ok(await store.purge(now));
        const used = new Set(proxy.calls.map(({ operation }) => operation));
        assert.deepEqual(
            [...used].filter((name) => !actions("dynamodb").includes(name)),
            [],
        );
        assert.ok(used.size >= 5, [...used].join());
        assert.deepEqual([...new Set(proxy.calls.map(({ body }) => body.IndexName).filter(Boolean))], ["order"]);
    });

    test("reads secrets in one call each, and a key only through them", () => {
        assert.deepEqual(
            [actions("ssm"), actions("secretsmanager"), actions("kms")],
            [["GetParameters"], ["GetSecretValue"], ["Decrypt"]],
        );
        const key = statementsOf(resources).find(({ Sid }) => Sid === "SecretsKey");
        assert.deepEqual(key.Condition, {
            StringEquals: {
                "kms:ViaService": ["ssm.eu-central-1.amazonaws.com", "secretsmanager.eu-central-1.amazonaws.com"],
            },
        });
        assert.equal(
            statementsOf(evaluate(template, MINIMAL).resources).some(({ Sid }) => Sid === "SecretsKey"),
            false,
        );
    });
});

describe("who calls", () => {
    const { resources } = evaluate(template, MINIMAL);
    const permissions = Object.values(resources)
        .filter(({ Type }) => Type === "AWS::Lambda::Permission")
        .map(({ Properties }) => Properties);

    test("the schedule from its own rule, everybody through the URL alone", () => {
        for (const { Principal, SourceArn, FunctionUrlAuthType, InvokedViaFunctionUrl } of permissions) {
            if (Principal === "*") assert.ok(FunctionUrlAuthType === "NONE" || InvokedViaFunctionUrl === true);
            else assert.equal(SourceArn, "ScheduleRule.Arn");
        }
        assert.deepEqual(permissions.map(({ Action }) => Action).toSorted(), [
            "lambda:InvokeFunction",
            "lambda:InvokeFunction",
            "lambda:InvokeFunctionUrl",
        ]);
    });

    test("the queue gives back what failed, and has dead letters that outlive it", () => {
        assert.deepEqual(resources.QueueSource.Properties.FunctionResponseTypes, ["ReportBatchItemFailures"]);
        assert.equal(resources.Queue.Properties.RedrivePolicy.deadLetterTargetArn, "DeadLetters.Arn");
        assert.ok(
            resources.DeadLetters.Properties.MessageRetentionPeriod > resources.Queue.Properties.MessageRetentionPeriod,
        );
        for (const name of ["Queue", "DeadLetters"])
            assert.equal(resources[name].Properties.SqsManagedSseEnabled, true);
        // A message waits out its repeats before it is too old.
        assert.ok(
            5400 * template.Parameters.QueueMaxReceives.Default < resources.Queue.Properties.MessageRetentionPeriod,
        );
    });
});

describe("alarms", () => {
    const { resources } = evaluate(template, MINIMAL);
    const alarms = Object.entries(resources).filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm");
    const filters = Object.entries(resources).filter(([, { Type }]) => Type === "AWS::Logs::MetricFilter");

    test("stand on metrics that exist, and within CloudWatch's limits", () => {
        const ours = filters.flatMap(([, { Properties }]) =>
            Properties.MetricTransformations.map(
                ({ MetricNamespace, MetricName }) => `${MetricNamespace} ${MetricName}`,
            ),
        );
        const known = [
            ...ours,
            "AWS/Lambda Errors",
            "AWS/Lambda Throttles",
            "AWS/Lambda Duration",
            "AWS/SQS ApproximateNumberOfMessagesVisible",
        ];
        assert.equal(alarms.length, 6);
        for (const [name, { Properties }] of alarms) {
            assert.ok(known.includes(`${Properties.Namespace} ${Properties.MetricName}`), name);
            assert.equal(
                Properties.TreatMissingData,
                ours.includes(`${Properties.Namespace} ${Properties.MetricName}`) ? "breaching" : "notBreaching",
                name,
            );
            assert.ok(Properties.AlarmDescription.length > 20, name);
        }
        // Period x periods: a day, or a week from periods of an hour on.
        assert.ok(resources.NoRunAlarm.Properties.Period * template.Parameters.NoRunMinutes.MaxValue <= 86_400);
        assert.ok(
            resources.GapAlarm.Properties.Period === 3600 && 3600 * template.Parameters.GapHours.MaxValue <= 7 * 86_400,
        );
        assert.equal(resources.NoRunAlarm.Properties.Period, 60);
    });

    test("count the entries that the function really writes", { skip: NO_PROGRAM }, async (t) => {
        const bridge = await startBridge(t, {
            sandbox: { leads: 130 },
            config: { budget: { requests: 1000, seconds: 25 } },
        });
        const patterns = Object.fromEntries(filters.map(([name, { Properties }]) => [name, Properties.FilterPattern]));
        const counted = async (event) => {
            const from = bridge.log().length;
            await bridge.invoke(event);
            const lines = bridge.log().slice(from);
            return Object.fromEntries(
                Object.entries(patterns).map(([name, pattern]) => [
                    name,
                    lines.filter((line) => matches(pattern, line)).length,
                ]),
            );
        };
        const complete = await counted(SCHEDULE);
        assert.equal(complete.PullsEnded, 1);
        assert.deepEqual(complete, { PullsEnded: 1, PullsComplete: 1 });
        bridge.sandbox.faults.push({ kind: "isv", times: 5 });
        assert.deepEqual(await counted(SCHEDULE), { PullsEnded: 1, PullsComplete: 0 }, "a source failed");
        assert.deepEqual(await counted({ kind: "status" }), { PullsEnded: 0, PullsComplete: 0 });
    });
});

/** The part of CloudWatch's pattern language that the template uses: { $.name = "text" && $.name = number }. */
function matches(pattern, line) {
    const inner = /^\{ (.*) \}$/.exec(pattern);
    assert.ok(inner, pattern);
    return inner[1].split(" && ").every((term) => {
        const [, name, text, number] =
            /^\$\.(\w+) = (?:"([^"]*)"|(\d+))$/.exec(term) ?? assert.fail(`${term} is not understood here`);
        return line[name] === (text ?? Number(number));
    });
}
