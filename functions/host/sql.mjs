// infra/sql/*.sql hold many statements each, separated by `-- name: xyz` lines.

/**
 * @param {string} text a whole .sql file
 * @returns {Map<string, string>} name -> statement, in file order; what precedes the first name is a comment
 */
export function sections(text) {
    const found = new Map();
    const parts = text.split(/^-- name: *(\S+)[ \t]*\r?$/m);
    for (let i = 1; i < parts.length; i += 2) {
        if (found.has(parts[i])) throw new Error(`sql: two statements are named ${parts[i]}`);
        found.set(parts[i], parts[i + 1].trim());
    }
    return found;
}
