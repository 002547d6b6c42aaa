import { toBase64url } from "./base64url.js";
import type { Provider } from "./discovery.js";
import { refuse } from "./refused.js";
import { sha256 } from "./sha256.js";
import { scopeList } from "./text.js";
import { toUtf8 } from "./utf8.js";

/** What a login asks for. */
export interface AuthorizeOptions {
  provider: Provider;
  clientId: string;
  /** Where the provider sends the browser back to, byte for byte as it is registered: see `checkPageAddress`. */
  redirectUri: string;
  /** Separated by spaces; `openid profile` where it is absent. */
  scopes?: string | undefined;
  /** `prompt` of OpenID Connect Core section 3.1.2.1. */
  prompt?: string | undefined;
  /** Organisations to ask access to, by id; one `orgIds` each. */
  orgIds?: readonly string[] | undefined;
  /** The app's own text: kept in the attempt, never sent. */
  appState?: string | undefined;
}

/** A login that was begun: what its redirect and its tokens are held against. Keep it secret: it has the code verifier. */
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
  appState?: string | undefined;
}

/** How long a login that was begun can be finished, in seconds. */
export const ATTEMPT_LIFETIME = 600;

/**
 * Begins a login: where to send the browser, and what to remember. Always PKCE with S256 (RFC 7636), `state`, `nonce`.
 *
 * `seed` is 32 bytes of a cryptographic random generator, used once; `now` is seconds since 1970. Rules
 * `authorize/missing-client-id`, `authorize/missing-openid`: without that scope nobody says who signed in.
 */
export const authorize = (
  { provider, clientId, redirectUri, scopes = "openid profile", prompt, orgIds = [], appState }: AuthorizeOptions,
  seed: Uint8Array,
  now: number,
): { url: string; attempt: Attempt } => {
  if (!clientId.trim()) refuse("authorize/missing-client-id");
  const scope = scopeList(scopes);
  if (!scope.split(" ").includes("openid")) refuse("authorize/missing-openid", "", "Add openid to the scopes.");
  // 43 unreserved characters with 256 bits each (RFC 7636 section 7.1), and none of them tells another.
  const derive = (label: string) => {
    const name = toUtf8(`hf-oauth login ${label}`);
    return toBase64url(sha256(Uint8Array.of(...name, ...seed)));
  };
  const attempt: Attempt = {
    state: derive("state"),
    nonce: derive("nonce"),
    codeVerifier: derive("code_verifier"),
    redirectUri,
    issuer: provider.issuer,
    clientId,
    scope,
    begunAt: now,
    appState,
  };
  const params = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: attempt.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: toBase64url(sha256(toUtf8(attempt.codeVerifier))),
    code_challenge_method: "S256",
    ...(prompt && { prompt }),
  });
  for (const id of orgIds) params.append("orgIds", id);
  const { authorizationEndpoint: endpoint } = provider;
  return { url: `${endpoint}${endpoint.includes("?") ? "&" : "?"}${params}`, attempt };
};

/** An attempt that was kept, from whatever a storage gave back; `undefined` when that is none. */
export const readAttempt = (kept: unknown): Attempt | undefined => {
  const attempt = Object(kept);
  const isText = (name: string) => typeof attempt[name] === "string";
  const isWhole = "state nonce codeVerifier redirectUri issuer clientId scope".split(" ").every(isText);
  return isWhole && Number.isInteger(attempt.begunAt) ? attempt : undefined;
};
