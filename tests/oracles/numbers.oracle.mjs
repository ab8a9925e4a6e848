// Numbers keep their digits: what a JSON document says goes out with the same digits, natively and in WebAssembly.
import { askNative, askPreview } from "./ask.mjs";

const digits = (random, count) => random.digits(count).replace(/^0+(?=.)/, "");
const whole = (random, most) => digits(random, 1 + random.below(most));
const fraction = (random, least, most) => `.${random.digits(least + random.below(most - least + 1))}`;
const sign = (random) => (random.chance(0.2) ? "-" : "");
const exponent = (random, most) => `${random.pick(["e", "E"])}${random.pick(["", "+", "-"])}${random.below(most)}`;
/** Any double, as JavaScript writes it. */
function anyDouble(random) {
    const value = random.bytes(8).readDoubleLE();
    return Number.isFinite(value) ? `${value}` : "0.5";
}

/** Classes of literals, the first one as leads have them. */
const classes = [
    ["coordinates", 10, (random) => `${sign(random)}${random.below(180)}${fraction(random, 6, 6)}`],
    ["coordinates of 15 and more digits", 10, (random) => `${73 + random.below(62)}${fraction(random, 12, 16)}`],
    ["prices and shares", 10, (random) => `${sign(random)}${whole(random, 9)}${fraction(random, 1, 4)}`],
    ["any double, shortest writing", 10, anyDouble],
    ["up to 15 digits anywhere", 10, (random) => `${sign(random)}${whole(random, 7)}${fraction(random, 1, 8)}`],
    ["16 to 20 digits", 5, (random) => `${sign(random)}${whole(random, 8)}${fraction(random, 9, 12)}`],
    ["below one", 5, (random) => `0.${"0".repeat(random.below(12))}${whole(random, 17)}`],
    [
        "with an exponent",
        10,
        (random) => `${whole(random, 5)}${random.pick(["", ".38", ".5"])}${exponent(random, 330)}`,
    ],
    ["integers of 64 bits", 5, (random) => `${sign(random)}${whole(random, 19)}`],
    ["integers of 20 to 40 digits", 5, (random) => `${1 + random.below(9)}${random.digits(19 + random.below(21))}`],
    ["integers, many zeros", 2, (random) => `${1 + random.below(99)}${"0".repeat(random.below(40))}`],
    [
        "no double holds them",
        2,
        (random) => `${whole(random, 3)}.5e${random.pick(["", "-"])}${330 + random.below(9e5)}`,
    ],
    ["zeros and the edges", 1, (random) => random.pick(EDGES)],
];
const EDGES = [
    ..."0 -0 0.0 -0.0 0e5 0.000 0E-400 5e-324 4.9e-324 2.5e-324 2.2250738585072014e-308 1e23 1e22 1e21 1e-6 1e-7".split(
        " ",
    ),
    ..."1.7976931348623157e308 1.7976931348623158e308 1.8e308 9007199254740993 9007199254740993.0 1.38E+10".split(" "),
    ..."9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 -9223372036854775808".split(
        " ",
    ),
    ..."-9223372036854775809 117.273142 117.27314200000001 1.10 100.0 2.9802322387695312e-8 -18446744073709551616".split(
        " ",
    ),
];

/** Digits without zeros at either end, and the power of ten of the first: the same for two writings of one number. */
function plain(literal) {
    const [, minus, before, after = "", power = "0"] = literal.match(/^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/);
    const all = before + after;
    const significant = all.replace(/^0+/, "");
    if (significant === "") return "0";
    const point = before.length - (all.length - significant.length) + Number(power);
    return `${minus}${significant.replace(/0+$/, "")}@${point}`;
}

/** What must come out: the literal's text, or the number as JavaScript writes it. */
function judged(literal) {
    if (/^-?\d+$/.test(literal)) {
        const value = BigInt(literal);
        if (value >= -(2n ** 63n) && value < 2n ** 64n) return { number: `${value}` };
    }
    const value = JSON.parse(literal);
    const written = JSON.stringify(value);
    const held = written !== "null" && plain(written) === plain(literal);
    return held ? { number: Object.is(value, -0) ? "-0" : written } : { text: literal };
}

/** A whole double ends in `.0`, so that it stays one. */
const asJavaScript = (text) => text.replace(/\.0$/, "");

export default {
    judge: "JSON.parse and JSON.stringify",
    sizes: { full: 1_000_000, sample: 8_000 },
    async ask(tally, { count, random }) {
        const weights = classes.reduce((sum, [, weight]) => sum + weight, 0);
        for (const [name, weight, make] of classes) {
            let left = Math.ceil((count * weight) / weights);
            for (; left > 0; left -= 100_000) {
                const literals = Array.from({ length: Math.min(left, 100_000) }, () => make(random));
                await native(tally, name, literals);
                webAssembly(tally, name, literals);
            }
        }
    },
};

async function native(tally, name, literals) {
    const answers = await askNative("json", literals);
    answers.forEach(({ text, error }, i) => {
        const wanted = judged(literals[i]);
        const same =
            wanted.text !== undefined ? text === `"${wanted.text}"` : asJavaScript(`${text}`) === wanted.number;
        tally.add(name, same, { literal: literals[i], came: text ?? error, wanted });
    });
}

const IN_A_ROW = 200;
const IN_A_CALL = 20_000;

/** Through a lead: each number is the value of an answer, where it is written as text; `raw` shows what it is. */
function webAssembly(tally, name, literals) {
    for (let at = 0; at < literals.length; at += IN_A_CALL) {
        const called = literals.slice(at, at + IN_A_CALL);
        const rows = [];
        for (let i = 0; i < called.length; i += IN_A_ROW) {
            const entries = called
                .slice(i, i + IN_A_ROW)
                .map((literal) => `{"code":"n","label":"n","value":${literal}}`);
            rows.push(`{"id":${i + 1},"seller_user_id":1,"extend_list":[${entries.join(",")}]}`);
        }
        const summary = askPreview({ platform: "alimama", format: "ndjson", raw: true, reveal: true }, rows.join("\n"));
        if (summary.error) throw new Error(summary.error.reason);
        const came = summary.leads.flatMap(({ lead, raw }) =>
            lead.answers.map(({ value }, i) => ({ text: value, type: typeof raw.extend_list[i].value })),
        );
        called.forEach((literal, i) => {
            const wanted = judged(literal);
            // Whole numbers beyond 2^53 are text for JavaScript, digit for digit.
            const wide = /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal));
            const same =
                wanted.text !== undefined
                    ? came[i]?.text === wanted.text && came[i].type === "string"
                    : asJavaScript(`${came[i]?.text}`) === wanted.number && (wide || came[i].type === "number");
            tally.add(`${name} (WebAssembly)`, same, { literal, came: came[i], wanted });
        });
    }
}
