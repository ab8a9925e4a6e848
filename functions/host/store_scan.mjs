// What the JavaScript stores check before a scan; functions/native/store/store.cc says the same.

const KINDS = ["leads", "counts", "rows", "row_counts", "queues", "dead"];

/** Throws the reason why these cannot be scanned. */
export function checkScan(kind, query, limit) {
    if (!KINDS.includes(kind)) throw new Error("scan: kind must be leads, counts, rows, row_counts, queues or dead");
    if (typeof query !== "object" || query === null) throw new Error("scan: query must be an object");
    if (!(limit >= 1)) throw new Error("scan: limit must be 1 or more");
    if (kind !== "rows") return;
    const { set, since, offset } = query;
    if (typeof set !== "string") throw new Error("scan: rows needs the name of a set (text)");
    if (since != null && !Number.isSafeInteger(since)) throw new Error("scan: since must be an integer");
    if (offset != null && !(Number.isSafeInteger(offset) && offset >= 0))
        throw new Error("scan: offset must be an integer of 0 or more");
}
