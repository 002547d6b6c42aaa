import { type Answer, readAnswer } from "./answer.js";
import { entries, type Members, optional, pick, text } from "./json.js";
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
  email?: string | undefined;
  email_verified?: boolean | undefined;
  isPro?: boolean;
  /** Whether a payment method is set up. */
  canPay?: boolean;
  /** Absent is not empty: absent means that nobody told. */
  orgs?: OrgInfo[];
}

/** What the ID token tells as well (OpenID Connect Core section 5.1). */
export const profile = (members: Members): Partial<UserInfo> => ({
  ...pick(members, "name preferred_username profile picture website email", "string"),
  ...pick(members, "email_verified", "boolean"),
});

/**
 * Reads userinfo, which must be about the user of the ID token (OpenID Connect Core section 5.3.2). Rules `userinfo/…`;
 * nothing of an answer that is refused is used. `secrets` are the request's: the access token.
 */
export const readUserinfo = (answer: Answer, sub: string, secrets?: readonly string[]): UserInfo =>
  readAnswer(
    "userinfo",
    answer,
    (members) => {
      const orgs = members("orgs");
      const person = {
        sub: text(members("sub")),
        ...profile(members),
        ...pick(members, "isPro canPay", "boolean"),
        ...(Array.isArray(orgs) && { orgs: entries(orgs, organisation) }),
      };
      return person.sub === sub ? person : refuse("userinfo/subject-mismatch");
    },
    secrets,
    true,
  );

/** Throws for an entry without a `sub`, which is no organisation. */
const organisation = (members: Members): OrgInfo => {
  const restrictions = optional(members("securityRestrictions"), (value) => (Array.isArray(value) ? value : [value]));
  return {
    sub: text(members("sub")),
    ...pick(members, "name preferred_username picture plan roleInOrg", "string"),
    ...pick(members, "isEnterprise canPay pendingSSO missingMFA", "boolean"),
    // Here leniency would let somebody in.
    ...(restrictions && {
      securityRestrictions: restrictions.map((it) => (typeof it === "string" ? it : "unreadable")),
    }),
  };
};

/** What `userInfo` leaves open, filled from the ID token. An address of one is not verified by the other. */
export const merged = (userInfo: UserInfo, idToken: UserInfo): UserInfo => {
  const { email, email_verified } = userInfo.email === undefined ? idToken : userInfo;
  return { ...idToken, ...userInfo, email, email_verified };
};
