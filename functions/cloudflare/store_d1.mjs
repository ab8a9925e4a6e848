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

// Lists of a commit in the order of its batch: a mark may refuse it all, an outbox entry asks what became of its lead.
const LISTS = ["marks", "leads", "rows", "outbox", "audit", "raw"];
const COUNTED = ["leads", "rows"];

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

    commit(checkpoints, lines) {
        return this.#guarded(async () => {
            const work = [];
            if (checkpoints.length > 0) work.push(["commit_checkpoints", JSON.stringify({ checkpoints })]);
            // D1 works for each statement of a batch: a list that holds nothing gets none, and a single record, as a push
            // brings it, is counted by what writing it returned.
            const sums = { inserted: 0, updated: 0, unchanged: 0 };
            const take = ([counts]) => Object.keys(sums).forEach((name) => (sums[name] += counts[name]));
            const later = [];
            const takers = work.map(() => () => {});
            for (const { list, text, records } of cut(lines, PIECE_UNITS)) {
                const count = [`count_${list}`, text];
                const one = ([written]) => {
                    if (written) sums[written.inserted ? "inserted" : "updated"] += 1;
                    else later.push(count);
                };
                work.push([`commit_${list}`, text]);
                if (!COUNTED.includes(list)) takers.push(() => {});
                else if (records === 1) takers.push(one);
                else {
                    work.push(count);
                    takers.push(() => {}, take);
                }
            }
            for (const [i, rows] of (await this.#batch(work)).entries()) takers[i](rows);
            // Not written: unchanged, unless this very commit was here before.
            for (const rows of await this.#batch(later)) take(rows);
            return sums;
        });
    }

    scan(kind, query, limit, page) {
        return this.#guarded(async () => {
            checkScan(kind, query, limit);
            if (kind === "leads" && page && !/^-?\d{1,18}:/.test(page))
                throw new Error("scan: page is not a token of an earlier page");
            const index =
                kind !== "leads" ? "" : query.person_key != null ? "_person" : query.source != null ? "_source" : "";
            const most = Math.min(limit, PAGE_LIMIT);
            const [rows] = await this.#batch([
                [`scan_${kind}${index}`, JSON.stringify({ query, page: page ?? "", limit: most })],
            ]);
            const shown = rows.slice(0, most);
            return {
                items: shown.map(({ token: _, ...item }) => item),
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
            // How commit_checkpoints and commit_marks refuse (infra/sql/statements.sql); nothing else breaks these two.
            if (
                /CHECK constraint failed: checkpoint_conflict|NOT NULL constraint failed: marks\.expires_at/.test(
                    message,
                )
            ) {
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
 * The parameters of the statements: records of one list with commit and now around them, each at most `units` long unless one record
 * alone is longer. The lines (docs/store.md) are cut and joined, never read: every byte of a record stays as it was.
 * @param {string} lines @param {number} units @returns {{list: string, text: string, records: number}[]}
 */
export function cut(lines, units) {
    const [head, ...rest] = (lines || "{}").split("\n");
    JSON.parse(head); // no statement would notice nonsense here
    const start = `${head.slice(0, -1)}${head === "{}" ? "" : ","}"records":[`;
    const pieces = Object.fromEntries(LISTS.map((list) => [list, []]));
    for (const line of rest) {
        const list = line.slice(2, line.indexOf('"', 2));
        const record = line.slice(list.length + 4, -1);
        if (!Object.hasOwn(pieces, list) || !record.startsWith("{") || !record.endsWith("}"))
            throw new Error("commit: a line that is no record");
        const last = pieces[list].at(-1);
        if (last === undefined || last.size + record.length > units) {
            pieces[list].push({ records: [record], size: record.length });
        } else {
            last.records.push(record);
            last.size += record.length;
        }
    }
    return LISTS.flatMap((list) =>
        pieces[list].map(({ records }) => ({ list, text: `${start}${records.join(",")}]}`, records: records.length })),
    );
}
