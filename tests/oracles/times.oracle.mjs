// Dates of platforms: what they say, as dayjs and JavaScript's Date read it, or refused.
import dayjs from "dayjs";
import customParseFormat from "dayjs/plugin/customParseFormat.js";
import utc from "dayjs/plugin/utc.js";
import { askNative } from "./ask.mjs";

dayjs.extend(utc);
dayjs.extend(customParseFormat);

const CHINA = 8 * 3_600_000; // no platform's text has a zone of its own
const FIRST = Date.parse("0000-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
const clamp = (ms) => Math.min(Math.max(ms, FIRST), LAST);

const pad = (value, width = 2) => `${value}`.padStart(width, "0");
/** One more often impossible than people think. */
const fields = (random, years = [1900, 2100]) => {
    const year = years[0] + random.below(years[1] - years[0]);
    const odd = random.chance(0.15);
    return {
        YYYY: pad(year, 4),
        MM: pad(odd ? random.below(14) : 1 + random.below(12)),
        DD: pad(odd || random.chance(0.3) ? 27 + random.below(6) : 1 + random.below(28)),
        HH: pad(random.below(odd ? 26 : 24)),
        mm: pad(random.below(odd ? 62 : 60)),
        ss: pad(random.below(odd ? 62 : 60)),
        SSS: pad(random.below(1000), 3),
    };
};
const written = (format, values) => format.replace(/YYYY|MM|DD|HH|mm|ss|SSS/g, (name) => values[name]);

/** Milliseconds of a text in +08:00 that has this very form, else null. dayjs takes `24:00` and days that do not exist. */
function civil(text, format) {
    const at = dayjs.utc(text, format);
    if (!at.isValid() || at.format(format) !== text) return null;
    return clamp(at.valueOf() - CHINA);
}

const CIVIL = ["YYYY-MM-DD HH:mm:ss", "YYYY/MM/DD HH:mm:ss", "YYYY-MM-DDTHH:mm:ss", "YYYY-MM-DD HH:mm", "YYYY-MM-DD"];
const MILLIS = ["YYYY-MM-DD HH:mm:ss.SSS", "YYYY-MM-DDTHH:mm:ss.SSS"];
const COMPACT = ["YYYYMMDD", "YYYYMMDDHHmmss", "YYYYMMDDHHmm", "YYYYMMDDHHmmssSSS"];

const inFormat = (formats, years) => (random) => {
    const format = random.pick(formats);
    const text = written(format, fields(random, years));
    return [text, civil(text, format)];
};

/** Java's and JavaScript's own forms. */
function zoned(random) {
    const local = written(random.pick(["YYYY-MM-DDTHH:mm:ss", "YYYY-MM-DDTHH:mm:ss.SSS"]), fields(random));
    const zone = random.pick([
        "Z",
        `${random.pick(["+", "-"])}${pad(random.below(14))}:${random.pick(["00", "30", "45"])}`,
    ]);
    const format = local.includes(".") ? "YYYY-MM-DDTHH:mm:ss.SSS" : "YYYY-MM-DDTHH:mm:ss";
    const exists = civil(local, format) !== null;
    return [local + zone, exists ? Date.parse(local + zone) : null];
}

function epoch(random) {
    const ms = Date.UTC(2001, 8, 10) + random.below(2 ** 31) * 500;
    return random.chance(0.5) ? [`${ms}`, ms] : [`${Math.floor(ms / 1000)}`, Math.floor(ms / 1000) * 1000];
}

function edge(random) {
    const years = ["0000", "0001", "9999"];
    const year = random.pick(years);
    const text = `${year}-${random.pick(["01-01 00:00:00", "12-31 23:59:59", "06-15 12:00:00"])}`;
    if (random.chance(0.5)) return [text, civilEdge(text, CHINA)];
    const hours = random.pick([-12, -1, 0, 1, 14]);
    return [`${text}${hours < 0 ? "-" : "+"}${pad(Math.abs(hours))}:00`, civilEdge(text, hours * 3_600_000)];
}
const civilEdge = (text, offset) => clamp(Date.parse(`${text.replace(" ", "T")}Z`) - offset);

/** Digits that are neither a compact date nor an instant of any platform: never 1970, 2611 or the year 10000. */
function noTime(random) {
    return [
        random.pick([
            () => `${random.below(9_999_999)}`,
            () => random.digits(random.pick([16, 18])).replace(/^0/, "1"),
            () => `${20_000 + random.below(60_000)}`,
            () => `${20_000 + random.below(60_000)}.${random.digits(6)}`,
            () => `2023${13 + random.below(80)}${random.digits(2)}`,
            () => `2023${random.digits(2)}${32 + random.below(60)}`,
            () => `20230102${24 + random.below(70)}${random.digits(4)}`,
            () => `${300_000 + random.below(600_000)}${random.digits(10)}`,
            () => random.digits(40),
            () => "10000-01-01 00:00:00",
            () => `-${random.digits(12)}`,
            () => "1.38E+10",
        ])(),
        null,
    ];
}

const classes = [
    ["civil text in +08:00", 30, inFormat(CIVIL)],
    ["with milliseconds", 10, inFormat(MILLIS)],
    ["with a zone", 15, zoned],
    ["epoch seconds and milliseconds", 15, epoch],
    ["compact dates", 15, inFormat(COMPACT)],
    ["compact dates of other centuries", 3, inFormat(["YYYYMMDD", "YYYYMMDDHHmmss"], [1000, 9999])],
    ["first and last years", 5, edge],
    ["no time", 10, noTime],
];

export default {
    judge: "dayjs and Date",
    sizes: { full: 200_000, sample: 4_000 },
    async ask(tally, { count, random }) {
        for (const [name, weight, make] of classes) {
            const cases = Array.from({ length: Math.ceil((count * weight) / 100) }, () => make(random));
            const answers = await askNative(
                "time",
                cases.map(([text]) => text),
            );
            cases.forEach(([text, wanted], i) => {
                const came = answers[i];
                const same =
                    wanted === null
                        ? came === null
                        : came?.ms === wanted &&
                          came.iso === new Date(wanted).toISOString() &&
                          came.china === new Date(clamp(wanted + CHINA)).toISOString().slice(0, 19).replace("T", " ");
                tally.add(name, same, { text, came, wanted });
            });
        }
    },
};
