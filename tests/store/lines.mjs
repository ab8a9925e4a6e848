// A commit's records as the module writes them (docs/abi.md): one JSON object a line.
const LISTS = ["leads", "rows", "outbox", "marks", "audit", "raw"];

/** @param {{commit?: string, now?: number, leads?: object[], rows?: object[]}} records as docs/store.md shows them */
export function lines(records) {
    const head = Object.fromEntries(Object.entries(records).filter(([name]) => !LISTS.includes(name)));
    const rest = LISTS.flatMap((list) => (records[list] ?? []).map((record) => ({ [list]: record })));
    return [head, ...rest].map((line) => JSON.stringify(line)).join("\n");
}
