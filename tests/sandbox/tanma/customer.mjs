import { GIVEN, PLACES, REMARKS, SURNAMES } from "../alimama/lead.mjs";
import { formatGmt8 } from "../gateway/time.mjs";
import { inventPhone } from "../phone.mjs";

/** Items of the choice fields: what an operator maps to labels. */
export const FIELD_OPTIONS = {
    gender: { 0: "其它", 1: "男", 2: "女" },
    customer_stage: { 396823724189760: "初次沟通", 401244899840064: "已到店", 401244899840065: "已成交" },
    customer_source: { 4: "官网", 7: "展会", 396823724189761: "老客户介绍" },
    purchase_intention: { 1: "高", 2: "中", 3: "低" },
    needs: { 11: "全屋定制", 12: "橱柜", 13: "软装" },
};

/**
 * One customer from its own random source.
 * @returns {{customer: object, phones: string[]}} customer: as the list shows it, ids as BigInt
 */
export function inventCustomer({ customerId, createdMs, random, options }) {
    const type = random.chance(options.companyShare) ? 2 : 1;
    const phones = random.chance(0.12) ? [] : [inventPhone(random, options.dirtyShare)];
    if (phones.length > 0 && random.chance(0.08)) phones.push(inventPhone(random, options.dirtyShare));
    const mobile = phones.length > 0 ? JSON.stringify(phones) : random.pick([null, "[]"]);
    const choice = (field, share) => (random.chance(share) ? random.pick(Object.keys(FIELD_OPTIONS[field])) : null);
    const maybe = (share, value) => (random.chance(share) ? value : null);

    const fields = [
        ["customer_source", 2, choice("customer_source", 0.5)],
        ["description", 1, maybe(0.5, random.pick(REMARKS))],
        ["mobile", 8, mobile],
        ["address", 1, maybe(0.5, random.pick(PLACES)[0])],
        ["birthday", 3, maybe(0.2, `19${70 + random.below(30)}-0${1 + random.below(9)}-1${random.below(10)}`)],
        ["corp_name", 1, type === 2 ? `示例家居${random.below(100)}有限公司` : null],
        ["name", 1, maybe(0.9, `${random.pick(SURNAMES)}${random.pick(GIVEN)}`)],
        ["purchase_intention", 2, choice("purchase_intention", 0.3)],
        ["gender", 2, choice("gender", 0.7)],
        ["customer_stage", 2, choice("customer_stage", 0.8)],
    ];
    if (random.chance(0.3)) fields.push(["budget", 4, random.pick(["80000", "120000.50", "9007199254740993"])]);
    if (random.chance(0.2)) fields.push(["remark", 5, "第一行\n第二行"]);
    if (random.chance(0.2)) fields.push(["needs", 6, JSON.stringify(["11", "13"].slice(0, 1 + random.below(2)))]);
    if (random.chance(0.2)) fields.push(["visit_time", 7, formatGmt8(createdMs + 86_400_000)]);
    if (random.chance(options.unknownShare)) fields.push(["custom_36", 9, random.pick(["x", '{"a":1}', null])]);

    const time = formatGmt8(createdMs);
    const customer = {
        customerId,
        isClue: random.chance(0.6),
        type,
        fields: fields.map(([field, code, valueAsText]) => ({ field, type: code, valueAsText })),
        tagIds: random.chance(0.4)
            ? [`etvRo3DwAA${random.token(22)}`, `etvRo3DwAA${random.token(22)}`].slice(0, 1 + random.below(2))
            : [],
        createTime: time,
        lastUpdateTime: time,
        companyInfo: type === 2 ? { id: 410948476397632n + BigInt(random.below(1000)), name: fields[5][2] } : undefined,
    };
    if (random.chance(options.unknownShare)) customer.salesId = random.pick([443534750715968n, null]);
    return { customer, phones };
}
