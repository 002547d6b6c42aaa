import { type Answer, readAnswer } from "./answer.js";
import { fromBase64url } from "./base64url.js";
import { entries, type Json, malformed, type Members, optional, text, texts } from "./json.js";
import type { RsaPublicKey } from "./rs256.js";

/** The keys of a provider that can sign ID tokens: RSA of 2,048 to 8,192 bits, at most 64. */
export type KeySet = readonly SigningKey[];

/** A key, and its id where it has one. */
export interface SigningKey extends RsaPublicKey {
  kid: string | undefined;
}

/** Reads a JWK set (RFC 7517 section 5): an entry that cannot be used is skipped. Rules `keys/…`. */
export const readKeys = (answer: Answer): KeySet =>
  readAnswer("keys", answer, (set) => entries(set("keys"), readKey).slice(0, 64));

/**
 * A JWK (RFC 7517 section 4) that is an RSA key for RS256 signatures, its numbers odd, `n` of 2,048 to 8,192 bits and `e`
 * of at most four bytes and not 1; throws for any other.
 */
export const readKey = (jwk: Members): SigningKey => {
  const [kty, use = "sig", alg = "RS256"] = ["kty", "use", "alg"].map((name) => optional(jwk(name), text));
  const kid = jwk("kid");
  const operations = optional(jwk("key_ops"), texts) ?? ["verify"];
  const [n, e] = [number(jwk("n")), number(jwk("e"))];
  const isForSignatures = `${kty} ${use} ${alg}` === "RSA sig RS256" && operations.includes("verify");
  const isSound =
    [n, e].every((bytes) => (bytes.at(-1) as number) & 1) &&
    n.length <= 1_024 &&
    n.length + ((n[0] as number) >> 7) > 256 &&
    e.length <= 4 &&
    `${e}` !== "1";
  if (!isForSignatures || !isSound) throw malformed;
  return { kid: typeof kid === "string" ? kid : undefined, n, e };
};

/** A big-endian number without its leading zeros (RFC 7518 section 6.3.1); some pad the text. */
const number = (value: Json | undefined): Uint8Array => {
  const bytes = fromBase64url(text(value).replace(/=*$/, "")) ?? new Uint8Array();
  const start = bytes.findIndex((byte) => byte > 0);
  if (start < 0) throw malformed;
  return bytes.subarray(start);
};

/**
 * The keys to try for a token with this key id, or without one; at most 16. A single key without an id is meant by every
 * id, which is a hint only (RFC 7515 section 4.1.4).
 */
export const candidates = (keys: KeySet, kid: unknown): KeySet =>
  keys.length === 1 && keys[0]?.kid === undefined
    ? keys
    : keys.filter((key) => typeof kid !== "string" || key.kid === kid).slice(0, 16);
