import { NOW, Tests } from "./tests.mjs";

export const TOKEN = {
  access_token: "hf_oauth_access-token",
  token_type: "bearer",
  expires_in: 28_800,
  refresh_token: "hf_oauth_refresh-token",
  scope: "openid profile",
  id_token: "a.b.c",
};

const t = new Tests(
  "exchange",
  { status: 200, content_type: "application/json; charset=utf-8", body: JSON.stringify(TOKEN), scopes: "openid profile email", now: NOW },
  {
    access_token: TOKEN.access_token,
    refresh_token: TOKEN.refresh_token,
    id_token: TOKEN.id_token,
    expires_at: NOW + 28_800,
    scope: "openid profile",
  },
);
export default t;

const ANSWER = "RFC 6749 section 5.1";
const ERROR = "RFC 6749 section 5.2";
const JSON_TEXT = "RFC 8259";
const HUB = "the Hub, as others report it";
const SEEN = "seen";
const PROJECT = "this project";

/** The answer with changed members. */
const body = (members) => ({ body: JSON.stringify({ ...TOKEN, ...members }) });
/** The answer with further members, as they are written. */
const written = (members) => ({ body: `${JSON.stringify(TOKEN).slice(0, -1)},${members}}` });
/** The answer with this text for `expires_in`. */
const lasting = (text) => ({ body: JSON.stringify(TOKEN).replace("28800", text) });
const error = (status, members) => ({ status, body: JSON.stringify(members) });

t.accepts("honest", "Every member, as the Hub sends them", ANSWER, {});
t.accepts("capital-bearer", "A token type has no case", ANSWER, body({ token_type: "Bearer" }));
t.accepts("shouted-bearer", "In any spelling", ANSWER, body({ token_type: "BEARER" }));
t.accepts("no-content-type", "A server that says no media type", SEEN, { content_type: undefined });
t.accepts("other-json-type", "A kin of JSON", "RFC 6839 section 3.1", { content_type: "application/problem+json" });
t.accepts("capital-type", "Media types have no case", "RFC 9110 section 8.3.1", { content_type: "Application/JSON" });
t.accepts("created", "Any success is one", PROJECT, { status: 201 });
t.accepts("no-refresh-token", "An app without that grant", HUB, body({ refresh_token: undefined }), { refresh_token: undefined });
t.accepts("null-refresh-token", "null is none", SEEN, body({ refresh_token: null }), { refresh_token: undefined });
t.accepts("empty-refresh-token", "An empty one is none", SEEN, body({ refresh_token: "" }), { refresh_token: undefined });
t.accepts("empty-id-token", "An empty ID token is read as one, and refused there", PROJECT, body({ id_token: "" }), { id_token: "" });

t.accepts("no-expires-in", "An hour, where nothing is said", ANSWER, body({ expires_in: undefined }), { expires_at: NOW + 3_600 });
for (const [id, about, text, seconds] of [
  ["null", "null says nothing", "null", 3_600],
  ["text", "A text of digits is a number", '"7200"', 7_200],
  ["text-with-spaces", "Spaces around it", '" 7200\\n"', 7_200],
  ["text-with-a-plus", "A plus sign", '"+7200"', 7_200],
  ["text-with-zeros", "Zeros in front", '"007200"', 7_200],
  ["fraction-in-a-text", "A fraction in a text says nothing", '"7200.5"', 3_600],
  ["exponent-in-a-text", "Nor an exponent", '"72e2"', 3_600],
  ["hexadecimal-text", "Nor a hexadecimal number", '"0x1c20"', 3_600],
  ["empty-text", "Nor nothing", '""', 3_600],
  ["words", "Nor words", '"soon"', 3_600],
  ["underscored-text", "Nor an underscore", '"7_200"', 3_600],
  ["large-text", "Nor a number that no clock has", '"9223372036854775808"', 3_600],
  ["largest-text", "The largest that one has is cut to a year", '"9223372036854775807"', 31_536_000],
  ["fraction", "A fraction is cut", "7200.9", 7_200],
  ["exponent", "An exponent", "72e2", 7_200],
  ["huge-exponent", "More than a year is cut to a year", "1e300", 31_536_000],
  ["huge", "So is a number beyond 64 bits", "18446744073709551616", 31_536_000],
  ["beyond-signed", "And one beyond 63", "9223372036854775808", 31_536_000],
  ["year", "A year to the second", "31536000", 31_536_000],
  ["more-than-a-year", "And a second more", "31536001", 31_536_000],
  ["negative", "What ended already lives for a minute", "-1", 60],
  ["very-negative", "However long ago", "-1e300", 60],
  ["zero", "As does what lives for no time", "0", 60],
  ["minus-zero", "And -0", "-0", 60],
  ["small", "Less than a minute is a minute", "59.99", 60],
  ["minute", "A minute is one", "60", 60],
  ["true", "true says nothing", "true", 3_600],
  ["list", "Nor does a list", "[7200]", 3_600],
  ["object", "Nor an object", '{"seconds":7200}', 3_600],
]) {
  t.accepts(`expires-in-${id}`, about, SEEN, lasting(text), { expires_at: NOW + seconds });
}

t.accepts("no-scope", "What was asked for, where nothing is said", ANSWER, body({ scope: undefined }), { scope: "openid profile email" });
t.accepts("null-scope", "null says nothing", SEEN, body({ scope: null }), { scope: "openid profile email" });
t.accepts("empty-scope", "An empty text says that nothing was granted", ANSWER, body({ scope: "" }), { scope: "" });
t.accepts("scope-as-a-list", "A list of scopes", SEEN, body({ scope: ["openid", "inference-api"] }), { scope: "openid inference-api" });
t.accepts("empty-list-of-scopes", "An empty list", SEEN, body({ scope: [] }), { scope: "" });
t.accepts("scopes-once", "Each scope once, in their order", "RFC 6749 section 3.3", body({ scope: "openid  profile openid\tbrand-new" }), { scope: "openid profile brand-new" });
t.accepts("unknown-scope", "The Hub's list grows", "https://huggingface.co/docs/hub/oauth", body({ scope: "openid read-mcp a:b/c" }), { scope: "openid read-mcp a:b/c" });
t.accepts("scopes-asked-twice", "What was asked for is a list without duplicates", "RFC 6749 section 3.3", { ...body({ scope: undefined }), scopes: "openid openid  jobs" }, { scope: "openid jobs" });

t.accepts("unknown-members", "What is not known is left alone", ANSWER, written('"brand":"new","nested":{"a":[1,2,{"b":null}]}'));
t.accepts("unknown-members-twice", "Nobody reads them, so they may come twice", JSON_TEXT, written('"brand":1,"brand":2,"token_kind":"a","token_kind":"b"'));
t.accepts("unread-surrogate", "Half a surrogate in a text that nobody reads", JSON_TEXT, written('"brand":"\\ud800"'));
t.accepts("unread-huge-number", "A number beyond every range, which nobody reads", JSON_TEXT, written('"brand":1e999'));
t.accepts("deep-nesting", "Nesting of 1,000 levels that nobody reads", JSON_TEXT, written(`"brand":${"[".repeat(1_000)}${"]".repeat(1_000)}`));
t.accepts("null-error", "An error of null is none", SEEN, written('"error":null'));
t.accepts("description-alone", "A description without an error is none", SEEN, written('"error_description":"x"'));
t.accepts("white-space", "White space around everything", JSON_TEXT, { body: ` \t\r\n${JSON.stringify(TOKEN, null, "\t")}\r\n ` });
t.accepts("byte-order-mark", "A byte order mark, which no sender may add and a reader may ignore", "RFC 8259 section 8.1", { body: `\ufeff${JSON.stringify(TOKEN)}` });
t.accepts("escaped-names", "Names may be escaped", JSON_TEXT, { body: JSON.stringify(TOKEN).replace("access_token", "\\u0061ccess_token") });
t.accepts("escaped-token", "So may tokens", JSON_TEXT, { body: JSON.stringify(TOKEN).replace("hf_oauth_access", "hf\\u005Foauth\\u005faccess") });
t.accepts("escaped-slash", "A slash may be", JSON_TEXT, { body: JSON.stringify(TOKEN).replace("access-token", "access\\/token") }, { access_token: "hf_oauth_access/token" });
t.accepts("every-visible-sign", "A token of every visible sign", "RFC 6750 section 2.1", body({ access_token: "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~" }), { access_token: "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~" });
t.accepts("longest-token", "A token of 16 KiB", PROJECT, body({ access_token: "t".repeat(16_384) }), { access_token: "t".repeat(16_384) });
t.accepts("largest-answer", "An answer of 1 MiB", PROJECT, { spaces_behind_body: 1_048_576 - JSON.stringify(TOKEN).length });
t.accepts("token-type-issued", "A member of token exchange, of any type", "RFC 8693 section 2.2.1", written('"issued_token_type":7'));

t.refuses("too-large", "too-large", "A byte more than 1 MiB", PROJECT, { spaces_behind_body: 1_048_577 - JSON.stringify(TOKEN).length });
t.refuses("redirected", "redirect", "No redirect is followed with a code in hand", "RFC 9700 section 4.12", { status: 307 });
t.refuses("redirected", "redirect-with-an-error", "Whatever it says", "RFC 9700 section 4.12", error(302, { error: "invalid_grant" }));
t.refuses("redirected", "not-modified", "Nor was it asked whether something changed", "RFC 9110 section 15.4.5", { status: 304, body: "" });
t.refuses("invalid-grant", "code-used", "A code that was used, has expired or is another's", ERROR, error(400, { error: "invalid_grant", error_description: "Code was used" }));
t.refuses("invalid-grant", "invalid-code", "What another provider says in its place", SEEN, error(400, { error: "invalid_code" }));
t.refuses("invalid-grant", "unauthorized-grant", "With 401", ERROR, error(401, { error: "invalid_grant" }));
t.refuses("invalid-grant", "forbidden-grant", "With 403, as some do", SEEN, error(403, { error: "invalid_grant" }));
t.refuses("invalid-grant", "error-in-a-success", "With 200, as some do", SEEN, error(200, { error: "invalid_grant" }));
t.refuses("invalid-grant", "error-beside-tokens", "An error goes before tokens", SEEN, written('"error":"invalid_grant"'));
t.refuses("invalid-grant", "error-as-text", "Whatever its media type", SEEN, { ...error(400, { error: "invalid_grant" }), content_type: "text/html" });
t.refuses("invalid-grant", "error-behind-a-mark", "Behind a byte order mark", "RFC 8259 section 8.1", { status: 400, body: '\ufeff{"error":"invalid_grant"}' });
t.refuses("invalid-grant", "last-error", "Of two errors the last counts, for both are refusals", JSON_TEXT, { status: 400, body: '{"error":"invalid_client","error":"invalid_grant"}' });
t.refuses("invalid-grant", "error-with-hidden-letters", "Characters that do not show are taken out", "Unicode TR 36", { status: 400, body: '{"error":"invalid\\u200b_grant\\u0000"}' });
t.refuses("invalid-client", "unknown-client", "The app is not known", ERROR, error(401, { error: "invalid_client" }));
t.refuses("invalid-client", "unauthorized-client", "Or may not do this", ERROR, error(400, { error: "unauthorized_client" }));
t.refuses("oauth", "gateway-with-an-error", "What a gateway says is not the token endpoint's word", PROJECT, error(502, { error: "invalid_grant" }));
t.refuses("oauth", "not-found-with-an-error", "Nor a page that is not there", PROJECT, error(404, { error: "invalid_grant" }));
t.refuses("oauth", "too-many-requests", "Too often", "RFC 6585 section 4", error(429, { error: "slow_down" }));
t.refuses("oauth", "invalid-request", "An error without a name of its own", ERROR, error(400, { error: "invalid_request" }));
t.refuses("oauth", "capital-error", "Error codes have a case", ERROR, error(400, { error: "INVALID_GRANT" }));
t.refuses("oauth", "error-as-an-object", "An error that is no text", SEEN, error(400, { error: { code: "invalid_grant" } }));
t.refuses("oauth", "false-error", "Anything but null is an error", SEEN, written('"error":false'));
t.refuses("oauth", "empty-error", "An empty one too", SEEN, written('"error":""'));
t.refuses("status", "server-error", "A server that fails without a word", ERROR, { status: 500, body: "" });
t.refuses("status", "error-page", "A page", SEEN, { status: 502, content_type: "text/html", body: "<h1>Bad Gateway</h1>" });
t.refuses("status", "tokens-with-an-error-status", "Tokens with an error status are none", ERROR, { status: 400 });
t.refuses("status", "null-error-status", "An error of null says nothing", ERROR, error(400, { error: null }));
t.refuses("status", "error-in-a-list", "An error must be an object's", ERROR, { status: 400, body: '[{"error":"invalid_grant"}]' });
t.refuses("status", "error-cut-off", "An error that is not whole", JSON_TEXT, { status: 400, body: '{"error":"invalid_grant"' });
t.refuses("status", "error-with-a-tail", "Something stands behind it", JSON_TEXT, { status: 400, body: '{"error":"invalid_grant"}}' });
t.refuses("status", "informational", "No answer at all", "RFC 9110 section 15.2", { status: 199 });
t.refuses("not-json", "page", "A page with 200", SEEN, { content_type: "text/html", body: "<!doctype html><title>Hub</title>" });
t.refuses("not-json", "json-as-a-page", "JSON that says it is a page", SEEN, { content_type: "text/html" });
t.refuses("not-json", "json-as-text", "Or text", SEEN, { content_type: "text/plain" });
t.refuses("not-json", "javascript", "Or a script", SEEN, { content_type: "application/javascript" });
t.refuses("not-json", "json-of-text", "A text with a suffix", "RFC 6839 section 3.1", { content_type: "text/x+json" });
t.refuses("not-json", "empty", "Nothing", JSON_TEXT, { body: "" });
t.refuses("not-json", "no-content", "Nothing, with 204", JSON_TEXT, { status: 204, body: "", content_type: undefined });
t.refuses("not-json", "list", "A list", ANSWER, { body: `[${JSON.stringify(TOKEN)}]` });
t.refuses("not-json", "list-of-values", "A list of its values, which some readers take for an object", ANSWER, { body: JSON.stringify(Object.values(TOKEN)) });
t.refuses("not-json", "text", "A text", ANSWER, { body: '"ok"' });
t.refuses("not-json", "form", "A form, as before the standard", SEEN, { content_type: "application/x-www-form-urlencoded", body: "access_token=x&token_type=bearer" });
t.refuses("not-json", "two-marks", "One byte order mark, not two", "RFC 8259 section 8.1", { body: `\ufeff\ufeff${JSON.stringify(TOKEN)}` });
t.refuses("not-json", "space-before-the-mark", "And nothing before it", "RFC 8259 section 8.1", { body: ` \ufeff${JSON.stringify(TOKEN)}` });
t.refuses("not-json", "utf-16", "UTF-16", "RFC 8259 section 8.1", { body: undefined, body_base64: Buffer.from(`\ufeff${JSON.stringify(TOKEN)}`, "utf16le").toString("base64") });
t.refuses("not-json", "no-break-space", "White space that is none of JSON's", "RFC 8259 section 2", { body: `\u00a0${JSON.stringify(TOKEN)}` });
t.refuses("malformed", "jwt", "A signed answer, which was not asked for", "RFC 9701", { content_type: "application/jwt", body: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln" });
t.refuses("malformed", "jwt-as-json", "Whatever it says it is", "RFC 9701", { body: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln" });
t.refuses("malformed", "empty-object", "An object without anything", ANSWER, { body: "{}" });
t.refuses("malformed", "no-access-token", "No access token", ANSWER, body({ access_token: undefined }));
t.refuses("malformed", "null-access-token", "null is none", ANSWER, body({ access_token: null }));
t.refuses("malformed", "number-for-a-token", "A number is no token", ANSWER, body({ access_token: 7 }));
t.refuses("malformed", "no-token-type", "No token type", ANSWER, body({ token_type: undefined }));
t.refuses("malformed", "list-for-a-token-type", "A list of them", ANSWER, body({ token_type: ["bearer"] }));
t.refuses("malformed", "number-for-a-refresh-token", "A number is no refresh token", ANSWER, body({ refresh_token: 7 }));
t.refuses("malformed", "object-for-an-id-token", "An object is no ID token", ANSWER, body({ id_token: {} }));
t.refuses("malformed", "number-for-a-scope", "A number is no scope", ANSWER, body({ scope: 7 }));
t.refuses("malformed", "numbers-in-a-list-of-scopes", "Nor in a list", ANSWER, body({ scope: ["openid", 7] }));
for (const name of ["access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"]) {
  t.refuses("malformed", `${name.replaceAll("_", "-")}-twice`, `${name} comes twice, though the same: readers disagree on which counts`, "RFC 8259 section 4", written(`"${name}":${JSON.stringify(TOKEN[name])}`));
}
t.refuses("malformed", "escaped-duplicate", "An escaped name is the same name", "RFC 8259 section 4", written('"access\\u005ftoken":"evil"'));
t.refuses("malformed", "cut-off", "An answer that is not whole", JSON_TEXT, { body: JSON.stringify(TOKEN).slice(0, -1) });
t.refuses("malformed", "bracket-behind", "Something stands behind the object", JSON_TEXT, { body: `${JSON.stringify(TOKEN)}}` });
t.refuses("malformed", "object-behind", "Another object", JSON_TEXT, { body: `${JSON.stringify(TOKEN)}\n${JSON.stringify(TOKEN)}` });
t.refuses("malformed", "zero-behind", "A zero byte", JSON_TEXT, { body: `${JSON.stringify(TOKEN)}\0` });
t.refuses("malformed", "trailing-comma", "A comma too many", JSON_TEXT, { body: `${JSON.stringify(TOKEN).slice(0, -1)},}` });
t.refuses("malformed", "single-quotes", "Other quotation marks", JSON_TEXT, { body: JSON.stringify(TOKEN).replaceAll('"', "'") });
t.refuses("malformed", "comment", "A comment", JSON_TEXT, written('/* a */"brand":1'));
t.refuses("malformed", "not-a-number", "NaN", JSON_TEXT, lasting("NaN"));
t.refuses("malformed", "infinity", "Infinity", JSON_TEXT, lasting("Infinity"));
t.refuses("malformed", "plus-sign", "A plus sign before a number", JSON_TEXT, lasting("+7200"));
t.refuses("malformed", "leading-zero", "A zero before a number", JSON_TEXT, lasting("07200"));
t.refuses("malformed", "no-fraction", "A point without a fraction", JSON_TEXT, lasting("7200."));
t.refuses("malformed", "hexadecimal", "A hexadecimal number", JSON_TEXT, lasting("0x1c20"));
t.refuses("malformed", "line-end-in-a-text", "A line end in a text", "RFC 8259 section 7", { body: JSON.stringify(TOKEN).replace("access-token", "access\ntoken") });
t.refuses("malformed", "unknown-escape", "An escape that is none", "RFC 8259 section 7", { body: JSON.stringify(TOKEN).replace("access-token", "access\\xtoken") });
t.refuses("malformed", "surrogate-in-a-token", "Half a surrogate in a text that is read", "RFC 8259 section 8.2", { body: JSON.stringify(TOKEN).replace("access-token", "access\\ud800token") });
t.refuses("malformed", "surrogates-in-the-wrong-order", "Two halves in the wrong order", "RFC 8259 section 8.2", { body: JSON.stringify(TOKEN).replace("access-token", "access\\udc00\\ud800token") });
t.refuses("malformed", "surrogate-in-a-name", "Half a surrogate in a name", "RFC 8259 section 8.2", written('"\\ud800":1'));
t.refuses("malformed", "bytes-in-a-token", "Bytes that are no text", "RFC 8259 section 8.1", { body: undefined, body_base64: Buffer.from(JSON.stringify(TOKEN).replace("access-token", "\xff"), "latin1").toString("base64") });
t.refuses("unsupported-token-type", "mac", "A token of another type", ANSWER, body({ token_type: "mac" }));
t.refuses("unsupported-token-type", "dpop", "One that is bound to a key", "RFC 9449", body({ token_type: "DPoP" }));
t.refuses("unsupported-token-type", "empty-token-type", "No type", ANSWER, body({ token_type: "" }));
t.refuses("unsupported-token-type", "bearer-with-a-space", "A type with a space", ANSWER, body({ token_type: "bearer " }));
t.refuses("unsupported-token-type", "bearer-of-other-letters", "Letters that look the same", ANSWER, body({ token_type: "be\u0430rer" }));
t.refuses("malformed-token", "empty-token", "An empty token", ANSWER, body({ access_token: "" }));
t.refuses("malformed-token", "token-with-a-space", "A space ends a header's token", "RFC 6750 section 2.1", body({ access_token: "a b" }));
t.refuses("malformed-token", "token-with-a-line-end", "A line end begins another header", "RFC 6750 section 2.1", body({ access_token: "a\r\nX-Evil: 1" }));
t.refuses("malformed-token", "token-of-other-letters", "A header has ASCII", "RFC 6750 section 2.1", body({ access_token: "hf_\u00e9" }));
t.refuses("malformed-token", "long-token", "A byte more than 16 KiB", PROJECT, body({ access_token: "t".repeat(16_385) }));
t.refuses("malformed-token", "refresh-token-with-a-space", "A refresh token with a space", PROJECT, body({ refresh_token: "a b" }));
t.refuses("id-token-missing", "no-id-token", "No ID token, though `openid` was asked for", "OpenID Connect Core section 3.1.3.3", body({ id_token: undefined }));
t.refuses("id-token-missing", "null-id-token", "null is none", "OpenID Connect Core section 3.1.3.3", body({ id_token: null }));
t.refuses("unsupported-token-type", "type-before-token", "The type is looked at before the token", PROJECT, body({ token_type: "mac", access_token: "" }));
