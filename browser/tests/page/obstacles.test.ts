import assert from "node:assert/strict";
import { test } from "node:test";
import { comeBack, open, refused, scene, signedIn } from "./support/login.js";

const at = scene();

test("row_113_storage_that_throws_is_named", async () => {
  const module = open(at, { noStorage: true }).load();
  assert.equal(await module.init(), null);
  assert.match(await refused(module.signIn(), "page/storage"), /Allow site data/);
});

test("row_113_no_randomness_is_named_and_nothing_stands_in_for_it", async () => {
  const page = open(at, { noRandomness: true });
  await refused(page.load().signIn(), "page/no-randomness");
  assert.deepEqual(page.requests, []);
});

test("row_113_what_is_corrupt_is_nothing", async () => {
  const { page } = await signedIn(at);
  const [key] = [...page.session.keys()] as [string];
  for (const text of ["", "{", "%", "null", "[]", '{"accessToken":1}', '{"accessToken":"a","expiresAt":9e9,"since":1,"userInfo":null}']) {
    at.browser.local.clear();
    page.session.set(key, text);
    assert.equal(await page.reload().load().init(), null, text);
  }
  const begun = open(at);
  await begun.load().signIn();
  for (const key of at.browser.local.keys()) at.browser.local.set(key, '{"state":"');
  await refused(begun.navigate(at.provider.approve(begun.visited[0] as string)).load().init(), "page/no-attempt");
});

test("ten logins at most are under way", async () => {
  for (let count = 0; count < 13; count++) await open(at).load().signIn();
  const page = open(at);
  await page.load().signIn();
  assert.equal([...at.browser.local.keys()].filter((key) => key.startsWith("hf-oauth:attempt:")).length, 10);
  assert.ok(await page.navigate(at.provider.approve(page.visited[0] as string)).load().init(), "the newest is among them");
});

test("a login under way can wait in sessionStorage", async () => {
  const page = open(at);
  await page.load().signIn({ attempts: "session" });
  assert.deepEqual([...at.browser.local.keys()], []);
  assert.ok(await page.navigate(at.provider.approve(page.visited[0] as string)).load().init());
});

test("a page on plain http signs in with S256, and says once that it is on plain http", async () => {
  const start = open(at, { plainHttp: true, url: "http://192.168.0.8/app" });
  const module = start.load();
  await module.signIn();
  await module.signIn();
  assert.equal(start.warnings.length, 1);
  assert.match(start.visited[0] as string, /code_challenge_method=S256/);
  const back = start.navigate(at.provider.approve(start.visited[0] as string));
  assert.equal((await back.load().init())?.signature, "verified");
  const secure = open(at);
  await secure.load().signIn();
  assert.deepEqual(secure.warnings, []);
});

test("row_201_in_a_frame_the_frame_itself_goes_to_the_hub_and_back", async () => {
  const { page } = await signedIn(at, { framed: true });
  assert.ok(await page.reload().load().token());
});

test("row_201_where_the_hub_refuses_frames_the_way_leads_outside", async () => {
  const framed = open(at, { framed: true });
  await refused(framed.load().signIn({ framable: false }), "page/outside");
  assert.deepEqual(framed.visited, []);
  const top = open(at);
  await top.load().signIn({ framable: false });
  assert.equal(top.visited.length, 1);
});

test("row_200_no_step_looks_at_an_opener_or_a_popup", async () => {
  const trap = (name: string) => () => assert.fail(`${name} was used`);
  const globals: Record<string, unknown> = { open: trap("window.open"), postMessage: trap("window.postMessage") };
  Object.defineProperty(globals, "opener", { get: trap("window.opener"), enumerable: true });
  const listened: string[] = [];
  const page = await comeBack(at, open(at));
  Object.assign(page.global("window"), { addEventListener: (type: string) => listened.push(type) });
  for (const name of ["open", "postMessage"]) page.global("window")[name] = globals[name];
  Object.defineProperty(page.global("window"), "opener", Object.getOwnPropertyDescriptor(globals, "opener") as PropertyDescriptor);
  assert.ok(await page.load().init());
  assert.ok(listened.length > 0);
  assert.equal(listened.includes("message"), false);
});

test("an answer that is too long or late is named", async () => {
  const endless = () =>
    Promise.resolve(
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 18)) }), {
        headers: { "content-type": "application/json" },
      }),
    );
  await refused(open(at, { globals: { fetch: endless } }).load().signIn(), "discovery/too-large");
  const never = (_: string, { signal }: RequestInit) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError"))));
  const spans: number[] = [];
  const AbortSignal = { timeout: (span: number) => (spans.push(span), globalThis.AbortSignal.timeout(1)) };
  await refused(open(at, { globals: { fetch: never, AbortSignal } }).load().signIn(), "page/timeout");
  assert.deepEqual(spans, [10_000]);
});

test("a redirect of the provider's endpoint is not followed", async () => {
  const moved = () => Promise.resolve(Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" }));
  await refused(open(at, { globals: { fetch: moved } }).load().signIn(), "discovery/redirected");
});
