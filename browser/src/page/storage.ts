/** Which of the browser's two storages. */
export type Area = "local" | "session";

/** Access alone can throw: in a sandboxed frame, with all cookies blocked. */
export const storage = (area: Area): Storage => globalThis[`${area}Storage`];

/** What is kept under `key`; a storage that is missing or throws has nothing. */
export function read(area: Area, key: string): string | null {
  try {
    return storage(area).getItem(key);
  } catch {
    return null;
  }
}

/** Anything as text that fits anywhere, a cookie too. */
export const spell = (value: unknown): string => encodeURIComponent(JSON.stringify(value));

/** What {@link spell} spelled; nothing where it is something else. */
export function unspell(text: unknown): any {
  try {
    return JSON.parse(decodeURIComponent(text as string));
  } catch {
    return undefined;
  }
}

/** Keeps `value`, or drops what is kept when there is none; `false` where the storage is missing, full or forbidden. */
export function write(area: Area, key: string, value?: string | number): boolean {
  try {
    if (value === undefined) storage(area).removeItem(key);
    else storage(area).setItem(key, `${value}`);
    return true;
  } catch {
    return false;
  }
}
