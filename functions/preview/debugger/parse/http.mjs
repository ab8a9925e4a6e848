// A raw HTTP request: request line, headers, blank line, body. Also as `curl -v` shows it (`> ` before each line) and HTTP/2's `:path`.
import { header, makeRequest, ParseProblem, utf8, withoutLastBreaks } from "./request.mjs";

const LINE = /^([A-Za-z]{2,20})[ \t]+(\S+)(?:[ \t]+HTTP\/[\d.]+)?[ \t]*$/;

export function looksLikeHttp(text) {
    const lines = text
        .trimStart()
        .slice(0, 20_000)
        .split(/\r?\n/, 4)
        .map((line) => line.replace(/^> ?/, ""));
    return (
        /^(GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS)[ \t]+(\/|https?:)\S*/i.test(lines[0] ?? "") ||
        /^:(method|path|authority|scheme):/.test(lines[0] ?? "")
    );
}

export function parseHttp(text) {
    const notes = [];
    let whole = text.trimStart();
    if (/^> ?[A-Za-z]+[ \t]/.test(whole)) {
        whole = whole
            .split(/\r?\n/)
            .filter((line) => !/^[*<{}]/.test(line))
            .map((line) => line.replace(/^> ?/, ""))
            .join("\n");
    }
    const gap = /\r?\n[ \t]*\r?\n/.exec(whole);
    const head = gap ? whole.slice(0, gap.index) : whole;
    let rest = gap ? whole.slice(gap.index + gap[0].length) : "";
    const lines = head.split(/\r?\n/);
    let method;
    let target;
    const first = LINE.exec(lines[0]);
    if (first) {
        [, method, target] = first;
        lines.shift();
    }
    const headers = [];
    for (const line of lines) {
        if (/^[ \t]/.test(line) && headers.length > 0) {
            // an old folded header
            headers.at(-1)[1] += ` ${line.trim()}`;
            continue;
        }
        const found = /^(:?[^:\s][^:]*):[ \t]?(.*)$/.exec(line);
        if (!found) {
            if (line.trim() !== "") throw new ParseProblem("not_a_header", line.slice(0, 60));
            continue;
        }
        const [, name, value] = found;
        if (name === ":method") method = value.trim();
        else if (name === ":path") target = value.trim();
        else if (name === ":authority") headers.push(["Host", value.trim()]);
        else if (name !== ":scheme") headers.push([name.trim(), value.trim()]);
    }
    if (!target) throw new ParseProblem("no_request_line");
    const length = Number(header(headers, "content-length") ?? NaN);
    const chunked = /chunked/i.test(header(headers, "transfer-encoding") ?? "");
    if (chunked && /^[0-9a-f]+\s*(;[^\n]*)?\r?\n/i.test(rest)) rest = unchunk(rest, notes);
    const body = bodyOf(rest, length, chunked, notes);
    const host = header(headers, "host");
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : `${host ? `https://${host}` : ""}${target}`;
    return makeRequest({ method, url, headers, body, notes });
}

/** Pasting changes the ends of lines and adds one at the end; Content-Length tells what was there. */
function bodyOf(rest, length, exact, notes) {
    const bytes = utf8(rest);
    if (rest === "") {
        if (length > 0) notes.push({ code: "shorter_than_length", detail: `0 / ${length}` });
        return null;
    }
    if (exact) return bytes;
    if (Number.isSafeInteger(length) && length >= 0) {
        if (bytes.length === length) return bytes;
        const windows = utf8(rest.replace(/\r?\n/g, "\r\n"));
        if (windows.length === length) {
            notes.push({ code: "crlf_restored", detail: "" });
            return windows;
        }
        const trimmed = utf8(withoutLastBreaks(rest));
        if (trimmed.length === length) return trimmed;
        const both = utf8(withoutLastBreaks(rest).replace(/\r?\n/g, "\r\n"));
        if (both.length === length) {
            notes.push({ code: "crlf_restored", detail: "" });
            return both;
        }
        if (bytes.length > length && /^[\r\n\s]*$/.test(new TextDecoder().decode(bytes.subarray(length))))
            return bytes.slice(0, length);
        notes.push({
            code: bytes.length > length ? "longer_than_length" : "shorter_than_length",
            detail: `${bytes.length} / ${length}`,
        });
        return bytes;
    }
    if (/\r?\n$/.test(rest)) {
        notes.push({ code: "last_break_dropped", detail: "" });
        return utf8(rest.replace(/\r?\n$/, ""));
    }
    return bytes;
}

/** Sizes count bytes; text pasted from a dump may not fit, then it stays as it is. */
function unchunk(text, notes) {
    const bytes = utf8(text.replace(/\r?\n/g, "\r\n"));
    const pieces = [];
    const decoder = new TextDecoder();
    let at = 0;
    for (let turns = 0; turns < 100_000; ++turns) {
        let end = at;
        while (end < bytes.length && bytes[end] !== 10) end += 1;
        const size = parseInt(decoder.decode(bytes.subarray(at, end)), 16);
        if (!Number.isSafeInteger(size) || end >= bytes.length) break;
        if (size === 0) return pieces.join("");
        if (end + 1 + size > bytes.length) break;
        pieces.push(decoder.decode(bytes.subarray(end + 1, end + 1 + size)));
        at = end + 1 + size + 2;
    }
    notes.push({ code: "chunks_unreadable", detail: "" });
    return text;
}
