import type { Answer } from "./answer.js";
import { readTokenAnswer, type Tokens } from "./exchange.js";
import { checkClaims, checkSignature, decode, type Identity, type Keys } from "./id_token.js";
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
  const secrets = previous.refreshToken ? [previous.refreshToken] : [];
  const tokens = renamed(whatItMeans, () => readTokenAnswer("refresh", answer, previous.scope, now, secrets));
  tokens.refreshToken ??= previous.refreshToken;
  const { idToken, accessToken } = tokens;
  if (idToken === undefined) return tokens;
  const identity = renamed(
    // Another person, issuer, app, or login; or an ID token that is none.
    ({ rule }) => (/(issuer|audience|party|subject|nonce|auth-time)$/.test(rule) ? "identity-mismatch" : "id-token"),
    () => {
      const token = decode(idToken);
      const whose = checkClaims(token, { issuer, clientId, accessToken, sub, nonce, authTime }, now);
      const isAtHand = keys !== "withheld" && candidates(keys, token.kid).length > 0;
      return { ...whose, signature: checkSignature(token, isAtHand ? keys : "withheld") };
    },
  );
  return { ...tokens, identity };
};

/** True when the session has ended with this error; after all others the previous tokens are as good as before. */
export const endsSession = (error: unknown): boolean =>
  isSignInError(error) && /^refresh\/(ended|no-refresh-token|identity-mismatch|id-token)$/.test(error.rule);

/** An answer that brought no tokens, by what it means for the session. */
const whatItMeans = ({ rule, retryable }: SignInError): string =>
  rule === "refresh/invalid-grant"
    ? "ended"
    : rule === "refresh/invalid-client"
      ? "client-misconfigured"
      : retryable
        ? "transient"
        : "unusable";

const renamed = <T>(name: (error: SignInError) => string, run: () => T): T => {
  try {
    return run();
  } catch (error) {
    throw isSignInError(error) ? new SignInError(`refresh/${name(error)}`, error.message, error.retryable) : error;
  }
};
