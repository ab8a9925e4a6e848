// Text tables on a terminal, where Chinese characters are two columns wide.

const WIDE =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
// What came from outside must not move the cursor or turn the reading direction.
const UNSAFE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;

export const clean = (value) =>
    String(value ?? "")
        .replace(UNSAFE, " ")
        .trim();

/** Columns that a text takes. */
export function width(text) {
    let columns = 0;
    for (const letter of text) columns += ZERO.test(letter) ? 0 : WIDE.test(letter) ? 2 : 1;
    return columns;
}

/** Cut to `most` columns, with an ellipsis where something is missing. */
export function fit(text, most) {
    if (width(text) <= most) return text;
    let kept = "";
    let columns = 0;
    for (const letter of text) {
        columns += width(letter);
        if (columns > most - 1) break;
        kept += letter;
    }
    return `${kept}…`;
}

/** @param {string[]} names @param {unknown[][]} rows @param {number} most columns of one cell @returns {string[]} lines */
export function table(names, rows, most = 28) {
    const cells = [names, ...rows.map((row) => row.map((value) => fit(clean(value), most)))];
    const widths = names.map((_, i) => Math.max(...cells.map((row) => width(row[i]))));
    const line = (row) =>
        row
            .map((cell, i) => cell + " ".repeat(widths[i] - width(cell)))
            .join("  ")
            .trimEnd();
    return [line(names), widths.map((size) => "-".repeat(size)).join("  "), ...cells.slice(1).map(line)];
}
