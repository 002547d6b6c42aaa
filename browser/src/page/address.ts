/** What a provider adds to a redirect URI (RFC 6749 section 4.1.2, RFC 9207, OpenID Connect Session Management). */
const ANSWER = /^(code|state|iss|error|error_description|error_uri|session_state)=/;

/** True for a redirect from the provider: every login has a `state`, and so has its answer. */
export const isAnswer = (query: URLSearchParams): boolean => query.has("state") && (query.has("code") || query.has("error"));

/** The page without query and fragment: the redirect URI, unless another one is set. */
export const pageAddress = (): string => location.href.replace(/[?#].*/, "");

/**
 * Takes the provider's answer out of the address bar and the history; all else stays as it was spelled. `back` is the
 * query and fragment that the page had when the login began: a page that is addressed by its fragment is where it was.
 */
export function cleanAddress(back = ""): void {
  const kept = location.search.split(/[?&]/).filter((part) => part && !ANSWER.test(part));
  const rest = kept.map((part, index) => "?&"[+!!index] + part).join("") + location.hash;
  try {
    history.replaceState(history.state, "", pageAddress() + (rest || back));
  } catch {
    // Some browsers limit how often this is called. The record is claimed: a reload cannot redeem the code again.
  }
}
