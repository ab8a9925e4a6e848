// The store contract (docs/store.md) in memory, what the other stores are compared with. Everything is gone with the object.
import { checkScan } from "../../functions/host/store_scan.mjs";

const PAGE_LIMIT = 1000; // a larger `limit` of scan or claim means this many

const CONFLICT = { outcome: "conflict", reason: "another run moved a checkpoint or set a mark first" };

const utf8 = new TextEncoder();

/** Order of the UTF-8 bytes, as SQLite compares text; JavaScript's `<` compares UTF-16 units. */
function byBytes(a, b) {
    const [x, y] = [utf8.encode(a), utf8.encode(b)];
    for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
    return x.length - y.length;
}

const text = (record, name) => {
    if (typeof record[name] !== "string") throw new Error(`${name} must be text`);
    return record[name];
};
const integer = (record, name) => {
    if (!Number.isSafeInteger(record[name])) throw new Error(`${name} must be an integer`);
    return record[name];
};
const orNull = (read, record, name) => (record[name] == null ? null : read(record, name));
const orEmpty = (record, name) => orNull(text, record, name) ?? "";

// Read completely before anything changes: a bad record leaves the store as it was.
function readRecords(lines) {
    const [head, ...rest] = lines.split("\n");
    const all = JSON.parse(head || "{}");
    for (const line of rest)
        for (const [list, record] of Object.entries(JSON.parse(line))) (all[list] ??= []).push(record);
    const list = (name, read) => (all[name] ?? []).map(read);
    return {
        now: all.now,
        commit: all.commit,
        leads: list("leads", (l) => {
            for (const name of ["platform", "account", "lead_id"]) text(l, name);
            return {
                id: text(l, "id"),
                source: text(l, "source"),
                version: integer(l, "version"),
                revision: integer(l, "revision"),
                sortAt: integer(l, "sort_at"),
                personKey: orNull(text, l, "person_key"),
                expiresAt: orNull(integer, l, "expires_at"),
                doc: text(l, "doc"),
                receivedAt: integer(all, "now"),
                updatedAt: all.now,
                firstCommit: text(all, "commit"),
                lastCommit: all.commit,
            };
        }),
        rows: list("rows", (r) => ({
            set: text(r, "set"),
            id: text(r, "id"),
            at: integer(r, "at"),
            doc: text(r, "doc"),
            expiresAt: orNull(integer, r, "expires_at"),
            updatedAt: integer(all, "now"),
            firstCommit: text(all, "commit"),
            lastCommit: all.commit,
        })),
        outbox: list("outbox", (o) => ({
            id: text(o, "id"),
            queue: text(o, "queue"),
            dueAt: integer(o, "due_at"),
            payload: text(o, "payload"),
            lead: orNull(text, o, "lead"),
            attempts: 0,
            lease: null,
            leaseUntil: 0,
            reason: "",
            deadAt: null,
        })),
        marks: list("marks", (m) => [text(m, "key"), integer(m, "expires_at"), m.once === true]),
        audit: list("audit", (a) => ({
            at: integer(a, "at"),
            action: text(a, "action"),
            subject: orEmpty(a, "subject"),
            detail: orEmpty(a, "detail"),
        })),
        raw: list("raw", (r) => ({
            id: text(r, "id"),
            source: text(r, "source"),
            receivedAt: integer(r, "received_at"),
            expiresAt: orNull(integer, r, "expires_at"),
            contentType: orEmpty(r, "content_type"),
            bodyBase64: text(r, "body_base64"),
        })),
    };
}

const newer = (a, b) => a.version > b.version || (a.version === b.version && a.revision > b.revision);
const replaces = (a, b) => a.at > b.at || (a.at === b.at && a.doc !== b.doc);
const rowKey = ({ set, id }) => JSON.stringify([set, id]);

class MemoryStore {
    #checkpoints = new Map();
    #leads = new Map();
    #rows = new Map(); // by rowKey
    #outbox = new Map();
    #marks = new Map();
    #audit = [];
    #raw = new Map();

    async load(keys, now) {
        return guarded(() => {
            const records = [];
            for (const key of keys) {
                if (key.startsWith("mark/")) {
                    const expiresAt = this.#marks.get(key.slice(5));
                    if (expiresAt > now) records.push({ key, version: 1, value: String(expiresAt) });
                } else if (this.#checkpoints.has(key)) {
                    records.push({ key, ...this.#checkpoints.get(key) });
                }
            }
            return { records };
        });
    }

    async commit(checkpoints, lines) {
        return guarded(() => {
            for (const { key, expected } of checkpoints) {
                if ((this.#checkpoints.get(key)?.version ?? 0) !== expected) {
                    return CONFLICT;
                }
            }
            const moves = checkpoints.map((move) => [
                text(move, "key"),
                { version: move.expected + 1, value: text(move, "value") },
            ]);
            const records = readRecords(lines);
            if (records.marks.some(([key, , once]) => once && this.#marks.get(key) > records.now)) return CONFLICT;
            for (const [key, stored] of moves) this.#checkpoints.set(key, stored);
            return this.#apply(records);
        });
    }

    #apply({ now, commit, leads, rows, outbox, marks, audit, raw }) {
        const touched = new Set();
        for (const lead of leads) {
            const stored = this.#leads.get(lead.id);
            if (!stored) this.#leads.set(lead.id, lead);
            else if (newer(lead, stored))
                Object.assign(stored, lead, {
                    receivedAt: stored.receivedAt,
                    firstCommit: stored.firstCommit,
                });
            touched.add(stored ?? lead);
        }
        for (const row of rows) {
            const stored = this.#rows.get(rowKey(row));
            if (!stored) this.#rows.set(rowKey(row), row);
            else if (replaces(row, stored)) Object.assign(stored, row, { firstCommit: stored.firstCommit });
            touched.add(stored ?? row);
        }
        const counts = { inserted: 0, updated: 0, unchanged: 0 };
        for (const { firstCommit, lastCommit } of touched) {
            counts[lastCommit !== commit ? "unchanged" : firstCommit === commit ? "inserted" : "updated"] += 1;
        }
        for (const entry of outbox) {
            if (this.#outbox.has(entry.id)) continue;
            if (
                entry.lead === null ||
                (this.#leads.has(entry.lead) && this.#leads.get(entry.lead).lastCommit === commit)
            ) {
                this.#outbox.set(entry.id, entry);
            }
        }
        for (const [key, expiresAt] of marks) {
            if (!(this.#marks.get(key) > now)) this.#marks.set(key, expiresAt);
        }
        this.#audit.push(...audit);
        for (const payload of raw) if (!this.#raw.has(payload.id)) this.#raw.set(payload.id, payload);
        return counts;
    }

    async scan(kind, query, limit, page) {
        return guarded(() => {
            checkScan(kind, query, limit);
            const scans = {
                leads: () => this.#scanLeads(query, page),
                counts: () => this.#scanCounts(page),
                dead: () => this.#scanDead(query, page),
                rows: () => this.#scanRows(query, page),
                row_counts: () => this.#scanRowCounts(page),
                queues: () => this.#scanQueues(page),
            };
            const rows = scans[kind]();
            const shown = rows.slice(0, Math.min(limit, PAGE_LIMIT));
            return {
                items: shown.map(({ item }) => item),
                next: rows.length > shown.length ? shown.at(-1).token : "",
            };
        });
    }

    #scanLeads({ source, person_key: personKey, since, until, revision }, page) {
        let below = [until ?? Infinity, ""];
        if (page) {
            const colon = page.search(/(?<=^-?\d{1,18}):/);
            if (colon < 0) throw new Error("scan: page is not a token of an earlier page");
            below = [Number(page.slice(0, colon)), page.slice(colon + 1)];
        }
        return [...this.#leads.values()]
            .filter(
                (l) =>
                    (source == null || l.source === source) &&
                    (personKey == null || l.personKey === personKey) &&
                    (revision == null || l.revision === revision) &&
                    l.sortAt >= (since ?? -Infinity) &&
                    (l.sortAt < below[0] || (l.sortAt === below[0] && byBytes(l.id, below[1]) < 0)),
            )
            .sort((a, b) => b.sortAt - a.sortAt || byBytes(b.id, a.id))
            .map((l) => ({
                token: `${l.sortAt}:${l.id}`,
                item: {
                    id: l.id,
                    source: l.source,
                    version: l.version,
                    revision: l.revision,
                    received_at: l.receivedAt,
                    updated_at: l.updatedAt,
                    doc: l.doc,
                },
            }));
    }

    #scanCounts(page) {
        const counts = new Map();
        for (const { source, revision, sortAt } of this.#leads.values()) {
            const count = counts.get(source) ?? { source, leads: 0, unread: 0, newest: -Infinity };
            count.leads += 1;
            count.unread += revision === 0 ? 1 : 0;
            count.newest = Math.max(count.newest, sortAt);
            counts.set(source, count);
        }
        return inOrder(
            counts.values(),
            (count) => count.source,
            page,
            (count) => count,
        );
    }

    #scanRows({ set, since, offset }, page) {
        const rows = [...this.#rows.values()].filter((r) => r.set === set && r.at >= (since ?? -Infinity));
        return inOrder(
            rows,
            (row) => row.id,
            page,
            ({ id, at, doc, updatedAt }) => ({ id, at, doc, updated_at: updatedAt }),
        ).slice(page ? 0 : (offset ?? 0));
    }

    #scanRowCounts(page) {
        const counts = new Map();
        for (const { set, at } of this.#rows.values()) {
            const count = counts.get(set) ?? { set, rows: 0, newest: -Infinity };
            counts.set(set, { set, rows: count.rows + 1, newest: Math.max(count.newest, at) });
        }
        return inOrder(
            counts.values(),
            (count) => count.set,
            page,
            (count) => count,
        );
    }

    #scanQueues(page) {
        const queues = new Map();
        for (const { queue, deadAt, dueAt } of this.#outbox.values()) {
            const count = queues.get(queue) ?? { queue, waiting: 0, dead: 0, next_at: null };
            if (deadAt !== null) count.dead += 1;
            else
                Object.assign(count, {
                    waiting: count.waiting + 1,
                    next_at: Math.min(count.next_at ?? dueAt, dueAt),
                });
            queues.set(queue, count);
        }
        return inOrder(
            queues.values(),
            (count) => count.queue,
            page,
            (count) => count,
        );
    }

    #scanDead({ queue }, page) {
        const dead = [...this.#outbox.values()].filter(
            (e) => e.deadAt !== null && (queue == null || e.queue === queue),
        );
        return inOrder(
            dead,
            (entry) => entry.id,
            page,
            ({ id, queue, payload, attempts, reason, deadAt }) => ({
                id,
                queue,
                payload,
                attempts,
                reason,
                at: deadAt,
            }),
        );
    }

    async claim(queue, limit, leaseMs, lease, now) {
        return guarded(() => {
            const due = [...this.#outbox.values()]
                .filter(
                    (e) =>
                        e.queue === queue &&
                        e.deadAt === null &&
                        e.dueAt <= now &&
                        (e.lease === null || e.leaseUntil <= now),
                )
                .sort((a, b) => a.dueAt - b.dueAt || byBytes(a.id, b.id))
                .slice(0, Math.max(0, Math.min(limit, PAGE_LIMIT)));
            for (const entry of due)
                Object.assign(entry, { attempts: entry.attempts + 1, lease, leaseUntil: now + leaseMs });
            return { entries: due.map(({ id, payload, attempts }) => ({ id, payload, attempts, lease })) };
        });
    }

    async settle(queue, entries, now) {
        return guarded(() => {
            for (const { outcome } of entries) {
                if (!["done", "retry", "dead"].includes(outcome))
                    throw new Error("settle: outcome must be done, retry or dead");
            }
            for (const { id, lease, outcome, retry_at: retryAt, reason } of entries) {
                const entry = this.#outbox.get(id);
                if (!entry || entry.queue !== queue || entry.deadAt !== null || entry.lease !== lease) continue;
                if (outcome === "done") this.#outbox.delete(id);
                else
                    Object.assign(
                        entry,
                        { lease: null, reason: reason ?? "" },
                        outcome === "retry" ? { dueAt: retryAt } : { deadAt: now },
                    );
            }
            return {};
        });
    }

    /** Outside the contract: removes what has expired. */
    async purge(now) {
        return guarded(() => {
            const expired = ({ expiresAt }) => expiresAt !== null && expiresAt <= now;
            const remove = (map, gone) => {
                let count = 0;
                for (const [key, value] of map) if (gone(value)) count += map.delete(key) ? 1 : 0;
                return count;
            };
            const leads = new Set([...this.#leads.values()].filter(expired).map((lead) => lead.id));
            return {
                outbox: remove(this.#outbox, (entry) => leads.has(entry.lead)),
                leads: remove(this.#leads, expired),
                rows: remove(this.#rows, expired),
                marks: remove(this.#marks, (expiresAt) => expiresAt <= now),
                raw: remove(this.#raw, expired),
            };
        });
    }
}

const inOrder = (rows, key, page, toItem) =>
    [...rows]
        .filter((row) => byBytes(key(row), page) > 0)
        .sort((a, b) => byBytes(key(a), key(b)))
        .map((row) => ({ token: key(row), item: toItem(row) }));

function guarded(work) {
    try {
        return { outcome: "ok", ...work() };
    } catch (error) {
        return { outcome: "error", reason: String(error?.message ?? error) };
    }
}

/** @returns {import("../../functions/host/drive.mjs").Store} */
export const openMemoryStore = () => new MemoryStore();
