// JSON is read or refused as a strict reader does: a generated corpus, whole and damaged.
import { askNative } from "./ask.mjs";

const DEPTH = 64; // docs/lead.md: what is nested deeper is refused

const blank = (random) => random.pick(["", "", "", " ", "\n", "\t", "\r\n", "  "]);

function number(random) {
    const whole = random.pick([
        "0",
        "-0",
        "7",
        "-12",
        "1234567890",
        "18446744073709551616",
        "00",
        "01",
        "-",
        "+1",
        ".5",
    ]);
    const fraction = random.pick(["", "", ".0", ".25", ".", ".e1"]);
    const exponent = random.pick(["", "", "e5", "E+2", "e-3", "e", "E+", "e1.5"]);
    return whole + fraction + exponent;
}

function string(random) {
    const piece = () =>
        random.pick([
            ...["a", "张", "😀", " ", "/", "'", "\u007f", "\ufeff", "\u2028"],
            ...['\\"', "\\\\", "\\/", "\\b", "\\n", "\\u0000", "\\u5f20", "\\ud83d\\ude00", "\\uFFFF", "&#1;"],
            ...["\\x41", "\\u12", "\\ud800", "\\udc00", "\\ud800\\u0041", "\n", "\u0001", "\\", "\\U0041", '"'],
        ]);
    return `"${Array.from({ length: random.below(4) }, piece).join("")}"`;
}

const word = (random) =>
    random.pick(["true", "false", "null", "True", "nul", "NaN", "Infinity", "undefined", "'a'", "a"]);

/** Valid more often than not. */
function value(random, depth) {
    const kind = random.below(depth > 4 ? 3 : 6);
    if (kind === 0) return random.chance(0.8) ? `${random.below(1e6)}` : number(random);
    if (kind === 1) return random.chance(0.8) ? '"b"' : string(random);
    if (kind === 2) return random.chance(0.9) ? random.pick(["true", "false", "null"]) : word(random);
    const gap = () => (random.chance(0.03) ? random.pick(["", ",", ";", ":", "//c\n"]) : ",");
    const list = (make) => {
        let text = "";
        for (let n = random.below(4), i = 0; i < n; ++i)
            text += (i > 0 ? gap() : "") + blank(random) + make() + blank(random);
        return text + (random.chance(0.02) ? "," : "");
    };
    if (kind === 3) return `[${list(() => value(random, depth + 1))}]`;
    const key = () =>
        random.chance(0.95) ? `"${random.pick(["a", "b", "", "张"])}"` : random.pick(["a", "'a'", "1", "null"]);
    return `{${list(() => `${key()}${blank(random)}${random.chance(0.97) ? ":" : random.pick(["", "=", "::"])}${value(random, depth + 1)}`)}}`;
}

function damaged(random) {
    let bytes = Buffer.from(value(random, 0));
    for (let n = 1 + random.below(3); n > 0 && bytes.length > 0; --n) {
        const at = random.below(bytes.length);
        const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + random.below(3))];
        const put = random.chance(0.5) ? random.bytes(1) : Buffer.from(random.pick([...'"\\{}[],:0.eE+-tfn \n/\x7f']));
        bytes = Buffer.concat([before, put, after]);
    }
    return bytes;
}

const cut = (random) => {
    const bytes = Buffer.from(value(random, 0));
    return bytes.subarray(0, random.below(bytes.length + 1));
};
const nested = (random) => {
    const depth = 1 + random.below(100);
    const pairs = Array.from({ length: depth }, () =>
        random.pick([
            ["[", "]"],
            ['{"a":', "}"],
        ]),
    );
    const inner = pairs.at(-1)[0] === "[" ? "" : "1";
    const close = pairs.map(([, end]) => end).reverse();
    if (random.chance(0.1)) close.pop();
    return pairs.map(([begin]) => begin).join("") + inner + close.join("");
};
const notText = (random) => {
    const around = Buffer.from(`["${"x".repeat(random.below(3))}`);
    const bad = random.pick([
        "ff",
        "c080",
        "eda080",
        "f8808080",
        "e5bc",
        "80",
        "f4908080",
        "c2",
        "e0809f",
        "e5bca0",
        "f09f9880",
    ]);
    return Buffer.concat([around, Buffer.from(bad, "hex"), Buffer.from('"]')]);
};
const around = (random) =>
    random.pick(["", " ", "\ufeff", "\ufeff\ufeff", "\u00a0", "\v", "\f", "x", "//", "1 ", "\0"]) +
    random.pick(["{}", "[]", "1", '"a"', "null"]) +
    random.pick(["", "", " \n", "x", ",", "{}", "\f", "\0", "\ufeff", "]"]);

const classes = [
    ["values", 30, (random) => value(random, 0)],
    ["numbers", 15, number],
    ["strings", 15, string],
    ["damaged", 20, damaged],
    ["cut", 8, cut],
    ["nested", 4, nested],
    ["bytes that are no text", 4, notText],
    ["around the value", 4, around],
];

/** Deeper than `DEPTH` outside of strings; nested() has none that matter. */
function depth(text) {
    let most = 0;
    let now = 0;
    for (const c of text) {
        if (c === "[" || c === "{") most = Math.max(most, ++now);
        if (c === "]" || c === "}") now -= 1;
    }
    return most;
}

/** V8 sees text: its opinion counts where bytes are text and no half of a pair is written. */
function javaScript(bytes) {
    try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes).replace(/^\ufeff/, "");
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

export default {
    judge: "nlohmann::json::accept and JSON.parse",
    sizes: { full: 200_000, sample: 5_000 },
    async ask(tally, { count, random }) {
        for (const [name, weight, make] of classes) {
            const inputs = Array.from({ length: Math.ceil((count * weight) / 100) }, () => Buffer.from(make(random)));
            const [ours, theirs] = [await askNative("json", inputs), await askNative("nlohmann", inputs)];
            inputs.forEach((bytes, i) => {
                const text = bytes.toString();
                const accepts = ours[i].error === undefined;
                const example = { text, ours: ours[i].error ?? "read", nlohmann: theirs[i].accepts };
                tally.add(`${name}: nlohmann`, accepts === theirs[i].accepts, example, nlohmannDiffers(text, ours[i]));
                tally.add(
                    `${name}: JSON.parse`,
                    accepts === javaScript(bytes),
                    example,
                    javaScriptDiffers(text, ours[i]),
                );
            });
        }
    },
};

function nlohmannDiffers(text, { error }) {
    if (error === "json_too_deep" && depth(text) > DEPTH) return "nested deeper than 64 levels is refused here";
    if (error !== undefined && text.includes("\0")) return "a NUL outside of a string ends the text for nlohmann";
    if (error === undefined && /[eE]\+?\d{3}/.test(text)) return "a number that no double holds is text here";
    return undefined;
}

function javaScriptDiffers(text, { error }) {
    if (error === "json_too_deep" && depth(text) > DEPTH) return "nested deeper than 64 levels is refused here";
    if (error !== undefined && /\\u[dD][89a-fA-F]/.test(text)) return "half of a surrogate pair is refused here";
    return undefined;
}
