import { type Answer, readAnswer } from "./answer.js";
import type { Attempt } from "./authorize.js";
import { any, listOf, optional, present, type Reader, text } from "./json.js";
import { isSignInError, quoted, refuse, SignInError } from "./refused.js";
import { redacted, trimmed, words } from "./text.js";

/** What the token endpoint gave. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string;
  /** Seconds since 1970. */
  expiresAt: number;
  /** What was granted; what was asked for, where the provider does not say. */
  scope: string;
}

/** Tokens that nobody may use before their ID token was verified. */
export interface UnverifiedTokens extends Tokens {
  idToken: string;
}

/** The form that exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5), encoded. A code is sent once. */
export const exchangeForm = (
  code: string,
  attempt: Pick<Attempt, "redirectUri" | "codeVerifier" | "clientId">,
): string =>
  `${new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: attempt.redirectUri,
    code_verifier: attempt.codeVerifier,
    client_id: attempt.clientId,
  })}`;

/**
 * Reads the answer to a code. `scope` is what was asked for, `secrets` are the request's: code and verifier. Rules
 * `exchange/…`. After any of them the code is used up.
 */
export const readTokens = (
  answer: Answer,
  scope: string,
  now: number,
  secrets?: readonly string[],
): UnverifiedTokens => {
  const { idToken = refuse("exchange/id-token-missing", "The Hub sent no ID token. Is openid among the app's scopes?"), ...tokens } =
    readTokenAnswer("exchange", answer, scope, now, secrets);
  return { ...tokens, idToken };
};

/** Seconds as a number, with or without a fraction, or as a text; what is neither is not said. Saturated, as Rust's. */
const seconds: Reader<number | undefined> = (value) => {
  if (typeof value === "number") return Math.trunc(value);
  const digits = typeof value === "string" && trimmed(value);
  if (!digits || !/^[+-]?\d+$/.test(digits)) return undefined;
  const whole = BigInt(digits);
  return BigInt.asIntN(64, whole) === whole ? Number(whole) : undefined;
};

/** Words in one text, or in a list. */
const scopes: Reader<string> = (value) => (typeof value === "string" ? value : listOf(text)(value).join(" "));

/** RFC 6749 section 5.1; unknown members are ignored. */
const ANSWER = {
  access_token: text,
  token_type: text,
  expires_in: seconds,
  refresh_token: optional(text),
  id_token: optional(text),
  scope: optional(scopes),
  // Of a token exchange (RFC 8693 section 2.2.1): not used, and as strictly read.
  issued_token_type: any,
};

/** Reads an answer of the token endpoint, whatever it was asked with (RFC 6749 section 5). */
export const readTokenAnswer = (
  step: "exchange" | "refresh",
  answer: Answer,
  asked: string,
  now: number,
  secrets: readonly string[] = [],
): Tokens & { idToken?: string } => {
  try {
    const token = readAnswer(step, answer, ANSWER, { secrets });
    if (!/^bearer$/i.test(token.token_type)) {
      refuse(`${step}/unsupported-token-type`, `The Hub's token is not Bearer but ${quoted(redacted(token.token_type, secrets, 60))}.`);
    }
    // An empty one is none: some send the member whether or not there is a token.
    const refreshToken = token.refresh_token || undefined;
    // Visible ASCII, or it cannot stand in a header.
    if (![token.access_token, refreshToken ?? "-"].every((it) => /^[!-~]{1,16384}$/.test(it))) {
      refuse(`${step}/malformed-token`, "The Hub's token is empty, too long or not ASCII.");
    }
    // An hour where nothing is said; a minute to a year whatever is said.
    const lifetime = Math.min(Math.max(token.expires_in ?? 3_600, 60), 365 * 86_400);
    return present({
      accessToken: token.access_token,
      refreshToken,
      idToken: token.id_token,
      expiresAt: now + lifetime,
      scope: words(token.scope ?? asked).join(" "),
    });
  } catch (error) {
    // A gateway that fails may show any text: only these statuses are the token endpoint's own (RFC 6749 section 5.2).
    if (isSignInError(error) && error.rule === `${step}/oauth` && /^(2..|40[013])$/.test(`${error.provider.status}`)) {
      const renamed = (rule: string, hint: string): never => {
        throw new SignInError(`${step}/${rule}`, `${error.message} ${hint}`, error.provider);
      };
      const { error: code = "" } = error.provider;
      // `invalid_code` is said by a provider that has it in place of `invalid_grant`.
      if (/^invalid_(grant|code)$/.test(code)) renamed("invalid-grant", "It was used or has expired. Sign in again.");
      if (/^(invalid|unauthorized)_client$/.test(code)) renamed("invalid-client", "Is the client id right?");
    }
    throw error;
  }
};
