/** What the provider adds to the redirect URI (RFC 6749 section 4.1.2, RFC 9207, OpenID Connect Session Management). */
const ANSWER = /^(code|state|iss|error|error_description|error_uri|session_state)$/;

/** True for the address of a redirect from the provider: we always send a `state`, so an answer always has one. */
export function isAnswer(query: URLSearchParams): boolean {
  return query.has("state") && (query.has("code") || query.has("error"));
}

/** The query without the provider's answer; all else stays as it was spelled. */
export function withoutAnswer(search: string): string {
  const kept = search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => part && !ANSWER.test([...new URLSearchParams(part).keys()][0] ?? ""));
  return kept.length ? `?${kept.join("&")}` : "";
}

/** The page without query and fragment: the redirect URI, unless another one is set. */
export const pageAddress = (): string => location.href.split(/[?#]/, 1)[0] as string;

/**
 * Takes the provider's answer out of the address bar and the history. `back` is the query and fragment that the page had
 * when the login began: a page that is addressed by its fragment is where it was.
 */
export function cleanAddress(back = ""): void {
  const rest = withoutAnswer(location.search) + location.hash;
  try {
    history.replaceState(history.state, "", pageAddress() + (rest || back));
  } catch {
    // Some browsers limit how often this is called. The record is claimed, so a reload cannot redeem the code.
  }
}
