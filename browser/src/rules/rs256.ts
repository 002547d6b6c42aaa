import { sha256 } from "./sha256.js";

/** An RSA public key: big-endian numbers without leading zeros. */
export interface RsaPublicKey {
  n: Uint8Array;
  e: Uint8Array;
}

/** `DigestInfo` of SHA-256 up to the digest (RFC 8017 section 9.2, note 1). */
const DIGEST_INFO = "3031300d060960864801650304020105000420";

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const number = (bytes: Uint8Array): bigint => BigInt(`0x0${hex(bytes)}`);

/**
 * RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2): whether `signature` is `key`'s over `message`. The expected
 * encoding is built and compared as a whole, never parsed. All inputs are public, so time may tell them.
 */
export const verifyRs256 = (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean => {
  const { length } = key.n;
  const n = number(key.n);
  let power = number(signature);
  if (signature.length !== length || power >= n) return false;
  let signed = 1n;
  for (let e = number(key.e); e; e >>= 1n) {
    if (e & 1n) signed = (signed * power) % n;
    power = (power * power) % n;
  }
  const tail = `00${DIGEST_INFO}${hex(sha256(message))}`;
  return signed === BigInt(`0x1${tail.padStart(2 * length - 4, "f")}`);
};
