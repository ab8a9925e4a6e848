import { CIPHERS } from "./alimama/cipher.mjs";
import { ERROR_STYLES, ETC_DEFAULTS } from "./etc/gateway.mjs";
import { OUTINVEST_DEFAULTS, REFUSE_OPS } from "./outinvest/data_back.mjs";
import { END_RULES, TANMA_DEFAULTS } from "./tanma/api.mjs";
import { TMALL_DEFAULTS } from "./tmall/account.mjs";

/** Every option with its default. All credentials here are fake. */
export const DEFAULTS = {
    seed: "leadbridge",
    app_key: "12345678",
    app_secret: "fake0secret0for0the0sandbox00000",
    session: "6100000fake0session0for0the0sandbox",
    expired: [],
    clockSkewMs: 0,
    leads: 250,
    firstId: "221985",
    idStep: 5,
    newestAt: 1693900800000, // 2023-09-05 16:00:00 GMT+8
    leadIntervalMs: 90_000,
    dirtyShare: 0.08,
    seller: { nick: "XX****旗舰店", userId: "999999999", storeName: "测试店铺名" },
    order: "desc",
    pageOrder: undefined, // as `order`
    offsetBoundary: "inclusive",
    maxPageSize: 100,
    duplicateEvery: 0,
    emptyList: "array",
    dateStyle: "ms",
    mobileCipher: "rsa_pkcs1",
    key: undefined,
    keyBits: 1024,
    noiseEvery: 0,
    growth: {},
    tanma: TANMA_DEFAULTS,
    outinvest: OUTINVEST_DEFAULTS,
    etc: ETC_DEFAULTS,
    tmall: TMALL_DEFAULTS,
};

const CHOICES = {
    order: ["desc", "asc"],
    pageOrder: ["desc", "asc"],
    offsetBoundary: ["inclusive", "exclusive"],
    emptyList: ["array", "missing"],
    dateStyle: ["ms", "all_ms", "numeric_text", "text"],
    mobileCipher: CIPHERS,
};
const LEAST = { leads: 0, idStep: 1, maxPageSize: 1, duplicateEvery: 0, noiseEvery: 0, leadIntervalMs: 0 };
/** The platforms whose options are an object of their own: choices and least values as above. */
const GROUPS = {
    tanma: {
        choices: { endRule: END_RULES },
        least: {
            customers: 0,
            firstRow: 0,
            idStep: 1,
            intervalMs: 0,
            maxSize: 1,
            defaultSize: 1,
            shortEvery: 0,
        },
    },
    outinvest: { choices: {}, least: { maxRows: 1 } },
    etc: { choices: { errorStyle: ERROR_STYLES }, least: { rows: 0, idStep: 1, intervalMs: 0, pageSize: 1 } },
    tmall: { choices: {}, least: { leads: 0, intervalMs: 0 } },
};

/** Defaults filled in; a TypeError names what is unknown or out of its range. */
export function withDefaults(given) {
    known(given, DEFAULTS, "");
    const options = { ...DEFAULTS, ...given, seller: { ...DEFAULTS.seller, ...given.seller } };
    options.pageOrder ??= options.order;
    ranges(options, CHOICES, LEAST, "");
    if (!Number.isInteger(options.keyBits / 16) || options.keyBits < 1024 || options.keyBits > 4096)
        throw new TypeError("keyBits must be 1024..4096, in steps of 16");
    if (!/^\d{1,19}$/.test(String(options.firstId))) throw new TypeError("firstId must be a decimal integer");

    const { seed, newestAt } = options; // shared by all, unless a platform has its own
    for (const [group, { choices, least }] of Object.entries(GROUPS)) {
        known(given[group] ?? {}, { ...DEFAULTS[group], seed, newestAt }, `${group}.`);
        options[group] = { seed, newestAt, ...DEFAULTS[group], ...given[group] };
        ranges(options[group], choices, least, `${group}.`);
    }
    const wrong = options.outinvest.refuseWhere.find(
        ({ field, op = "equals" }) => typeof field !== "string" || !REFUSE_OPS.includes(op),
    );
    if (wrong) throw new TypeError(`outinvest.refuseWhere: {field, op, value} with op one of ${REFUSE_OPS.join(", ")}`);
    return options;
}

function known(given, defaults, prefix) {
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(defaults, name));
    if (unknown) throw new TypeError(`unknown sandbox option ${prefix}${unknown}`);
}

function ranges(options, choices, least, prefix) {
    for (const [name, values] of Object.entries(choices)) {
        if (!values.includes(options[name]))
            throw new TypeError(`${prefix}${name} is ${options[name]}; one of ${values.join(", ")}`);
    }
    for (const [name, value] of Object.entries(least)) {
        if (!Number.isSafeInteger(options[name]) || options[name] < value)
            throw new TypeError(`${prefix}${name} must be an integer >= ${value}`);
    }
}
