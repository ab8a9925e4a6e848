// A stand-in for the core's `preview` event: NDJSON or CSV of {id, name, phone, t, src}; `boom` traps, `bad` is a problem.
const CELLS = /("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/y;

function csvRows(text) {
    const rows = [];
    let line = 1;
    let begin = 1;
    let cells = [];
    CELLS.lastIndex = 0;
    while (CELLS.lastIndex < text.length) {
        const [whole, cell, end] = CELLS.exec(text);
        cells.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
        line += whole.split("\n").length - 1;
        if (end !== ",") {
            if (cells.join("") !== "") rows.push([begin, cells]);
            cells = [];
            begin = line;
        }
    }
    const [[, header], ...rest] = rows;
    return rest.map(([at, values]) => [at, Object.fromEntries(header.map((name, i) => [name, values[i]]))]);
}

export const maskOf = (phone) => `${phone.slice(0, 3)}****${phone.slice(-4)}`;

export function leadOf(row, { reveal }) {
    const phone = row.phone
        ? {
              class: row.enc ? "encrypted" : "mobile",
              masked: row.enc ? undefined : maskOf(row.phone),
              valid: !row.enc,
              ...(reveal && { raw: row.phone, ...(!row.enc && { e164: `+86${row.phone}` }) }),
          }
        : null;
    return {
        v: 1,
        id: `x:1:${row.id}`,
        source: {
            platform: "x",
            name: row.src ?? "x",
            account: "1",
            lead_id: String(row.id),
            version: String(row.v ?? 1),
            received_at: new Date().toISOString(),
        },
        kind: "person",
        is_test: false,
        person: { name: row.name },
        phones: phone ? [phone] : [],
        region: { province: row.prov, city: row.city },
        form: { name: row.form },
        remark: row.remark,
        times: row.t ? { submitted: { utc: new Date(row.t).toISOString(), raw: String(row.t) } } : {},
    };
}

export function createFakeCore() {
    const calls = [];
    const call = async (event, bytes) => {
        const text = new TextDecoder().decode(bytes);
        calls.push({ event, size: bytes.length });
        await null;
        if (text.includes('"boom"'))
            return {
                summary: { exit: 2, error: { code: "trap", reason: "the core stopped: unreachable" } },
                now: Date.now(),
            };
        const rows =
            event.format === "csv"
                ? csvRows(text)
                : text
                      .split("\n")
                      .map((line, i) => [i + 1, line])
                      .filter(([, line]) => line.trim());
        const leads = [];
        const problems = [];
        let unread = 0;
        for (const [line, given] of rows) {
            let row = given;
            if (typeof given === "string") {
                try {
                    row = JSON.parse(given);
                } catch {
                    problems.push({ line, code: "not_json", problem: "not JSON" });
                    continue;
                }
            }
            for (const one of row.rows ?? [row]) {
                const locked = one.enc && !event.mobile_key;
                if (locked) unread++;
                leads.push({
                    line,
                    platform: "x",
                    lead: leadOf({ ...one, enc: locked }, event),
                    ...(event.raw && { raw: one }),
                    unknown: one.odd ? ["odd"] : [],
                });
            }
        }
        return {
            summary: {
                exit: 0,
                platform: "x",
                records: rows.length,
                leads,
                problems,
                unread,
                needs: unread ? ["mobile_key"] : [],
            },
            now: Date.now(),
        };
    };
    return { call, calls };
}
