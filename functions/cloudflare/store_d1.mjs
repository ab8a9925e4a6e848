// The store contract (docs/store.md) in Cloudflare D1: the schema and statements of infra/sql, which the SQLite store uses too.
// One operation is one `db.batch`, which D1 runs as one transaction. Every statement takes one JSON text: ids and documents are
// taken apart by SQLite, never here, and D1 binds numbers as REAL.
import { sections } from "../host/sql.mjs";
import { checkScan } from "../host/store_scan.mjs";

const PAGE_LIMIT = 1000; // a larger `limit` of scan or claim means this many
const PURGE_LIMIT = 1000; // rows of each kind a call
// D1 refuses a text or row above 2,000,000 bytes. Records are cut into texts of at most this many UTF-16 units
// (at most 3 bytes each) and still go into one batch; only a single record above the limit is an error.
const PIECE_UNITS = 600_000;
const TEXT_BYTES = 1_900_000;

const LISTS = ["leads", "rows", "outbox", "marks", "audit", "raw"];

// Databases this isolate has seen at the newest schema. No promise is kept: one request must not wait on another's I/O.
const current = new WeakSet();

/**
 * @param {D1Database} db
 * @param {{schema: string, statements: string}} sql texts of infra/sql/schema.sql and infra/sql/statements.sql
 * @returns {import('../host/drive.mjs').Store}
 */
export function openD1Store(db, sql) {
    return new D1Store(db, sql);
}

class D1Store {
    #db;
    #schema;
    #statements;

    constructor(db, { schema, statements }) {
        this.#db = db;
        this.#schema = [...sections(schema)].map(([name, text]) => ({
            version: Number(/^v(\d+)_/.exec(name)[1]),
            text,
        }));
        this.#statements = sections(statements);
    }

    load(keys, now) {
        return this.#run([["load", JSON.stringify({ keys, now })]], ([rows]) => ({
            records: rows.map(({ key, version, value }) => ({ key, version, value })),
        }));
    }

    commit(checkpoints, recordsText) {
        return this.#guarded(async () => {
            const pieces = splitRecords(recordsText || "{}", PIECE_UNITS);
            const work = [];
            if (checkpoints.length > 0) work.push(["commit_checkpoints", JSON.stringify({ checkpoints })]);
            // D1 counts each statement of a batch, so lists that are absent get none. Inside a JSON string the name could only stand
            // with escaped quotes, so this finds every list (and at worst one that is not there).
            for (const piece of pieces) if (piece.includes('"once"')) work.push(["commit_once", piece]);
            for (const list of LISTS) {
                for (const piece of pieces) if (piece.includes(`"${list}"`)) work.push([`commit_${list}`, piece]);
            }
            if (work.every(([name]) => !LISTS.includes(name.replace("commit_", "")))) JSON.parse(pieces[0]); // no statement would notice nonsense
            for (const piece of pieces) if (/"(leads|rows)"/.test(piece)) work.push(["commit_counts", piece]);
            const sums = { inserted: 0, updated: 0, unchanged: 0 };
            for (const rows of await this.#batch(work)) {
                for (const row of rows) for (const name of Object.keys(sums)) sums[name] += row[name];
            }
            return sums;
        });
    }

    scan(kind, query, limit, page) {
        return this.#guarded(async () => {
            const wanted = JSON.parse(query || "{}");
            checkScan(kind, wanted, limit);
            if (kind === "leads" && page && !/^-?\d{1,18}:/.test(page))
                throw new Error("scan: page is not a token of an earlier page");
            const index =
                kind !== "leads" ? "" : wanted.person_key != null ? "_person" : wanted.source != null ? "_source" : "";
            const most = Math.min(limit, PAGE_LIMIT);
            const [rows] = await this.#batch([
                [`scan_${kind}${index}`, JSON.stringify({ query: wanted, page: page ?? "", limit: most })],
            ]);
            const shown = rows.slice(0, most);
            return {
                items: shown.map(({ item }) => item),
                next: rows.length > shown.length ? shown.at(-1).token : "",
            };
        });
    }

    claim(queue, limit, leaseMs, lease, now) {
        const most = Math.max(0, Math.min(limit, PAGE_LIMIT));
        const asked = JSON.stringify({ queue, limit: most, lease_ms: leaseMs, lease, now });
        return this.#run(
            [
                ["claim_pick", asked],
                ["claim_mark", asked],
            ],
            ([entries]) => ({ entries }),
        );
    }

    settle(queue, entries, now) {
        return this.#guarded(async () => {
            for (const { outcome } of entries) {
                if (!["done", "retry", "dead"].includes(outcome))
                    throw new Error("settle: outcome must be done, retry or dead");
            }
            const asked = JSON.stringify({ queue, entries, now });
            const outcomes = [...new Set(entries.map(({ outcome }) => outcome))];
            await this.#batch(outcomes.map((outcome) => [`settle_${outcome}`, asked]));
            return {};
        });
    }

    /** Outside the contract: removes what has expired. */
    purge(now) {
        const asked = JSON.stringify({ now, limit: PURGE_LIMIT });
        const lists = ["outbox", "leads", "rows", "marks", "raw"];
        return this.#run(
            lists.map((list) => [`purge_${list}`, asked]),
            (results) => Object.fromEntries(lists.map((list, i) => [list, results[i].length])),
        );
    }

    #run(work, toResult) {
        return this.#guarded(async () => toResult(await this.#batch(work)));
    }

    async #guarded(work) {
        try {
            return { outcome: "ok", ...(await work()) };
        } catch (error) {
            const message = String(error?.message ?? error);
            // Named in infra/sql/schema.sql; nothing else is refused by this constraint.
            if (message.includes("CHECK constraint failed: checkpoint_conflict")) {
                return { outcome: "conflict", reason: "another run moved a checkpoint or set a mark first" };
            }
            return { outcome: "error", reason: explain(message) };
        }
    }

    /** @param {[string, string][]} work statement name and its parameter; @returns rows of each */
    async #batch(work) {
        await this.#migrate();
        if (work.length === 0) return [];
        for (const [name, text] of work) {
            if (text.length * 3 > TEXT_BYTES && new TextEncoder().encode(text).length > TEXT_BYTES) {
                throw new Error(`${name}: one record is larger than D1 takes (2 MB)`);
            }
        }
        const results = await this.#db.batch(work.map(([name, text]) => this.#db.prepare(this.#sql(name)).bind(text)));
        return results.map(({ results: rows }) => rows);
    }

    #sql(name) {
        const text = this.#statements.get(name);
        if (!text) throw new Error(`no statement named ${name}`);
        return text;
    }

    async #migrate() {
        if (current.has(this.#db)) return;
        const newest = Math.max(...this.#schema.map(({ version }) => version));
        const stored = await this.#version();
        if (stored > newest) {
            throw new Error(
                `the database has schema version ${stored}, this Worker knows ${newest}: deploy the newer Worker that wrote it`,
            );
        }
        if (stored < newest) {
            const pieces = this.#schema
                .filter(({ version }) => version > stored)
                .map(({ text }) => this.#db.prepare(text));
            const move = this.#db.prepare(this.#sql("schema_move")).bind(JSON.stringify({ from: stored, to: newest }));
            try {
                await this.#db.batch([...pieces, move]);
            } catch (error) {
                if ((await this.#version()) !== newest) throw error; // else another first request was faster, and this batch was undone
            }
        }
        current.add(this.#db);
    }

    async #version() {
        try {
            return (await this.#db.prepare(this.#sql("schema_version")).first("value")) ?? 0;
        } catch (error) {
            if (String(error?.message).includes("no such table: meta")) return 0;
            throw error;
        }
    }
}

function explain(message) {
    const known = [
        [/exceeded maximum DB size|SQLITE_FULL/i, "the D1 database is full: delete old leads or move to a larger plan"],
        [/overloaded|queued for too long/i, "D1 is overloaded: the next run tries again"],
        [
            /network connection lost|storage operation exceeded|reset because/i,
            "D1 was not reachable: the next run tries again",
        ],
        [/SQLITE_TOOBIG/, "one record is larger than D1 takes (2 MB)"],
        [/SQLITE_READONLY/, "the D1 database cannot be written"],
    ];
    const found = known.find(([pattern]) => pattern.test(message));
    return found ? `${found[1]} (${message})` : message;
}

/**
 * Cuts a records object into several with the same scalars, each at most `units` long unless one record alone is longer.
 * Works on the text: nothing is parsed but member names, so every byte of a record stays as it was.
 * @param {string} text @param {number} units @returns {string[]}
 */
export function splitRecords(text, units) {
    if (text.length <= units) return [text];
    const scalars = [];
    const records = []; // [list, text]
    for (const [name, value] of members(text)) {
        if (LISTS.includes(name)) for (const [, record] of members(value)) records.push([name, record]);
        else scalars.push(`${JSON.stringify(name)}:${value}`);
    }
    const pieces = [];
    let lists = {};
    let size = 0;
    const close = () => {
        if (size > 0)
            pieces.push(
                `{${[...scalars, ...Object.entries(lists).map(([name, all]) => `"${name}":[${all.join(",")}]`)].join(",")}}`,
            );
        [lists, size] = [{}, 0];
    };
    for (const [name, record] of records) {
        if (size + record.length > units) close();
        (lists[name] ??= []).push(record);
        size += record.length;
    }
    close();
    return pieces.length > 0 ? pieces : [text];
}

/** [name, text] of each member of the object, or of each element of the array, that `text` holds. */
function* members(text) {
    const skip = /[\s,]*/y;
    const blank = (at) => {
        skip.lastIndex = at;
        skip.exec(text);
        return skip.lastIndex;
    };
    let at = blank(0);
    const isObject = text[at] === "{";
    if (!isObject && text[at] !== "[") throw new Error("records: not a JSON object of lists");
    for (at = blank(at + 1); at < text.length && text[at] !== "}" && text[at] !== "]"; at = blank(at)) {
        let name = "";
        if (isObject) {
            const end = valueEnd(text, at);
            name = JSON.parse(text.slice(at, end));
            at = text.indexOf(":", end) + 1;
            at = blank(at);
        }
        const end = valueEnd(text, at);
        if (end <= at) throw new Error("records: malformed JSON");
        yield [name, text.slice(at, end)];
        at = end;
    }
}

/** Index after the JSON value that starts at `at`. */
function valueEnd(text, at) {
    const step = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{]|[\]}]|[^\s,"[\]{}:]+/gy;
    const space = /[\s,:]*/y;
    let depth = 0;
    for (step.lastIndex = at; step.lastIndex < text.length; ) {
        const token = step.exec(text)?.[0];
        if (token === undefined) break;
        if (token === "{" || token === "[") depth += 1;
        if (token === "}" || token === "]") depth -= 1;
        if (depth <= 0) return step.lastIndex;
        space.lastIndex = step.lastIndex;
        space.exec(text);
        step.lastIndex = space.lastIndex;
    }
    throw new Error("records: malformed JSON");
}
