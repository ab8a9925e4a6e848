import { createHash } from "node:crypto";

/**
 * A small repeatable random source (sfc32), seeded by SHA-256 of the labels.
 * Everything the sandbox invents comes from here: same seed, same bytes, in every process.
 */
export function createRandom(...labels) {
    const digest = createHash("sha256").update(labels.map(String).join("\0")).digest();
    let [a, b, c, d] = [0, 4, 8, 12].map((at) => digest.readInt32LE(at));

    function next() {
        const sum = (a + b + d) | 0;
        d = (d + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (c << 21) | (c >>> 11);
        c = (c + sum) | 0;
        return sum >>> 0;
    }

    const below = (limit) => Math.floor((next() / 0x100000000) * limit);
    return {
        next,
        below,
        chance: (share) => next() / 0x100000000 < share,
        pick: (list) => list[below(list.length)],
        digits: (count) => Array.from({ length: count }, () => below(10)).join(""),
        bytes: (count) => Buffer.from(Array.from({ length: count }, () => next() & 0xff)),
        token: (count) =>
            Array.from({ length: count }, () => "abcdefghijklmnopqrstuvwxyz0123456789"[below(36)]).join(""),
    };
}
