// Phones: single numbers beside libphonenumber-js (max metadata), fields of several numbers and hand-checked ones beside
// the truth they were made from. Every disagreement must belong to a class of docs/lead.md.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { askNative } from "./ask.mjs";

const metadata = createRequire(import.meta.url)("libphonenumber-js/metadata.max.json");
const countries = Object.values(metadata.countries).filter(([code]) => !["86", "852", "853", "886"].includes(code));
const checked = JSON.parse(readFileSync(new URL("phones.checked.json", import.meta.url), "utf8"));

const CN_CODES = [
    "+86",
    "0086",
    "86",
    "+86 ",
    "+86-",
    "0086-",
    "0086 ",
    "86-",
    "86 ",
    "(+86)",
    "(86)",
    "+0086",
    "86 86 ",
    "+86+86",
];
const CITIES = ["10", "20", "21", "22", "23", "24", "25", "27", "28", "29"];
const EIGHT =
    "311 371 377 379 411 431 451 510 512 516 519 531 532 551 571 574 577 579 591 731 755 757 769 791 871 898".split(
        " ",
    );
const SEVEN =
    "310 335 352 391 412 470 535 554 572 578 592 632 668 710 716 744 752 773 792 812 832 854 872 891 912 936 951 977 991".split(
        " ",
    );

const digits = (random, count) => random.digits(count);
const group = (random, number, sizes) => {
    const mark = random.pick(["", "", " ", "-", " ", "."]);
    const parts = [];
    let at = 0;
    for (const size of sizes) parts.push(number.slice(at, (at += size)));
    return parts.join(mark);
};
const mobile = (random) => `1${3 + random.below(7)}${digits(random, 9)}`;
const anyArea = (random) => (random.chance(0.2) ? random.pick(CITIES) : `${300 + random.below(700)}`);

/** Classes of single numbers: name, weight, maker. */
const singles = [
    ["mobile, bare", 20, mobile],
    [
        "mobile, written with +86, 0086, 86",
        20,
        (random) => random.pick(CN_CODES) + group(random, mobile(random), [3, 4, 4]),
    ],
    [
        "landline, 0 and area",
        15,
        (random) => `0${anyArea(random)}${random.pick(["", "-", " "])}${digits(random, 7 + random.below(2))}`,
    ],
    [
        "landline, +86 and area",
        10,
        (random) =>
            `+86${random.pick(["", " ", "-"])}${anyArea(random)}${random.pick(["", " ", "-"])}${digits(random, 7 + random.below(2))}`,
    ],
    [
        "service numbers",
        10,
        (random) =>
            random.pick(["400", "800", "950", "9500", "1010", "95", "96", "100", "12"]) +
            digits(random, random.pick([2, 3, 4, 7])),
    ],
    [
        "Hong Kong, Macau, Taiwan",
        15,
        (random) =>
            random.pick(["+852", "+852 ", "00852", "+853", "+853-", "+886", "+8860", "00886 "]) +
            digits(random, random.pick([8, 8, 9])),
    ],
    [
        "any country, a length it has",
        10,
        (random) => {
            const [code, , , lengths] = random.pick(countries);
            return `${random.pick(["+", "00"])}${code}${random.pick(["", " "])}${digits(random, random.pick(lengths))}`;
        },
    ],
];

/** The judge's answer in our terms. */
function judged(text) {
    const parsed = parsePhoneNumberFromString(text, "CN");
    if (!parsed?.isValid()) return { valid: false };
    return { valid: true, e164: parsed.number, type: parsed.getType() };
}

/** Which documented class a disagreement belongs to (docs/lead.md), or undefined. */
function listed(ours, judge) {
    const national = ours.e164.startsWith("+86") ? ours.e164.slice(3) : "";
    if (ours.class === "mobile" && /^149|^174(0[6-9]|1[0-2]|9)/.test(national))
        return "M1 ranges the metadata lacks: 149, 17406-17412, 1749";
    if (ours.valid && !judge.valid && /^\+00|^(\+?86\D*){2}/.test(ours.raw))
        return "W1 country codes written twice or as +0086";
    if (ours.class === "service" && !judge.valid) return "S1 service numbers the metadata does not list";
    if (ours.class === "service") return "S2 a service number that the judge reads as an area code and a number";
    const written = ours.raw.replace(/\D/g, "");
    if (judge.e164?.startsWith("+86")) {
        const local = judge.e164.slice(3);
        if (["UAN", "TOLL_FREE", "SHARED_COST"].includes(judge.type) && /^(00?86)*0/.test(written))
            return "S3 a service number with a 0 before it";
        if (/^(10|2\d|[3-9]\d\d)[01]/.test(local)) return "L1 local numbers that begin with 0 or 1";
        if (/^(10|2\d|[3-9]\d\d)9[56]/.test(local)) return "S4 95 and 96 numbers of a city";
        if (["UAN", "TOLL_FREE", "SHARED_COST"].includes(judge.type)) return "S5 service numbers behind +86";
        return undefined;
    }
    if (/^(10|21)[18]00/.test(national) && !judge.valid)
        return "L2 Beijing and Shanghai: local numbers that begin with 100 or 800";
    if (judge.e164?.startsWith("+1") && !ours.valid) return "A6 +1: exchanges that begin with 0 or 1";
    if (ours.valid !== judge.valid && /^\+85[23]|^\+886/.test(ours.e164 || judge.e164))
        return "A1 Hong Kong, Macau, Taiwan: first digit and length, no ranges";
    if (ours.valid && !judge.valid && ours.class === "landline" && !national)
        return "A2 abroad: country code and E.164 length, no ranges";
    if (judge.valid && judge.e164.length > 16)
        return "E1 more than 15 digits: the judge lets them pass, E.164 does not";
    if (judge.e164?.startsWith("+852800")) return "A5 Hong Kong's nine-digit toll-free numbers";
    if (judge.valid && !ours.valid && /^\+/.test(judge.e164))
        return judge.e164.length <= 10 ? "A3 abroad: fewer than six digits after the country code" : undefined;
    if (ours.valid && judge.valid) return "A4 abroad: prefixes that a country's own plan removes (carrier codes)";
    return undefined;
}

async function oneByOne(tally, random, count) {
    const weights = singles.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight, make] of singles) {
        const texts = Array.from({ length: Math.ceil((count * weight) / weights) }, () => make(random));
        const answers = await askNative("phones", texts);
        texts.forEach((text, i) => {
            const judge = judged(text);
            const ours = answers[i][0] ?? { class: "invalid", e164: "", raw: text, valid: false };
            const service =
                ours.class === "service" && ["UAN", "TOLL_FREE", "SHARED_COST", "PREMIUM_RATE"].includes(judge.type);
            const same =
                answers[i].length === 1 &&
                (judge.valid ? service || (ours.valid && ours.e164 === judge.e164) : !ours.valid);
            tally.add(name, same, { text, ours, judge }, answers[i].length === 1 ? listed(ours, judge) : undefined);
        });
    }
}

// ---- fields of several numbers ------------------------------------------------------------------------------

const assigned = ["13", "15", "18", "19"];
function realMobile(random) {
    for (;;) {
        const number = `${random.pick(assigned)}${digits(random, 9)}`;
        if (!/^(154|194|1349)/.test(number)) return number;
    }
}
const local = (random, count) => `${2 + random.below(7)}${digits(random, count - 1)}`;
function realLandline(random) {
    const [area, length] = random.pick([
        [random.pick(CITIES), 8],
        [random.pick(EIGHT), 8],
        [random.pick(SEVEN), 7],
    ]);
    return { area: `0${area}`, number: local(random, length) };
}

/** Writers of one number: what is written, and the class and dial string that must come out. */
const numbers = [
    [
        8,
        (random) => {
            const number = realMobile(random);
            const sizes = random.pick([[11], [11], [3, 4, 4], [3, 3, 5]]);
            const mark = random.pick([" ", "-"]);
            let at = 0;
            const text = sizes.map((size) => number.slice(at, (at += size))).join(mark);
            return {
                text: random.pick(["", "", "", "+86", "+86 ", "86-", "0086"]) + text,
                class: "mobile",
                dial: number,
            };
        },
    ],
    [
        4,
        (random) => {
            const { area, number } = realLandline(random);
            const text = random.pick([
                `${area}-${number}`,
                `${area} ${number}`,
                `(${area})${number}`,
                `${area}${number}`,
                `${area}-${number.slice(0, 4)}-${number.slice(4)}`,
            ]);
            return { text, class: "landline", dial: area + number };
        },
    ],
    [
        2,
        (random) => {
            const { area, number } = realLandline(random);
            const ext = `${1 + random.below(9)}${digits(random, 2 + random.below(2))}`;
            return {
                text: `${area}-${number}${random.pick(["-", "转", " 转 ", "分机", "x", "#"])}${ext}`,
                class: "landline",
                dial: `${area}${number}-${ext}`,
            };
        },
    ],
    [
        2,
        (random) => {
            const number = realMobile(random);
            const ext = digits(random, 3 + random.below(2));
            return {
                text: number + random.pick(["-", "转", "_", "#"]) + ext,
                class: "privacy_ext",
                dial: `${number}-${ext}`,
            };
        },
    ],
    [
        1,
        (random) => {
            const number = digits(random, 7);
            return {
                text: random.pick([`400${number}`, `400-${number.slice(0, 3)}-${number.slice(3)}`]),
                class: "service",
                dial: `400${number}`,
            };
        },
    ],
    [
        1,
        (random) => {
            const number = `${5 + random.below(2)}${digits(random, 7)}`;
            return {
                text: random.pick([
                    `+852${number}`,
                    `+852 ${number.slice(0, 4)} ${number.slice(4)}`,
                    `00852-${number}`,
                ]),
                class: "mobile",
                dial: `+852${number}`,
            };
        },
    ],
    [
        1,
        (random) => {
            const number = local(random, 8);
            const ext = `${1 + random.below(9)}${digits(random, 2)}`;
            return {
                text: `${number.replace(/^20/, "21")}-${ext}`,
                class: "landline",
                dial: `${number.replace(/^20/, "21")}-${ext}`,
            };
        },
    ],
    [
        1,
        (random) => {
            const number = random.pick(["95588", "10086", "12345", "96345", "10105757"]);
            return { text: number, class: "service", dial: number };
        },
    ],
];
const total = numbers.reduce((sum, [weight]) => sum + weight, 0);
function aNumber(random) {
    let at = random.below(total);
    for (const [weight, write] of numbers) {
        at -= weight;
        if (at < 0) return write(random);
    }
    return undefined;
}

/** Classes of separators. A blank between numbers that hold blanks themselves is one of them. */
const separators = {
    "slash, semicolon, bar, line": ["/", " / ", ";", "；", "|", "\n", "、", "&", "\\"],
    comma: [",", ", ", "，", " , "],
    blank: [" ", "  ", "\t", "\u3000", "    "],
    word: ["或", "和", " 或 ", " 及 "],
    "name before": [" 张三", "李四:", " 王女士 ", "；备用"],
};

async function fields(tally, random, count) {
    for (const [name, marks] of Object.entries(separators)) {
        const made = Array.from({ length: Math.ceil(count / 5) }, () => {
            const wanted = Array.from({ length: random.chance(0.1) ? 10 : 2 + random.below(3) }, () => aNumber(random));
            const mark = random.pick(marks);
            return {
                text: wanted.map(({ text }) => text).join(mark),
                wanted: wanted.map((one) => `${one.class} ${one.dial}`),
            };
        });
        const answers = await askNative(
            "phones",
            made.map(({ text }) => text),
        );
        made.forEach(({ text, wanted }, i) => {
            const got = answers[i].map((phone) => `${phone.class} ${phone.dial}`);
            tally.add(`several in one field: ${name}`, got.join() === [...new Set(wanted)].join(), {
                text,
                got,
                wanted,
            });
        });
    }
}

async function byHand(tally) {
    const answers = await askNative(
        "phones",
        checked.map(({ text }) => text),
    );
    checked.forEach(({ text, phones }, i) => {
        const got = answers[i].map((phone) =>
            Object.fromEntries(Object.entries(phone).filter(([key]) => key !== "raw")),
        );
        const wanted = phones.map((phone) => ({
            class: phone.class,
            e164: phone.e164 ?? "",
            ext: phone.ext ?? "",
            dial: phone.dial ?? "",
            range: phone.range ?? "",
            valid: phone.valid ?? false,
        }));
        tally.add("checked by hand", JSON.stringify(got.map(sorted)) === JSON.stringify(wanted.map(sorted)), {
            text,
            got,
            wanted,
        });
    });
}
const sorted = (object) => Object.fromEntries(Object.entries(object).sort());

export default {
    judge: "libphonenumber-js (max) and the truth that fields were made from",
    sizes: { full: 200_000, sample: 4_000 },
    async ask(tally, { count, random }) {
        await oneByOne(tally, random, count);
        await fields(tally, random, count / 4);
        await byHand(tally);
    },
};
