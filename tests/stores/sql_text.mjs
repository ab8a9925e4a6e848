// A database as SQL text and back, over whatever answers queries: SQLite's own literals, a statement a line, a blank line behind each.
import { DatabaseSync } from "node:sqlite";

const END = ";\n\n";
const OWN = "name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' AND sql IS NOT NULL";

/** @param {(sql: string) => Promise<object[]>|object[]} query */
export async function dumpSql(query) {
    const made = await query(`SELECT type, name, sql FROM sqlite_master WHERE ${OWN} ORDER BY rowid`);
    const of = (...types) => made.filter(({ type }) => types.includes(type)).map(({ sql }) => sql);
    const statements = of("table");
    for (const { name } of made.filter(({ type }) => type === "table")) {
        const columns = (await query(`SELECT name FROM pragma_table_info('${name}')`)).map((column) => column.name);
        const literals = columns.map((column) => `quote(${column})`).join(" || ', ' || ");
        for (const { row } of await query(`SELECT ${literals} AS row FROM ${name} ORDER BY 1`))
            statements.push(`INSERT INTO ${name} (${columns.join(", ")}) VALUES (${row})`);
    }
    statements.push(...of("index", "trigger")); // after the rows: a trigger would count them again
    const bad = statements.find((statement) => statement.includes(END));
    if (bad) throw new Error(`a statement holds its own end: ${bad}`);
    return statements.map((statement) => statement + END).join("");
}

export const statementsOf = (text) => text.split(END).filter(Boolean);

/** Runs SQL on a SQLite file. @returns {object[]} rows of a SELECT */
export function onFile(path, sql) {
    const db = new DatabaseSync(path);
    try {
        if (sql.startsWith("SELECT")) return db.prepare(sql).all();
        db.exec(sql);
        return [];
    } finally {
        db.close();
    }
}
