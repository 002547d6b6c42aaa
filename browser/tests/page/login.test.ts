import assert from "node:assert/strict";
import { test } from "node:test";
import { comeBack, open, refused, scene, signedIn } from "./support/login.js";

const at = scene();

test("a page signs its visitor in, and says who it is", async () => {
  const { page, module } = await signedIn(at);
  const session = await module.init();
  assert.equal(await module.token(), session?.accessToken);
  assert.equal(session?.signature, "verified");
  assert.equal(session?.scope, "openid profile");
  assert.equal(session?.accessTokenExpiresAt.constructor.name, "Date");
  assert.equal(module.userInfo()?.isPro, true);
  assert.equal(module.userInfo()?.orgs?.[0]?.roleInOrg, "admin");
  assert.equal(at.provider.count("/oauth/token"), 1);
  assert.equal(page.url.href, "https://app.example/blog/post.html");
});

test("row_114_the_address_is_clean_before_init_returns", async () => {
  const page = await comeBack(at, open(at, { url: "https://app.example/blog/post.html?from=feed#notes" }));
  assert.equal(page.url.searchParams.has("code"), true);
  page.url.search += "&lang=de%20AT&next=/a?b=1";
  page.url.hash = "#part";
  const ready = page.load().init();
  assert.equal(page.url.href, "https://app.example/blog/post.html?lang=de%20AT&next=/a?b=1#part", "all else as it was spelled");
  assert.equal([...at.browser.local.keys()].some((key) => key.includes("attempt")), false, "the record is claimed");
  assert.notEqual(await ready, null);
});

test("row_116_the_redirect_uri_is_the_page_without_query_and_fragment", async () => {
  const page = open(at, { url: "https://app.example/blog/post.html?from=feed#notes" });
  const module = page.load();
  await module.signIn({ state: "draft 7" });
  const query = new URL(page.visited[0] as string).searchParams;
  assert.equal(query.get("redirect_uri"), "https://app.example/blog/post.html");
  assert.doesNotMatch(page.visited[0] as string, /draft|feed|notes/, "what is the app's own stays in the browser");
  const back = page.navigate(at.provider.approve(page.visited[0] as string));
  const session = await back.load().init();
  assert.equal(session?.state, "draft 7");
  assert.equal(back.url.href, "https://app.example/blog/post.html?from=feed#notes", "where the person was");
});

test("row_202_two_calls_and_two_copies_redeem_the_code_once", async () => {
  const page = await comeBack(at, open(at));
  const [one, two] = [page.load(), page.load()];
  const results = await Promise.all([one.init(), one.init(), two.init(), two.oauthHandleRedirectIfPresent(), one.handleOAuthRedirect()]);
  assert.equal(at.provider.count("/oauth/token"), 1);
  const first = results[0];
  assert.ok(first);
  for (const result of results) assert.equal(result && result.accessToken, first.accessToken);
  assert.equal((await two.init())?.accessToken, first.accessToken, "whoever asks later, too");
});

test("row_202_two_calls_get_the_same_refusal", async () => {
  at.provider.mood.token = { status: 400, body: '{"error":"invalid_grant"}' };
  const page = await comeBack(at, open(at));
  const [one, two] = [page.load(), page.load()];
  await Promise.all([refused(one.init(), "exchange/invalid-grant"), refused(two.init(), "exchange/invalid-grant")]);
  assert.equal(at.provider.count("/oauth/token"), 1);
});

test("row_112_a_reload_in_mid_exchange_costs_a_click_and_no_second_exchange", async () => {
  const page = await comeBack(at, open(at));
  const abandoned = page.load().init();
  const again = page.reload();
  assert.equal(await again.load().init(), null);
  await abandoned;
  assert.equal(at.provider.count("/oauth/token"), 1);
});

test("row_112_two_tabs_sign_in_at_once_and_finish_in_the_other_order", async () => {
  const [first, second] = [open(at), open(at, { url: "https://app.example/other.html" })];
  await Promise.all([first.load().signIn({ state: "first" }), second.load().signIn({ state: "second" })]);
  const [one, two] = [first, second].map((page) => page.navigate(at.provider.approve(page.visited[0] as string)));
  assert.equal((await two?.load().init())?.state, "second");
  assert.equal((await one?.load().init())?.state, "first");
});

test("row_112_a_redirect_in_another_browser_is_refused_without_a_request", async () => {
  const page = open(at);
  await page.load().signIn();
  at.browser.local.clear();
  const stranger = page.navigate(at.provider.approve(page.visited[0] as string));
  at.provider.journal.length = 0;
  await refused(stranger.load().init(), "page/no-attempt");
  assert.deepEqual(at.provider.journal, []);
  assert.equal(stranger.url.search, "");
});

test("an old answer that comes again ends nobody's session", async () => {
  const { page } = await signedIn(at);
  const old = page.navigate("https://app.example/blog/post.html?code=old&state=used");
  assert.equal((await old.load().init())?.userInfo.sub, "u1");
  assert.equal(old.url.search, "");
});

test("a denial is told, and the address is clean after it", async () => {
  const page = open(at);
  await page.load().signIn();
  const back = page.navigate(at.provider.deny(page.visited[0] as string));
  const ready = back.load().init();
  assert.equal(back.url.search, "");
  await refused(ready, "callback/declined");
  assert.equal(await back.reload().load().init(), null);
});

test("an error that belongs to no login is not shown as a fact", async () => {
  const page = open(at, { url: "https://app.example/?error=server_error&error_description=Call+0900+now&state=x" });
  assert.doesNotMatch(await refused(page.load().init(), "page/no-attempt"), /0900|server_error/);
  const own = open(at, { url: "https://app.example/?error=404&code=coupon" });
  assert.equal(await own.load().init(), null, "a page's own parameters are its own");
  assert.equal(own.url.search, "?error=404&code=coupon");
});

test("a stranger's state names nothing that an object has of itself", async () => {
  for (const state of ["__proto__", "constructor", "toString"]) {
    const page = open(at, { url: `https://app.example/?code=c&state=${state}` });
    const module = page.load();
    await refused(module.init(), "page/no-attempt");
    await refused(module.oauthHandleRedirect({ redirectedUrl: `https://app.example/?code=c&state=${state}` }), "page/no-attempt");
    assert.equal(module.userInfo(), null);
  }
});

test("row_115_what_core_refuses_is_refused_here", async () => {
  const claims: [Record<string, unknown>, string][] = [
    [{ nonce: "another" }, "id-token/nonce"],
    [{ aud: "another-app" }, "id-token/audience"],
    [{ iss: "https://huggingface.co" }, "id-token/issuer"],
    [{ at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }, "id-token/access-token-hash"],
    [{ sub: "u2" }, "userinfo/subject-mismatch"],
    [{ exp: 1 }, "id-token/expired"],
  ];
  for (const [claim, rule] of claims) {
    at.provider.mood.claims = claim;
    const page = await comeBack(at, open(at));
    await refused(page.load().init(), rule);
    assert.equal(await page.reload().load().init(), null, "nothing is kept");
  }
});

test("a wrong clock is named", async () => {
  const page = await comeBack(at, open(at));
  page.clock = 7200;
  await refused(page.load().init(), "callback/state-expired");
  at.provider.mood.clock = 7200;
  await refused((await comeBack(at, open(at))).load().init(), "id-token/issued-at");
});

test("endpoints of another origin are refused", async () => {
  at.provider.mood.metadata = { token_endpoint: "https://evil.example/token" };
  await refused(open(at).load().signIn(), "discovery/foreign-endpoint");
});

test("keys that are withheld leave every other check, and the result says so", async () => {
  const withheld = (url: string): boolean => url.endsWith("/jwks");
  const { module } = await signedIn(at, { withheld });
  assert.equal((await module.init())?.signature, "not-checked");
  at.provider.mood.claims = { nonce: "another" };
  await refused((await comeBack(at, open(at, { withheld }))).load().init(), "id-token/nonce");
});

test("keys that are withheld say nothing for a token endpoint on plain http", async () => {
  at.provider.mood.metadata = { token_endpoint: at.provider.issuer.replace("127.0.0.1", "192.168.0.7") };
  await refused(open(at, { plainHttp: true, url: "http://192.168.0.8/" }).load().signIn(), "discovery/insecure-endpoint");
});

test("network or CORS is said in words, with the origin", async () => {
  const page = await comeBack(at, open(at, { withheld: (url) => url.endsWith("/token") }));
  const message = await refused(page.load().init(), "page/network");
  assert.ok(message.includes(at.provider.issuer) && message.includes("CORS"));
});

test("a request carries no cookies, follows no redirect, leaves no trace", async () => {
  const { page } = await signedIn(at);
  assert.equal(page.requests.length, 4);
  for (const { init } of page.requests) {
    const { credentials, redirect, cache, referrerPolicy } = init;
    assert.deepEqual({ credentials, redirect, cache, referrerPolicy }, {
      credentials: "omit", redirect: "manual", cache: "no-store", referrerPolicy: "no-referrer",
    });
    assert.ok(init.signal);
  }
});

test("prompt and organisations are asked for, in both ways of asking", async () => {
  const asked = (url: string) => {
    const query = new URL(url).searchParams;
    assert.deepEqual([query.get("prompt"), query.getAll("orgIds")], ["consent", ["o1", "o2"]]);
  };
  const page = open(at);
  const module = page.load();
  const options = { prompt: "consent", orgIds: ["o1", "o2"] };
  await module.signIn(options);
  asked(page.visited[0] as string);
  asked(await module.oauthLoginUrl(options));
  assert.equal(new URL(await module.oauthLoginUrl({ orgIds: "o1" })).searchParams.get("orgIds"), "o1");
});

test("row_114_the_functions_of_huggingface_hub_clean_the_address_at_once_too", async () => {
  for (const name of ["oauthHandleRedirect", "oauthHandleRedirectIfPresent", "handleOAuthRedirect"] as const) {
    const page = await comeBack(at, open(at));
    const result = page.load()[name]();
    assert.equal(page.url.search, "", name);
    assert.ok(await result);
  }
});

test("the steps one by one: begin, finish, find again", async () => {
  const start = open(at);
  const url = await start.load().generateOAuthLoginUrl({ state: "draft 7" });
  assert.deepEqual(start.visited, [], "nobody was sent anywhere");
  assert.equal(await start.load().handleOAuthRedirect(), null, "no redirect, no result");
  const back = start.navigate(at.provider.approve(url));
  const result = await back.load().handleOAuthRedirect();
  const saved = back.reload().load().loadSavedOAuthResult();
  assert.deepEqual(JSON.parse(JSON.stringify(saved)), JSON.parse(JSON.stringify(result)));
  assert.equal(saved?.state, "draft 7");
});
