import { type Answer, readAnswer } from "./answer.js";
import type { Attempt } from "./authorize.js";
import { type Json, optional, text, texts } from "./json.js";
import { refuse } from "./refused.js";
import { scopeList, trimmed } from "./text.js";

/** What the token endpoint gave. */
export interface Tokens {
  accessToken: string;
  refreshToken?: string | undefined;
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
export const readTokens = (answer: Answer, scope: string, now: number, secrets?: readonly string[]): UnverifiedTokens =>
  readTokenAnswer("exchange", answer, scope, now, secrets) as UnverifiedTokens;

/** Seconds as a number, with or without a fraction, or as a text that a 64-bit number is; all else is not said. */
const seconds = (value: Json | undefined): number => {
  if (typeof value === "number") return value;
  const digits = typeof value === "string" ? trimmed(value) : "";
  return /^[+-]?\d+$/.test(digits) && BigInt.asIntN(64, BigInt(digits)) === BigInt(digits) ? Number(digits) : 3_600;
};

/** Reads an answer of the token endpoint, whatever it was asked with (RFC 6749 section 5). */
export const readTokenAnswer = (
  step: "exchange" | "refresh",
  answer: Answer,
  asked: string,
  now: number,
  secrets?: readonly string[],
): Tokens & { idToken?: string | undefined } =>
  readAnswer(
    step,
    answer,
    (members) => {
      const accessToken = text(members("access_token"));
      const type = text(members("token_type"));
      // An empty one is none: some send the member whether or not there is a token.
      const refreshToken = optional(members("refresh_token"), text) || undefined;
      const idToken = optional(members("id_token"), text);
      const scope = optional(members("scope"), (list) => (typeof list === "string" ? list : texts(list).join(" ")));
      const lifetime = seconds(members("expires_in"));
      // Of a token exchange (RFC 8693 section 2.2.1): not used, and as strictly read.
      members("issued_token_type");
      if (!/^bearer$/i.test(type)) refuse(`${step}/unsupported-token-type`);
      // Visible ASCII, or it cannot stand in a header.
      if (![accessToken, refreshToken ?? "-"].every((it) => /^[!-~]{1,16384}$/.test(it)))
        refuse(`${step}/malformed-token`);
      // A minute to a year, whatever is said.
      const expiresAt = now + Math.trunc(Math.min(Math.max(lifetime, 60), 31_536_000));
      if (step === "exchange" && idToken === undefined)
        refuse("exchange/id-token-missing", "", "Is openid among the scopes?");
      return { accessToken, refreshToken, idToken, expiresAt, scope: scopeList(scope ?? asked) };
    },
    secrets,
  );
