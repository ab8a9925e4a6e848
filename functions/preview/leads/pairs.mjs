// Which raw field became which mapped one? The core does not say, so equal values are matched, the likeliest name first. Pure.

const textOf = (value) =>
    value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** Every leaf: [path, value]; a text that holds JSON stays one leaf. Bounded. */
export function leaves(value, path = "", found = [], depth = 0) {
    if (found.length >= 2000) return found;
    if (value !== null && typeof value === "object" && depth < 8 && Object.keys(value).length > 0) {
        for (const [key, each] of Object.entries(value))
            leaves(each, path === "" ? key : `${path}.${key}`, found, depth + 1);
    } else {
        found.push([path, value]);
    }
    return found;
}

const tokens = (path) =>
    path
        .replace(/([a-z])([A-Z])/g, "$1_$2")
        .toLowerCase()
        .split(/[^a-z0-9\u0080-\uffff]+/)
        .filter((token) => token && !/^\d+$/.test(token));
const ALIKE = {
    mobile: "phones",
    phone: "phones",
    lead: "submitted",
    gmt: "times",
    create: "created",
    appointment: "submitted",
    kf: "owner",
    area: "district",
    location: "region",
    src: "channel",
    seller: "account",
    modified: "times",
    last: "modified",
    stage: "status",
};

/** Names that say something else than they mean (docs/lead.md). */
const MEANT = {
    gmt_appointment: "times.submitted",
    customer_appointment: "times.appointment",
    lead_time: "times.submitted",
    gmt_create: "times.created",
    gmt_modified: "times.modified",
    createTime: "times.created",
    lastUpdateTime: "times.modified",
    seller_user_id: "source.account",
    seller_id: "source.account",
    record_id: "source.lead_id",
    id: "source.lead_id",
    customerId: "source.lead_id",
};

function likeness(raw, mapped) {
    const theirs = new Set(tokens(mapped));
    const meant = Object.hasOwn(MEANT, raw) && mapped.startsWith(MEANT[raw]) ? 10 : 0;
    return (
        meant +
        tokens(raw).reduce((sum, token) => sum + (theirs.has(token) ? 2 : theirs.has(ALIKE[token]) ? 1.5 : 0), 0)
    );
}

/**
 * Raw fields in their order, each with the mapped fields that hold its value; then the mapped fields nothing raw was found for.
 * @returns {{pairs: {path: string, value: unknown, mapped: [string, unknown][]}[], rest: [string, unknown][]}}
 */
export function pairUp(raw, lead) {
    const mapped = leaves(lead).filter(([path]) => path !== "v");
    const byValue = new Map();
    for (const [path, value] of mapped) {
        const text = textOf(value);
        if (text === "" || typeof value === "boolean") continue;
        if (!byValue.has(text)) byValue.set(text, []);
        byValue.get(text).push([path, value]);
    }
    const used = new Set();
    const pairs = leaves(raw ?? {}).map(([path, value]) => {
        const text = textOf(value);
        const same =
            text === "" ? [] : (byValue.get(text) ?? []).map(([to, each]) => ({ to, each, like: likeness(path, to) }));
        same.sort((a, b) => b.like - a.like);
        // A short value is in many places: only a name in common makes it this field.
        const plain = text.length >= 4 && same.length === 1;
        const chosen = same.filter(({ like }, i) => (like > 0 && like === same[0].like) || (plain && i === 0));
        for (const { to } of chosen) used.add(to);
        return { path, value, mapped: chosen.map(({ to, each }) => [to, each]) };
    });
    return { pairs, rest: mapped.filter(([path]) => !used.has(path)) };
}
