// Leads as text: CSV for spreadsheets, NDJSON, one JSON list. Pure: it knows leads (docs/lead.md), fields and quoting.

/** Excel reads a cell that begins like this as a formula; a table of leads is filled in by strangers. */
const FORMULA = /^[=+\-@\t\r]/;
/** Excel turns longer runs of digits into 1.23E+12 and forgets the last ones. */
const LONG_DIGITS = /^\d{12,}$/;
const MUST_QUOTE = /[",\r\n;\t]|^\s|\s$/;

/** The rule, stated on the page: one apostrophe before what a spreadsheet would compute or round. */
export const guarded = (text) => (FORMULA.test(text) || LONG_DIGITS.test(text) ? `'${text}` : text);
export function csvCell(value) {
    const text = guarded(value.replaceAll("\0", ""));
    return MUST_QUOTE.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const at = (lead, path) =>
    path
        .split(".")
        .reduce(
            (value, key) =>
                value === null || value === undefined
                    ? undefined
                    : Object.hasOwn(Object(value), key)
                      ? value[key]
                      : undefined,
            lead,
        );
const textOf = (value) =>
    value === undefined || value === null
        ? ""
        : typeof value === "string"
          ? value
          : typeof value === "object"
            ? JSON.stringify(value)
            : String(value);
const shown = (pair) => textOf(pair?.label || pair?.raw);
const named = (pair) => textOf(pair?.name || pair?.id);
const numberOf = (phone) =>
    textOf(phone?.e164 || (phone?.raw && phone.class !== "encrypted" ? phone.raw : "") || phone?.masked);

/** Names for what takes more than a path. Everything else is a path into the lead: `phones.0.class`, `extra.seller_nick`. */
const COMPUTED = {
    phone: (lead) => numberOf(lead.phones?.[0]),
    phones: (lead) => (lead.phones ?? []).map(numberOf).filter(Boolean).join(" / "),
    region: (lead) => [lead.region?.province, lead.region?.city, lead.region?.district].filter(Boolean).join(" "),
    campaign: (lead) => named(lead.campaign) || named(lead.activity),
    form: (lead) => named(lead.form) || named(lead.page),
    page: (lead) => named(lead.page),
    activity: (lead) => named(lead.activity),
    company: (lead) => named(lead.company),
    store: (lead) => named(lead.store),
    channel: (lead) => shown(lead.channel),
    status: (lead) => shown(lead.status),
    gender: (lead) => shown(lead.person?.gender),
    owner: (lead) => named(lead.owner),
    tags: (lead) => (lead.tags ?? []).map(textOf).join(";"),
    answers: (lead) =>
        (lead.answers ?? [])
            .map((answer) => `${textOf(answer.label || answer.code)}: ${textOf(answer.value)}`)
            .join(" / "),
    submitted_local: (lead) => local(lead.times?.submitted ?? lead.times?.created),
    received_local: (lead) => local({ utc: lead.source?.received_at }),
};

/** In the platforms' own zone, as spreadsheets read it. */
function local(time) {
    const ms = Date.parse(time?.utc ?? "");
    return Number.isNaN(ms)
        ? textOf(time?.raw)
        : new Date(ms + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");
}

export const SOURCES = Object.keys(COMPUTED);

/** The text of one field of a lead. */
export function fieldText(lead, field) {
    if (typeof field.value === "string") return field.value;
    const from = field.from ?? "";
    return Object.hasOwn(COMPUTED, from) ? COMPUTED[from](lead) : textOf(at(lead, from));
}

/** Every path of a lead that has a value, for the field map's list. */
export function pathsOf(lead, prefix = "", found = [], depth = 0) {
    if (found.length >= 500 || depth > 6) return found;
    for (const [key, value] of Object.entries(lead ?? {})) {
        if (key.includes(".")) continue;
        const path = prefix ? `${prefix}.${key}` : key;
        if (value !== null && typeof value === "object") pathsOf(value, path, found, depth + 1);
        else found.push(path);
    }
    return found;
}

/**
 * A field map as it is saved: {"fields": [{"name", "from"} or {"name", "value"}]}.
 * @returns {{fields: object[]} | {problem: string, at?: number}} problem: a code the page has words for
 */
export function readFieldMap(text) {
    let given;
    try {
        given = JSON.parse(text);
    } catch {
        return { problem: "not_json" };
    }
    const list = Array.isArray(given) ? given : given?.fields;
    if (!Array.isArray(list) || list.length === 0) return { problem: "no_fields" };
    if (list.length > 200) return { problem: "too_many" };
    const fields = [];
    for (const [index, each] of list.entries()) {
        const { name, from, value } = each ?? {};
        if (typeof name !== "string" || name.trim() === "" || name.length > 200)
            return { problem: "name", at: index + 1 };
        if (typeof value === "string" && from === undefined) fields.push({ name, value });
        else if (typeof from === "string" && /^[^.\s][^\s]{0,199}$/.test(from) && value === undefined)
            fields.push({ name, from });
        else return { problem: "from", at: index + 1 };
    }
    const names = fields.map(({ name }) => name);
    const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
    return twice >= 0 ? { problem: "twice", at: twice + 1 } : { fields };
}
export const fieldMapText = (fields) =>
    `{"fields": [\n${fields.map((each) => `  ${JSON.stringify(each)}`).join(",\n")}\n]}`;

/** The columns of leadbridge's own CSV (docs/preview.md): dropped on the page again they become the same leads. */
export const CSV_FIELDS = Object.freeze(
    [
        ["id", "id"],
        ["platform", "source.platform"],
        ["source", "source.name"],
        ["account", "source.account"],
        ["lead_id", "source.lead_id"],
        ["version", "source.version"],
        ["kind", "kind"],
        ["status", "status.raw"],
        ["name", "person.name"],
        ["gender", "person.gender.raw"],
        ["nick", "person.nick"],
        ["phone", "phone"],
        ["phone_class", "phones.0.class"],
        ["email", "person.email"],
        ["wechat", "person.wechat"],
        ["company", "company"],
        ["province", "region.province"],
        ["city", "region.city"],
        ["district", "region.district"],
        ["street", "region.street"],
        ["address", "region.address"],
        ["campaign", "campaign.name"],
        ["page", "page"],
        ["form", "form.name"],
        ["store", "store"],
        ["activity", "activity"],
        ["channel", "channel.raw"],
        ["owner", "owner"],
        ["tags", "tags"],
        ["remark", "remark"],
        ["submitted", "times.submitted.utc"],
        ["created", "times.created.utc"],
        ["modified", "times.modified.utc"],
        ["appointment", "times.appointment.utc"],
        ["received_at", "source.received_at"],
    ].map(([name, from]) => Object.freeze({ name, from })),
);

/**
 * @param {{format: 'csv' | 'ndjson' | 'json', fields: object[]|null}} options fields: null = a lead as it is (not for CSV)
 * begin(), then join(n) + lead(l) for each, end()
 */
export function createWriter({ format, fields }) {
    if (format === "csv") {
        const columns = fields ?? CSV_FIELDS;
        return {
            type: "text/csv;charset=utf-8",
            begin: () => `\ufeff${columns.map(({ name }) => csvCell(name)).join(",")}\r\n`,
            join: () => "",
            lead: (lead) => `${columns.map((field) => csvCell(fieldText(lead, field))).join(",")}\r\n`,
            end: () => "",
        };
    }
    const shape = fields
        ? (lead) => Object.fromEntries(fields.map((field) => [field.name, mapped(lead, field)]))
        : (lead) => lead;
    if (format === "ndjson") {
        return {
            type: "application/x-ndjson",
            begin: () => "",
            join: () => "",
            lead: (lead) => `${JSON.stringify(shape(lead))}\n`,
            end: () => "",
        };
    }
    return {
        type: "application/json",
        begin: () => "[",
        join: (n) => (n > 0 ? ",\n" : "\n"),
        lead: (lead) => JSON.stringify(shape(lead)),
        end: () => "\n]\n",
    };
}

/** In JSON a path keeps its type. */
function mapped(lead, field) {
    if (typeof field.value === "string" || Object.hasOwn(COMPUTED, field.from)) return fieldText(lead, field);
    return at(lead, field.from) ?? null;
}
