// docs/openapi.json as a judge: what a host answered must be documented, and what is documented must have been answered.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

export const DOCUMENT = JSON.parse(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"];

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
ajv.addVocabulary(["openapi", "info", "servers", "security", "paths", "components"]);
ajv.addSchema(DOCUMENT, "openapi");

const at = (pointer) =>
    pointer
        .split("/")
        .slice(1)
        .reduce((node, key) => node[key.replaceAll("~1", "/").replaceAll("~0", "~")], DOCUMENT);
/** The node itself or what it refers to, and where that is. */
function resolved(pointer) {
    const node = at(pointer);
    return node.$ref ? resolved(node.$ref.slice(1)) : { node, pointer };
}
const escaped = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");
const validators = new Map();
function validator(pointer) {
    if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `openapi#${pointer}` }));
    return validators.get(pointer);
}

const templateOf = (path) =>
    Object.keys(DOCUMENT.paths).find((template) =>
        new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]*")}$`).test(path),
    );

/** Every response a host must give at least once, as "get /v1/leads 200 application/json". */
export function promised(host) {
    const all = [];
    for (const [path, item] of Object.entries(DOCUMENT.paths)) {
        for (const method of METHODS.filter((name) => name in item)) {
            for (const status of Object.keys(item[method].responses)) {
                const { node } = resolved(`/paths/${escaped(path)}/${method}/responses/${status}`);
                if (node["x-hosts"] && !node["x-hosts"].includes(host)) continue;
                for (const type of Object.keys(node.content ?? { none: {} }))
                    all.push(`${method} ${path} ${status} ${type}`);
            }
        }
    }
    return all;
}

/** Every parameter in a query, as "get /v1/leads since". */
export const parameters = () =>
    Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
        METHODS.filter((name) => name in item).flatMap((method) =>
            (item[method].parameters ?? [])
                .filter((each) => each.in === "query")
                .map(({ name }) => `${method} ${path} ${name}`),
        ),
    );

/** Judges the answers of one host. */
export function createJudge(host) {
    const seen = new Set();
    const used = new Set();
    /** Sentences about what is not as documented. `as`: the operation that stands for another method, which has no place in a document. */
    const judge = (path, { method = "GET", as = method }, { status, headers, text }) => {
        const [name, query = ""] = path.split("?");
        const template = templateOf(name);
        const operation = as.toLowerCase();
        const told = `${method} ${path} -> ${status}`;
        if (!template || !at(`/paths/${escaped(template)}`)[operation])
            return [`${told}: no such operation in the document`];
        for (const parameter of new URLSearchParams(query).keys()) used.add(`${operation} ${template} ${parameter}`);
        const responses = `/paths/${escaped(template)}/${operation}/responses`;
        if (!(status in at(responses))) return [`${told}: this status is not documented: ${text.slice(0, 300)}`];
        const { node, pointer } = resolved(`${responses}/${status}`);
        if (node["x-hosts"] && !node["x-hosts"].includes(host)) return [`${told}: documented for another host`];
        const type = (headers["content-type"] ?? "none").split(";")[0];
        seen.add(`${operation} ${template} ${status} ${type}`);
        const wrong = [];
        if (type === "none" ? node.content || text : !node.content?.[type])
            wrong.push(`${told}: the content type ${type} is not documented`);
        else if (type === "application/json") {
            if (headers["content-type"] !== "application/json; charset=utf-8")
                wrong.push(`${told}: ${headers["content-type"]}`);
            const valid = validator(`${pointer}/content/${escaped(type)}/schema`);
            let body;
            try {
                body = JSON.parse(text);
            } catch {
                return [...wrong, `${told}: no JSON: ${text.slice(0, 300)}`];
            }
            if (!valid(body))
                wrong.push(
                    ...valid.errors
                        .slice(0, 5)
                        .map(
                            (error) =>
                                `${told}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`,
                        ),
                );
        }
        for (const header of Object.keys(node.headers ?? {})) {
            const { node: described, pointer: where } = resolved(`${pointer}/headers/${header}`);
            const value = headers[header.toLowerCase()];
            if (
                value === undefined ? described.required && type !== "text/plain" : !validator(`${where}/schema`)(value)
            )
                wrong.push(`${told}: header ${header}: ${value}`);
        }
        if (headers["cache-control"] !== "no-store" || headers["x-content-type-options"] !== "nosniff")
            wrong.push(`${told}: ${JSON.stringify(headers)}`);
        return wrong;
    };
    return { judge, seen, used };
}
