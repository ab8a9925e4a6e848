// How values look, in every tab: harmless text, times in the platforms' own zone, counts.
import { h } from "../dom.mjs";

// Marks that turn the reading direction round, and controls: shown, so that nobody can hide behind them.
const DECEPTIVE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb]/g;
// Invisible characters, except the joiner inside an emoji.
const INVISIBLE =
    /[\u00ad\u180e\u200b\u200c\u2060-\u2064\ufeff]|\u200d(?!\p{Extended_Pictographic})|[\u{e0000}-\u{e007f}]/gu;

/** Any value as one bounded line with nothing hidden in it. */
export function tidy(value, limit = 120) {
    if (value === null || value === undefined) return "";
    let plain = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
    if (plain.length > limit * 4) plain = plain.slice(0, limit * 4); // before any pattern looks at it
    plain = plain.toWellFormed?.() ?? plain;
    plain = plain.replace(/[\t\r\n]+/g, " ").replace(INVISIBLE, "");
    plain = plain.replace(
        DECEPTIVE,
        (mark) => `[U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
    const letters = [...plain];
    return letters.length > limit ? `${letters.slice(0, limit).join("")}…` : plain;
}

/** A value of a stranger, apart from its neighbours' reading direction. */
export const cell = (value, limit) => h("bdi", {}, tidy(value, limit));

const pad = (number) => String(number).padStart(2, "0");
const local = (ms) => new Date(ms + 8 * 3600_000);
const valid = (ms) => typeof ms === "number" && !Number.isNaN(ms) && Math.abs(ms) < 8e15;

/** 2026-03-02 09:30, in +08:00 whatever the browser's zone is. */
export const stamp = (ms, seconds = false) =>
    valid(ms)
        ? local(ms)
              .toISOString()
              .slice(0, seconds ? 19 : 16)
              .replace("T", " ")
        : "";
export const day = (ms) => (valid(ms) ? local(ms).toISOString().slice(0, 10) : "");
/** The beginning of a date typed in, in +08:00. */
export const dayStart = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00+08:00`) : NaN);

export const count = (value) => String(Math.round(Number(value) || 0)).replace(/\B(?=(\d{3})+$)/g, ",");
export const bytes = (size) =>
    size < 1024
        ? `${size} B`
        : size < 1048576
          ? `${(size / 1024).toFixed(size < 10240 ? 1 : 0)} KB`
          : `${(size / 1048576).toFixed(size < 10485760 ? 1 : 0)} MB`;

/** A span of time in the largest unit that fits; `units` {ms, s, min, h, d}. */
export function span(ms, units) {
    if (!valid(ms)) return "";
    if (ms < 1000) return `< 1 ${units.s}`;
    const steps = [
        [86_400_000, units.d],
        [3600_000, units.h],
        [60_000, units.min],
        [1000, units.s],
    ];
    const [size, unit] = steps.find(([least]) => ms >= least);
    const amount = ms / size;
    return `${amount >= 10 || Number.isInteger(amount) ? Math.round(amount) : amount.toFixed(1)} ${unit}`;
}
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${pad(Math.round(seconds) % 60)}`;

/** The words of one filter, for its chip. */
export function filterText(filter, words) {
    const { columns, filters, classes, empty } = words;
    const valueText = (column, value) =>
        value === ""
            ? empty
            : column === "class"
              ? (classes[value] ?? value)
              : column === "platform"
                ? (words.platforms[value] ?? value)
                : tidy(value, 30);
    switch (filter.kind) {
        case "in": {
            const shown = filter.values
                .slice(0, 3)
                .map((value) => valueText(filter.column, value))
                .join(filters.or);
            return `${columns[filter.column]}: ${shown}${filter.values.length > 3 ? ` +${filter.values.length - 3}` : ""}`;
        }
        case "time": {
            const from = filter.from === undefined ? "" : filter.hours ? stamp(filter.from) : day(filter.from);
            const to = filter.to === undefined ? "" : filter.hours ? stamp(filter.to).slice(11) : day(filter.to - 1);
            return `${columns[filter.column]}: ${from && from === to ? from : `${from} – ${to}`}`;
        }
        case "hour":
            return `${filters.hour}: ${filter.weekday === undefined ? "" : `${words.weekdays[filter.weekday]} `}${pad(filter.hour)}:00–${pad(filter.hour + 1)}:00`;
        case "latency":
            return `${columns.latency}: ${words.latencySteps[filter.step]}`;
        case "text":
            return `${filters.text}: ${tidy(filter.text, 30)}`;
        case "pair":
            return `${filters.pair}: ${filter.sources.map((name) => tidy(name, 20)).join(" + ")}`;
        default:
            return filters[filter.kind] ?? filter.kind;
    }
}
