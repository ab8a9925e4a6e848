// Parameters typed or copied from a log: `name=value` lines, `name: value` lines, a JSON object, a query string, an address.
import { encodePairs, makeRequest, ParseProblem } from "./request.mjs";

const NAME = /^[\s"']{0,20}([\w.\-[\]$@]{1,100})[\s"']{0,20}(?:=>[ ]?|=|[:：\t][ ]?)(.*)$/s; // what stands behind `=` is kept to the letter

export function parseFields(text) {
    const whole = text.trim();
    if (whole === "") throw new ParseProblem("nothing");
    // An address, also without its host, as an access log has it.
    if (/^(https?:\/\/|\/[^?\s]*\?)/i.test(whole) && !/\s/.test(whole))
        return { ...makeRequest({ method: "GET", url: whole }), bare: true };
    // One line with `&` is a query, still encoded.
    if (
        !/[\r\n]/.test(whole) &&
        /^[^=&\s{"']{1,100}=[^&]*(&|$)/.test(whole) &&
        (whole.includes("&") || /%[0-9a-f]{2}/i.test(whole))
    ) {
        return { ...makeRequest({ method: "GET", url: `?${whole.replace(/^\?/, "")}` }), bare: true };
    }
    const form = [];
    for (const line of text.split(/\r?\n/)) {
        if (line.trim() === "" || /^\s*(#|\/\/)/.test(line)) continue;
        const found = NAME.exec(line);
        if (!found) throw new ParseProblem("not_a_field", line.slice(0, 60));
        form.push([found[1], found[2]]);
    }
    if (form.length === 0) throw new ParseProblem("nothing");
    return typed(form);
}

/** Values of an object as the caller's code held them; nested ones as compact JSON. */
export function fromObject(json) {
    const notes = [];
    const form = Object.entries(json).map(([name, value]) => {
        if (typeof value === "string") return [name, value];
        if (value === null) return [name, ""];
        if (typeof value === "object") notes.push({ code: "nested_value", detail: name });
        return [name, typeof value === "object" ? JSON.stringify(value) : String(value)];
    });
    if (form.length === 0) throw new ParseProblem("nothing");
    return typed(form, notes);
}

// `bare`: nothing is known of the headers. Decoded already: what the core reads is encoded again, losslessly.
const typed = (form, notes = []) => ({
    ...makeRequest({ method: "POST", url: `?${encodePairs(form)}`, notes }),
    typed: true,
    bare: true,
});
