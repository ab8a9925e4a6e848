import { inventTmallLead } from "./lead.mjs";

export const TMALL_DEFAULTS = {
    leads: 30,
    firstRecordId: "371009",
    sellerId: "2912754296",
    openKey: "43534cf9d5154543",
    intervalMs: 90_000,
    dirtyShare: 0.08,
    unknownShare: 0.1,
    sparseShare: 0.2,
};

/** One seller's customer leads, which the platform pushes: nothing is asked for here, pushers.mjs takes the leads and sends them. */
export function createTmallAccount(options) {
    const records = []; // {recordId, createdMs, version}

    function add(count, nowMs) {
        const added = [];
        for (let i = 0; i < count; i++) {
            const recordId = BigInt(options.firstRecordId) + BigInt(records.length);
            records.push({ recordId, createdMs: Math.floor(nowMs / 1000) * 1000, version: 1 });
            added.push(String(recordId));
        }
        return added;
    }

    for (let left = options.leads - 1; left >= 0; left--) add(1, options.newestAt - left * options.intervalMs);

    function find(recordId) {
        const record = records[Number(BigInt(recordId) - BigInt(options.firstRecordId))];
        if (!record) throw new RangeError(`no lead ${recordId}`);
        return record;
    }

    /** One lead as it would be pushed, in its newest version or in an older one. */
    const lead = (recordId, version) => {
        const record = find(recordId);
        return inventTmallLead(options, { ...record, version: version ?? record.version });
    };
    const asText = (fields) =>
        Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [name, typeof value === "bigint" ? String(value) : value]),
        );

    return {
        add,
        modify: (recordId) => (find(recordId).version += 1),
        lead,
        ids: () => records.map(({ recordId }) => String(recordId)),
        size: () => records.length,
        truth: () =>
            new Map(
                records.map(({ recordId, version }) => [String(recordId), { fields: asText(lead(recordId)), version }]),
            ),
    };
}
