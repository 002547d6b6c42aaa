// ID tokens by keys that are published and good for nothing else: core's test keys.
import { createHash, createPrivateKey, createPublicKey, sign as signature } from "node:crypto";
import { readFileSync } from "node:fs";

const key = (name) => {
  const file = new URL(`../../crates/hf-oauth-core/tests/support/keys/${name}.pk8`, import.meta.url);
  return createPrivateKey({ key: readFileSync(file), format: "der", type: "pkcs8" });
};

/** The key of these tests, and another one. */
export const KEY = key("rsa-one");
export const OTHER_KEY = key("rsa-two");

const text = (value) => (typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value));

export const base64url = (value) => Buffer.from(value).toString("base64url");

/** A JSON Web Signature over header and claims, which are values, texts or bytes. */
export function sign(header, claims, by = KEY) {
  return signAsWritten(base64url(text(header)), base64url(text(claims)), by);
}

/** Over segments as they are. */
export function signAsWritten(header, claims, by = KEY) {
  const message = `${header}.${claims}`;
  return `${message}.${signature("sha256", Buffer.from(message), by).toString("base64url")}`;
}

/** The public half as a JWK, with further members; `undefined` takes one away. */
export function jwk(by = KEY, members = {}) {
  const { kty, n, e } = createPublicKey(by).export({ format: "jwk" });
  return { kty, use: "sig", alg: "RS256", kid: "k1", n, e, ...members };
}

export const jwks = (...keys) => JSON.stringify({ keys });

/** OpenID Connect Core section 3.1.3.6. */
export const halfHash = (token) => createHash("sha256").update(token).digest().subarray(0, 16).toString("base64url");
