import type { Attempt } from "./authorize.js";
import type { Provider } from "./discovery.js";

/** The parameters of a redirect, each at most once (RFC 6749 sections 3.1 and 4.1.2). */
export interface CallbackParams {
  code?: string;
  state?: string;
  iss?: string;
  error?: string;
  error_description?: string;
}

/**
 * Reads a redirect: a whole URL, or its path and query. Rules: `callback/malformed`, `callback/duplicate-parameter`,
 * `callback/unexpected-parameter`.
 */
export declare const readCallback: (url: string) => CallbackParams;

/** True when this looks like an answer of a provider at all. */
export declare const isCallback: (params: CallbackParams) => boolean;

/**
 * Checks a redirect against the login that was begun: `state`, age, `iss` (RFC 9207), `error`, `code`. Rules
 * `callback/…`. Nothing was sent, and the attempt stays as good as it was.
 */
export declare const checkCallback: (
  params: CallbackParams,
  attempt: Pick<Attempt, "state" | "issuer" | "begunAt">,
  provider: Pick<Provider, "issuer" | "issPromised">,
  now: number,
) => { code: string };
