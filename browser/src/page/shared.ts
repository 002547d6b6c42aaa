import type { Session } from "./session.js";
import type { OAuthResult, Options } from "./types.js";

/** What all copies of this module on one page share: two bundles with a copy each must redeem a code once. */
export interface Shared {
  /** Redirects that were claimed, by their `state` and what claimed them. */
  readonly redirects: Record<string, Promise<Session>>;
  /** The redirect that this page was loaded with. */
  redirect?: Promise<Session> | undefined;
  /** The options that the page has given so far. */
  options: Options;
  /** The sessions that are not in `sessionStorage`, by the names of their apps. */
  readonly sessions: Record<string, Session | undefined>;
  /** The session that the listeners were told of last. */
  told: string;
  readonly listeners: Set<(session: OAuthResult | null) => void>;
  channel?: BroadcastChannel;
  renewal?: Promise<void> | undefined;
  /** The warning about plain `http` was given. */
  warned?: boolean;
}

/** Created by the first call, not by the import. */
export const shared = (): Shared =>
  ((globalThis as Record<symbol, unknown>)[Symbol.for("hf-oauth/1")] ??= {
    redirects: {},
    sessions: {},
    options: {},
    told: "",
    listeners: new Set(),
  }) as Shared;
