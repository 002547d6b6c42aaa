import { Tests } from "./tests.mjs";

const ISSUER = "https://id.example/realm";
export const DOCUMENT = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  jwks_uri: `${ISSUER}/keys`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
  device_authorization_endpoint: `${ISSUER}/device`,
  code_challenge_methods_supported: ["plain", "S256"],
  id_token_signing_alg_values_supported: ["EdDSA", "RS256"],
  authorization_response_iss_parameter_supported: true,
};

const t = new Tests(
  "discovery",
  { status: 200, content_type: "application/json", body: JSON.stringify(DOCUMENT), issuer: ISSUER },
  {
    authorization_endpoint: DOCUMENT.authorization_endpoint,
    token_endpoint: DOCUMENT.token_endpoint,
    jwks_uri: DOCUMENT.jwks_uri,
    userinfo_endpoint: DOCUMENT.userinfo_endpoint,
    iss_promised: true,
  },
);
export default t;

const DISCOVERY = "OpenID Connect Discovery section 3";
const LETTER = "OpenID Connect Discovery section 4.3";
const ENDPOINT = "RFC 6749 section 3.1";
const PROJECT = "this project: endpoints stand on the issuer's origin";
const body = (members) => ({ body: JSON.stringify({ ...DOCUMENT, ...members }) });
const written = (members) => ({ body: `${JSON.stringify(DOCUMENT).slice(0, -1)},${members}}` });

t.accepts("honest", "Every member", DISCOVERY, {});
t.accepts("few-members", "What is needed and no more", DISCOVERY, { body: JSON.stringify({ issuer: ISSUER, authorization_endpoint: DOCUMENT.authorization_endpoint, token_endpoint: DOCUMENT.token_endpoint, jwks_uri: DOCUMENT.jwks_uri }) }, { userinfo_endpoint: undefined, iss_promised: false });
t.accepts("nulls", "null says nothing", DISCOVERY, body({ userinfo_endpoint: null, device_authorization_endpoint: null, code_challenge_methods_supported: null, id_token_signing_alg_values_supported: null, authorization_response_iss_parameter_supported: null }), { userinfo_endpoint: undefined, iss_promised: false });
t.accepts("no-promise", "No promise to name itself", "RFC 9207 section 3", body({ authorization_response_iss_parameter_supported: false }), { iss_promised: false });
t.accepts("unknown-members", "What is not known is left alone", DISCOVERY, written('"scopes_supported":["openid"],"x":1e999,"x":"\\ud800"'));
t.accepts("capital-host", "A host has no case, and the text stays as it is", "RFC 3986 section 6.2.2.1", body({ token_endpoint: "https://ID.example/token" }), { token_endpoint: "https://ID.example/token" });
t.accepts("default-port", "The default port is the same origin", "RFC 6454 section 4", body({ token_endpoint: "https://id.example:443/token" }), { token_endpoint: "https://id.example:443/token" });
t.accepts("query", "An endpoint with a query", ENDPOINT, body({ token_endpoint: "https://id.example/token?tenant=7" }), { token_endpoint: "https://id.example/token?tenant=7" });
t.accepts("outside-of-the-path", "The origin counts, not the path", PROJECT, body({ token_endpoint: "https://id.example/elsewhere" }), { token_endpoint: "https://id.example/elsewhere" });
t.accepts("byte-order-mark", "A byte order mark", "RFC 8259 section 8.1", { body: `\ufeff${JSON.stringify(DOCUMENT)}` });
t.accepts("loopback", "Plain http on this machine", "RFC 8252 section 7.3", {
  issuer: "http://localhost:5555",
  body: JSON.stringify({ issuer: "http://localhost:5555", authorization_endpoint: "http://localhost:5555/oauth/authorize", token_endpoint: "http://localhost:5555/oauth/token", jwks_uri: "http://localhost:5555/oauth/jwks" }),
}, { authorization_endpoint: "http://localhost:5555/oauth/authorize", token_endpoint: "http://localhost:5555/oauth/token", jwks_uri: "http://localhost:5555/oauth/jwks", userinfo_endpoint: undefined, iss_promised: false });

t.refuses("too-large", "too-large", "A byte more than 1 MiB", "this project", { spaces_behind_body: 1_048_577 - JSON.stringify(DOCUMENT).length });
t.refuses("redirected", "redirect", "No redirect is followed", "this project", { status: 301 });
t.refuses("oauth", "error", "An error with 200", "seen", { body: '{"error":"temporarily_unavailable"}' });
t.refuses("oauth", "error-beside-metadata", "An error goes before metadata", "seen", written('"error":"temporarily_unavailable"'));
t.refuses("status", "not-found", "No metadata", DISCOVERY, { status: 404, body: "Not Found", content_type: "text/plain" });
t.refuses("not-json", "page", "A page", DISCOVERY, { content_type: "text/html", body: "<html></html>" });
t.refuses("malformed", "no-issuer", "No issuer", DISCOVERY, body({ issuer: undefined }));
t.refuses("malformed", "null-issuer", "An issuer of null", DISCOVERY, body({ issuer: null }));
t.refuses("malformed", "issuer-twice", "An issuer that comes twice", "RFC 8259 section 4", written(`"issuer":"${ISSUER}"`));
t.refuses("malformed", "endpoint-twice", "An endpoint that comes twice", "RFC 8259 section 4", written(`"token_endpoint":"${ISSUER}/token"`));
t.refuses("malformed", "no-keys", "No address of keys", DISCOVERY, body({ jwks_uri: undefined }));
t.refuses("malformed", "number-for-userinfo", "An endpoint that is no text", DISCOVERY, body({ userinfo_endpoint: 7 }));
t.refuses("malformed", "promise-as-text", "Who promises in a way that is not understood is not taken for one who promises nothing", "RFC 9207 section 3", body({ authorization_response_iss_parameter_supported: "true" }));
t.refuses("malformed", "text-for-a-list", "A list that is none", DISCOVERY, body({ code_challenge_methods_supported: "S256" }));
t.refuses("malformed", "number-in-a-list", "A list of other things", DISCOVERY, body({ id_token_signing_alg_values_supported: ["RS256", 7] }));
t.refuses("issuer-mismatch", "other-issuer", "Another issuer", LETTER, body({ issuer: "https://evil.example" }));
t.refuses("issuer-mismatch", "slash", "A slash makes another issuer", LETTER, body({ issuer: `${ISSUER}/` }));
t.refuses("issuer-mismatch", "capitals", "So do capitals", LETTER, body({ issuer: "https://ID.example/realm" }));
t.refuses("issuer-mismatch", "issuer-first", "Nothing of another's document is looked at", LETTER, body({ issuer: "https://evil.example", token_endpoint: "http://evil.example/token" }));
t.refuses("pkce-unsupported", "plain-alone", "PKCE without S256", "RFC 7636 section 4.2", body({ code_challenge_methods_supported: ["plain"] }));
t.refuses("pkce-unsupported", "no-methods", "An empty list", "RFC 8414 section 2", body({ code_challenge_methods_supported: [] }));
t.refuses("pkce-unsupported", "method-in-other-case", "Names have a case", "RFC 7636 section 4.2", body({ code_challenge_methods_supported: ["s256"] }));
t.refuses("unsupported-alg", "other-algorithms", "No RS256", DISCOVERY, body({ id_token_signing_alg_values_supported: ["ES256", "rs256"] }));
for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "device_authorization_endpoint"]) {
  t.refuses("insecure-endpoint", `plain-${name.replaceAll("_", "-")}`, `${name} without TLS`, ENDPOINT, body({ [name]: "http://id.example/x" }));
  t.refuses("foreign-endpoint", `foreign-${name.replaceAll("_", "-")}`, `${name} on another origin`, PROJECT, body({ [name]: "https://evil.example/x" }));
}
for (const [id, about, url] of [
  ["empty-endpoint", "An endpoint that is empty", ""],
  ["relative-endpoint", "A path", "/token"],
  ["endpoint-with-a-username", "A username", "https://id.example@evil.example/token"],
  ["endpoint-with-a-backslash", "A backslash", "https://evil.example\\@id.example/token"],
  ["endpoint-with-a-fragment", "A fragment", "https://id.example/token#x"],
  ["endpoint-with-a-space", "A space", "https://id.example/to ken"],
  ["endpoint-with-other-letters", "Letters that look the same", "https://\u0456d.example/token"],
  ["endpoint-with-a-scheme-in-capitals", "A scheme in capitals", "HTTPS://id.example/token"],
]) {
  t.refuses("insecure-endpoint", id, about, "RFC 3986", body({ token_endpoint: url }));
}
t.refuses("foreign-endpoint", "other-port", "Another port is another origin", "RFC 6454 section 4", body({ token_endpoint: "https://id.example:8443/token" }));
t.refuses("foreign-endpoint", "below", "A host below is another origin", "RFC 6454 section 4", body({ token_endpoint: "https://a.id.example/token" }));
t.refuses("foreign-endpoint", "loopback-endpoint", "This machine is another origin", PROJECT, body({ token_endpoint: "http://localhost/token" }));
