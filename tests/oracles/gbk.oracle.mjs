// GBK: every pair of bytes, and texts of them, as Debian's iconv reads them.
import { spawnSync } from "node:child_process";
import { askNative } from "./ask.mjs";

/** What iconv makes of each input, one a line; what it cannot read it leaves out. */
function iconv(inputs) {
    const input = Buffer.concat(inputs.flatMap((bytes) => [bytes, Buffer.from("\n")]));
    const { stdout, error } = spawnSync("iconv", ["-c", "-f", "CP936", "-t", "UTF-8"], { input, maxBuffer: 1 << 28 });
    if (error) throw error;
    return stdout.toString().split("\n").slice(0, -1);
}

const pairs = [];
for (let lead = 0x81; lead <= 0xfe; ++lead)
    for (let trail = 0x40; trail <= 0xfe; ++trail) if (trail !== 0x7f) pairs.push(Buffer.from([lead, trail]));

const oneCharacter = (text) => [...text].length === 1 && text > "\x7f";

export default {
    judge: "iconv (CP936)",
    sizes: { full: 200_000, sample: 5_000 },
    async ask(tally, { count, random }) {
        const characters = iconv(pairs);
        const known = pairs.filter((_, i) => oneCharacter(characters[i]));
        (await askNative("gbk", pairs)).forEach((came, i) => {
            const wanted = characters[i];
            const [name, same] = oneCharacter(wanted)
                ? ["pairs that iconv knows", came === wanted]
                : ["pairs that it does not", came.startsWith("\ufffd")];
            let own;
            if (/^[\ue000-\uf8ff]$/.test(came)) own = "user-defined characters have a private code point here";
            if (came === "\u20ac") own = "A2E3, empty there, is the euro sign here and in Java";
            tally.add(name, same, { bytes: pairs[i].toString("hex"), came, wanted }, own);
        });
        const piece = () =>
            random.chance(0.8)
                ? random.pick(known)
                : Buffer.from(random.pick(["a", "1", " ", ",", "~", "&", "=", "0"]));
        const texts = Array.from({ length: count }, () =>
            Buffer.concat(Array.from({ length: 1 + random.below(12) }, piece)),
        );
        const wanted = iconv(texts);
        (await askNative("gbk", texts)).forEach((came, i) => {
            tally.add("texts", came === wanted[i], { bytes: texts[i].toString("hex"), came, wanted: wanted[i] });
        });
    },
};
