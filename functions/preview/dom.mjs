// Building blocks of every tab. Data becomes text nodes, never markup.

const DIRECT = new Set([
    "value",
    "checked",
    "disabled",
    "hidden",
    "selected",
    "indeterminate",
    "open",
    "tabIndex",
    "htmlFor",
    "className",
    "id",
    "type",
    "multiple",
]);

/**
 * h('button', {class: 'primary', onclick: go, 'aria-label': text}, 'Go'): an element. Children: nodes, texts, arrays; null and false are left out.
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (value === null || value === undefined) continue;
        if (name.startsWith("on")) {
            if (typeof value === "function") element.addEventListener(name.slice(2), value);
        } else if (name === "data") Object.assign(element.dataset, value);
        else if (DIRECT.has(name)) element[name] = value;
        else if (value === true) element.setAttribute(name, "");
        else if (value !== false) element.setAttribute(name, String(value));
    }
    append(element, children);
    return element;
}

export function append(element, ...children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false || child === "") continue;
        element.append(child instanceof Node ? child : String(child));
    }
    return element;
}

export const replace = (element, ...children) => {
    element.replaceChildren();
    return append(element, children);
};

/** A value from outside: its own reading direction cannot disturb its neighbours. */
export const field = (value) => h("bdi", {}, value === null || value === undefined ? "" : String(value));

// Blanks and marks nobody would see.
const MARKS = new Map([
    ["\n", "↵"],
    ["\r", "␍"],
    ["\t", "⇥"],
    ["\u00a0", "⍽"],
    ["\u3000", "□"],
    [" ", "·"],
]);
const HIDDEN =
    /[\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff9-\ufffd]|[\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|[\ud800-\udfff]|\u034f|\u17b4|\u17b5|[\u180b-\u180d]|[\ufe00-\ufe0f]/gu;
const codeOf = (mark) => `U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

/**
 * Text with everything invisible made visible: blanks as dim dots, control and direction marks as chips.
 * @returns {DocumentFragment}
 */
export function visible(text, { limit = 20_000 } = {}) {
    const fragment = document.createDocumentFragment();
    const whole = String(text ?? "");
    let shown = whole.length > limit ? whole.slice(0, limit) : whole;
    if (shown.length < whole.length && /[\ud800-\udbff]$/.test(shown)) shown = shown.slice(0, -1);
    let at = 0;
    for (const { 0: mark, index } of shown.matchAll(HIDDEN)) {
        if (index > at) fragment.append(shown.slice(at, index));
        const sign = MARKS.get(mark);
        fragment.append(h("span", { class: sign ? "blank" : "mark", title: codeOf(mark) }, sign ?? codeOf(mark)));
        if (mark === "\n") fragment.append(h("br"));
        at = index + mark.length;
    }
    fragment.append(shown.slice(at));
    if (shown.length < whole.length) fragment.append(h("span", { class: "mark" }, `… +${whole.length - shown.length}`));
    return fragment;
}

/** @returns {Promise<boolean>} whether it is in the clipboard now */
export async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const area = h("textarea", { value: text, class: "offscreen", "aria-hidden": "true" });
        document.body.append(area);
        area.select();
        try {
            return document.execCommand("copy");
        } catch {
            return false;
        } finally {
            area.remove();
        }
    }
}

/** Hands a file to the browser's own download; nothing is sent anywhere. */
export function download(name, blob) {
    const url = URL.createObjectURL(blob);
    const link = h("a", { href: url, download: name, class: "offscreen" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

let serial = 0;
export const uid = (prefix = "id") => `${prefix}-${++serial}`;

/** A label with its control (an element made by h); `hint` is read with it. */
export function labelled(label, control, { hint, inline = false } = {}) {
    control.id ||= uid("f");
    const note = hint ? h("p", { class: "hint", id: `${control.id}-hint` }, hint) : null;
    if (note) control.setAttribute("aria-describedby", note.id);
    return h(
        "div",
        { class: inline ? "field inline" : "field" },
        h("label", { htmlFor: control.id }, label),
        control,
        note,
    );
}

/** `choices` [[value, text], ...] */
export function select(choices, value, onchange) {
    const element = h(
        "select",
        { onchange: () => onchange?.(element.value) },
        choices.map(([key, text]) => h("option", { value: key, selected: key === value }, text)),
    );
    return element;
}
