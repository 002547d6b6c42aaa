import type { Tokens } from "../rules/exchange.js";
import { readConfig } from "./config.js";
import { shared } from "./shared.js";
import { read, spell, unspell, write } from "./storage.js";
import { listen, tell } from "./tabs.js";
import type { Config, OAuthResult, Options, UserInfo } from "./types.js";

/** A sign-in as this browser keeps it. Times are seconds since 1970, but for `since`. */
export interface Session extends Tokens {
  userInfo: UserInfo;
  signature: OAuthResult["signature"];
  state?: string | undefined;
  /** Whose a refreshed token must be (OpenID Connect Core section 12.2). */
  issuer: string;
  clientId: string;
  nonce: string;
  authTime?: number | undefined;
  /** When to renew. */
  dueAt: number;
  /** When it was signed in, in milliseconds: a sign-out ends the sessions that are older. Names the login, too. */
  since: number;
  /** How often it was renewed. */
  turn: number;
}

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** A token is renewed five minutes before its end, one that lives less than ten minutes after half its life. As in core. */
export const dueAt = (expiresAt: number): number => expiresAt - Math.min(300, (expiresAt - now()) / 2);

/** For the page. The refresh token is nobody's business. */
export const resultOf = ({ accessToken, expiresAt, userInfo, state, scope, signature }: Session): OAuthResult => ({
  accessToken,
  accessTokenExpiresAt: new Date(expiresAt * 1000),
  userInfo,
  state,
  scope,
  signature,
});

/** The configuration, and the name of this app in this browser: of its session, its lock and its channel. */
export interface App extends Config {
  name: string;
}

const nameOf = (issuer: string, clientId: string): string => `hf-oauth:${issuer}:${clientId}`;

/** The configuration, with the options that the page gave before; from now on the page hears of other tabs. */
export function use(options?: Options): App {
  const page = shared();
  const merged = { ...page.options, ...options };
  const config = readConfig(merged);
  page.options = merged;
  const name = nameOf(config.hubUrl, config.clientId);
  listen(name, hear);
  // A page that comes back from the back/forward cache, or a tab that was frozen, has missed what was said. The browser
  // drops a listener that it has already.
  for (const event of ["storage", "pageshow", "focus"]) addEventListener(event, announce);
  return { ...config, name };
}

/** What is kept, as text, if it is a session. Other tabs and the storage are of this origin, but maybe of another version. */
function parse(text: unknown): Session | undefined {
  const session = unspell(text);
  return session?.accessToken && session.userInfo?.sub && session.since ? session : undefined;
}

/**
 * When somebody last signed out of this app in this browser, in milliseconds. Kept in `localStorage`, without anything
 * secret, so that a tab that was frozen meanwhile finds it.
 */
const signedOutAt = (): number => Number(read("local", `${use().name}:out`));

const lives = (session: Session): boolean =>
  session.since > signedOutAt() && (!!session.refreshToken || session.expiresAt > now());

/** The session of this tab, unless it has ended: by time, or by a sign-out in any tab. */
export function current(): Session | null {
  const { name, storage } = use();
  const session = (storage !== "memory" && parse(read("session", name))) || shared().sessions[name];
  if (session && lives(session)) return session;
  drop();
  return null;
}

/** Keeps a session: a new one, a renewed one, or another tab's. */
export function keep(session: Session): void {
  const { storage } = use();
  // A page may have two apps: what came is kept for the one that it is of.
  const name = nameOf(session.issuer, session.clientId);
  // Later than the last sign-out, whatever became of the clock since.
  session.since ||= Math.max(Date.now(), signedOutAt() + 1);
  const kept = storage !== "memory" && write("session", name, spell(session));
  shared().sessions[name] = kept ? undefined : session;
  // Tells a new tab whether it is worth while to ask. How long a refresh token lives nobody says: a month is a guess.
  write("local", `${name}:until`, session.refreshToken ? now() + 2_592_000 : session.expiresAt);
  announce();
}

/** Forgets the session of this tab. */
export function drop(): void {
  const { name } = use();
  shared().sessions[name] = undefined;
  write("session", name);
}

/** Ends the session in every tab of this browser: they hear of the change of `localStorage`, or look when they wake. */
export function end(): void {
  const { name } = use();
  write("local", `${name}:out`, Math.max(Date.now(), current()?.since ?? 0));
  write("local", `${name}:until`);
  shared().redirect = undefined;
  drop();
  announce();
}

/** Tells the listeners, if there is something that they were not told. */
export function announce(): void {
  const page = shared();
  const session = current();
  const told = session ? `${session.since}:${session.turn}` : "";
  if (told === page.told) return;
  page.told = told;
  if (session && !session.refreshToken) setTimeout(announce, Math.min((session.expiresAt - now()) * 1000, 2 ** 31 - 1));
  for (const listener of page.listeners) {
    try {
      listener(session && resultOf(session));
    } catch (error) {
      // The page's own fault is the page's to hear of; it stops no sign-in and no sign-out.
      reportError(error);
    }
  }
}

/** What another tab says: `?` asks, all else is a session. */
function hear(text: unknown): void {
  const mine = current();
  if (text === "?") return mine ? tell(spell(mine)) : undefined;
  const theirs = parse(text);
  // Another login of this tab's own is left alone, and so is what this tab has renewed since.
  const isNews = theirs && lives(theirs) && (!mine || (theirs.since === mine.since && theirs.turn > mine.turn));
  if (isNews) keep(theirs);
}
