// Command lines into words, as the three shells people copy from would split them. A word is {text, bytes}: $'\xe4' may be no text.
import { joinBytes, ParseProblem, utf8 } from "./request.mjs";

class Word {
    constructor() {
        this.pieces = [];
        this.text = "";
        this.quoted = false;
    }
    add(text) {
        this.text += text;
    }
    byte(value) {
        this.pieces.push(utf8(this.text), Uint8Array.of(value));
        this.text = "";
    }
    end() {
        const bytes = joinBytes([...this.pieces, utf8(this.text)]);
        return {
            bytes,
            text: this.pieces.length === 0 ? this.text : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
        };
    }
}

const lineBreakAt = (text, at) => (text[at] === "\n" ? 1 : text[at] === "\r" && text[at + 1] === "\n" ? 2 : 0);

/** bash, zsh, sh. @returns {{words: {text, bytes}[], notes: {code, detail}[]}} */
export function bashWords(text) {
    const words = [];
    const notes = [];
    const note = (code, detail = "") => notes.some((each) => each.code === code) || notes.push({ code, detail });
    let word = null;
    const need = () => (word ??= new Word());
    const flush = () => {
        if (word) words.push(word.end());
        word = null;
    };
    let i = 0;
    while (i < text.length) {
        const c = text[i];
        const line = lineBreakAt(text, i);
        if (line > 0) {
            flush();
            i += line;
            // A new line ends the command; people also lose the backslashes, so a line of options goes on.
            if (words.length > 0 && !/^[ \t]*-/.test(text.slice(i, i + 200)) && text.slice(i).trim() !== "") {
                note("more_lines");
                break;
            }
        } else if (c === " " || c === "\t" || c === "\u00a0") {
            flush();
            i += 1;
        } else if (c === "\\") {
            const broken = lineBreakAt(text, i + 1);
            if (broken > 0) i += 1 + broken;
            else {
                need().add(text[i + 1] ?? "\\");
                i += 2;
            }
        } else if (c === "'") {
            const end = text.indexOf("'", i + 1);
            if (end < 0) throw new ParseProblem("open_quote", text.slice(i, i + 40));
            need().add(text.slice(i + 1, end));
            i = end + 1;
        } else if (c === '"' || (c === "$" && text[i + 1] === '"')) {
            i = doubleQuoted(text, c === "$" ? i + 2 : i + 1, need(), note);
        } else if (c === "$" && text[i + 1] === "'") {
            i = ansiQuoted(text, i + 2, need());
        } else if (c === "#" && !word) {
            const end = text.indexOf("\n", i);
            i = end < 0 ? text.length : end;
        } else if (
            c === "&" &&
            word &&
            /^&+[\w.%[\]-]+=/.test(text.slice(i, i + 200)) &&
            /^['"]?https?:|\?/.test(word.text)
        ) {
            note("unquoted_ampersand");
            word.add(c);
            i += 1;
        } else if (c === "|" || c === ";" || c === "&" || c === ">" || c === "<" || c === ")") {
            if (words.length === 0 && !word) {
                // a leading operator of a pasted fragment
                i += 1;
                continue;
            }
            if (c === ">" && word && /^\d$/.test(word.text)) word = null; // 2>file
            break;
        } else {
            if (c === "`" || (c === "$" && /[A-Za-z_({]/.test(text[i + 1] ?? "")))
                note("variable", text.slice(i, i + 24).split(/\s/)[0]);
            need().add(c);
            i += 1;
        }
    }
    flush();
    return { words, notes };
}

function doubleQuoted(text, start, word, note) {
    let i = start;
    for (;;) {
        const c = text[i];
        if (c === undefined) throw new ParseProblem("open_quote", text.slice(start - 1, start + 40));
        if (c === '"') return i + 1;
        if (c === "\\") {
            const broken = lineBreakAt(text, i + 1);
            if (broken > 0) i += 1 + broken;
            else {
                const next = text[i + 1] ?? "";
                word.add('$`"\\'.includes(next) && next !== "" ? next : `\\${next}`);
                i += 2;
            }
        } else {
            if (c === "`" || (c === "$" && /[A-Za-z_({]/.test(text[i + 1] ?? "")))
                note("variable", text.slice(i, i + 24).split(/[\s"]/)[0]);
            word.add(c);
            i += 1;
        }
    }
}

const ANSI = {
    n: 10,
    t: 9,
    r: 13,
    a: 7,
    b: 8,
    e: 27,
    E: 27,
    f: 12,
    v: 11,
    "\\": 92,
    "'": 39,
    '"': 34,
    "?": 63,
};

function ansiQuoted(text, start, word) {
    let i = start;
    for (;;) {
        const c = text[i];
        if (c === undefined) throw new ParseProblem("open_quote", text.slice(start - 2, start + 40));
        if (c === "'") return i + 1;
        if (c !== "\\") {
            word.add(c);
            i += 1;
            continue;
        }
        const rest = text.slice(i + 1, i + 11);
        let found;
        if ((found = /^x([0-9a-f]{1,2})/i.exec(rest))) word.byte(parseInt(found[1], 16));
        else if ((found = /^([0-7]{1,3})/.exec(rest))) word.byte(parseInt(found[1], 8) & 0xff);
        else if ((found = /^u([0-9a-f]{1,4})/i.exec(rest)) || (found = /^U([0-9a-f]{1,8})/i.exec(rest))) {
            const code = parseInt(found[1], 16);
            word.add(code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd");
        } else if (Object.hasOwn(ANSI, rest[0] ?? "")) {
            word.add(String.fromCharCode(ANSI[rest[0]]));
            found = [rest[0]];
        } else {
            word.add(`\\${rest[0] ?? ""}`);
            found = [rest[0] ?? ""];
        }
        i += 1 + found[0].length;
    }
}

/** cmd.exe: carets first, then quotes and backslashes as a C program's start-up code reads them. */
export function cmdWords(text) {
    const notes = [];
    // Pass one: what cmd hands over. `"` switches cmd's own quoting, in which carets are plain.
    let line = "";
    let inside = false;
    for (let i = 0; i < text.length; ++i) {
        const c = text[i];
        if (c === "^" && !inside) {
            const broken = lineBreakAt(text, i + 1);
            if (broken > 0) {
                i += broken;
                // After a continued line the next character is literal; a second line break is how a break inside a value is written.
                const second = lineBreakAt(text, i + 1);
                if (second > 0) {
                    line += "\n";
                    i += second;
                }
            } else if (i + 1 < text.length) line += text[(i += 1)];
            continue;
        }
        if (c === '"') inside = !inside;
        if (lineBreakAt(text, i) > 0 && !inside) {
            const rest = text.slice(i).trim();
            if (rest === "") break;
            if (line.trim() !== "") {
                if (!rest.startsWith("-")) {
                    notes.push({ code: "more_lines", detail: "" });
                    break;
                }
                line += " ";
                continue;
            }
        }
        if (!inside && (c === "&" || c === "|" || c === "<" || c === ">")) {
            if (c === "&" && /^&[\w.%-]+=/.test(text.slice(i, i + 200)) && /https?:\/\/\S*$/.test(line)) {
                notes.some(({ code }) => code === "unquoted_ampersand") ||
                    notes.push({ code: "unquoted_ampersand", detail: "" });
            } else break;
        }
        line += c === "\r" ? "" : c;
    }
    // Pass two: backslashes count only before a quote; "" inside quotes is a quote.
    const words = [];
    let word = null;
    let quoted = false;
    for (let i = 0; i < line.length; ++i) {
        const c = line[i];
        if (c === "\\") {
            let count = 1;
            while (line[i + count] === "\\") count += 1;
            word ??= new Word();
            if (line[i + count] === '"') {
                word.add("\\".repeat(count >> 1));
                if (count % 2 === 1) {
                    word.add('"');
                    i += 1;
                }
            } else word.add("\\".repeat(count));
            i += count - 1;
        } else if (c === '"') {
            word ??= new Word();
            if (quoted && line[i + 1] === '"') {
                word.add('"');
                i += 1;
            } else quoted = !quoted;
        } else if (!quoted && (c === " " || c === "\t" || c === "\n")) {
            if (word) words.push(word.end());
            word = null;
        } else (word ??= new Word()).add(c);
    }
    if (quoted) throw new ParseProblem("open_quote", line.slice(-40));
    if (word) words.push(word.end());
    return { words, notes };
}

const BACKTICK = { 0: "\0", a: "\x07", b: "\b", e: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const SINGLE = "'\u2018\u2019\u201a\u201b"; // PowerShell takes typographic quotes for quotes
const DOUBLE = '"\u201c\u201d\u201e';

/**
 * PowerShell, as far as copied commands go: words, @{name = value} tables, [Type]::Method("...") around a text.
 * @returns {{words: ({text, bytes} | {table: [string, string][]})[], notes: {code, detail}[]}}
 */
export function powershellWords(text) {
    const words = [];
    const notes = [];
    const note = (code, detail = "") => notes.some((each) => each.code === code) || notes.push({ code, detail });
    let i = 0;
    const quotedAt = (at) =>
        SINGLE.includes(text[at] ?? " ") ? "single" : DOUBLE.includes(text[at] ?? " ") ? "double" : null;

    /** A quoted text that starts at i. */
    const quoted = () => {
        const kind = quotedAt(i);
        const marks = kind === "single" ? SINGLE : DOUBLE;
        const start = i;
        let value = "";
        for (i += 1; ; ) {
            const c = text[i];
            if (c === undefined) throw new ParseProblem("open_quote", text.slice(start, start + 40));
            if (marks.includes(c)) {
                if (marks.includes(text[i + 1] ?? " ")) {
                    value += text[i + 1];
                    i += 2;
                    continue;
                }
                i += 1;
                return value;
            }
            if (kind === "double" && c === "`") {
                const broken = lineBreakAt(text, i + 1);
                const unicode = /^u\{([0-9a-f]{1,6})\}/i.exec(text.slice(i + 1, i + 10));
                if (broken > 0) i += 1 + broken;
                else if (unicode && parseInt(unicode[1], 16) <= 0x10ffff) {
                    value += String.fromCodePoint(parseInt(unicode[1], 16));
                    i += 1 + unicode[0].length;
                } else {
                    const next = text[i + 1] ?? "";
                    value += Object.hasOwn(BACKTICK, next) ? BACKTICK[next] : next;
                    i += 2;
                }
            } else if (kind === "double" && c === "$") {
                const char = /^\$\(\[char\](0x[0-9a-f]{1,4}|\d{1,5})\)/i.exec(text.slice(i, i + 24));
                if (char) {
                    value += String.fromCharCode(Number(char[1]));
                    i += char[0].length;
                } else {
                    if (/[A-Za-z_({]/.test(text[i + 1] ?? ""))
                        note("variable", text.slice(i, i + 24).split(/[\s"]/)[0]);
                    value += c;
                    i += 1;
                }
            } else {
                value += c;
                i += 1;
            }
        }
    };
    const blank = () => {
        for (;;) {
            const broken = text[i] === "`" ? lineBreakAt(text, i + 1) : 0;
            if (broken > 0) i += 1 + broken;
            else if (/[ \t]/.test(text[i] ?? "")) i += 1;
            else return;
        }
    };
    const table = () => {
        const pairs = [];
        i += 2;
        for (let turns = 0; turns < 10_000; ++turns) {
            while (/[\s;`]/.test(text[i] ?? "")) i += 1;
            if (text[i] === undefined) throw new ParseProblem("open_quote", "@{");
            if (text[i] === "}") {
                i += 1;
                return { table: pairs };
            }
            const name = quotedAt(i) ? quoted() : bare(/[\s=;}]/);
            while (/[\s=]/.test(text[i] ?? "")) i += 1;
            const value = quotedAt(i) ? quoted() : bare(/[;}\r\n]/).trim();
            if (name === "" && value === "") throw new ParseProblem("not_readable", text.slice(i, i + 20));
            pairs.push([name, value]);
        }
        throw new ParseProblem("too_long");
    };
    const bare = (stop) => {
        const start = i;
        while (i < text.length && !stop.test(text[i])) i += 1;
        return text.slice(start, i);
    };

    while (i < text.length) {
        blank();
        if (i >= text.length) break;
        const broken = lineBreakAt(text, i);
        if (broken > 0) {
            i += broken;
            // Lines before the call ($session = ...) are passed over.
            if (words.some(({ text: word }) => isCall(word))) {
                if (/^\s*-/.test(text.slice(i, i + 200))) continue;
                if (text.slice(i).trim() !== "") note("more_lines");
                break;
            }
            words.length = 0;
            continue;
        }
        if (text[i] === "|" || text[i] === ";") {
            if (words.some(({ text: word }) => isCall(word))) break;
            words.length = 0;
            i += 1;
        } else if (text.startsWith("@{", i)) words.push(table());
        else if (text[i] === "(") {
            // ([System.Text.Encoding]::UTF8.GetBytes("...")), or [Convert]::FromBase64String('...')
            const open = /^\(+\s*(\[[^\]]{1,60}\]::[\w.:]{1,60}\s*\(+)?\s*/.exec(text.slice(i, i + 200));
            i += open[0].length;
            if (!quotedAt(i)) throw new ParseProblem("not_readable", text.slice(i, i + 30));
            const value = quoted();
            while (text[i] === ")" || text[i] === " ") i += 1;
            words.push(/FromBase64String/i.test(open[0]) ? fromBase64(value) : { text: value, bytes: utf8(value) });
        } else {
            const word = new Word();
            const start = i;
            while (i < text.length && !/[ \t\r\n;|]/.test(text[i])) {
                if (text.startsWith("@{", i)) break;
                if (quotedAt(i)) word.add(quoted());
                else if (text[i] === "`") {
                    if (lineBreakAt(text, i + 1) > 0) break;
                    word.add(text[i + 1] ?? "");
                    i += 2;
                } else word.add(text[i++]);
            }
            if (i === start) i += 1;
            else words.push(word.end());
        }
    }
    return { words, notes };
}

const isCall = (word) =>
    typeof word === "string" && /^(curl|curl\.exe|invoke-webrequest|invoke-restmethod|iwr|irm)$/i.test(word);

function fromBase64(value) {
    try {
        const bytes = Uint8Array.from(atob(value), (c) => c.charCodeAt(0));
        return { bytes, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
    } catch {
        throw new ParseProblem("not_readable", value.slice(0, 30));
    }
}
