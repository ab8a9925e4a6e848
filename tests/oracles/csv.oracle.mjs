// CSV (RFC 4180) is read as csv-parse reads it: cells, quotes, separators, line ends; what is not a row stays none.
import { isDeepStrictEqual } from "node:util";
import { parse } from "csv-parse/sync";
import { askNative } from "./ask.mjs";

const cell = (random) =>
    random.pick([
        "",
        "",
        "1",
        "13800138000",
        "张三",
        " x ",
        "a b",
        "0.50",
        "'=1+1",
        "2023-01-02 03:04:05",
        "-",
        "😀",
        "é",
    ]);
const hard = (random) =>
    random.pick(["a,b", "a;b", "a\tb", 'say "x"', '"', '""', "line\nbreak", "line\r\nbreak", "\n", ",", ""]);
const quoted = (text) => `"${text.replaceAll('"', '""')}"`;

function table(random, { separator = ",", end = "\n" } = {}) {
    const width = 2 + random.below(4);
    const row = () => {
        const cells = Array.from({ length: width }, () => {
            if (random.chance(0.25)) return quoted(hard(random));
            return random.chance(0.2) ? quoted(cell(random)) : cell(random);
        });
        if (cells.every((text) => text === "" || text === '""')) cells[0] = "1"; // a blank line is no row
        return cells.join(separator);
    };
    const header = Array.from({ length: width }, (_, i) => (random.chance(0.2) ? quoted(`c${i}`) : `c${i}`)).join(
        separator,
    );
    const rows = Array.from({ length: random.below(6) }, row);
    return { separator, text: [header, ...rows].join(end) + (random.chance(0.7) ? end : "") };
}

const ends = ["\n", "\r\n", "\r"];
const classes = [
    ["commas", 30, (random) => table(random, { end: random.pick(ends) })],
    [
        "semicolons and tabs",
        20,
        (random) => table(random, { separator: random.pick([";", "\t"]), end: random.pick(ends) }),
    ],
    ["a mark at the beginning", 5, (random) => with_(table(random), (text) => `\ufeff${text}`)],
    ["blank lines", 5, (random) => with_(table(random), (text) => text.replaceAll("\nc", "\n\nc").concat("\n\n"))],
    [
        "cells too many or too few",
        10,
        (random) => with_(table(random), (text) => cut(random, text, [",", "", ",x", "\n"])),
    ],
    ["quotes in the wrong place", 10, (random) => with_(table(random), (text) => cut(random, text, ['"', 'x"', '"x']))],
];

const with_ = (made, change) => ({ ...made, text: change(made.text) });
/** One change behind the header. */
function cut(random, text, pieces) {
    const from = text.indexOf("\n") + 1;
    if (from === 0) return text;
    const at = from + random.below(text.length - from + 1);
    return text.slice(0, at) + random.pick(pieces) + text.slice(at);
}

/** Rows by csv-parse as the core shows them: objects without empty cells; a code where the whole is refused. */
function judged({ text, separator }) {
    try {
        const rows = parse(text, { delimiter: separator, bom: true, skip_empty_lines: true, relax_column_count: true });
        const [header, ...rest] = rows;
        return rest.map((cells) => {
            const row = [...cells];
            while (row.length > header.length && row.at(-1) === "") row.pop();
            if (row.length !== header.length) return "refused";
            return Object.fromEntries(
                header.map((name, i) => [name.trim(), row[i]]).filter(([, value]) => value !== ""),
            );
        });
    } catch ({ code }) {
        return code;
    }
}

export default {
    judge: "csv-parse",
    sizes: { full: 50_000, sample: 3_000 },
    async ask(tally, { count, random }) {
        const weights = classes.reduce((sum, [, weight]) => sum + weight, 0);
        for (const [name, weight, make] of classes) {
            const tables = Array.from({ length: Math.ceil((count * weight) / weights) }, () => make(random));
            const answers = await askNative(
                "csv",
                tables.map(({ text }) => text),
            );
            tables.forEach((made, i) => {
                const wanted = judged(made);
                const came = answers[i].rows?.map((row) => (typeof row === "string" ? "refused" : row));
                // csv-parse refuses a whole text for one bad quote; here its line is refused and the others are read.
                const same =
                    typeof wanted === "string"
                        ? came === undefined || came.includes("refused")
                        : isDeepStrictEqual(came, wanted);
                const listed =
                    wanted === "INVALID_OPENING_QUOTE"
                        ? "a quote inside a cell that begins without one is text here"
                        : undefined;
                tally.add(name, same, { text: made.text, came: answers[i], wanted }, listed);
            });
        }
    },
};
