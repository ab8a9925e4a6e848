// A `status` summary as the core gives it (obviously fake people), for the page and its screenshots.

export const NOW = Date.parse("2026-04-20T08:30:00Z");
const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString();

const NAMES = ["张测试", "李示例", "王样本", "赵假名", "欧阳虚构", "陈演示", "Test Person", "孙占位"];
const PLACES = [
    ["浙江省", "杭州市", "余杭区"],
    ["上海市", "上海市", "浦东新区"],
    ["广东省", "深圳市", "南山区"],
    ["四川省", "成都市", "武侯区"],
    ["内蒙古自治区", "呼和浩特市", "赛罕区"],
];
const FORMS = ["春季装修活动表单", "全屋定制 0 元设计", "到店礼预约"];

export const lead = (i, more = {}) => ({
    id: `alimama:acme:${221_985 + i}`,
    source: {
        platform: "alimama",
        name: "ads",
        account: "acme",
        lead_id: String(9_007_199_254_740_993n + BigInt(i)),
        version: 1,
        received_at: ago(i),
    },
    kind: "person",
    person: { name: NAMES[i % NAMES.length] },
    phones: [{ class: "mobile", masked: `138****00${String(i % 100).padStart(2, "0")}`, valid: true }],
    region: { province: PLACES[i % 5][0], city: PLACES[i % 5][1], district: PLACES[i % 5][2] },
    campaign: { id: "1", name: "四月家装推广计划" },
    form: { id: "2", name: FORMS[i % 3] },
    times: { submitted: { utc: ago(i * 7), raw: "" } },
    answers: [],
    extra: {},
    ...more,
});

const source = (more) => ({
    name: "ads",
    platform: "alimama",
    state: "ok",
    leads: 253,
    unread: 0,
    newest_at: ago(2),
    covered: [{ from: "0", to: "223245" }],
    gaps: [],
    complete_from: "0",
    parked_until: null,
    last_run: { at: ago(0.4), outcome: "ok", pages: 1, inserted: 3, updated: 1, unread: 0 },
    last_error: null,
    warning: null,
    drift: {},
    ...more,
});

export const healthy = () => ({
    job: "status",
    tenant: "acme",
    sources: [source()],
    leads: Array.from({ length: 12 }, (_, i) => lead(i)),
});

export const troubled = () => ({
    job: "status",
    tenant: "acme",
    sources: [
        source({
            state: "failed",
            unread: 170,
            covered: [
                { from: "9000", to: "223245" },
                { from: "0", to: "5000" },
            ],
            gaps: [{ after: "5000", before: "9000" }],
            last_error: {
                at: ago(1),
                code: "session_expired",
                reason: 'The session of source "ads" has expired (TOP code 27). Authorise the shop again and store the new session in TOP_SESSION.',
            },
            drift: { decoration_budget: 12, is_new_house: 3 },
        }),
        source({
            name: "scrm",
            platform: "tanma",
            state: "parked",
            leads: 12_480,
            parked_until: new Date(NOW + 540_000).toISOString(),
            covered: [{ from: "1700000000000", to: "1776672000000" }],
        }),
        source({
            name: "new_shop",
            platform: "tmall",
            state: "never_run",
            leads: 0,
            newest_at: null,
            covered: [],
            last_run: null,
        }),
    ],
    leads: [
        lead(0, { phones: [{ class: "encrypted", masked: "", valid: false }] }),
        lead(1, {
            phones: [
                { class: "landline", masked: "0571****8888", valid: true },
                { class: "mobile", masked: "139****0001", valid: true },
            ],
            is_test: true,
        }),
        lead(2, { person: {}, phones: [], region: { source_text: "浙江杭州文三路" } }),
        ...Array.from({ length: 6 }, (_, i) => lead(i + 3)),
    ],
});

export const misconfigured = () => ({
    job: "status",
    errors: [
        {
            path: "sources.ads.session",
            problem: "no value: the Worker secret TOP_SESSION is not set",
            fix: "run: npx wrangler secret put TOP_SESSION",
        },
        { path: "sources.ads.mobile_cypher", problem: "unknown key", fix: "did you mean mobile_cipher?" },
    ],
});
