// A bridge's `status` as cards: what is complete, what went wrong last and what to do about it.
import { adviceFor } from "../../host/advice.mjs";
import { field, h } from "../dom.mjs";

const SHOWN = 5;
const TONES = {
    ok: "good",
    listening: "good",
    budget: "busy",
    conflict: "busy",
    parked: "busy",
    failed: "bad",
    never_run: "idle",
};

/** The platforms' own zone, whatever this device's is. */
export function stamp(value) {
    const at = typeof value === "number" ? value : Date.parse(value ?? "");
    const time = new Date(at + 8 * 3_600_000);
    return Number.isNaN(time.getTime()) ? "" : time.toISOString().slice(0, 16).replace("T", " ");
}
const moment = (value) => {
    const text = stamp(value);
    return text
        ? h("time", { datetime: new Date(typeof value === "number" ? value : Date.parse(value)).toISOString() }, text)
        : field(value);
};
const count = (value) => (Number(value) || 0).toLocaleString("en-US");
const own = (table, key, otherwise) => (typeof key === "string" && Object.hasOwn(table, key) ? table[key] : otherwise);

export function reason(words, error) {
    const advice = adviceFor(words.lang, error?.code);
    return [
        advice ? h("p", {}, h("b", {}, `${words.whatToDo}: `), advice) : null,
        error?.reason ? h("p", { class: advice ? "hint" : "", lang: "en" }, field(error.reason)) : null,
    ];
}

function coverage(words, { covered, gaps }) {
    const isTime = (value) => /^\d{4}-\d\d-\d\dT/.test(String(value));
    const ranges = (Array.isArray(covered) ? covered : []).map(({ from, to }) =>
        isTime(from)
            ? words.timeRange(stamp(from), stamp(to))
            : String(from) === "0"
              ? words.fromStart(to)
              : words.idRange(from, to),
    );
    const holes = (Array.isArray(gaps) ? gaps : []).map(({ after, before }) =>
        isTime(before)
            ? words.gap(stamp(after), stamp(before))
            : String(after ?? "0") === "0"
              ? words.gapStart(before)
              : words.gap(after, before),
    );
    if (ranges.length + holes.length === 0) return words.coveredNone;
    const some = (lines, kind) => [
        ...lines.slice(0, SHOWN).map((line) => h("li", { class: kind }, field(line))),
        lines.length > SHOWN ? h("li", {}, words.more(lines.length - SHOWN)) : null,
    ];
    return h("ul", { class: "ranges" }, some(ranges, "whole"), some(holes, "gap"));
}

function card(words, source) {
    const rows = [];
    const row = (name, ...value) => rows.push(h("dt", {}, name), h("dd", {}, value));
    const called = source.state === "listening";
    if (!called) row(words.covered, coverage(words, source));
    if (!called)
        row(
            words.lastRun,
            source.last_run ? [moment(source.last_run.at), ` · ${words.run(source.last_run)}`] : words.never,
        );
    if (source.newest_at) row(words.newest, moment(source.newest_at));
    if (source.parked_until)
        row(words.parkedUntil, moment(source.parked_until), h("p", { class: "hint" }, words.parkedHint));
    if (source.last_error)
        row(
            words.lastError,
            moment(source.last_error.at),
            " ",
            h("code", {}, field(source.last_error.code)),
            source.state === "failed" ? null : reason(words, source.last_error),
        );
    if (source.warning) row(words.warning, field(source.warning));
    const drift = Object.entries(source.drift ?? {});
    if (drift.length > 0)
        row(
            words.drift,
            drift.slice(0, 12).map(([name, rows_]) => [h("code", {}, field(name)), ` ${count(rows_)} `]),
        );
    return h(
        "article",
        { class: "card live-source" },
        h(
            "header",
            {},
            h("h3", {}, field(source.name)),
            h("span", { class: "hint" }, field(source.platform)),
            h(
                "span",
                { class: `pill ${own(TONES, source.state, "idle")}` },
                own(words.states, source.state, String(source.state ?? "")),
            ),
        ),
        h("p", { class: "live-count" }, h("b", {}, count(source.leads)), ` ${words.leads}`),
        // A wrong key spares nobody.
        Number(source.unread) > 0
            ? Number(source.unread) * 4 < Number(source.leads)
                ? h("p", { class: "hint" }, words.unreadFew(count(source.unread)))
                : h("p", { class: "note" }, words.unread(count(source.unread)))
            : null,
        h("dl", {}, rows),
    );
}

export function statusCards(words, summary) {
    const sources = summary.sources.filter((source) => source && typeof source === "object");
    const failed = sources.filter(({ state }) => state === "failed");
    const rows = Array.isArray(summary.rows) ? summary.rows : [];
    const queues = Array.isArray(summary.queues) ? summary.queues : [];
    const names = [...new Set([...rows.map(({ set }) => set), ...queues.map(({ queue }) => queue)])]
        .filter((name) => typeof name === "string")
        .sort();
    return [
        failed.length > 0
            ? h(
                  "section",
                  { class: "banner bad" },
                  h("h2", {}, words.attention),
                  h(
                      "ul",
                      {},
                      failed.map(({ name, last_error: error }) =>
                          h(
                              "li",
                              {},
                              h("b", {}, field(name)),
                              " ",
                              h("code", {}, field(error?.code)),
                              reason(words, error),
                          ),
                      ),
                  ),
              )
            : sources.length > 0 && sources.every(({ state }) => TONES[state] === "good")
              ? h("section", { class: "banner good" }, h("h2", {}, words.allWell))
              : null,
        sources.length > 0
            ? h(
                  "div",
                  { class: "live-cards" },
                  sources.map((source) => card(words, source)),
              )
            : h("p", { class: "card hint" }, words.noSources),
        names.length > 0
            ? h(
                  "section",
                  { class: "card" },
                  h("h2", {}, words.backflow),
                  names.map((name) => {
                      const stored = rows.find(({ set }) => set === name);
                      const queue = queues.find((each) => each.queue === name);
                      return h(
                          "p",
                          {},
                          h("b", {}, field(name)),
                          stored ? ` · ${words.rows(count(stored.rows))}` : "",
                          Number(queue?.waiting) > 0 ? ` · ${words.waiting(count(queue.waiting))}` : "",
                          Number(queue?.dead) > 0
                              ? [" ", h("span", { class: "tag bad" }, words.dead(count(queue.dead)))]
                              : null,
                      );
                  }),
              )
            : null,
        h("p", { class: "hint" }, words.zone),
    ];
}
