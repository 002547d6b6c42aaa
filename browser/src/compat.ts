import { keepAttempt, parseAttempt } from "./page/attempts.js";
import { readConfig } from "./page/config.js";
import { resultOf } from "./page/session.js";
import { spell } from "./page/storage.js";
import type { OAuthResult } from "./page/types.js";
import { begin, redeem } from "./login.js";

/** Where {@link oauthLoginUrl} leaves the secrets of a login instead of in this browser's storage. */
export interface LoginStorage {
  codeVerifier?: string;
  /** Opaque: it holds what else is to be remembered of the login. */
  nonce?: string;
}

/** Options of {@link oauthLoginUrl}. */
export interface LoginUrlOptions {
  /** Else `window.HF_OAUTH_CLIENT_ID`, else a static Space's own. */
  clientId?: string;
  /** Default `https://huggingface.co`. */
  hubUrl?: string;
  /** Separated by blanks; `openid` must be one. Default: the page's own, or `openid profile`. */
  scopes?: string;
  /** The redirect URI as it is registered, without a query. Default: this page without query and fragment. */
  redirectUrl?: string;
  /** Text of the app's own that comes back in the result. It stays in this browser. */
  state?: string;
  /** Filled with what {@link oauthHandleRedirect} needs, instead of this browser's storage. */
  localStorage?: LoginStorage;
  /** OpenID Connect's `prompt`. */
  prompt?: string;
  /** Ids of organisations to ask access for. */
  orgIds?: string | readonly string[];
}

/** Options of {@link oauthHandleRedirect} and {@link oauthHandleRedirectIfPresent}. */
export interface RedirectOptions {
  /** Default: the Hub that the login was begun with. */
  hubUrl?: string;
  /** The address to read instead of this page's: a whole URL. */
  redirectedUrl?: string;
  /** What {@link oauthLoginUrl} put into its option `localStorage`; both or none. */
  nonce?: string;
  codeVerifier?: string;
}

/**
 * The address to send the person to, as in `@huggingface/hub`. Works without `window` when it gets `clientId`,
 * `redirectUrl` and `localStorage`.
 *
 * @throws TypeError when the option `localStorage` belongs to another login already
 */
export async function oauthLoginUrl({ localStorage: kept, state, ...options }: LoginUrlOptions = {}): Promise<string> {
  if (kept?.codeVerifier || kept?.nonce) throw new TypeError("localStorage must be an empty object");
  const { url, attempt } = await begin(readConfig(options), state);
  if (kept) {
    const { codeVerifier, ...others } = attempt;
    kept.codeVerifier = codeVerifier;
    kept.nonce = spell(others);
  } else keepAttempt("local", attempt);
  return url;
}

/**
 * Finishes the sign-in that this page is the redirect of, as in `@huggingface/hub`. However often it is called, the code
 * is redeemed once and every caller gets the same result.
 *
 * @throws SignInError with the rule that refused
 */
export const oauthHandleRedirect = (options?: RedirectOptions): Promise<OAuthResult> =>
  handle(true, options) as Promise<OAuthResult>;

/** {@link oauthHandleRedirect} if this page is a redirect, or was loaded as one; else `false`. As in `@huggingface/hub`. */
export const oauthHandleRedirectIfPresent = (options?: RedirectOptions): Promise<OAuthResult | false> =>
  handle(false, options);

async function handle(
  always: boolean,
  { nonce, codeVerifier, ...options }: RedirectOptions = {},
): Promise<OAuthResult | false> {
  const attempt = nonce && codeVerifier ? parseAttempt(nonce, codeVerifier) : undefined;
  const session = await redeem({ ...options, attempt, always });
  return !!session && resultOf(session);
}
