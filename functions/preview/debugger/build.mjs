// The other direction: parameters, body and secret in, a correctly signed command out.
import { append, copyText, field, h, labelled, replace, select } from "../dom.mjs";
import { baseString } from "./base_string.mjs";
import { DRAFTS, EXAMPLE_SECRET } from "./examples.mjs";
import { assembleSigned, chinaTime, draftRequest, eventFor, PROTOCOLS, withoutEmpty } from "./protocol.mjs";
import { bashCommand, cmdCommand, powershellCommand } from "./quote.mjs";
import { secretField } from "./secret_field.mjs";

const SHELLS = { bash: bashCommand, cmd: cmdCommand, powershell: powershellCommand };
const PAUSE_MS = 350;

class BadLine extends Error {}

/** `name=value` or `name: value` lines. A value in JSON quotes may hold line breaks. */
export function linesOf(text, separator) {
    return text
        .split(/\r?\n/)
        .filter((line) => line.trim() !== "")
        .map((line) => {
            const at = line.indexOf(separator);
            if (at <= 0) throw new BadLine(line.slice(0, 60));
            const name = line.slice(0, at).trim();
            const raw = separator === ":" ? line.slice(at + 1).trim() : line.slice(at + 1);
            if (!/^".*"$/.test(raw)) return [name, raw];
            try {
                const value = JSON.parse(raw);
                return [name, typeof value === "string" ? value : raw];
            } catch {
                return [name, raw];
            }
        });
}

export function mountBuild(element, { words, core, say, state }) {
    const b = words.build;
    let alive = true;
    let turn = 0;
    let timer = 0;
    const inHead = () => state.protocol === "tanma" || state.protocol === "tanma_push";

    const fill = (force) => {
        const draft = DRAFTS[state.protocol];
        const params = draft.params.replace("{now}", chinaTime(Date.now())).replace("{ms}", String(Date.now()));
        if (force || state.url === null) state.url = draft.url;
        if (force || state.params === null) state.params = params;
        if (force || state.body === null) state.body = draft.body;
        if (force) {
            state.headers = "";
            state.bodyType = draft.bodyType ?? "";
        }
        state.secret ||= EXAMPLE_SECRET;
    };
    fill(false);

    const form = h("form", {
        class: "card debugger-input",
        autocomplete: "off",
        onsubmit: (event) => {
            event.preventDefault();
            run({ loud: true });
        },
    });
    const result = h("div", { class: "debugger-result" });

    function drawForm() {
        const area = (key, rows) => {
            const element_ = h("textarea", {
                rows,
                value: state[key],
                spellcheck: "false",
                autocomplete: "off",
                oninput: () => {
                    state[key] = element_.value;
                    later();
                },
            });
            return element_;
        };
        const url = h("input", {
            type: "text",
            inputmode: "url",
            value: state.url,
            autocomplete: "off",
            spellcheck: "false",
            oninput: () => {
                state.url = url.value;
                later();
            },
        });
        replace(
            form,
            h(
                "div",
                { class: "row two" },
                labelled(
                    words.protocol,
                    select(
                        PROTOCOLS.map((name) => [name, words.protocols[name]]),
                        state.protocol,
                        (value) => {
                            state.protocol = value;
                            fill(true);
                            drawForm();
                            form.querySelector("select").focus();
                            run();
                        },
                    ),
                ),
                labelled(
                    b.shell,
                    select(
                        Object.keys(SHELLS).map((name) => [name, words.shells[name]]),
                        state.shell,
                        (value) => {
                            state.shell = value;
                            run();
                        },
                    ),
                ),
            ),
            labelled(b.url, url),
            labelled(inHead() ? b.paramsHead : b.params, area("params", inHead() ? 4 : 9), {
                hint: b.paramsHint,
            }),
            labelled(b.body, area("body", 4), { hint: b.bodyHint }),
            h(
                "details",
                { open: state.headers !== "" },
                h("summary", {}, b.headers),
                labelled(b.headers, area("headers", 3)),
            ),
            secretField(
                words.secret[state.protocol],
                state.secret,
                (value) => {
                    state.secret = value;
                    later();
                },
                { show: words.show, hide: words.hide, hint: words.secretHint },
            ),
            h(
                "div",
                { class: "buttons" },
                h("button", { type: "submit", class: "primary" }, b.make),
                h("button", { type: "button", onclick: setNow }, b.now),
            ),
        );
    }

    function setNow() {
        const value = inHead() ? String(Date.now()) : chinaTime(Date.now());
        const lines = state.params.split("\n");
        const at = lines.findIndex((line) => /^\s*timestamp\s*=/.test(line));
        if (at >= 0) lines[at] = `timestamp=${value}`;
        else lines.push(`timestamp=${value}`);
        state.params = lines.filter((line, i) => line !== "" || i < lines.length - 1).join("\n");
        drawForm();
        run();
        form.querySelectorAll(".buttons button")[1].focus();
    }

    function later() {
        clearTimeout(timer);
        turn += 1;
        timer = setTimeout(run, PAUSE_MS);
    }

    const problem = (text, detail = "") =>
        replace(
            result,
            h(
                "section",
                { class: "banner bad" },
                h("h2", {}, words.problemTitle),
                h("p", {}, text, detail ? h("code", {}, field(detail)) : ""),
            ),
        );

    async function run({ loud = false } = {}) {
        clearTimeout(timer);
        const mine = (turn += 1);
        if (!alive) return undefined;
        if (state.secret === "") {
            replace(
                result,
                h(
                    "section",
                    { class: "card empty-state" },
                    h("h2", {}, b.emptyTitle),
                    b.empty.map((text) => h("p", { class: "hint" }, text)),
                ),
            );
            if (loud) say(words.needSecret, { tone: "bad" });
            return undefined;
        }
        let draft;
        let dropped = [];
        try {
            const written = linesOf(state.params, "=").filter(([name]) => name !== "sign");
            const params = state.protocol === "top" || state.protocol === "qimen" ? withoutEmpty(written) : written;
            dropped = written.filter((pair) => !params.includes(pair)).map(([name]) => name);
            draft = {
                protocol: state.protocol,
                url: state.url.trim(),
                params,
                headers: linesOf(state.headers, ":"),
                body: state.body,
                bodyType: state.bodyType,
            };
        } catch (error) {
            if (!(error instanceof BadLine)) throw error;
            return problem(b.badLine, error.message);
        }
        if (!/^https?:\/\//i.test(draft.url)) return problem(b.badUrl);
        try {
            const { event, body } = eventFor("sign", draftRequest(draft), {
                protocol: state.protocol,
                secret: state.secret,
            });
            const summary = await core.run(event, body);
            if (!alive || mine !== turn) return undefined;
            if (summary.error) return problem(summary.error.reason ?? summary.error.code);
            drawResult(draft, summary, dropped);
            if (loud) say(b.done, { tone: "good" });
        } catch (error) {
            if (!alive || mine !== turn) return undefined;
            return problem(String(error?.message ?? error));
        }
        return undefined;
    }

    function drawResult(draft, summary, dropped) {
        const sign = summary.sign ?? summary.expected ?? "";
        let command = "";
        let refused = "";
        try {
            command = SHELLS[state.shell](assembleSigned(draft, sign));
        } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            refused = error.message === "nul" ? b.cannotBash : b.cannotCmd;
        }
        replace(
            result,
            h(
                "section",
                { class: "card" },
                h("h2", {}, b.command),
                refused
                    ? h("p", { class: "note" }, refused)
                    : h("pre", { class: "command", tabIndex: 0, "aria-label": b.command }, command),
                h("p", { class: "hint" }, b.secretStays),
                dropped.length > 0
                    ? h("p", { class: "hint" }, b.dropped, h("code", {}, field(dropped.join(", "))))
                    : null,
                refused
                    ? null
                    : h(
                          "div",
                          { class: "buttons" },
                          h(
                              "button",
                              {
                                  type: "button",
                                  class: "primary",
                                  onclick: async () => {
                                      const done = await copyText(command);
                                      say(done ? words.copied : words.notCopied, {
                                          tone: done ? "good" : "bad",
                                      });
                                  },
                              },
                              b.copy,
                          ),
                      ),
            ),
            h(
                "section",
                { class: "card" },
                h(
                    "dl",
                    { class: "signs" },
                    h(
                        "div",
                        { class: "sign-line" },
                        h("dt", {}, b.sign),
                        h("dd", {}, h("code", { class: "sign-text" }, sign)),
                    ),
                ),
            ),
            baseString(summary, { words, say }),
        );
    }

    append(element, h("div", { class: "debugger-grid" }, form, result));
    drawForm();
    run();
    return {
        unmount: () => {
            alive = false;
            clearTimeout(timer);
        },
    };
}
