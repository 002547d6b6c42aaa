import { type Attempt, readAttempt } from "../rules/authorize.js";
import { toBase64url } from "../rules/base64url.js";
import { refuse } from "../rules/refused.js";
import { sha256 } from "../rules/sha256.js";
import { toUtf8 } from "../rules/utf8.js";
import { type Area, read, spell, storage, unspell, write } from "./storage.js";

const PREFIX = "hf-oauth:attempt:";

/** A login under way, as it is kept. */
export interface Kept extends Attempt {
  /** Query and fragment that the page had when it began. */
  back?: string;
}

/** `state` itself stands in addresses, and so in logs: a key that is found later tells nobody which it was. */
const keyOf = (state: string): string => PREFIX + toBase64url(sha256(toUtf8(state)));

/** What is kept as text, if it is an attempt. */
export const parseAttempt = (text: string | null, codeVerifier?: string): Kept | undefined =>
  readAttempt({ codeVerifier, ...unspell(text) });

/**
 * Keeps a login that was begun, one record a `state`; of those that were never finished ten at most.
 *
 * @throws SignInError `page/storage`: a login needs a place that survives the way to the Hub and back
 */
export function keepAttempt(area: Area, attempt: Kept): void {
  try {
    const begunAt = (key: string): number => parseAttempt(read(area, key))?.begunAt ?? 0;
    const older = Object.keys(storage(area)).filter((key) => key.startsWith(PREFIX));
    for (const key of older.sort((a, b) => begunAt(b) - begunAt(a)).slice(9)) write(area, key);
    storage(area).setItem(keyOf(attempt.state), spell(attempt));
  } catch {
    refuse("page/storage", "blocked or full", "Allow site data for this page, or open it in a tab of its own.");
  }
}

/** Claims the login of this `state`: synchronous, so that whoever comes second finds nothing. */
export function takeAttempt(state: string): Kept | undefined {
  const key = keyOf(state);
  const taken = parseAttempt(read("session", key) ?? read("local", key));
  write("session", key);
  write("local", key);
  return taken;
}
