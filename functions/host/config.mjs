// Secrets into the configuration text (docs/abi.md, "Configuration and secrets"). The text is edited, never parsed and written
// again: a 64-bit id in it must not pass through a JavaScript number.

// In valid JSON a bare `{"env"` cannot stand inside a string (its quotes would be escaped), so this is exact. In text that is
// not JSON it does no harm: the core says what is wrong with it.
const REFERENCE = /\{\s*"(env|file)"\s*:\s*("(?:[^"\\]|\\.)*")\s*\}/g;

/**
 * @param {string} text configuration JSON
 * @param {(kind: 'env'|'file', name: string) => {value: string}|{missing: string}} look
 */
export function resolveSecrets(text, look) {
  return text.replace(REFERENCE, (whole, kind, quoted) => {
    let name;
    try {
      name = JSON.parse(quoted);
    } catch {
      return whole;
    }
    const found = look(kind, name);
    const [field, value] = 'value' in found ? ['value', found.value] : ['missing', found.missing];
    return `{"${kind}":${quoted},"${field}":${JSON.stringify(value)}}`;
  });
}
