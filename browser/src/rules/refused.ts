import { printable } from "./text.js";

/** Which rule refused: `exchange/rule`, by the names of `vectors/README.md`. */
export type Rule = `${string}/${string}`;

/** Signing in stopped: `rule` says where, `message` what is wrong and what to do. No secret is in it. */
export class SignInError extends Error {
  override readonly name = "SignInError";

  constructor(
    readonly rule: Rule,
    message: string,
    /** Whether the same request may succeed later. */
    readonly retryable = false,
  ) {
    super(message);
  }
}

/** `instanceof` across two copies of this module on one page, each of which has a class of its own. */
export const isSignInError = (error: unknown): error is SignInError =>
  error instanceof Error && error.name === "SignInError" && "rule" in error;

/**
 * Refuses by `rule`, whose name is most of the message: the names are plain English, and in the package anyway. `detail`
 * is what came, fit to be shown; `hint` is what to do.
 */
export const refuse = (rule: Rule, detail = "", hint = "Sign in again.", retryable = false): never => {
  const what = rule.replace(/[/-]/g, " ");
  throw new SignInError(rule, `Refused: ${what}${detail && ` (${detail})`}. ${hint}`, retryable);
};

/** Foreign text in quotes, fit to be shown. */
export const quoted = (text: unknown): string => JSON.stringify(printable(text, 200));
