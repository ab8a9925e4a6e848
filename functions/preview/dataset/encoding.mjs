// What kind of bytes a file holds, before anything is cut: its text encoding, or what it is instead of text.
// Everything behind this file sees UTF-8 without a byte order mark.

const CHUNK = 1 << 20;
const FOLD = 8 << 20; // converted text is folded into a Blob in steps of this size

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.subarray(from, to));
const starts = (bytes, ...signature) => signature.every((byte, i) => bytes[i] === byte);

const SIGNATURES = [
    ["xls", (b) => starts(b, 0xd0, 0xcf, 0x11, 0xe0)],
    [
        "image",
        (b) =>
            starts(b, 0x89, 0x50, 0x4e, 0x47) ||
            starts(b, 0xff, 0xd8, 0xff) ||
            ascii(b, 0, 4) === "GIF8" ||
            (ascii(b, 0, 4) === "RIFF" && ascii(b, 8, 12) === "WEBP") ||
            starts(b, 0x42, 0x4d, b[2], b[3], b[4], b[5], 0, 0, 0, 0),
    ],
    ["pdf", (b) => ascii(b, 0, 5) === "%PDF-"],
    ["gzip", (b) => starts(b, 0x1f, 0x8b)],
    [
        "archive",
        (b) =>
            ascii(b, 0, 4) === "Rar!" ||
            starts(b, 0x37, 0x7a, 0xbc, 0xaf) ||
            starts(b, 0xfd, 0x37, 0x7a, 0x58, 0x5a) ||
            starts(b, 0x28, 0xb5, 0x2f, 0xfd),
    ],
    ["database", (b) => ascii(b, 0, 15) === "SQLite format 3"],
    [
        "program",
        (b) =>
            starts(b, 0, 0x61, 0x73, 0x6d) ||
            starts(b, 0x7f, 0x45, 0x4c, 0x46) ||
            (starts(b, 0x4d, 0x5a) && b.indexOf(0) >= 0),
    ],
];

/** A zip by its content: Excel keeps `xl/`, Word `word/`. */
function zipKind(bytes) {
    const text = new TextDecoder("latin1").decode(bytes);
    if (/(^|[^a-z])xl\/|\.xlsx?/i.test(text)) return "xlsx";
    if (/word\/|\.docx/i.test(text)) return "docx";
    return /\[Content_Types\]\.xml/.test(text) ? "xlsx" : "zip";
}

/** UTF-16 that forgot its mark: ASCII text has every other byte zero. */
function bareUtf16(bytes) {
    const size = Math.min(bytes.length, 256) & ~1;
    if (size < 16) return null;
    let even = 0;
    let odd = 0;
    for (let i = 0; i < size; i += 2) {
        if (bytes[i] === 0) even++;
        if (bytes[i + 1] === 0) odd++;
    }
    const half = size / 2;
    if (odd > half * 0.4 && even === 0) return "utf-16le";
    if (even > half * 0.4 && odd === 0) return "utf-16be";
    return null;
}

async function* chunksOf(blob, signal) {
    for (let at = 0; at < blob.size; at += CHUNK) {
        signal?.throwIfAborted();
        yield new Uint8Array(await blob.slice(at, at + CHUNK).arrayBuffer());
    }
}

/** Offset from which on strict decoding fails, -1 when it never does. A character cut off by the end of the file is no failure. */
async function firstFailure(blob, encoding, signal, seen) {
    const decoder = new TextDecoder(encoding, { fatal: true });
    let at = 0;
    for await (const chunk of chunksOf(blob, signal)) {
        try {
            decoder.decode(chunk, { stream: true });
        } catch {
            return at;
        }
        if (seen?.(chunk, at) === false) return -1;
        at += chunk.length;
    }
    return -1;
}

/**
 * @param {Blob} blob
 * @returns {Promise<{binary?: string, encoding?: string, assumed?: boolean, lossy?: boolean, skip: number}>}
 *   binary: what it is when it is no text; assumed: the encoding was concluded, not declared; skip: bytes of the mark
 */
export async function examine(blob, { signal } = {}) {
    const head = new Uint8Array(await blob.slice(0, 4096).arrayBuffer());
    if (starts(head, 0x50, 0x4b, 3, 4) || starts(head, 0x50, 0x4b, 5, 6)) return { binary: zipKind(head), skip: 0 };
    const known = SIGNATURES.find(([, test]) => test(head));
    if (known) return { binary: known[0], skip: 0 };
    if (starts(head, 0xff, 0xfe)) return { encoding: "utf-16le", skip: 2 };
    if (starts(head, 0xfe, 0xff)) return { encoding: "utf-16be", skip: 2 };
    const skip = starts(head, 0xef, 0xbb, 0xbf) ? 3 : 0;
    const bare = skip === 0 && bareUtf16(head);
    if (bare) return { encoding: bare, assumed: true, skip: 0 };

    let zero = false;
    const noZero = (chunk) => !(zero = chunk.includes(0));
    const failure = await firstFailure(blob, "utf-8", signal, noZero);
    if (zero) return { binary: "binary", skip: 0 };
    if (failure < 0) return { encoding: "utf-8", skip };
    for await (const chunk of chunksOf(blob, signal)) if (chunk.includes(0)) return { binary: "binary", skip: 0 };
    // A mark says UTF-8 whatever follows; without one the other encoding of Chinese files is tried.
    if (skip === 0 && (await firstFailure(blob, "gb18030", signal)) < 0)
        return { encoding: "gb18030", assumed: true, skip: 0 };
    return { encoding: "utf-8", lossy: true, skip };
}

/** The text as UTF-8. The same blob without its mark when it is UTF-8 already; else a converted one, made piece by piece. */
export async function toUtf8(blob, { encoding, skip, lossy }, { signal } = {}) {
    const text = skip > 0 ? blob.slice(skip) : blob;
    if (encoding === "utf-8" && !lossy) return text;
    const decoder = new TextDecoder(encoding);
    const encoder = new TextEncoder();
    const folded = [];
    let parts = [];
    let size = 0;
    const fold = () => {
        if (parts.length > 0) folded.push(new Blob(parts));
        parts = [];
        size = 0;
    };
    for await (const chunk of chunksOf(text, signal)) {
        const bytes = encoder.encode(decoder.decode(chunk, { stream: true }));
        parts.push(bytes);
        size += bytes.length;
        if (size >= FOLD) fold();
    }
    parts.push(encoder.encode(decoder.decode()));
    fold();
    return new Blob(folded);
}
