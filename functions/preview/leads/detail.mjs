// One lead, whole: every mapped field beside the raw one it came from, what this version does not know, what was wrong.
import { append, copyText, h, replace, visible } from "../dom.mjs";
import { cell, stamp, tidy } from "./format.mjs";
import { pairUp } from "./pairs.mjs";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** @param {{core, words, say, onClose: () => void, onStep: (by: number) => void, onPerson: (row: object) => void}} options */
export function createDetail({ core, words, say, onClose, onStep, onPerson }) {
    let serial = 0;
    let row = -1;
    let revealed = false;
    const title = h("h2", { tabIndex: -1, id: "detail-title" });
    const content = h("div", { class: "detail-body" });
    const showNumber = h("button", { type: "button", class: "small", onclick: () => open(row, !revealed) });
    const element = h(
        "aside",
        {
            class: "detail card",
            hidden: true,
            "aria-labelledby": "detail-title",
            onkeydown: (event) => {
                if (event.key !== "Escape") return;
                event.stopPropagation();
                close();
            },
        },
        h(
            "header",
            { class: "detail-head" },
            title,
            h(
                "div",
                { class: "detail-tools" },
                h(
                    "button",
                    {
                        type: "button",
                        class: "small",
                        "aria-label": words.previous,
                        title: words.previous,
                        onclick: () => onStep(-1),
                    },
                    "↑",
                ),
                h(
                    "button",
                    {
                        type: "button",
                        class: "small",
                        "aria-label": words.next,
                        title: words.next,
                        onclick: () => onStep(1),
                    },
                    "↓",
                ),
                showNumber,
                h(
                    "button",
                    {
                        type: "button",
                        class: "small",
                        "aria-label": words.close,
                        title: `${words.close} (Esc)`,
                        onclick: close,
                    },
                    "✕",
                ),
            ),
        ),
        content,
    );

    function close() {
        element.hidden = true;
        revealed = false;
        row = -1;
        replace(content);
        onClose();
    }

    async function open(next, reveal = core.revealed, { focus = false } = {}) {
        const mine = ++serial;
        row = next;
        revealed = reveal;
        element.hidden = false;
        if (content.childElementCount === 0) replace(content, h("p", { class: "hint" }, words.reading));
        let found;
        try {
            found = await core.detail(next, { reveal });
        } catch (error) {
            if (mine === serial)
                replace(content, h("p", { class: "note" }, words.unreadable, " ", tidy(error.message)));
            return;
        }
        if (mine !== serial || !found) return;
        showNumber.textContent = revealed ? words.hideNumbers : words.showNumbers;
        showNumber.hidden = core.revealed;
        draw(found);
        if (focus) title.focus({ preventScroll: true });
    }

    function draw({ lead, raw, unknown = [], problems = [], file, line, error, person = [] }) {
        if (!lead) {
            replace(title, words.noLead);
            replace(
                content,
                h("p", { class: "note" }, words.notAgain, error ? ` ${tidy(error.reason ?? error.problem, 300)}` : ""),
            );
            return;
        }
        const name = lead.person?.name || lead.company?.name || lead.person?.nick;
        replace(title, name ? cell(name, 60) : words.anonymous);
        const { pairs, rest } = pairUp(raw, lead);
        const strange = new Set(unknown);
        const isStrange = (path) =>
            strange.has(path) || strange.has(path.split(".").at(-1)) || strange.has(path.split(".")[0]);
        const seen = h(
            "ul",
            { class: "phones" },
            (lead.phones ?? []).map((phone) =>
                h(
                    "li",
                    {},
                    h(
                        "span",
                        { class: "number" },
                        tidy(phone.e164 || (phone.class !== "encrypted" ? phone.raw : "") || phone.masked || "—", 60),
                        phone.ext ? ` ${words.extension} ${tidy(phone.ext, 12)}` : "",
                    ),
                    h(
                        "span",
                        {
                            class: `tag${phone.class === "encrypted" || phone.class === "invalid" ? " bad" : ""}`,
                        },
                        words.classes[phone.class] ?? tidy(phone.class, 20),
                    ),
                ),
            ),
        );
        replace(
            content,
            h(
                "p",
                { class: "hint where" },
                words.where(tidy(file, 60), line),
                " · ",
                words.platforms[lead.source?.platform] ?? tidy(lead.source?.platform, 30),
            ),
            (lead.phones ?? []).length > 0 ? seen : h("p", { class: "hint" }, words.noPhone),
            problems.map(({ code, problem }) =>
                h("p", { class: "note" }, h("code", {}, tidy(code, 60)), " ", tidy(problem, 400)),
            ),
            strange.size > 0 ? h("p", { class: "note" }, words.unknownFields(strange.size)) : null,
            person.length > 0
                ? [
                      h("h3", {}, words.samePerson(person.length)),
                      h(
                          "ul",
                          { class: "others" },
                          person.map((other) =>
                              h(
                                  "li",
                                  {},
                                  h(
                                      "button",
                                      { type: "button", class: "text small", onclick: () => onPerson(other) },
                                      cell(other.source, 30),
                                      ` · ${stamp(other.submitted)} · `,
                                      cell(other.form || other.campaign || other.lead_id, 40),
                                  ),
                              ),
                          ),
                      ),
                  ]
                : null,
            h(
                "table",
                { class: "fields" },
                h("caption", { class: "offscreen" }, words.fieldTable),
                h(
                    "thead",
                    {},
                    h(
                        "tr",
                        {},
                        h("th", { scope: "col" }, words.rawField),
                        h("th", { scope: "col" }, words.rawValue),
                        h("th", { scope: "col" }, words.mappedField),
                    ),
                ),
                h(
                    "tbody",
                    {},
                    pairs.map(({ path, value, mapped }) =>
                        h(
                            "tr",
                            { class: isStrange(path) ? "unknown" : "" },
                            h(
                                "th",
                                { scope: "row" },
                                h("code", {}, tidy(path, 120)),
                                isStrange(path) ? h("span", { class: "tag bad" }, words.unknown) : null,
                            ),
                            h("td", {}, whole(value)),
                            h(
                                "td",
                                {},
                                mapped.map(([to, each]) => target(to, each, textOf(each) === textOf(value))),
                            ),
                        ),
                    ),
                ),
                rest.length > 0 && raw
                    ? h(
                          "tbody",
                          { class: "rest" },
                          h("tr", {}, h("th", { colspan: 3, scope: "colgroup", class: "group" }, words.derived)),
                          rest.map(([path, value]) =>
                              h(
                                  "tr",
                                  {},
                                  h("td", { colspan: 2 }, whole(value)),
                                  h("td", {}, h("code", {}, tidy(path, 120)), label(path)),
                              ),
                          ),
                      )
                    : null,
                raw
                    ? null
                    : h(
                          "tbody",
                          {},
                          rest.map(([path, value]) =>
                              h(
                                  "tr",
                                  {},
                                  h("td", { colspan: 2 }, whole(value)),
                                  h("td", {}, h("code", {}, tidy(path, 120)), label(path)),
                              ),
                          ),
                      ),
            ),
            h(
                "p",
                { class: "buttons" },
                h(
                    "button",
                    {
                        type: "button",
                        class: "small",
                        onclick: async () =>
                            say((await copyText(JSON.stringify(lead, null, 2))) ? words.copied : words.notCopied, {
                                tone: "good",
                            }),
                    },
                    words.copyLead,
                ),
            ),
        );
    }

    const textOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));
    const label = (path) => {
        const known = words.paths[path.replace(/\.\d+\./g, ".").replace(/\.\d+$/, "")];
        return known ? h("span", { class: "hint" }, ` ${known}`) : null;
    };
    const target = (path, value, same) =>
        h(
            "div",
            { class: "target" },
            h("code", {}, tidy(path, 120)),
            label(path),
            same ? null : append(h("span", {}), " = ", whole(value)),
        );
    /** A value in full, with what nobody would see made visible; times also in the platforms' zone. */
    function whole(value) {
        if (value === null) return h("span", { class: "hint" }, "null");
        const text = textOf(value) ?? "";
        if (text === "") return h("span", { class: "hint" }, words.emptyValue);
        const box = h("bdi", {
            class: text.length > 400 ? "value long" : "value",
            tabIndex: text.length > 400 ? 0 : undefined,
        });
        if (
            /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/u.test(
                text,
            )
        )
            box.append(visible(text));
        else box.append(text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text);
        return ISO.test(text)
            ? h("span", {}, box, h("span", { class: "hint" }, ` ${stamp(Date.parse(text), true)} +08:00`))
            : box;
    }

    return {
        element,
        open,
        close,
        get row() {
            return row;
        },
        get isOpen() {
            return !element.hidden;
        },
        /** Numbers are hidden again. */
        hide() {
            if (!element.hidden && revealed && !core.revealed) open(row, false);
        },
    };
}
