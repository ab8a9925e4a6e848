// What the buttons of the empty page open: the platforms' documented samples, and invented leads in numbers. Nobody real is in them.

const ALIMAMA = {
    mama_crm_lead_list_response: {
        result_data: {
            result: [
                {
                    seller_nick: "XX****旗舰店",
                    gmt_modified: 1694076956000,
                    mm_src_cname: "淘积木其他",
                    lead_time: "2022-05-03 17:44:28",
                    seller_user_id: 999999999,
                    page_id: 5314456,
                    gmt_create: 1694076956000,
                    page_name: "新半价2",
                    name: "**三",
                    store_name: "测试店铺名",
                    id: 221985,
                    location_code: "111",
                    extend_list: { lead_extend_d_t_o: [{ label: "性别", code: "sex", value: "男" }] },
                    location: "xx省xx市xx县",
                    mobile: "Pci/6KXfTwzSw1GxkcpNePH4Ple2jKPKfDu3df3cXs3ISFXyxkp/73vvRgVBSvCRCfdSMCL1Fkz8yNyYTu0avTW28ISVQmf+E8WdiYmGfNCRpisEeZvY9dM7eFL930snpMl3IjQZxHpIeZm+wCOtc07I5vaogqMKQ7Ejn9MSXVE=",
                },
            ],
        },
        result_ok: true,
    },
};

const TMALL = {
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

const fieldsOf = (values) =>
    Object.entries(values).map(([field, [type, valueAsText]]) => ({ field, type, valueAsText }));
const TANMA = {
    code: 0,
    message: "ok",
    data: {
        list: [
            {
                customerId: 410983932389440,
                isClue: false,
                type: 1,
                fields: fieldsOf({
                    customer_source: [2, null],
                    description: [1, "u 诶IE"],
                    mobile: [8, '["145678388"]'],
                    address: [1, null],
                    birthday: [3, null],
                    corp_name: [1, null],
                    name: [1, "打马赛克就"],
                    purchase_intention: [2, null],
                    gender: [2, null],
                    customer_stage: [2, "396823724189760"],
                }),
                tagIds: [],
                createTime: "2021-05-11 15:15:48",
                lastUpdateTime: "2021-05-11 15:15:48",
            },
            {
                customerId: 410984073320512,
                isClue: false,
                type: 2,
                fields: fieldsOf({
                    customer_source: [2, null],
                    description: [1, "大家看打开"],
                    mobile: [8, '["17893883939"]'],
                    address: [1, null],
                    birthday: [3, null],
                    corp_name: [1, null],
                    name: [1, null],
                    purchase_intention: [2, null],
                    gender: [2, null],
                    customer_stage: [2, "401244899840064"],
                }),
                tagIds: ["etvRo3DwAA7XiFifIv16YLb67KkCx9Ow", "etvRo3DwAAum4AEpERyhywF2pdCA5JwQ"],
                createTime: "2021-05-11 15:16:57",
                lastUpdateTime: "2021-05-11 19:58:21",
                companyInfo: { id: 410948476397632, name: "uuu" },
            },
        ],
        nextCursor: "AAAAAGCaL2kAAAAAAAAAAAAAAAAAAAn8",
    },
};

const clue = (id, distribute_did, cid, first_push_time) => ({
    id,
    status: 0,
    distribute_did,
    z_role: 1,
    zid: 0,
    z_name: "",
    z_mobile: "",
    cid,
    worktable_count: 2,
    first_push_time,
    last_order_time: 0,
    order_time_lag: 0,
    intention_level: "",
    intention_city_cn: "",
    intention_district: "",
    intention_hid: 0,
    intention_house_city_en: "",
    purpose: "",
    intention_house_type: "",
    intention_area: "",
    house_num: "",
    payment_capacity: 0,
    budget: "",
    created_time: "2021-12-23 14:47:45",
    updated_time: null,
});
const ETC = {
    qmMessage: "Success",
    data: JSON.stringify([clue(215, 94836, 86647, 1631104923), clue(239, 94728, 99946, 1630998422)]),
    qmCode: "200",
    status: "1",
};

const OUTINVEST = [
    {
        id: 64,
        store_id: 3,
        storeName: "222333444555666777",
        aliDayTSendRate: 2,
        aliDayTcSend: 2,
        aliDayTnSend: 1,
        aliOrderTSendRate: 1,
        aliOrderTcSend: 1,
        aliOrderTnSend: 1,
        aliUv: 1,
        allLzSendRate: 1,
        allLzcSend: 1,
        allLznSend: 1,
        businessType: 1,
        createTime: "2022-03-31 21:23:12",
        fcDayTSendRate: 1,
        fcDayTcSend: 1,
        fcDayTnSend: 1,
        fcLzSendRate: 1,
        fcLzcSend: 1,
        fcLznSend: 1,
        fcOrderTSendRate: 1,
        fcOrderTcSend: 1,
        fcOrderTnSend: 1,
        fcUv: 1,
        replyImAll: 1,
        replyImRate: 0,
        sendImAll: 1,
        statisticsDate: "2022-04-02",
        totalCSend: 1,
        totalDayTSendRate: 1,
        totalDayTcSend: 1,
        totalDayTnSend: 1,
        totalNSend: 11,
        totalSendRate: 0,
        totalUv: 1,
        updateTime: "2022-03-31 21:23:12",
    },
];

// ---- many --------------------------------------------------------------------------------------------------------------------

const PLACES = [
    ["浙江", "杭州", "余杭区"],
    ["浙江", "宁波", "鄞州区"],
    ["江苏", "南京", "江宁区"],
    ["江苏", "苏州", "昆山市"],
    ["广东", "广州", "天河区"],
    ["广东", "深圳", "南山区"],
    ["四川", "成都", "武侯区"],
    ["湖北", "武汉", "洪山区"],
    ["上海", "上海", "浦东新区"],
    ["北京", "北京", "朝阳区"],
    ["福建", "厦门", "思明区"],
    ["陕西", "西安", "雁塔区"],
];
const SURNAMES = [..."王李张刘陈杨黄赵周吴徐孙"];
const GIVEN = [..."伟芳娜敏静强磊洋艳杰三四"];

/** About `count` invented leads of three platforms over four weeks, some people in more than one. NDJSON. */
export function inventMany(count, now = Date.now()) {
    let seed = 20260302;
    const next = (below) => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor((seed / 4294967296) * below);
    };
    const pick = (list) => list[next(list.length)];
    const text = (ms) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 19).replace("T", " ");
    const lines = [];
    const people = [];
    for (let i = 0; i < count; i++) {
        // More in the evening and at noon, fewer at night; the newest weeks bring more.
        const ago = Math.floor(28 * (next(1000) / 1000) ** 1.4);
        const hour = pick([
            9, 10, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 20, 21, 21, 21, 22, 22, 23, 0, 7, 8,
        ]);
        const midnight = Math.floor((now + 8 * 3600_000) / 86_400_000) * 86_400_000 - 8 * 3600_000;
        const at = midnight - (ago + 1) * 86_400_000 + hour * 3600_000 + next(3600) * 1000;
        const known = people.length > 50 && next(100) < 9;
        const person = known
            ? pick(people)
            : {
                  name: pick(SURNAMES) + pick(GIVEN) + (next(3) ? pick(GIVEN) : ""),
                  phone: `1${pick(["38", "39", "58", "77", "86"])}${String(next(100_000_000)).padStart(8, "0")}`,
              };
        if (!known) people.push(person);
        const [province_name, city_name, area_name] = pick(PLACES);
        const kind = next(10);
        if (kind < 5) {
            lines.push({
                record_id: 371009 + i,
                seller_id: 2912754296,
                name: person.name,
                phone: person.phone,
                province_name,
                city_name,
                area_name,
                gmt_appointment: text(at),
                gmt_modified: text(at),
                channel: next(4),
                store_id: pick([437763404, 437763405, 437763411]),
                activity_id: pick([23423542525, 23423542526, 23423542530]),
                customer_status: "0",
                decoration_stage: next(4),
                customer_budget: next(5),
                purchase_intention: next(3),
                remark: pick(["", "", "", "周末联系", "已量房"]),
            });
        } else if (kind < 8) {
            lines.push({
                id: 221985 + i * 3,
                seller_nick: "XX****旗舰店",
                seller_user_id: 999999999,
                gmt_create: at + 1000 * (1 + next(40) * next(40)),
                gmt_modified: at + 2_000_000,
                lead_time: text(at),
                mm_src_cname: pick(["淘积木其他", "万相台", "直通车", "品销宝"]),
                ...pick([
                    { page_id: 5314456, page_name: "新半价2" },
                    { page_id: 5314470, page_name: "0元设计" },
                    { page_id: 5320018, page_name: "预约量房" },
                ]),
                name: person.name,
                store_name: pick(["测试店铺名", "测试二店"]),
                location: `${province_name}省${city_name}市${area_name}`.replace(/^(上海|北京)省(上海|北京)市/, "$1市"),
                location_code: "330110",
                mobile: person.phone,
                extend_list: [{ label: "性别", code: "sex", value: pick(["男", "女"]) }],
            });
        } else {
            lines.push({
                customerId: 410983932389440 + i,
                isClue: true,
                type: 1,
                fields: fieldsOf({
                    name: [1, person.name],
                    mobile: [8, JSON.stringify([person.phone])],
                    address: [1, `${province_name}省${city_name}市${area_name}`],
                    description: [1, pick([null, "企微添加", "电话未接"])],
                    gender: [2, null],
                }),
                tagIds: [],
                createTime: text(at),
                lastUpdateTime: text(at + 60_000),
            });
        }
    }
    return lines.map((line) => JSON.stringify(line)).join("\n");
}

/** [name of the platform, file name, content] */
export const SAMPLES = [
    ["tmall", "tmall.json", () => JSON.stringify(TMALL)],
    ["alimama", "alimama.json", () => JSON.stringify(ALIMAMA)],
    ["tanma", "tanma.json", () => JSON.stringify(TANMA)],
    ["etc", "etc.json", () => JSON.stringify(ETC)],
    ["outinvest", "outinvest.json", () => JSON.stringify(OUTINVEST)],
];
