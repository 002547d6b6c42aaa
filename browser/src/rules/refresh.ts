import type { Answer } from "./answer.js";
import { readTokenAnswer, type Tokens } from "./exchange.js";
import { decode, type Identity, type Keys } from "./id_token.js";
import { candidates } from "./keys.js";
import { isSignInError, refuse, SignInError } from "./refused.js";

/** Whose the new tokens must be, and for whom. */
export interface RefreshExpected {
  issuer: string;
  clientId: string;
  sub: string;
  /** Of the login, where they are still known. */
  nonce?: string | undefined;
  authTime?: number | undefined;
}

/** New tokens of the same person. */
export interface Refreshed extends Tokens {
  idToken?: string | undefined;
  /** Who the user is now, where an ID token came along. */
  identity?: Identity;
}

/** The form that refreshes (RFC 6749 section 6), encoded. Rule `refresh/no-refresh-token`. */
export const refreshForm = ({ refreshToken }: Tokens, clientId: string): string =>
  `${new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: refreshToken ?? refuse("refresh/no-refresh-token"),
    client_id: clientId,
  })}`;

/**
 * Reads the answer. The refresh token is the previous one where none came. Rules `refresh/…`: see {@link endsSession}.
 *
 * An ID token whose key is not at hand is compared and not verified: the old refresh token is spent, and the new one came
 * from the token endpoint itself.
 */
export const readRefresh = (
  answer: Answer,
  previous: Tokens,
  { issuer, clientId, sub, nonce, authTime }: RefreshExpected,
  keys: Keys,
  now: number,
): Refreshed => {
  try {
    const tokens = readTokenAnswer("refresh", answer, previous.scope, now, [previous.refreshToken ?? ""]);
    const { idToken, accessToken } = tokens;
    tokens.refreshToken ??= previous.refreshToken;
    if (idToken === undefined) return tokens;
    const { kid, checkSignature, checkClaims } = decode(idToken);
    const whose = checkClaims({ issuer, clientId, accessToken, sub, nonce, authTime }, now);
    const isAtHand = keys !== "withheld" && candidates(keys, kid)[0];
    return { ...tokens, identity: { ...whose, signature: checkSignature(isAtHand ? keys : "withheld") } };
  } catch (error) {
    if (!isSignInError(error)) throw error;
    throw new SignInError(`refresh/${whatItMeans(error)}`, error.message, error.retryable);
  }
};

/** True when the session has ended with this error; after all others the previous tokens are as good as before. */
export const endsSession = (error: unknown): boolean =>
  isSignInError(error) && /^refresh\/(ended|no-refresh-token|identity-mismatch|id-token)$/.test(error.rule);

/** What an error means for the session. */
const whatItMeans = ({ rule, retryable }: SignInError): string => {
  // Another person, issuer, app, or login; or an ID token that is none.
  if (/^id-token.*(issuer|audience|party|subject|nonce|auth-time)$/.test(rule)) return "identity-mismatch";
  if (/^id-token/.test(rule)) return "id-token";
  if (/grant$/.test(rule)) return "ended";
  if (/client$/.test(rule)) return "client-misconfigured";
  return retryable ? "transient" : "unusable";
};
