import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

export const WINDOW_MS = 5 * 60 * 1000;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256"));

/** The signature of a call to the API: over the exact bytes of the body. */
export const signApi = ({ appId, appKey, timestamp }, body = "") =>
    sha256(appId, timestamp, body, appKey).digest("hex");

/** The signature of a push: the body has no part in it. */
export const signPush = ({ appId, appKey, timestamp, version = "1" }) =>
    sha256(appId, version, timestamp, appKey).digest("hex");

const halfDigest = (text) => sha256(text).digest().subarray(0, 16);

/** Base64 of AES-128-CTR, nothing padded; key and counter follow from appKey and corpid. */
export function sealPush(bytes, { appKey, corpid }) {
    const cipher = createCipheriv("aes-128-ctr", halfDigest(appKey), halfDigest(corpid));
    return Buffer.concat([cipher.update(bytes), cipher.final()]).toString("base64");
}

export function openPush(text, { appKey, corpid }) {
    const cipher = createDecipheriv("aes-128-ctr", halfDigest(appKey), halfDigest(corpid));
    return Buffer.concat([cipher.update(Buffer.from(text, "base64")), cipher.final()]);
}

/** The corporation an appId belongs to: what stands before the underscore, if it starts like one; else the whole. */
export const corpidOf = (appId) => /^(ww[0-9a-z]+)_/.exec(appId)?.[1] ?? appId;

/** Position in the list: creation second, 0, row number, as three big-endian integers. */
export function writeCursor({ seconds, row }) {
    const bytes = Buffer.alloc(24);
    bytes.writeBigUInt64BE(BigInt(seconds), 0);
    bytes.writeBigUInt64BE(BigInt(row), 16);
    return bytes.toString("base64");
}

/** @returns {{seconds: number, row: number}|null} null for anything the API never gave */
export function readCursor(text) {
    if (!/^[A-Za-z0-9+/]{32}$/.test(text)) return null;
    const bytes = Buffer.from(text, "base64");
    if (bytes.readBigUInt64BE(8) !== 0n) return null;
    const [seconds, row] = [bytes.readBigUInt64BE(0), bytes.readBigUInt64BE(16)];
    return seconds < 2n ** 40n && row < 2n ** 53n ? { seconds: Number(seconds), row: Number(row) } : null;
}
