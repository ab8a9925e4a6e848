import { writeJson } from "../json.mjs";
import { inventPhone } from "../phone.mjs";
import { createRandom } from "../random.mjs";
import { GIVEN, SURNAMES } from "../alimama/lead.mjs";
import { corpidOf, sealPush, signPush } from "../tanma/protocol.mjs";

/** What a right receiver makes of a damaged push; words as in SPI_DAMAGE. The body is not signed, so changing it need not be seen. */
export const TANMA_PUSH_DAMAGE = {
    unsigned: "sign",
    wrong_sign: "sign",
    upper_sign: "any",
    wrong_key: "sign",
    other_app: "sign",
    no_app: "sign",
    no_version: "any",
    other_version: "any",
    timestamp_missing: "refused",
    timestamp_old: "timestamp",
    timestamp_future: "timestamp",
    timestamp_seconds: "timestamp",
    timestamp_garbage: "timestamp",
    not_base64: "content",
    other_cipher: "content",
    not_json: "content",
    empty_body: "content",
    plain_json: "content",
    cut_body: "content",
    not_an_object: "content",
    no_noise: "content",
    no_msg_id: "any",
    no_type: "content",
    wrong_types: "content",
    json_content_type: "any",
};

/**
 * An encrypted push of Tanma.
 * @param {{type: string, content: any, noise: bigint, msgId: number|bigint, eventId?: any}} message
 * @param {{appId: string, appKey: string, corpid?: string, timestamp: number, path?: string, damage?: string}} options timestamp: epoch ms
 * @returns {{method: string, url: string, headers: Object<string,string>, body: Buffer}}
 */
export function tanmaPush({ type, content, noise, msgId, eventId }, options) {
    const { appId, appKey, corpid = corpidOf(appId), path = "/push/tanma", damage } = options;
    if (damage !== undefined && !Object.hasOwn(TANMA_PUSH_DAMAGE, damage))
        throw new TypeError(`unknown damage ${damage}; one of ${Object.keys(TANMA_PUSH_DAMAGE).join(", ")}`);
    const times = { timestamp_old: -3600_000, timestamp_future: 3600_000 };
    let timestamp = String(options.timestamp + (times[damage] ?? 0));
    if (damage === "timestamp_seconds") timestamp = timestamp.slice(0, 10);
    if (damage === "timestamp_garbage") timestamp = "yesterday";
    const version = damage === "other_version" ? "9" : "1";
    const sender = damage === "other_app" ? "wwother0000000000_XyZ" : appId;

    const seal = (bytes) => sealPush(bytes, { appKey: damage === "other_cipher" ? `${appKey}x` : appKey, corpid });
    const message = { type, noise, msgId, content, eventId };
    if (damage === "no_noise") delete message.noise;
    if (damage === "no_msg_id") delete message.msgId;
    if (damage === "no_type") delete message.type;
    if (damage === "wrong_types") Object.assign(message, { type: 5, noise: { a: 1 }, msgId: [], content: 7 });
    const plain = writeJson(message);
    const bodies = {
        not_base64: "***",
        empty_body: "",
        plain_json: plain,
        not_json: seal(Buffer.from("no json")),
        not_an_object: seal(Buffer.from("[1]")),
        cut_body: seal(Buffer.from(plain.slice(0, plain.length >> 1))),
    };

    const sign = signPush({
        appId: sender,
        appKey: damage === "wrong_key" ? `${appKey}x` : appKey,
        timestamp,
        version,
    });
    const headers = {
        appId: sender,
        timestamp,
        version,
        sign,
        "content-type": damage === "json_content_type" ? "application/json" : "text/plain;charset=UTF-8",
    };
    if (damage === "unsigned") delete headers.sign;
    if (damage === "wrong_sign") headers.sign = sign.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    if (damage === "upper_sign") headers.sign = sign.toUpperCase();
    if (damage === "no_app") delete headers.appId;
    if (damage === "no_version") delete headers.version;
    if (damage === "timestamp_missing") delete headers.timestamp;
    return {
        method: "POST",
        url: path,
        headers,
        body: Buffer.from(bodies[damage] ?? seal(Buffer.from(plain))),
    };
}

/** An invented push: a new WeCom customer, noise over the whole signed 64-bit range. */
export function inventPush({ seed = "leadbridge", dirtyShare = 0.08 } = {}, number) {
    const random = createRandom(seed, "tanma", "push", number);
    const name = `${random.pick(SURNAMES)}${random.pick(GIVEN)}`;
    const phones = random.pick([
        [],
        [inventPhone(random, dirtyShare)],
        [inventPhone(random, dirtyShare)],
        [inventPhone(random, dirtyShare), inventPhone(random, 0)],
        null,
    ]);
    return {
        type: "new_qw_customer",
        noise: BigInt.asIntN(64, (BigInt(random.next()) << 32n) | BigInt(random.next())),
        msgId: 8_819_000 + number,
        content: {
            externalUserId: `wmFake${random.token(26)}`,
            unionId: random.chance(0.5) ? `oFake${random.token(23)}` : null,
            qwUserId: `sales0${random.below(9)}`,
            mobiles: phones,
            wechatNickname: `${name}😀`,
            wechatAvatar: "https://avatar.example/a.jpg",
        },
    };
}

/** The push by which Tanma confirms a registered address. */
export const registerPush = (noise = 4970601478527096155n, msgId = 999) => ({
    type: "register",
    noise,
    msgId,
    content: "hello",
});

/** The receiver must give the noise back as the very digits that came, as a number or as text. */
export function echoesNoise(body, noise) {
    return new RegExp(`"noise"\\s*:\\s*"?${noise}"?\\s*[,}]`).test(body);
}
