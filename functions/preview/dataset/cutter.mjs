// Cuts a text of any size (UTF-8, as a Blob) into pieces the core takes in one call, without ever holding more than a piece.
// It knows where records begin and end, and nothing about platforms. The same piece can be cut again later from the same bytes
// (`recordOf`), so nobody has to keep records.

export const LIMITS = Object.freeze({
    records: 500, // of one piece
    bytes: 2 << 20, // of one piece with more than one record
    record: 8 << 20, // of a record, and of a text that cannot be cut
    document: 256 << 10, // of a JSON document that is not cut although it could be: a call has a limit of records
    depth: 200, // of JSON
});
const CHUNK = 1 << 20;
const PROBE = 64 << 10;

const [TAB, LF, CR, SPACE, QUOTE, COMMA, SEMICOLON] = [9, 10, 13, 32, 34, 44, 59];
const [OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const isBlank = (byte) => byte === SPACE || byte === LF || byte === CR || byte === TAB;

// ---- splitters: where does the next record end? ------------------------------------------------------------------------------
// next(bytes, last): index behind the record that ends next, or -1 when more bytes are needed. `p` is where it goes on reading.
// A record with `size` 0 is not counted (blank lines). `newlines` = lines the record took.

function lineSplitter() {
    return {
        p: 0,
        from: 0, // where the content of the record begins
        next(bytes, last) {
            const at = bytes.indexOf(LF, this.p);
            if (at < 0) {
                this.p = bytes.length;
                return last ? bytes.length : -1;
            }
            this.p = at + 1;
            return this.p;
        },
        lines: () => 1,
    };
}

function csvSplitter(separator) {
    const [START, PLAIN, QUOTED, MAYBE_END] = [0, 1, 2, 3];
    let state = START;
    let newlines = 0;
    let counted = 0;
    return {
        p: 0,
        next(bytes, last) {
            const size = bytes.length;
            let p = this.p;
            while (p < size) {
                const byte = bytes[p++];
                if (state === QUOTED) {
                    if (byte === QUOTE) state = MAYBE_END;
                    else if (byte === LF) newlines++;
                    continue;
                }
                if (state === MAYBE_END && byte === QUOTE) {
                    state = QUOTED;
                } else if (byte === LF) {
                    this.p = p;
                    state = START;
                    counted = newlines + 1;
                    newlines = 0;
                    return p;
                } else if (byte === separator) {
                    state = START;
                } else if (byte === QUOTE && state === START) {
                    state = QUOTED;
                } else if (byte !== SPACE || state !== START) {
                    state = PLAIN;
                }
            }
            this.p = p;
            if (!last || (state === QUOTED && newlines > 0)) return -1;
            counted = newlines + 1;
            newlines = 0;
            state = START;
            return size;
        },
        /** A quote that is never closed swallows the rest: give up on it. */
        reset() {
            state = START;
            newlines = 0;
        },
        lines: () => counted,
    };
}

/** The values of a JSON list (its inside), or JSON values one after the other. */
function valueSplitter() {
    let depth = 0;
    let text = false;
    let escaped = false;
    let inside = false; // a value has begun
    return {
        p: 0,
        ended: false, // the list's own `]` was met
        next(bytes, last) {
            const size = bytes.length;
            let p = this.p;
            while (p < size) {
                const byte = bytes[p];
                if (text) {
                    if (escaped) escaped = false;
                    else if (byte === BACKSLASH) escaped = true;
                    else if (byte === QUOTE) {
                        text = false;
                        if (depth === 0) return this.end(p + 1);
                    }
                } else if (byte === QUOTE) {
                    text = true;
                    inside = true;
                } else if (byte === OPEN || byte === OPEN_LIST) {
                    depth++;
                    inside = true;
                } else if (byte === CLOSE || byte === CLOSE_LIST) {
                    if (depth === 0) {
                        this.ended = true;
                        this.p = p + 1;
                        return inside ? this.end(p) : p; // a bare number before the end of the list
                    }
                    if (--depth === 0) return this.end(p + 1);
                } else if (depth === 0 && (byte === COMMA || isBlank(byte))) {
                    if (inside) return this.end(p);
                } else if (depth === 0) {
                    inside = true;
                }
                p++;
            }
            this.p = p;
            if (!last) return -1;
            inside = false;
            return size;
        },
        end(at) {
            inside = false;
            if (!this.ended) this.p = at;
            return at;
        },
        lines: () => 1,
    };
}

// ---- shape -------------------------------------------------------------------------------------------------------------------

/** Reads a JSON text once and finds where its main list of objects lies: the biggest list whose elements are objects. */
async function surveyJson(blob, { signal, onBytes }) {
    let depth = 0;
    let text = false;
    let escaped = false;
    let candidate = null; // list being measured {from, depth}
    let pending = -1; // a list has just been opened at this depth: is its first element an object?
    let pendingFrom = 0;
    let best = null; // {from, to}
    let firstEnd = -1; // end of the first value
    let firstLine = -1; // first line break
    let more = false; // something stands behind the first value
    let deepest = 0;
    const better = (found) => {
        if (!best || found.to - found.from > best.to - best.from) best = found;
    };
    for (let base = 0; base < blob.size; base += CHUNK) {
        signal?.throwIfAborted();
        const bytes = new Uint8Array(await blob.slice(base, base + CHUNK).arrayBuffer());
        onBytes?.(bytes.length);
        for (let i = 0; i < bytes.length; i++) {
            const byte = bytes[i];
            if (text) {
                if (escaped) escaped = false;
                else if (byte === BACKSLASH) escaped = true;
                else if (byte === QUOTE) text = false;
                continue;
            }
            if (byte <= SPACE) {
                if (byte === LF && firstLine < 0) firstLine = base + i;
                continue;
            }
            if (firstEnd >= 0) {
                more = true;
                break;
            }
            if (byte === OPEN) {
                if (pending === depth && !candidate) candidate = { from: pendingFrom, depth };
                pending = -1;
                depth++;
                if (depth > deepest) deepest = depth;
            } else if (byte === OPEN_LIST) {
                depth++;
                if (depth > deepest) deepest = depth;
                pending = candidate ? -1 : depth;
                pendingFrom = base + i + 1;
            } else if (byte === CLOSE || byte === CLOSE_LIST) {
                pending = -1;
                if (candidate && candidate.depth === depth && byte === CLOSE_LIST) {
                    better({ from: candidate.from, to: base + i });
                    candidate = null;
                }
                depth--;
                if (depth <= 0) firstEnd = base + i + 1;
            } else {
                if (byte === QUOTE) text = true;
                pending = -1;
            }
        }
        if (more) break;
    }
    if (candidate) better({ from: candidate.from, to: blob.size });
    return {
        main: best,
        complete: firstEnd >= 0,
        more,
        oneLine: firstEnd >= 0 && (firstLine < 0 || firstLine >= firstEnd),
        deepest,
    };
}

const parses = (line) => {
    if (!/^[[{]/.test(line)) return false;
    try {
        JSON.parse(line);
        return true;
    } catch {
        return false;
    }
};

function separatorOf(line) {
    let best = 0;
    let most = 0;
    for (const separator of [COMMA, SEMICOLON, TAB]) {
        const count = line.split(String.fromCharCode(separator)).length;
        if (count > Math.max(1, most)) [best, most] = [separator, count];
    }
    return best;
}

/** How this text can be cut: {kind: 'ndjson' | 'csv' | 'elements' | 'values' | 'whole', ...}. */
export async function shapeOf(blob, { format = "auto", signal, onBytes } = {}) {
    const head = new TextDecoder().decode(await blob.slice(0, PROBE).arrayBuffer());
    const whole = { kind: "whole" };
    if (head.trim() === "" && blob.size <= PROBE) return { kind: "empty" };
    if (format === "ndjson") return { kind: "ndjson" };
    const lines = head.split("\n");
    if (blob.size > PROBE && lines.length > 1) lines.pop(); // its end is not in sight
    const filled = lines.map((line) => line.trim()).filter(Boolean);
    const csv = () => csvShape(blob, separatorOf(filled[0] ?? ""));
    if (format === "csv") return csv();

    const sample = filled.slice(0, 40);
    if (sample.length > 1 && sample.filter(parses).length * 2 >= sample.length) return { kind: "ndjson" };
    const first = head.trimStart()[0];
    if (first === "{" || first === "[") {
        const survey = await surveyJson(blob, { signal, onBytes });
        if (survey.complete && survey.more) return { kind: survey.oneLine ? "ndjson" : "values" };
        const cut = survey.main && (blob.size > LIMITS.document || !survey.complete);
        if (cut && survey.deepest <= LIMITS.depth)
            return {
                kind: "elements",
                from: survey.main.from,
                to: survey.main.to,
                complete: survey.complete,
            };
        return whole;
    }
    if (first === "<") return whole;
    const line = filled[0] ?? "";
    if (filled.length === 1 && /^[\w.%+~-]+=[^\s]*$/.test(line)) return whole; // a form's body
    if (separatorOf(line) > 0) return csv();
    return filled.length > 1 && !/^[A-Za-z0-9+/=_-]+$/.test(filled.join("")) ? { kind: "ndjson" } : whole;
}

async function csvShape(blob, separator) {
    const splitter = csvSplitter(separator || COMMA);
    const bytes = new Uint8Array(await blob.slice(0, CHUNK).arrayBuffer());
    let from = 0;
    let line = 1;
    for (;;) {
        const end = splitter.next(bytes, blob.size <= CHUNK);
        if (end < 0 || end === from) return { kind: "whole" };
        const lines = splitter.lines();
        if (bytes.subarray(from, end).some((byte) => !isBlank(byte))) {
            const header = bytes.slice(from, end);
            return {
                kind: "csv",
                separator: separator || COMMA,
                header,
                headerLines: lines,
                from: end,
                line: line + lines,
            };
        }
        from = end;
        line += lines;
    }
}

// ---- pieces ------------------------------------------------------------------------------------------------------------------

const splitterOf = (shape) =>
    shape.kind === "ndjson" ? lineSplitter() : shape.kind === "csv" ? csvSplitter(shape.separator) : valueSplitter();

/** What the core reads: the header again before each piece of a CSV, list elements as lines. */
function present(shape, bytes, records) {
    if (shape.kind === "ndjson") return bytes;
    if (shape.kind === "csv") return join([shape.header, bytes]);
    const out = new Uint8Array(records.reduce((sum, [from, to]) => sum + to - from + 1, 0));
    let at = 0;
    for (const [from, to] of records) {
        for (let i = from; i < to; i++) out[at++] = bytes[i] === LF || bytes[i] === CR ? SPACE : bytes[i];
        out[at++] = LF;
    }
    return out;
}

function join(parts) {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}

const trimStart = (bytes, from, to) => {
    while (from < to && (isBlank(bytes[from]) || bytes[from] === COMMA)) from++;
    return from;
};
const blank = (bytes, from, to) => {
    for (let i = from; i < to; i++) if (!isBlank(bytes[i])) return false;
    return true;
};

/**
 * The pieces of one text, in order.
 * Yields {piece: {from, to, line, records, format, shape}, bytes} or {problem: {line, code}}.
 * `from`..`to` are the piece's bytes in `blob`; `line` its first line (or record number in a JSON list); `bytes` is what the core gets.
 */
export async function* cut(blob, shape, { signal, limits = LIMITS } = {}) {
    if (shape.kind === "empty") return;
    if (shape.kind === "whole") {
        if (blob.size > limits.record) yield { problem: { line: 1, code: "whole_too_large" } };
        else
            yield {
                piece: { from: 0, to: blob.size, line: 1, records: 1, format: "auto", shape },
                bytes: new Uint8Array(await blob.arrayBuffer()),
            };
        return;
    }
    const listed = shape.kind === "elements" || shape.kind === "values";
    const splitter = splitterOf(shape);
    const format = shape.kind === "csv" ? "csv" : "ndjson";
    const stop = shape.to ?? blob.size;
    let base = shape.from ?? 0; // offset in the blob of buffer[0]
    let read = base; // offset read up to
    let buffer = new Uint8Array(0);
    let recordAt = 0; // begin of the record being looked for
    let records = []; // of the piece: [from, to] in the buffer
    let line = shape.line ?? 1; // of the record being looked for
    let pieceLine = line;
    let skipping = false; // a record beyond the limit is passed over

    const flush = (end) => {
        const bytes = buffer.slice(0, end);
        const made = {
            piece: { from: base, to: base + end, line: pieceLine, records: records.length, format, shape },
            bytes: present(shape, bytes, records),
        };
        drop(end);
        records = [];
        pieceLine = line;
        return made;
    };
    const drop = (count) => {
        buffer = buffer.subarray(count);
        splitter.p -= count;
        recordAt -= count;
        base += count;
    };

    for (;;) {
        signal?.throwIfAborted();
        const last = read >= stop;
        let end = splitter.ended ? -2 : splitter.next(buffer, last);
        if (end === -1) {
            if (last || buffer.length - recordAt > limits.record) {
                if (records.length > 0) yield flush(recordAt);
                if (!skipping)
                    yield {
                        problem: {
                            line,
                            code: shape.kind === "csv" ? "quote_not_closed" : "record_too_large",
                        },
                    };
                if (listed) return; // where its end would be nobody knows
                splitter.reset?.();
                if (shape.kind === "csv") {
                    // The quote is taken for a stray one: go on behind the line it stands in.
                    const next = buffer.indexOf(LF, recordAt);
                    drop(next < 0 ? buffer.length : next + 1);
                    line++;
                    splitter.p = 0;
                    skipping = next < 0 && !last;
                } else {
                    skipping = true;
                    drop(buffer.length);
                }
                recordAt = 0;
                pieceLine = line;
                continue;
            }
            const chunk = new Uint8Array(await blob.slice(read, Math.min(read + CHUNK, stop)).arrayBuffer());
            read += chunk.length;
            buffer = buffer.length === 0 ? chunk : join([buffer, chunk]);
            continue;
        }
        if (end === -2 || (last && end === recordAt)) break;
        let from = listed ? trimStart(buffer, recordAt, end) : recordAt;
        const filled = from < end && !blank(buffer, from, end);
        if (filled && records.length > 0 && (records.length >= limits.records || end > limits.bytes)) {
            const moved = recordAt; // the record that does not fit is the first of the next piece
            yield flush(recordAt);
            end -= moved;
            from -= moved;
        }
        if (skipping) {
            skipping = false; // the rest of a record that was too large
            line += splitter.lines();
        } else {
            if (filled) records.push([from, end]);
            if (!listed || filled) line += splitter.lines();
        }
        recordAt = end;
        if (records.length === 0) {
            drop(end); // nothing worth a piece yet
            pieceLine = line;
        }
    }
    if (records.length > 0) yield flush(recordAt);
}

/**
 * Some records of a piece, ready for the core. Lines count from 1 inside what the core is given (as its answers do).
 * @param {Uint8Array} bytes the piece's bytes in the text
 * @param {Set<number>} wanted lines as the core named them for the whole piece
 * @returns {{bytes: Uint8Array, lines: Map<number, number>}} lines: the line it will name now -> the line it named then
 */
export function recordsOf(piece, bytes, wanted) {
    const { shape } = piece;
    if (shape.kind === "whole") return { bytes, lines: null };
    const splitter = splitterOf(shape);
    const listed = shape.kind === "elements" || shape.kind === "values";
    const first = 1 + (shape.headerLines ?? 0);
    const parts = [];
    const lines = new Map();
    let at = 0;
    let here = first;
    let now = first;
    let taken = 0;
    while (at < bytes.length && !splitter.ended && taken < wanted.size) {
        const end = splitter.next(bytes, true);
        if (end < 0) break;
        const from = listed ? trimStart(bytes, at, end) : at;
        if (listed && from >= end) break;
        const count = splitter.lines();
        let asked = false;
        for (let i = 0; i < count; i++) asked ||= wanted.has(here + i);
        if (asked) {
            taken++;
            for (let i = 0; i < count; i++) lines.set(now + i, here + i);
            const record = listed ? present(shape, bytes, [[from, end]]) : bytes.subarray(at, end);
            parts.push(record);
            if (record[record.length - 1] !== LF) parts.push(Uint8Array.of(LF));
            now += count;
        }
        here += count;
        at = end;
    }
    return { bytes: join(shape.kind === "csv" ? [shape.header, ...parts] : parts), lines };
}

/** One record of a piece; null when the piece has no such line. */
export function recordOf(piece, bytes, line) {
    const found = recordsOf(piece, bytes, new Set([line]));
    return found.lines === null || found.lines.size > 0 ? found.bytes : null;
}

/** The line in the text (or the record's number in a list) for a line the core named inside a piece. */
export const lineIn = (piece, line) =>
    piece.shape.kind === "whole" ? line : piece.line + line - 1 - (piece.shape.headerLines ?? 0);
