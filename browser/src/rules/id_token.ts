import { fromBase64url, toBase64url } from "./base64url.js";
import { any, type Json, lenient, present, readMembers, type Shape, type Shaped, shaped, text } from "./json.js";
import { candidates, type KeySet } from "./keys.js";
import { quoted, refuse } from "./refused.js";
import { verifyRs256 } from "./rs256.js";
import { sha256 } from "./sha256.js";
import { readableTime } from "./text.js";
import { PROFILE, type UserInfo } from "./userinfo.js";
import { fromUtf8, toUtf8 } from "./utf8.js";

/** What an ID token is held against. */
export interface Expected {
  issuer: string;
  clientId: string;
  /** The access token that came with it (`at_hash`, OpenID Connect Core section 3.1.3.6). */
  accessToken: string;
  /** The login's nonce: exactly this at a login; this or none in a refresh; anything where it is not known any more. */
  nonce?: string | undefined;
  /** Of a refresh alone: the user of the login (OpenID Connect Core section 12.2). */
  sub?: string | undefined;
  /** Of a refresh alone: `auth_time` of the login, where it is known. */
  authTime?: number | undefined;
}

/**
 * The provider's keys, or `withheld`: this page cannot read them (its network, or no CORS there; a page cannot tell).
 *
 * OpenID Connect Core section 3.1.3.7 (6) lets the answer of the token endpoint itself, over TLS, stand in for the
 * signature. Every other check is made, and the identity says `not-checked`.
 */
export type Keys = KeySet | "withheld";

/** Who signed in. */
export interface Identity {
  userInfo: UserInfo;
  /** `auth_time`, where the ID token says it: that of a refresh repeats it or leaves it out. */
  authTime?: number;
  signature: "verified" | "not-checked";
}

/**
 * Verifies the ID token of a login (OpenID Connect Core section 3.1.3.7). Rules `id-token/…`. After
 * `id-token/unknown-key` and `id-token/signature` keys that are newer than the token may help.
 */
export const verifyIdToken = (jwt: string, expected: Expected, keys: Keys, now: number): Identity => {
  const token = decode(jwt);
  const signature = checkSignature(token, keys);
  checkClaims(token, expected, now);
  return identity(token, signature);
};

/** An ID token that was taken apart. It proves nothing yet. */
export interface Decoded {
  kid: string | undefined;
  claims: Shaped<typeof CLAIMS>;
  signed: string;
  signature: Uint8Array;
}

/** `jwk`, `jku`, `x5u` and `x5c` are not even read. */
const HEADER = { alg: any, kid: /* @__PURE__ */ lenient(text), typ: any, b64: any, crit: any };

const CLAIMS = {
  iss: any,
  sub: any,
  aud: any,
  azp: any,
  exp: any,
  iat: any,
  nbf: any,
  auth_time: any,
  nonce: any,
  at_hash: any,
  ...PROFILE,
};

/** Takes an ID token apart: a JSON Web Signature of one algorithm, RS256 (RFC 7515). */
export const decode = (jwt: string): Decoded => {
  const [head = "", body = "", tail = ""] = jwt.split(".");
  const signature = fromBase64url(tail);
  const malformed = (what: string) => refuse("id-token/malformed", `The ID token cannot be read (${what}). ${AGAIN}`);
  if (jwt.length > 65_536 || jwt.split(".").length !== 3) malformed("form");
  const header = object(head, HEADER) ?? malformed("header");
  if (header.alg !== "RS256") refuse("id-token/algorithm", `The ID token is signed with ${quoted(header.alg)}; only RS256 will do.`);
  if (header.crit !== undefined) refuse("id-token/critical", "The ID token demands an extension (crit), and none is known.");
  // RFC 8725 section 3.11: what is signed to be something else is no ID token.
  if (header.typ !== undefined && !(typeof header.typ === "string" && /^jwt$/i.test(header.typ))) {
    refuse("id-token/type", `The ID token is another kind of token: ${quoted(header.typ)}.`);
  }
  // RFC 7797 section 3: without base64url the signature is over other bytes than those that were read.
  if (header.b64 !== undefined && header.b64 !== true) malformed("b64");
  const claims = object(body, CLAIMS) ?? malformed("claims");
  return { kid: header.kid, claims, signed: `${head}.${body}`, signature: signature ?? malformed("signature") };
};

/** A segment that is a JSON object in UTF-8 from its first byte to its last (RFC 7515 section 5.2). */
const object = <S extends Shape>(segment: string, shape: S): Shaped<S> | undefined => {
  try {
    const json = fromBase64url(segment) as Uint8Array;
    return fromUtf8(json).startsWith("{") ? shaped(readMembers(json, shape), shape) : undefined;
  } catch {
    return undefined;
  }
};

/** Whether one of the keys signed it. */
export const checkSignature = ({ kid, signed, signature }: Decoded, keys: Keys): Identity["signature"] => {
  if (keys === "withheld") return "not-checked";
  const fitting = candidates(keys, kid);
  if (!fitting.length) refuse("id-token/unknown-key", `The Hub has no key ${quoted(kid)} for the ID token. Try again in a minute.`);
  if (!fitting.some((key) => verifyRs256(key, toUtf8(signed), signature))) {
    refuse("id-token/signature", `The ID token's signature is wrong. ${AGAIN}`);
  }
  return "verified";
};

/** All that needs no key: whose token it is, its times, what binds it to this login. */
export const checkClaims = ({ claims }: Decoded, expected: Expected, now: number): void => {
  const { iss, aud, azp, sub, exp, iat, nbf, nonce, auth_time: authTime, at_hash: hash } = claims;
  if (iss !== expected.issuer) refuse("id-token/issuer", `The ID token is from ${quoted(iss)}, not ${quoted(expected.issuer)}.`);
  // A second audience would be a party that this app does not know (OpenID Connect Core section 3.1.3.7, 3).
  const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (audience !== expected.clientId) refuse("id-token/audience", "The ID token is not for this app (aud). Is the client id right?");
  if (azp != null && azp !== expected.clientId) refuse("id-token/authorized-party", "The ID token was given to another app (azp).");
  if (typeof sub !== "string" || !/^[ -~]{1,255}$/.test(sub)) refuse("id-token/subject", "The ID token does not say who signed in (sub).");
  if (expected.sub !== undefined && sub !== expected.sub) refuse("id-token/other-subject", `The ID token is about another user (sub). ${AGAIN}`);

  const clock = `now is ${readableTime(now)} on this device. Is its clock right?`;
  const ends = seconds(exp);
  if (ends === undefined || now >= ends + LEEWAY) refuse("id-token/expired", `The ID token ended at ${readableTime(ends)}; ${clock}`);
  const issued = seconds(iat);
  if (issued === undefined || issued > now + LEEWAY || issued + LEEWAY + OLDEST < now) {
    refuse("id-token/issued-at", `The ID token was issued at ${readableTime(issued)}; ${clock}`);
  }
  const begins = nbf == null ? now : seconds(nbf);
  if (begins === undefined || begins > now + LEEWAY) refuse("id-token/not-before", `The ID token begins at ${readableTime(begins)}; ${clock}`);

  const isRefresh = expected.sub !== undefined;
  if (nonce !== expected.nonce && !(isRefresh && (nonce === undefined || expected.nonce === undefined))) {
    refuse("id-token/nonce", `The ID token is of another sign-in (nonce): possibly an attack. ${AGAIN}`);
  }
  if (expected.authTime !== undefined && authTime !== undefined && seconds(authTime) !== expected.authTime) {
    refuse("id-token/auth-time", `The ID token is of another sign-in (auth_time). ${AGAIN}`);
  }
  // The left half of the hash (OpenID Connect Core section 3.1.3.6).
  if (hash != null && hash !== toBase64url(sha256(toUtf8(expected.accessToken)).subarray(0, 16))) {
    refuse("id-token/access-token-hash", `The ID token came with another access token (at_hash). ${AGAIN}`);
  }
};

/** What an ID token says, once it is verified. */
export const identity = ({ claims }: Decoded, signature: Identity["signature"]): Identity => {
  const profile = Object.fromEntries(Object.keys(PROFILE).map((name) => [name, claims[name as keyof typeof PROFILE]]));
  return present({
    userInfo: present({ sub: claims.sub as string, ...profile }),
    authTime: seconds(claims.auth_time),
    signature,
  });
};

/** `NumericDate` of RFC 7519 section 2: seconds, possibly with a fraction. */
const seconds = (value: Json | undefined): number | undefined => (typeof value === "number" ? Math.trunc(value) : undefined);

/** How far the two clocks may be apart, and how old an ID token may be: it comes straight from the provider. In seconds. */
const LEEWAY = 60;
const OLDEST = 300;

const AGAIN = "Sign in again.";
