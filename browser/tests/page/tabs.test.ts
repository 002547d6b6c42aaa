import assert from "node:assert/strict";
import { test } from "node:test";
import { comeBack, open, scene, settled, signedIn } from "./support/login.js";
import type { Page } from "./support/browser.js";

const at = scene();
const REFUSED = { status: 400, body: '{"error":"invalid_grant"}' };

/** Moves every clock, the provider's too. */
const later = (seconds: number): void => {
  for (const page of at.browser.pages) page.clock += seconds;
  at.provider.mood.clock += seconds;
};

test("row_202_reload_back_and_duplicate_keep_the_session", async () => {
  const { page, module } = await signedIn(at);
  const token = await module.token();
  const copy = page.duplicate();
  assert.equal(await copy.load().token(), token);
  const again = page.reload();
  const saved = again.load().loadSavedOAuthResult();
  assert.equal(saved?.accessToken, token);
  assert.equal(saved?.accessTokenExpiresAt.constructor.name, "Date");
  assert.equal(saved?.userInfo.orgs?.[0]?.name, "Engines");
  assert.equal((await again.load().init())?.accessToken, token);
});

test("row_202_a_page_out_of_the_back_forward_cache_finds_the_session_of_its_tab", async () => {
  const before = open(at);
  const module = before.load();
  assert.equal(await module.init(), null);
  const told: (string | undefined)[] = [];
  module.onChange((session) => told.push(session?.userInfo.sub));
  await module.signIn();
  before.frozen = true;
  const back = at.browser.open({ ...before.options, url: at.provider.approve(before.visited[0] as string), session: before.session });
  await back.load().init();
  before.dispatch("pageshow");
  assert.deepEqual(told, ["u1"]);
});

test("a session in memory is gone after a reload, and for nobody else", async () => {
  const page = await comeBack(at, open(at));
  const module = page.load();
  const token = (await module.init({ storage: "memory" }))?.accessToken;
  assert.ok(token);
  assert.equal([...page.session.values(), ...at.browser.local.values()].some((text) => text.includes(token)), false);
  assert.equal(await module.token(), token);
  const again = page.reload();
  at.browser.pages.splice(0, at.browser.pages.length, again);
  assert.equal(await again.load().init({ storage: "memory" }), null);
});

test("row_114_the_token_is_not_in_local_storage", async () => {
  const { module } = await signedIn(at);
  const token = (await module.token()) as string;
  assert.equal([...at.browser.local.values()].some((text) => text.includes(token)), false);
});

test("a new tab takes over the session of another, and one that waits hears of it", async () => {
  const waiting = open(at, { url: "https://app.example/waiting.html" });
  const waits = waiting.load();
  assert.equal(await waits.init(), null);
  const { module } = await signedIn(at);
  const token = await module.token();
  const fresh = open(at, { url: "https://app.example/new.html" });
  assert.equal((await fresh.load().init())?.accessToken, token);
  await settled();
  assert.equal(await waits.token(), token);
});

test("two apps on one page: neither has the other's session, in storage, in memory or from another tab", async () => {
  for (const storage of ["session", "memory"] as const) {
    const page = await comeBack(at, open(at));
    const module = page.load();
    const token = (await module.init({ storage }))?.accessToken;
    assert.ok(token);
    assert.equal(await module.init({ storage, clientId: "another" }), null, storage);
    assert.equal(await module.token(), null, storage);
    // What a tab of the first app says afterwards is not for the second.
    const other = await comeBack(at, open(at));
    assert.ok(await other.load().init());
    await settled();
    assert.equal(module.loadSavedOAuthResult(), null, storage);
    await module.init({ storage, clientId: "blog" });
    assert.ok(await module.token(), "and the first one still works");
  }
});

test("a visitor who never signed in is not kept waiting for other tabs", async () => {
  const page = open(at);
  let said = 0;
  const channel = at.browser.open();
  channel.channels.push({ name: `hf-oauth:${at.provider.issuer}:blog`, onmessage: () => said++ });
  assert.equal(await page.load().init(), null);
  await settled();
  assert.equal(said, 0);
});

test("a sign-out reaches every tab, frozen, cached and duplicated ones too", async () => {
  const { page, module } = await signedIn(at);
  const others = [page.duplicate(), page.duplicate(), page.duplicate()] as [Page, Page, Page];
  const modules = others.map((other) => other.load());
  await Promise.all(modules.map((other) => other.init()));
  const told: unknown[] = [];
  modules[0]?.onChange((session) => told.push(session));
  const copied = new Map(page.session);
  others[1].frozen = true;
  module.logout();
  await settled();
  assert.deepEqual(told, [null], "told at once");
  others[1].frozen = false;
  for (const [index, other] of modules.entries()) {
    assert.equal(await other.token(), null, `tab ${index}`);
    assert.equal(other.userInfo(), null);
    assert.equal(await other.init(), null);
  }
  const old = at.browser.open({ ...page.options, url: page.url.href, session: copied });
  assert.equal(await old.load().init(), null, "a copy of the tab from before");
  assert.equal([...others[1].session.values()].length, 0, "and nothing of it is kept");
});

test("a sign-out ends older sessions alone, whatever the clock does", async () => {
  const { page, module } = await signedIn(at);
  page.clock = 300;
  module.logout();
  assert.match([...at.browser.local.values()].join(), /^\d+$/, "the mark holds no secret");
  const again = await signedIn(at);
  assert.ok(await again.module.token(), "signed in with a clock that is behind the mark");
  assert.ok(await again.page.reload().load().token());
});

test("a token that has ended is not given, and listeners hear of its end", async () => {
  at.provider.mood.expiresIn = 60;
  const { page, module } = await signedIn(at);
  const told: unknown[] = [];
  module.onChange((session) => told.push(session));
  page.clock = 61;
  assert.equal(await module.token(), null);
  assert.equal(module.loadSavedOAuthResult(), null);
  assert.deepEqual(told, [null]);
});

test("a listener that throws stops no sign-in and no sign-out", async () => {
  const page = await comeBack(at, open(at));
  const module = page.load();
  const told: unknown[] = [];
  module.onChange(() => assert.fail("a bug of the page"));
  const stop = module.onChange((session) => told.push(session?.userInfo.sub));
  assert.ok(await module.init());
  module.logout();
  assert.deepEqual(told, ["u1", undefined]);
  assert.deepEqual(page.warnings, ["a bug of the page", "a bug of the page"]);
  stop();
  await signedIn(at, { session: page.session });
  page.dispatch("focus");
  assert.equal(told.length, 2, "nobody listens any more");
});

test("row_112_eight_tabs_refresh_once", async () => {
  at.provider.mood.refreshTokens = true;
  const { page, module } = await signedIn(at);
  const first = await module.token();
  const modules = [module, ...Array.from({ length: 7 }, () => page.duplicate().load())];
  await Promise.all(modules.map((other) => other.init()));
  later(28_700);
  const tokens = new Set(await Promise.all(modules.map((other) => other.token())));
  assert.equal(tokens.size, 1);
  assert.notEqual([...tokens][0], first);
  assert.deepEqual(at.provider.forms.map((form) => form.get("grant_type")), ["authorization_code", "refresh_token"]);
  assert.ok(await page.reload().load().token(), "what was renewed is what is kept");
});

test("row_202_a_refresh_token_that_a_frozen_tab_has_spent_is_not_used_again", async () => {
  at.provider.mood.refreshTokens = true;
  const { page, module } = await signedIn(at);
  const other = page.duplicate();
  other.frozen = true;
  later(28_700);
  await module.token();
  page.frozen = true;
  other.frozen = false;
  const behind = other.load();
  assert.ok(await behind.token(), "its token lives on");
  later(200);
  assert.equal(await behind.token(), null, "and then it is one clean sign-in");
  assert.equal(at.provider.forms.length, 2);
  page.frozen = false;
  assert.ok(await module.token(), "the other tab is as it was");
});

test("a refresh that fails for now keeps the token while it lives", async () => {
  at.provider.mood.refreshTokens = true;
  const { module } = await signedIn(at);
  const token = await module.token();
  at.provider.mood.token = { status: 503, body: "" };
  later(28_600);
  assert.equal(await module.token(), token);
  later(300);
  await assert.rejects(module.token(), { rule: "refresh/transient" });
  assert.equal(module.userInfo()?.sub, "u1", "still signed in");
  at.provider.mood.token = undefined;
  const renewed = await module.token();
  assert.ok(renewed && renewed !== token);
});

test("invalid_grant ends this session and no other", async () => {
  at.provider.mood.refreshTokens = true;
  const { module } = await signedIn(at);
  const other = await signedIn(at, { url: "https://app.example/other.html" });
  const told: unknown[] = [];
  module.onChange((session) => told.push(session));
  at.provider.mood.token = REFUSED;
  later(28_600);
  assert.equal(await module.token(), null);
  assert.deepEqual(told, [null]);
  at.provider.mood.token = undefined;
  assert.ok(await other.module.token());
});

test("a refreshed token of somebody else ends the session", async () => {
  at.provider.mood.refreshTokens = true;
  const { module } = await signedIn(at);
  at.provider.mood.claims = { sub: "u2" };
  later(28_600);
  assert.equal(await module.token(), null);
});

test("without Web Locks the worst is one clean sign-in", async () => {
  at.provider.mood.refreshTokens = true;
  const { page, module } = await signedIn(at, { plainHttp: true, url: "http://192.168.0.8/app" });
  const other = page.duplicate().load();
  await other.init();
  later(28_600);
  const tokens = await Promise.all([module.token(), other.token(), module.token()]);
  for (const token of tokens) assert.ok(token === null || token.startsWith("hf_oauth_"));
  assert.equal(tokens[0], tokens[2], "one page refreshes once");
  assert.ok(at.provider.forms.length <= 3);
});
