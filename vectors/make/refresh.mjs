import { TOKEN } from "./exchange.mjs";
import { CLAIMS, HEADER } from "./id_token.mjs";
import { halfHash, jwk, jwks, OTHER_KEY, sign } from "./sign.mjs";
import { NOW, Tests } from "./tests.mjs";

const NEW = { ...TOKEN, access_token: "hf_oauth_new-access-token", refresh_token: "hf_oauth_new-refresh-token" };
/** As the Hub renews: without the login's nonce. */
const RENEWED = { ...CLAIMS, nonce: undefined, at_hash: halfHash(NEW.access_token) };
const ID_TOKEN = sign(HEADER, RENEWED);

const t = new Tests(
  "refresh",
  {
    status: 200,
    content_type: "application/json",
    body: JSON.stringify({ ...NEW, id_token: ID_TOKEN }),
    previous: { access_token: TOKEN.access_token, refresh_token: TOKEN.refresh_token, expires_at: NOW - 10, scope: "openid profile email" },
    sub: CLAIMS.sub,
    nonce: CLAIMS.nonce,
    auth_time: NOW - 86_400,
    keys: jwks(jwk()),
    client_id: CLAIMS.aud,
    issuer: CLAIMS.iss,
    now: NOW + 5,
  },
  {
    access_token: NEW.access_token,
    refresh_token: NEW.refresh_token,
    id_token: ID_TOKEN,
    expires_at: NOW + 5 + 28_800,
    scope: "openid profile",
    signature: "verified",
  },
);
export default t;

const REFRESH = "RFC 6749 section 6";
const RENEWAL = "OpenID Connect Core section 12.2";
const PROJECT = "this project";
const body = (members) => ({ body: JSON.stringify({ ...NEW, id_token: ID_TOKEN, ...members }) });
const without = { id_token: undefined, signature: undefined };
/** An answer with another ID token, and what comes out of it. */
const renewed = (claims, header = HEADER, by = undefined) => {
  const id_token = sign(header, { ...RENEWED, ...claims }, by);
  return [body({ id_token }), { id_token }];
};
const error = (status, members) => ({ status, body: JSON.stringify(members) });

t.accepts("honest", "Every member", REFRESH, {});
t.accepts("no-id-token", "No ID token comes along", RENEWAL, body({ id_token: undefined }), without);
t.accepts("null-id-token", "null is none", RENEWAL, body({ id_token: null }), without);
t.accepts("no-rotation", "The old refresh token stays where none comes", REFRESH, body({ refresh_token: undefined }), { refresh_token: TOKEN.refresh_token });
t.accepts("empty-refresh-token", "An empty one is none", PROJECT, body({ refresh_token: "" }), { refresh_token: TOKEN.refresh_token });
t.accepts("no-scope", "The scopes stay where none are said", REFRESH, body({ scope: undefined }), { scope: "openid profile email" });
t.accepts("no-expires-in", "An hour, where nothing is said", "RFC 6749 section 5.1", body({ expires_in: undefined }), { expires_at: NOW + 5 + 3_600 });
t.accepts("same-nonce", "The login's nonce may be repeated", RENEWAL, ...renewed({ nonce: CLAIMS.nonce }));
t.accepts("unknown-nonce", "A nonce is left alone where the login's is not known", RENEWAL, { ...renewed({ nonce: "other" })[0], nonce: null }, renewed({ nonce: "other" })[1]);
t.accepts("same-auth-time", "The login's time", RENEWAL, ...renewed({ auth_time: NOW - 86_400 }));
t.accepts("auth-time-with-a-fraction", "A fraction is cut", "RFC 7519 section 2", ...renewed({ auth_time: NOW - 86_400 + 0.5 }));
t.accepts("unknown-auth-time", "A time is left alone where the login's is not known", RENEWAL, { ...renewed({ auth_time: NOW })[0], auth_time: null }, renewed({ auth_time: NOW })[1]);
t.accepts("withheld", "Keys that are withheld from other origins", "OpenID Connect Core section 3.1.3.7 (6)", { keys: null }, { signature: "not-checked" });
t.accepts("key-that-cannot-be-had", "A key that the set does not have: the old refresh token is spent, and this answer is the token endpoint's own", PROJECT, { keys: '{"keys":[]}' }, { signature: "not-checked" });
t.accepts("other-kid", "A new key that is not published yet", PROJECT, ...renewed({}, { ...HEADER, kid: "k2" }).map((part) => ("body" in part ? part : { ...part, signature: "not-checked" })));

t.refuses("no-refresh-token", "no-refresh-token", "Nothing to send", REFRESH, { previous: { ...t.base.previous, refresh_token: null } });
t.refuses("ended", "ended", "The refresh token was used, has expired or was taken back", "RFC 6749 section 5.2", error(400, { error: "invalid_grant" }));
t.refuses("ended", "ended-with-401", "With 401", "seen", error(401, { error: "invalid_grant" }));
t.refuses("ended", "ended-in-a-success", "With 200", "seen", error(200, { error: "invalid_grant" }));
t.refuses("client-misconfigured", "unknown-client", "The app is refused, the refresh token is as good as before", "RFC 6749 section 5.2", error(401, { error: "invalid_client" }));
t.refuses("client-misconfigured", "unauthorized-client", "Or may not do this", "RFC 6749 section 5.2", error(400, { error: "unauthorized_client" }));
t.refuses("transient", "server-error", "It may work later", PROJECT, { status: 503, body: "" });
t.refuses("transient", "gateway-with-an-error", "What a gateway says ends no session", PROJECT, error(502, { error: "invalid_grant" }));
t.refuses("transient", "too-many-requests", "Too often", "RFC 6585 section 4", error(429, { error: "slow_down" }));
t.refuses("transient", "timeout", "Too late", "RFC 9110 section 15.5.9", { status: 408, body: "" });
t.refuses("transient", "temporarily-unavailable", "In its own words", "RFC 6749 section 4.1.2.1", error(400, { error: "temporarily_unavailable" }));
t.refuses("transient", "page", "A page where JSON should be", "seen", { content_type: "text/html", body: "<html></html>" });
t.refuses("transient", "cut-off-by-a-failing-server", "A server that fails in the middle of a sentence", PROJECT, { status: 500, body: '{"error":"invalid_gr' });
t.refuses("unusable", "invalid-scope", "An error that ends nothing", "RFC 6749 section 5.2", error(400, { error: "invalid_scope" }));
t.refuses("unusable", "not-found", "No such page", PROJECT, { status: 404, body: "" });
t.refuses("unusable", "redirect", "No redirect is followed", PROJECT, { status: 302, body: "" });
t.refuses("unusable", "too-large", "A byte more than 1 MiB", PROJECT, { spaces_behind_body: 1_048_577 });
t.refuses("unusable", "no-access-token", "No access token", "RFC 6749 section 5.1", body({ access_token: undefined }));
t.refuses("unusable", "access-token-twice", "One that comes twice", "RFC 8259 section 4", { body: `{"access_token":"evil",${t.base.body.slice(1)}` });
t.refuses("unusable", "token-type", "Another type", "RFC 6749 section 5.1", body({ token_type: "mac" }));
t.refuses("unusable", "token-with-a-line-end", "A token that no header can carry", "RFC 6750 section 2.1", body({ access_token: "a\nb" }));
for (const [id, about, claims] of [
  ["other-issuer", "Another issuer", { iss: "https://evil.example" }],
  ["other-audience", "Another app", { aud: "another" }],
  ["two-audiences", "This app and another", { aud: ["client-id", "another"] }],
  ["other-party", "Given to another app", { azp: "another" }],
  ["somebody-else", "Somebody else", { sub: "another" }],
  ["nobody", "Nobody", { sub: undefined }],
  ["other-nonce", "Another login's nonce", { nonce: "other" }],
  ["null-nonce", "A nonce of null is neither absent nor the login's", { nonce: null }],
  ["other-auth-time", "Another login's time", { auth_time: NOW }],
  ["text-auth-time", "A time that is none", { auth_time: "yesterday" }],
  ["null-auth-time", "A time of null is neither absent nor the login's", { auth_time: null }],
]) {
  t.refuses("identity-mismatch", id, about, RENEWAL, renewed(claims)[0]);
}
t.refuses("identity-mismatch", "somebody-else-by-another-key", "Whatever key signed it", RENEWAL, renewed({ sub: "another" }, HEADER, OTHER_KEY)[0]);
t.refuses("identity-mismatch", "somebody-else-withheld", "Whether or not there are keys", RENEWAL, { ...renewed({ sub: "another" })[0], keys: null });
for (const [id, about, claims] of [
  ["expired", "A token that has ended", { exp: NOW - 60 }],
  ["old", "Issued long ago", { iat: NOW - 86_400 }],
  ["early", "Not valid yet", { nbf: NOW + 600 }],
  ["other-access-token", "The hash of another access token", { at_hash: halfHash(TOKEN.access_token) }],
]) {
  t.refuses("id-token", id, about, RENEWAL, renewed(claims)[0]);
}
t.refuses("id-token", "unreadable", "An ID token that is none", RENEWAL, body({ id_token: "x" }));
t.refuses("id-token", "empty", "An empty one", RENEWAL, body({ id_token: "" }));
t.refuses("id-token", "unsigned", "Another algorithm", RENEWAL, renewed({}, { alg: "none" })[0]);
t.refuses("id-token", "access-token-as-an-id-token", "Another kind of token", RENEWAL, renewed({}, { ...HEADER, typ: "at+jwt" })[0]);
t.refuses("id-token", "other-signature", "A signature that is wrong", RENEWAL, renewed({}, HEADER, OTHER_KEY)[0]);
