import { Tests } from "./tests.mjs";

const ORG = { sub: "org-1", name: "Analytical Engines", preferred_username: "engines", picture: "https://huggingface.co/o.png", plan: "team", isEnterprise: true, canPay: true, roleInOrg: "admin", securityRestrictions: ["mfa", "sso"], pendingSSO: false, missingMFA: false };
export const PERSON = { sub: "5f0c2b1a", name: "Ada Lovelace", preferred_username: "ada", profile: "https://huggingface.co/ada", picture: "https://huggingface.co/a.svg", website: "", email: "ada@example.org", email_verified: true, isPro: true, canPay: false, orgs: [ORG] };

const t = new Tests("userinfo", { status: 200, content_type: "application/json", body: JSON.stringify(PERSON), sub: PERSON.sub }, PERSON);
export default t;

const USERINFO = "OpenID Connect Core section 5.3.2";
const HUB = "https://huggingface.co/docs/hub/oauth";
const PROJECT = "this project";
const JSON_TEXT = "RFC 8259";
const body = (members) => ({ body: JSON.stringify({ ...PERSON, ...members }) });
const written = (members) => ({ body: `${JSON.stringify(PERSON).slice(0, -1)},${members}}` });
const nobody = Object.fromEntries(Object.keys(PERSON).filter((name) => name !== "sub").map((name) => [name, undefined]));
const alone = (members) => ({ body: JSON.stringify({ sub: PERSON.sub, ...members }) });
const org = (members) => body({ orgs: [{ ...ORG, ...members }] });
const as_org = (members) => ({ orgs: [JSON.parse(JSON.stringify({ ...ORG, ...members }))] });

t.accepts("honest", "Every member", HUB, {});
t.accepts("subject-alone", "Only the subject is certain", USERINFO, alone({}), nobody);
t.accepts("nulls", "null is absent", USERINFO, { body: JSON.stringify(Object.fromEntries(Object.keys(PERSON).map((name) => [name, name === "sub" ? PERSON.sub : null]))) }, nobody);
t.accepts("other-types", "What is of another type is left out", PROJECT, { body: JSON.stringify(Object.fromEntries(Object.keys(PERSON).map((name) => [name, name === "sub" ? PERSON.sub : 7]))) }, nobody);
t.accepts("texts-for-truth", "A text is neither true nor false", PROJECT, body({ isPro: "true", canPay: "no", email_verified: 1 }), { isPro: undefined, canPay: undefined, email_verified: undefined });
t.accepts("no-orgs", "Absent is not empty", HUB, body({ orgs: undefined }), { orgs: undefined });
t.accepts("null-orgs", "Nor is null", HUB, body({ orgs: null }), { orgs: undefined });
t.accepts("empty-orgs", "An empty list is one", HUB, body({ orgs: [] }), { orgs: [] });
t.accepts("object-for-orgs", "What is no list is left out", PROJECT, body({ orgs: { 0: ORG } }), { orgs: undefined });
t.accepts("org-subject-alone", "Of an organisation only the subject is certain", HUB, body({ orgs: [{ sub: "o" }] }), { orgs: [{ sub: "o" }] });
t.accepts("orgs-that-are-none", "What has no subject is none", PROJECT, body({ orgs: [null, 7, "x", [], {}, { sub: null }, { sub: 7 }, { name: "x" }, { sub: "o" }] }), { orgs: [{ sub: "o" }] });
t.accepts("org-as-a-list", "A list of values is no organisation", PROJECT, body({ orgs: [["org-1", "Evil"], [""], { sub: "o" }] }), { orgs: [{ sub: "o" }] });
t.accepts("name-infinity", "A name that some readers take for a number", PROJECT, body({ name: "Infinity", preferred_username: "1e999" }), { name: "Infinity", preferred_username: "1e999" });
t.accepts("org-of-other-types", "Its members too are left out where they are of another type", PROJECT, org({ name: 7, preferred_username: null, picture: [], plan: {}, isEnterprise: "true", canPay: 1, roleInOrg: 7, pendingSSO: "x", missingMFA: null }), as_org({ name: undefined, preferred_username: undefined, picture: undefined, plan: undefined, isEnterprise: undefined, canPay: undefined, roleInOrg: undefined, pendingSSO: undefined, missingMFA: undefined }));
t.accepts("unknown-role", "A role that is new", HUB, org({ roleInOrg: "owner" }), as_org({ roleInOrg: "owner" }));
t.accepts("unknown-restriction", "A restriction that is new", HUB, org({ securityRestrictions: ["mfa", "retina"] }), as_org({ securityRestrictions: ["mfa", "retina"] }));
t.accepts("pending-sso", "The older words for a restriction", HUB, org({ securityRestrictions: undefined, pendingSSO: true, missingMFA: true }), as_org({ securityRestrictions: undefined, pendingSSO: true, missingMFA: true }));
t.accepts("null-restrictions", "null restricts nothing", HUB, org({ securityRestrictions: null }), as_org({ securityRestrictions: undefined }));
t.accepts("no-restrictions", "Nor does an empty list", HUB, org({ securityRestrictions: [] }), as_org({ securityRestrictions: [] }));
t.accepts("restriction-alone", "One that is not in a list", PROJECT, org({ securityRestrictions: "mfa" }), as_org({ securityRestrictions: ["mfa"] }));
t.accepts("unreadable-restriction", "What cannot be read restricts", PROJECT, org({ securityRestrictions: true }), as_org({ securityRestrictions: ["unreadable"] }));
t.accepts("restriction-as-an-object", "An object too", PROJECT, org({ securityRestrictions: { mfa: false } }), as_org({ securityRestrictions: ["unreadable"] }));
t.accepts("unreadable-in-a-list", "In a list too", PROJECT, org({ securityRestrictions: ["mfa", null, 7, ["sso"]] }), as_org({ securityRestrictions: ["mfa", "unreadable", "unreadable", "unreadable"] }));
t.accepts("unknown-members", "New members appear", HUB, written('"brand":"new","periodEnd":1800000000.5,"x":[{}]'));
t.accepts("unknown-org-members", "In organisations too, even twice", HUB, { body: JSON.stringify(PERSON).replace('"sub":"org-1"', '"sub":"org-1","brand":1,"brand":2') });
t.accepts("letters", "Names of any letters", JSON_TEXT, body({ name: "\u0410\u0434\u0430 \ud83d\ude00\u202e\u0000" }), { name: "\u0410\u0434\u0430 \ud83d\ude00\u202e\u0000" });
t.accepts("escaped", "Escaped as it may be", "RFC 8259 section 7", { body: JSON.stringify(PERSON).replace("Ada", "\\u0041d\\u0061\\/\\ud83d\\ude00").replace('"name"', '"n\\u0061me"') }, { name: "Ada/\ud83d\ude00 Lovelace" });
t.accepts("byte-order-mark", "A byte order mark", "RFC 8259 section 8.1", { body: `\ufeff${JSON.stringify(PERSON)}` });
t.accepts("no-content-type", "No media type", "seen", { content_type: undefined });
t.accepts("org-twice", "An organisation that comes twice", PROJECT, body({ orgs: [{ sub: "o" }, { sub: "o" }] }), { orgs: [{ sub: "o" }, { sub: "o" }] });
t.accepts("org-member-twice", "An organisation with a member that comes twice is left out", "RFC 8259 section 4", { body: JSON.stringify(PERSON).replace('"sub":"org-1"', '"sub":"org-1","sub":"org-1"') }, { orgs: [] });
t.accepts("null-error", "An error of null is none", "seen", written('"error":null'));

t.refuses("too-large", "too-large", "A byte more than 1 MiB", PROJECT, { spaces_behind_body: 1_048_577 - JSON.stringify(PERSON).length });
t.refuses("redirected", "redirect", "No redirect is followed with a token in hand", PROJECT, { status: 302, body: "" });
t.refuses("oauth", "invalid-token", "The token has ended", "RFC 6750 section 3.1", { status: 401, body: '{"error":"invalid_token"}' });
t.refuses("oauth", "error-in-a-success", "With 200", "seen", written('"error":"invalid_token"'));
t.refuses("status", "unauthorized", "Without a word", "RFC 6750 section 3", { status: 401, body: "" });
t.refuses("status", "error-page", "A page", "seen", { status: 503, content_type: "text/html", body: "<html></html>" });
t.refuses("not-json", "page", "A page with 200", "seen", { content_type: "text/html", body: "<html></html>" });
t.refuses("not-json", "list", "A list", USERINFO, { body: `[${JSON.stringify(PERSON)}]` });
t.refuses("malformed", "signed", "A signed answer, which was not asked for", USERINFO, { content_type: "application/jwt", body: "eyJhbGciOiJSUzI1NiJ9.e30.c2ln" });
t.refuses("malformed", "no-subject", "Nobody", USERINFO, body({ sub: undefined }));
t.refuses("malformed", "null-subject", "null", USERINFO, body({ sub: null }));
t.refuses("malformed", "number-subject", "A number", USERINFO, body({ sub: 7 }));
t.refuses("malformed", "subject-twice", "A subject that comes twice, though the same", "RFC 8259 section 4", written(`"sub":"${PERSON.sub}"`));
t.refuses("malformed", "escaped-duplicate", "An escaped name is the same name", "RFC 8259 section 4", written('"s\\u0075b":"somebody-else"'));
for (const name of ["name", "email_verified", "isPro", "orgs"]) {
  t.refuses("malformed", `${name.replace("_", "-").toLowerCase()}-twice`, `${name} comes twice`, "RFC 8259 section 4", written(`"${name}":${JSON.stringify(PERSON[name])}`));
}
t.refuses("malformed", "surrogate", "Half a surrogate in a text that is read", "RFC 8259 section 8.2", { body: JSON.stringify(PERSON).replace("Ada", "\\udc00") });
t.refuses("malformed", "bytes", "Bytes that are no text", "RFC 8259 section 8.1", { body: undefined, body_base64: Buffer.from(JSON.stringify(PERSON).replace("Ada", "\xe9"), "latin1").toString("base64") });
t.refuses("malformed", "cut-off", "An answer that is not whole", JSON_TEXT, { body: JSON.stringify(PERSON).slice(0, -1) });
t.refuses("subject-mismatch", "somebody-else", "Somebody else", USERINFO, body({ sub: "another" }));
t.refuses("subject-mismatch", "subject-in-other-case", "Subjects have a case", USERINFO, body({ sub: PERSON.sub.toUpperCase() }));
t.refuses("subject-mismatch", "subject-with-a-space", "And are compared to the letter", USERINFO, body({ sub: `${PERSON.sub} ` }));
t.refuses("subject-mismatch", "empty-subject", "An empty one is another", USERINFO, body({ sub: "" }));
