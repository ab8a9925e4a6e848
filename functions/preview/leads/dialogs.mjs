// Windows of the Leads tab: the question before numbers are shown, keys, problems, rows that are no leads.
import { append, h, labelled, replace, select } from "../dom.mjs";
import { cell, count, tidy } from "./format.mjs";

function show(element, dialog) {
    dialog.addEventListener("close", () => dialog.remove());
    element.append(dialog);
    dialog.showModal();
    return dialog;
}

/** @returns {Promise<boolean>} */
export function askReveal({
    words,
    people,
    title = words.revealTitle,
    text = words.revealText(count(people)),
    yes = words.revealYes,
}) {
    return new Promise((resolve) => {
        const dialog = h(
            "dialog",
            { "aria-labelledby": "reveal-title", onclose: () => resolve(dialog.returnValue === "yes") },
            h("h2", { id: "reveal-title" }, title),
            h("p", {}, text),
            h(
                "p",
                { class: "buttons" },
                h("button", { type: "button", class: "primary", onclick: () => dialog.close("yes") }, yes),
                h("button", { type: "button", onclick: () => dialog.close("no") }, words.cancel),
            ),
        );
        show(document.body, dialog);
    });
}

const CIPHERS = [
    "",
    "rsa_pkcs1",
    "rsa_oaep_sha1",
    "rsa_oaep_sha256",
    "rsa_oaep_sha256_mgf1_sha1",
    "rsa_public_recover",
];
const LONGEST_KEY = 64 << 10;

/** Keys stay in the memory of the worker; the fields are emptied when the window closes. */
export function keyDialog({ element, words, needs, apply }) {
    const key = h("textarea", {
        rows: 7,
        spellcheck: "false",
        autocomplete: "off",
        autocapitalize: "off",
        placeholder: "-----BEGIN PRIVATE KEY-----",
    });
    const cipher = select(
        CIPHERS.map((name) => [name, words.ciphers[name || "auto"]]),
        "",
    );
    const file = h("input", { type: "file", accept: ".pem,.key,.txt,.der" });
    const problem = h("p", { class: "note", role: "alert", hidden: true });
    const complain = (text) => {
        problem.textContent = text;
        problem.hidden = !text;
    };
    file.addEventListener("change", async () => {
        const [chosen] = file.files;
        if (!chosen) return;
        complain("");
        if (chosen.size > LONGEST_KEY) return complain(words.keyTooLarge);
        const bytes = new Uint8Array(await chosen.arrayBuffer());
        // DER is what base64 hides inside PEM.
        key.value =
            bytes[0] === 0x30 && bytes[1] >= 0x80
                ? btoa(String.fromCharCode(...bytes))
                : new TextDecoder().decode(bytes).trim();
        return undefined;
    });
    const field = (attributes = {}) =>
        h("input", {
            type: "text",
            autocomplete: "off",
            spellcheck: "false",
            autocapitalize: "off",
            ...attributes,
        });
    const appId = field();
    const appKey = field({ type: "password", autocomplete: "new-password" });
    const corp = field();
    const dialog = h(
        "dialog",
        {
            class: "wide",
            "aria-labelledby": "key-title",
            onclose: () => {
                for (const each of [key, appId, appKey, corp]) each.value = "";
            },
        },
        h("h2", { id: "key-title" }, words.keyTitle),
        h("p", { class: "hint" }, words.keyPromise),
        h(
            "fieldset",
            {},
            h("legend", {}, words.platforms.alimama),
            labelled(words.keyLabel, key, { hint: words.keyHint }),
            h("div", { class: "row" }, labelled(words.keyFile, file), labelled(words.cipher, cipher)),
        ),
        h(
            "fieldset",
            {},
            h("legend", {}, words.tanmaPush),
            h("p", { class: "hint" }, words.tanmaHint),
            h(
                "div",
                { class: "row" },
                labelled("App ID", appId),
                labelled("App Key", appKey),
                labelled(words.corpid, corp),
            ),
        ),
        problem,
        h(
            "p",
            { class: "buttons" },
            h(
                "button",
                {
                    type: "button",
                    class: "primary",
                    onclick: () => {
                        const text = key.value.trim();
                        if (/ENCRYPTED/.test(text)) return complain(words.keyPassphrase);
                        if (/BEGIN CERTIFICATE|BEGIN PUBLIC/.test(text) && cipher.value !== "rsa_public_recover")
                            return complain(words.keyPublic);
                        const settings = {
                            mobile_key: text || undefined,
                            mobile_cipher: cipher.value || undefined,
                            tanma_app_id: appId.value.trim() || undefined,
                            tanma_app_key: appKey.value.trim() || undefined,
                            corpid: corp.value.trim() || undefined,
                        };
                        const given = Object.fromEntries(
                            Object.entries(settings).filter(([, value]) => value !== undefined),
                        );
                        if (Object.keys(given).length === 0) return complain(words.keyNothing);
                        dialog.close();
                        apply(given);
                        return undefined;
                    },
                },
                words.keyApply,
            ),
            h("button", { type: "button", onclick: () => dialog.close() }, words.cancel),
        ),
    );
    show(element, dialog);
    if (needs.includes("tanma_app_key") && !needs.includes("mobile_key")) appId.focus();
    else key.focus();
}

const STEP = 200;

export function problemsDialog({ element, words, core, stats }) {
    let code;
    let shown = 0;
    const list = h("tbody");
    const more = h("button", { type: "button", class: "small", hidden: true, onclick: () => load() }, words.more);
    const kinds = h("div", { class: "chips" });
    const draw = () =>
        replace(
            kinds,
            [[undefined, stats.problem], ...stats.problems].map(([each, many]) =>
                h(
                    "button",
                    {
                        type: "button",
                        class: "chip",
                        "aria-pressed": String(code === each),
                        onclick: () => {
                            code = each;
                            shown = 0;
                            replace(list);
                            draw();
                            load();
                        },
                    },
                    each === undefined ? words.allKinds : (words.problemCodes[each] ?? tidy(each, 40)),
                    h("span", { class: "hint" }, ` ${count(many)}`),
                ),
            ),
        );
    async function load() {
        const { total, list: found, kept } = await core.problems({ from: shown, count: STEP, code });
        shown += found.length;
        append(
            list,
            found.map(({ file, line, code: kind, problem }) =>
                h(
                    "tr",
                    {},
                    h("td", {}, cell(file, 40)),
                    h("td", { class: "number" }, line > 0 ? count(line) : ""),
                    h(
                        "td",
                        {},
                        h("span", {}, words.problemCodes[kind] ?? ""),
                        words.problemCodes[kind] && problem ? h("br") : null,
                        problem
                            ? h(
                                  "span",
                                  { class: words.problemCodes[kind] ? "hint" : "", lang: "en" },
                                  tidy(problem, 400),
                              )
                            : null,
                        words.problemCodes[kind] || problem ? null : h("code", {}, tidy(kind, 60)),
                    ),
                ),
            ),
        );
        more.hidden = shown >= total;
        note.textContent = stats.problem > kept ? words.firstProblems(count(kept)) : "";
    }
    const note = h("p", { class: "hint" });
    const dialog = h(
        "dialog",
        { class: "wide", "aria-labelledby": "problems-title" },
        h("h2", { id: "problems-title" }, words.problemsTitle),
        h("p", { class: "hint" }, words.problemsHint),
        kinds,
        h(
            "div",
            { class: "scroll", tabIndex: 0, role: "region", "aria-labelledby": "problems-title" },
            h(
                "table",
                {},
                h(
                    "thead",
                    {},
                    h(
                        "tr",
                        {},
                        h("th", { scope: "col" }, words.columns.file),
                        h("th", { scope: "col" }, words.line),
                        h("th", { scope: "col" }, words.problem),
                    ),
                ),
                list,
            ),
            more,
            note,
        ),
        h(
            "p",
            { class: "buttons" },
            h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, words.close),
        ),
    );
    draw();
    load();
    show(element, dialog);
}

/** Statistics that go to the platform: rows, not leads. */
export async function rowsDialog({ element, words, core }) {
    const { total, list } = await core.rows({ from: 0, count: 200 });
    const names = [...new Set(list.flatMap(({ row }) => Object.keys(row ?? {})))].slice(0, 60);
    const dialog = h(
        "dialog",
        { class: "wide", "aria-labelledby": "rows-title" },
        h("h2", { id: "rows-title" }, words.statRows(count(total))),
        h("p", { class: "hint" }, words.statHint),
        h(
            "div",
            { class: "scroll", tabIndex: 0, role: "region", "aria-labelledby": "rows-title" },
            h(
                "table",
                {},
                h(
                    "thead",
                    {},
                    h(
                        "tr",
                        {},
                        h("th", { scope: "col" }, words.line),
                        h("th", { scope: "col" }, words.statType),
                        h("th", { scope: "col" }, words.problem),
                        names.map((name) => h("th", { scope: "col" }, tidy(name, 40))),
                    ),
                ),
                h(
                    "tbody",
                    {},
                    list.map(({ line, type, row, problems }) =>
                        h(
                            "tr",
                            {},
                            h("td", { class: "number" }, String(line)),
                            h("td", {}, words.statTypes[type] ?? tidy(type, 10)),
                            h(
                                "td",
                                {},
                                problems
                                    .map(({ column, problem }) => tidy(`${column ? `${column}: ` : ""}${problem}`, 200))
                                    .join("; ") || "–",
                            ),
                            names.map((name) => h("td", {}, cell(row?.[name], 60))),
                        ),
                    ),
                ),
            ),
        ),
        h(
            "p",
            { class: "buttons" },
            h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, words.close),
        ),
    );
    show(element, dialog);
}
