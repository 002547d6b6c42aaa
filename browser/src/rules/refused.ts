import { printable } from "./text.js";

/** Which rule refused: `exchange/rule`, by the names of `vectors/README.md`. */
export type Rule = `${string}/${string}`;

/** What the provider itself said, where it said something. */
export interface ProviderError {
  /** The HTTP status of the answer. */
  status?: number;
  /** `error` (RFC 6749 sections 4.1.2.1 and 5.2), fit to be shown. */
  error?: string;
}

/** Signing in stopped: `rule` says where, `message` what is wrong and what to do. No secret is in it. */
export class SignInError extends Error {
  override readonly name = "SignInError";

  constructor(
    readonly rule: Rule,
    message: string,
    readonly provider: ProviderError = {},
  ) {
    super(message);
  }
}

/** `instanceof` across two copies of this module on one page, each of which has a class of its own. */
export const isSignInError = (error: unknown): error is SignInError =>
  error instanceof Error && error.name === "SignInError" && "rule" in error;

/**
 * Refuses by `rule`, whose name is most of the message: the names are plain English, and they are in the package anyway.
 * `detail` is what came, fit to be shown; `hint` is what to do.
 */
export const refuse = (rule: Rule, detail = "", hint = "Sign in again.", provider?: ProviderError): never => {
  const what = rule.replace("/", ": ").replaceAll("-", " ");
  throw new SignInError(rule, `Sign-in failed: ${what}${detail && ` (${detail})`}. ${hint}`, provider);
};

/** Foreign text in quotes, fit to be shown. */
export const quoted = (text: unknown): string => (typeof text === "string" ? JSON.stringify(printable(text, 200)) : "none");
