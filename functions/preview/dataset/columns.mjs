// Growing typed columns: what a row of the dataset costs is a few dozen bytes, not an object.

const FIRST = 1024;

function grow(array, size) {
    if (size <= array.length) return array;
    const bigger = new array.constructor(Math.max(size, array.length * 2));
    bigger.set(array);
    return bigger;
}

/** Numbers of one typed array kind; what was never set is `none`. */
export function numberColumn(Kind, none = 0) {
    let values = new Kind(FIRST).fill(none);
    return {
        get: (row) => values[row],
        set(row, value) {
            if (row >= values.length) {
                const from = values.length;
                values = grow(values, row + 1);
                if (none !== 0) values.fill(none, from);
            }
            values[row] = value;
        },
        get values() {
            return values;
        },
        get bytes() {
            return values.byteLength;
        },
    };
}

/** Texts that repeat: a code per row, 0 = none. */
export function codeColumn() {
    const codes = numberColumn(Uint32Array);
    const names = [""];
    const known = new Map([["", 0]]);
    let ranked = null;
    return {
        names,
        codeOf: (text) => known.get(text),
        code(text) {
            let code = known.get(text);
            if (code === undefined) {
                code = names.push(text) - 1;
                known.set(text, code);
            }
            return code;
        },
        set(row, text) {
            codes.set(row, this.code(text));
        },
        get: (row) => names[codes.get(row)],
        codeAt: (row) => codes.get(row),
        get values() {
            return codes.values;
        },
        /** Position of every code in the order of `collator`; none comes out as NaN. */
        ranks(collator) {
            if (ranked?.length === names.length) return ranked;
            const order = names
                .map((_, code) => code)
                .slice(1)
                .sort((a, b) => collator.compare(names[a], names[b]));
            ranked = new Float64Array(names.length).fill(NaN);
            order.forEach((code, rank) => (ranked[code] = rank));
            return ranked;
        },
        get bytes() {
            return codes.bytes + names.reduce((sum, name) => sum + 2 * name.length + 48, 0);
        },
    };
}

const PAGE_BITS = 20;
const PAGE = 1 << PAGE_BITS;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Texts that do not repeat: UTF-8 in pages. Overwriting leaves the old bytes behind. */
export function textColumn({ longest = 1 << 16 } = {}) {
    const starts = numberColumn(Float64Array);
    const lengths = numberColumn(Uint32Array);
    const pages = [];
    let used = PAGE + 1;
    const view = (row) => {
        const start = starts.get(row);
        const offset = start % PAGE;
        return pages.length === 0
            ? new Uint8Array(0)
            : pages[(start - offset) / PAGE].subarray(offset, offset + lengths.get(row));
    };
    return {
        set(row, text) {
            const short = text.length > longest ? text.slice(0, longest) : text;
            if (used + short.length * 3 > PAGE) {
                pages.push(new Uint8Array(PAGE));
                used = 0;
            }
            const { written } = encoder.encodeInto(short, pages.at(-1).subarray(used));
            starts.set(row, (pages.length - 1) * PAGE + used);
            lengths.set(row, written);
            used += written;
        },
        get: (row) => decoder.decode(view(row)),
        view,
        /** Whether the row's text contains `needle` (UTF-8 bytes). */
        has(row, needle) {
            const start = starts.get(row);
            const offset = start % PAGE;
            const page = pages[(start - offset) / PAGE];
            const first = needle[0];
            const size = needle.length;
            for (let i = offset, end = offset + lengths.get(row) - size; i <= end; i++) {
                if (page[i] !== first) continue;
                let k = 1;
                while (k < size && page[i + k] === needle[k]) k++;
                if (k === size) return true;
            }
            return false;
        },
        get bytes() {
            return pages.length * PAGE + starts.bytes + lengths.bytes;
        },
    };
}

/** Rows found by a text, compared by what `same` says when two hashes agree. */
export function hashIndex() {
    let table = new Int32Array(FIRST * 2); // row + 1
    const hashes = numberColumn(Uint32Array);
    let count = 0;
    const place = (row) => {
        let at = hashes.get(row) & (table.length - 1);
        while (table[at] !== 0) at = (at + 1) & (table.length - 1);
        table[at] = row + 1;
    };
    return {
        find(text, same) {
            const hash = hashOf(text);
            for (let at = hash & (table.length - 1); table[at] !== 0; at = (at + 1) & (table.length - 1)) {
                const row = table[at] - 1;
                if (hashes.get(row) === hash && same(row)) return row;
            }
            return -1;
        },
        add(text, row) {
            hashes.set(row, hashOf(text));
            if (++count * 2 > table.length) {
                table = new Int32Array(table.length * 2);
                for (let each = 0; each < row; each++) place(each);
            }
            place(row);
        },
        get bytes() {
            return table.byteLength + hashes.bytes;
        },
    };
}

function hashOf(text) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) >>> 0;
}

/** Gives every distinct number a group, NaN none: {of: Int32Array (-1 = none), count}. */
export function groupNumbers(values, size) {
    let bits = 10;
    while (1 << bits < size * 2) bits++;
    const mask = (1 << bits) - 1;
    const keys = new Float64Array(mask + 1).fill(NaN);
    const ids = new Int32Array(mask + 1);
    const of = new Int32Array(size).fill(-1);
    let count = 0;
    for (let row = 0; row < size; row++) {
        const value = values[row];
        if (Number.isNaN(value)) continue;
        const low = value % 4294967296;
        let at =
            (Math.imul(low | 0, 0x9e3779b1) ^ Math.imul(Math.floor(value / 4294967296) | 0, 0x85ebca6b)) >>>
            (32 - bits);
        while (!Number.isNaN(keys[at]) && keys[at] !== value) at = (at + 1) & mask;
        if (Number.isNaN(keys[at])) {
            keys[at] = value;
            ids[at] = count++;
        }
        of[row] = ids[at];
    }
    return { of, count };
}
