import { SignInError } from "../rules/refused.js";

/** Which of the browser's two storages. */
export type Area = "local" | "session";

/** Access alone can throw: in a sandboxed frame, with all cookies blocked. */
const storage = (area: Area): Storage => globalThis[`${area}Storage`];

/** What is kept under `key`; a storage that is missing or throws has nothing. */
export function read(area: Area, key: string): string | null {
  try {
    return storage(area).getItem(key);
  } catch {
    return null;
  }
}

/** Keeps `value`, or drops what is kept when it is `null`; `false` where the storage is missing, full or forbidden. */
export function write(area: Area, key: string, value: string | null): boolean {
  try {
    if (value === null) storage(area).removeItem(key);
    else storage(area).setItem(key, value);
    return true;
  } catch {
    return false;
  }
}

/** The keys that begin with `prefix`. */
export function keys(area: Area, prefix: string): string[] {
  try {
    return Object.keys(storage(area)).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** A login cannot be finished without a place that survives the way to the Hub and back. */
export const storageUnavailable = (): SignInError =>
  new SignInError(
    "page/storage",
    "This browser keeps no data for this page (storage is blocked or full), so a sign-in could not be finished. Allow cookies and site data for this page, free some space, or open the page in a tab of its own.",
  );
