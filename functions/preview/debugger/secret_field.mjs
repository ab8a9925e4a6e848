// A field for a secret: hidden unless its reader wants to see it, never filled in or remembered by the browser.
import { h, uid } from "../dom.mjs";

/** @returns {HTMLElement} */
export function secretField(label, value, oninput, { show, hide, hint, id = uid("secret") }) {
    const input = h("input", {
        type: "password",
        id,
        value,
        autocomplete: "off",
        autocapitalize: "off",
        spellcheck: "false",
        oninput: () => oninput(input.value),
        "aria-describedby": hint ? `${id}-hint` : null,
    });
    const toggle = h(
        "button",
        {
            type: "button",
            class: "small",
            "aria-pressed": "false",
            "aria-label": `${show}: ${label}`,
            onclick: () => {
                const open = input.type === "password";
                input.type = open ? "text" : "password";
                toggle.textContent = open ? hide : show;
                toggle.setAttribute("aria-pressed", String(open));
                toggle.setAttribute("aria-label", `${open ? hide : show}: ${label}`);
            },
        },
        show,
    );
    return h(
        "div",
        { class: "field" },
        h("label", { htmlFor: id }, label),
        h("div", { class: "with-button" }, input, toggle),
        hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    );
}
