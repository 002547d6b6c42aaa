import { isSignInError, refuse } from "./rules/refused.js";
import { keepAttempt } from "./page/attempts.js";
import { fresh } from "./page/renew.js";
import { type Session, announce, current, end, keep, now, resultOf, use } from "./page/session.js";
import { shared } from "./page/shared.js";
import { read } from "./page/storage.js";
import { ask } from "./page/tabs.js";
import type { LoginOptions, OAuthResult, Options, UserInfo } from "./page/types.js";
import { begin, redeem } from "./login.js";

/** A server that renders has no page to be signed in on. */
const onServer = (): boolean => !globalThis.location;

/**
 * The one call at the start of a page: finishes the sign-in that this page is the redirect of, restores the one that this
 * tab or another tab has, or gives `null`. Any number of calls share one result. The address bar is clean when this
 * function returns its promise.
 *
 * @throws SignInError when the redirect says no, or when the page is not configured
 */
export async function init(options?: Options): Promise<OAuthResult | null> {
  if (onServer()) return null;
  const redirect = redeem();
  const { name } = use(options);
  try {
    await redeemed(redirect);
  } catch (error) {
    // "Back" from the app may lead through the Hub, which sends the old answer again: who is signed in stays so.
    if (!(isSignInError(error) && error.rule === "page/no-attempt" && current())) throw error;
  }
  // Ask only where some tab was signed in not long ago: a visitor who never was need not wait.
  if (!current() && Number(read("local", `${name}:until`)) > now()) await ask();
  // A renewal that fails now may succeed when the token is needed: `token` says why.
  await fresh().catch(() => {});
  return loadSavedOAuthResult();
}

/** Keeps the session of a redirect, once, however many wait for it. */
async function redeemed(redirect: Promise<Session> | undefined): Promise<void> {
  const session = await redirect;
  if (session && !session.since) keep(session);
}

/**
 * Navigates this window, or the frame that the page is in, to the Hub. Fulfilled when the navigation has begun.
 *
 * @throws SignInError `page/outside` where signing in works outside of this frame only, `page/storage` where the browser
 * keeps nothing for this page: show a link to `location.href` with `target="_blank"`
 */
export async function signIn(options?: LoginOptions): Promise<void> {
  location.assign(await generateOAuthLoginUrl(options));
}

/** Signs out, in every tab of this browser. It does not take the app's access away: see {@link settingsUrl}. */
export const logout = (): void => end();

/**
 * The access token, renewed first if it is about to end and the app has refresh tokens; `null` when nobody is signed in.
 * Ask each time instead of keeping it.
 *
 * @throws SignInError why a token that has ended could not be renewed now; the person is still signed in
 */
export async function token(): Promise<string | null> {
  if (onServer()) return null;
  return (await fresh())?.accessToken ?? null;
}

/** Who is signed in, or `null`. */
export const userInfo = (): UserInfo | null => loadSavedOAuthResult()?.userInfo ?? null;

/**
 * Calls `listener` after each sign-in, renewal and sign-out, those in other tabs too, with the sign-in or `null`. Returns
 * the function that stops it.
 */
export function onChange(listener: (session: OAuthResult | null) => void): () => void {
  const { listeners } = shared();
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where the person takes the app's access away again. */
export const settingsUrl = (options?: Options): string => `${use(options).hubUrl}/settings/connected-applications`;

/**
 * The address to send the person to; {@link signIn} goes there by itself.
 *
 * @throws SignInError as {@link signIn}
 */
export async function generateOAuthLoginUrl({ state, ...options }: LoginOptions = {}): Promise<string> {
  const config = use(options);
  if (!config.framable && window.top !== window) {
    refuse("page/outside", "this frame", "Open this page in a tab of its own.");
  }
  const { url, attempt } = await begin(config, state);
  keepAttempt(config.attempts, attempt);
  return url;
}

/**
 * Finishes the sign-in that this page is the redirect of and keeps it for {@link loadSavedOAuthResult}; `null` if it is
 * none.
 *
 * @throws SignInError with the rule that refused
 */
export async function handleOAuthRedirect(options?: Options): Promise<OAuthResult | null> {
  if (onServer()) return null;
  const redirect = redeem();
  use(options);
  await redeemed(redirect);
  return redirect ? loadSavedOAuthResult() : null;
}

/** The sign-in that this tab has, without asking anybody; `null` if there is none or it has ended. */
export function loadSavedOAuthResult(options?: Options): OAuthResult | null {
  if (onServer()) return null;
  use(options);
  const session = current();
  announce();
  return session && resultOf(session);
}
