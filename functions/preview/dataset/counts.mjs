// The numbers behind the pictures, over the rows in sight.
import { DAY_MS, HOUR_MS, LATENCY_STEPS, ZONE_MS } from "./dataset.mjs";

const MOST_SERIES = 6; // more colours than these nobody can tell apart
const MOST_BARS = 400;
const TOP = 15;

/** Every picture at once: one walk over the rows for each. `rows` from dataset.matching(). */
export function countPictures(dataset, rows) {
    const submitted = dataset.times.submitted.values;
    const latency = dataset.times.latency.values;
    const source = dataset.codes.source.values;
    const grid = Array.from({ length: 7 }, () => new Array(24).fill(0));
    const steps = new Array(LATENCY_STEPS.length).fill(0);
    let first = Infinity;
    let last = -Infinity;
    let timed = 0;
    let late = 0;
    for (const row of rows) {
        const at = submitted[row];
        if (!Number.isNaN(at)) {
            timed++;
            if (at < first) first = at;
            if (at > last) last = at;
            grid[dataset.zoneWeekday(at)][dataset.zoneHour(at)]++;
        }
        const step = dataset.latencyClass(latency[row]);
        if (step >= 0) {
            steps[step]++;
            late++;
        }
    }

    const sources = dataset.values("source", rows);
    const series = sources.values.slice(0, MOST_SERIES).map(([name]) => name);
    const slot = new Map(series.map((name, i) => [dataset.codes.source.codeOf(name), i]));
    const timeline = (unit) => {
        if (timed === 0) return null;
        const from = Math.floor((first + ZONE_MS) / unit);
        const count = Math.floor((last + ZONE_MS) / unit) - from + 1;
        if (count > MOST_BARS) return null;
        const bars = Array.from({ length: count }, () => new Array(series.length + 1).fill(0));
        for (const row of rows) {
            const at = submitted[row];
            if (!Number.isNaN(at))
                bars[Math.floor((at + ZONE_MS) / unit) - from][slot.get(source[row]) ?? series.length]++;
        }
        return { from: from * unit - ZONE_MS, unit, bars };
    };
    const days = timeline(DAY_MS) ?? timeline(7 * DAY_MS) ?? timeline(30 * DAY_MS) ?? timeline(365 * DAY_MS);

    return {
        total: rows.length,
        timed,
        series: sources.distinct > MOST_SERIES ? [...series, null] : series,
        days,
        hours: timed > 0 && last - first < 7 * DAY_MS ? timeline(HOUR_MS) : null,
        grid,
        latency: { steps, counted: late },
        ...Object.fromEntries(
            ["source", "province", "city", "campaign", "form", "store", "channel", "class"].map((name) => [
                name,
                dataset.values(name, rows, TOP),
            ]),
        ),
        duplicates: duplicates(dataset, rows),
    };
}

/** How many persons two sources share. */
function duplicates(dataset, rows) {
    const { of, count, several } = dataset.groups();
    const source = dataset.codes.source.values;
    const names = dataset.codes.source.names;
    const seen = new Map(); // person -> set of sources
    for (const row of rows) {
        const group = of[row];
        if (group < 0 || several[group] !== 1) continue;
        if (!seen.has(group)) seen.set(group, new Set());
        seen.get(group).add(source[row]);
    }
    const pairs = new Map();
    let shared = 0;
    for (const sources of seen.values()) {
        const list = [...sources].sort((a, b) => a - b);
        if (list.length > 1) shared++;
        for (let i = 0; i < list.length; i++) {
            for (let j = i + 1; j < list.length; j++) {
                const key = `${list[i]} ${list[j]}`;
                pairs.set(key, (pairs.get(key) ?? 0) + 1);
            }
        }
    }
    const found = [...pairs].map(([key, total]) => [key.split(" ").map((code) => names[Number(code)]), total]);
    found.sort((a, b) => b[1] - a[1]);
    return { persons: count, shared, pairs: found.slice(0, TOP) };
}
