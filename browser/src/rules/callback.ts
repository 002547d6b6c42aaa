import { ANSWER_PARAMETERS } from "./address.js";
import { ATTEMPT_LIFETIME, type Attempt } from "./authorize.js";
import type { Provider } from "./discovery.js";
import { quoted, refuse } from "./refused.js";
import { printable } from "./text.js";

/** The parameters of a redirect, each at most once (RFC 6749 sections 3.1 and 4.1.2). */
export interface CallbackParams {
  code?: string;
  state?: string;
  iss?: string;
  error?: string;
  error_description?: string;
}

/**
 * Reads a redirect: a whole URL, or its path and query. Rules `callback/malformed`, `callback/duplicate-parameter`,
 * `callback/unexpected-parameter`.
 */
export const readCallback = (url: string): CallbackParams => {
  // Pasted text may end in a line break. Inside of an address no browser sends one, and parsers disagree on it.
  const [, place = "", query = "", fragment = ""] =
    /^[\t\n\f\r ]*([^\0- \x7f?#]*)\??([^\0- \x7f#]*)#?([^\0- \x7f]*)[\t\n\f\r ]*$/.exec(url) ?? [, "?"];
  if (!/^($|\/)|:/.test(place)) refuse("callback/malformed");
  // An implicit answer comes in the fragment: refused there too, whatever else the app keeps in it.
  parameters(fragment, true);
  return parameters(query);
};

/** True when this looks like an answer of a provider at all. */
export const isCallback = ({ code, state, error }: CallbackParams): boolean =>
  [code, state, error].some((it) => it !== undefined);

const parameters = (query: string, isFragment = false): CallbackParams => {
  const params: CallbackParams = {};
  // Node 20 misreads what is not ASCII when a broken escape is beside it.
  const ascii = query.replace(/[^\0-\x7f\p{Cs}]+/gu, encodeURIComponent);
  // A question mark that the query itself begins with belongs to its first name.
  for (const [name, value] of new URLSearchParams(`&${ascii}`)) {
    const index = ANSWER_PARAMETERS.indexOf(name);
    // Implicit and hybrid answers and JARM: never asked for, never used (RFC 9700 section 2.1.2).
    if (index > 4) refuse("callback/unexpected-parameter", name);
    if (name in params) return isFragment ? {} : refuse("callback/duplicate-parameter", name);
    if (index >= 0) params[name as keyof CallbackParams] = value;
  }
  return params;
};

/**
 * Checks a redirect against the login that was begun: `state`, age, `iss` (RFC 9207), `error`, `code`. Rules
 * `callback/…`. A redirect that is refused uses no login up: it may be forged.
 */
export const checkCallback = (
  { code, state, iss, error, error_description: description = "" }: CallbackParams,
  attempt: Pick<Attempt, "state" | "issuer" | "begunAt">,
  provider: Pick<Provider, "issuer" | "issPromised">,
  now: number,
): { code: string } => {
  if (!state) refuse("callback/state-missing");
  if (state !== attempt.state) refuse("callback/state-mismatch");
  if (now > attempt.begunAt + ATTEMPT_LIFETIME) refuse("callback/state-expired");
  if (attempt.issuer !== provider.issuer) refuse("callback/other-provider");
  if (iss !== undefined && iss !== provider.issuer) refuse("callback/issuer-mismatch", quoted(iss));
  // An error may be anybody's as well (RFC 9207 section 2.4).
  if (iss === undefined && provider.issPromised && (code || error !== undefined)) refuse("callback/issuer-missing");
  if (error !== undefined) {
    const said = printable(error, 60);
    refuse(
      `callback/${said === "access_denied" ? "declined" : "provider"}`,
      `${said} ${printable(description, 200)}`.trim(),
    );
  }
  return { code: code || refuse("callback/code-missing") };
};
