// The Pictures tab: what the rows in sight look like. A click on a mark sets a filter, which table and exports share.
import { download, h, replace } from "../dom.mjs";
import { count, day, filterText, stamp, tidy } from "../leads/format.mjs";
import leadsWords from "../words/leads.mjs";
import { bars, columns, heat, PALETTES, standalone, toPng } from "./draw.mjs";

const HOUR = 3600_000;
const DAY = 86_400_000;

export function mount(element, { words, lang, core, say, go, state }) {
    const shared = leadsWords[lang];
    let data = null;
    let visible = false;
    let stale = true;
    let width = 0;
    state.tables ??= new Set();

    const chips = h("div", { class: "chips", role: "group", "aria-label": shared.activeFilters });
    const lead = h("p", { class: "totals" });
    const grid = h("div", { class: "charts" });
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
    element.append(
        h(
            "div",
            { class: "pictures" },
            h(
                "div",
                { class: "row pictures-head" },
                lead,
                h("button", { type: "button", class: "small", onclick: () => go("leads") }, words.seeTable),
            ),
            chips,
            nothing,
            grid,
        ),
    );

    const filterBy = (filter) => core.toggleFilter(filter);
    const nameOf = (column, value) =>
        value === "" || value === null
            ? value === null
                ? words.others
                : shared.empty
            : column === "class"
              ? (shared.classes[value] ?? value)
              : column === "source" || column === "platform"
                ? (shared.platforms[value] ?? tidy(value, 60))
                : tidy(value, 60);
    const share = (value) =>
        data.total > 0 ? `${((100 * value) / data.total).toFixed(value / data.total < 0.1 ? 1 : 0)}%` : "";
    const palette = () => PALETTES[document.documentElement.dataset.theme === "dark" ? "dark" : "light"];

    /** A card: heading, note, picture or its table, and the buttons that save it. */
    function card({ name, title, note, wide = false, draw, legend, table }) {
        const box = h("figure", { class: `card chart${wide ? " wide" : ""}`, data: { chart: name } });
        const room = () => Math.max(260, (wide ? grid.clientWidth : Math.max(260, box.clientWidth)) - 38);
        const asTable = () => state.tables.has(name);
        const fill = () => {
            const now = palette();
            const svg = asTable() ? null : draw(Math.round(room()), now);
            const save = async (kind) => {
                const picture = svg ?? draw(Math.round(room()), now);
                const text = standalone(picture, {
                    title,
                    note: `${data.total} ${words.leads} · ${words.zone}`,
                    palette: now,
                });
                try {
                    download(
                        `${name}.${kind}`,
                        kind === "svg" ? new Blob([text], { type: "image/svg+xml" }) : await toPng(text),
                    );
                } catch (error) {
                    say(`${words.notSaved} ${error.message}`, { tone: "bad" });
                }
            };
            replace(
                box,
                h("figcaption", {}, h("h2", {}, title), note ? h("p", { class: "hint" }, note) : null),
                legend && !asTable()
                    ? h(
                          "ul",
                          { class: "legend" },
                          legend.map((label, i) => h("li", {}, swatch(now.series[i] ?? now.other), label)),
                      )
                    : null,
                svg ? h("div", { class: "drawing" }, svg) : dataTable(title, table),
                h(
                    "div",
                    { class: "chart-tools" },
                    h(
                        "button",
                        {
                            type: "button",
                            class: "text small",
                            "aria-pressed": String(asTable()),
                            onclick: () => {
                                if (!state.tables.delete(name)) state.tables.add(name);
                                fill();
                                box.querySelector(".chart-tools button").focus();
                            },
                        },
                        asTable() ? words.asPicture : words.asTable,
                    ),
                    h("button", { type: "button", class: "text small", onclick: () => save("png") }, "PNG"),
                    h("button", { type: "button", class: "text small", onclick: () => save("svg") }, "SVG"),
                ),
            );
        };
        return { box, fill };
    }
    function swatch(color) {
        const box = h("span", { class: "swatch", "aria-hidden": "true" });
        box.style.background = color;
        return box;
    }
    const dataTable = (title, { head, rows }) =>
        h(
            "div",
            { class: "scroll", tabIndex: 0, role: "region", "aria-label": title },
            h(
                "table",
                {},
                h(
                    "thead",
                    {},
                    h(
                        "tr",
                        {},
                        head.map((name) => h("th", { scope: "col" }, name)),
                    ),
                ),
                h(
                    "tbody",
                    {},
                    rows.map(([name, ...values]) =>
                        h(
                            "tr",
                            {},
                            h("th", { scope: "row" }, h("bdi", {}, name)),
                            values.map((value) => h("td", { class: "number" }, value)),
                        ),
                    ),
                ),
            ),
        );

    // ---- the pictures --------------------------------------------------------------------------------------------------------------

    const short = (ms, unit) =>
        unit < DAY
            ? `${stamp(ms).slice(5, 10)} ${stamp(ms).slice(11, 13)}`
            : unit < 30 * DAY
              ? day(ms).slice(5)
              : day(ms).slice(0, 7);
    function timeline(name, title, { from, unit, bars: list }) {
        const series = data.series.map((each) => nameOf("source", each));
        const span = (at) =>
            unit < DAY
                ? `${stamp(at)}–${stamp(at + unit).slice(11)}`
                : unit === DAY
                  ? `${day(at)} ${shared.weekdays[(Math.floor((at + 8 * HOUR) / DAY) + 3) % 7]}`
                  : `${day(at)} – ${day(at + unit - 1)}`;
        const items = list.map((values, i) => {
            const at = from + i * unit;
            const total = values.reduce((a, b) => a + b, 0);
            return {
                at,
                total,
                values,
                label: short(at, unit),
                title: words.bar(span(at), count(total)),
                action: () =>
                    filterBy({
                        kind: "time",
                        column: "submitted",
                        from: at,
                        to: at + unit,
                        ...(unit < DAY && { hours: true }),
                    }),
            };
        });
        return card({
            name,
            title,
            wide: true,
            note: words.click,
            legend: series.length > 1 ? series : null,
            draw: (room, now) => columns({ width: room, items, palette: now, label: title, format: count }),
            table: {
                head: [words.time, ...(series.length > 1 ? series : []), words.leads],
                rows: items
                    .filter(({ total }) => total > 0)
                    .map(({ at, values, total }) => [
                        span(at),
                        ...(series.length > 1 ? series.map((_, k) => count(values[k])) : []),
                        count(total),
                    ]),
            },
        });
    }
    function ranking(column, title, note) {
        const { values, others, distinct } = data[column];
        if (values.length === 0 || (values.length === 1 && values[0][0] === "")) return null;
        const items = values.map(([value, many]) => ({
            label: nameOf(column, value),
            value: many,
            title: words.bar(nameOf(column, value), `${count(many)} (${share(many)})`),
            action: () => filterBy({ kind: "in", column, values: [value] }),
        }));
        if (others > 0)
            items.push({
                label: words.others,
                value: others,
                title: words.bar(words.otherValues(count(distinct - values.length)), count(others)),
                action: null,
                color: palette().other,
            });
        return card({
            name: column,
            title,
            note,
            draw: (room, now) => bars({ width: room, items, palette: now, label: title, format: count }),
            table: {
                head: [shared.columns[column], words.leads, words.share],
                rows: items.map(({ label, value }) => [label, count(value), share(value)]),
            },
        });
    }
    function heatmap() {
        const hourText = (row, hour) =>
            `${shared.weekdays[row]} ${String(hour).padStart(2, "0")}:00–${String(hour + 1).padStart(2, "0")}:00`;
        return card({
            name: "week",
            title: words.titles.week,
            wide: true,
            note: words.click,
            draw: (room, now) =>
                heat({
                    width: room,
                    values: data.grid,
                    rows: shared.weekdays,
                    palette: now,
                    label: words.titles.week,
                    format: count,
                    titleOf: (row, hour, value) => words.bar(hourText(row, hour), count(value)),
                    action: (row, hour) => filterBy({ kind: "hour", hour, weekday: row }),
                }),
            table: {
                head: [words.hour, ...shared.weekdays],
                rows: Array.from({ length: 24 }, (_, hour) => [
                    `${String(hour).padStart(2, "0")}:00`,
                    ...data.grid.map((row) => count(row[hour])),
                ]),
            },
        });
    }
    function latency() {
        if (data.latency.counted === 0) return null;
        const items = data.latency.steps.map((value, step) => ({
            label: shared.latencySteps[step],
            value,
            values: [value],
            title: words.bar(shared.latencySteps[step], count(value)),
            action: value > 0 ? () => filterBy({ kind: "latency", step }) : null,
        }));
        return card({
            name: "latency",
            title: words.titles.latency,
            note: words.latencyNote(count(data.latency.counted)),
            draw: (room, now) => bars({ width: room, items, palette: now, label: words.titles.latency, format: count }),
            table: {
                head: [shared.columns.latency, words.leads],
                rows: items.map(({ label, value }) => [label, count(value)]),
            },
        });
    }
    function duplicates() {
        const { persons, shared: both, pairs } = data.duplicates;
        if (persons === 0) return null;
        const items = pairs.map(([sources, many]) => {
            const label = sources.map((each) => nameOf("source", each)).join(" + ");
            return {
                label,
                value: many,
                title: words.bar(label, words.personsCount(count(many))),
                action: () => filterBy({ kind: "pair", sources }),
            };
        });
        return card({
            name: "duplicates",
            title: words.titles.duplicates,
            note: words.duplicatesNote(count(both), count(persons)),
            draw: (room, now) =>
                items.length > 0
                    ? bars({
                          width: room,
                          items,
                          palette: now,
                          label: words.titles.duplicates,
                          format: count,
                      })
                    : h("p", { class: "hint" }, words.noDuplicates),
            table: {
                head: [words.sources, words.persons],
                rows: items.map(({ label, value }) => [label, count(value)]),
            },
        });
    }

    function draw() {
        const { filters } = core.query;
        replace(
            chips,
            filters.map((filter) =>
                h(
                    "button",
                    {
                        type: "button",
                        class: "chip",
                        onclick: () => core.toggleFilter(filter),
                        "aria-label": shared.removeFilter(filterText(filter, shared)),
                    },
                    h("bdi", {}, filterText(filter, shared)),
                    h("span", { "aria-hidden": "true" }, " ✕"),
                ),
            ),
            filters.length > 1
                ? h(
                      "button",
                      { type: "button", class: "text small", onclick: () => core.setQuery({ filters: [] }) },
                      shared.removeAll,
                  )
                : null,
        );
        chips.hidden = filters.length === 0;
        const any = data !== null && data.total > 0;
        nothing.hidden = any || filters.length > 0;
        lead.textContent =
            data === null || nothing.hidden === false
                ? ""
                : `${words.over(count(data.total))}${data.timed < data.total ? ` ${words.untimed(count(data.total - data.timed))}` : ""} · ${words.zone}`;
        lead.parentElement.hidden = !nothing.hidden;
        if (!any) return replace(grid);
        const focused = document.activeElement?.closest?.("[data-chart]");
        const place = focused
            ? {
                  chart: focused.dataset.chart,
                  at: [...focused.querySelectorAll('[tabindex="0"],button')].indexOf(document.activeElement),
              }
            : null;
        const cards = [
            data.days && timeline("days", data.days.unit === DAY ? words.titles.days : words.titles.weeks, data.days),
            data.hours && timeline("hours", words.titles.hours, data.hours),
            data.timed > 0 && heatmap(),
            ranking("source", words.titles.source),
            ranking("province", words.titles.province),
            data.province.values.length <= 2 && ranking("city", words.titles.city),
            ranking("campaign", words.titles.campaign),
            ranking("form", words.titles.form),
            ranking("channel", words.titles.channel),
            ranking("store", words.titles.store),
            ranking("class", words.titles.class),
            duplicates(),
            latency(),
        ].filter(Boolean);
        replace(
            grid,
            cards.map(({ box }) => box),
        );
        width = grid.clientWidth;
        for (const { fill } of cards) fill();
        if (place) {
            const again = grid.querySelector(`[data-chart="${place.chart}"]`);
            [...(again?.querySelectorAll('[tabindex="0"],button') ?? [])][place.at]?.focus();
        }
        return undefined;
    }

    let asking = false;
    async function refresh() {
        stale = true;
        if (!visible || asking) return;
        asking = true;
        try {
            while (stale && visible) {
                stale = false;
                data = await core.pictures();
                draw();
            }
        } finally {
            asking = false;
        }
    }

    let last = 0;
    const off = core.on((type) => {
        if (type === "change" || type === "query") refresh();
        else if (type === "progress" && performance.now() - last > 1500) {
            last = performance.now();
            refresh();
        }
    });
    const sized = new ResizeObserver(() => {
        if (visible && data && Math.abs(grid.clientWidth - width) > 4) draw();
    });
    sized.observe(grid);

    return {
        shown() {
            visible = true;
            if (stale) refresh();
            else draw(); // the theme may be another
        },
        hidden() {
            visible = false;
        },
        unmount() {
            off();
            sized.disconnect();
        },
    };
}
