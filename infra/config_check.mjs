// A configuration as infra/config.schema.json wants it, before it goes into a package or a deployment.
import { readFileSync } from "node:fs";
import Ajv from "ajv";

/** For people: no stack. */
export class Problem extends Error {}

/** @param {string} text @returns {object} the configuration @throws {Problem} that names each path that is wrong */
export function checkConfig(text) {
    let config;
    try {
        config = JSON.parse(text);
    } catch (error) {
        throw new Problem(`the configuration is not JSON: ${error.message}`);
    }
    const schema = JSON.parse(readFileSync(new URL("config.schema.json", import.meta.url), "utf8"));
    const valid = new Ajv({ allErrors: true, strict: false }).compile(schema);
    if (!valid(config))
        throw new Problem(
            `the configuration is not as infra/config.schema.json wants it:\n${valid.errors.map(({ instancePath, message }) => `  ${instancePath || "/"} ${message}`).join("\n")}`,
        );
    return config;
}

/** Names of the secrets that a configuration points at, and where each stands. @returns {{name: string, kind: string, at: string}[]} */
export function secretsOf(config, at = "") {
    if (config === null || typeof config !== "object") return [];
    const kind = ["env", "file", "ssm", "secretsmanager"].find((each) => typeof config[each] === "string");
    if (kind) return [{ name: config[kind], kind, at }];
    return Object.entries(config).flatMap(([key, value]) => secretsOf(value, at ? `${at}.${key}` : key));
}
