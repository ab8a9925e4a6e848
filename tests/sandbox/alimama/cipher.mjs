import {
    checkPrimeSync,
    constants,
    createHash,
    createPrivateKey,
    createPublicKey,
    privateEncrypt,
    publicEncrypt,
} from "node:crypto";
import { createRandom } from "../random.mjs";

export const CIPHERS = [
    "rsa_pkcs1",
    "rsa_oaep_sha1",
    "rsa_oaep_sha256",
    "rsa_oaep_sha256_mgf1_sha1",
    "rsa_public_recover",
    "plaintext",
    "garbage",
];

const made = new Map();

/** An RSA key that depends on the seed only, so that a restarted sandbox keeps its key. For tests: it protects nothing. */
export function keyFromSeed(seed, bits) {
    const name = `${seed}\0${bits}`;
    if (!made.has(name)) made.set(name, makeKey(createRandom(seed, "rsa", bits), bits));
    return made.get(name);
}

function makeKey(random, bits) {
    const e = 65537n;
    const p = prime(random, bits / 2);
    const q = prime(random, bits / 2);
    const d = inverse(e, (p - 1n) * (q - 1n));
    const jwk = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
    const key = Object.fromEntries(
        Object.entries(jwk).map(([name, value]) => [name, bigToBytes(value).toString("base64url")]),
    );
    return createPrivateKey({ key: { kty: "RSA", ...key }, format: "jwk" });
}

function prime(random, bits) {
    for (let tries = 0; tries < 100000; tries++) {
        const bytes = random.bytes(bits / 8);
        bytes[0] |= 0xc0; // two top bits: the product has its full length
        bytes[bytes.length - 1] |= 1;
        const value = BigInt(`0x${bytes.toString("hex")}`);
        if (value % 65537n !== 1n && checkPrimeSync(value)) return value;
    }
    throw new Error("no prime found");
}

function inverse(value, modulus) {
    let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
    while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
    return ((x % modulus) + modulus) % modulus;
}

function bigToBytes(value) {
    const hex = value.toString(16);
    return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
}

/**
 * Encrypts phone numbers as the platform may. Padding bytes come from the given random source, so an answer repeats exactly.
 * @param {{cipher: string, key?: string, seed: string, bits: number}} options key: a private key as PEM
 */
export function createCipher({ cipher, key, seed, bits }) {
    const privateKey = key ? createPrivateKey(key) : keyFromSeed(seed, bits);
    const publicKey = createPublicKey(privateKey);
    const size = privateKey.asymmetricKeyDetails.modulusLength / 8;
    const raw = (block) => publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
    const seal = {
        rsa_pkcs1: (plain, random) => raw(padPkcs1(plain, size, random)),
        rsa_oaep_sha1: (plain, random) => raw(padOaep(plain, size, "sha1", random)),
        rsa_oaep_sha256: (plain, random) => raw(padOaep(plain, size, "sha256", random)),
        rsa_oaep_sha256_mgf1_sha1: (plain, random) => raw(padOaep(plain, size, "sha256", random, "sha1")),
        rsa_public_recover: (plain) => privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, plain),
        garbage: (_, random) => random.bytes(size),
    }[cipher];

    return {
        /** @param {Buffer} plain @returns {string} what stands in `mobile` */
        encrypt: (plain, random) => (seal ? seal(plain, random).toString("base64") : plain.toString()),
        keys: {
            privatePem: privateKey.export({ type: "pkcs8", format: "pem" }),
            privatePkcs1Pem: privateKey.export({ type: "pkcs1", format: "pem" }),
            publicPem: publicKey.export({ type: "spki", format: "pem" }),
        },
    };
}

function padPkcs1(plain, size, random) {
    const filler = random.bytes(size - 3 - plain.length).map((byte) => byte || 1);
    return Buffer.concat([Buffer.from([0, 2]), filler, Buffer.from([0]), plain]);
}

function padOaep(plain, size, hash, random, maskHash = hash) {
    const label = createHash(hash).digest();
    const zeros = Buffer.alloc(size - plain.length - 2 * label.length - 2);
    const data = Buffer.concat([label, zeros, Buffer.from([1]), plain]);
    const seed = random.bytes(label.length);
    const maskedData = xor(data, mgf1(seed, data.length, maskHash));
    return Buffer.concat([Buffer.from([0]), xor(seed, mgf1(maskedData, seed.length, maskHash)), maskedData]);
}

function mgf1(seed, length, hash) {
    const parts = [];
    for (let i = 0, have = 0; have < length; i++) {
        const counter = Buffer.alloc(4);
        counter.writeUInt32BE(i);
        parts.push(createHash(hash).update(seed).update(counter).digest());
        have += parts[i].length;
    }
    return Buffer.concat(parts).subarray(0, length);
}

const xor = (a, b) => Buffer.from(a.map((byte, i) => byte ^ b[i]));
