import { read, write } from "./storage.js";
import { shared } from "./shared.js";

/** How long a tab waits for the others to say what they have. Milliseconds. */
const PATIENCE = 200;

/**
 * One at a time in this browser. Where Web Locks are missing (plain `http`) it is one at a time in this page; the worst is
 * a refresh token used twice, and that is one clean sign-in.
 */
export function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}

/**
 * When somebody last signed out of this app in this browser. Kept in `localStorage`, without anything secret, so that a
 * tab that was frozen meanwhile finds it. Milliseconds, 0 for never.
 */
export const signedOutAt = (name: string): number => Math.max(Number(read("local", `${name}:out`)) || 0, shared().signedOut);

/** Marks a sign-out: it ends the sessions that are older than itself. */
export function markSignedOut(name: string, at: number): void {
  shared().signedOut = at;
  write("local", `${name}:out`, String(at));
  write("local", `${name}:until`, null);
}

/** Says something to the other tabs of this app; a browser without `BroadcastChannel` has tabs on their own. */
export const tell = (text: string): void => shared().channel?.postMessage(text);

/** Listens to the other tabs. */
export function listen(name: string, hear: (text: unknown) => void): void {
  const page = shared();
  if (page.channel?.name === name || typeof BroadcastChannel === "undefined") return;
  page.channel?.close();
  page.channel = new BroadcastChannel(name);
  page.channel.onmessage = ({ data }) => hear(data);
}

/** Asks the other tabs what they have; fulfilled when one had something new, or when it is not worth waiting on. */
export async function ask(): Promise<void> {
  const { channel, waiting } = shared();
  if (!channel) return;
  await new Promise<void>((resolve) => {
    waiting.add(resolve);
    tell("?");
    setTimeout(resolve, PATIENCE);
  });
}
