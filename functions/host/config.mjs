// Secrets into the configuration text (docs/abi.md, "Configuration and secrets"). The text is edited, never parsed and written
// again: a 64-bit id in it must not pass through a JavaScript number.

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const MEMBER = String.raw`"(?:env|file|ssm|secretsmanager|key|stage)"\s*:\s*${STRING}`;
// In valid JSON a bare `{"env"` cannot stand inside a string (its quotes would be escaped), so this is exact. In text that is
// not JSON it does no harm: the core says what is wrong with it.
const REFERENCE = new RegExp(String.raw`\{\s*(${MEMBER}(?:\s*,\s*${MEMBER})*)\s*\}`, "g");

/**
 * @param {string} text configuration JSON
 * @param {(kind: 'env'|'file'|'ssm'|'secretsmanager', name: string) => {value: string} | {missing: string} | {failed: string, fix: string}} look
 *   `missing`: it is not there; `failed`: this host cannot look, with the way out
 */
export function resolveSecrets(text, look) {
    return text.replace(REFERENCE, (whole, members) => {
        let reference;
        try {
            reference = JSON.parse(whole);
        } catch {
            return whole;
        }
        const { key, stage, ...kinds } = reference;
        const [kind, ...others] = Object.keys(kinds);
        if (!kind || others.length > 0 || (kind !== "secretsmanager" && (key ?? stage) !== undefined)) return whole;
        const found = look(kind, kinds[kind]);
        const more = ["value", "missing", "failed", "fix"]
            .filter((field) => field in found)
            .map((field) => `,"${field}":${JSON.stringify(found[field])}`);
        return `{${members}${more.join("")}}`;
    });
}
