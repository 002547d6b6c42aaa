/** What a provider adds to a redirect URI (RFC 6749 section 4.1.2, RFC 9207, OpenID Connect Session Management). */
const ANSWER = /^(code|state|iss|error|error_description|error_uri|session_state)=/;

/** The page without query and fragment: the redirect URI, unless another one is set. */
export const pageAddress = (): string => location.href.replace(/[?#].*/, "");

/**
 * Takes the provider's answer out of the address bar and the history; all else stays as it was spelled. `back` is the
 * query and fragment that the page had when the login began: a page that is addressed by its fragment is where it was.
 */
export function cleanAddress(back = ""): void {
  const parts = location.search.slice(1).split("&");
  const kept = parts.filter((part) => !ANSWER.test(part)).join("&");
  const rest = (kept && `?${kept}`) + location.hash;
  try {
    history.replaceState(history.state, "", pageAddress() + (rest || back));
  } catch {
    // Some browsers limit how often this is called. The record is claimed: a reload cannot redeem the code again.
  }
}
