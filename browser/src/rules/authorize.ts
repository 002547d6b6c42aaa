import type { Provider } from "./discovery.js";

/** What a login asks for. */
export interface AuthorizeOptions {
  provider: Provider;
  clientId: string;
  /** Where the provider sends the browser back to, checked by `checkRedirectUri`. */
  redirectUri: string;
  /** Separated by spaces, or a list; `openid profile` when absent. */
  scopes?: string | readonly string[] | undefined;
  /** `prompt` of OpenID Connect Core section 3.1.2.1. */
  prompt?: string | undefined;
  /** Organisations to ask access to, by id; sent as one `orgIds` each. */
  orgIds?: readonly string[] | undefined;
  /** The app's own text: kept in the attempt, never sent. */
  appState?: string | undefined;
  /** In place of those of the seed, for who keeps them elsewhere. */
  nonce?: string | undefined;
  codeVerifier?: string | undefined;
}

/** A login that was begun: what its redirect and its tokens are held against. Holds secrets. */
export interface Attempt {
  state: string;
  nonce: string;
  codeVerifier: string;
  redirectUri: string;
  issuer: string;
  clientId: string;
  scope: string;
  /** Seconds since 1970. */
  begunAt: number;
  appState?: string;
}

/** How long a login that was begun can be finished, in seconds. */
export const ATTEMPT_LIFETIME = 600;

/**
 * Begins a login: where to send the browser, and what to remember. Always PKCE with S256 (RFC 7636), `state`, `nonce`.
 * `seed` is 32 bytes of a cryptographic random generator, used once; `now` is seconds since 1970.
 * Rules: `authorize/missing-client-id`, `authorize/code-verifier`.
 */
export declare const authorize: (
  options: AuthorizeOptions,
  seed: Uint8Array,
  now: number,
) => { url: string; attempt: Attempt };

/** An attempt that was kept, from what `JSON.parse` made of it; `undefined` when that is none. */
export declare const readAttempt: (kept: unknown) => Attempt | undefined;
