import { shared } from "./shared.js";

/**
 * One at a time in this browser. Where Web Locks are missing (plain `http`) it is one at a time in this page; the worst is
 * a refresh token used twice, and that is one clean sign-in.
 */
export function locked(name: string, work: () => Promise<void>): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  return locks ? locks.request(name, work) : work();
}

/** Says something to the other tabs of this app. */
export const tell = (text: string): void => shared().channel?.postMessage(text);

/** Listens to the other tabs of this app, and no more to those of another one that the page was before. */
export function listen(name: string, hear: (text: unknown) => void): void {
  const page = shared();
  if (page.channel?.name !== name) {
    page.channel?.close();
    page.channel = new BroadcastChannel(name);
  }
  page.channel.onmessage = ({ data }) => hear(data);
}

/** Asks the other tabs what they have; fulfilled when one had something new, or when it is not worth waiting on. */
export const ask = (): Promise<unknown> =>
  new Promise((resolve) => {
    const { listeners } = shared();
    listeners.add(resolve);
    tell("?");
    setTimeout(() => listeners.delete(resolve) && resolve(null), 200);
  });
