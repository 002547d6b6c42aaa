// The module where there is no page: plain Node, as a server that renders has it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { refused, scene } from "./support/login.js";

const at = scene();

test("importing does nothing, with the element too", async () => {
  const before = new Set(Reflect.ownKeys(globalThis));
  await import("../../src/index.js");
  const { HfSignIn } = await import("../../src/element.js");
  assert.deepEqual(Reflect.ownKeys(globalThis).filter((key) => !before.has(key)), []);
  assert.equal(typeof HfSignIn, "function");
});

test("a server has nobody signed in", async () => {
  const module = await import("../../src/index.js");
  assert.equal(await module.init(), null);
  assert.equal(await module.token(), null);
  assert.equal(module.userInfo(), null);
  assert.equal(module.loadSavedOAuthResult(), null);
  assert.equal(await module.handleOAuthRedirect(), null);
});

test("the three functions of @huggingface/hub work without window", async () => {
  const { oauthLoginUrl, oauthHandleRedirect, oauthHandleRedirectIfPresent } = await import("../../src/index.js");
  const kept: { codeVerifier?: string; nonce?: string } = {};
  const options = { clientId: "blog", redirectUrl: "https://app.example/back", hubUrl: at.provider.issuer, state: "mine", localStorage: kept };
  const redirectedUrl = at.provider.approve(await oauthLoginUrl(options));
  assert.match(kept.codeVerifier ?? "", /^[\w.~-]{43,128}$/, "RFC 7636 section 4.1");
  assert.match(kept.nonce ?? "", /^[\w.~%*'()!-]+$/, "fits a cookie");
  await assert.rejects(oauthLoginUrl(options), TypeError, "the object belongs to a login already");

  const both = [oauthHandleRedirect({ redirectedUrl, ...kept }), oauthHandleRedirectIfPresent({ redirectedUrl, ...kept })];
  const [one, two] = await Promise.all(both);
  assert.ok(one && two);
  assert.equal(one.accessToken, two.accessToken);
  assert.equal(one.state, "mine");
  assert.equal(at.provider.count("/oauth/token"), 1);
  await refused(oauthHandleRedirect({ redirectedUrl, ...kept }), "exchange/invalid-grant");
  await refused(oauthHandleRedirect({ redirectedUrl, nonce: "not ours", codeVerifier: "v" }), "page/no-attempt");
  await refused(oauthHandleRedirect({ redirectedUrl, ...kept, hubUrl: "https://huggingface.co" }), "page/network");
});
