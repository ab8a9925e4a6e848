// The Live tab: one deployed bridge, chosen by its reader; the page's policy allows that host and no other (guard.js), and changing it
// means opening the page again. The token is in this tab's memory only.
import { append, field, h, labelled, replace, select } from "../dom.mjs";
import { secretField } from "../debugger/secret_field.mjs";
import { createApi, LiveProblem, MOST_LEADS, originOf } from "./api.mjs";
import { statusCards } from "./status.mjs";

const DAY_MS = 86_400_000;

/** Puts Live's host into the address (or takes it out) and opens the page again: the guard reads it before anything else runs. */
function reopen(host) {
    const hash = new URLSearchParams(location.hash.slice(1));
    const kept = ["lang", "theme"]
        .filter((name) => hash.get(name))
        .map((name) => `${name}=${encodeURIComponent(hash.get(name))}`);
    const parts = [...(host ? [`live=${host}`] : []), "tab=live", ...kept];
    history.replaceState(null, "", `#${parts.join("&")}`);
    location.reload();
}

export function mount(element, { words, core, say, go, state }) {
    const allowed = document.documentElement.dataset.connect;
    const live = allowed !== "none";
    state.token ??= "";
    state.days ??= "7";
    state.source ??= "";
    state.typed ??=
        new URLSearchParams(location.hash.slice(1)).get("live") ??
        (/^https?:$/.test(location.protocol) ? (originOf(location.origin) ?? "") : "");
    let alive = true;
    let stop = null; // of what runs now
    const api = live ? createApi(allowed, () => state.token) : null;

    // ---- choosing the host -----------------------------------------------------------------------------------------------------------
    function chooser() {
        const input = h("input", {
            type: "text",
            inputmode: "url",
            value: state.typed,
            autocomplete: "off",
            spellcheck: "false",
            placeholder: "https://",
            oninput: () => {
                state.typed = input.value;
            },
        });
        const problem = h("p", { class: "note", hidden: true, role: "alert" }, words.badHost);
        const loaded = h("p", { class: "hint" }, words.openHint);
        core?.stats?.()
            .then((stats) => {
                const n = Number(stats?.leads ?? stats?.total ?? 0);
                if (alive && n > 0) loaded.textContent = words.loaded(n.toLocaleString("en-US"));
            })
            .catch(() => {});
        return h(
            "form",
            {
                class: "card live-choose",
                autocomplete: "off",
                onsubmit: (event) => {
                    event.preventDefault();
                    const host = originOf(state.typed);
                    problem.hidden = host !== null;
                    if (host) reopen(host);
                    else input.focus();
                },
            },
            h("h2", {}, words.title),
            h("p", { class: "hint" }, words.intro),
            labelled(words.host, input, { hint: words.hostHint }),
            problem,
            loaded,
            h("div", { class: "buttons" }, h("button", { type: "submit", class: "primary" }, words.open)),
        );
    }

    // ---- connected -------------------------------------------------------------------------------------------------------------------
    const status = h("div", { class: "live-status" });
    const sources = select([["", words.allSources]], state.source, (value) => {
        state.source = value;
    });

    function connection() {
        const chooserHost = h("div", {});
        return [
            h(
                "form",
                {
                    class: "card live-connect",
                    autocomplete: "off",
                    onsubmit: (event) => {
                        event.preventDefault();
                        showStatus();
                    },
                },
                h("p", {}, `${words.allowed} `, h("code", { class: "live-host" }, allowed)),
                secretField(
                    words.token,
                    state.token,
                    (value) => {
                        state.token = value;
                    },
                    { show: words.show, hide: words.hide, hint: words.tokenHint },
                ),
                h(
                    "div",
                    { class: "buttons" },
                    h("button", { type: "submit", class: "primary" }, words.connect),
                    h(
                        "button",
                        {
                            type: "button",
                            onclick: () => {
                                replace(chooserHost, chooser());
                                chooserHost.querySelector("input").focus();
                            },
                        },
                        words.change,
                    ),
                    h("button", { type: "button", onclick: () => reopen("") }, words.leave),
                ),
            ),
            chooserHost,
            status,
        ];
    }

    function problem(error) {
        if (!alive) return;
        const known = error instanceof LiveProblem;
        const { code, detail } = known ? error : { code: "server", detail: String(error?.message ?? error) };
        const text = code === "cors" ? words.errors.cors(detail) : (words.errors[code] ?? code);
        replace(
            status,
            h(
                "section",
                { class: "banner bad live-problem", role: "alert", data: { code } },
                h("h2", {}, words.problem),
                h("p", {}, text),
                detail && code !== "cors" ? h("p", { class: "hint", lang: "en" }, field(detail)) : null,
                code === "network"
                    ? h("p", {}, h("a", { href: allowed, target: "_blank", rel: "noopener noreferrer" }, words.tryOpen))
                    : null,
            ),
        );
        say(words.problem, { tone: "bad" });
    }

    async function showStatus() {
        if (state.token.trim() === "") {
            say(words.needToken, { tone: "bad" });
            element.querySelector(".live-connect input").focus();
            return;
        }
        state.token = state.token.trim();
        stop?.abort();
        const mine = (stop = new AbortController());
        say(words.connecting, { progress: 0, cancel: () => mine.abort() });
        try {
            const summary = await api.status(mine.signal);
            if (!alive || mine.signal.aborted) return;
            state.summary = summary;
            drawStatus();
            say(words.connected, { tone: "good" });
        } catch (error) {
            if (mine.signal.aborted) say("");
            else problem(error);
        }
    }

    function drawStatus() {
        const { summary } = state;
        const names = summary.sources.map(({ name }) => name).filter((name) => typeof name === "string");
        if (!names.includes(state.source)) state.source = "";
        replace(
            sources,
            [["", words.allSources], ...names.map((name) => [name, name])].map(([value, text]) =>
                h("option", { value, selected: value === state.source }, text),
            ),
        );
        replace(
            status,
            h(
                "form",
                {
                    class: "card live-load",
                    onsubmit: (event) => {
                        event.preventDefault();
                        loadLeads();
                    },
                },
                h("h2", {}, words.leadsTitle),
                h(
                    "div",
                    { class: "row" },
                    labelled(
                        words.range,
                        select(
                            Object.entries(words.ranges).sort(([a], [b]) => (Number(a) || 9999) - (Number(b) || 9999)),
                            state.days,
                            (value) => {
                                state.days = value;
                            },
                        ),
                    ),
                    labelled(words.source, sources),
                    h("button", { type: "submit", class: "primary" }, words.load),
                ),
                h("p", { class: "hint" }, words.loadHint),
            ),
            h(
                "section",
                {},
                h(
                    "div",
                    { class: "live-head" },
                    h("h2", {}, summary.tenant ? [words.status, " · ", field(summary.tenant)] : words.status),
                    h("button", { type: "button", class: "small", onclick: showStatus }, words.again),
                ),
                statusCards(words, summary),
            ),
        );
    }

    async function loadLeads() {
        stop?.abort();
        const mine = (stop = new AbortController());
        let read = 0;
        const since = state.days === "0" ? undefined : Date.now() - Number(state.days) * DAY_MS;
        say(words.loading(0), { progress: 0, cancel: () => mine.abort() });
        try {
            const { count, more } = await api.leads(
                { since, source: state.source },
                async (leads, total) => {
                    read = total;
                    await core.loadLeads(leads, { source: state.source || "live" });
                    say(words.loading(total.toLocaleString("en-US")), {
                        progress: total / MOST_LEADS,
                        cancel: () => mine.abort(),
                    });
                },
                mine.signal,
            );
            if (!alive) return;
            if (count > 0) go("leads", { focus: true });
            say(
                count === 0
                    ? words.none
                    : more
                      ? words.limit(count.toLocaleString("en-US"))
                      : words.done(count.toLocaleString("en-US")),
                { tone: count === 0 || more ? "info" : "good" },
            );
        } catch (error) {
            if (mine.signal.aborted) say(words.stopped(read));
            else problem(error);
        }
    }

    append(element, live ? connection() : chooser());
    if (live && state.summary) drawStatus();
    return {
        addressChanged: () => {
            const asked = new URLSearchParams(location.hash.slice(1)).get("live") ?? "";
            if (asked !== (live ? allowed : "") && originOf(asked) === asked) {
                state.typed = asked;
                replace(element, chooser());
            }
        },
        unmount: () => {
            alive = false;
            stop?.abort();
        },
    };
}
