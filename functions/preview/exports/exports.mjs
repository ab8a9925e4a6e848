// The Exports tab: which leads, as what, with or without numbers; the field map; progress and the file.
import { copyText, download, h, labelled, replace } from "../dom.mjs";
import { askReveal } from "../leads/dialogs.mjs";
import { bytes, clock, count, filterText } from "../leads/format.mjs";
import leadsWords from "../words/leads.mjs";
import { createFieldMap } from "./fields.mjs";

const LONGEST_MAP = 256 << 10;

export function mount(element, { words, lang, core, say, go, state }) {
    const shared = leadsWords[lang];
    Object.assign(state, { what: "view", format: "csv", shape: "whole", ...state });
    state.map ??= {};
    let busy = false;
    let visible = false;
    let totals = { size: 0, matched: 0 };

    const group = (label, name, choices, onchange) => {
        const hints = choices.map(([value, text, hint]) =>
            h(
                "label",
                { class: "choice" },
                h("input", {
                    type: "radio",
                    name,
                    value,
                    checked: state[name] === value,
                    onchange: () => {
                        state[name] = value;
                        onchange?.();
                        draw();
                    },
                }),
                h("span", {}, text, hint ? h("span", { class: "hint" }, hint) : null),
            ),
        );
        return h("fieldset", {}, h("legend", {}, label), hints);
    };
    const scope = h("div");
    const problem = h("p", { class: "note", role: "alert", hidden: true });
    const snippet = h("textarea", { rows: 9, spellcheck: "false", autocomplete: "off" });
    const map = createFieldMap({
        words,
        paths: shared.paths,
        state: state.map,
        onChange: () => {
            snippet.value = map.text();
            complain(null);
        },
    });
    const complain = (found) => {
        problem.hidden = !found;
        problem.textContent = found ? words.mapProblems[found.problem](found.at) : "";
    };
    snippet.value = map.text();
    const apply = () => {
        const wrong = map.read(snippet.value);
        complain(wrong);
        if (!wrong) {
            snippet.value = map.text();
            say(words.mapApplied, { tone: "good" });
        }
    };
    const mapFile = h("input", {
        type: "file",
        accept: ".json,application/json",
        class: "offscreen",
        tabIndex: -1,
        "aria-hidden": "true",
        onchange: async () => {
            const [file] = mapFile.files;
            mapFile.value = "";
            if (!file) return;
            if (file.size > LONGEST_MAP) return complain({ problem: "not_json" });
            snippet.value = await file.text();
            apply();
            return undefined;
        },
    });
    const formats = group(words.format, "format", [
        ["csv", words.formats.csv, words.formatHints.csv],
        ["ndjson", words.formats.ndjson, words.formatHints.ndjson],
        ["json", words.formats.json, words.formatHints.json],
    ]);
    const shapes = group(words.shape, "shape", [
        ["whole", words.shapes.whole, words.shapeHints.whole],
        ["mapped", words.shapes.mapped, words.shapeHints.mapped],
    ]);
    // Numbers in full are chosen anew each time the page is opened.
    state.numbers = "masked";
    const numbers = group(words.numbers, "numbers", [
        ["masked", words.masked, words.maskedHint],
        ["full", words.full, words.fullHint],
    ]);
    const start = h("button", { type: "button", class: "primary", onclick: run }, words.export);
    const nothing = h(
        "div",
        { class: "card" },
        h("p", {}, words.nothing),
        h(
            "p",
            { class: "buttons" },
            h("button", { type: "button", class: "primary", onclick: () => go("leads") }, words.toLeads),
        ),
    );
    const mapCard = h(
        "section",
        { class: "card", "aria-labelledby": "map-title" },
        h("h2", { id: "map-title" }, words.mapTitle),
        h("p", { class: "hint" }, words.mapHint),
        map.element,
        h(
            "details",
            { class: "snippet" },
            h("summary", {}, words.mapText),
            labelled(words.mapLabel, snippet),
            problem,
            h(
                "p",
                { class: "buttons" },
                h("button", { type: "button", onclick: apply }, words.mapApply),
                h(
                    "button",
                    {
                        type: "button",
                        onclick: async () =>
                            say((await copyText(map.text())) ? shared.copied : shared.notCopied, {
                                tone: "good",
                            }),
                    },
                    words.copy,
                ),
                h(
                    "button",
                    {
                        type: "button",
                        onclick: () =>
                            download("fields.json", new Blob([`${map.text()}\n`], { type: "application/json" })),
                    },
                    words.mapSave,
                ),
                h("button", { type: "button", onclick: () => mapFile.click() }, words.mapLoad),
                mapFile,
                h("button", { type: "button", class: "text", onclick: () => map.reset() }, words.mapReset),
            ),
        ),
    );
    const rule = h("p", { class: "hint rule" }, words.rule);
    const form = h(
        "div",
        { class: "exports-form" },
        h(
            "section",
            { class: "card options" },
            h("div", { class: "option-grid" }, h("div", {}, scope), formats, shapes, numbers),
            rule,
            h("p", { class: "buttons" }, start),
        ),
        mapCard,
    );
    element.append(h("div", { class: "exports" }, nothing, form));

    function draw() {
        const any = totals.size > 0;
        nothing.hidden = any;
        form.hidden = !any;
        const { filters } = core.query;
        replace(
            scope,
            group(words.what, "what", [
                [
                    "view",
                    filters.length > 0 ? words.filtered(count(totals.matched)) : words.shown(count(totals.size)),
                    filters.length > 0
                        ? filters.map((filter) => filterText(filter, shared)).join(shared.dot)
                        : words.shownHint,
                ],
                ["all", words.all(count(totals.size)), words.allHint],
            ]),
        );
        shapes.hidden = state.format === "csv";
        rule.hidden = state.format !== "csv";
        mapCard.hidden = state.format !== "csv" && state.shape === "whole";
        start.disabled = busy;
        start.textContent = busy ? words.exporting : words.export;
    }

    async function refresh() {
        if (!visible) return;
        const { size, matched } = await core.window(0, 1);
        totals = { size, matched };
        if (size > 0 && !busy) map.examples(await core.examples({ count: 3, reveal: false }));
        draw();
    }

    async function run() {
        const reveal = state.numbers === "full";
        const many = state.what === "all" ? totals.size : totals.matched;
        if (
            reveal &&
            !(await askReveal({
                words: shared,
                people: many,
                title: words.fullTitle,
                text: words.fullText(count(many)),
                yes: words.fullYes,
            }))
        )
            return;
        busy = true;
        draw();
        const { format, what } = state;
        try {
            say(words.exporting, { progress: 0, cancel: () => core.cancel() });
            const { cancelled, blob, rows, missing } = await core.export({
                what,
                format,
                reveal,
                fields: format === "csv" || state.shape === "mapped" ? map.fields : null,
            });
            if (cancelled) say(words.cancelled);
            else {
                download(
                    `leads-${new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-")}${reveal ? "" : "-masked"}.${format}`,
                    blob,
                );
                say(
                    [words.done(count(rows), bytes(blob.size)), missing > 0 ? words.missing(count(missing)) : ""]
                        .filter(Boolean)
                        .join(shared.comma),
                    { tone: missing > 0 ? "bad" : "good" },
                );
            }
        } catch (error) {
            say("");
            say.error({ title: words.failed, reason: String(error?.message ?? error) });
        } finally {
            busy = false;
            draw();
        }
    }

    const off = core.on((type, what) => {
        if (type === "progress" && what.kind === "export") {
            if (what.phase === "done" || what.phase === "cancelled") return;
            say(
                [
                    words.progress(count(what.bytes), count(what.total)),
                    what.remaining === null ? "" : shared.remaining(clock(what.remaining)),
                ]
                    .filter(Boolean)
                    .join(shared.dot),
                { progress: what.share, cancel: () => core.cancel() },
            );
        } else if (type === "change" || type === "query") refresh();
    });
    draw();

    return {
        shown() {
            visible = true;
            refresh();
        },
        hidden() {
            visible = false;
        },
        unmount: off,
    };
}
