import { GIVEN, REMARKS, SURNAMES } from "../alimama/lead.mjs";
import { formatGmt8 } from "../gateway/time.mjs";
import { inventPhone } from "../phone.mjs";
import { createRandom } from "../random.mjs";

/** The sample request of the page, field by field and in its order. */
export const SAMPLE_LEAD = {
    area_name: "余杭区",
    customer_appointment: "2021-07-17 23:59:59",
    decoration_type: 2,
    channel: 0,
    city_code: "112900",
    base_extra: "扩展字段",
    remark: "备注",
    gmt_modified: "2021-07-17 23:59:59",
    province_code: 110002,
    street_name: "仓前街道",
    decoration_style: 3,
    city_name: "杭州",
    customer_budget: 1,
    extra: "{}",
    intended_category: 3,
    kf_name: "店小二",
    activity_id: 0,
    open_key: "43534cf9d5154543",
    decoration_stage: 3,
    seller_id: 0,
    store_id: 437763404,
    purchase_intention: 1,
    buyer_open_uid: "11111",
    address: "浙江杭州",
    openid: "11111",
    area_code: "112300",
    required_store: 437763404,
    kf_id: "99988787",
    street_code: "112860",
    province_name: "浙江",
    record_id: 371009,
    phone: "13567658911",
    customer_status: "0",
    name: "张三",
    gmt_appointment: "2021-07-17 23:59:59",
    order_num: "100000",
    taobao_nick: "张三淘宝",
    order_id: "100000",
};

/** Those the page calls Number; the others are String. */
export const NUMBER_FIELDS = Object.keys(SAMPLE_LEAD).filter((name) => typeof SAMPLE_LEAD[name] === "number");

// [province, city, area, street, province code, city code, area code, street code]: GB codes, as text for the last three.
const PLACES = [
    ["浙江", "杭州", "余杭区", "仓前街道", 330000, "330100", "330110", "330110012"],
    ["浙江省", "宁波市", "鄞州区", "下应街道", 330000, "330200", "330212", "330212003"],
    ["上海", "上海市", "浦东新区", "花木街道", 310000, "310100", "310115", "310115014"],
    ["广东省", "深圳市", "南山区", "粤海街道", 440000, "440300", "440305", "440305007"],
    ["浙江", "杭州", "余杭区", "仓前街道", 110002, "112900", "112300", "112860"], // the page's own codes: no division has them
];
const CHANNEL_NAMES = ["每平每屋", "天猫旗舰店", "量房活动", '"双11"会场', "微信\\/线下"];

/**
 * One invented lead of the seller, in the version asked for.
 * @param {{seed?: string, dirtyShare?: number, unknownShare?: number, sparseShare?: number, openKey?: string, sellerId?: string}} options
 * @param {{recordId: bigint, createdMs: number, version?: number}} which
 * @returns {object} every field of the page; 64-bit numbers as BigInt, times as GMT+8 text
 */
export function inventTmallLead(options, { recordId, createdMs, version = 1 }) {
    const {
        seed = "leadbridge",
        dirtyShare = 0.08,
        unknownShare = 0.1,
        sparseShare = 0.2,
        openKey = "43534cf9d5154543",
        sellerId = "2912754296",
    } = options;
    const random = createRandom(seed, "tmall", recordId);
    const enumeration = (most) => (random.chance(unknownShare) ? 90 + random.below(10) : random.below(most + 1));
    const [province_name, city_name, area_name, street_name, province_code, city_code, area_code, street_code] =
        random.pick(PLACES);
    const surname = random.pick(SURNAMES);
    const name = random.pick([`${surname}${random.pick(GIVEN)}`, `${surname}女士`, `${surname}**`]);
    const store = 437763404n + BigInt(random.below(5));
    const extra = random.pick([
        "{}",
        JSON.stringify({ channelName: random.pick(CHANNEL_NAMES) }),
        JSON.stringify({ channelName: "量房", houseArea: 89.5, tags: ["急", "旧房"] }),
    ]);
    const lead = {
        area_name,
        customer_appointment: formatGmt8(createdMs + 86_400_000 * (1 + random.below(9))),
        decoration_type: enumeration(3),
        channel: enumeration(5),
        city_code,
        base_extra: random.chance(0.5) ? random.bytes(24).toString("base64") : "扩展字段",
        remark: random.pick(["备注", ...REMARKS]),
        gmt_modified: formatGmt8(createdMs),
        province_code,
        street_name,
        decoration_style: enumeration(8),
        city_name,
        customer_budget: enumeration(5),
        extra,
        intended_category: enumeration(6),
        kf_name: "店小二",
        activity_id: 23423542525n + BigInt(random.below(3)),
        open_key: openKey,
        decoration_stage: enumeration(4),
        seller_id: BigInt(sellerId),
        store_id: store,
        purchase_intention: enumeration(3),
        buyer_open_uid: `AAH${random.token(21)}`,
        address: `${province_name}${city_name}${area_name}${1 + random.below(99)}号`,
        openid: `AAG${random.token(21)}`,
        area_code,
        required_store: store,
        kf_id: `999${random.digits(5)}`,
        street_code,
        province_name,
        record_id: BigInt(recordId),
        phone: inventPhone(random, dirtyShare),
        customer_status: String(enumeration(4)),
        name,
        gmt_appointment: formatGmt8(createdMs),
        order_num: random.digits(18),
        taobao_nick: `${name}淘宝`,
        order_id: random.digits(18),
    };
    if (random.chance(sparseShare)) {
        // every field is optional
        for (const field of [
            "order_num",
            "order_id",
            "kf_id",
            "kf_name",
            "street_name",
            "street_code",
            "remark",
            "activity_id",
        ]) {
            if (random.chance(0.5)) delete lead[field];
        }
    }
    if (version > 1) {
        Object.assign(lead, {
            gmt_modified: formatGmt8(createdMs + (version - 1) * 60_000),
            remark: `第${version}次跟进`,
            customer_status: String(version % 5),
        });
    }
    return lead;
}
