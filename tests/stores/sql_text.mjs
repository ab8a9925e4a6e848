// A database as SQL text and back, over whatever answers queries: SQLite's own literals, a statement a line, a blank line behind each.
import { spawnSync } from "node:child_process";

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

const PYTHON = `
import json, sqlite3, sys
path, script = sys.argv[1], sys.stdin.read()
db = sqlite3.connect(path, isolation_level=None)
if script.startswith("SELECT"):
    cursor = db.execute(script)
    names = [column[0] for column in cursor.description]
    print(json.dumps([dict(zip(names, row)) for row in cursor]))
else:
    db.executescript(script)
`;

/** Runs SQL on a SQLite file with Python, which every machine that builds the module has. @returns {object[]} rows of a SELECT */
export function onFile(path, sql) {
    const { status, stdout, stderr, error } = spawnSync("python3", ["-c", PYTHON, path], {
        input: sql,
        encoding: "utf8",
        maxBuffer: 1 << 26,
    });
    if (error) throw error;
    if (status !== 0) throw new Error(stderr);
    return stdout ? JSON.parse(stdout) : [];
}
