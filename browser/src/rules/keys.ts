import type { Answer } from "./answer.js";
import type { RsaPublicKey } from "./rs256.js";

/** The keys of a provider that can sign ID tokens: RSA of 2,048 to 8,192 bits, at most 64. */
export type KeySet = readonly { kid?: string; key: RsaPublicKey }[];

/** Reads a JWK set (RFC 7517 section 5): an entry that cannot be used is skipped. Rules `keys/…`. */
export declare const readKeys: (answer: Answer) => KeySet;

/** The keys to try for a token with this key id, at most 16. */
export declare const candidates: (keys: KeySet, kid: string | undefined) => RsaPublicKey[];
