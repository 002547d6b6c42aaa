import { checkRedirectUri } from "./rules/address.js";
import { type Attempt, authorize } from "./rules/authorize.js";
import { checkCallback, readCallback } from "./rules/callback.js";
import { exchangeForm, readTokens } from "./rules/exchange.js";
import { verifyIdToken } from "./rules/id_token.js";
import { refuse } from "./rules/refused.js";
import { merged, readUserinfo } from "./rules/userinfo.js";
import { cleanAddress, isAnswer, pageAddress } from "./page/address.js";
import { type Kept, takeAttempt } from "./page/attempts.js";
import { form, request } from "./page/fetch.js";
import { discover, keysOf } from "./page/provider.js";
import { randomBytes } from "./page/random.js";
import { type Session, dueAt, now } from "./page/session.js";
import { shared } from "./page/shared.js";
import type { UserInfo } from "./page/types.js";

/** What `@huggingface/hub`'s type promises, for who granted less. */
const NOBODY = { name: "", preferred_username: "", picture: "", profile: "", isPro: false };

/** What a login needs to begin. */
export interface Beginning {
  clientId: string;
  hubUrl: string;
  scopes: string;
  redirectUrl: string;
  state?: string | undefined;
  prompt?: string | undefined;
  orgIds?: readonly string[] | undefined;
}

/** Begins a login: where to send the person, and what to keep. */
export async function begin(options: Beginning): Promise<{ url: string; attempt: Kept }> {
  const seed = randomBytes();
  // A page that is itself on plain http, a LAN address say, can only come back to plain http.
  const plainHttp = globalThis.isSecureContext === false;
  const redirectUri = checkRedirectUri(options.redirectUrl, plainHttp);
  if (plainHttp && !shared().warned) {
    shared().warned = true;
    console.warn("hf-oauth: this page is on plain http, so whoever is on the network can read and change it. Use https.");
  }
  const { clientId, scopes, prompt, orgIds, state: appState } = options;
  const provider = await discover(options.hubUrl);
  const { url, attempt } = authorize({ provider, clientId, redirectUri, plainHttp, scopes, prompt, orgIds, appState }, seed, now());
  const here = globalThis.location;
  return { url, attempt: here && redirectUri === pageAddress() ? { ...attempt, back: here.search + here.hash } : attempt };
}

/** What can be said about the redirect instead of reading it from the page. */
export interface Redirect {
  hubUrl?: string | undefined;
  /** A whole URL. */
  redirectedUrl?: string | undefined;
  /** The login that was begun, where this browser's storage does not have it. */
  attempt?: Attempt | undefined;
}

/**
 * The sign-in that this page is the redirect of, or that `redirectedUrl` is; nothing where `present` says that there is
 * none. The record is claimed and the address cleaned before this function returns, and whoever asks again, from another
 * copy of this module too, gets the same promise.
 */
export function redeem(options: Redirect, present: (query: URLSearchParams) => boolean): Promise<Session> | undefined {
  const page = shared();
  const here = globalThis.location?.href;
  const url = options.redirectedUrl ?? here ?? "";
  const query = new URLSearchParams(url.replace(/#.*/s, "").replace(/^[^?]*/, ""));
  const own = url === here;
  if (!present(query)) return own ? page.redirect : undefined;

  const state = query.get("state") ?? "";
  const id = state + (options.attempt?.codeVerifier ?? "");
  let session = page.redirects.get(id);
  if (!session) {
    const attempt: Kept | undefined = options.attempt ?? takeAttempt(state);
    session = finish(url, attempt, options.hubUrl);
    page.redirects.set(id, session);
    // Whoever asked gets to know; that nobody asked any more is no error of the page.
    session.catch(() => {});
    if (own && isAnswer(query)) {
      page.redirect = session;
      cleanAddress(attempt?.back);
    }
    // A server has many visitors and no page to share with.
    if (!here) session.catch(() => {}).then(() => page.redirects.delete(id));
  }
  return session;
}

/** Checks the redirect, exchanges the code, and checks who signed in, in core's order. */
async function finish(url: string, attempt: Attempt | undefined, hubUrl: string | undefined): Promise<Session> {
  if (!attempt) {
    return refuse(
      "page/no-attempt",
      "This address is not the answer to a sign-in that was begun in this browser. It may have been used already, be older than ten minutes or come from another browser. Sign in again.",
    );
  }
  const provider = await discover(hubUrl || attempt.issuer);
  const { code } = checkCallback(readCallback(url), attempt, provider, now());
  const keys = keysOf(provider);
  keys.catch(() => {});
  const answer = await request("exchange", provider.tokenEndpoint, form(exchangeForm(code, attempt)));
  const { idToken, ...tokens } = readTokens(answer, attempt.scope, now(), [code, attempt.codeVerifier]);
  const { accessToken } = tokens;
  const { issuer, clientId, nonce } = attempt;
  const identity = verifyIdToken(idToken, { issuer, clientId, nonce, accessToken }, await keys, now());
  const { sub } = identity.userInfo;
  const person = provider.userinfoEndpoint
    ? readUserinfo(
        await request("userinfo", provider.userinfoEndpoint, { headers: { authorization: `Bearer ${accessToken}` } }),
        sub,
        [accessToken],
      )
    : { sub };
  return {
    ...tokens,
    userInfo: { ...NOBODY, ...merged(person, identity.userInfo) } as UserInfo,
    signature: identity.signature,
    state: attempt.appState,
    issuer,
    clientId,
    nonce,
    authTime: identity.authTime,
    dueAt: dueAt(tokens.expiresAt),
    since: 0,
    turn: 0,
  };
}
