import { formatGmt8 } from "../gateway/time.mjs";
import { inventPhone } from "../phone.mjs";

export const SURNAMES = [..."王李张刘陈杨黄赵周吴徐孙"];
export const GIVEN = [..."三四伟芳娜敏静强磊洋艳杰"];
const CHANNELS = ["淘积木其他", "万相台", "直通车", "品销宝", "超级直播"];
const PAGES = [
    [5314456n, "新半价2"],
    [5314470n, "0元设计"],
    [5320018n, "预约量房"],
    [5331207n, "到店有礼"],
];
/** [name as written, its code] */
export const PLACES = [
    ["北京市朝阳区", "110105"],
    ["上海市浦东新区", "310115"],
    ["重庆市渝北区", "500112"],
    ["天津市南开区", "120104"],
    ["浙江省杭州市余杭区", "330110"],
    ["浙江省宁波市鄞州区", "330212"],
    ["江苏省南京市江宁区", "320115"],
    ["江苏省苏州市昆山市", "320583"],
    ["广东省广州市天河区", "440106"],
    ["广东省深圳市南山区", "440305"],
    ["四川省成都市武侯区", "510107"],
    ["湖北省武汉市洪山区", "420111"],
    ["湖南省长沙市岳麓区", "430104"],
    ["福建省厦门市思明区", "350203"],
    ["陕西省西安市雁塔区", "610113"],
    ["山东省青岛市市南区", "370202"],
    ["河南省郑州市金水区", "410105"],
    ["辽宁省大连市中山区", "210202"],
    ["新疆维吾尔自治区乌鲁木齐市天山区", "650102"],
    ["广西壮族自治区南宁市青秀区", "450103"],
    ["海南省三亚市吉阳区", "460203"],
    ["xx省xx市xx县", "111"],
];
export const REMARKS = [
    "周末联系😀",
    '"急"',
    "<3万&包安装>",
    "微信\\/电话",
    "三口之家👨‍👩‍👧",
    "第一行\n第二行",
    "it's ok",
    "单价/平米?",
    "]]>",
    "𠮷先生",
];

/**
 * The fields of one lead, from its own random source.
 * @returns {{fields: object, mobilePlain: string}} fields: ids as BigInt, dates as epoch ms, extend_list as a plain array, no mobile
 */
export function inventLead({ id, createdMs, random, options }) {
    const mobilePlain = inventPhone(random, options.dirtyShare);
    const [page_id, page_name] = random.pick(PAGES);
    const [location, location_code] = random.pick(PLACES);
    const extend_list = [];
    if (random.chance(0.35)) extend_list.push({ label: "性别", code: "sex", value: random.pick(["男", "女"]) });
    if (random.chance(0.12))
        extend_list.push({
            label: "预算",
            code: "budget",
            value: random.pick(["5-10万", "10-20万", ">20万"]),
        });
    if (random.chance(0.1))
        extend_list.push({
            label: "期望时间",
            code: "time",
            value: random.pick(["1个月内", "3个月内", "随时"]),
        });
    if (random.chance(0.15)) extend_list.push({ label: "备注", code: "remark", value: random.pick(REMARKS) });
    const fields = {
        seller_nick: options.seller.nick,
        gmt_modified: createdMs,
        mm_src_cname: random.pick(CHANNELS),
        lead_time: createdMs - 1000 * random.below(4), // submitted a moment before it was stored
        seller_user_id: BigInt(options.seller.userId),
        page_id,
        gmt_create: createdMs,
        page_name,
        name: random.pick([
            `**${random.pick(GIVEN)}`,
            `*${random.pick(GIVEN)}`,
            `${random.pick(SURNAMES)}**`,
            `${random.pick(SURNAMES)}女士`,
        ]),
        store_name: options.seller.storeName,
        id,
        location_code,
        extend_list,
        location,
    };
    return { fields, mobilePlain };
}

/** A date as the account shows it: `ms` is the documented sample (gmt_* in ms, lead_time as text). */
export function showDate(name, ms, style) {
    if (style === "text" || (style === "ms" && name === "lead_time")) return formatGmt8(ms);
    return style === "numeric_text" ? String(ms) : ms;
}
