// The leads of the page as columns. Everything that looks at many rows happens here, inside the data worker: the page asks for
// windows of what is in sight. A row keeps what tables and pictures show; the lead itself is read again from its source.
import { codeColumn, groupNumbers, hashIndex, numberColumn, textColumn } from "./columns.mjs";

export const ZONE_MS = 8 * 3600_000; // the platforms' own zone, +08:00
export const HOUR_MS = 3600_000;
export const DAY_MS = 86_400_000;

const CODES = [
    "platform",
    "source",
    "account",
    "kind",
    "status",
    "name",
    "province",
    "city",
    "district",
    "campaign",
    "form",
    "store",
    "channel",
    "class",
    "owner",
    "file",
    "hmac",
];
const TIMES = ["submitted", "created", "modified", "received", "latency"];
/** Columns with a value list: filters and pictures use them. */
export const VALUE_COLUMNS = CODES.filter((name) => name !== "hmac");
const SHOWN = [
    "platform",
    "source",
    "account",
    "kind",
    "status",
    "province",
    "city",
    "campaign",
    "form",
    "store",
    "channel",
    "file",
];
/** From submission to arrival: upper bounds of the classes, in ms. */
export const LATENCY_STEPS = [
    1000,
    10_000,
    60_000,
    300_000,
    1_800_000,
    HOUR_MS,
    6 * HOUR_MS,
    DAY_MS,
    7 * DAY_MS,
    Infinity,
];

const MOST_SEARCHED = 1000; // characters of one field

const text = (value) =>
    value === undefined || value === null
        ? ""
        : typeof value === "string"
          ? value
          : typeof value === "object"
            ? JSON.stringify(value)
            : String(value);
const label = (pair) => text(pair?.label || pair?.raw);
const named = (pair) => text(pair?.name || pair?.id);
const instant = (value) => {
    const at = Date.parse(value ?? "");
    return Number.isNaN(at) ? NaN : at;
};
const digitsOf = (value) => text(value).replace(/\D/g, "");

/** The number that tells a person apart: the first mobile in E.164; never a masked, service or privacy number. */
function personOf(phones) {
    const mobile = phones.find((phone) => phone.class === "mobile" && phone.e164 && phone.valid !== false);
    const digits = mobile ? digitsOf(mobile.e164) : "";
    return digits.length >= 7 && digits.length <= 15 ? Number(digits) : NaN;
}

/** A newer version of the same lead replaces it; so does the same version with a phone that became readable. */
function newer(a, b) {
    if (a === b) return 0;
    if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
        const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
        return x.length - y.length || (x < y ? -1 : x > y ? 1 : 0);
    }
    return a < b ? -1 : 1;
}

const MOBILE = /(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)/g;
const LANDLINE = /(?<!\d)(0\d{2,3})[ -]?\d{3,4}[ -]?(\d{4})(?!\d)/g;
/** Phone numbers inside any text, for a display that masks. The core masks its own fields; this is for names and raw rows. */
export const hideNumbers = (value) => value.replace(MOBILE, "$1****$2").replace(LANDLINE, "$1****$2");

const PHONE_NAME = /phone|mobile|tel(?!l)/i;
/** A raw row for a display that masks: numbers hidden in every text, and whatever stands in a field named like a phone. */
export function hideIn(value, name = "", depth = 0) {
    if (typeof value === "string") {
        const hidden = hideNumbers(value);
        return hidden === value && PHONE_NAME.test(name) && value.length < 40
            ? value.replace(/\d(?=(?:\D*\d){4})/g, (digit, at) => (at < 3 ? digit : "*"))
            : hidden;
    }
    if (typeof value === "number" && /^1[3-9]\d{9}$/.test(String(value))) return hideNumbers(String(value));
    if (value === null || typeof value !== "object" || depth > 40) return value;
    if (Array.isArray(value)) return value.map((each) => hideIn(each, name, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hideIn(each, key, depth + 1)]));
}

export function createDataset({ locale = "zh-CN" } = {}) {
    const collator = new Intl.Collator(locale, { numeric: true });
    const codes = Object.fromEntries(CODES.map((name) => [name, codeColumn()]));
    const times = Object.fromEntries(TIMES.map((name) => [name, numberColumn(Float64Array, NaN)]));
    const person = numberColumn(Float64Array, NaN); // number, or minus the code of its HMAC
    const flags = numberColumn(Uint8Array); // 1 test, 2 unread, 4 more than one phone
    const unknownCount = numberColumn(Uint16Array);
    const piece = numberColumn(Uint32Array);
    const line = numberColumn(Float64Array);
    const nth = numberColumn(Uint32Array);
    const ids = textColumn();
    const leadIds = textColumn();
    const versions = textColumn();
    const masked = textColumn();
    const search = textColumn();
    const index = hashIndex();
    const unknown = new Map(); // field -> rows
    let size = 0;
    let repeats = 0;
    let replaced = 0;
    let revision = 0;
    let persons = null;

    /**
     * One lead of the core (view with plain phones) and where it comes from.
     * @param {{lead: object, unknown?: string[], piece: number, line: number, nth: number, file?: string, source?: string, now?: number}} entry
     * @returns {'added' | 'replaced' | 'repeat'}
     */
    function put(entry) {
        const { lead } = entry;
        const phones = Array.isArray(lead.phones) ? lead.phones : [];
        const first = phones[0];
        const unread = phones.some((phone) => phone.class === "encrypted");
        const id = text(lead.id);
        const version = text(lead.source?.version);
        let row = id ? index.find(id, (each) => ids.get(each) === id) : -1;
        const known = row >= 0;
        if (known) {
            const change = newer(version, versions.get(row));
            const readable = change === 0 && !unread && (flags.get(row) & 2) !== 0;
            const plainer = change === 0 && !unread && person.get(row) < 0 && phones.some((phone) => phone.e164);
            if (change < 0 || (change === 0 && !readable && !plainer)) {
                repeats++;
                return "repeat";
            }
            replaced++;
        } else {
            row = size++;
            ids.set(row, id);
            if (id) index.add(id, row);
        }
        revision++;
        persons = null;

        const source = lead.source ?? {};
        const region = lead.region ?? {};
        const set = (name, value) => codes[name].set(row, text(value));
        set("platform", source.platform);
        set("source", entry.source || source.name || source.platform);
        set("account", source.account);
        set("kind", lead.kind);
        set("status", label(lead.status));
        set("name", lead.person?.name || lead.company?.name || lead.person?.nick);
        set("province", region.province);
        set("city", region.city);
        set("district", region.district);
        set("campaign", named(lead.campaign) || named(lead.activity));
        set("form", named(lead.form) || named(lead.page));
        set("store", named(lead.store));
        set("channel", label(lead.channel));
        set("class", first?.class);
        set("owner", named(lead.owner));
        set("file", entry.file);
        const key = personOf(phones);
        const hmac = phones.find((phone) => phone.class === "mobile" && phone.hmac)?.hmac;
        set("hmac", Number.isNaN(key) ? text(lead.person_key || hmac) : "");
        const code = codes.hmac.codeAt(row);
        person.set(row, Number.isNaN(key) && code > 0 ? -code : key);

        const created = instant(lead.times?.created?.utc);
        const submitted = instant(lead.times?.submitted?.utc);
        let received = instant(source.received_at);
        if (Math.abs(received - entry.now) < 1500) received = NaN; // it arrived in this page, which says nothing
        times.submitted.set(row, Number.isNaN(submitted) ? created : submitted);
        times.created.set(row, created);
        times.modified.set(row, instant(lead.times?.modified?.utc));
        times.received.set(row, received);
        const latency = (Number.isNaN(received) ? created : received) - submitted;
        times.latency.set(row, latency >= 0 ? latency : NaN);

        flags.set(row, (lead.is_test ? 1 : 0) | (unread ? 2 : 0) | (phones.length > 1 ? 4 : 0));
        unknownCount.set(row, Math.min(65535, entry.unknown?.length ?? 0));
        if (!known) for (const field of entry.unknown ?? []) unknown.set(field, (unknown.get(field) ?? 0) + 1);
        piece.set(row, entry.piece);
        line.set(row, entry.line);
        nth.set(row, entry.nth);
        leadIds.set(row, text(source.lead_id));
        versions.set(row, version);
        masked.set(row, text(first?.masked));
        const words = [
            lead.person?.name,
            lead.person?.nick,
            lead.person?.wechat,
            lead.person?.email,
            lead.company?.name,
            source.lead_id,
            lead.remark,
            region.address,
        ];
        for (const phone of phones) words.push(digitsOf(phone.e164), digitsOf(phone.raw), phone.masked);
        search.set(
            row,
            words
                .map((each) => text(each).slice(0, MOST_SEARCHED))
                .filter(Boolean)
                .join("\u0001")
                .toLowerCase(),
        );
        return known ? "replaced" : "added";
    }

    /** Groups of rows with one person: {of, count, sizes, sources} (sources: how many distinct ones). */
    function groups() {
        if (persons) return persons;
        const { of, count } = groupNumbers(person.values, size);
        const sizes = new Uint32Array(count);
        const firstSource = new Uint32Array(count);
        const several = new Uint8Array(count);
        const source = codes.source.values;
        for (let row = 0; row < size; row++) {
            const group = of[row];
            if (group < 0) continue;
            if (sizes[group]++ === 0) firstSource[group] = source[row];
            else if (firstSource[group] !== source[row]) several[group] = 1;
        }
        persons = { of, count, sizes, several };
        return persons;
    }

    // ---- filters ---------------------------------------------------------------------------------------------------------------

    const zoneHour = (at) => Math.floor((at + ZONE_MS) / HOUR_MS) % 24;
    const zoneWeekday = (at) => (Math.floor((at + ZONE_MS) / DAY_MS) + 3) % 7; // 0 = Monday; 1970-01-01 was a Thursday
    const latencyClass = (value) => (Number.isNaN(value) ? -1 : LATENCY_STEPS.findIndex((step) => value < step));

    /** One filter as a test of a row. Unknown filters match nothing: a mistake must not look like a result. */
    function testOf(filter) {
        switch (filter.kind) {
            case "in": {
                if (!VALUE_COLUMNS.includes(filter.column)) return () => false;
                const column = codes[filter.column];
                const wanted = new Set(
                    filter.values.map((value) => column.codeOf(value)).filter((code) => code !== undefined),
                );
                const values = column.values;
                return (row) => wanted.has(values[row]);
            }
            case "time": {
                const values = times[filter.column]?.values;
                if (!values) return () => false;
                const from = filter.from ?? -Infinity;
                const to = filter.to ?? Infinity;
                return (row) => values[row] >= from && values[row] < to;
            }
            case "hour": {
                const values = times.submitted.values;
                return (row) =>
                    zoneHour(values[row]) === filter.hour &&
                    (filter.weekday === undefined || zoneWeekday(values[row]) === filter.weekday);
            }
            case "latency": {
                const values = times.latency.values;
                return (row) => latencyClass(values[row]) === filter.step;
            }
            case "text": {
                const wanted = filter.text.trim().toLowerCase();
                if (wanted === "") return () => true;
                const plain = /^[+\d][\d\s().-]*$/.test(wanted) ? wanted.replace(/\D/g, "") : wanted;
                const needle = new TextEncoder().encode(plain || wanted);
                return (row) => search.has(row, needle);
            }
            case "several": {
                const { of, several } = groups();
                return (row) => of[row] >= 0 && several[of[row]] === 1;
            }
            case "pair": {
                const { of } = groups();
                const [a, b] = filter.sources.map((name) => codes.source.codeOf(name));
                const inA = new Set();
                const inB = new Set();
                const source = codes.source.values;
                for (let row = 0; row < size; row++) {
                    if (of[row] < 0) continue;
                    if (source[row] === a) inA.add(of[row]);
                    else if (source[row] === b) inB.add(of[row]);
                }
                return (row) => inA.has(of[row]) && inB.has(of[row]) && (source[row] === a || source[row] === b);
            }
            case "unread":
                return (row) => (flags.values[row] & 2) !== 0;
            case "test":
                return (row) => (flags.values[row] & 1) !== 0;
            case "unknown":
                return (row) => unknownCount.values[row] > 0;
            default:
                return () => false;
        }
    }

    function matching(filters = []) {
        let rows = null;
        for (const filter of filters) {
            const test = testOf(filter);
            const count = rows ? rows.length : size;
            const kept = new Uint32Array(count);
            let k = 0;
            if (rows) {
                for (let i = 0; i < count; i++) if (test(rows[i])) kept[k++] = rows[i];
            } else {
                for (let row = 0; row < count; row++) if (test(row)) kept[k++] = row;
            }
            rows = kept.subarray(0, k);
        }
        if (rows) return rows;
        const all = new Uint32Array(size);
        for (let row = 0; row < size; row++) all[row] = row;
        return all;
    }

    // ---- order -----------------------------------------------------------------------------------------------------------------

    function keysOf(column) {
        if (times[column]) return times[column].values;
        if (column === "phone") {
            const keys = new Float64Array(size);
            for (let row = 0; row < size; row++) keys[row] = person.get(row) > 0 ? person.get(row) : NaN;
            return keys;
        }
        if (column === "persons") {
            const { of, sizes } = groups();
            return Float64Array.from({ length: size }, (_, row) => (of[row] < 0 ? 1 : sizes[of[row]]));
        }
        if (column === "unknown") return unknownCount.values;
        if (column === "lead_id") {
            const names = Array.from({ length: size }, (_, row) => leadIds.get(row).padStart(24, "0"));
            const order = new Uint32Array(size)
                .map((_, row) => row)
                .sort((a, b) => (names[a] < names[b] ? -1 : names[a] > names[b] ? 1 : 0));
            const keys = new Float64Array(size);
            let rank = 0;
            order.forEach((row, i) => {
                if (i > 0 && names[row] !== names[order[i - 1]]) rank++;
                keys[row] = rank;
            });
            return keys;
        }
        if (codes[column]) {
            const ranks = codes[column].ranks(collator);
            const values = codes[column].values;
            const keys = new Float64Array(size);
            for (let row = 0; row < size; row++) keys[row] = ranks[values[row]];
            return keys;
        }
        return null;
    }

    /** Stable both ways; rows without a value come last both ways. Sorts `rows` in place. */
    function order(rows, sort) {
        const keys = sort?.column ? keysOf(sort.column) : null;
        if (!keys) return rows;
        const sign = sort.descending ? -1 : 1;
        return rows.sort((a, b) => {
            const x = keys[a];
            const y = keys[b];
            if (x === y) return a - b;
            if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
            if (Number.isNaN(y)) return -1;
            return sign * (x - y);
        });
    }

    /**
     * @param {{filters?: object[], sort?: {column: string, descending?: boolean}, group?: boolean}} query
     * @returns {{rows: Uint32Array, heads: Uint8Array|null, matched: number, persons?: number}} heads: 1 = first row of a person
     */
    function view({ filters = [], sort, group = false } = {}) {
        const rows = order(matching(filters), sort);
        if (!group) return { rows, heads: null, matched: rows.length };
        // Persons in the order of their first row; a row without a person is one of its own.
        const { of, count } = groups();
        const members = new Uint32Array(count);
        for (const row of rows) if (of[row] >= 0) members[of[row]]++;
        const next = new Float64Array(count).fill(-1);
        const out = new Uint32Array(rows.length);
        const heads = new Uint8Array(rows.length);
        let at = 0;
        let found = 0;
        for (const row of rows) {
            const g = of[row];
            if (g < 0 || next[g] < 0) {
                found++;
                heads[at] = 1;
                out[at] = row;
                if (g >= 0) {
                    next[g] = at + 1;
                    at += members[g];
                } else {
                    at++;
                }
            } else {
                out[next[g]++] = row;
            }
        }
        return { rows: out, heads, matched: rows.length, persons: found };
    }

    /** What a table shows of one row. Without `reveal` numbers inside texts are hidden too. */
    function show(row, { reveal = false } = {}) {
        const plain = (value) => (reveal ? value : hideNumbers(value));
        const { of, sizes } = groups();
        const flag = flags.get(row);
        const number = person.get(row);
        return {
            row,
            name: plain(codes.name.get(row)),
            phone: reveal && number > 0 ? `+${number}` : masked.get(row),
            class: codes.class.get(row),
            lead_id: leadIds.get(row),
            ...Object.fromEntries(SHOWN.map((name) => [name, plain(codes[name].get(row))])),
            owner: plain(codes.owner.get(row)),
            district: plain(codes.district.get(row)),
            ...Object.fromEntries(TIMES.map((name) => [name, times[name].get(row)])),
            persons: of[row] < 0 ? 1 : sizes[of[row]],
            test: (flag & 1) !== 0,
            unread: (flag & 2) !== 0,
            phones: (flag & 4) !== 0,
            unknown: unknownCount.get(row),
        };
    }

    // ---- counts ----------------------------------------------------------------------------------------------------------------

    /** [value, count] of one column over `rows`, the most frequent first; `limit` values, then what is left. */
    function values(column, rows, limit = 1000) {
        const { names, values: all } = codes[column];
        const counts = new Uint32Array(names.length);
        for (const row of rows) counts[all[row]]++;
        const found = [];
        counts.forEach((count, code) => count > 0 && found.push([names[code], count]));
        found.sort((a, b) => b[1] - a[1] || collator.compare(a[0], b[0]));
        return {
            values: found.slice(0, limit),
            others: found.slice(limit).reduce((sum, [, count]) => sum + count, 0),
            distinct: found.length,
        };
    }

    return {
        put,
        view,
        matching,
        order,
        show,
        values,
        groups,
        codes,
        times,
        flags,
        zoneHour,
        zoneWeekday,
        latencyClass,
        origin: (row) => ({ piece: piece.get(row), line: line.get(row), nth: nth.get(row) }),
        id: (row) => ids.get(row),
        get size() {
            return size;
        },
        get revision() {
            return revision;
        },
        summary() {
            let unread = 0;
            for (let row = 0; row < size; row++) if (flags.values[row] & 2) unread++;
            const { count, several } = groups();
            return {
                size,
                repeats,
                replaced,
                unread,
                persons: count,
                several: several.reduce((sum, each) => sum + each, 0),
                unknown: [...unknown].sort((a, b) => b[1] - a[1]),
            };
        },
        get bytes() {
            const columns = [
                ...Object.values(codes),
                ...Object.values(times),
                person,
                flags,
                unknownCount,
                piece,
                line,
                nth,
                ids,
                leadIds,
                versions,
                masked,
                search,
                index,
            ];
            return columns.reduce((sum, column) => sum + column.bytes, 0);
        },
    };
}
