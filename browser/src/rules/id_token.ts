import { fromBase64url, toBase64url } from "./base64url.js";
import { type Json, type Members, readObject } from "./json.js";
import { candidates, type KeySet } from "./keys.js";
import { quoted, refuse } from "./refused.js";
import { verifyRs256 } from "./rs256.js";
import { sha256 } from "./sha256.js";
import { profile, type UserInfo } from "./userinfo.js";
import { fromUtf8, toUtf8 } from "./utf8.js";

/** What an ID token is held against. */
export interface Expected {
  issuer: string;
  clientId: string;
  /** The access token that came with it (`at_hash`, OpenID Connect Core section 3.1.3.6). */
  accessToken: string;
  /** The login's nonce: exactly this at a login; in a refresh this or none, and any where it is not known any more. */
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
  authTime?: number | undefined;
  signature: "verified" | "not-checked";
}

/**
 * Verifies the ID token of a login (OpenID Connect Core section 3.1.3.7). Rules `id-token/…`. After
 * `id-token/unknown-key` and `id-token/signature` keys that are newer than the token may help.
 */
export const verifyIdToken = (jwt: string, expected: Expected, keys: Keys, now: number): Identity => {
  const token = decode(jwt);
  const signature = checkSignature(token, keys);
  return { ...checkClaims(token, expected, now), signature };
};

/** An ID token that was taken apart. It proves nothing yet. */
export interface Decoded {
  kid: Json | undefined;
  /** By the order of `CLAIMS`. */
  claims: (Json | undefined)[];
  profile: Partial<UserInfo>;
  signed: string;
  signature: Uint8Array;
}

const CLAIMS = "iss aud azp sub exp iat nbf nonce auth_time at_hash";

/** Takes an ID token apart: a JSON Web Signature of one algorithm, RS256 (RFC 7515). */
export const decode = (jwt: string): Decoded => {
  const malformed = () => refuse("id-token/malformed");
  const segments = jwt.split(".");
  if (jwt.length > 65_536 || segments.length !== 3) malformed();
  const [head, body, tail] = segments as [string, string, string];
  const values = (members: Members, names: string) => names.split(" ").map((name) => members(name));
  // `jwk`, `jku`, `x5u` and `x5c` are not even read.
  const header = read(head, (members) => values(members, "alg kid typ b64 crit")) ?? malformed();
  const [alg, kid, typ, b64, crit] = header;
  if (alg !== "RS256") refuse("id-token/algorithm");
  if (crit !== undefined) refuse("id-token/critical");
  // RFC 8725 section 3.11: what is signed to be something else is no ID token.
  if (typ !== undefined && !(typeof typ === "string" && /^jwt$/i.test(typ))) refuse("id-token/type");
  // RFC 7797 section 3: without base64url the signature is over other bytes than those that were read.
  if (b64 !== undefined && b64 !== true) malformed();
  const said = read(body, (members) => ({ claims: values(members, CLAIMS), profile: profile(members) }));
  return {
    ...(said ?? malformed()),
    kid,
    signed: `${head}.${body}`,
    signature: fromBase64url(tail) ?? malformed(),
  };
};

/** A segment that is a JSON object in UTF-8, from its first byte to its last (RFC 7515 section 5.2). */
const read = <T>(segment: string, members: (members: Members) => T): T | undefined => {
  try {
    const json = fromBase64url(segment) as Uint8Array;
    return fromUtf8(json)[0] === "{" ? members(readObject(json)) : undefined;
  } catch {
    return undefined;
  }
};

/** Whether one of the keys signed it. */
export const checkSignature = ({ kid, signed, signature }: Decoded, keys: Keys): Identity["signature"] => {
  if (keys === "withheld") return "not-checked";
  const fitting = candidates(keys, kid);
  if (!fitting.length) refuse("id-token/unknown-key");
  if (!fitting.some((key) => verifyRs256(key, toUtf8(signed), signature))) refuse("id-token/signature");
  return "verified";
};

/** All that needs no key: whose token it is, its times, what binds it to this login. Gives what it says. */
export const checkClaims = ({ claims, profile }: Decoded, expected: Expected, now: number): Omit<Identity, "signature"> => {
  const [iss, aud, azp, sub, exp, iat, nbf, nonce, authTime, hash] = claims;
  const { issuer, clientId } = expected;
  if (iss !== issuer) refuse("id-token/issuer", quoted(iss));
  // A second audience would be a party that this app does not know (OpenID Connect Core section 3.1.3.7, 3).
  if ((Array.isArray(aud) && aud.length === 1 ? aud[0] : aud) !== clientId) refuse("id-token/audience", "", "Is the client id right?");
  if ((azp ?? clientId) !== clientId) refuse("id-token/authorized-party");
  if (typeof sub !== "string" || !/^[ -~]{1,255}$/.test(sub)) return refuse("id-token/subject");
  const isRefresh = expected.sub !== undefined;
  if (isRefresh && sub !== expected.sub) refuse("id-token/other-subject");

  // Comparing with NaN is false: what is no time, fails.
  const ends = seconds(exp);
  const issued = seconds(iat);
  const begins = seconds(nbf ?? now);
  const check = (holds: boolean, rule: string, time: number) =>
    holds || refuse(`id-token/${rule}`, `${time - now} seconds from now`, "Is the clock of this device right?");
  check(now < ends + LEEWAY, "expired", ends);
  check(issued <= now + LEEWAY && issued + LEEWAY + OLDEST >= now, "issued-at", issued);
  check(begins <= now + LEEWAY, "not-before", begins);

  const isFree = isRefresh && (nonce === undefined || expected.nonce === undefined);
  if (nonce !== expected.nonce && !isFree) refuse("id-token/nonce");
  if (expected.authTime !== undefined && authTime !== undefined && seconds(authTime) !== expected.authTime) refuse("id-token/auth-time");
  // The left half of the hash (OpenID Connect Core section 3.1.3.6).
  const half = toBase64url(sha256(toUtf8(expected.accessToken)).subarray(0, 16));
  if ((hash ?? half) !== half) refuse("id-token/access-token-hash");
  return { userInfo: { sub, ...profile }, authTime: seconds(authTime) || undefined };
};

/** `NumericDate` of RFC 7519 section 2: seconds, possibly with a fraction. */
const seconds = (value: Json | undefined): number => (typeof value === "number" ? Math.trunc(value) : NaN);

/** How far the two clocks may be apart, and how old an ID token may be: it comes straight from the provider. In seconds. */
const LEEWAY = 60;
const OLDEST = 300;
