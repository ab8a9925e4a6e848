// Reads infra/aws/template.yaml as CloudFormation would with given parameters, for local runs and tests: the emulators get the
// table and the queues that AWS would get.
import { readFileSync } from "node:fs";
import { parse } from "yaml";

export const TEMPLATE = new URL("template.yaml", import.meta.url);

const tag = (name, resolve) =>
    ["scalar", "seq"].map((kind) => ({
        tag: `!${name}`,
        ...(kind === "scalar"
            ? { resolve: (text) => resolve(text) }
            : { collection: "seq", resolve: (seq) => resolve(seq.toJSON()) }),
    }));
const getAtt = (value) => ({
    "Fn::GetAtt": Array.isArray(value)
        ? value
        : [value.slice(0, value.indexOf(".")), value.slice(value.indexOf(".") + 1)],
});
const TAGS = [
    ...tag("Ref", (name) => ({ Ref: name })),
    ...tag("GetAtt", getAtt),
    ...["Sub", "If", "Not", "Equals", "FindInMap"].flatMap((name) =>
        tag(name, (value) => ({ [`Fn::${name}`]: value })),
    ),
];

/** The template as JSON would hold it: {Ref}, {"Fn::Sub"}, ... in the long form. */
export const parseTemplate = (text = readFileSync(TEMPLATE, "utf8")) => parse(text, { customTags: TAGS });

const PSEUDO = {
    "AWS::AccountId": "000000000000",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "leadbridge",
    "AWS::URLSuffix": "amazonaws.com",
};
const NOTHING = Symbol("AWS::NoValue");

/**
 * Properties with every function resolved. What only AWS knows stays readable: a resource's Ref is its logical name, an attribute `Name.Attribute`.
 * @param {object} template @param {Record<string, string|number>} given parameters, those without a default at least
 */
export function evaluate(template, given = {}) {
    const parameters = Object.fromEntries(
        Object.entries(template.Parameters).map(([name, { Default }]) => [name, given[name] ?? Default]),
    );
    const unset = Object.keys(parameters).filter((name) => parameters[name] === undefined);
    if (unset.length > 0) throw new Error(`the parameters ${unset.join(", ")} have no value`);
    const ref = (name) => {
        if (name === "AWS::NoValue") return NOTHING;
        const value = parameters[name] ?? PSEUDO[name] ?? (name in template.Resources ? name : undefined);
        if (value === undefined) throw new Error(`${name} is neither a parameter nor a resource`);
        return value;
    };
    const attribute = ([name, what]) => {
        if (!(name in template.Resources)) throw new Error(`${name} is no resource`);
        return `${name}.${what}`;
    };
    const functions = {
        Ref: ref,
        "Fn::GetAtt": attribute,
        "Fn::Sub": (text) =>
            text.replace(/\$\{([^}.]+)(?:\.([^}]+))?\}/g, (_, name, what) =>
                what ? attribute([name, what]) : ref(name),
            ),
        "Fn::Equals": ([left, right]) => String(walk(left)) === String(walk(right)),
        "Fn::Not": ([condition]) => !walk(condition),
        "Fn::FindInMap": ([map, first, second]) => template.Mappings[map][walk(first)][walk(second)],
        "Fn::If": ([name, yes, no]) => walk(holds(name) ? yes : no),
    };
    const holds = (name) => {
        if (!(name in template.Conditions)) throw new Error(`${name} is no condition`);
        return walk(template.Conditions[name]);
    };
    function walk(value) {
        if (Array.isArray(value)) return value.map(walk).filter((each) => each !== NOTHING);
        if (value === null || typeof value !== "object") return value;
        const [name] = Object.keys(value);
        if (name in functions && Object.keys(value).length === 1) return functions[name](value[name]);
        return Object.fromEntries(
            Object.entries(value)
                .map(([key, each]) => [key, walk(each)])
                .filter(([, each]) => each !== NOTHING),
        );
    }
    const kept = (section) =>
        Object.entries(section).filter(([, { Condition }]) => Condition === undefined || holds(Condition));
    return {
        parameters,
        resources: Object.fromEntries(
            kept(template.Resources).map(([name, { Type, Properties }]) => [
                name,
                { Type, Properties: walk(Properties) },
            ]),
        ),
        outputs: Object.fromEntries(kept(template.Outputs).map(([name, { Value }]) => [name, walk(Value)])),
    };
}

/** The table as CreateTable of DynamoDB takes it. */
export function createTableRequest({ Properties }) {
    const { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = Properties;
    return { TableName, BillingMode, AttributeDefinitions, KeySchema, GlobalSecondaryIndexes };
}
