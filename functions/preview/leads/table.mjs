// The grid: only the rows in sight exist. It asks for windows, keeps a few of them, and never touches a row that is out of sight.
import { h } from "../dom.mjs";

const PAGE = 100; // rows asked for at once
const KEPT = 12; // windows kept
const TALLEST = 8_000_000; // px; beyond that the scrollbar is a scale (browsers end elements near 33 million)
const AROUND = 6; // rows drawn beyond the edges

/**
 * @param {{
 *   columns: {name: string, title: string, width: string, sort?: string, render: (row: object) => Node[] | string}[],
 *   fetch: (from: number, count: number) => Promise<{rows: object[], total: number}>,
 *   words: object, sort: () => object, onSort: (column: string) => void, onOpen: (row: object, index: number) => void,
 *   onToggle: (row: object) => void, onTotals: (window: object) => void, compact: () => boolean }} options
 */
export function createTable({ columns, fetch, words, sort, onSort, onOpen, onToggle, onTotals, compact }) {
    let total = 0;
    let shown = columns;
    let pages = new Map(); // page number -> rows
    const asked = new Map(); // page number -> generation
    let generation = 0;
    let active = 0; // row
    let column = 0;
    let first = 0; // row at the top of the view
    let drawn = false;
    let opened = -1; // row id whose detail is open
    let busy = false;
    let again = false;

    const head = h("div", { role: "row", class: "grid-head", "aria-rowindex": "1" });
    const body = h("div", { class: "grid-body", role: "rowgroup" });
    const sizer = h("div", { class: "grid-size", role: "presentation" }, body);
    const grid = h(
        "div",
        {
            class: "grid",
            role: "grid",
            tabIndex: 0,
            "aria-label": words.table,
            "aria-readonly": "true",
            onkeydown: onKey,
            onscroll: () => schedule(),
        },
        h("div", { role: "rowgroup", class: "grid-headgroup" }, head),
        sizer,
    );
    const live = h("p", { class: "offscreen", "aria-live": "polite" });
    const element = h("div", { class: "grid-frame" }, grid, live);

    const rowHeight = () => (compact() ? 76 : 40);
    const headHeight = () => (compact() ? 0 : 38);
    const inSight = () => Math.max(1, Math.floor((grid.clientHeight - headHeight()) / rowHeight()));
    const height = () => Math.min(TALLEST, total * rowHeight());
    const scaled = () => total * rowHeight() > TALLEST;

    function firstOf(scrollTop) {
        if (!scaled()) return Math.floor(scrollTop / rowHeight());
        const room = height() - (grid.clientHeight - headHeight());
        return Math.round((scrollTop / Math.max(1, room)) * Math.max(0, total - inSight()));
    }
    function scrollFor(row) {
        if (!scaled()) return row * rowHeight();
        const room = height() - (grid.clientHeight - headHeight());
        return (row / Math.max(1, total - inSight())) * room;
    }

    // ---- rows ------------------------------------------------------------------------------------------------------------------

    const rowAt = (index) => pages.get(Math.floor(index / PAGE))?.[index % PAGE];

    async function need(from, to) {
        const wanted = [];
        for (let page = Math.floor(from / PAGE); page <= Math.floor(Math.max(from, to - 1) / PAGE); page++)
            if (!pages.has(page) && asked.get(page) !== generation) wanted.push(page);
        for (const page of wanted) {
            const mine = generation;
            asked.set(page, mine);
            let window;
            try {
                window = await fetch(page * PAGE, PAGE);
            } catch {
                asked.delete(page);
                return;
            }
            if (mine !== generation) return;
            pages.set(page, window.rows);
            asked.delete(page);
            while (pages.size > KEPT) pages.delete(pages.keys().next().value);
            if (window.total !== total) setTotal(window.total);
            onTotals(window);
            draw();
        }
    }

    function setTotal(next) {
        total = next;
        grid.setAttribute("aria-rowcount", String(total + 1));
        sizer.style.height = `${height()}px`;
        if (active >= total) active = Math.max(0, total - 1);
    }

    let frame = 0;
    const schedule = () => {
        if (frame !== 0) return;
        frame = requestAnimationFrame(() => {
            frame = 0;
            first = firstOf(grid.scrollTop);
            draw();
        });
    };

    function draw() {
        if (!element.isConnected) return;
        drawn = true;
        const from = Math.max(0, first - AROUND);
        const to = Math.min(total, first + inSight() + AROUND + 1);
        const rows = [];
        for (let index = from; index < to; index++) rows.push(drawRow(index));
        body.replaceChildren(...rows);
        const top = scaled() ? Math.max(0, grid.scrollTop - (first - from) * rowHeight()) : from * rowHeight();
        body.style.top = `${top}px`;
        const target = body.querySelector("[data-active]");
        if (target) grid.setAttribute("aria-activedescendant", target.id);
        else grid.removeAttribute("aria-activedescendant");
        if (to > from || total === 0) need(from, Math.max(to, from + 1));
    }

    function drawRow(index) {
        const row = rowAt(index);
        const current = index === active;
        const element_ = h("div", {
            role: "row",
            class: `grid-row${row?.head === false ? " member" : ""}${index % 2 ? " odd" : ""}`,
            "aria-rowindex": String(index + 2),
            "aria-expanded": row?.head && row.persons > 1 ? String(row.open) : null,
            "aria-selected": row && row.row === opened ? "true" : null,
            onclick: (event) => {
                if (event.target.closest("button")) return;
                active = index;
                const at = [...element_.children].indexOf(event.target.closest("[role=gridcell]"));
                if (at >= 0) column = at;
                draw();
                if (row) onOpen(row, index);
            },
        });
        shown.forEach((each, at) => {
            const marked = current && at === Math.min(column, shown.length - 1);
            element_.append(
                h(
                    "div",
                    {
                        role: "gridcell",
                        class: `c-${each.name}`,
                        id: marked ? "grid-active" : null,
                        data: marked ? { active: "" } : {},
                        "aria-colindex": String(at + 1),
                    },
                    row ? each.render(row) : "…",
                ),
            );
        });
        return element_;
    }

    function drawHead() {
        const now = sort();
        head.replaceChildren(
            ...shown.map((each, at) => {
                const sorted = each.sort && now?.column === each.sort;
                const title = each.sort
                    ? h(
                          "button",
                          {
                              type: "button",
                              class: "sort",
                              onclick: () => onSort(each.sort),
                              title: words.sortBy(each.title),
                          },
                          each.title,
                          h(
                              "span",
                              { class: "arrow", "aria-hidden": "true" },
                              sorted ? (now.descending ? "▼" : "▲") : "",
                          ),
                      )
                    : each.title;
                return h(
                    "div",
                    {
                        role: "columnheader",
                        class: `c-${each.name}`,
                        "aria-colindex": String(at + 1),
                        "aria-sort": sorted ? (now.descending ? "descending" : "ascending") : null,
                    },
                    title,
                );
            }),
        );
        grid.setAttribute("aria-colcount", String(shown.length));
        element.style.setProperty("--columns", shown.map(({ width }) => width).join(" "));
        // Every row is a grid of its own: its width must not follow from what happens to be in it.
        element.style.setProperty(
            "--least",
            `calc(${shown.map(({ width }) => /^minmax\(([^,]+),/.exec(width)?.[1] ?? width).join(" + ")})`,
        );
        element.classList.toggle("compact", compact());
    }

    // ---- keyboard ---------------------------------------------------------------------------------------------------------------

    function moveTo(row) {
        if (total === 0) return;
        active = Math.max(0, Math.min(total - 1, row));
        const sight = inSight();
        if (active < first) first = active;
        else if (active >= first + sight) first = Math.max(0, active - sight + 1);
        grid.scrollTop = scrollFor(first);
        draw();
        grid.querySelector("[data-active]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    function onKey(event) {
        if (event.target !== grid || event.altKey) return;
        const jump = event.ctrlKey || event.metaKey;
        const keys = {
            ArrowDown: () => moveTo(active + 1),
            ArrowUp: () => moveTo(active - 1),
            PageDown: () => moveTo(active + inSight()),
            PageUp: () => moveTo(active - inSight()),
            Home: () => (jump ? moveTo(0) : sideways(-Infinity)),
            End: () => (jump ? moveTo(total - 1) : sideways(Infinity)),
            ArrowRight: () => sideways(1),
            ArrowLeft: () => sideways(-1),
            Enter: () => rowAt(active) && onOpen(rowAt(active), active),
            " ": () =>
                rowAt(active) &&
                (rowAt(active).head && rowAt(active).persons > 1
                    ? onToggle(rowAt(active))
                    : onOpen(rowAt(active), active)),
        };
        if (!keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
    }
    function sideways(step) {
        column = Math.max(0, Math.min(shown.length - 1, column + step));
        draw();
        grid.querySelector("[data-active]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    return {
        element,
        /** Everything may be different: ask again for what is in sight. The old rows stay until the new ones are here. */
        async refresh({ top = false } = {}) {
            if (top) {
                active = 0;
                first = 0;
                grid.scrollTop = 0;
            }
            again = true;
            if (busy || !element.isConnected) return;
            busy = true;
            try {
                while (again) {
                    again = false;
                    const mine = ++generation;
                    asked.clear();
                    const page = Math.floor(Math.max(0, first - AROUND) / PAGE);
                    const window = await fetch(page * PAGE, PAGE);
                    if (mine !== generation) continue;
                    pages = new Map([[page, window.rows]]);
                    setTotal(window.total);
                    onTotals(window);
                    first = Math.min(first, Math.max(0, total - 1));
                    drawHead();
                    draw();
                    live.textContent = words.shownRows(window.matched, window.size);
                }
            } finally {
                busy = false;
            }
        },
        columns(next) {
            shown = next;
            column = Math.min(column, shown.length - 1);
            drawHead();
            draw();
        },
        /** Sizes may have changed. */
        resize() {
            if (!element.isConnected) return;
            drawHead();
            setTotal(total);
            first = firstOf(grid.scrollTop);
            draw();
        },
        opened(row) {
            opened = row;
            if (drawn) draw();
        },
        redraw: () => draw(),
        focus: () => grid.focus({ preventScroll: true }),
        step: (by) => {
            moveTo(active + by);
            return rowAt(active);
        },
        get total() {
            return total;
        },
    };
}
