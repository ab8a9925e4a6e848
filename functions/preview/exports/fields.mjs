// The field map: which columns, in which order, under which names. By dragging, by keyboard, or as the JSON text beside it.
import { h, replace, uid } from "../dom.mjs";
import { tidy } from "../leads/format.mjs";
import { CSV_FIELDS, fieldMapText, fieldText, pathsOf, readFieldMap, SOURCES } from "./writer.mjs";

/**
 * @param {{words: object, paths: object, state: object, onChange: () => void}} options paths: names of lead fields in the reader's language
 */
export function createFieldMap({ words, paths, state, onChange }) {
    state.fields ??= CSV_FIELDS.map((field) => ({ ...field }));
    let examples = [];
    let dragged = null; // index of a row, or a source
    const list = h("ol", { class: "fieldmap", "aria-label": words.columnsOf });
    const palette = h("div", { class: "palette" });
    const live = h("p", { class: "offscreen", "aria-live": "polite" });

    const known = () => {
        const found = new Set([...SOURCES, ...CSV_FIELDS.map(({ from }) => from)]);
        for (const lead of examples) for (const path of pathsOf(lead)) found.add(path);
        return [...found];
    };
    const nameOf = (from) => words.computed[from] ?? paths[from.replace(/\.\d+\./g, ".").replace(/\.\d+$/, "")] ?? from;
    const example = (field) => {
        for (const lead of examples) {
            const text = fieldText(lead, field);
            if (text) return tidy(text, 40);
        }
        return "";
    };

    function unique(name) {
        const names = new Set(state.fields.map((field) => field.name));
        if (!names.has(name)) return name;
        for (let i = 2; ; i++) if (!names.has(`${name} ${i}`)) return `${name} ${i}`;
    }
    function add(field, at = state.fields.length) {
        state.fields.splice(at, 0, { ...field, name: unique(field.name) });
        changed();
    }
    function move(from, to, focus = true) {
        if (to < 0 || to >= state.fields.length || from === to) return;
        const [field] = state.fields.splice(from, 1);
        state.fields.splice(to, 0, field);
        changed();
        live.textContent = words.movedTo(field.name, to + 1);
        if (focus) list.children[to]?.querySelector(".grip")?.focus();
    }
    function changed() {
        draw();
        onChange();
    }

    function row(field, index) {
        const constant = typeof field.value === "string";
        const name = h("input", {
            value: field.name,
            "aria-label": words.columnName(index + 1),
            maxlength: 200,
            spellcheck: "false",
            onchange: () => {
                const text = name.value.trim();
                state.fields[index].name = text === "" ? field.name : text === field.name ? text : unique(text);
                changed();
            },
        });
        const value = constant
            ? h("input", {
                  value: field.value,
                  "aria-label": words.constantOf(field.name),
                  maxlength: 2000,
                  onchange: () => {
                      state.fields[index] = { name: field.name, value: value.value };
                      changed();
                  },
              })
            : h(
                  "code",
                  { class: "from", title: field.from },
                  field.from,
                  h("span", { class: "hint" }, nameOf(field.from) === field.from ? "" : ` ${nameOf(field.from)}`),
              );
        const grip = h(
            "button",
            {
                type: "button",
                class: "grip",
                "aria-label": words.grip(field.name, index + 1, state.fields.length),
                title: words.gripHint,
                onkeydown: (event) => {
                    const to = {
                        ArrowUp: index - 1,
                        ArrowDown: index + 1,
                        Home: 0,
                        End: state.fields.length - 1,
                    }[event.key];
                    if (event.key === "Delete" || event.key === "Backspace") remove(index);
                    else if (to !== undefined) move(index, to);
                    else return;
                    event.preventDefault();
                },
            },
            "⠿",
        );
        const item = h(
            "li",
            {
                draggable: "true",
                ondragstart: (event) => {
                    if (event.target.closest?.("input")) return event.preventDefault();
                    dragged = { index };
                    event.dataTransfer.effectAllowed = "move";
                    event.dataTransfer.setData("text/plain", field.name);
                    return undefined;
                },
                ondragend: () => {
                    dragged = null;
                    clearMarks();
                },
                ondragover: (event) => {
                    if (!dragged) return;
                    event.preventDefault();
                    clearMarks();
                    item.classList.add(after(event, item) ? "below" : "above");
                },
                ondrop: (event) => {
                    if (!dragged) return;
                    event.preventDefault();
                    event.stopPropagation();
                    drop(index + (after(event, item) ? 1 : 0));
                },
            },
            grip,
            name,
            h("span", { class: "arrow", "aria-hidden": "true" }, "←"),
            value,
            h("span", { class: "hint example" }, example(field)),
            h(
                "span",
                { class: "moves" },
                h(
                    "button",
                    {
                        type: "button",
                        class: "text small",
                        "aria-label": words.up(field.name),
                        disabled: index === 0,
                        onclick: () => move(index, index - 1),
                    },
                    "↑",
                ),
                h(
                    "button",
                    {
                        type: "button",
                        class: "text small",
                        "aria-label": words.down(field.name),
                        disabled: index === state.fields.length - 1,
                        onclick: () => move(index, index + 1),
                    },
                    "↓",
                ),
                h(
                    "button",
                    {
                        type: "button",
                        class: "text small",
                        "aria-label": words.remove(field.name),
                        onclick: () => remove(index),
                    },
                    "✕",
                ),
            ),
        );
        return item;
    }
    const after = (event, item) => event.clientY > item.getBoundingClientRect().top + item.offsetHeight / 2;
    const clearMarks = () =>
        list.querySelectorAll(".above,.below").forEach((each) => each.classList.remove("above", "below"));
    function drop(at) {
        const what = dragged;
        dragged = null;
        clearMarks();
        if (what.from !== undefined) add({ name: nameOf(what.from), from: what.from }, at);
        else move(what.index, at > what.index ? at - 1 : at, false);
    }
    function remove(index) {
        if (state.fields.length === 1) return;
        const [field] = state.fields.splice(index, 1);
        changed();
        live.textContent = words.removed(field.name);
        list.children[Math.min(index, state.fields.length - 1)]?.querySelector(".grip")?.focus();
    }

    const search = h("input", {
        type: "search",
        id: uid("palette"),
        placeholder: words.findField,
        "aria-label": words.findField,
        oninput: () => drawPalette(),
    });
    const choices = h("div", { class: "choices" });
    palette.append(h("h3", {}, words.available), search, choices);
    list.addEventListener("dragover", (event) => dragged && event.preventDefault());
    list.addEventListener("drop", (event) => {
        if (!dragged) return;
        event.preventDefault();
        drop(state.fields.length);
    });

    function drawPalette() {
        const used = new Set(state.fields.map(({ from }) => from));
        const wanted = search.value.trim().toLowerCase();
        const found = known()
            .filter(
                (from) => !wanted || from.toLowerCase().includes(wanted) || nameOf(from).toLowerCase().includes(wanted),
            )
            .slice(0, 300);
        replace(
            choices,
            h(
                "button",
                {
                    type: "button",
                    class: "chip constant",
                    onclick: () => add({ name: words.constant, value: "" }),
                },
                `+ ${words.constant}`,
            ),
            found.map((from) =>
                h(
                    "button",
                    {
                        type: "button",
                        class: `chip${used.has(from) ? " used" : ""}`,
                        draggable: "true",
                        title: from,
                        onclick: () => add({ name: nameOf(from), from }),
                        ondragstart: (event) => {
                            dragged = { from };
                            event.dataTransfer.effectAllowed = "copyMove";
                            event.dataTransfer.setData("text/plain", from);
                        },
                        ondragend: () => {
                            dragged = null;
                            clearMarks();
                        },
                    },
                    tidy(nameOf(from), 40),
                ),
            ),
        );
    }
    function draw() {
        replace(list, state.fields.map(row));
        drawPalette();
    }

    draw();
    return {
        element: h("div", { class: "mapper" }, list, palette, live),
        get fields() {
            return state.fields;
        },
        set fields(fields) {
            state.fields = fields.map((field) => ({ ...field }));
            draw();
        },
        reset() {
            this.fields = CSV_FIELDS;
            onChange();
        },
        text: () => fieldMapText(state.fields),
        /** @returns {null | {problem: string, at?: number}} */
        read(text) {
            const found = readFieldMap(text);
            if (found.problem) return found;
            this.fields = found.fields;
            return null;
        },
        /** In place: whoever moves a row with the keyboard keeps his focus. */
        examples(leads) {
            examples = leads;
            state.fields.forEach((field, at) => {
                list.children[at].querySelector(".example").textContent = example(field);
            });
            drawPalette();
        },
    };
}
