// The Signature tab: why does this signature not match, and how does a right one look. Nothing here can send anything.
import { h, replace } from "../dom.mjs";
import { mountBuild } from "./build.mjs";
import { mountCheck } from "./check.mjs";

const MOST_BYTES = 60 << 20; // characters are counted by the reader (20 million)

export function mount(element, { words, core, say, state }) {
    state.mode ??= "check";
    state.check ??= { text: "", pick: 0, protocol: "auto", method: "", secret: "", others: [], yours: "" };
    state.build ??= {
        protocol: "top",
        url: null,
        params: null,
        headers: "",
        body: null,
        bodyType: "",
        secret: "",
        shell: "bash",
    };

    const host = h("div", {});
    let shown = null;
    const buttons = ["check", "build"].map((mode) =>
        h("button", { type: "button", data: { mode }, onclick: () => show(mode) }, words.modes[mode]),
    );
    const show = (mode, focus = false) => {
        state.mode = mode;
        shown?.unmount?.();
        for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
        host.replaceChildren();
        const context = {
            words,
            core,
            say,
            toBuild: (draft) => {
                Object.assign(state.build, draft);
                show("build", true);
            },
        };
        shown =
            mode === "check"
                ? mountCheck(host, { ...context, state: state.check })
                : mountBuild(host, { ...context, state: state.build });
        if (focus) buttons.find((button) => button.dataset.mode === mode).focus();
    };

    replace(
        element,
        h("div", { class: "segments debugger-modes", role: "group", "aria-label": words.mode }, buttons),
        host,
    );
    show(state.mode);
    return {
        takesFiles: true,
        /** A file dropped on this tab is a request, or a HAR. */
        openFiles: async (files) => {
            if (files.length === 0) return;
            if (files[0].size > MOST_BYTES) {
                say.error({ title: words.problemTitle, reason: words.parse.too_long });
                return;
            }
            state.check.text = await files[0].text();
            state.check.pick = 0;
            show("check");
        },
        unmount: () => shown?.unmount?.(),
    };
}
