// The base string piece by piece, and beside another one: what the core found, drawn.
import { copyText, field, h, replace, uid, visible } from "../dom.mjs";
import { around, compareBase, firstDifference } from "./difference.mjs";

const MOST_ROWS = 500;

/** Pieces of the summary; a summary without them has one. */
export const piecesOf = (summary) =>
    Array.isArray(summary.pieces) && summary.pieces.length > 0
        ? summary.pieces
        : [{ what: "text", text: summary.base_string ?? "" }];

const whatOf = (words, piece) => words.whats[piece.what] ?? piece.what;

export function baseString(summary, { words, say }) {
    const pieces = piecesOf(summary);
    const flow = h(
        "div",
        { class: "base-flow", tabIndex: 0, role: "group", "aria-label": words.base },
        pieces.map((piece) => {
            const title = `${whatOf(words, piece)}${piece.name !== undefined && piece.what !== "name" ? ` ${piece.name}` : ""}`;
            if (piece.what === "secret")
                return h("span", { class: "piece piece-secret", title }, `••• ${words.secretPiece} •••`);
            if (piece.what === "body") return h("div", { class: "piece piece-body", title }, visible(piece.text));
            if (piece.text === "") return null;
            return h(
                "span",
                { class: `piece piece-${piece.what === "name" ? "name" : "value"}`, title },
                visible(piece.text),
            );
        }),
    );
    const rows = pieces
        .slice(0, MOST_ROWS)
        .map((piece, i) =>
            h(
                "tr",
                {},
                h("td", { class: "number" }, String(i + 1)),
                h("td", {}, h("span", { class: `tag piece-tag-${piece.what}` }, whatOf(words, piece))),
                h("td", {}, piece.name !== undefined ? h("code", {}, field(piece.name)) : ""),
                h(
                    "td",
                    {},
                    piece.what === "secret"
                        ? "•••"
                        : piece.text === ""
                          ? h("span", { class: "hint" }, words.emptyValue)
                          : h("code", {}, visible(piece.text, { limit: 2000 })),
                ),
                h(
                    "td",
                    { class: "number" },
                    piece.what === "secret" ? "" : words.characters([...(piece.text ?? "")].length),
                ),
            ),
        );
    return h(
        "section",
        { class: "card" },
        h("h2", {}, words.base),
        h("p", { class: "hint" }, words.baseHint),
        flow,
        h(
            "div",
            { class: "buttons" },
            h(
                "button",
                {
                    type: "button",
                    class: "small",
                    onclick: async () => {
                        const done = await copyText(
                            pieces
                                .filter(({ what }) => what !== "secret")
                                .map(({ text }) => text ?? "")
                                .join(""),
                        );
                        say(done ? words.copied : words.notCopied, { tone: done ? "good" : "bad" });
                    },
                },
                words.copyBase,
            ),
        ),
        h(
            "details",
            { class: "base-list" },
            h("summary", {}, words.list),
            h(
                "div",
                { class: "scroll", tabIndex: 0, role: "group", "aria-label": words.list },
                h(
                    "table",
                    {},
                    h(
                        "thead",
                        {},
                        h(
                            "tr",
                            {},
                            words.listHead.map((name) => h("th", { scope: "col" }, name)),
                        ),
                    ),
                    h("tbody", {}, rows),
                ),
                pieces.length > MOST_ROWS ? h("p", { class: "hint" }, `… +${pieces.length - MOST_ROWS}`) : null,
            ),
        ),
    );
}

/** Expected and given, one under the other, the rest from the first difference on marked. */
export function signatures(summary, words) {
    const { expected = "", given = "" } = summary;
    const at = given === "" ? -1 : firstDifference(expected, given);
    const line = (label, text) =>
        h(
            "div",
            { class: "sign-line" },
            h("dt", {}, label),
            h(
                "dd",
                {},
                text === ""
                    ? h("span", { class: "hint" }, "–")
                    : h(
                          "code",
                          { class: "sign-text" },
                          at < 0
                              ? visible(text)
                              : [
                                    visible(text.slice(0, at)),
                                    h("mark", {}, at < text.length ? visible(text.slice(at)) : words.end),
                                ],
                      ),
            ),
        );
    return h(
        "section",
        { class: "card" },
        h("dl", { class: "signs" }, line(words.expected, expected), line(words.given, given)),
        at >= 0
            ? h(
                  "p",
                  { class: "hint" },
                  expected.length !== given.length
                      ? words.lengths(expected.length, given.length)
                      : words.differsAt(at + 1),
              )
            : null,
    );
}

/** The box for the reader's own base string. */
export function ownBase(summary, secret, { words, state }) {
    const pieces = piecesOf(summary);
    const result = h("div", { class: "own-result", "aria-live": "polite" });
    const area = h("textarea", {
        rows: 3,
        value: state.yours,
        spellcheck: "false",
        id: uid("own"),
        oninput: () => {
            state.yours = area.value;
            draw();
        },
    });
    const side = (label, text, at) => {
        const { cut, before, rest, more } = around(text, at);
        const first = [...rest][0] ?? "";
        return h(
            "div",
            { class: "sign-line" },
            h("dt", {}, label),
            h(
                "dd",
                {},
                h(
                    "code",
                    { class: "sign-text" },
                    cut ? "… " : "",
                    visible(before),
                    h("mark", {}, first === "" ? words.end : visible(first)),
                    visible(rest.slice(first.length)),
                    more ? " …" : "",
                ),
            ),
        );
    };
    function draw() {
        if (state.yours === "") return result.replaceChildren();
        // Whether there is a line break at the end nobody can see: it only counts when the rest agrees.
        const found = compareBase(pieces, secret, state.yours);
        if (found.same) return replace(result, h("div", { class: "banner good" }, h("p", {}, words.same)));
        // A secret must not come into sight by way of its neighbour.
        const inSecret = found.piece?.what === "secret";
        const mask = (text) =>
            found.withSecret && secret !== "" ? text.replaceAll(secret, "•".repeat(secret.length)) : text;
        return replace(
            result,
            h(
                "div",
                { class: "banner bad" },
                h("h2", {}, words.parted([...found.ours.slice(0, found.at)].length + 1)),
                h(
                    "p",
                    {},
                    found.lineBreak
                        ? words.lastBreak
                        : found.piece
                          ? words.inPiece(
                                whatOf(words, found.piece),
                                inSecret ? "" : found.piece.name,
                                found.piece.offset + 1,
                            )
                          : words.endedOurs,
                ),
                found.ended === "theirs" ? h("p", {}, words.endedTheirs) : null,
            ),
            h(
                "dl",
                { class: "signs" },
                side(words.ours, mask(found.ours), found.at),
                side(words.theirs, mask(found.theirs), found.at),
            ),
        );
    }
    draw();
    return h(
        "section",
        { class: "card" },
        h(
            "div",
            { class: "field" },
            h("label", { htmlFor: area.id, class: "title" }, words.yours),
            h("p", { class: "hint" }, words.yoursHint),
            area,
        ),
        result,
    );
}
