import { endsSession, readRefresh, refreshForm } from "../rules/refresh.js";
import { merged } from "../rules/userinfo.js";
import { request } from "./fetch.js";
import { discover, keysOf } from "./provider.js";
import { type Session, announce, current, drop, dueAt, keep, now, use } from "./session.js";
import { shared } from "./shared.js";
import { read, spell, write } from "./storage.js";
import { ask, locked, tell } from "./tabs.js";
import type { UserInfo } from "./types.js";

const due = (session: Session | null): session is Session => !!session?.refreshToken && session.dueAt <= now();

/**
 * The session, renewed if it is time to. A fault that may pass leaves a token that still lives; `invalid_grant` ends this
 * session and no other.
 *
 * @throws SignInError why a token that has ended could not be renewed now
 */
export async function fresh(): Promise<Session | null> {
  const page = shared();
  if (due(current())) {
    page.renewal ??= locked(use().name, renew).finally(() => (page.renewal = undefined));
    try {
      await page.renewal;
    } catch (error) {
      const session = current();
      if (session && session.expiresAt <= now()) throw error;
    }
  }
  announce();
  return current();
}

/** Under the lock: takes over what another tab has renewed, or renews. A refresh token is used once (RFC 9700 section 4.14). */
async function renew(): Promise<void> {
  const ledger = `${use().name}:turn`;
  if (due(current())) await ask();
  const session = current();
  if (!due(session)) return;
  const { since, turn, issuer, clientId, nonce, authTime, userInfo } = session;

  const [login, spent = 0] = (read("local", ledger) ?? "").split(":").map(Number);
  if (login === since && spent > turn) {
    // A tab that does not answer, frozen maybe, has spent this refresh token. A second use would end that tab's session.
    delete session.refreshToken;
    return keep(session);
  }
  const provider = await discover(issuer);
  // Before the refresh token is spent: what can fail has failed then.
  const keys = await keysOf(provider);
  try {
    const answer = await request("refresh", provider.tokenEndpoint, refreshForm(session, clientId));
    const expected = { issuer, clientId, sub: userInfo.sub, nonce, authTime };
    const { identity, ...tokens } = readRefresh(answer, session, expected, keys, now());
    // A sign-out that came in between has the last word.
    if (current()?.since !== since) return;
    const renewed: Session = {
      ...session,
      ...tokens,
      ...(identity && { signature: identity.signature, userInfo: merged(identity.userInfo, userInfo) as UserInfo }),
      dueAt: dueAt(tokens.expiresAt),
      turn: turn + 1,
    };
    keep(renewed);
    write("local", ledger, `${since}:${renewed.turn}`);
    tell(spell(renewed));
  } catch (error) {
    if (endsSession(error)) drop();
    throw error;
  }
}
