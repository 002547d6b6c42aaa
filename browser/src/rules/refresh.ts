import type { Answer } from "./answer.js";
import type { Tokens } from "./exchange.js";
import type { Identity, Keys } from "./id_token.js";

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
  /** Who the user is now, where an ID token came along. */
  identity?: Identity;
}

/** The form that refreshes (RFC 6749 section 6), encoded. Rule `refresh/no-refresh-token`. */
export declare const refreshForm: (previous: Tokens, clientId: string) => string;

/**
 * Reads the answer. The refresh token is the previous one where none came. Rules `refresh/…`: after `ended`,
 * `no-refresh-token`, `identity-mismatch` and `id-token` the session has ended; after the others the previous tokens
 * are as good as before.
 */
export declare const readRefresh: (
  answer: Answer,
  previous: Tokens,
  expected: RefreshExpected,
  keys: Keys,
  now: number,
) => Refreshed;

/** True when the session has ended with this error. */
export declare const endsSession: (error: unknown) => boolean;
