import { type Attempt, readAttempt } from "../rules/authorize.js";
import { toBase64url } from "../rules/base64url.js";
import { sha256 } from "../rules/sha256.js";
import { type Area, keys, read, storageUnavailable, write } from "./storage.js";

/** Two tabs may sign in at once; whoever begins and never finishes must not fill the storage. */
const MOST = 10;
const PREFIX = "hf-oauth:attempt:";

/** A login under way, as it is kept. */
export interface Kept extends Attempt {
  /** Query and fragment that the page had when it began. */
  back?: string;
}

/** The `state` itself stands in addresses, and so in logs: a key that is found later tells nobody which it was. */
const keyOf = (state: string): string => PREFIX + toBase64url(sha256(new TextEncoder().encode(state)));

/** What is kept as text, if it is an attempt. */
function parse(text: string | null): Kept | undefined {
  try {
    const kept = JSON.parse(text as string);
    const attempt = readAttempt(kept);
    return attempt && { ...attempt, back: String(kept.back ?? "") };
  } catch {
    return undefined;
  }
}

/**
 * Keeps a login that was begun, one record a `state`, and drops the oldest beyond ten.
 *
 * @throws SignInError `page/storage`
 */
export function keepAttempt(area: Area, attempt: Kept): void {
  const begun = (key: string): number => parse(read(area, key))?.begunAt ?? 0;
  const others = keys(area, PREFIX).sort((a, b) => begun(b) - begun(a));
  for (const key of others.slice(MOST - 1)) write(area, key, null);
  if (!write(area, keyOf(attempt.state), JSON.stringify(attempt))) throw storageUnavailable();
}

/** Claims the login of this `state`: synchronous, so that whoever comes second finds nothing. */
export function takeAttempt(state: string): Kept | undefined {
  const key = keyOf(state);
  let taken: Kept | undefined;
  for (const area of ["session", "local"] as const) {
    taken ??= parse(read(area, key));
    write(area, key, null);
  }
  return taken;
}
