import { fromBase64url, toBase64url } from "./base64url.js";
import { type Json, type Members, readObject, values } from "./json.js";
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
  const { checkSignature, checkClaims } = decode(jwt);
  const signature = checkSignature(keys);
  return { ...checkClaims(expected, now), signature };
};

/** An ID token that was taken apart. It proves nothing yet. */
export interface Decoded {
  /** The key that it names, if it names one. */
  kid: Json | undefined;
  /** Whether one of these keys signed it. */
  checkSignature(keys: Keys): Identity["signature"];
  /** All that needs no key: whose token it is, its times, what binds it to this login. Gives what it says. */
  checkClaims(expected: Expected, now: number): Omit<Identity, "signature">;
}

/** Takes an ID token apart: a JSON Web Signature of one algorithm, RS256 (RFC 7515). */
export const decode = (jwt: string): Decoded => {
  const segments = jwt.split(".");
  if (jwt.length > 65_536 || segments.length !== 3) no("malformed");
  const [head, body, tail] = segments as [string, string, string];
  // `jwk`, `jku`, `x5u` and `x5c` are not even read.
  const header = read(head, (members) => values(members, "alg kid typ b64 crit"));
  const [alg, kid, typ = "JWT", b64 = true, crit] = header;
  if (alg !== "RS256") no("algorithm");
  if (crit !== undefined) no("critical");
  // RFC 8725 section 3.11: what is signed to be something else is no ID token.
  if (typeof typ !== "string" || !/^jwt$/i.test(typ)) no("type");
  // RFC 7797 section 3: without base64url the signature is over other bytes than those that were read.
  if (b64 !== true) no("malformed");
  const [person, claims] = read(body, (members) => [
    profile(members),
    values(members, "iss aud azp sub exp iat nbf nonce auth_time at_hash"),
  ]);
  const signature = fromBase64url(tail) ?? no("malformed");

  return {
    kid,
    checkSignature(keys) {
      if (keys === "withheld") return "not-checked";
      const fitting = candidates(keys, kid);
      if (!fitting.length) no("unknown-key");
      const signed = toUtf8(`${head}.${body}`);
      return fitting.some((key) => verifyRs256(key, signed, signature)) ? "verified" : no("signature");
    },
    checkClaims(expected, now) {
      const [iss, aud, azp, sub, exp, iat, nbf, nonce, authTime, hash] = claims;
      const { issuer, clientId } = expected;
      if (iss !== issuer) no("issuer", quoted(iss));
      // A second audience would be a party that this app does not know (OpenID Connect Core section 3.1.3.7, 3).
      if ((Array.isArray(aud) && aud.length === 1 ? aud[0] : aud) !== clientId)
        no("audience", "", "Is the client id right?");
      if ((azp ?? clientId) !== clientId) no("authorized-party");
      if (typeof sub !== "string" || !/^[ -~]{1,255}$/.test(sub)) return no("subject");
      const isRefresh = expected.sub !== undefined;
      if (isRefresh && sub !== expected.sub) no("other-subject");

      const check = (rule: string, time: number, earliest: number, latest: number) => {
        // What is no time is NaN, and in no span.
        if (!(time >= earliest && time <= latest))
          no(rule, `${time - now} s from now`, "Is the clock of this device right?");
      };
      check("expired", seconds(exp), now - LEEWAY + 1, Infinity);
      check("issued-at", seconds(iat), now - LEEWAY - OLDEST, now + LEEWAY);
      check("not-before", seconds(nbf ?? now), -Infinity, now + LEEWAY);

      const isFree = isRefresh && (nonce === undefined || expected.nonce === undefined);
      if (nonce !== expected.nonce && !isFree) no("nonce");
      if (expected.authTime !== undefined && authTime !== undefined && seconds(authTime) !== expected.authTime)
        no("auth-time");
      // The left half of the hash (OpenID Connect Core section 3.1.3.6).
      const half = toBase64url(sha256(toUtf8(expected.accessToken)).subarray(0, 16));
      if ((hash ?? half) !== half) no("access-token-hash");
      return { userInfo: { sub, ...person }, authTime: seconds(authTime) || undefined };
    },
  };
};

const no = (rule: string, detail?: string, hint?: string): never => refuse(`id-token/${rule}`, detail, hint);

/** A segment that is a JSON object in UTF-8, from its first byte to its last (RFC 7515 section 5.2). */
const read = <const T>(segment: string, members: (members: Members) => T): T => {
  try {
    const json = fromBase64url(segment) as Uint8Array;
    if (fromUtf8(json)[0] === "{") return members(readObject(json));
  } catch {}
  return no("malformed");
};

/** `NumericDate` of RFC 7519 section 2: seconds, possibly with a fraction. */
const seconds = (value: Json | undefined): number => (typeof value === "number" ? Math.trunc(value) : NaN);

/** How far the two clocks may be apart, and how old an ID token may be: it comes straight from the provider. In seconds. */
const LEEWAY = 60;
const OLDEST = 300;
