import { readMembers, type Shape, type Shaped, shaped } from "./json.js";
import { refuse } from "./refused.js";
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

/** How an answer is read. */
export interface Reading {
  /** What no message may repeat, should the provider do so: the request's secrets. */
  secrets?: readonly string[] | undefined;
  /** Whether the members that are not in the shape are read as strictly as the others. */
  all?: boolean;
}

/**
 * Reads a JSON object with a success status. Rules: `…/too-large`, `…/redirected`, `…/oauth`, `…/status`,
 * `…/malformed`, `…/not-json`, in this order.
 */
export const readAnswer = <S extends Shape>(
  step: Step,
  { status, contentType, body }: Answer,
  shape: S,
  { secrets = [], all = false }: Reading = {},
): Shaped<S> => {
  const fail = (fault: string, why: string, error?: string): never =>
    refuse(`${step}/${fault}`, `The Hub's ${step} answered ${status}: ${why}.`, { status, ...(error !== undefined && { error }) });
  if (body.length > LONGEST_BODY) fail("too-large", "too much");
  if (status >= 300 && status < 400) fail("redirected", "a redirect, which is not followed. Is the Hub's address right?");
  // RFC 8259 section 8.1 lets a reader ignore the byte order mark that no sender may add.
  const json = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
  const shown = characters(json);
  const isObject = /^[\t\n\f\r ]*\{/.test(shown);
  // A success may carry an error too: some providers answer 200 with `{"error": …}`.
  const error = isObject && errorOf(json, secrets);
  if (error) fail("oauth", error.join(": "), error[0]);
  if (status < 200 || status >= 300) fail("status", "it does not say why. Try again later");
  const type = trimmed(contentType?.split(";")[0] ?? "application/json");
  // Signed or encrypted, as userinfo may be (OpenID Connect Core section 5.3.2): `eyJ` begins a header.
  if (/^application\/jwt$/i.test(type) || (/^[\t\n\f\r ]*eyJ/.test(shown) && [3, 5].includes(shown.split(".").length))) {
    fail("malformed", "a JWT, which was not asked for");
  }
  if (!isObject || !/^application\/(.*\+)?json$/is.test(type)) fail("not-json", "not JSON (a proxy's or an error page?)");
  try {
    return shaped(readMembers(json, all ? undefined : shape), shape);
  } catch {
    return fail("malformed", "JSON of another shape");
  }
};

/** `error` and `error_description` (RFC 6749 section 5.2), fit to be shown. Any `error` but `null` is one, whatever its type. */
const errorOf = (json: Uint8Array, secrets: readonly string[]): [code: string, description?: string] | undefined => {
  try {
    // Of two the last counts: what has an error twice is no success either way.
    const { error = null, error_description: description } = Object.fromEntries(
      readMembers(json, { error: 0, error_description: 0 }),
    );
    if (error === null) return undefined;
    const code = redacted(typeof error === "string" ? error : "unreadable_error", secrets, 60);
    return typeof description === "string" ? [code, redacted(description, secrets, 200)] : [code];
  } catch {
    return undefined;
  }
};
