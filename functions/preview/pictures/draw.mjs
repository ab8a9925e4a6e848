// Bars, stacked bars, a grid and a histogram as SVG. No styles inside: colours are presentation attributes, so that a saved picture
// looks as on the page. Every mark is a button when it can be clicked, and has a title.

const NS = "http://www.w3.org/2000/svg";

/** Okabe and Ito's colours, apart for colour-blind eyes; two sets, for light and dark ground. */
export const PALETTES = {
    light: {
        ink: "#1c2330",
        dim: "#5b6577",
        line: "#e3e6eb",
        ground: "#ffffff",
        series: ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"],
        other: "#8b94a3",
        heat: [255, 255, 255, 0, 84, 150],
    },
    dark: {
        ink: "#e7eaf0",
        dim: "#a3adbd",
        line: "#2c333e",
        ground: "#1b2028",
        series: ["#56b4e9", "#f0b94a", "#3cc79a", "#e6a3c8", "#8fd0f5", "#f08a4b"],
        other: "#8b94a3",
        heat: [27, 32, 40, 120, 200, 255],
    },
};

export function s(tag, attributes = {}, ...children) {
    const element = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) continue;
        if (name === "onclick") element.addEventListener("click", value);
        else element.setAttribute(name, value);
    }
    for (const child of children.flat(Infinity))
        if (child !== null && child !== undefined && child !== false)
            element.append(child instanceof Node ? child : String(child));
    return element;
}

/** Something to click, also with Enter and the space bar. */
function mark(element, { label, action }) {
    element.append(s("title", {}, label));
    if (!action) return element;
    element.setAttribute("role", "button");
    element.setAttribute("tabindex", "0");
    // A mark with texts in it is named by them and its title; a label of its own would have to repeat them in order.
    if (!element.querySelector("text")) element.setAttribute("aria-label", label);
    element.setAttribute("cursor", "pointer");
    element.setAttribute("class", "mark-button");
    element.addEventListener("click", action);
    element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        action();
    });
    return element;
}

const FONT = 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
export function frame(width, height, label, palette, children) {
    return s(
        "svg",
        {
            xmlns: NS,
            viewBox: `0 0 ${width} ${height}`,
            width,
            height,
            role: "group",
            "aria-label": label,
            "font-family": FONT,
            "font-size": 12,
            fill: palette.ink,
        },
        s("rect", { width, height, fill: palette.ground }),
        children,
    );
}
const text = (x, y, content, attributes = {}) => s("text", { x, y, ...attributes }, content);

/** Round steps for an axis that ends at or above `most`. */
export function ticks(most, wanted = 4) {
    if (most <= 0) return [0, 1];
    const rough = most / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(
        1,
        [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough),
    );
    const all = [];
    for (let at = 0; at < most + step; at += step) all.push(at);
    return all;
}

/** Wide characters count twice: enough to cut labels. */
export function fit(label, room) {
    let used = 0;
    let out = "";
    for (const letter of label) {
        used +=
            /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
                letter,
            )
                ? 12
                : 6.8;
        if (used > room) return `${out}…`;
        out += letter;
    }
    return out;
}

/** Lying bars: [{label, value, title, action, color?}] */
export function bars({ width, items, palette, label, format }) {
    const rowHeight = 26;
    const left = Math.min(150, Math.max(90, width * 0.3));
    const right = 62;
    const height = items.length * rowHeight + 12;
    const most = Math.max(1, ...items.map(({ value }) => value));
    const room = Math.max(20, width - left - right);
    return frame(
        width,
        height,
        label,
        palette,
        items.map(({ label: name, value, title, action, color }, i) => {
            const y = i * rowHeight + 6;
            const long = value === 0 ? 0 : Math.max(2, (value / most) * room);
            return mark(
                s(
                    "g",
                    {},
                    s("rect", { x: 0, y, width, height: rowHeight, fill: palette.ground, "fill-opacity": 0 }),
                    text(left - 8, y + 17, fit(name, left - 14), { "text-anchor": "end" }),
                    s("rect", {
                        x: left,
                        y: y + 4,
                        width: long,
                        height: rowHeight - 9,
                        rx: 3,
                        fill: color ?? palette.series[0],
                    }),
                    text(left + long + 6, y + 17, format(value), { fill: palette.dim }),
                ),
                { label: title, action },
            );
        }),
    );
}

/** Standing bars, stacked: items [{label, values, title, action}], names of the series for their colours; every n-th label is drawn. */
export function columns({ width, height = 220, items, palette, label, format }) {
    const [left, bottom, top] = [46, 26, 10];
    const totals = items.map(({ values }) => values.reduce((a, b) => a + b, 0));
    const steps = ticks(Math.max(1, ...totals));
    const most = steps.at(-1);
    const room = width - left - 8;
    const tall = height - bottom - top;
    const slot = room / Math.max(1, items.length);
    const thick = Math.max(1, Math.min(46, slot * (slot > 6 ? 0.78 : 1)));
    const wide = 16 + 7 * Math.max(...items.map(({ label: name }) => name.length), 1);
    const every = Math.max(1, Math.ceil(items.length / Math.max(1, Math.floor(room / wide))));
    const inside = (i) => left + (i + 0.5) * slot + wide / 2 - 8 <= width;
    const y = (value) => top + tall - (value / most) * tall;
    return frame(width, height, label, palette, [
        steps.map((step) => [
            s("line", { x1: left, x2: width - 8, y1: y(step), y2: y(step), stroke: palette.line }),
            text(left - 6, y(step) + 4, format(step), {
                "text-anchor": "end",
                fill: palette.dim,
                "font-size": 11,
            }),
        ]),
        items.map(({ label: name, values, title, action }, i) => {
            const x = left + i * slot + (slot - thick) / 2;
            let base = 0;
            const pieces = values.map((value, k) => {
                if (value === 0) return null;
                const piece = s("rect", {
                    x,
                    y: y(base + value),
                    width: thick,
                    height: Math.max(0.5, y(base) - y(base + value)),
                    fill: palette.series[k] ?? palette.other,
                });
                base += value;
                return piece;
            });
            const group = s(
                "g",
                {},
                s("rect", {
                    x: left + i * slot,
                    y: top,
                    width: slot,
                    height: tall,
                    fill: palette.ground,
                    "fill-opacity": 0,
                }),
                pieces,
            );
            return [
                totals[i] > 0 || !action ? mark(group, { label: title, action: totals[i] > 0 ? action : null }) : group,
                i % every === 0 && (items.length === 1 || inside(i))
                    ? text(left + (i + 0.5) * slot, height - 8, name, {
                          "text-anchor": "middle",
                          fill: palette.dim,
                          "font-size": 11,
                      })
                    : null,
            ];
        }),
    ]);
}

/** Hours by weekdays. values[row][column]; action(row, column) */
export function heat({ width, values, rows, palette, label, titleOf, action, format }) {
    const [left, top] = [44, 20];
    const cell = Math.max(8, (width - left - 6) / 24);
    const tall = Math.min(34, Math.max(18, cell));
    const height = top + tall * rows.length + 8;
    const most = Math.max(1, ...values.flat());
    const [r0, g0, b0, r1, g1, b1] = palette.heat;
    const mix = (share) =>
        `rgb(${[
            [r0, r1],
            [g0, g1],
            [b0, b1],
        ]
            .map(([a, b]) => Math.round(a + (b - a) * share))
            .join(",")})`;
    const dark = palette === PALETTES.dark;
    return frame(width, height, label, palette, [
        Array.from({ length: 24 }, (_, hour) =>
            hour % (cell < 20 ? 6 : 3) === 0
                ? text(left + (hour + 0.5) * cell, 13, String(hour), {
                      "text-anchor": "middle",
                      fill: palette.dim,
                      "font-size": 11,
                  })
                : null,
        ),
        rows.map((name, row) => [
            text(left - 8, top + row * tall + tall / 2 + 4, name, {
                "text-anchor": "end",
                fill: palette.dim,
                "font-size": 11,
            }),
            values[row].map((value, hour) => {
                const share = value === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(value / most);
                const square = s(
                    "g",
                    {},
                    s("rect", {
                        x: left + hour * cell + 1,
                        y: top + row * tall + 1,
                        width: cell - 2,
                        height: tall - 2,
                        rx: 3,
                        fill: mix(share),
                        stroke: palette.line,
                        "stroke-width": value === 0 ? 1 : 0,
                    }),
                    cell >= 27 && value > 0
                        ? text(left + (hour + 0.5) * cell, top + row * tall + tall / 2 + 4, format(value), {
                              "text-anchor": "middle",
                              "font-size": 10,
                              fill: dark
                                  ? share > 0.5
                                      ? "#0d1a30"
                                      : palette.ink
                                  : share > 0.7
                                    ? "#ffffff"
                                    : palette.ink,
                          })
                        : null,
                );
                return mark(square, {
                    label: titleOf(row, hour, value),
                    action: value > 0 ? () => action(row, hour) : null,
                });
            }),
        ]),
    ]);
}

// ---- saving ------------------------------------------------------------------------------------------------------------------

/** The picture as a file of its own: nothing to click, the heading and the note inside. */
export function standalone(svg, { title, note, palette }) {
    const copy = svg.cloneNode(true);
    const width = Number(copy.getAttribute("width"));
    const height = Number(copy.getAttribute("height"));
    for (const each of copy.querySelectorAll("[role=button]"))
        for (const name of ["role", "tabindex", "aria-label", "cursor", "class"]) each.removeAttribute(name);
    copy.setAttribute("role", "img");
    const whole = s(
        "svg",
        {
            xmlns: NS,
            viewBox: `0 0 ${width + 32} ${height + 84}`,
            width: width + 32,
            height: height + 84,
            "font-family": FONT,
            fill: palette.ink,
        },
        s("rect", { width: width + 32, height: height + 84, fill: palette.ground }),
        text(16, 30, title, { "font-size": 16, "font-weight": 600 }),
        text(16, height + 72, note, { "font-size": 11, fill: palette.dim }),
    );
    copy.setAttribute("x", "16");
    copy.setAttribute("y", "44");
    whole.append(copy);
    return new XMLSerializer().serializeToString(whole);
}

/** PNG of an SVG text, twice as large for sharp screens. */
export async function toPng(svgText, scale = 2) {
    const url = URL.createObjectURL(new Blob([svgText], { type: "image/svg+xml" }));
    try {
        const image = new Image();
        await new Promise((resolve, reject) => {
            image.onload = resolve;
            image.onerror = () => reject(new Error("the picture cannot be drawn"));
            image.src = url;
        });
        const canvas = document.createElement("canvas");
        canvas.width = image.width * scale;
        canvas.height = image.height * scale;
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, canvas.width, canvas.height);
        return await new Promise((resolve, reject) =>
            canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
        );
    } finally {
        URL.revokeObjectURL(url);
    }
}
