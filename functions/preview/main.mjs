// The frame of the page: tabs, language, theme, keyboard, status line, files dropped anywhere. What a tab shows is the tab's own.
import coreWorker from "leadbridge:worker";
import coreModule from "leadbridge:module";
import { createCoreClient } from "./dataset/client.mjs";
import * as debugging from "./debugger/debugger.mjs";
import { append, h, replace } from "./dom.mjs";
import * as exporting from "./exports/exports.mjs";
import * as leads from "./leads/leads.mjs";
import * as live from "./live/live.mjs";
import * as pictures from "./pictures/pictures.mjs";
import debuggerWords from "./words/debugger.mjs";
import exportsWords from "./words/exports.mjs";
import leadsWords from "./words/leads.mjs";
import liveWords from "./words/live.mjs";
import picturesWords from "./words/pictures.mjs";
import shellWords from "./words/shell.mjs";

const TABS = [
    { name: "leads", tab: leads, words: leadsWords },
    { name: "pictures", tab: pictures, words: picturesWords },
    { name: "exports", tab: exporting, words: exportsWords },
    { name: "debugger", tab: debugging, words: debuggerWords },
    { name: "live", tab: live, words: liveWords },
];
const LANGUAGES = ["zh", "en"];

const root = document.documentElement;
const app = document.getElementById("app");

// ---- what the address says: language, tab, theme, Live's host; nothing else is ever put there ----------------------------------

const address = () => new URLSearchParams(location.hash.slice(1));
function remember(changes) {
    const hash = address();
    for (const [name, value] of Object.entries(changes)) value === null ? hash.delete(name) : hash.set(name, value);
    // Readable: no %3A%2F%2F in the one value that has them.
    const text = [...hash]
        .map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%3A/g, ":").replace(/%2F/g, "/")}`)
        .join("&");
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}
function languageWished() {
    const asked = address().get("lang");
    if (LANGUAGES.includes(asked)) return asked;
    const wish = (navigator.languages ?? [navigator.language])
        .map((tag) => String(tag).slice(0, 2).toLowerCase())
        .find((tag) => LANGUAGES.includes(tag));
    return wish ?? "zh";
}

// ---- the core: one worker script, one module, both inside this file ------------------------------------------------------------

const scripts =
    typeof trustedTypes === "undefined"
        ? { createScriptURL: (url) => url }
        : trustedTypes.createPolicy("leadbridge", { createScriptURL: (url) => url });
let workerUrl = null;
const startWorker = () =>
    new Worker(
        scripts.createScriptURL(
            (workerUrl ??= URL.createObjectURL(new Blob([coreWorker], { type: "text/javascript" }))),
        ),
    );
let bytes = null;
/** The module's bytes, unpacked once. */
const moduleBytes = () =>
    (bytes ??= (async () => {
        const packed = Uint8Array.from(atob(coreModule), (char) => char.charCodeAt(0));
        return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    })());

// ---- the frame --------------------------------------------------------------------------------------------------------------

let lang = languageWished();
let words = shellWords[lang];
let core = null;
let current = null; // name of the tab that is shown
const handles = new Map(); // of mounted tabs
const states = Object.fromEntries(TABS.map(({ name }) => [name, {}]));
const parts = {};

function draw() {
    words = shellWords[lang];
    root.lang = words.html;
    document.title = `${words.title} · leadbridge`;
    for (const handle of handles.values()) handle.unmount?.();
    handles.clear();

    const host = root.dataset.connect;
    const offline = host === "none";
    parts.tabs = TABS.map(({ name }) =>
        h(
            "button",
            {
                class: "tab",
                role: "tab",
                type: "button",
                id: `tab-${name}`,
                "aria-controls": `panel-${name}`,
                data: { name },
                onclick: () => go(name),
            },
            words.tabs[name],
        ),
    );
    parts.panels = TABS.map(({ name }) =>
        h("section", {
            role: "tabpanel",
            id: `panel-${name}`,
            "aria-labelledby": `tab-${name}`,
            class: `panel panel-${name}`,
            hidden: true,
            tabIndex: -1,
        }),
    );
    parts.theme = h("button", { class: "icon", type: "button", onclick: switchTheme });
    parts.statusText = h("span", { class: "status-text", role: "status", "aria-live": "polite" });
    parts.progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": words.status });
    parts.cancel = h("button", { type: "button", class: "small", hidden: true }, words.cancel);
    parts.status = h("div", { class: "status", hidden: true }, parts.statusText, parts.progress, parts.cancel);
    parts.errors = h("div", { class: "errors", role: "alert" });
    const other = lang === "zh" ? "en" : "zh";

    replace(
        app,
        h("a", { class: "skip", href: "#main", onclick: toContent }, words.skip),
        h(
            "header",
            { class: "top" },
            h(
                "div",
                { class: "brand" },
                h("h1", {}, words.title),
                h(
                    "span",
                    {
                        class: `pill ${offline ? "good" : "busy"}`,
                        title: offline ? words.offlineHint : words.onlineHint,
                    },
                    h("span", { class: "dot", "aria-hidden": "true" }),
                    offline ? words.offline : words.online(host),
                ),
            ),
            h(
                "div",
                { class: "tools" },
                h(
                    "button",
                    {
                        class: "text",
                        type: "button",
                        lang: shellWords[other].html,
                        onclick: () => setLanguage(other),
                        id: "language",
                    },
                    other === "zh" ? "中文" : "English",
                ),
                parts.theme,
                h(
                    "button",
                    {
                        class: "icon",
                        type: "button",
                        onclick: showHelp,
                        "aria-label": words.help,
                        title: `${words.help} (?)`,
                    },
                    "?",
                ),
            ),
        ),
        h(
            "nav",
            { class: "tabs", "aria-label": words.tabList },
            h("div", { role: "tablist", "aria-label": words.tabList, onkeydown: onTabKey }, parts.tabs),
        ),
        parts.errors,
        h("main", { id: "main", tabIndex: -1 }, parts.panels),
        parts.status,
        h(
            "div",
            { class: "drop", "aria-hidden": "true", hidden: true, id: "drop" },
            h("p", {}, h("b", {}, words.drop), h("br"), words.dropHint),
        ),
        (parts.help = helpDialog()),
    );
    themeWords();
    const wanted = current ?? (address().get("live") !== null && !address().get("tab") ? "live" : address().get("tab"));
    current = null;
    go(TABS.some(({ name }) => name === wanted) ? wanted : "leads", { focus: false });
}

function toContent(event) {
    event.preventDefault(); // the address keeps what it says
    document.getElementById("main").focus();
}

function setLanguage(next) {
    lang = next;
    remember({ lang });
    draw();
    document.getElementById("language").focus();
}

function themeWords() {
    const dark = root.dataset.theme === "dark";
    const label = dark ? words.toLight : words.toDark;
    parts.theme.setAttribute("aria-label", label);
    parts.theme.title = label;
    parts.theme.textContent = dark ? "☀" : "☾";
}
function switchTheme() {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    remember({ theme: root.dataset.theme });
    themeWords();
    handles.get(current)?.shown?.();
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
    if (address().get("theme")) return;
    root.dataset.theme = matches ? "dark" : "light";
    themeWords();
    handles.get(current)?.shown?.();
});

// ---- tabs ---------------------------------------------------------------------------------------------------------------------

function go(name, { focus = false } = {}) {
    const index = TABS.findIndex((tab) => tab.name === name);
    if (index < 0) return undefined;
    if (current !== name) {
        if (current) handles.get(current)?.hidden?.();
        const first = current === null;
        current = name;
        if (parts.progress.hidden) parts.status.hidden = true; // what was said belongs to the other tab
        TABS.forEach((_, i) => {
            parts.tabs[i].setAttribute("aria-selected", String(i === index));
            parts.tabs[i].tabIndex = i === index ? 0 : -1;
            parts.panels[i].hidden = i !== index;
        });
        if (!first || address().get("tab")) remember({ tab: name });
        parts.tabs[index].scrollIntoView?.({ block: "nearest", inline: "nearest" });
    }
    if (!handles.has(name)) mountTab(TABS[index], parts.panels[index]);
    handles.get(name)?.shown?.();
    if (focus) parts.tabs[index].focus();
    return handles.get(name);
}

function mountTab({ name, tab, words: tabWords }, panel) {
    panel.replaceChildren();
    try {
        handles.set(name, tab.mount(panel, { words: tabWords[lang], lang, core, say, go, state: states[name] }) ?? {});
    } catch (error) {
        console.error(error);
        handles.set(name, {});
        append(panel, h("p", { class: "card note" }, words.failedTab));
        say.error({ title: words.failedTab, reason: String(error?.message ?? error) });
    }
}

function onTabKey(event) {
    const at = TABS.findIndex(({ name }) => name === current);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(TABS[(next + TABS.length) % TABS.length].name, { focus: true });
}

// ---- status line and errors ---------------------------------------------------------------------------------------------------

let fade = 0;
/** One line at the bottom, read out politely. A progress stays until the next call. */
function say(text, { tone = "info", progress, cancel } = {}) {
    clearTimeout(fade);
    parts.statusText.textContent = text ?? "";
    parts.status.hidden = !text;
    parts.status.dataset.tone = tone;
    parts.progress.hidden = progress === undefined;
    if (progress !== undefined) parts.progress.value = Math.min(1, Math.max(0, Number(progress) || 0));
    const button = h("button", { type: "button", class: "small", hidden: !cancel, onclick: cancel }, words.cancel);
    if (Boolean(cancel) === parts.cancel.hidden || cancel) {
        // Keeps the focus of somebody about to press it.
        const focused = document.activeElement === parts.cancel;
        parts.cancel.replaceWith(button);
        parts.cancel = button;
        if (focused && cancel) button.focus();
    }
    if (text && progress === undefined)
        fade = setTimeout(() => {
            parts.status.hidden = true;
        }, 8000);
}
say.error = ({ title, reason } = {}) => {
    const card = h(
        "div",
        { class: "banner bad" },
        h("h2", {}, title || words.problem),
        reason ? h("p", {}, String(reason)) : null,
        h(
            "button",
            { type: "button", class: "small close", "aria-label": words.close, onclick: () => card.remove() },
            "✕",
        ),
    );
    while (parts.errors.childElementCount > 2) parts.errors.firstElementChild.remove();
    parts.errors.append(card);
};
say.clear = () => parts.errors.replaceChildren();

// ---- keyboard, files and text from outside ------------------------------------------------------------------------------------

const typing = (target) =>
    target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

addEventListener("keydown", (event) => {
    if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        typing(event.target) ||
        document.querySelector("dialog[open]")
    )
        return;
    if (event.key === "?") showHelp();
    else if (event.key === "/") go("leads")?.search?.();
    else if (/^[1-5]$/.test(event.key)) go(TABS[Number(event.key) - 1].name, { focus: true });
    else return;
    event.preventDefault();
});

let dragging = 0;
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const showDrop = (on) => {
    document.getElementById("drop").hidden = !on;
};
addEventListener("dragenter", (event) => {
    if (carriesFiles(event)) showDrop(++dragging > 0);
});
addEventListener("dragleave", (event) => {
    if (carriesFiles(event)) showDrop((dragging = Math.max(0, dragging - 1)) > 0);
});
addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
});
addEventListener("drop", (event) => {
    dragging = 0;
    showDrop(false);
    if (!carriesFiles(event)) return;
    event.preventDefault(); // or the browser would leave the page for the file
    const here = handles.get(current);
    if (here?.takesFiles) here.openFiles([...event.dataTransfer.files]);
    else go("leads")?.openFiles?.([...event.dataTransfer.files]);
});
addEventListener("paste", (event) => {
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const files = [...(event.clipboardData?.files ?? [])];
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (files.length === 0 && text === "") return;
    event.preventDefault();
    const leadTab = go("leads");
    if (files.length > 0) leadTab?.openFiles?.(files);
    else leadTab?.openText?.(text);
});

// ---- help -----------------------------------------------------------------------------------------------------------------------

function helpDialog() {
    const dialog = h(
        "dialog",
        { class: "help", "aria-labelledby": "help-title" },
        h("h2", { id: "help-title" }, words.helpTitle),
        h("p", {}, words.helpIntro),
        h(
            "dl",
            { class: "keys" },
            words.keys.map(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)]),
        ),
        h("h3", {}, words.privacyTitle),
        h(
            "ul",
            {},
            words.privacy.map((text) => h("li", {}, text)),
        ),
        h(
            "p",
            { class: "buttons" },
            h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, words.close),
        ),
    );
    return dialog;
}
function showHelp() {
    if (!parts.help.open) parts.help.showModal();
}

// ---- start ----------------------------------------------------------------------------------------------------------------------

function start() {
    if (!root.dataset.connect) {
        app.append(h("p", { class: "notice" }, words.noGuard));
        return;
    }
    try {
        core = createCoreClient({ worker: startWorker, wasm: moduleBytes });
    } catch (error) {
        console.error(error);
    }
    draw();
    moduleBytes().catch(() => say.error({ title: words.noCore, reason: words.noCoreHint }));
    if (!core) say.error({ title: words.noCore, reason: words.noCoreHint });
    // The address may be edited by hand: language and tab follow at once; Live's host only with a reload, by the Live tab.
    addEventListener("hashchange", () => {
        const asked = languageWished();
        const tab = address().get("tab") ?? (address().get("live") !== null ? "live" : null);
        if (asked !== lang) {
            lang = asked;
            draw();
        }
        if (tab) go(tab);
        handles.get("live")?.addressChanged?.();
    });
}

start();
