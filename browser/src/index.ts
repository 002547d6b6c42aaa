/**
 * Sign in with Hugging Face from a page without a server. Importing this module does nothing.
 *
 * @module
 */
import type { Config, LoginOptions, OAuthResult, Options, UserInfo } from "./page/types.js";
export type { Config, LoginOptions, OAuthResult, Options, Organisation, UserInfo } from "./page/types.js";

/**
 * What went wrong. `rule` is a stable name (`callback/declined`, `page/network`, `page/client-id`, ...; the table is in
 * the README), `message` is for the person: what is wrong and what to do.
 */
export declare class SignInError extends Error {
  readonly rule: string;
}

/**
 * The one call at the start of a page: finishes a sign-in whose redirect this page is, restores the one that this tab
 * or another tab has, or gives `null`. Any number of calls share one result. Rejects with {@link SignInError} when the
 * redirect says no. The address bar is cleaned before this function returns its promise.
 */
export declare function init(options?: Options): Promise<OAuthResult | null>;

/**
 * Navigates this window, or the frame that the page is in, to the Hub. The promise is fulfilled when the navigation
 * has begun. Rejects with `page/outside` where sign-in can only work outside of the frame: then show a link to
 * `location.href` with `target="_blank"`.
 */
export declare function signIn(options?: LoginOptions): Promise<void>;

/** Signs out in every tab of this browser, frozen ones included. It does not take the app's access away: see {@link settingsUrl}. */
export declare function logout(): void;

/**
 * The access token, renewed first where it is about to end and the app has refresh tokens; `null` when nobody is
 * signed in (any more). Ask each time; do not keep it.
 */
export declare function token(): Promise<string | null>;

/** Who is signed in, or `null`. */
export declare function userInfo(): UserInfo | null;

/**
 * Calls `listener` after each sign-in, renewal and sign-out, also one that happened in another tab, with the session or
 * `null`. Returns the function that ends this.
 */
export declare function onChange(listener: (session: OAuthResult | null) => void): () => void;

/** What this page is configured to; throws `page/client-id` without a client id. */
export declare function readConfig(options?: Options): Config;

/** Where the person takes the app's access away: `{hub}/settings/connected-applications`. */
export declare function settingsUrl(options?: Options): string;

/** The address to send the person to. {@link signIn} goes there by itself. */
export declare function generateOAuthLoginUrl(options?: LoginOptions): Promise<string>;

/** Finishes a sign-in if this page is its redirect and keeps it for {@link loadSavedOAuthResult}; else `null`. */
export declare function handleOAuthRedirect(options?: Options): Promise<OAuthResult | null>;

/** The sign-in that this tab has, without asking anybody; `null` if there is none or it has ended. */
export declare function loadSavedOAuthResult(options?: Options): OAuthResult | null;

/** As in `@huggingface/hub`: the address to send the person to. */
export declare function oauthLoginUrl(options?: {
  clientId?: string;
  hubUrl?: string;
  scopes?: string;
  redirectUrl?: string;
  state?: string;
  /** Filled with what {@link oauthHandleRedirect} needs, instead of this browser's storage. */
  localStorage?: { codeVerifier?: string; nonce?: string };
  prompt?: string;
  orgIds?: string | readonly string[];
}): Promise<string>;

/** What {@link oauthHandleRedirect} takes. */
export interface RedirectOptions {
  hubUrl?: string;
  /** The address to read instead of this page's: a whole URL. */
  redirectedUrl?: string;
  /** What {@link oauthLoginUrl} put into its `localStorage` option. */
  nonce?: string;
  codeVerifier?: string;
}

/** As in `@huggingface/hub`: finishes the sign-in that this page is the redirect of. */
export declare function oauthHandleRedirect(options?: RedirectOptions): Promise<OAuthResult>;

/** As in `@huggingface/hub`: {@link oauthHandleRedirect} if this page is a redirect, else `false`. */
export declare function oauthHandleRedirectIfPresent(options?: RedirectOptions): Promise<OAuthResult | false>;

/*
 * `<hf-sign-in>` (from `hf-oauth/element`, or `dist/hf-sign-in.js` with one script tag):
 *
 *   <hf-sign-in client-id="…" scopes="openid profile inference-api">
 *     <button type="button">Sign in with Hugging Face</button>
 *   </hf-sign-in>
 *
 * Attributes: `client-id`, `scopes`, `hub-url`, `redirect-url`, `storage`, `attempts`, `prompt`, `org-ids`,
 *   `framable="false"`. All are optional, see `Options`.
 * Slots: the default one is the button (kept as it is, so that nothing jumps when the module arrives; without one the
 *   element brings its own); `menu` takes more entries of the signed-in menu.
 * CSS parts: `button`, `account`, `picture`, `name`, `menu`, `item`, `message`, `link`.
 * Events (they bubble): `hf-signed-in` (detail: `OAuthResult`), `hf-signed-out`, `hf-sign-in-error` (detail: `SignInError`).
 */
