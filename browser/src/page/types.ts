/** What a page says about itself. Every member has a default; `clientId` must come from somewhere (see {@link init}). */
export interface Options {
  /** The OAuth app's client id. Else `window.HF_OAUTH_CLIENT_ID`, else a static Space's own `OAUTH_CLIENT_ID`. */
  clientId?: string;
  /** Scopes, separated by blanks; `openid` must be one. Else `window.HF_OAUTH_SCOPES`, else the Space's, else `openid profile`. */
  scopes?: string;
  /** The address of the Hub. Default `https://huggingface.co`. */
  hubUrl?: string;
  /** The redirect URI as it is registered. Default: this page without query and fragment. */
  redirectUrl?: string;
  /** Where the signed-in session lives: `session` survives a reload of the tab, `memory` does not. Default `session`. */
  storage?: "session" | "memory";
  /** Where the secrets of a login under way wait for the redirect. Default `local`. */
  attempts?: "local" | "session";
  /** OpenID Connect's `prompt`, for example `consent` or `select_account`. */
  prompt?: string;
  /** Ids of organisations to ask access for. */
  orgIds?: string | readonly string[];
  /** `false` where the Hub refuses to be shown in the frame that this page is in: then the person is sent outside. Default `true`. */
  framable?: boolean;
}

/** Options of {@link signIn} and {@link generateOAuthLoginUrl}. */
export interface LoginOptions extends Options {
  /** Text of the app's own that comes back in {@link OAuthResult.state}. It stays in this browser. */
  state?: string;
}

/** An organisation of the person who signed in, as the Hub tells it. */
export interface Organisation {
  sub: string;
  name: string;
  preferred_username: string;
  picture: string;
  plan?: string;
  isEnterprise?: boolean;
  /** With scope `read-billing`. */
  canPay?: boolean;
  roleInOrg?: string;
  /** @deprecated see `securityRestrictions` */
  pendingSSO?: boolean;
  /** @deprecated see `securityRestrictions` */
  missingMFA?: boolean;
  securityRestrictions?: ("mfa" | "sso" | "ip" | "token-policy")[];
}

/** The person who signed in, with the names of `@huggingface/hub`. Only `sub` is certain. */
export interface UserInfo {
  /** The stable id: the one member to key accounts on. Usernames change hands. */
  sub: string;
  /** The name to show. */
  name: string;
  /** The username of the moment. */
  preferred_username: string;
  /** The address of the picture. */
  picture: string;
  /** The address of the profile page. */
  profile: string;
  website?: string;
  /** With scope `email`. */
  email?: string;
  email_verified?: boolean;
  /** Whether this is a Pro user. */
  isPro: boolean;
  /** With scope `read-billing`. */
  canPay?: boolean;
  /** The organisations that the person granted. */
  orgs?: Organisation[];
}

/** A finished sign-in, with the names of `@huggingface/hub`. */
export interface OAuthResult {
  /** The bearer token. Prefer {@link token}, which never gives one that has ended. */
  accessToken: string;
  /** When that token ends. A `Date` after a reload too. */
  accessTokenExpiresAt: Date;
  /** Who signed in. */
  userInfo: UserInfo;
  /** The app's own text, as given when the login began. */
  state?: string | undefined;
  /** What was granted, separated by blanks. */
  scope: string;
  /**
   * `not-checked`: the Hub's keys could not be read from this page, and the token endpoint's own TLS stood in for the
   * signature (OpenID Connect Core section 3.1.3.7, step 6). Every other check was made.
   */
  signature: "verified" | "not-checked";
}

/** What this page is configured to, read from options, `window.HF_…` and a static Space's variables. */
export interface Config {
  clientId: string;
  scopes: string;
  hubUrl: string;
  /** What has to be registered as the app's redirect URI. */
  redirectUrl: string;
  /** `window.HF_INFERENCE_MODEL`, or `google/gemma-2-2b-it`. */
  model: string;
  storage: "session" | "memory";
  attempts: "local" | "session";
  prompt: string | undefined;
  orgIds: readonly string[];
  framable: boolean;
}
