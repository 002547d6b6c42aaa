import { refuse } from "../rules/refused.js";

/** 32 bytes that nobody can guess, from the one source that a browser has on plain `http` too. Never `Math.random`. */
export function randomBytes(): Uint8Array {
  try {
    return crypto.getRandomValues(new Uint8Array(32));
  } catch {
    return refuse("page/no-randomness", "no crypto.getRandomValues", "Use another browser.");
  }
}
