import { type Answer, readAnswer } from "./answer.js";
import { lenient, listOf, object, optional, present, type Reader, text, boolean } from "./json.js";
import { refuse } from "./refused.js";

/** An organisation, by the Hub's names; only `sub` is certain. */
export interface OrgInfo {
  sub: string;
  name?: string;
  preferred_username?: string;
  picture?: string;
  plan?: string;
  isEnterprise?: boolean;
  /** Whether a payment method is set up. */
  canPay?: boolean;
  roleInOrg?: string;
  /** What keeps the user from full membership. What cannot be read is `unreadable`: a restriction that nobody knows. */
  securityRestrictions?: string[];
  pendingSSO?: boolean;
  missingMFA?: boolean;
}

/** A user, by the Hub's names; only `sub` is certain. What is of another type than expected is absent. */
export interface UserInfo {
  /** The stable id. The one member to key accounts on: usernames change hands. */
  sub: string;
  name?: string;
  preferred_username?: string;
  profile?: string;
  picture?: string;
  website?: string;
  email?: string;
  email_verified?: boolean;
  isPro?: boolean;
  /** Whether a payment method is set up. */
  canPay?: boolean;
  /** Absent is not empty: absent means that nobody told. */
  orgs?: OrgInfo[];
}

const maybeText = /* @__PURE__ */ lenient(text);
const maybe = /* @__PURE__ */ lenient(boolean);

/** What the ID token tells as well (OpenID Connect Core section 5.1). */
export const PROFILE = {
  name: maybeText,
  preferred_username: maybeText,
  profile: maybeText,
  picture: maybeText,
  website: maybeText,
  email: maybeText,
  email_verified: maybe,
};

/** Here leniency would let somebody in. */
const restrictions: Reader<string[]> = (value) =>
  (Array.isArray(value) ? value : [value]).map((entry) => (typeof entry === "string" ? entry : "unreadable"));

const organisation = /* @__PURE__ */ object({
  sub: text,
  name: maybeText,
  preferred_username: maybeText,
  picture: maybeText,
  plan: maybeText,
  isEnterprise: maybe,
  canPay: maybe,
  roleInOrg: maybeText,
  securityRestrictions: /* @__PURE__ */ optional(restrictions),
  pendingSSO: maybe,
  missingMFA: maybe,
});

/** An entry without a `sub` is no organisation. */
const organisations: Reader<OrgInfo[]> = (value) =>
  listOf(lenient(organisation))(value).flatMap((entry) => (entry ? [present(entry)] : []));

const PERSON = {
  sub: text,
  ...PROFILE,
  isPro: maybe,
  canPay: maybe,
  orgs: /* @__PURE__ */ lenient(organisations),
};

/**
 * Reads userinfo, which must be about the user of the ID token (OpenID Connect Core section 5.3.2). Rules `userinfo/…`;
 * nothing of an answer that is refused is used. `secrets` are the request's: the access token.
 */
export const readUserinfo = (answer: Answer, sub: string, secrets?: readonly string[]): UserInfo => {
  const person = readAnswer("userinfo", answer, PERSON, { secrets, all: true });
  if (person.sub !== sub) {
    refuse("userinfo/subject-mismatch", "Userinfo is about another user than the ID token: possibly an attack. Nothing was used.");
  }
  return present(person);
};

/** What `userInfo` leaves open, filled from the ID token. An address of one is not verified by the other. */
export const merged = (userInfo: UserInfo, idToken: UserInfo): UserInfo => {
  const { email, email_verified } = userInfo.email === undefined ? idToken : userInfo;
  return present({ ...idToken, ...userInfo, email, email_verified });
};
