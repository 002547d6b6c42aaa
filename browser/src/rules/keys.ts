import { type Answer, readAnswer } from "./answer.js";
import { fromBase64url } from "./base64url.js";
import { lenient, listOf, object, optional, type Reader, text } from "./json.js";
import type { RsaPublicKey } from "./rs256.js";

/** The keys of a provider that can sign ID tokens: RSA of 2,048 to 8,192 bits, at most 64. */
export type KeySet = readonly SigningKey[];

/** A key, and its id where it has one. */
export interface SigningKey extends RsaPublicKey {
  kid: string | undefined;
}

/** A big-endian number without its leading zeros (RFC 7518 section 6.3.1); some pad. */
const number: Reader<Uint8Array> = (value) => {
  const bytes = fromBase64url(text(value).replace(/=*$/, ""));
  const start = bytes?.findIndex((byte) => byte > 0) ?? -1;
  if (!bytes || start < 0) throw TypeError();
  return bytes.subarray(start);
};

/** RFC 7517 section 4, RFC 7518 section 6.3. */
const JWK = object({
  kty: text,
  kid: lenient(text),
  use: optional(text),
  alg: optional(text),
  key_ops: optional(listOf(text)),
  n: number,
  e: number,
});

/** A key of the set, or `undefined` for one that cannot be used. */
export const signingKey: Reader<SigningKey | undefined> = (value) => {
  const jwk = lenient(JWK)(value);
  return jwk && isForSignatures(jwk) && isSound(jwk) ? { kid: jwk.kid, n: jwk.n, e: jwk.e } : undefined;
};

const isForSignatures = ({ kty, use = "sig", alg = "RS256", key_ops: operations }: ReturnType<typeof JWK>): boolean =>
  kty === "RSA" && use === "sig" && alg === "RS256" && (!operations || operations.includes("verify"));

/** Odd numbers; `n` of 2,048 to 8,192 bits, `e` of at most four bytes and not 1. */
const isSound = ({ n, e }: RsaPublicKey): boolean =>
  [n, e].every((bytes) => (bytes.at(-1) ?? 0) % 2 === 1) &&
  n.length <= 1_024 &&
  n.length + ((n[0] ?? 0) >> 7) > 256 &&
  e.length <= 4 &&
  (e.length > 1 || e[0] !== 1);

/** Reads a JWK set (RFC 7517 section 5): an entry that cannot be used is skipped. Rules `keys/…`. */
export const readKeys = (answer: Answer): KeySet =>
  readAnswer("keys", answer, { keys: listOf(signingKey) })
    .keys.filter((key) => key !== undefined)
    .slice(0, 64);

/**
 * The keys to try for a token with this key id, or without one; at most 16. A single key without an id is meant by every
 * id, which is a hint only (RFC 7515 section 4.1.4).
 */
export const candidates = (keys: KeySet, kid: string | undefined): KeySet =>
  keys.length === 1 && keys[0]?.kid === undefined
    ? keys
    : keys.filter((key) => kid === undefined || key.kid === kid).slice(0, 16);
