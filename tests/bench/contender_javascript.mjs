// The page in JavaScript, with the libraries one would pick: JSON.parse and zod, dayjs, libphonenumber-js, node-forge.
// It writes the same records as the core, byte for byte (bench.mjs compares before it measures), so every step does the same
// work. What the libraries do not know about (extensions, relay numbers, regions) is written here the short way: enough for
// this page, less than the core does.
import { constants, createPrivateKey, privateDecrypt } from "node:crypto";
import dayjs from "dayjs";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import parsePhoneNumber from "libphonenumber-js/max";
import forge from "node-forge";
import { z } from "zod";

dayjs.extend(utc);
dayjs.extend(timezone);

// ---- parse: answer -> checked rows ------------------------------------------------------------------------------------

const text = z.string().optional();
const id = z.number().positive();
const date = z.union([z.number(), z.string()]).optional();
const Answer = z.object({ code: z.string(), label: z.string(), value: z.string() });
const Row = z.looseObject({
    id,
    seller_user_id: id,
    page_id: id,
    seller_nick: text,
    mm_src_cname: text,
    page_name: text,
    name: text,
    store_name: text,
    location: text,
    location_code: text,
    mobile: text,
    gmt_create: date,
    gmt_modified: date,
    lead_time: date,
    extend_list: z.object({ lead_extend_d_t_o: z.array(Answer) }).optional(),
});
const Envelope = z.object({
    mama_crm_lead_list_response: z.object({
        result_ok: z.literal(true),
        result_data: z.object({ result: z.array(Row) }),
    }),
});
const KNOWN = new Set([...Object.keys(Row.shape), "request_id"]);
const decoder = new TextDecoder();

export function parse(bytes) {
    return Envelope.parse(JSON.parse(decoder.decode(bytes))).mama_crm_lead_list_response.result_data.result;
}

// ---- decrypt ----------------------------------------------------------------------------------------------------------

export const keyOf = (pem) => forge.pki.privateKeyFromPem(pem);
export const decrypt = (key, mobile) =>
    forge.util.decodeUtf8(key.decrypt(forge.util.decode64(mobile), "RSAES-PKCS1-V1_5"));

// ---- phones -----------------------------------------------------------------------------------------------------------

function hide(digits) {
    const spare = Math.max(0, digits.length - 4);
    const head = Math.min(3, spare);
    const tail = Math.min(4, spare - head);
    return digits.slice(0, head) + "*".repeat(digits.length - head - tail) + digits.slice(digits.length - tail);
}

const RELAY = /^(1[3-9]\d{9})(?:-|\u8f6c)(\d{1,6})$/;
const SERVICE = /^[48]00-?\d{3}-?\d{4}$/;
const EXTENSION = /(?:\u8f6c|\u5206\u673a\u53f7?|-(?=\d{1,6}$))/;
const LOCAL = /^(?:10|2\d|[3-9]\d\d)[2-9]/; // libphonenumber also takes 0571-0000xxxx, which nobody can have
const PHONE_TEXT = /^[0-9\uff10-\uff19+\- .(),#/x\u8f6c\u5206\u673a\u53f7\u63a5\u5185\u7ebf]{5,40}$/;

function readPhone(piece) {
    const raw = piece.trim();
    const plain = raw.normalize("NFKC");
    const relay = plain.match(RELAY);
    if (relay) return { class: "privacy_ext", ext: relay[2], masked: `${hide(relay[1])}-***`, raw, valid: true };
    if (/^700\d{12}$/.test(plain)) return { class: "privacy_700", masked: hide(plain), raw, valid: true };
    if (SERVICE.test(plain)) return { class: "service", masked: hide(plain.replaceAll("-", "")), raw, valid: true };
    const [main, ext] = plain.split(EXTENSION);
    const number = parsePhoneNumber(ext ? `${main} ext. ${ext}` : plain, "CN");
    const valid = number?.isValid() ?? false;
    const type = valid ? number.getType() : undefined;
    if (type === "MOBILE")
        return {
            class: "mobile",
            e164: number.number,
            masked: hide(number.nationalNumber),
            raw,
            valid: true,
        };
    if (type === "FIXED_LINE" && LOCAL.test(number.nationalNumber)) {
        const phone = { class: "landline", e164: number.number };
        if (number.ext) phone.ext = number.ext;
        return {
            ...phone,
            masked: hide(`0${number.nationalNumber}`) + (number.ext ? "-***" : ""),
            raw,
            valid: true,
        };
    }
    return { class: "invalid", masked: hide(plain.replace(/\D/g, "")) || "***", raw, valid: false };
}

const looksLikePhone = (plain) => PHONE_TEXT.test(plain);
export const readPhones = (plain) =>
    plain
        .split(/[/;|&\u3001]/)
        .filter((piece) => /\p{Nd}/u.test(piece))
        .map(readPhone);

function phonesOf(mobile, open) {
    if (!mobile) return [];
    try {
        const plain = open(mobile);
        const phones = looksLikePhone(plain) ? readPhones(plain) : [];
        if (phones.some((phone) => phone.valid)) return phones;
    } catch {
        // a wrong key or a damaged block: kept as it came
    }
    return [{ class: "encrypted", masked: "******", raw: mobile, valid: false }];
}

// ---- normalise: row -> lead -------------------------------------------------------------------------------------------

const PREFIX = Object.fromEntries(
    (
        "11\u5317\u4eac 12\u5929\u6d25 13\u6cb3\u5317 14\u5c71\u897f 15\u5185\u8499\u53e4 21\u8fbd\u5b81 22\u5409\u6797 23\u9ed1\u9f99\u6c5f " +
        "31\u4e0a\u6d77 32\u6c5f\u82cf 33\u6d59\u6c5f 34\u5b89\u5fbd 35\u798f\u5efa 36\u6c5f\u897f 37\u5c71\u4e1c 41\u6cb3\u5357 42\u6e56\u5317 " +
        "43\u6e56\u5357 44\u5e7f\u4e1c 45\u5e7f\u897f 46\u6d77\u5357 50\u91cd\u5e86 51\u56db\u5ddd 52\u8d35\u5dde 53\u4e91\u5357 54\u897f\u85cf " +
        "61\u9655\u897f 62\u7518\u8083 63\u9752\u6d77 64\u5b81\u590f 65\u65b0\u7586 71\u53f0\u6e7e 81\u9999\u6e2f 82\u6fb3\u95e8"
    )
        .split(" ")
        .map((entry) => [entry.slice(2), entry.slice(0, 2)]),
);
const SHORT = new RegExp(`^(?:${Object.keys(PREFIX).join("|")})`);
const PLACE = new RegExp(
    "^(?<province>[^\u7701\u533a]{2,3}\u7701|.{2,7}?\u81ea\u6cbb\u533a|[\u4eac\u6d25\u6caa\u6e1d\u5317\u4e0a\u5929\u91cd][\u4eac\u6d77\u6d25\u5e86]\u5e02)" +
        "(?<city>.{2,6}?\u5e02)?(?<district>.{1,8}?[\u533a\u53bf\u65d7\u5e02])?(?<address>.*)$",
);

function regionOf(source_text = "", code = "") {
    const { province, city, district, address } = source_text.match(PLACE)?.groups ?? {
        address: source_text,
    };
    const region = {};
    if (address) region.address = address;
    if (province) region.city = province.endsWith("\u5e02") ? province : city;
    if (code) {
        const known = PREFIX[(province ?? "").match(SHORT)?.[0]];
        const gb = known !== undefined && /^\d{6}$/.test(code) && code.startsWith(known);
        region.codes = [{ code, level: "location", system: gb ? "gb2260" : "source" }];
    }
    if (district) region.district = district;
    if (province) region.province = province;
    if (source_text) region.source_text = source_text;
    return region;
}

function timeOf(value) {
    if (typeof value === "number") return dayjs(value);
    return dayjs.tz(value, "Asia/Shanghai");
}
const momentOf = (value) => ({ raw: String(value), utc: timeOf(value).toISOString() });
const GENDER = { "\u7537": "male", "\u5973": "female" };

/** The document of one lead, members in the order the core writes them. `phones` are filled in by the caller. */
export function normalise(row, now, phones) {
    const account = String(row.seller_user_id);
    const answers = row.extend_list?.lead_extend_d_t_o ?? [];
    const extra = {};
    for (const name of Object.keys(row)) if (!KNOWN.has(name)) extra[name] = row[name];
    if (row.seller_nick) extra.seller_nick = row.seller_nick;
    const sex = answers.findLast((answer) => answer.code === "sex");
    const person = {};
    if (sex) person.gender = sex.value in GENDER ? { label: GENDER[sex.value], raw: sex.value } : { raw: sex.value };
    if (row.name) person.name = row.name;
    return {
        answers,
        channel: { raw: row.mm_src_cname },
        extra,
        id: `alimama:${account}:${row.id}`,
        is_test: false,
        kind: "person",
        page: { id: String(row.page_id), name: row.page_name },
        person,
        phones,
        region: regionOf(row.location, row.location_code),
        source: {
            account,
            lead_id: String(row.id),
            name: "ads",
            platform: "alimama",
            received_at: dayjs(now).toISOString(),
            version: String(timeOf(row.gmt_modified).valueOf()),
        },
        store: { name: row.store_name },
        times: {
            created: momentOf(row.gmt_create),
            modified: momentOf(row.gmt_modified),
            submitted: momentOf(row.lead_time),
        },
        v: 1,
    };
}

// ---- encode: leads -> records -----------------------------------------------------------------------------------------

const DAY = 86_400_000;

export function encode(documents, now) {
    const leads = documents.map((document) => ({
        id: document.id,
        source: "ads",
        platform: "alimama",
        account: document.source.account,
        lead_id: document.source.lead_id,
        version: Number(document.source.version),
        revision: document.phones.some((phone) => phone.class === "encrypted") ? 0 : 1,
        sort_at: Date.parse(document.times.submitted.utc),
        person_key: null,
        expires_at: now + 730 * DAY,
        doc: JSON.stringify(document),
    }));
    return [{ commit: "bench", now }, ...leads.map((lead) => ({ leads: lead }))]
        .map((line) => JSON.stringify(line))
        .join("\n");
}

function checkpointOf(documents, now) {
    const ids = documents.map((document) => Number(document.source.lead_id));
    const settled = ids.length > 20 ? ids[ids.length - 21] : ids[0];
    const readable = documents.filter((document) => document.phones.every((phone) => phone.class !== "encrypted"));
    const recent = readable.map((document) => [Number(document.source.lead_id), Number(document.source.version)]);
    return JSON.stringify({ covered: [[ids[0], settled, ids.at(-1)]], order: "desc", recent, served_at: now, v: 1 });
}

// ---- the whole page ---------------------------------------------------------------------------------------------------

export function page(bytes, key, now) {
    const rows = [...new Map(parse(bytes).map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id);
    const documents = rows.map((row) =>
        normalise(
            row,
            now,
            phonesOf(row.mobile, (mobile) => decrypt(key, mobile)),
        ),
    );
    return { records: encode(documents, now), checkpoint: checkpointOf(documents, now) };
}

export function createJavascript(inputs) {
    const key = keyOf(inputs.key);
    const native = createPrivateKey(inputs.key);
    const rows = parse(inputs.page);
    const now = inputs.now;
    const closed = (mobile) => [{ class: "encrypted", masked: "******", raw: mobile, valid: false }];
    const documents = rows.map((row) =>
        normalise(
            row,
            now,
            phonesOf(row.mobile, (mobile) => decrypt(key, mobile)),
        ),
    );

    return {
        name: "javascript",
        commit: () => page(inputs.page, key, now),
        ids: (bytes) =>
            JSON.parse(decoder.decode(bytes)).mama_crm_lead_list_response.result_data.result.map((row) =>
                String(row.id),
            ),
        steps: {
            parse: { run: () => parse(inputs.page).length },
            normalise: { run: () => rows.map((row) => normalise(row, now, closed(row.mobile))).length },
            phones: { run: () => inputs.phones.map(readPhones).length },
            encode: { run: () => encode(documents, now).length },
            rows_to_records: {
                run: () => {
                    const phones = inputs.phones[Symbol.iterator]();
                    return encode(
                        rows.map((row) =>
                            normalise(
                                row,
                                now,
                                phonesOf(row.mobile, () => phones.next().value),
                            ),
                        ),
                        now,
                    ).length;
                },
            },
            decrypt: { run: () => rows.map((row) => decrypt(key, row.mobile)).length },
            page: { run: () => page(inputs.page, key, now).records.length },
            // Not what one picks, but possible on hosts with node:crypto: the raw operation, unpadded by hand.
            node_crypto: {
                run: () =>
                    rows.map((row) =>
                        unpad(
                            privateDecrypt(
                                { key: native, padding: constants.RSA_NO_PADDING },
                                Buffer.from(row.mobile, "base64"),
                            ),
                        ),
                    ).length,
            },
        },
    };
}

function unpad(block) {
    const end = block.indexOf(0, 2);
    if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error("not PKCS#1 v1.5");
    return block.subarray(end + 1);
}
