/** What the platform has taken over: one entry per type, id and day, with how often it came. */
export function createOutinvestAccount() {
    const taken = new Map();

    return {
        /** @param {number} type @param {{id: string, day: string, text: string}[]} rows @param {number} call */
        accept(type, rows, call) {
            for (const { id, day, text } of rows) {
                const key = `${type}/${id}/${day}`;
                const entry = taken.get(key) ?? {
                    type,
                    id,
                    statisticsDate: day,
                    times: 0,
                    calls: [],
                    changed: 0,
                    row: null,
                };
                entry.times += 1;
                entry.calls.push(call);
                if (entry.row !== null && entry.row !== text) entry.changed += 1;
                entry.row = text;
                taken.set(key, entry);
            }
        },
        size: () => taken.size,
        /** `type/id/statisticsDate` -> {type, id, statisticsDate, times, calls, changed, row}; row: the newest values as JSON text. */
        truth: () => new Map([...taken].map(([key, entry]) => [key, { ...entry, calls: [...entry.calls] }])),
    };
}
