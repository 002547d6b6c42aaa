import { base64url, halfHash, jwk, jwks, KEY, OTHER_KEY, sign, signAsWritten } from "./sign.mjs";
import { NOW, Tests } from "./tests.mjs";

export const HEADER = { alg: "RS256", typ: "JWT", kid: "k1" };
export const ACCESS_TOKEN = "hf_oauth_access-token";
export const CLAIMS = {
  iss: "https://huggingface.co",
  aud: "client-id",
  sub: "5f0c2b1a9d8e7f6a5b4c3d2e",
  nonce: "n0nce",
  iat: NOW,
  exp: NOW + 3_600,
  at_hash: halfHash(ACCESS_TOKEN),
  name: "Ada Lovelace",
  preferred_username: "ada",
  profile: "https://huggingface.co/ada",
  picture: "https://huggingface.co/avatars/ada.svg",
};

const t = new Tests(
  "id_token",
  {
    jwt: sign(HEADER, CLAIMS),
    keys: jwks(jwk()),
    client_id: "client-id",
    issuer: "https://huggingface.co",
    nonce: "n0nce",
    access_token: ACCESS_TOKEN,
    now: NOW + 5,
  },
  {
    sub: CLAIMS.sub,
    name: "Ada Lovelace",
    preferred_username: "ada",
    profile: "https://huggingface.co/ada",
    picture: "https://huggingface.co/avatars/ada.svg",
    signature: "verified",
  },
);
export default t;

const JWS = "RFC 7515 section 5.2";
const ID_TOKEN = "OpenID Connect Core section 2";
const VALIDATION = "OpenID Connect Core section 3.1.3.7";
const JSON_TEXT = "RFC 8259";
const BASE64 = "RFC 4648 section 3";
const KEYS = "RFC 7517 section 5";
const PROJECT = "this project";
const header = (members) => ({ jwt: sign({ ...HEADER, ...members }, CLAIMS) });
const claims = (members) => ({ jwt: sign(HEADER, { ...CLAIMS, ...members }) });
/** Claims with further members, as they are written. */
const written = (members) => ({ jwt: sign(HEADER, `${JSON.stringify(CLAIMS).slice(0, -1)},${members}}`) });
const text = (change) => ({ jwt: sign(HEADER, change(JSON.stringify(CLAIMS))) });
const [HEAD, BODY, SIGNATURE] = t.base.jwt.split(".");
const bare = { name: undefined, preferred_username: undefined, profile: undefined, picture: undefined };

t.accepts("honest", "A token as the Hub sends it", VALIDATION, {});
t.accepts("few-claims", "What must be there and no more", ID_TOKEN, { jwt: sign({ alg: "RS256" }, { iss: CLAIMS.iss, aud: CLAIMS.aud, sub: CLAIMS.sub, nonce: CLAIMS.nonce, iat: CLAIMS.iat, exp: CLAIMS.exp }) }, bare);
t.accepts("all-claims", "Every claim about the person", "OpenID Connect Core section 5.1", claims({ website: "https://ada.example", email: "ada@example.org", email_verified: true }), { website: "https://ada.example", email: "ada@example.org", email_verified: true });
t.accepts("no-kid", "No key id: every key is tried", "RFC 7515 section 4.1.4", { ...header({ kid: undefined }), keys: jwks(jwk(OTHER_KEY, { kid: "k0" }), jwk()) });
t.accepts("kid-of-another-type", "A key id that is no text is none", PROJECT, header({ kid: 7 }));
t.accepts("small-typ", "A media type has no case", "RFC 7519 section 5.1", header({ typ: "jwt" }));
t.accepts("no-typ", "It may be left out", "RFC 7519 section 5.1", header({ typ: undefined }));
t.accepts("payload-encoded", "What is base64url anyway", "RFC 7797 section 3", header({ b64: true }));
t.accepts("keys-in-the-header", "A key that a token brings is not looked at", "RFC 8725 section 3.10", header({ jwk: jwk(OTHER_KEY), jku: "https://evil.example", x5c: ["x"] }));
t.accepts("unknown-header", "What is not known is left alone", JWS, header({ brand: "new" }));
t.accepts("audience-of-one", "A list of one audience", ID_TOKEN, claims({ aud: ["client-id"] }));
t.accepts("own-azp", "Given to this app", VALIDATION, claims({ azp: "client-id" }));
t.accepts("nulls", "null where a claim may be left out", "OpenID Connect Core section 5.3.2", claims({ azp: null, nbf: null, at_hash: null, name: null, preferred_username: null, profile: null, picture: null }), bare);
t.accepts("no-at-hash", "No hash of the access token", "OpenID Connect Core section 3.1.3.6", claims({ at_hash: undefined }));
t.accepts("other-types", "What is of another type is left out", PROJECT, claims({ name: 7, preferred_username: ["ada"], profile: {}, picture: false, email: 1, email_verified: "true" }), bare);
t.accepts("longest-subject", "A subject of 255 characters", ID_TOKEN, claims({ sub: "s".repeat(255) }), { sub: "s".repeat(255) });
t.accepts("subject-of-signs", "A subject of every sign", ID_TOKEN, claims({ sub: " !\"#~{}\\/ " }), { sub: " !\"#~{}\\/ " });
t.accepts("escaped-subject", "An escaped subject is the same", JSON_TEXT, text((json) => json.replace("5f0c", "\\u0035f\\u0030c")));
t.accepts("name-of-other-letters", "A name of any letters", JSON_TEXT, claims({ name: "\u0410\u0434\u0430 \ud83d\ude00\u202e" }), { name: "\u0410\u0434\u0430 \ud83d\ude00\u202e" });
t.accepts("escaped-pair", "An escaped pair of surrogates is one letter", "RFC 8259 section 7", text((json) => json.replace("Ada Lovelace", "\\ud83d\\ude00")), { name: "\ud83d\ude00" });
t.accepts("white-space", "White space in the claims", JSON_TEXT, { jwt: sign(JSON.stringify(HEADER, null, 2), JSON.stringify(CLAIMS, null, "\t")) });
t.accepts("unknown-claims-twice", "Nobody reads what is not known, so it may come twice", JSON_TEXT, written('"brand":1,"brand":{"a":[]}'));
t.accepts("unread-surrogate", "Half a surrogate in a text that nobody reads", JSON_TEXT, written('"brand":"\\udfff"'));
t.accepts("deep-nesting", "Nesting that nobody reads", JSON_TEXT, written(`"brand":${"[".repeat(500)}${"]".repeat(500)}`));
t.accepts("times-with-fractions", "Times may have fractions", "RFC 7519 section 2", claims({ iat: NOW + 0.9, exp: NOW + 3_600.5, nbf: NOW + 65.99 }));
t.accepts("times-with-exponents", "And exponents", JSON_TEXT, text((json) => json.replace(`"iat":${NOW}`, '"iat":1.8e9')));
t.accepts("far-expiry", "However long it lives", PROJECT, text((json) => json.replace(/"exp":\d+/, '"exp":1e300')));
t.accepts("last-second", "A minute of leeway, to the second", VALIDATION, { ...claims({ exp: NOW + 5 - 59 }) });
t.accepts("first-second", "Issued a minute ahead", VALIDATION, claims({ iat: NOW + 65 }));
t.accepts("old-enough", "Issued six minutes ago", PROJECT, claims({ iat: NOW + 5 - 360 }));
t.accepts("not-before-leeway", "Valid in a minute", "RFC 7519 section 4.1.5", claims({ nbf: NOW + 65 }));
t.accepts("auth-time", "When somebody signed in", ID_TOKEN, claims({ auth_time: NOW - 86_400 }));
t.accepts("strange-auth-time", "Nobody asked when", ID_TOKEN, claims({ auth_time: "yesterday" }));
t.accepts("key-without-an-id", "The only key fits every id", "RFC 7515 section 4.1.4", { keys: jwks(jwk(KEY, { kid: undefined })) });
t.accepts("key-without-a-use", "A key that does not say what it is for", "RFC 7517 section 4.2", { keys: jwks(jwk(KEY, { use: undefined, alg: undefined })) });
t.accepts("key-operations", "A key that may verify", "RFC 7517 section 4.3", { keys: jwks(jwk(KEY, { key_ops: ["verify", "wrapKey"] })) });
t.accepts("padded-key", "A modulus with padding and zeros", "seen", { keys: jwks(jwk(KEY, { n: base64url(Buffer.concat([Buffer.from([0]), Buffer.from(jwk().n, "base64url")])), e: "AAEAAQ==" })) });
t.accepts("same-id-twice", "Two keys of one id: both are tried", KEYS, { keys: jwks(jwk(OTHER_KEY), jwk()) });
t.accepts("unreadable-keys-beside", "What cannot be read is skipped", KEYS, { keys: JSON.stringify({ keys: [null, 7, "x", {}, { kty: "EC", crv: "P-256" }, { kty: "RSA", n: 7, e: "AQAB" }, jwk()] }) });
t.accepts("sixteenth-key", "Sixteen keys are tried", PROJECT, { ...header({ kid: undefined }), keys: jwks(...Array.from({ length: 15 }, (_, index) => jwk(OTHER_KEY, { kid: `o${index}` })), jwk()) });
t.accepts("withheld", "Keys that are withheld from other origins", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null }, { signature: "not-checked" });
t.accepts("withheld-other-signature", "Whatever signed it", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null, jwt: sign(HEADER, CLAIMS, OTHER_KEY) }, { signature: "not-checked" });
t.accepts("issuer-with-a-path", "An issuer with a path", VALIDATION, { ...claims({ iss: "https://id.example/realm" }), issuer: "https://id.example/realm" });

t.refuses("malformed", "empty", "Nothing", JWS, { jwt: "" });
t.refuses("malformed", "two-segments", "No signature", JWS, { jwt: `${HEAD}.${BODY}` });
t.refuses("malformed", "four-segments", "A segment too many", JWS, { jwt: `${HEAD}.${BODY}.${SIGNATURE}.` });
t.refuses("malformed", "five-segments", "An encrypted token", "RFC 7516", { jwt: `${HEAD}.${BODY}.${BODY}.${BODY}.${SIGNATURE}` });
t.refuses("malformed", "too-long", "More than 64 KiB", PROJECT, claims({ filler: "x".repeat(49_152) }));
t.refuses("malformed", "padding", "base64url without padding", "RFC 7515 section 2", { jwt: `${HEAD}=.${BODY}.${SIGNATURE}` });
t.refuses("malformed", "padded-signature", "In the signature too", "RFC 7515 section 2", { jwt: `${t.base.jwt}==` });
t.refuses("malformed", "base64", "Letters of another alphabet", BASE64, { jwt: signAsWritten(HEAD, base64url(JSON.stringify({ ...CLAIMS, name: "\u07ff?~~" })).replaceAll("-", "+").replaceAll("_", "/")) });
t.refuses("malformed", "space-behind", "A space", BASE64, { jwt: `${t.base.jwt} ` });
t.refuses("malformed", "line-end-behind", "A line end", BASE64, { jwt: `${t.base.jwt}\n` });
t.refuses("malformed", "space-inside", "White space, which some decoders skip", BASE64, { jwt: signAsWritten(`${HEAD.slice(0, 4)}\n${HEAD.slice(4)}`, BODY) });
t.refuses("malformed", "letter-too-many", "One letter is no byte", BASE64, { jwt: `${t.base.jwt}AAA` });
t.refuses("malformed", "tail-of-a-signature", "Bits that must be zero: the last letter has four bits too many, and two tokens would be one", "RFC 4648 section 3.5", { jwt: t.base.jwt.slice(0, -1) + String.fromCharCode(t.base.jwt.charCodeAt(t.base.jwt.length - 1) + 1) });
t.refuses("malformed", "tail-of-the-claims", "In the claims too", "RFC 4648 section 3.5", { jwt: signAsWritten(HEAD, tail(JSON.stringify(CLAIMS))) });
t.refuses("malformed", "tail-of-the-header", "And in the header", "RFC 4648 section 3.5", { jwt: signAsWritten(tail(JSON.stringify(HEADER)), BODY) });
t.refuses("malformed", "header-no-json", "A header that is none", JWS, { jwt: sign("alg: RS256", CLAIMS) });
t.refuses("malformed", "header-list", "A list for a header", JWS, { jwt: sign(["RS256"], CLAIMS) });
t.refuses("malformed", "header-space", "White space before the header's object", PROJECT, { jwt: sign(` ${JSON.stringify(HEADER)}`, CLAIMS) });
t.refuses("malformed", "claims-byte-order-mark", "A byte order mark before the claims", PROJECT, { jwt: sign(HEADER, `\ufeff${JSON.stringify(CLAIMS)}`) });
t.refuses("malformed", "claims-list", "A list of values, which some readers take for an object", JWS, { jwt: sign(HEADER, Object.values(CLAIMS)) });
t.refuses("malformed", "claims-empty", "No claims", JWS, { jwt: sign(HEADER, "") });
t.refuses("malformed", "claims-cut-off", "Claims that are not whole", JWS, text((json) => json.slice(0, -1)));
t.refuses("malformed", "claims-with-a-tail", "Something stands behind them", JWS, text((json) => `${json}}`));
t.refuses("malformed", "claims-no-utf-8", "Bytes that are no text, though in a claim that nobody reads", "RFC 7519 section 7.2", { jwt: sign(HEADER, Buffer.concat([Buffer.from(`${JSON.stringify(CLAIMS).slice(0, -1)},"brand":"`), Buffer.from([0xff]), Buffer.from('"}')])) });
t.refuses("malformed", "surrogate-in-a-name", "Half a surrogate in a text that is read", "RFC 8259 section 8.2", text((json) => json.replace("Ada", "\\ud800")));
t.refuses("malformed", "payload-not-encoded", "A payload that is not base64url", "RFC 7797 section 3", header({ b64: false }));
t.refuses("malformed", "payload-perhaps-encoded", "Nor says so clearly", "RFC 7797 section 3", header({ b64: "true" }));
for (const name of ["alg", "kid", "typ"]) {
  t.refuses("malformed", `${name}-twice`, `${name} comes twice, though the same`, "RFC 7515 section 4", { jwt: sign(`${JSON.stringify(HEADER).slice(0, -1)},"${name}":${JSON.stringify(HEADER[name])}}`, CLAIMS) });
}
for (const name of ["iss", "aud", "sub", "nonce", "iat", "exp", "at_hash", "name"]) {
  t.refuses("malformed", `${name.replace("_", "-")}-twice`, `${name} comes twice, though the same`, "RFC 7519 section 4", written(`"${name}":${JSON.stringify(CLAIMS[name])}`));
}
t.refuses("malformed", "escaped-duplicate", "An escaped name is the same name", "RFC 7519 section 4", written('"s\\u0075b":"somebody-else"'));
t.refuses("algorithm", "none", "No signature", "RFC 8725 section 3.2", { jwt: `${base64url('{"alg":"none"}')}.${BODY}.` });
t.refuses("algorithm", "none-in-capitals", "In any spelling", "RFC 8725 section 3.2", { jwt: `${base64url('{"alg":"NonE"}')}.${BODY}.` });
t.refuses("algorithm", "symmetric", "A public key is no secret", "RFC 8725 section 3.1", header({ alg: "HS256" }));
t.refuses("algorithm", "other-hash", "Another hash", "RFC 8725 section 3.1", header({ alg: "RS512" }));
t.refuses("algorithm", "small-alg", "Names have a case", "RFC 7515 section 4.1.1", header({ alg: "rs256" }));
t.refuses("algorithm", "no-alg", "No algorithm", "RFC 7515 section 4.1.1", header({ alg: undefined }));
t.refuses("algorithm", "alg-list", "A list of them", "RFC 7515 section 4.1.1", header({ alg: ["RS256"] }));
t.refuses("critical", "extension", "An extension that is demanded", "RFC 7515 section 4.1.11", header({ crit: ["exp"] }));
t.refuses("critical", "null-crit", "In any shape", "RFC 7515 section 4.1.11", header({ crit: null }));
t.refuses("critical", "payload-not-encoded-critically", "Before what it demands is looked at", "RFC 7797 section 6", header({ crit: ["b64"], b64: false }));
t.refuses("type", "access-token", "An access token", "RFC 9068 section 2.1", header({ typ: "at+jwt" }));
t.refuses("type", "logout-token", "A logout token", "RFC 8725 section 3.11", header({ typ: "logout+jwt" }));
t.refuses("type", "media-type", "A whole media type", PROJECT, header({ typ: "application/jwt" }));
t.refuses("type", "null-type", "A type that is no text", PROJECT, header({ typ: null }));
t.refuses("unknown-key", "other-kid", "A key id that no key has", "RFC 7515 section 4.1.4", header({ kid: "k2" }));
t.refuses("unknown-key", "kid-in-other-case", "Key ids have a case", "RFC 7515 section 4.1.4", header({ kid: "K1" }));
t.refuses("unknown-key", "no-keys", "A set without keys", KEYS, { keys: '{"keys":[]}' });
for (const [id, about, source, members] of [
  ["key-for-encryption", "A key for encryption", "RFC 7517 section 4.2", { use: "enc" }],
  ["key-of-another-algorithm", "A key for another algorithm", "RFC 7517 section 4.4", { alg: "PS256" }],
  ["key-that-only-signs", "A key that may not verify", "RFC 7517 section 4.3", { key_ops: ["sign"] }],
  ["key-of-another-type", "A key of another type", "RFC 7517 section 4.1", { kty: "EC" }],
  ["weak-key", "A key of fewer than 2,048 bits", "RFC 7518 section 3.3", { n: jwk().n.slice(0, 300) }],
  ["huge-key", "A key of more than 8,192 bits", PROJECT, { n: "_".repeat(1_367) + "w" }],
  ["even-modulus", "A modulus that is even", PROJECT, { n: jwk().n.slice(0, -2) + "AA" }],
  ["even-exponent", "An exponent that is even", PROJECT, { e: "AQAA" }],
  ["exponent-of-one", "An exponent of one signs everything", PROJECT, { e: "AQ" }],
  ["long-exponent", "An exponent of five bytes", PROJECT, { e: "AQAAAAE" }],
  ["no-exponent", "No exponent", "RFC 7518 section 6.3.1.2", { e: undefined }],
  ["exponent-base64", "An exponent in another alphabet", BASE64, { e: "AQ+B" }],
  ["exponent-tail", "Bits that must be zero", "RFC 4648 section 3.5", { e: "Ax" }],
  ["use-of-another-type", "A use that is no text", KEYS, { use: 7 }],
]) {
  t.refuses("unknown-key", id, about, source, { keys: jwks(jwk(KEY, members)) });
}
t.refuses("unknown-key", "key-member-twice", "A key with a member that comes twice is skipped", "RFC 7517 section 4", { keys: t.base.keys.replace('"kty":"RSA"', '"kty":"RSA","kty":"RSA"') });
t.refuses("unknown-key", "key-as-a-list", "A list of values is no key", KEYS, { keys: JSON.stringify({ keys: [["RSA", "k1", "sig", "RS256", ["verify"], jwk().n, jwk().e]] }) });
t.refuses("unknown-key", "keys-twice", "A set whose keys come twice is none", "RFC 7517 section 5", { keys: `{"keys":[],${t.base.keys.slice(1)}` });
t.refuses("unknown-key", "keys-no-json", "A text that is no set", KEYS, { keys: "<html></html>" });
t.refuses("unknown-key", "keys-error", "An error in its place", "seen", { keys: `{"error":"server_error",${t.base.keys.slice(1)}` });
t.refuses("unknown-key", "two-keys-without-ids", "Two keys without ids fit no id", "RFC 7515 section 4.1.4", { keys: jwks(jwk(KEY, { kid: undefined }), jwk(OTHER_KEY, { kid: undefined })) });
t.refuses("signature", "other-key", "Signed by another key", JWS, { jwt: sign(HEADER, CLAIMS, OTHER_KEY) });
t.refuses("signature", "other-claims", "Other claims under the signature", JWS, { jwt: `${HEAD}.${base64url(JSON.stringify({ ...CLAIMS, sub: "admin" }))}.${SIGNATURE}` });
t.refuses("signature", "other-header", "Another header above it", JWS, { jwt: `${base64url(JSON.stringify({ ...HEADER, x: 1 }))}.${BODY}.${SIGNATURE}` });
t.refuses("signature", "no-signature", "No signature at all", JWS, { jwt: `${HEAD}.${BODY}.` });
t.refuses("signature", "byte-too-many", "A byte too many", "RFC 8017 section 8.2.2", { jwt: `${HEAD}.${BODY}.${base64url(Buffer.concat([Buffer.from([0]), Buffer.from(SIGNATURE, "base64url")]))}` });
t.refuses("signature", "zeros", "A signature of zeros", "RFC 8017 section 8.2.2", { jwt: `${HEAD}.${BODY}.${base64url(Buffer.alloc(256))}` });
t.refuses("signature", "seventeenth-key", "A seventeenth key is not tried", PROJECT, { ...header({ kid: undefined }), keys: jwks(...Array.from({ length: 16 }, (_, index) => jwk(OTHER_KEY, { kid: `o${index}` })), jwk()) });
t.refuses("signature", "signature-first", "Nothing is said of claims that nobody signed", JWS, { jwt: `${HEAD}.${base64url("{}")}.${SIGNATURE}` });
t.refuses("issuer", "other-issuer", "Another issuer", VALIDATION, claims({ iss: "https://evil.example" }));
t.refuses("issuer", "issuer-slash", "A slash makes another issuer", VALIDATION, claims({ iss: "https://huggingface.co/" }));
t.refuses("issuer", "no-issuer", "No issuer", ID_TOKEN, claims({ iss: undefined }));
t.refuses("issuer", "issuer-list", "A list of issuers", ID_TOKEN, claims({ iss: ["https://huggingface.co"] }));
t.refuses("audience", "other-audience", "Another app", VALIDATION, claims({ aud: "another" }));
t.refuses("audience", "two-audiences", "This app and another, which nobody here knows", VALIDATION, claims({ aud: ["client-id", "another"] }));
t.refuses("audience", "audience-twice", "This app twice", VALIDATION, claims({ aud: ["client-id", "client-id"] }));
t.refuses("audience", "no-audience", "No app", ID_TOKEN, claims({ aud: undefined }));
t.refuses("audience", "empty-audience", "An empty list", ID_TOKEN, claims({ aud: [] }));
t.refuses("audience", "audience-of-numbers", "A list with a number", ID_TOKEN, claims({ aud: ["client-id", 7] }));
t.refuses("audience", "audience-in-a-list", "A list in a list", ID_TOKEN, claims({ aud: [["client-id"]] }));
t.refuses("audience", "audience-in-other-case", "Client ids have a case", VALIDATION, claims({ aud: "Client-Id" }));
t.refuses("authorized-party", "other-party", "Given to another app", VALIDATION, claims({ azp: "another" }));
t.refuses("authorized-party", "party-list", "A party that is no text", VALIDATION, claims({ azp: ["client-id"] }));
t.refuses("subject", "no-subject", "Nobody", ID_TOKEN, claims({ sub: undefined }));
t.refuses("subject", "null-subject", "null", ID_TOKEN, claims({ sub: null }));
t.refuses("subject", "empty-subject", "An empty one", ID_TOKEN, claims({ sub: "" }));
t.refuses("subject", "number-subject", "A number", ID_TOKEN, claims({ sub: 7 }));
t.refuses("subject", "long-subject", "256 characters", ID_TOKEN, claims({ sub: "s".repeat(256) }));
t.refuses("subject", "subject-of-other-letters", "Letters beyond ASCII", ID_TOKEN, claims({ sub: "\u0430da" }));
t.refuses("subject", "subject-with-a-line-end", "A control character", ID_TOKEN, claims({ sub: "ada\n" }));
t.refuses("expired", "expired", "A minute of leeway, and not a second more", VALIDATION, claims({ exp: NOW + 5 - 60 }));
t.refuses("expired", "no-expiry", "No end", ID_TOKEN, claims({ exp: undefined }));
t.refuses("expired", "text-expiry", "An end that is no number", "RFC 7519 section 4.1.4", claims({ exp: String(NOW + 3_600) }));
t.refuses("expired", "null-expiry", "An end of null", ID_TOKEN, claims({ exp: null }));
t.refuses("expired", "milliseconds-ago", "A fraction is cut", "RFC 7519 section 2", claims({ exp: NOW + 5 - 60 + 0.999 }));
t.refuses("expired", "huge-negative", "Before all clocks", "RFC 7519 section 4.1.4", text((json) => json.replace(/"exp":\d+/, '"exp":-1e300')));
t.refuses("issued-at", "future", "Issued in more than a minute", VALIDATION, claims({ iat: NOW + 66 }));
t.refuses("issued-at", "old", "Issued more than six minutes ago", PROJECT, claims({ iat: NOW + 5 - 361 }));
t.refuses("issued-at", "no-issue", "Never issued", ID_TOKEN, claims({ iat: undefined }));
t.refuses("issued-at", "milliseconds", "Issued in milliseconds", "seen", claims({ iat: NOW * 1_000 }));
t.refuses("issued-at", "text-issue", "A time that is no number", "RFC 7519 section 4.1.6", claims({ iat: String(NOW) }));
t.refuses("not-before", "early", "Valid in more than a minute", "RFC 7519 section 4.1.5", claims({ nbf: NOW + 66 }));
t.refuses("not-before", "text-not-before", "A time that is no number", "RFC 7519 section 4.1.5", claims({ nbf: "now" }));
t.refuses("nonce", "other-nonce", "Another login", VALIDATION, claims({ nonce: "other" }));
t.refuses("nonce", "no-nonce", "A code may have been injected", "RFC 9700 section 4.5.3.2", claims({ nonce: undefined }));
t.refuses("nonce", "null-nonce", "null is no nonce", VALIDATION, claims({ nonce: null }));
t.refuses("nonce", "nonce-list", "A list is none", VALIDATION, claims({ nonce: ["n0nce"] }));
t.refuses("nonce", "nonce-with-a-space", "Nonces are compared to the letter", VALIDATION, claims({ nonce: "n0nce " }));
t.refuses("access-token-hash", "other-access-token", "Another access token", "OpenID Connect Core section 3.1.3.6", { access_token: "hf_oauth_another" });
t.refuses("access-token-hash", "whole-hash", "The whole hash is not its left half", "OpenID Connect Core section 3.1.3.6", claims({ at_hash: `${CLAIMS.at_hash}AAAA` }));
t.refuses("access-token-hash", "padded-hash", "Padding", "OpenID Connect Core section 3.1.3.6", claims({ at_hash: `${CLAIMS.at_hash}==` }));
t.refuses("access-token-hash", "empty-hash", "An empty one", "OpenID Connect Core section 3.1.3.6", claims({ at_hash: "" }));
t.refuses("access-token-hash", "number-hash", "A number", "OpenID Connect Core section 3.1.3.6", claims({ at_hash: 7 }));
t.refuses("nonce", "withheld-other-nonce", "All other checks are made where keys are withheld", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null, ...claims({ nonce: "other" }) });
t.refuses("algorithm", "withheld-none", "The algorithm too", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null, jwt: `${base64url('{"alg":"none"}')}.${BODY}.` });
t.refuses("malformed", "withheld-no-base64", "And the signature's letters", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null, jwt: `${HEAD}.${BODY}.a*b` });

/** A text whose base64url has spare bits, with one of them set. */
function tail(json) {
  const spaced = json.replace("{", json.length % 3 === 0 ? "{ " : "{");
  const encoded = base64url(spaced);
  return encoded.slice(0, -1) + String.fromCharCode(encoded.charCodeAt(encoded.length - 1) + 1);
}
