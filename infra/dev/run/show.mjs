// What a pull brought, as lines on a terminal.
import { clean, table } from "../table.mjs";

const ROWS = 20;

/**
 * Prints what is new since the last call, and a line a source.
 * @param {{exit: number, summary: object}} status answer to {"kind": "status", "leads": N} @param {Set<string>} seen ids of leads printed before
 * @returns {number} 0 all is read, 1 configuration, 2 a source failed or waits, 3 there is more to read
 */
export function showStatus({ exit, summary }, seen) {
    if (exit !== 0) {
        for (const { path, problem, fix } of summary.errors ?? [])
            console.log(clean(`configuration: ${path}: ${problem}. ${fix}`));
        if (summary.error) console.log(clean(`${summary.error.code}: ${summary.error.reason}`));
        return exit;
    }
    const fresh = summary.leads.filter(({ id }) => !seen.has(id));
    const first = seen.size === 0;
    fresh.forEach(({ id }) => seen.add(id));
    if (fresh.length > 0) {
        const total = summary.sources.reduce((sum, { leads }) => sum + leads, 0);
        const shown = someOfEach(fresh, ROWS);
        console.log(
            `\n${first ? `newest ${shown.length} of ${total} leads, some of every source` : `${shown.length} new`}`,
        );
        table(["submitted", "source", "name", "phone", "region", "form", "id"], shown.map(rowOf)).forEach((line) =>
            console.log(line),
        );
        console.log("");
    }
    for (const source of summary.sources) console.log(statusLine(source));
    const states = summary.sources.map(({ state }) => state);
    return states.includes("failed")
        ? 2
        : states.includes("budget") || states.includes("conflict")
          ? 3
          : states.includes("parked")
            ? 2
            : 0;
}

/** At most `limit` leads, newest first, taken in turn from every source. */
function someOfEach(leads, limit) {
    const sources = bySource(leads);
    const taken = new Set();
    for (let turn = 0; taken.size < Math.min(limit, leads.length); ++turn) {
        for (const list of sources.values()) if (list[turn] && taken.size < limit) taken.add(list[turn]);
    }
    return leads.filter((lead) => taken.has(lead));
}

function bySource(leads) {
    const sources = new Map();
    for (const lead of leads) sources.set(lead.source.name, [...(sources.get(lead.source.name) ?? []), lead]);
    return sources;
}

/** As people in China write a time. */
export const china = (time) => {
    const at = new Date(time);
    return Number.isNaN(at.getTime())
        ? ""
        : new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
};

function rowOf(lead) {
    const { province, city, district, source_text: whole } = lead.region ?? {};
    const places = [province, city, district].filter(Boolean).filter((name, i, all) => name !== all[i - 1]);
    const time = lead.times?.submitted ?? lead.times?.created ?? {};
    return [
        china(time.utc ?? lead.source?.received_at), // a push may say no time of its own
        lead.source?.name,
        lead.person?.name ?? lead.person?.nick,
        (lead.phones ?? []).map(({ class: kind, masked }) => masked || kind).join(" "),
        places.join(" ") || whole,
        lead.form?.name ?? lead.page?.name ?? lead.campaign?.name ?? lead.channel?.label,
        lead.source?.lead_id,
    ];
}

function statusLine(source) {
    const run = source.last_run;
    const parts = [`${source.name}: ${source.state}`, `${source.leads} leads`];
    if (run)
        parts.push(
            `last run ${run.pages} page${run.pages === 1 ? "" : "s"}, ${run.inserted} new, ${run.updated} updated`,
        );
    else if (source.newest_at) parts.push(`newest ${china(source.newest_at).slice(5)}`);
    if (source.unread > 0)
        parts.push(
            `${source.unread} phones not readable${source.unread * 4 < source.leads ? "" : " (check mobile_key)"}`,
        );
    const covered = (source.covered ?? [])
        .slice(0, 3)
        .map(({ from, to }) => (from === "0" ? `everything up to ${to}` : `${from}..${to}`));
    if (covered.length > 0) parts.push(`complete: ${covered.join(", ")}`);
    if (source.gaps?.length > 0) parts.push(`${source.gaps.length} gap${source.gaps.length === 1 ? "" : "s"} left`);
    if (source.state === "parked") parts.push(`until ${china(source.parked_until)}`);
    if (source.state !== "ok" && source.last_error)
        parts.push(`${source.last_error.code}: ${source.last_error.reason}`);
    if (source.warning) parts.push(source.warning);
    return clean(`${china(Date.now()).slice(11)} ${parts.join(" | ")}`);
}

/** A host logs one JSON line per event; what the status lines say anyway is not repeated. */
export function showLog(line) {
    try {
        const { level, code, message } = JSON.parse(line);
        if (level !== "info" && code !== "tick") console.log(clean(`${level} ${code}: ${message}`));
    } catch {
        if (process.env.LEADBRIDGE_DEBUG) console.error(line);
    }
}
