import { SignInError } from "../rules/refused.js";

/** 32 bytes that nobody can guess, from the one source that a browser has on plain `http` too. Never `Math.random`. */
export function randomBytes(): Uint8Array {
  try {
    return crypto.getRandomValues(new Uint8Array(32));
  } catch {
    throw new SignInError(
      "page/no-randomness",
      "This browser offers no secure random numbers (crypto.getRandomValues), so signing in would not be safe. Update it, or use another one.",
    );
  }
}
