import type { KeySet } from "./keys.js";
import type { UserInfo } from "./userinfo.js";

/** What an ID token is held against. */
export interface Expected {
  issuer: string;
  clientId: string;
  /** The access token that came with it (`at_hash`, OpenID Connect Core section 3.1.3.6). */
  accessToken: string;
  /** The login's nonce; `undefined` when it is not known any more (a refresh). */
  nonce?: string | undefined;
  /** Of a refresh: the nonce may be left out, as OpenID Connect Core section 12.2 allows. */
  nonceOptional?: boolean;
  /** Of a refresh: the same user and, where it is known, the same login (OpenID Connect Core section 12.2). */
  sub?: string | undefined;
  authTime?: number | undefined;
}

/**
 * The provider's keys, or `withheld`: a page cannot read them (no CORS, or no network; it cannot tell which). OpenID
 * Connect Core section 3.1.3.7 (6) lets the https answer of the token endpoint itself stand in for the signature. Every
 * other check is made.
 */
export type Keys = KeySet | "withheld";

/** Who signed in. */
export interface Identity {
  userInfo: UserInfo;
  /** `auth_time`, where the ID token says it: a refreshed one must repeat it or leave it out. */
  authTime?: number;
  signature: "verified" | "not-checked";
}

/**
 * Verifies an ID token (OpenID Connect Core section 3.1.3.7). Rules `id-token/…`. After `id-token/unknown-key` and
 * `id-token/signature` newer keys may help.
 */
export declare const verifyIdToken: (jwt: string, expected: Expected, keys: Keys, now: number) => Identity;
