import { NOW, Tests } from "./tests.mjs";

const AT = "https://app.example/callback";
const t = new Tests(
  "callback",
  {
    url: `${AT}?code=c0de&state=s7ate`,
    state: "s7ate",
    issuer: "https://huggingface.co",
    begun_with: "https://huggingface.co",
    begun_at: NOW,
    iss_promised: false,
    now: NOW + 5,
  },
  { code: "c0de" },
);
export default t;

const CODE = "RFC 6749 section 4.1.2";
const STATE = "RFC 6749 section 10.12";
const ISS = "RFC 9207 section 2.4";
const ONCE = "RFC 6749 section 3.1";
const FORM = "URL Standard, application/x-www-form-urlencoded parsing";
const with_query = (query) => ({ url: `${AT}?${query}` });

t.accepts("honest", "A redirect with this login's state and a code", CODE, {});
t.accepts("path-and-query", "A server sees path and query alone", CODE, { url: "/callback?code=c0de&state=s7ate" });
t.accepts("query-alone", "A query without a path", CODE, { url: "?code=c0de&state=s7ate" });
t.accepts("other-order", "Parameters come in any order", CODE, with_query("state=s7ate&code=c0de"));
t.accepts("unknown-parameters", "What is not known is left alone", CODE, with_query("session_state=x&code=c0de&scope=openid&state=s7ate&x"));
t.accepts("unknown-twice", "Nobody reads what is not known, so it may come twice", CODE, with_query("a=1&a=2&code=c0de&state=s7ate"));
t.accepts("empty-parameters", "Empty pairs are none", FORM, with_query("&&code=c0de&&state=s7ate&"));
t.accepts("escaped-names", "Names may be percent-encoded", FORM, with_query("%63ode=c0de&st%61te=s7ate"));
t.accepts("escaped-code", "A code is decoded", FORM, with_query("code=a%2Fb%2Bc%20d%26e%3D&state=s7ate"), { code: "a/b+c d&e=" });
t.accepts("plus-is-a-space", "A plus sign is a space", FORM, with_query("code=a+b&state=s7ate"), { code: "a b" });
t.accepts("half-an-escape", "What is no escape stays as it is", FORM, with_query("code=50%&state=s7ate"), { code: "50%" });
t.accepts("escape-of-no-digits", "Nor is %zz one", FORM, with_query("code=%zz%4&state=s7ate"), { code: "%zz%4" });
t.accepts("half-an-escape-before-a-letter", "Beside letters that are not ASCII too, which Node 20's URLSearchParams misreads", FORM, with_query("code=%6e%\u200b%4\u0141&state=s7ate"), { code: "n%\u200b%4\u0141" });
t.accepts("code-with-equals-signs", "The first equals sign ends the name", FORM, with_query("code=a=b==&state=s7ate"), { code: "a=b==" });
t.accepts("code-with-a-question-mark", "The first question mark begins the query", "RFC 3986 section 3.4", with_query("code=a?b&state=s7ate"), { code: "a?b" });
t.accepts("code-of-other-letters", "A code is UTF-8", FORM, with_query("code=%E2%9C%93&state=s7ate"), { code: "\u2713" });
t.accepts("code-of-no-text", "What is no UTF-8 is replaced", FORM, with_query("code=a%FFb%C3&state=s7ate"), { code: "a\ufffdb\ufffd" });
t.accepts("code-of-half-a-surrogate", "Surrogates are no UTF-8", FORM, with_query("code=%ED%A0%80&state=s7ate"), { code: "\ufffd\ufffd\ufffd" });
t.accepts("code-with-a-byte-order-mark", "A byte order mark is a part of the code", FORM, with_query("code=%EF%BB%BFa&state=s7ate"), { code: "\ufeffa" });
t.accepts("code-with-a-zero", "A zero byte is a part of the code", FORM, with_query("code=a%00b&state=s7ate"), { code: "a\0b" });
t.accepts("letters-as-they-are", "An address may have other letters unescaped", FORM, with_query("code=\u00e9&state=s7ate"), { code: "\u00e9" });
t.accepts("long-state", "A state of 43 characters", STATE, { url: `${AT}?code=c0de&state=${"aB3_-".repeat(9)}`, state: "aB3_-".repeat(9) });
t.accepts("fragment-of-the-app", "A fragment of the app's own is left alone", CODE, { url: `${AT}?code=c0de&state=s7ate#/page?x=1` });
t.accepts("fragment-with-a-code", "A code in the fragment is nobody's", CODE, { url: `${AT}?code=c0de&state=s7ate#code=evil&state=x` });
t.accepts("query-of-the-app", "A query of the redirect URI's own comes back", CODE, with_query("_target_url=%2F&code=c0de&state=s7ate"));
t.accepts("pasted-line-end", "What was pasted may end in a line break", "seen", { url: ` ${AT}?code=c0de&state=s7ate\r\n` });
t.accepts("loopback", "A program on this machine", "RFC 8252 section 7.3", { url: "http://127.0.0.1:8912/?code=c0de&state=s7ate" });
t.accepts("with-issuer", "The issuer that was asked names itself", ISS, with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fhuggingface.co"));
t.accepts("promised-issuer", "As it promised", ISS, { ...with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fhuggingface.co"), iss_promised: true });
t.accepts("issuer-with-a-path", "An issuer's path is a part of its name", ISS, {
  ...with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fid.example%2Frealms%2Fone"),
  issuer: "https://id.example/realms/one",
  begun_with: "https://id.example/realms/one",
});
t.accepts("last-second", "Ten minutes later, to the second", "this project: a login takes at most 600 s", { now: NOW + 600 });
t.accepts("clock-set-back", "A clock that went back makes no login older", "this project", { now: NOW - 3_600 });

t.refuses("malformed", "no-address", "A code that was pasted alone", CODE, { url: "c0de" });
t.refuses("malformed", "words", "Something else was pasted", CODE, { url: "code=c0de&state=s7ate" });
t.refuses("malformed", "space-inside", "Parsers disagree on a space", "URL Standard", { url: `${AT}?code=c0 de&state=s7ate` });
t.refuses("malformed", "tab-inside", "Parsers disagree on a tab", "URL Standard", { url: `${AT}?co\tde=c0de&state=s7ate` });
t.refuses("malformed", "line-end-inside", "Parsers disagree on a line end", "URL Standard", { url: `${AT}?code=c0de\n&state=s7ate` });
t.refuses("malformed", "zero-inside", "A zero byte", "URL Standard", { url: `${AT}?code=c0de\0&state=s7ate` });
t.refuses("malformed", "delete-inside", "A control character", "URL Standard", { url: `${AT}?code=c0de\x7f&state=s7ate` });
t.refuses("malformed", "vertical-tab-at-the-end", "A vertical tab is no white space of ASCII's five", "URL Standard", { url: `${AT}?code=c0de&state=s7ate\v` });
t.refuses("state-missing", "empty", "Nothing at all", CODE, { url: "" });
t.refuses("state-mismatch", "no-break-space-at-the-end", "A no-break space belongs to the state", STATE, { url: `${AT}?code=c0de&state=\u00a0`, state: "\u00a0x" });

for (const name of ["code", "state", "iss", "error", "error_description"]) {
  const value = { code: "c0de", state: "s7ate", iss: "https%3A%2F%2Fhuggingface.co" }[name] ?? "x";
  t.refuses("duplicate-parameter", `${name.replace("_", "-")}-twice`, `${name} comes twice, though the same`, ONCE, with_query(`code=c0de&state=s7ate&${name}=${value}${["code", "state"].includes(name) ? "" : `&${name}=${value}`}`));
}
t.refuses("duplicate-parameter", "code-twice-escaped", "An escaped name is the same name", ONCE, with_query("code=c0de&%63ode=evil&state=s7ate"));
t.refuses("duplicate-parameter", "empty-code-twice", "An empty one counts", ONCE, with_query("code&code=c0de&state=s7ate"));
t.refuses("duplicate-parameter", "duplicate-before-forgery", "What cannot be read is not held against a state", ONCE, with_query("code=a&code=b&state=forged"));
for (const name of ["access_token", "id_token", "token", "token_type", "response"]) {
  t.refuses("unexpected-parameter", `${name.replace("_", "-")}-in-the-query`, `${name} must not travel in an address`, "RFC 9700 section 2.1.2", with_query(`code=c0de&state=s7ate&${name}=x`));
  t.refuses("unexpected-parameter", `${name.replace("_", "-")}-in-the-fragment`, `${name} must not travel in a fragment`, "RFC 9700 section 2.1.2", { url: `${AT}?code=c0de&state=s7ate#${name}=x` });
}
t.refuses("unexpected-parameter", "implicit-answer", "An implicit answer, which nobody asked for", "RFC 9700 section 2.1.2", { url: `${AT}#state=s7ate&access_token=x&token_type=bearer` });

t.refuses("state-missing", "no-state", "No state", STATE, with_query("code=c0de"));
t.refuses("state-missing", "empty-state", "An empty one is none", STATE, with_query("code=c0de&state="));
t.refuses("state-missing", "error-without-state", "Nor is an error believed without one", STATE, with_query("error=access_denied"));
t.refuses("state-missing", "state-in-the-fragment", "A fragment is not read", STATE, { url: `${AT}?code=c0de#state=s7ate` });
t.refuses("state-mismatch", "state-of-another-login", "A redirect whose state is not this login's is refused, whatever else it says", STATE, with_query("code=c0de&state=forged"));
t.refuses("state-mismatch", "state-in-other-case", "A state is compared to the letter", STATE, with_query("code=c0de&state=S7ate"));
t.refuses("state-mismatch", "state-with-a-space", "And with what stands around it", STATE, with_query("code=c0de&state=s7ate%20"));
t.refuses("state-mismatch", "beginning-of-the-state", "A part of it is not it", STATE, with_query("code=c0de&state=s7at"));
t.refuses("state-mismatch", "state-composed", "Letters that look the same are not the same", STATE, { url: `${AT}?code=c0de&state=e%CC%81`, state: "\u00e9" });
t.refuses("state-mismatch", "forged-denial", "A forged denial ends no login", STATE, with_query("error=access_denied&state=forged"));
t.refuses("state-expired", "second-too-late", "Ten minutes and a second later", "this project: a login takes at most 600 s", { now: NOW + 601 });
t.refuses("state-expired", "late-denial", "A denial comes too late as well", "this project", { ...with_query("error=access_denied&state=s7ate"), now: NOW + 86_400 });
t.refuses("other-provider", "begun-elsewhere", "The login was begun with another provider", "RFC 9700 section 4.4", { begun_with: "https://id.example" });
t.refuses("other-provider", "begun-with-a-slash", "Issuers are compared to the letter", "OpenID Connect Discovery section 4.3", { begun_with: "https://huggingface.co/" });
t.refuses("issuer-mismatch", "mix-up", "The answer of another provider", ISS, with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fevil.example"));
t.refuses("issuer-mismatch", "issuer-with-a-slash", "A slash at its end makes another issuer", ISS, with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fhuggingface.co%2F"));
t.refuses("issuer-mismatch", "issuer-in-other-case", "So do capitals", ISS, with_query("code=c0de&state=s7ate&iss=https%3A%2F%2FHuggingFace.co"));
t.refuses("issuer-mismatch", "issuer-with-a-port", "So does the default port", ISS, with_query("code=c0de&state=s7ate&iss=https%3A%2F%2Fhuggingface.co%3A443"));
t.refuses("issuer-mismatch", "empty-issuer", "An empty one is another", ISS, with_query("code=c0de&state=s7ate&iss="));
t.refuses("issuer-mismatch", "denial-of-another", "A denial of another provider", ISS, with_query("error=access_denied&state=s7ate&iss=https%3A%2F%2Fevil.example"));
t.refuses("issuer-missing", "promise-broken", "It promised to name itself", ISS, { iss_promised: true });
t.refuses("issuer-missing", "denial-without-issuer", "A denial that does not say whose it is", ISS, { ...with_query("error=access_denied&state=s7ate"), iss_promised: true });
t.refuses("code-missing", "no-code-before-the-promise", "Without a code and an error there is nothing to believe", ISS, { ...with_query("state=s7ate"), iss_promised: true });
t.refuses("declined", "declined", "The person said no", "RFC 6749 section 4.1.2.1", with_query("error=access_denied&error_description=The+user+denied+the+request&state=s7ate"));
t.refuses("declined", "declined-with-a-code", "An error goes before a code", "RFC 6749 section 4.1.2.1", with_query("code=c0de&error=access_denied&state=s7ate"));
t.refuses("declined", "declined-with-hidden-letters", "Characters that do not show are taken out of what the provider says", "Unicode TR 36", with_query("error=access%E2%80%8B_denied%00&state=s7ate"));
t.refuses("provider", "provider-error", "The provider failed", "RFC 6749 section 4.1.2.1", with_query("error=server_error&state=s7ate"));
t.refuses("provider", "capital-denial", "Error codes have a case", "RFC 6749 section 4.1.2.1", with_query("error=ACCESS_DENIED&state=s7ate"));
t.refuses("provider", "login-required", "prompt=none, and nobody is signed in", "OpenID Connect Core section 3.1.2.6", with_query("error=login_required&state=s7ate"));
t.refuses("provider", "empty-error", "An empty error is one", "RFC 6749 section 4.1.2.1", with_query("error=&code=c0de&state=s7ate"));
t.refuses("code-missing", "no-code", "Neither code nor error", CODE, with_query("state=s7ate"));
t.refuses("code-missing", "empty-code", "An empty code is none", CODE, with_query("code=&state=s7ate"));
