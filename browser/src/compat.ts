import { readAttempt } from "./rules/authorize.js";
import { keepAttempt } from "./page/attempts.js";
import { pageAddress } from "./page/address.js";
import { readClientId, readHubUrl, readScopes } from "./page/config.js";
import { resultOf } from "./page/session.js";
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
 */
export async function oauthLoginUrl(options: LoginUrlOptions = {}): Promise<string> {
  const { localStorage: kept, redirectUrl, orgIds, ...rest } = options;
  if (kept && (kept.codeVerifier ?? kept.nonce) != null) {
    throw new TypeError("The option localStorage belongs to another login already: pass an empty object.");
  }
  const { url, attempt } = await begin({
    ...rest,
    clientId: readClientId(rest.clientId),
    scopes: readScopes(rest.scopes),
    hubUrl: readHubUrl(rest.hubUrl),
    redirectUrl: redirectUrl || pageAddress(),
    orgIds: ([] as string[]).concat((orgIds as string) ?? []),
  });
  if (kept) {
    const { codeVerifier, ...others } = attempt;
    kept.codeVerifier = codeVerifier;
    kept.nonce = encodeURIComponent(JSON.stringify(others));
  } else keepAttempt("local", attempt);
  return url;
}

/**
 * Finishes the sign-in that this page is the redirect of, as in `@huggingface/hub`. However often it is called, the code
 * is redeemed once and every caller gets the same result.
 *
 * @throws SignInError with the rule that refused
 */
export async function oauthHandleRedirect(options?: RedirectOptions): Promise<OAuthResult> {
  return (await handle(options, () => true)) as OAuthResult;
}

/** {@link oauthHandleRedirect} if this page is a redirect, or was loaded as one; else `false`. As in `@huggingface/hub`. */
export function oauthHandleRedirectIfPresent(options?: RedirectOptions): Promise<OAuthResult | false> {
  return handle(options, (query) => query.has("code") || query.has("error"));
}

async function handle(
  { nonce, codeVerifier, ...rest }: RedirectOptions = {},
  present: (query: URLSearchParams) => boolean,
): Promise<OAuthResult | false> {
  const attempt = nonce && codeVerifier ? unpack(nonce, codeVerifier) : undefined;
  const session = redeem({ ...rest, attempt }, present);
  return session ? resultOf(await session) : false;
}

/** A nonce that is none of ours belongs to no login, and `redeem` says so. */
function unpack(nonce: string, codeVerifier: string): ReturnType<typeof readAttempt> {
  try {
    return readAttempt({ ...JSON.parse(decodeURIComponent(nonce)), codeVerifier });
  } catch {
    return undefined;
  }
}
