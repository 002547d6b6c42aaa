import type { Answer } from "./answer.js";
import type { Attempt } from "./authorize.js";

/** What the token endpoint gave. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string;
  /** Seconds since 1970. */
  expiresAt: number;
  /** What was granted; what was asked for, where the provider does not say. */
  scope: string;
}

/** Tokens that nobody may use before their ID token was verified. */
export interface UnverifiedTokens extends Tokens {
  idToken: string;
}

/** The form that exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5), encoded. */
export declare const exchangeForm: (
  code: string,
  attempt: Pick<Attempt, "redirectUri" | "codeVerifier" | "clientId">,
) => string;

/**
 * Reads the answer to a code. `scope` is what was asked for; `secrets` are the request's (code, verifier). Rules
 * `exchange/…`.
 */
export declare const readTokens: (
  answer: Answer,
  scope: string,
  now: number,
  secrets?: readonly string[],
) => UnverifiedTokens;
