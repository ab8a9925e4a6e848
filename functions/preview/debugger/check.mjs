// A pasted request and a secret on one side, what the core says about its signature on the other.
import { append, field, h, labelled, replace, select, uid, visible } from "../dom.mjs";
import { baseString, ownBase, signatures } from "./base_string.mjs";
import { EXAMPLES, EXAMPLE_SECRET } from "./examples.mjs";
import { parse, ParseProblem } from "./parse/parse.mjs";
import { header, pairsOf, textOf } from "./parse/request.mjs";
import { eventFor, givenSign, PROTOCOLS, recognise, SIGN_METHODS } from "./protocol.mjs";
import { secretField } from "./secret_field.mjs";

const MOST_OTHERS = 5;
const PAUSE_MS = 350;
const LONG = 100_000;

export function mountCheck(element, { words, core, say, state, toBuild }) {
    let alive = true;
    let turn = 0; // the newest run wins
    let timer = 0;
    let reading = 0;
    let parsed = null; // {kind, shell, requests} of the text now
    let request = null;

    // ---- what is put in ---------------------------------------------------------------------------------------------------------
    const area = h("textarea", {
        rows: 11,
        value: state.text,
        spellcheck: "false",
        autocomplete: "off",
        placeholder: words.placeholder,
        id: uid("request"),
        oninput: typed,
    });
    const picker = h("div", { class: "picker" });
    const about = h("div", { class: "about", "aria-live": "polite" });
    const protocol = select(
        [["auto", words.auto], ...PROTOCOLS.map((name) => [name, words.protocols[name]])],
        state.protocol,
        (value) => {
            state.protocol = value;
            read();
            later();
        },
    );
    const method = select(
        [["", words.methodAuto], ...SIGN_METHODS.map((name) => [name, name])],
        state.method,
        (value) => {
            state.method = value;
            later();
        },
    );
    const methodField = labelled(words.method, method);
    const secretHost = h("div", {});
    const others = h("div", { class: "others" });
    const examples = select(
        [["", words.choose], ...PROTOCOLS.map((name) => [name, words.examples[name]])],
        "",
        (name) => {
            if (!EXAMPLES[name]) return;
            Object.assign(state, {
                text: EXAMPLES[name],
                pick: 0,
                protocol: "auto",
                method: "",
                secret: state.secret || EXAMPLE_SECRET,
            });
            area.value = state.text;
            protocol.value = "auto";
            method.value = "";
            examples.value = "";
            drawSecret();
            read();
            run();
        },
    );
    const result = h("div", { class: "debugger-result" });

    const drawSecret = () =>
        replace(
            secretHost,
            secretField(
                words.secret[protocolNow()],
                state.secret,
                (value) => {
                    state.secret = value;
                    later();
                },
                { show: words.show, hide: words.hide, hint: words.secretHint },
            ),
        );
    const drawOthers = () =>
        replace(
            others,
            state.others.map((value, i) =>
                secretField(
                    words.other(i + 1),
                    value,
                    (next) => {
                        state.others[i] = next;
                        later();
                    },
                    { show: words.show, hide: words.hide },
                ),
            ),
            state.others.length < MOST_OTHERS
                ? h(
                      "button",
                      {
                          type: "button",
                          class: "small",
                          onclick: () => {
                              state.others.push("");
                              drawOthers();
                              others.querySelector(".field:last-of-type input")?.focus();
                          },
                      },
                      words.addOther,
                  )
                : null,
        );

    const protocolNow = () =>
        state.protocol !== "auto" ? state.protocol : request ? recognise(request).protocol : "top";

    // Long texts are read when the typing pauses.
    function typed() {
        state.text = area.value;
        state.pick = 0;
        clearTimeout(reading);
        if (state.text.length > LONG)
            reading = setTimeout(() => {
                read();
                later();
            }, PAUSE_MS);
        else {
            read();
            later();
        }
    }

    // ---- reading ------------------------------------------------------------------------------------------------------------------
    function read() {
        parsed = null;
        request = null;
        picker.replaceChildren();
        about.replaceChildren();
        if (state.text.trim() === "") return;
        try {
            parsed = parse(state.text);
            if (parsed.requests.length > 1) {
                if (state.pick >= parsed.requests.length) state.pick = 0;
                picker.append(
                    labelled(
                        words.pick(parsed.requests.length),
                        select(
                            parsed.requests.map(({ label }, i) => [String(i), label]),
                            String(state.pick),
                            (value) => {
                                state.pick = Number(value);
                                read();
                                later();
                            },
                        ),
                    ),
                );
            }
            request = parsed.requests[Math.min(state.pick, parsed.requests.length - 1)].open();
            drawAbout();
        } catch (error) {
            if (!(error instanceof ParseProblem)) throw error;
            about.append(problemNote(error));
        }
        const name = protocolNow();
        methodField.hidden = name !== "top" && name !== "qimen";
        const label = secretHost.querySelector("label");
        if (label) label.textContent = words.secret[name];
    }

    const problemNote = ({ code, detail }) =>
        h("p", { class: "note" }, words.parse[code] ?? code, detail && code !== "nothing" ? field(detail) : "");

    function drawAbout() {
        const { protocol: found, why } = recognise(request);
        const kind = `${words.kinds[parsed.kind]}${parsed.shell ? ` (${words.shells[parsed.shell]})` : ""}`;
        const size = request.body ? ` · ${words.bytes(request.body.length)}` : "";
        append(
            about,
            h(
                "p",
                {},
                h("span", { class: "tag" }, kind),
                " ",
                h("b", {}, field(request.method)),
                " ",
                h("code", {}, field(`${request.host}${request.path}`.slice(0, 120))),
                h("span", { class: "hint" }, size),
            ),
            state.protocol === "auto"
                ? h("p", { class: "hint" }, h("b", {}, words.protocols[found]), ` · ${words.why[why]}`)
                : null,
            request.notes.map(({ code, detail }) =>
                h("p", { class: "note" }, words.notes[code] ?? code, detail ? h("code", {}, field(detail)) : ""),
            ),
        );
    }

    // ---- asking the core ----------------------------------------------------------------------------------------------------------
    function later() {
        clearTimeout(timer);
        turn += 1;
        if (request && state.secret !== "") timer = setTimeout(run, PAUSE_MS);
        else drawEmpty();
    }

    async function run({ loud = false } = {}) {
        clearTimeout(timer);
        if (loud && state.text.length > LONG) read(); // the pause may not be over
        const mine = (turn += 1);
        if (!request || state.secret === "") {
            drawEmpty();
            if (loud) say(request ? words.needSecret : words.parse.nothing, { tone: "bad" });
            if (loud) (request ? secretHost.querySelector("input") : area).focus();
            return;
        }
        const name = protocolNow();
        const given = givenSign(request, name);
        const asked = {
            protocol: name,
            secret: state.secret,
            others: state.others.filter((value) => value !== "" && value !== state.secret),
            signMethod: state.method,
            given,
        };
        // Without a sign there is nothing to verify: the expected one is still worth seeing.
        const kind = given === "" && name !== "spi" ? "sign" : "verify";
        try {
            const { event, body } = eventFor(kind, request, asked);
            const summary = await core.run(event, body);
            if (!alive || mine !== turn) return;
            drawResult(
                kind === "sign"
                    ? { ...summary, expected: summary.sign ?? summary.expected, given: "", unsigned: true }
                    : summary,
            );
            if (loud) say(summary.valid ? words.valid : words.invalid, { tone: summary.valid ? "good" : "bad" });
        } catch (error) {
            if (!alive || mine !== turn) return;
            drawProblem(String(error?.message ?? error));
        }
    }

    // ---- what comes out -------------------------------------------------------------------------------------------------------------
    const drawEmpty = () =>
        replace(
            result,
            h(
                "section",
                { class: "card empty-state" },
                h("h2", {}, words.emptyTitle),
                words.empty.map((text) => h("p", { class: "hint" }, text)),
            ),
        );
    const drawProblem = (reason) =>
        replace(
            result,
            h("section", { class: "banner bad" }, h("h2", {}, words.problemTitle), h("p", {}, field(reason))),
        );

    function causeCard({ code, detail, reason }) {
        const [title, fix] = words.causes[code] ?? [code, ""];
        return h(
            "li",
            { class: "cause", data: { code } },
            h("h3", {}, title),
            fix ? h("p", {}, h("b", {}, `${words.change}: `), fix) : null,
            detail || reason ? h("p", { class: "hint", lang: "en" }, field(detail ?? reason)) : null,
        );
    }

    function drawResult(summary) {
        if (summary.error) return drawProblem(summary.error.reason ?? summary.error.code);
        const causes = Array.isArray(summary.causes) ? [...summary.causes] : [];
        const time = summary.time && typeof summary.time === "object" && summary.time.code ? summary.time : null;
        const tone = summary.unsigned ? "busy" : summary.valid ? "good" : "bad";
        const real = causes.filter(({ code }) => code !== "sign_mismatch");
        const title = summary.unsigned ? words.noSign : summary.valid ? words.valid : words.invalid;
        const line = summary.unsigned
            ? ""
            : summary.valid
              ? time
                  ? words.validButHint
                  : words.validHint
              : real.length > 0
                ? words.named(real.length)
                : words.unnamed;
        const opened = summary.opened !== undefined ? pushCard(summary.opened, summary.opened_problem) : null;
        return replace(
            result,
            h(
                "section",
                { class: `banner ${tone} verdict`, data: { valid: String(Boolean(summary.valid)) } },
                h("h2", {}, title),
                line ? h("p", {}, line) : null,
            ),
            real.length > 0 ? h("ul", { class: "card causes" }, real.map(causeCard)) : null,
            time ? h("ul", { class: "card causes time" }, causeCard(time)) : null,
            signatures(summary, words),
            baseString(summary, { words, say }),
            opened,
            ownBase(summary, state.secret, { words, state }),
            protocolNow() === "tanma_push"
                ? null
                : h(
                      "p",
                      { class: "buttons" },
                      h("button", { type: "button", onclick: () => toBuild(draftOf()) }, words.toBuild),
                  ),
        );
    }

    function pushCard(opened, problem) {
        if (typeof opened !== "string")
            return h(
                "section",
                { class: "card" },
                h("h2", {}, words.notOpened),
                h("p", { class: "note", lang: "en" }, field(problem)),
            );
        let shown = opened;
        try {
            // Only laid out, and not where a 64-bit number would have to pass through a JavaScript one.
            if (!/\d{16,}/.test(opened)) shown = JSON.stringify(JSON.parse(opened), null, 2);
        } catch {
            shown = opened;
        }
        return h(
            "section",
            { class: "card" },
            h("h2", {}, words.opened),
            h("pre", { class: "opened", tabIndex: 0 }, shown.length > 20_000 ? visible(shown) : shown),
        );
    }

    /** The same request, to be signed rightly. */
    function draftOf() {
        const name = protocolNow();
        const lines = (pairs, join) =>
            pairs
                .map(([key, value]) => `${key}${join}${/[\r\n]|^"/.test(value) ? JSON.stringify(value) : value}`)
                .join("\n");
        const inHead = name === "tanma" || name === "tanma_push";
        const type = header(request.headers, "content-type") ?? "";
        const { event } = eventFor("sign", request, { protocol: name, secret: "" });
        const query = pairsOf(event.query ?? "");
        const signed = /^(sign|appid|timestamp|version|content-type|content-length|host)$/i;
        const params = inHead
            ? [
                  ["appId", event.app_id],
                  ...(name === "tanma_push" ? [["version", event.version]] : []),
                  ["timestamp", event.timestamp],
              ]
            : query;
        const isFormCall = name !== "spi" && !inHead && event.body === undefined;
        return {
            protocol: name,
            secret: state.secret,
            params: lines(params, "="),
            url: request.url.startsWith("?") ? null : inHead ? request.url : request.url.split("?")[0],
            headers: lines(
                request.headers.filter(
                    ([key]) => !signed.test(key) && !/^(accept-encoding|connection|:.*)$/i.test(key),
                ),
                ": ",
            ),
            body: isFormCall ? "" : request.body ? (textOf(request.body) ?? "") : "",
            bodyType: isFormCall ? "" : type,
        };
    }

    // ---- layout -----------------------------------------------------------------------------------------------------------------------
    append(
        element,
        h(
            "div",
            { class: "debugger-grid" },
            h(
                "form",
                {
                    class: "card debugger-input",
                    autocomplete: "off",
                    onsubmit: (event) => {
                        event.preventDefault();
                        run({ loud: true });
                    },
                },
                h(
                    "div",
                    { class: "field" },
                    h("label", { htmlFor: area.id, class: "title" }, words.paste),
                    h("p", { class: "hint" }, words.pasteHint),
                    area,
                ),
                picker,
                about,
                h("div", { class: "row two" }, labelled(words.protocol, protocol), methodField),
                secretHost,
                h(
                    "details",
                    { open: state.others.length > 0 },
                    h("summary", {}, words.others),
                    h("p", { class: "hint" }, words.othersHint),
                    others,
                ),
                h(
                    "div",
                    { class: "buttons" },
                    h("button", { type: "submit", class: "primary" }, words.check),
                    h(
                        "button",
                        {
                            type: "button",
                            onclick: () => {
                                Object.assign(state, { text: "", pick: 0, yours: "" });
                                area.value = "";
                                read();
                                drawEmpty();
                                area.focus();
                            },
                        },
                        words.clear,
                    ),
                    h("div", { class: "example" }, labelled(words.example, examples)),
                ),
            ),
            result,
        ),
    );
    drawSecret();
    drawOthers();
    read();
    drawEmpty();
    if (request && state.secret !== "") run();
    return {
        unmount: () => {
            alive = false;
            clearTimeout(timer);
            clearTimeout(reading);
        },
    };
}
