import { type Json, type Members, readObject, values } from "./json.js";
import { isSignInError, refuse } from "./refused.js";
import { redacted, trimmed } from "./text.js";
import { characters } from "./utf8.js";

/** An answer of the provider, as much of it as the rules need. */
export interface Answer {
  status: number;
  /** The `Content-Type` header. */
  contentType?: string | null | undefined;
  /** As it came: bytes, because not all bytes are a text. */
  body: Uint8Array;
}

/** Which exchange an answer belongs to. */
export type Step = "discovery" | "exchange" | "refresh" | "keys" | "userinfo";

/** The most bytes that an answer may have. */
export const LONGEST_BODY = 1 << 20;

/**
 * Reads a JSON object with a success status: `read` takes what it needs, and throws for another shape. No message repeats
 * one of the request's `secrets`, should the provider do so. `all` reads every member strictly.
 *
 * Rules: `…/too-large`, `…/redirected`, `…/oauth`, `…/status`, `…/malformed`, `…/not-json`.
 */
export const readAnswer = <T>(
  step: Step,
  { status, contentType, body }: Answer,
  read: (members: Members) => T,
  secrets: readonly string[] = [],
  all = false,
): T => {
  const isLater = status >= 500 || status === 429 || status === 408;
  const fail = (fault: string, retryable = status >= 500, said = ""): never =>
    refuse(`${step}/${fault}`, `${status} ${said}`.trim(), retryable ? "Try again later." : undefined, retryable);
  if (body.length > LONGEST_BODY) fail("too-large");
  if (status >= 300 && status < 400) fail("redirected");
  // RFC 8259 section 8.1 lets a reader ignore the byte order mark that no sender may add.
  const mark = "\xef\xbb\xbf";
  const json = characters(body.subarray(0, 3)) === mark ? body.subarray(3) : body;
  const shown = characters(json);
  const isObject = /^[\t\n\f\r ]*\{/.test(shown);
  // A success may carry an error too: some answer 200 with `{"error": …}`. Any but `null` is one, whatever its type.
  const [error, description] = isObject ? errorOf(json) : [];
  if (error != null) {
    const code = redacted(error, secrets, 60);
    // A gateway that fails may show any text: only these statuses are the token endpoint's own (RFC 6749 section 5.2).
    const isOwn = /^(exchange|refresh)(2..|40[013])$/.test(step + status);
    const fault = (isOwn && NAMED[code]) || "oauth";
    fail(
      fault,
      isLater || /^(temporarily_unavailable|server_error)$/.test(code),
      `${code} ${redacted(description, secrets, 200)}`,
    );
  }
  if (status < 200 || status >= 300) fail("status", isLater);
  const type = trimmed(contentType?.split(";")[0] ?? "application/json");
  // Signed or encrypted, as userinfo may be (OpenID Connect Core section 5.3.2): `eyJ` begins a header.
  if (
    /^application\/jwt$/i.test(type) ||
    (/^[\t\n\f\r ]*eyJ/.test(shown) && [3, 5].includes(shown.split(".").length))
  ) {
    fail("malformed");
  }
  if (!isObject || !/^application\/(.*\+)?json$/is.test(type)) fail("not-json", true);
  try {
    return read(readObject(json, all));
  } catch (error) {
    if (isSignInError(error)) throw error;
    return fail("malformed");
  }
};

/** Refusals of the token endpoint that mean something to everybody. Some say `invalid_code` for `invalid_grant`. */
const NAMED: Record<string, string> = {
  invalid_grant: "invalid-grant",
  invalid_code: "invalid-grant",
  invalid_client: "invalid-client",
  unauthorized_client: "invalid-client",
};

/** `error` and `error_description` (RFC 6749 section 5.2). Of two the last counts: neither makes a success. */
const errorOf = (json: Uint8Array): (Json | undefined)[] => {
  try {
    return values(readObject(json, false, true), "error error_description");
  } catch {
    return [];
  }
};
