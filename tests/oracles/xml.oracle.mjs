// XML is read or refused as expat does, and what is read is the same: a generated corpus, well-formed and damaged.
import { isDeepStrictEqual } from "node:util";
import { askNative, askPython } from "./ask.mjs";

const maybe = (random, share, text) => (random.chance(share) ? text : "");
const repeat = (random, most, make) => Array.from({ length: random.below(most + 1) }, make).join("");

const name = (random) => random.pick(["a", "b", "lead", "extend_list", "x-1", "n.2", "_u", "p:q", "名", "é", "A"]);
const space = (random) => random.pick([" ", " ", "\n", "\t", "\r\n", "  "]);
const reference = (random) =>
    random.pick([
        "&amp;",
        "&lt;",
        "&gt;",
        "&quot;",
        "&apos;",
        "&#65;",
        "&#x5f20;",
        "&#x1F600;",
        "&#9;",
        "&#10;",
        "&#xD;",
        "&#x7f;",
    ]);
const words = (random) =>
    random.pick(["x", "13800138000", "张三", " ", "\n  ", "a > b", "'q\"", "😀", "]]", "é", "\r\n", "0.5 ", "--"]);
const text = (random) => repeat(random, 3, () => (random.chance(0.3) ? reference(random) : words(random)));
const comment = (random) => `<!--${random.pick(["", " c ", "<a>&x;", "- -", "]]>"])}-->`;
const instruction = (random) =>
    `<?${random.pick(["pi", "xml-stylesheet", "名"])}${random.pick(["", " ", " a='?'", ' x="<&"'])}?>`;
const cdata = (random) => `<![CDATA[${random.pick(["", "<b>&amp;", "]]", "x]", " \r\n ", "张"])}]]>`;
const attribute = (random, i) => {
    const value = repeat(random, 2, () => random.pick([reference(random), "x", " ", "张", ">", "\n"]));
    const key = `${random.pick(["k", "名", "x:y"])}${i}`;
    const quoted = random.chance(0.5) ? `"${value}"` : `'${value.replaceAll("'", "")}'`;
    return `${space(random)}${key}${maybe(random, 0.1, " ")}=${maybe(random, 0.1, " ")}${quoted}`;
};
function element(random, depth) {
    const tag = name(random);
    const attributes = random.chance(0.7)
        ? ""
        : Array.from({ length: random.below(4) }, (_, i) => attribute(random, i)).join("");
    const head = `<${tag}${attributes}${maybe(random, 0.1, space(random))}`;
    if (random.chance(0.15)) return `${head}/>`;
    const inner = () =>
        random.pick([
            () => text(random),
            () => text(random),
            () => comment(random),
            () => cdata(random),
            () => instruction(random),
            ...Array(depth > 0 ? 5 : 0).fill(() => element(random, depth - 1)),
        ])();
    return `${head}>${repeat(random, 4, inner)}</${tag}${maybe(random, 0.1, space(random))}>`;
}
const declaration = (random) =>
    random.pick([
        '<?xml version="1.0"?>',
        '<?xml version="1.0" encoding="utf-8" ?>',
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>",
        '<?xml version = "1.0"\n encoding="UTF-8"?>',
        '<?xml version="1.0" standalone="no" ?>',
    ]);
const misc = (random) => repeat(random, 2, () => random.pick([space(random), comment(random), instruction(random)]));
const whole = (random) =>
    maybe(random, 0.05, "\ufeff") +
    maybe(random, 0.6, declaration(random)) +
    misc(random) +
    element(random, 4) +
    misc(random);

/** What people and programs do wrong, each in a document that is right otherwise. */
const FAULTS = {
    "junk around the root": (random) =>
        random.pick([
            (d) => `x${d}`,
            (d) => `${d}x`,
            (d) => `${d}${d}`,
            (d) => `${d}</a>`,
            (d) => `&amp;${d}`,
            (d) => `${d}&#32;`,
            (d) => `${d}<![CDATA[x]]>`,
            (d) => `<![CDATA[]]>${d}`,
            (d) => `${d}\u00a0`,
            (d) => ` \n${d}`,
            (d) => `{"a":1}${d}`,
            (d) => `${d}<`,
        ]),
    "broken declarations": (random) => () =>
        random.pick([
            "<?xml?>",
            '<?xml version="1.0">',
            "<?xml version=1.0?>",
            '<?xml encoding="utf-8"?>',
            '<?xml version="1.0"encoding="utf-8"?>',
            '<?xml version="1.0" encoding=""?>',
            '<?xml version="1.0" standalone="maybe"?>',
            '<?xml version="1.0" x="1"?>',
            '<?XML version="1.0"?>',
            '<?xml version="1.0" standalone="yes" encoding="utf-8"?>',
            '<!-- c --><?xml version="1.0"?>',
            '<?xml version="1.0" ? >',
            '<?xml version="1.0"?',
            '<?xml version="1.0" version="1.0"?>',
            '<? xml version="1.0"?>',
            "<?xml version=\"1.0'?>",
            '<?xml version="1.0" encoding="-8"?>',
            '<?xml  version="1.0" encoding="utf-8" ?>',
            '<?xmlversion="1.0"?>',
            "<??>",
            "<?a",
            '<?xml version=""?>',
        ]) + "<r>1</r>",
    "entities and references": (random) => () => {
        const bad = random.pick([
            "&nbsp;",
            "&x;",
            "&;",
            "&",
            "& ",
            "&#;",
            "&#x;",
            "&#0;",
            "&#1;",
            "&#x1F;",
            "&#11;",
            "&#xD800;",
            "&#xFFFE;",
            "&#xFFFF;",
            "&#x110000;",
            "&#99999999999999999999;",
            "&#12a;",
            "&#xg;",
            "&amp",
            "&AMP;",
            "&#X41;",
            "& amp;",
            "&amp ;",
            "&#-1;",
            "&#8;",
            "&#x20;",
            "&lt;&gt",
        ]);
        return random.pick([
            (t) => `<r>${t}</r>`,
            (t) => `<r a="${t}"/>`,
            (t) => `<r><a b='x${t}'>1</a></r>`,
            (t) => `<r><![CDATA[${t}]]></r>`,
            (t) => `<r><!--${t}--></r>`,
            (t) => `<r>x${t}y<a/></r>`,
        ])(bad);
    },
    "tags and attributes": (random) => () =>
        random.pick([
            '<r a="1"b="2"/>',
            "<r a=1/>",
            "<r a/>",
            '<r a="1" a="2"/>',
            '<r a="<"/>',
            '<r a="1/>',
            "<r 1='a'/>",
            "<r a = '1' />",
            "<r><a></r></a>",
            "< r/>",
            "<r / >",
            "<r/ >",
            "</r>",
            "<r></r",
            "<r",
            "<r></ r>",
            "<r></r >",
            "<r><></r>",
            "<1/>",
            "<-a/>",
            "<.a/>",
            "<a:b/>",
            "<:/>",
            "<r a='\"'/>",
            "<r a:b='1' b='2'/>",
            "<r><a</r>",
            "<r><!a></r>",
            "<r><!DOCTYPE a></r>",
            "<r\u00a0a='1'/>",
            "<r·/>",
            "<·r/>",
            "<r\u3000/>",
            "<r a='1'\u3000b='2'/>",
            "<r a=''/>",
            '<r a="a\nb"/>',
            "<R></r>",
            "<r>x</r><!-- -->",
            "<r ='1'/>",
            "<r a=='1'/>",
            "<r,/>",
            "<r a,='1'/>",
            "<r/></r>",
        ]),
    "comments, instructions, CDATA": (random) => () =>
        random.pick([
            "<r><!-- -- --></r>",
            "<r><!--- --></r>",
            "<r><!-- ---></r>",
            "<r><!-->--></r>",
            "<r><!-- </r>",
            "<r><!- x --></r>",
            "<r><![CDATA[x</r>",
            "<r><![CDATA[x]]</r>",
            "<r>x]]></r>",
            "<r><![cdata[x]]></r>",
            "<r><?xml x?></r>",
            "<r><?XmL x?></r>",
            "<r><? x?></r>",
            "<r><?p x</r>",
            "<r><?p?></r>",
            "<r><?p:q?></r>",
            "<r><?xmlx?></r>",
            "<r><![CDATA[]]]]><![CDATA[>]]></r>",
            "<r>]]</r>",
            "<r>]]&gt;</r>",
            "<r><?p/?></r>",
            "<!--->--><r/>",
            "<r><!----></r>",
            "<r><![CDATA[]]></r>",
            "<r><!--x--y--></r>",
            "<r/><!--",
            "<r/><?p",
            "<!-- c --",
            "<?p ?",
            "<r><![CDATA[\u0001]]></r>",
            "<r><?p \u0001?></r>",
        ]),
    characters: (random) => () => {
        const bad = random.pick([
            "\u0001",
            "\u0008",
            "\u000b",
            "\u000c",
            "\u001f",
            "\ufffe",
            "\uffff",
            "\u007f",
            "\u0085",
            "\ufffd",
            "\u2028",
            "\u{10ffff}",
            "\0",
            "\ufeff",
        ]);
        return random.pick([
            (t) => `<r>${t}</r>`,
            (t) => `<r a="${t}"/>`,
            (t) => `<r><!--${t}--></r>`,
            (t) => `${t}<r/>`,
            (t) => `<r/>${t}`,
            (t) => `<r${t}/>`,
        ])(bad);
    },
};

function damaged(random) {
    let bytes = Buffer.from(whole(random));
    for (let n = 1 + random.below(3); n > 0; --n) {
        const at = random.below(bytes.length);
        const put = random.chance(0.3)
            ? random.bytes(1)
            : Buffer.from(random.pick([..."<>/&;\"'=!?-[] x#\n\t", "]]>", "--", "<!--", "&#", "</", "/>"]));
        bytes = Buffer.concat([
            bytes.subarray(0, at),
            random.chance(0.7) ? put : Buffer.alloc(0),
            bytes.subarray(at + random.below(3)),
        ]);
    }
    return bytes;
}
const cut = (random) => {
    const bytes = Buffer.from(whole(random));
    return bytes.subarray(0, random.below(bytes.length));
};

const classes = [
    ["well-formed", 30, whole],
    ["damaged", 25, damaged],
    ["cut", 5, cut],
    ...Object.entries(FAULTS).map(([title, make]) => [title, 6, (random) => make(random)(element(random, 2))]),
];

export default {
    judge: "expat (through Python)",
    sizes: { full: 100_000, sample: 4_000 },
    async ask(tally, { count, random }) {
        for (const [title, weight, make] of classes) {
            const inputs = Array.from({ length: Math.ceil((count * weight) / 100) }, () => Buffer.from(make(random)));
            const [ours, theirs] = [await askNative("xml", inputs), await askPython("expat.py", inputs)];
            inputs.forEach((bytes, i) => {
                const [came, wanted] = [ours[i], theirs[i]];
                const read = came.error === undefined;
                const same =
                    read === wanted.accepts &&
                    (!read || (came.root === wanted.root && isDeepStrictEqual(JSON.parse(came.text), wanted.value)));
                const placed =
                    read ||
                    / at line \d+, column \d+: ./.test(came.reason) ||
                    /^xml_(empty|not_utf8)$/.test(came.error);
                tally.add(
                    title,
                    same && placed,
                    { text: bytes.toString(), came, wanted },
                    same ? undefined : listed(bytes.toString(), came, wanted),
                );
            });
        }
    },
};

/** What expat does otherwise, on purpose. */
function listed(text, came, wanted) {
    if (came.error === "xml_dtd" && wanted.dtd) return "a DTD is refused here";
    if (came.error && wanted.accepts && /^\ufeff?<\?xml\s+version\s*=\s*(["'])(?!1\.\d+\1)/.test(text))
        return "expat does not look at the version's number, which must be 1.x here";
    if (!came.error && !wanted.accepts && /<\/?[^\s<>=&]*[^\x00-\x7f\u4e00-\u9fa5\u00c0-\u00ff]/u.test(text))
        return "names by XML's fifth edition here, by its fourth in expat";
    return undefined;
}
