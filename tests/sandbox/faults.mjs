import { gzipSync } from "node:zlib";
import { answer, CONTENT_TYPE } from "./gateway/render.mjs";

const replaceBody = (good, body) => ({ ...good, body: Buffer.from(body) });
const silentAnswer = { status: 0, headers: {}, body: Buffer.alloc(0) };
const BOMB = [
    '<!ENTITY l0 "lol">',
    ...Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`),
].join("");

/**
 * What can go wrong, by kind. Each gets the script entry and the call:
 * `page(change)` renders the true answer, `error(e)` an error_response, `failed(code, text)` result_ok false.
 */
export const FAULT_KINDS = {
    ban: (fault, call) => call.ban(fault.seconds ?? 60),
    isp: (fault, call) =>
        call.error({
            code: 15,
            msg: "Remote service error",
            sub_code: fault.sub_code ?? "isp.remote-service-timeout",
            sub_msg: fault.sub_msg ?? "服务不可用",
        }),
    isv: (fault, call) =>
        call.error({
            code: 50,
            msg: "Remote service error",
            sub_code: fault.sub_code ?? "isv.invalid-parameter",
            sub_msg: fault.sub_msg ?? "非法参数",
        }),
    error: ({ code, msg, sub_code, sub_msg }, call) => call.error({ code, msg, sub_code, sub_msg }),
    result_not_ok: (fault, call) =>
        call.failed(fault.result_error_code ?? "SYSTEM_ERROR", fault.error_msg ?? "查询失败"),

    html502: (fault) =>
        answer(
            fault.status ?? 502,
            "text/html",
            "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        ),
    empty: () => answer(200, CONTENT_TYPE.json, ""),
    garbage: (fault, call) => answer(200, CONTENT_TYPE.json, call.random.bytes(fault.bytes ?? 512)),
    huge: (fault, call) => {
        const [head, tail] = [`{"${call.envelope}":{"padding":"`, '"}}'];
        const filler = Buffer.alloc(Math.max(0, (fault.bytes ?? 20_000_000) - head.length - tail.length), "a");
        return answer(200, CONTENT_TYPE.json, Buffer.concat([Buffer.from(head), filler, Buffer.from(tail)]));
    },
    deep_json: (fault, call) => {
        const depth = fault.depth ?? 10_000;
        return answer(
            200,
            CONTENT_TYPE.json,
            `{"${call.envelope}":{"result_data":${"[".repeat(depth)}${"]".repeat(depth)},"result_ok":true}}`,
        );
    },

    truncated: (fault, call) => {
        const good = call.page();
        return replaceBody(good, good.body.subarray(0, Math.floor(good.body.length * (fault.share ?? 0.6))));
    },
    invalid_utf8: (_, call) => {
        const good = call.page();
        const at = good.body.findIndex((byte) => byte >= 0x80);
        if (at >= 0) good.body[at] = 0xff;
        return at >= 0 ? good : replaceBody(good, Buffer.concat([good.body, Buffer.from([0xff])]));
    },
    bom: (_, call) => {
        const good = call.page();
        return replaceBody(good, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good.body]));
    },
    gzip: (_, call) => {
        const good = call.page();
        return {
            ...replaceBody(good, gzipSync(good.body)),
            headers: { ...good.headers, "content-encoding": "gzip" },
        };
    },
    xml_dtd: (_, call) => withDoctype(call, `<!DOCTYPE ${call.envelope} SYSTEM "lead.dtd">`),
    xml_entity: (_, call) => withDoctype(call, `<!DOCTYPE ${call.envelope} [${BOMB}]>`, "<entity>&l9;</entity>"),
    wrong_envelope: (_, call) => call.page({ envelope: "time_get_response" }),
    repeat_page: (_, call) => call.page({ offset: null }),

    slow: (fault, call) => ({ ...call.page(), delayMs: fault.ms ?? 1000 }),
    silent: () => ({ ...silentAnswer, hang: true }),
    reset: () => ({ ...silentAnswer, reset: true }),
    cut: (_, call) => {
        const good = call.page();
        return { ...good, cutAfter: good.body.length >> 1 }; // full length announced, half of it sent
    },
};

function withDoctype(call, doctype, element = "") {
    const good = call.page({ format: "xml" });
    const text = good.body
        .toString()
        .replace("?>", () => `?>${doctype}`)
        .replace("</", () => `${element}</`);
    return replaceBody(good, text);
}

/** The script of faults over a table of kinds: the first entry that is due takes the call. */
export function createFaults(kinds = FAULT_KINDS) {
    const script = [];
    return {
        /** @param {{kind: string, atCall?: number, times?: number}} entry due from call atCall on (default: the next), times calls (default 1) */
        push(entry) {
            if (!Object.hasOwn(kinds, entry?.kind))
                throw new TypeError(`unknown fault kind ${entry?.kind}; one of ${Object.keys(kinds).join(", ")}`);
            for (const name of ["atCall", "times"]) {
                if (entry[name] !== undefined && !(Number.isInteger(entry[name]) && entry[name] > 0))
                    throw new TypeError(`${name} must be a positive integer`);
            }
            script.push({ entry, left: entry.times ?? 1 });
        },
        take(callNumber) {
            const at = script.findIndex(({ entry }) => callNumber >= (entry.atCall ?? 0));
            if (at < 0) return null;
            script[at].left -= 1;
            return script[at].left === 0 ? script.splice(at, 1)[0].entry : script[at].entry;
        },
        clear: () => {
            script.length = 0;
        },
        pending: () => script.map(({ entry, left }) => ({ ...entry, times: left })),
    };
}
