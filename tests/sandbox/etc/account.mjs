import { inventRow } from "./row.mjs";

/** The partner's clue rows, ascending by id. */
export function createEtcAccount(options) {
    const rows = []; // {id, createdMs, version, updatedMs}

    function add(count, nowMs) {
        const added = [];
        for (let i = 0; i < count; i++) {
            const id = BigInt(options.firstId) + BigInt(rows.length) * BigInt(options.idStep);
            rows.push({ id, createdMs: Math.floor(nowMs / 1000) * 1000, version: 1, updatedMs: 0 });
            added.push(String(id));
        }
        return added;
    }
    for (let left = options.rows - 1; left >= 0; left--) add(1, options.newestAt - left * options.intervalMs);

    function modify(id, nowMs) {
        const row = rows[Number((BigInt(id) - BigInt(options.firstId)) / BigInt(options.idStep))];
        if (String(row?.id) !== String(id)) throw new RangeError(`no row ${id}`);
        row.version += 1;
        row.updatedMs = Math.max(Math.floor(nowMs / 1000) * 1000, row.updatedMs + 1000, row.createdMs + 1000);
        return row.version;
    }

    const changedMs = ({ createdMs, updatedMs }) => Math.max(createdMs, updatedMs);
    const show = (row) => inventRow(options.seed, row);

    return {
        add,
        modify,
        /** Page `page` (from 1) of the rows created or changed since then. */
        page(sinceMs, page, pageSize) {
            const matching = rows.filter((row) => changedMs(row) >= sinceMs);
            const shown = matching.slice((page - 1) * pageSize, page * pageSize);
            return { ids: shown.map(({ id }) => String(id)), rows: shown.map(show) };
        },
        size: () => rows.length,
        truth: () =>
            new Map(
                rows.map((row) => [
                    String(row.id),
                    { fields: { ...show(row), id: String(row.id) }, version: row.version },
                ]),
            ),
    };
}
