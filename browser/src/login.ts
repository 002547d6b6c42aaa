import { checkPageAddress } from "./rules/address.js";
import { type Attempt, authorize } from "./rules/authorize.js";
import { checkCallback, readCallback } from "./rules/callback.js";
import { exchangeForm, readTokens } from "./rules/exchange.js";
import { verifyIdToken } from "./rules/id_token.js";
import { refuse } from "./rules/refused.js";
import { merged, readUserinfo } from "./rules/userinfo.js";
import { cleanAddress, pageAddress } from "./page/address.js";
import { type Kept, takeAttempt } from "./page/attempts.js";
import { request } from "./page/fetch.js";
import { discover, keysOf } from "./page/provider.js";
import { randomBytes } from "./page/random.js";
import { type Session, dueAt, now } from "./page/session.js";
import { shared } from "./page/shared.js";
import type { Config, UserInfo } from "./page/types.js";

/** What `@huggingface/hub`'s type promises, for who granted less. */
const NOBODY = { name: "", preferred_username: "", picture: "", profile: "", isPro: false };

/** Begins a login: where to send the person, and what to keep. */
export async function begin(config: Config, appState: string | undefined): Promise<{ url: string; attempt: Kept }> {
  const seed = randomBytes();
  const page = shared();
  // A page that is itself on plain http, a LAN address say, can only come back to plain http.
  const plainHttp = globalThis.isSecureContext === false;
  if (plainHttp && !page.warned) {
    page.warned = true;
    console.warn("hf-oauth: plain http can be read and changed on its way. Use https.");
  }
  const redirectUri = checkPageAddress(config.redirectUrl, plainHttp);
  const provider = await discover(config.hubUrl);
  const { url, attempt } = authorize({ ...config, provider, redirectUri, appState }, seed, now());
  const here = globalThis.location;
  return { url, attempt: here && redirectUri === pageAddress() ? { ...attempt, back: here.search + here.hash } : attempt };
}

/** What can be said about a redirect instead of reading it from the page. */
export interface Redirect {
  hubUrl?: string | undefined;
  /** A whole URL. */
  redirectedUrl?: string | undefined;
  /** The login that was begun, where this browser's storage does not have it. */
  attempt?: Attempt | undefined;
  /** An address that is no redirect is refused, too. */
  always?: boolean;
}

/**
 * The sign-in that this page is the redirect of, or that `redirectedUrl` is; nothing where there is none. The record is
 * claimed and the address cleaned before this function returns, and whoever asks again, from another copy of this module
 * too, gets the same promise.
 */
export function redeem(options: Redirect = {}): Promise<Session> | undefined {
  const page = shared();
  const here = globalThis.location?.href;
  const url = options.redirectedUrl ?? here;
  const query = new URLSearchParams(url.replace(/#.*/s, "").replace(/^[^?]*/, ""));
  // Every login has a `state`, and so has its answer: a page's own parameters are left alone.
  const isAnswer = query.has("state") && (query.has("code") || query.has("error"));
  const ours = url === here;
  if (!isAnswer && ours && page.redirect) return page.redirect;
  if (!isAnswer && !options.always) return undefined;

  const state = query.get("state") ?? "";
  // The slash keeps a stranger's `state` from naming what every object has: `constructor`, `__proto__`.
  const id = `${state}/${options.attempt?.codeVerifier}`;
  return (page.redirects[id] ??= claim());

  function claim(): Promise<Session> {
    const attempt: Kept | undefined = options.attempt ?? takeAttempt(state);
    const session = finish(url, attempt, options.hubUrl);
    // Whoever asked gets to know; a server has many visitors and no page to share with.
    session.catch(() => {}).then(() => here ?? delete page.redirects[id]);
    if (ours && isAnswer) {
      page.redirect = session;
      cleanAddress(attempt?.back);
    }
    return session;
  }
}

/** Checks the redirect, exchanges the code, and checks who signed in, in core's order. */
async function finish(url: string, attempt: Attempt | undefined, hubUrl: string | undefined): Promise<Session> {
  if (!attempt) {
    return refuse("page/no-attempt", "not begun in this browser, or used already");
  }
  const { issuer, clientId, nonce, appState: state } = attempt;
  const provider = await discover(hubUrl?.replace(/\/$/, "") || issuer);
  const { code } = checkCallback(readCallback(url), attempt, provider, now());
  const [keys, answer] = await Promise.all([
    keysOf(provider),
    request("exchange", provider.tokenEndpoint, exchangeForm(code, attempt)),
  ]);
  const { idToken, ...tokens } = readTokens(answer, attempt.scope, now(), [code, attempt.codeVerifier]);
  const { accessToken, expiresAt } = tokens;
  const identity = verifyIdToken(idToken, { issuer, clientId, nonce, accessToken }, keys, now());
  const { sub } = identity.userInfo;
  const person = provider.userinfoEndpoint
    ? readUserinfo(await request("userinfo", provider.userinfoEndpoint, "", accessToken), sub, [accessToken])
    : { sub };
  return {
    ...tokens,
    ...identity,
    userInfo: { ...NOBODY, ...merged(person, identity.userInfo) } as UserInfo,
    state,
    issuer,
    clientId,
    nonce,
    dueAt: dueAt(expiresAt),
    since: 0,
    turn: 0,
  };
}
