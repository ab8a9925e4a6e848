// The Leads tab: open, look, filter, reveal. Rows live in the data worker; this file draws what is in sight.
import { append, h, labelled, replace, select } from "../dom.mjs";
import { createDetail } from "./detail.mjs";
import { askReveal, keyDialog, problemsDialog, rowsDialog } from "./dialogs.mjs";
import { cell, clock, count, bytes, dayStart, filterText, span, stamp, tidy } from "./format.mjs";
import { inventMany, SAMPLES } from "./samples.mjs";
import { createTable } from "./table.mjs";

const LONGEST_PASTE = 64 << 20;
const PEEK_MS = 15_000; // a number shown in the table hides again by itself
const NARROW = matchMedia("(max-width:700px)");
const REGION = ["province", "city", "district"];

const SVG = "http://www.w3.org/2000/svg";
/** An eye, crossed out while the number is hidden. */
function eye(open) {
    const icon = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({
        viewBox: "0 0 20 20",
        width: 16,
        height: 16,
        fill: "none",
        stroke: "currentColor",
        "stroke-width": 1.5,
        "aria-hidden": "true",
    }))
        icon.setAttribute(name, value);
    for (const d of [
        "M2 10c3-5 13-5 16 0-3 5-13 5-16 0z",
        "M10 7.7a2.3 2.3 0 1 0 .01 0z",
        ...(open ? [] : ["M4 16 16 4"]),
    ]) {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", d);
        icon.append(path);
    }
    return icon;
}

export function mount(element, { words, core, say, state }) {
    state.columns ??= ["submitted", "name", "phone", "region", "form", "channel", "source", "lead_id"];
    state.filterColumn ??= "source";
    let stats = null;
    let last = { size: 0, matched: 0, persons: undefined };
    const peeked = new Map(); // row -> its number, for a moment
    let peekTimer = 0;

    // ---- columns of the table ----------------------------------------------------------------------------------------------------

    const empty = () => h("span", { class: "hint" }, "–");
    const plain = (name) => (row) => (row[name] ? cell(row[name], 60) : empty());
    const time = (name) => (row) =>
        Number.isNaN(row[name])
            ? empty()
            : h("time", { datetime: new Date(row[name]).toISOString() }, stamp(row[name]));
    const COLUMNS = [
        { name: "submitted", width: "10.6rem", sort: "submitted", render: time("submitted") },
        { name: "name", width: "minmax(7rem,1.1fr)", sort: "name", render: nameCell },
        { name: "phone", width: "minmax(13rem,1.1fr)", sort: "phone", render: phoneCell },
        {
            name: "region",
            width: "minmax(8rem,1.2fr)",
            sort: "province",
            render: (row) => {
                const parts = REGION.map((name) => row[name]).filter(Boolean);
                const names = parts.filter((part, i) => part !== parts[i - 1]);
                return names.length > 0 ? cell(names.join(" "), 60) : empty();
            },
        },
        { name: "campaign", width: "minmax(7rem,1fr)", sort: "campaign", render: plain("campaign") },
        { name: "form", width: "minmax(7rem,1fr)", sort: "form", render: plain("form") },
        { name: "store", width: "minmax(7rem,1fr)", sort: "store", render: plain("store") },
        { name: "channel", width: "minmax(6rem,.8fr)", sort: "channel", render: plain("channel") },
        {
            name: "source",
            width: "minmax(5.5rem,.7fr)",
            sort: "source",
            render: (row) =>
                row.source ? append(h("bdi"), words.platforms[row.source] ?? tidy(row.source, 40)) : empty(),
        },
        {
            name: "platform",
            width: "6.5rem",
            sort: "platform",
            render: (row) => words.platforms[row.platform] ?? tidy(row.platform, 30),
        },
        { name: "account", width: "8rem", sort: "account", render: plain("account") },
        {
            name: "lead_id",
            width: "minmax(8rem,.9fr)",
            sort: "lead_id",
            render: (row) => (row.lead_id ? h("code", {}, tidy(row.lead_id, 40)) : empty()),
        },
        { name: "status", width: "7rem", sort: "status", render: plain("status") },
        { name: "owner", width: "7rem", sort: "owner", render: plain("owner") },
        { name: "created", width: "10.6rem", sort: "created", render: time("created") },
        { name: "modified", width: "10.6rem", sort: "modified", render: time("modified") },
        { name: "received", width: "10.6rem", sort: "received", render: time("received") },
        {
            name: "latency",
            width: "7rem",
            sort: "latency",
            render: (row) => span(row.latency, words.units) || empty(),
        },
        { name: "persons", width: "5.5rem", sort: "persons", render: (row) => String(row.persons) },
        {
            name: "unknown",
            width: "6rem",
            sort: "unknown",
            render: (row) => (row.unknown > 0 ? String(row.unknown) : empty()),
        },
        { name: "file", width: "minmax(7rem,.8fr)", sort: "file", render: plain("file") },
    ].map((column) => ({ ...column, title: words.columns[column.name] }));
    const compact = () => NARROW.matches;
    const shownColumns = () =>
        (compact() ? ["name", "phone", "submitted", "region", "source"] : state.columns)
            .map((name) => COLUMNS.find((column) => column.name === name))
            .filter(Boolean);

    function nameCell(row) {
        const parts = [];
        if (row.head && row.persons > 1) {
            parts.push(
                h(
                    "button",
                    {
                        type: "button",
                        class: "expander",
                        tabIndex: -1,
                        "aria-label": row.open ? words.collapse : words.expand(row.persons),
                        onclick: () => toggle(row),
                    },
                    row.open ? "▾" : "▸",
                ),
            );
        }
        parts.push(row.name ? cell(row.name, 40) : h("span", { class: "hint" }, words.anonymous));
        if (row.persons > 1 && row.head !== false)
            parts.push(h("span", { class: "tag", title: words.expand(row.persons) }, `×${row.persons}`));
        if (row.test) parts.push(h("span", { class: "tag busy" }, words.test));
        if (row.unknown > 0)
            parts.push(h("span", { class: "tag bad", title: words.unknownFields(row.unknown) }, `+${row.unknown}`));
        return parts;
    }
    function phoneCell(row) {
        const peek = peeked.get(row.row);
        const parts = [];
        if (peek ?? row.phone) parts.push(h("span", { class: "number" }, tidy(peek ?? row.phone, 40)));
        if (row.class && row.class !== "mobile")
            parts.push(
                h(
                    "span",
                    { class: `tag${row.class === "encrypted" || row.class === "invalid" ? " bad" : ""}` },
                    words.classes[row.class] ?? tidy(row.class, 20),
                ),
            );
        if (!row.class && !row.phone) parts.push(h("span", { class: "hint" }, words.noPhone));
        if (row.phones) parts.push(h("span", { class: "tag", title: words.morePhones }, "+"));
        if (!core.revealed && row.class === "mobile")
            parts.push(
                h(
                    "button",
                    {
                        type: "button",
                        class: "peek",
                        tabIndex: -1,
                        "aria-label": peek ? words.hideNumbers : words.showNumbers,
                        title: peek ? words.hideNumbers : words.showNumbers,
                        onclick: () => peekAt(row.row),
                    },
                    eye(Boolean(peek)),
                ),
            );
        return parts;
    }
    async function peekAt(row) {
        if (!peeked.delete(row)) {
            const found = await core.show(row, { reveal: true });
            if (found) peeked.set(row, found.phone);
            clearTimeout(peekTimer);
            peekTimer = setTimeout(unpeek, PEEK_MS);
        }
        table.redraw();
    }
    function unpeek() {
        clearTimeout(peekTimer);
        if (peeked.size === 0) return;
        peeked.clear();
        table.redraw();
    }
    async function toggle(row) {
        await core.toggle(row.person);
        table.refresh();
    }

    // ---- parts -------------------------------------------------------------------------------------------------------------------

    const table = createTable({
        columns: COLUMNS,
        fetch: (from, many) => core.window(from, many),
        words,
        compact,
        sort: () => core.query.sort,
        onSort: (column) => {
            const now = core.query.sort;
            const descending =
                now?.column === column
                    ? !now.descending
                    : ["submitted", "created", "modified", "received", "persons", "unknown", "latency"].includes(
                          column,
                      );
            core.setQuery({ sort: { column, descending } });
        },
        onOpen: (row) => {
            table.opened(row.row);
            split.classList.add("open");
            detail.open(row.row, core.revealed, { focus: true }).then(() => table.resize());
        },
        onToggle: toggle,
        onTotals: (window) => {
            last = window;
            drawTotals();
        },
    });
    const detail = createDetail({
        core,
        words,
        say,
        onClose: () => {
            split.classList.remove("open");
            table.opened(-1);
            table.resize();
            table.focus();
        },
        onStep: (by) => {
            const row = table.step(by);
            if (row) {
                table.opened(row.row);
                detail.open(row.row);
            }
        },
        onPerson: (row) => detail.open(row.row, core.revealed, { focus: true }),
    });

    const picker = h("input", {
        type: "file",
        multiple: true,
        class: "offscreen",
        tabIndex: -1,
        "aria-hidden": "true",
        onchange: () => {
            openFiles([...picker.files]);
            picker.value = "";
        },
    });
    const searchBox = h("input", {
        type: "search",
        placeholder: words.searchHint,
        "aria-label": words.search,
        autocomplete: "off",
        spellcheck: "false",
        maxlength: 200,
    });
    let typing = 0;
    searchBox.addEventListener("input", () => {
        clearTimeout(typing);
        typing = setTimeout(() => {
            const others = core.query.filters.filter(({ kind }) => kind !== "text");
            const text = searchBox.value.trim();
            core.setQuery({ filters: text ? [...others, { kind: "text", text }] : others });
        }, 180);
    });

    const switchButton = (label, onclick, hint) =>
        h(
            "button",
            {
                type: "button",
                role: "switch",
                "aria-checked": "false",
                class: "switch",
                title: hint,
                onclick,
            },
            h("span", { class: "knob", "aria-hidden": "true" }),
            label,
        );
    const groupSwitch = switchButton(words.group, () => core.setQuery({ group: !core.query.group }), words.groupHint);
    const revealSwitch = switchButton(
        words.reveal,
        async () => {
            if (core.revealed) core.reveal(false);
            else if (await askReveal({ words, people: last.size })) core.reveal(true);
        },
        words.revealHint,
    );
    const filterButton = h(
        "button",
        {
            type: "button",
            "aria-expanded": "false",
            onclick: () => fold(filterPanel, filterButton, drawFilters),
        },
        words.filter,
    );
    const columnButton = h(
        "button",
        {
            type: "button",
            "aria-expanded": "false",
            class: "wide-only",
            onclick: () => fold(columnPanel, columnButton, drawColumns),
        },
        words.columnChooser,
    );
    const sortChoice = h(
        "select",
        {
            class: "narrow-only",
            "aria-label": words.sortLabel,
            onchange: () => {
                const [column, way] = sortChoice.value.split(" ");
                core.setQuery({ sort: { column, descending: way === "down" } });
            },
        },
        [
            ["submitted down", words.sorts.newest],
            ["submitted up", words.sorts.oldest],
            ["name up", words.sorts.name],
            ["source up", words.sorts.source],
            ["persons down", words.sorts.persons],
        ].map(([value, text]) => h("option", { value }, text)),
    );
    const totals = h("p", { class: "totals" });
    const chips = h("div", { class: "chips", role: "group", "aria-label": words.activeFilters });
    const filterPanel = h("div", { class: "card panel-inline filters", hidden: true });
    const columnPanel = h("div", { class: "card panel-inline", hidden: true });
    const notices = h("div", { class: "notices" });
    const files = h("details", { class: "files" });
    const split = h("div", { class: "split" }, table.element, detail.element);
    // For tables whose header names no platform; what names itself is read as what it is.
    const platform = select(
        [
            ["", words.platformAuto],
            ...["alimama", "tmall", "tanma", "etc", "outinvest", "leadbridge"].map((name) => [
                name,
                words.platforms[name],
            ]),
        ],
        state.platform ?? "",
        (value) => {
            state.platform = value;
            core.set({ platform: value || undefined });
        },
    );
    platform.setAttribute("aria-label", words.platformLabel);
    platform.title = words.platformHint;
    const actions = h(
        "div",
        { class: "row actions" },
        h("button", { type: "button", class: "primary", onclick: () => picker.click() }, words.open),
        h("button", { type: "button", onclick: pasteDialog }, words.paste),
        h("button", { type: "button", onclick: () => openKeys() }, words.keys),
        platform,
        h("span", { class: "push" }),
        h("button", { type: "button", class: "text", onclick: clearAll }, words.clear),
        picker,
    );
    const tools = h(
        "div",
        { class: "row tools-row" },
        h("div", { class: "search" }, searchBox),
        filterButton,
        columnButton,
        sortChoice,
        groupSwitch,
        revealSwitch,
    );
    const full = h(
        "div",
        { class: "full" },
        actions,
        notices,
        tools,
        filterPanel,
        columnPanel,
        chips,
        totals,
        split,
        files,
    );
    const emptyState = h(
        "div",
        { class: "empty card" },
        h("h2", {}, words.emptyTitle),
        h("p", {}, words.emptyText),
        h(
            "p",
            { class: "buttons" },
            h("button", { type: "button", class: "primary", onclick: () => picker.click() }, words.open),
            h("button", { type: "button", onclick: pasteDialog }, words.paste),
            h("button", { type: "button", onclick: () => openKeys() }, words.keys),
        ),
        h("h3", {}, words.samplesTitle),
        h(
            "div",
            { class: "buttons samples" },
            h(
                "button",
                {
                    type: "button",
                    data: { sample: "many" },
                    onclick: () => open([{ name: words.manyName, blob: new Blob([inventMany(2000)]) }]),
                },
                words.many,
            ),
            SAMPLES.map(([platform, name, content]) =>
                h(
                    "button",
                    {
                        type: "button",
                        data: { sample: platform },
                        onclick: () => open([{ name, blob: new Blob([content()]) }]),
                    },
                    words.platforms[platform],
                ),
            ),
        ),
        h("p", { class: "hint" }, words.formats),
    );
    element.append(h("div", { class: "leads" }, emptyState, full));

    // ---- opening -----------------------------------------------------------------------------------------------------------------

    function openFiles(list) {
        if (list.length > 0) open([...list].map((file) => ({ name: file.name || words.pasted, blob: file })));
    }
    function openText(text) {
        if (text.trim() === "") return;
        if (text.length > LONGEST_PASTE) say.error({ title: words.tooLongToPaste, reason: words.saveAsFile });
        else open([{ name: words.pasted, blob: new Blob([text]) }]);
    }
    async function open(inputs) {
        say.clear?.();
        say(words.opening, { progress: 0, cancel: () => core.cancel() });
        try {
            const result = await core.load(inputs);
            await finished(result);
        } catch (error) {
            say("");
            say.error({ title: words.failed, reason: String(error?.message ?? error) });
        }
    }
    async function finished({ cancelled, added, replaced, repeats }) {
        const said = [cancelled ? words.cancelled(count(last.size)) : words.added(count(added))];
        if (repeats > 0) said.push(words.repeats(count(repeats)));
        if (replaced > 0) said.push(words.replaced(count(replaced)));
        say(said.join(words.comma), { tone: cancelled ? "info" : "good" });
    }
    function pasteDialog() {
        const area = h("textarea", {
            rows: 12,
            spellcheck: "false",
            autocomplete: "off",
            placeholder: words.pastePlaceholder,
        });
        const dialog = h(
            "dialog",
            { class: "wide", "aria-labelledby": "paste-title", onclose: () => dialog.remove() },
            h("h2", { id: "paste-title" }, words.pasteTitle),
            labelled(words.pasteLabel, area),
            h(
                "p",
                { class: "buttons" },
                h(
                    "button",
                    {
                        type: "button",
                        class: "primary",
                        onclick: () => {
                            const text = area.value;
                            dialog.close();
                            openText(text);
                        },
                    },
                    words.pasteOpen,
                ),
                h("button", { type: "button", onclick: () => dialog.close() }, words.cancel),
            ),
        );
        element.append(dialog);
        dialog.showModal();
    }
    function openKeys(needs = stats?.needs ?? []) {
        keyDialog({
            element,
            words,
            needs,
            apply: async (settings) => {
                await core.set(settings);
                if (last.size === 0 && !(stats?.needs.length > 0)) return say(words.keysKept, { tone: "good" });
                say(words.decrypting, { progress: 0, cancel: () => core.cancel() });
                const { cancelled } = await core.retry();
                const now = await core.stats();
                say(
                    cancelled
                        ? words.cancelled(count(now.size))
                        : now.unread > 0
                          ? words.stillUnread(count(now.unread))
                          : words.allRead,
                    { tone: now.unread > 0 ? "bad" : "good" },
                );
                return undefined;
            },
        });
    }
    async function clearAll() {
        if (detail.isOpen) detail.close();
        await core.cancel();
        await core.clear();
        searchBox.value = "";
        platform.value = "";
        state.platform = "";
        say(words.cleared);
    }

    // ---- drawing -----------------------------------------------------------------------------------------------------------------

    function fold(panel, button, draw) {
        panel.hidden = !panel.hidden;
        button.setAttribute("aria-expanded", String(!panel.hidden));
        if (!panel.hidden) draw();
        table.resize();
    }
    function drawTotals() {
        const { size, matched, persons } = last;
        const { filters, group } = core.query;
        totals.textContent = [
            filters.length > 0 ? words.matched(count(matched), count(size)) : words.total(count(size)),
            group && persons !== undefined ? words.persons(count(persons)) : "",
            words.zone,
        ]
            .filter(Boolean)
            .join(words.dot);
    }
    function drawQuery() {
        const { filters, group, sort } = core.query;
        groupSwitch.setAttribute("aria-checked", String(group));
        replace(
            chips,
            filters.map((filter) =>
                h(
                    "button",
                    {
                        type: "button",
                        class: "chip",
                        onclick: () => core.toggleFilter(filter),
                        "aria-label": words.removeFilter(filterText(filter, words)),
                    },
                    h("bdi", {}, filterText(filter, words)),
                    h("span", { "aria-hidden": "true" }, " ✕"),
                ),
            ),
            filters.length > 1
                ? h(
                      "button",
                      { type: "button", class: "text small", onclick: () => core.setQuery({ filters: [] }) },
                      words.removeAll,
                  )
                : null,
        );
        chips.hidden = filters.length === 0;
        if (!filters.some(({ kind }) => kind === "text") && document.activeElement !== searchBox) searchBox.value = "";
        sortChoice.value = `${sort.column} ${sort.descending ? "down" : "up"}`;
        if (!filterPanel.hidden) drawFilters();
    }

    async function drawFilters() {
        const column = state.filterColumn;
        const current = core.query.filters.find((filter) => filter.kind === "in" && filter.column === column);
        const others = core.query.filters.filter((filter) => filter !== current);
        const { values } = await core.values(column, others);
        const chosen = new Set(current?.values ?? []);
        const apply = (value, on) => {
            if (on) chosen.add(value);
            else chosen.delete(value);
            core.setQuery({
                filters: chosen.size > 0 ? [...others, { kind: "in", column, values: [...chosen] }] : others,
            });
        };
        const name = (value) =>
            value === ""
                ? words.empty
                : column === "class"
                  ? (words.classes[value] ?? value)
                  : column === "platform" || column === "source"
                    ? (words.platforms[value] ?? value)
                    : value;
        const within = core.query.filters.find((filter) => filter.kind === "time" && filter.column === "submitted");
        const from = h("input", {
            type: "date",
            value: within?.from === undefined ? "" : stamp(within.from).slice(0, 10),
        });
        const to = h("input", {
            type: "date",
            value: within?.to === undefined ? "" : stamp(within.to - 1).slice(0, 10),
        });
        const setTimes = () => {
            const rest = core.query.filters.filter((filter) => filter !== within);
            const filter = { kind: "time", column: "submitted" };
            const begin = dayStart(from.value);
            const end = dayStart(to.value);
            if (!Number.isNaN(begin)) filter.from = begin;
            if (!Number.isNaN(end)) filter.to = end + 86_400_000;
            core.setQuery({
                filters: filter.from !== undefined || filter.to !== undefined ? [...rest, filter] : rest,
            });
        };
        from.onchange = setTimes;
        to.onchange = setTimes;
        const focused = document.activeElement?.closest?.(".filters") ? document.activeElement.dataset.key : null;
        const box = (key, label, checked, onchange, tail) =>
            h(
                "label",
                { class: "check" },
                h("input", {
                    type: "checkbox",
                    checked,
                    data: { key },
                    onchange: (event) => onchange(event.target.checked),
                }),
                h("bdi", {}, tidy(label, 50)),
                tail === undefined ? null : h("span", { class: "hint" }, ` ${count(tail)}`),
            );
        const special = (kind) =>
            box(
                kind,
                words.filters[kind],
                core.query.filters.some((filter) => filter.kind === kind),
                () => core.toggleFilter({ kind }),
            );
        const choice = select(
            [
                "source",
                "platform",
                "province",
                "city",
                "campaign",
                "form",
                "store",
                "channel",
                "class",
                "status",
                "owner",
                "file",
            ].map((key) => [key, words.columns[key]]),
            column,
            (value) => {
                state.filterColumn = value;
                drawFilters();
            },
        );
        choice.dataset.key = "column";
        from.dataset.key = "from";
        to.dataset.key = "to";
        replace(
            filterPanel,
            h(
                "div",
                { class: "row" },
                labelled(words.filterBy, choice),
                labelled(words.from, from),
                labelled(words.to, to),
            ),
            h(
                "div",
                { class: "checks", role: "group", "aria-label": words.columns[column] },
                values.length === 0
                    ? h("p", { class: "hint" }, words.noValues)
                    : values.map(([value, many]) =>
                          box(`v${value}`, name(value), chosen.has(value), (on) => apply(value, on), many),
                      ),
            ),
            h("div", { class: "row specials" }, ["several", "unread", "unknown", "test"].map(special)),
        );
        if (focused)
            [...filterPanel.querySelectorAll("[data-key]")].find(({ dataset }) => dataset.key === focused)?.focus();
        table.resize();
    }
    function drawColumns() {
        replace(
            columnPanel,
            h(
                "div",
                { class: "checks" },
                COLUMNS.map(({ name, title }) =>
                    h(
                        "label",
                        { class: "check" },
                        h("input", {
                            type: "checkbox",
                            checked: state.columns.includes(name),
                            disabled: name === "name",
                            onchange: (event) => {
                                const wanted = new Set(state.columns);
                                if (event.target.checked) wanted.add(name);
                                else wanted.delete(name);
                                state.columns = COLUMNS.map((column) => column.name).filter((each) => wanted.has(each));
                                table.columns(shownColumns());
                            },
                        }),
                        title,
                    ),
                ),
            ),
        );
    }

    function drawStats() {
        const {
            size = 0,
            files: list = [],
            problem = 0,
            rows = 0,
            needs = [],
            unread = 0,
            unknown = [],
            persons = 0,
            several = 0,
        } = stats ?? {};
        const anything = size > 0 || list.length > 0;
        emptyState.hidden = anything;
        full.hidden = !anything;
        const notes = [];
        if (needs.length > 0 || unread > 0) {
            const wrong = stats.key_problem;
            const what = wrong
                ? (words.keyProblems[wrong.code] ?? tidy(wrong.reason, 300))
                : needs.includes("tanma_app_key")
                  ? words.needsTanma
                  : words.needsKey(count(unread));
            notes.push(
                h(
                    "div",
                    { class: "banner busy slim" },
                    h("p", {}, what),
                    h("button", { type: "button", class: "small", onclick: () => openKeys() }, words.enterKey),
                ),
            );
        }
        if (problem > 0)
            notes.push(
                h(
                    "div",
                    { class: "banner bad slim" },
                    h("p", {}, words.problems(count(problem))),
                    h(
                        "button",
                        {
                            type: "button",
                            class: "small",
                            onclick: () => problemsDialog({ element, words, core, stats }),
                        },
                        words.showProblems,
                    ),
                ),
            );
        if (rows > 0)
            notes.push(
                h(
                    "div",
                    { class: "banner idle slim" },
                    h("p", {}, words.statRows(count(rows))),
                    h(
                        "button",
                        {
                            type: "button",
                            class: "small",
                            onclick: () => rowsDialog({ element, words, core }),
                        },
                        words.showRows,
                    ),
                ),
            );
        for (const file of list) {
            if (file.assumed && file.leads > 0)
                notes.push(
                    h(
                        "p",
                        { class: "hint" },
                        words.assumed(
                            tidy(file.name, 40),
                            file.encoding === "gb18030" ? "GBK" : file.encoding.toUpperCase(),
                        ),
                    ),
                );
            if (notes.length > 6) break;
        }
        replace(notices, notes);
        split.hidden = size === 0;
        tools.hidden = size === 0;
        totals.hidden = size === 0;
        const facts = [
            words.filesCount(list.length),
            several > 0 ? words.severalCount(count(several)) : "",
            persons > 0 ? words.personCount(count(persons)) : "",
            unknown.length > 0 ? words.unknownCount(unknown.length) : "",
        ].filter(Boolean);
        const wasOpen = files.open;
        replace(
            files,
            h("summary", {}, facts.join(words.dot)),
            h(
                "ul",
                {},
                list.map((file) =>
                    h(
                        "li",
                        {},
                        h("bdi", {}, tidy(file.name, 60)),
                        ` · ${bytes(file.size)} · ${[file.binary ? (words.binary[file.binary] ?? words.binary.binary) : "", file.platforms.map((name) => words.platforms[name] ?? tidy(name, 20)).join(words.filters.or), file.format ? (words.fileFormats[file.format] ?? file.format) : "", file.leads > 0 || file.rows === 0 ? words.leadsOf(count(file.leads)) : "", file.rows > 0 ? words.statRows(count(file.rows)) : "", file.repeats > 0 ? words.repeats(count(file.repeats)) : "", file.problems > 0 ? words.problems(count(file.problems)) : ""].filter(Boolean).join(" · ")}`,
                    ),
                ),
            ),
            unknown.length > 0
                ? [
                      h("h3", {}, words.unknownTitle),
                      h(
                          "p",
                          {},
                          unknown.map(([name, many]) => [h("code", {}, tidy(name, 60)), ` ${count(many)}  `]),
                      ),
                  ]
                : null,
        );
        files.open = wasOpen;
        files.hidden = list.length === 0;
    }

    let asking = false;
    let askAgain = false;
    async function refreshStats() {
        askAgain = true;
        if (asking) return;
        asking = true;
        try {
            while (askAgain) {
                askAgain = false;
                stats = await core.stats();
                drawStats();
            }
        } finally {
            asking = false;
        }
    }

    let refreshed = 0;
    const off = core.on((type, what) => {
        if (type === "progress" && (what.kind === "load" || what.kind === "retry")) {
            if (what.phase === "done" || what.phase === "cancelled") return;
            const rate = what.seconds > 1 ? words.rate(count(what.leads / what.seconds)) : "";
            say(
                [
                    words.progress(tidy(what.phase, 40), count(what.leads)),
                    rate,
                    what.remaining === null ? "" : words.remaining(clock(what.remaining)),
                ]
                    .filter(Boolean)
                    .join(words.dot),
                { progress: what.share, cancel: () => core.cancel() },
            );
            if (performance.now() - refreshed > 500) {
                refreshed = performance.now();
                refreshStats().then(() => table.refresh());
            }
        } else if (type === "change") {
            peeked.clear();
            refreshStats().then(() => table.refresh());
            if (!filterPanel.hidden) drawFilters();
        } else if (type === "query") {
            drawQuery();
            table.refresh({ top: true });
        } else if (type === "reveal") {
            revealSwitch.setAttribute("aria-checked", String(core.revealed));
            element.classList.toggle("revealed", core.revealed);
            peeked.clear();
            table.refresh();
            if (detail.isOpen) detail.open(detail.row, core.revealed);
        } else if (type === "failed") say.error({ title: words.failed, reason: what.reason });
    });

    const mask = () => {
        unpeek();
        if (core.revealed) core.reveal(false);
        detail.hide();
    };
    const away = () => document.hidden && mask();
    document.addEventListener("visibilitychange", away);
    const sized = new ResizeObserver(() => table.resize());
    sized.observe(table.element);
    const narrowed = () => table.columns(shownColumns());
    NARROW.addEventListener("change", narrowed);

    table.columns(shownColumns());
    revealSwitch.setAttribute("aria-checked", String(core.revealed));
    drawStats();
    drawQuery();
    refreshStats().then(() => table.refresh());

    return {
        openFiles,
        openText,
        search: () => searchBox.focus(),
        shown: () => table.resize(),
        hidden: mask,
        unmount() {
            off();
            clearTimeout(peekTimer);
            clearTimeout(typing);
            document.removeEventListener("visibilitychange", away);
            NARROW.removeEventListener("change", narrowed);
            sized.disconnect();
        },
    };
}
