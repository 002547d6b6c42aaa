import type { Answer } from "./answer.js";

/** An organisation, by the Hub's names. What was not told, or is of another type than expected, is absent. */
export interface OrgInfo {
  sub: string;
  name?: string;
  preferred_username?: string;
  picture?: string;
  plan?: string;
  isEnterprise?: boolean;
  canPay?: boolean;
  roleInOrg?: string;
  securityRestrictions?: string[];
  pendingSSO?: boolean;
  missingMFA?: boolean;
}

/** A user, by the Hub's names; only `sub` is certain. Members that are not named here stay as they came. */
export interface UserInfo {
  sub: string;
  name?: string;
  preferred_username?: string;
  profile?: string;
  picture?: string;
  website?: string;
  email?: string;
  email_verified?: boolean;
  isPro?: boolean;
  canPay?: boolean;
  orgs?: OrgInfo[];
}

/** Reads userinfo, which must be about `sub` (OpenID Connect Core section 5.3.2). Rules `userinfo/…`. */
export declare const readUserinfo: (answer: Answer, sub: string, secrets?: readonly string[]) => UserInfo;

/** What `userInfo` leaves open, filled from the ID token's `fallback`. */
export declare const merged: (userInfo: UserInfo, fallback: UserInfo) => UserInfo;
