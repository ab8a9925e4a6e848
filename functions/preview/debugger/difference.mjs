// Where two texts part, and which piece of the base string that is. Comparison only: the core made the pieces.

import { withoutLastBreaks } from "./parse/request.mjs";

/** Index of the first UTF-16 unit that differs, or -1 when they are the same. Never inside a surrogate pair. */
export function firstDifference(a, b) {
    const shorter = Math.min(a.length, b.length);
    let at = 0;
    while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
    if (at === shorter && a.length === b.length) return -1;
    if (at > 0 && /[\ud800-\udbff]/.test(a[at - 1])) at -= 1;
    return at;
}

/**
 * The reader's own base string against ours.
 * @param {{what: string, text?: string, name?: string}[]} pieces of the core; secrets have no text
 * @returns {{same: boolean, withSecret: boolean, at: number, piece: {index, what, name, offset}|null, ours: string, theirs: string, ended: ''|'ours'|'theirs', lineBreak: boolean}}
 */
export function compareBase(pieces, secret, theirs) {
    const full = pieces.map((piece, index) => ({
        ...piece,
        index,
        text: piece.what === "secret" ? secret : piece.text,
    }));
    const bare = full.filter(({ what }) => what !== "secret");
    const textOf = (list) => list.map(({ text }) => text ?? "").join("");
    // With or without the secret around it: what their text begins or ends with says which.
    const reach = (list) => firstDifference(textOf(list), theirs);
    const candidates = full.length === bare.length ? [bare] : [bare, full];
    const rated = candidates.map((list) => ({ list, at: reach(list) }));
    const best = rated.reduce((a, b) => (b.at === -1 || (a.at !== -1 && b.at > a.at) ? b : a));
    const ours = textOf(best.list);
    const { at } = best;
    if (at === -1)
        return {
            same: true,
            withSecret: best.list === full,
            at,
            piece: null,
            ours,
            theirs,
            ended: "",
            lineBreak: false,
        };
    let start = 0;
    let piece = null;
    for (const each of best.list) {
        const length = (each.text ?? "").length;
        if (at < start + length) {
            piece = { index: each.index, what: each.what, name: each.name, offset: at - start };
            break;
        }
        start += length;
    }
    return {
        same: false,
        withSecret: best.list === full,
        at,
        piece,
        ours,
        theirs,
        ended: at >= ours.length ? "ours" : at >= theirs.length ? "theirs" : "",
        lineBreak: withoutLastBreaks(theirs) === ours,
    };
}

/** Some text around a place, for showing: [before, the rest]. */
export function around(text, at, { before = 40, after = 60 } = {}) {
    const safe = (index) =>
        index > 0 && index < text.length && /[\udc00-\udfff]/.test(text[index]) ? index - 1 : index;
    const from = safe(Math.max(0, at - before));
    const to = safe(Math.min(text.length, at + after));
    return { cut: from > 0, before: text.slice(from, at), rest: text.slice(at, to), more: to < text.length };
}
