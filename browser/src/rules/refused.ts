import { printable } from "./text.js";

/** Which rule refused: `exchange/rule`, by the names of `vectors/README.md`. */
export type Rule = `${string}/${string}`;

/** What the provider itself said, where it said something. */
export interface ProviderError {
  /** The HTTP status of the answer. */
  status?: number;
  /** `error` (RFC 6749 sections 4.1.2.1 and 5.2), made fit to be shown. */
  error?: string;
}

/** Signing in stopped: `rule` says where, `message` says what is wrong and what to do. No secret is in it. */
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

/** `instanceof` for two copies of this module on one page: each has a class of its own. */
export const isSignInError = (error: unknown): error is SignInError =>
  error instanceof Error && error.name === "SignInError" && "rule" in error;

/** Refuses by `rule`. */
export const refuse = (rule: Rule, message: string, provider?: ProviderError): never => {
  throw new SignInError(rule, message, provider);
};

/** Foreign text in quotes, for a message: cleaned, then cut after `longest` characters. */
export const quoted = (text: unknown, longest = 60): string =>
  typeof text === "string" ? JSON.stringify(printable(text, longest)) : "none";
