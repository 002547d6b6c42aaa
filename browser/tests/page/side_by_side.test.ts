// The same calls on the same page with the same provider, once with this module and once with @huggingface/hub: where both
// work they give the same, and each place where they differ is a test that says what either does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BROWSER_DIR, Browser, type Module, type Page, type PageOptions, bundle } from "./support/browser.js";
import { refused, scene } from "./support/login.js";

const at = scene();
const NODE_MODULES = `${BROWSER_DIR}/../tests-env/node/node_modules`;
const CALLS = "oauthLoginUrl, oauthHandleRedirect, oauthHandleRedirectIfPresent";
// By its file: a bundler for the browser cannot take the package by its name, see below.
const PEER = bundle(`export { ${CALLS} } from "${NODE_MODULES}/@huggingface/hub/dist/browser/index.mjs"`, "hfOauth");

type Three = Pick<Module, "oauthLoginUrl" | "oauthHandleRedirect" | "oauthHandleRedirectIfPresent">;

/** One of the two, on pages of its own browser. */
interface Side {
  open(options?: PageOptions): Page;
  load(page: Page): Three;
}

const side = (script?: string): Side => {
  const browser = new Browser();
  return { open: (options) => browser.open(options), load: (page) => page.load(script) };
};
const ours = (): Side => side();
const theirs = (): Side => side(PEER);

/** A login that the person approved: the page as it comes back. */
async function approved(side: Side, options: PageOptions = {}): Promise<Page> {
  const page = side.open(options);
  return page.navigate(at.provider.approve(await side.load(page).oauthLoginUrl(login())));
}

const login = (): { clientId: string; hubUrl: string; state: string; redirectUrl: string } => ({
  clientId: "blog",
  hubUrl: at.provider.issuer,
  state: "mine",
  redirectUrl: "https://app.example/blog/post.html",
});
const hub = (): { hubUrl: string } => ({ hubUrl: at.provider.issuer });
const exchanges = (): number => at.provider.count("/oauth/token");

test("the good case: the same result", async () => {
  const results = [];
  for (const each of [ours(), theirs()]) {
    const page = await approved(each);
    // With the slash that people write behind it.
    const result = await each.load(page).oauthHandleRedirectIfPresent({ hubUrl: `${at.provider.issuer}/` });
    assert.ok(result);
    assert.match(result.accessToken, /^hf_oauth_/);
    assert.ok(Math.abs(result.accessTokenExpiresAt.getTime() - Date.now() - 28_800_000) < 60_000);
    const { userInfo, state, scope } = result;
    results.push(JSON.parse(JSON.stringify({ userInfo, state, scope })));
  }
  assert.deepEqual(results[0], results[1]);
});

test("no redirect: false from both", async () => {
  for (const each of [ours(), theirs()]) assert.equal(await each.load(each.open()).oauthHandleRedirectIfPresent(hub()), false);
});

test("the option localStorage: the same two members, filled by one call and taken by the other", async () => {
  for (const each of [ours(), theirs()]) {
    const page = each.open();
    const kept: { codeVerifier?: string; nonce?: string } = {};
    const redirectedUrl = at.provider.approve(await each.load(page).oauthLoginUrl({ ...login(), localStorage: kept }));
    assert.match(kept.codeVerifier ?? "", /^[\w.~-]{43,128}$/);
    assert.ok(kept.nonce);
    const result = await each.load(page).oauthHandleRedirect({ ...hub(), redirectedUrl, ...kept });
    assert.equal(result.state, "mine");
  }
});

test("the app's own state: ours stays in the browser, theirs goes through the provider", async () => {
  const stateOf = async (each: Side) => new URL(await each.load(each.open()).oauthLoginUrl(login())).searchParams.get("state");
  assert.doesNotMatch((await stateOf(ours())) ?? "", /mine/);
  assert.match((await stateOf(theirs())) ?? "", /mine/);
});

test("row_202_called_twice_ours_redeems_once_theirs_twice", async () => {
  const twice = async (each: Side) => {
    const module = each.load(await approved(each));
    at.provider.journal.length = 0;
    return Promise.allSettled([module.oauthHandleRedirectIfPresent(hub()), module.oauthHandleRedirectIfPresent(hub())]);
  };
  const [one, two] = await twice(ours());
  assert.ok(one?.status === "fulfilled" && two?.status === "fulfilled" && one.value && two.value);
  assert.equal(one.value.accessToken, two.value.accessToken);
  assert.equal(exchanges(), 1);
  const outcomes = (await twice(theirs())).map(({ status }) => status);
  assert.deepEqual(outcomes.sort(), ["fulfilled", "rejected"]);
  assert.equal(exchanges(), 2);
});

test("row_112_two_tabs_ours_both_finish_theirs_the_last_alone", async () => {
  const both = async (each: Side) => {
    const pages = [each.open(), each.open()];
    const urls: string[] = [];
    for (const page of pages) urls.push(await each.load(page).oauthLoginUrl(login()));
    const backs = pages.map((page, index) => page.navigate(at.provider.approve(urls[index] ?? "")));
    return Promise.allSettled(backs.map((page) => each.load(page).oauthHandleRedirect(hub())));
  };
  assert.deepEqual((await both(ours())).map(({ status }) => status), ["fulfilled", "fulfilled"]);
  assert.deepEqual((await both(theirs())).map(({ status }) => status), ["rejected", "fulfilled"]);
});

test("F5 after the sign-in: ours has a clean address, theirs the code still in it", async () => {
  const [mine, peers] = [ours(), theirs()];
  const page = await approved(mine);
  await mine.load(page).oauthHandleRedirect(hub());
  assert.equal(page.url.search, "");
  assert.equal(await mine.load(page.reload()).oauthHandleRedirectIfPresent(hub()), false);
  const other = await approved(peers);
  await peers.load(other).oauthHandleRedirect(hub());
  assert.ok(other.url.searchParams.has("code"));
  const again = other.reload();
  assert.equal(await peers.load(again).oauthHandleRedirectIfPresent(hub()), false);
  assert.match(again.warnings.join(), /Missing oauth nonce/);
});

test("row_116_a_whole_URL_as_redirectedUrl_ours_reads_it_theirs_says_that_there_is_none", async () => {
  const given = async (each: Side) => {
    const back = await approved(each);
    const redirectedUrl = back.url.href;
    // The page itself is elsewhere by now.
    const page = back.navigate("https://app.example/home.html");
    return each.load(page).oauthHandleRedirectIfPresent({ ...hub(), redirectedUrl });
  };
  assert.ok(await given(ours()));
  assert.equal(await given(theirs()), false);
});

test("own nonce passed to IfPresent: ours takes it, theirs looks into localStorage anyway", async () => {
  const given = async (each: Side) => {
    const page = each.open();
    const kept: { codeVerifier?: string; nonce?: string } = {};
    const back = page.navigate(at.provider.approve(await each.load(page).oauthLoginUrl({ ...login(), localStorage: kept })));
    return each.load(back).oauthHandleRedirectIfPresent({ ...hub(), ...kept });
  };
  assert.ok(await given(ours()));
  assert.equal(await given(theirs()), false);
});

test("plain http: ours signs in, theirs cannot", async () => {
  const options = { plainHttp: true, url: "http://192.168.0.8/app" };
  const url = { ...login(), redirectUrl: "http://192.168.0.8/app" };
  const [mine, peers] = [ours(), theirs()];
  const page = mine.open(options);
  const back = page.navigate(at.provider.approve(await mine.load(page).oauthLoginUrl(url)));
  assert.equal((await mine.load(back).oauthHandleRedirect(hub())).userInfo.sub, "u1");
  await assert.rejects(peers.load(peers.open(options)).oauthLoginUrl(url), /randomUUID|digest/);
});

test("missing expires_in: ours takes an hour as core does, theirs has no date", async () => {
  at.provider.mood.expiresIn = undefined;
  const [mine, peers] = [ours(), theirs()];
  const result = await mine.load(await approved(mine)).oauthHandleRedirect(hub());
  assert.ok(result.accessTokenExpiresAt.getTime() > Date.now());
  const other = await peers.load(await approved(peers)).oauthHandleRedirect(hub());
  assert.ok(Number.isNaN(other.accessTokenExpiresAt.getTime()));
});

test("an error without a pending login: ours names the rule, theirs repeats a stranger's words", async () => {
  const url = "https://app.example/?error=access_denied&error_description=Call+0900+now&state=x";
  const [mine, peers] = [ours(), theirs()];
  assert.doesNotMatch(await refused(mine.load(mine.open({ url })).oauthHandleRedirectIfPresent(hub()), "page/no-attempt"), /0900/);
  await assert.rejects(peers.load(peers.open({ url })).oauthHandleRedirectIfPresent(hub()), /access_denied: Call 0900 now/);
});

test("row_115_an_ID_token_of_another_login_ours_refuses_it_theirs_does_not_look", async () => {
  at.provider.mood.claims = { nonce: "of another login" };
  const [mine, peers] = [ours(), theirs()];
  await refused(mine.load(await approved(mine)).oauthHandleRedirect(hub()), "id-token/nonce");
  assert.ok(await peers.load(await approved(peers)).oauthHandleRedirect(hub()));
});

test("an endpoint of another origin: ours refuses it, theirs sends the person there", async () => {
  at.provider.mood.metadata = { authorization_endpoint: "https://evil.example/authorize" };
  const [mine, peers] = [ours(), theirs()];
  await refused(mine.load(mine.open()).oauthLoginUrl(login()), "discovery/foreign-endpoint");
  assert.match(await peers.load(peers.open()).oauthLoginUrl(login()), /^https:\/\/evil\.example/);
});

test("a deliberate refusal: no openid, no identity to check", async () => {
  at.provider.mood.omitIdToken = true;
  const [mine, peers] = [ours(), theirs()];
  await refused(mine.load(await approved(mine)).oauthHandleRedirect(hub()), "exchange/id-token-missing");
  assert.ok(await peers.load(await approved(peers)).oauthHandleRedirect(hub()));
});

test("scopes without openid: ours says so before the person leaves, theirs signs in without an ID token", async () => {
  const [mine, peers] = [ours(), theirs()];
  await refused(mine.load(mine.open()).oauthLoginUrl({ ...login(), scopes: "profile openids" }), "authorize/missing-openid");
  assert.match(await peers.load(peers.open()).oauthLoginUrl({ ...login(), scopes: "profile" }), /scope=profile/);
});

test("row_116_a_query_in_the_redirect_URI_ours_refuses_it_theirs_sends_it", async () => {
  const [mine, peers] = [ours(), theirs()];
  const options = { ...login(), redirectUrl: "https://app.example/?theme=dark" };
  await refused(mine.load(mine.open()).oauthLoginUrl(options), "redirect-uri/refused");
  assert.match(await peers.load(peers.open()).oauthLoginUrl(options), /theme%3Ddark/);
});

test("bundled for the browser by its name with esbuild: ours is, theirs is not", () => {
  const options = { platform: "browser", absWorkingDir: BROWSER_DIR } as const;
  assert.ok(bundle(`export { ${CALLS} } from "./src/index.ts"`, "hfOauth", options));
  assert.throws(() => bundle(`export { ${CALLS} } from "@huggingface/hub"`, "hfOauth", { ...options, nodePaths: [NODE_MODULES] }), /Could not resolve "(os|path|stream|fs)/);
});
