import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { checkPageAddress, checkRedirectUri, originOf } from "../../src/rules/address.js";
import type { Answer } from "../../src/rules/answer.js";
import { authorize, readAttempt } from "../../src/rules/authorize.js";
import { checkCallback, isCallback, readCallback } from "../../src/rules/callback.js";
import { discoveryUrl, huggingFace, readDiscovery } from "../../src/rules/discovery.js";
import { exchangeForm, readTokens } from "../../src/rules/exchange.js";
import { type Keys, verifyIdToken } from "../../src/rules/id_token.js";
import { readKeys } from "../../src/rules/keys.js";
import { endsSession, readRefresh, refreshForm } from "../../src/rules/refresh.js";
import { isSignInError, type SignInError } from "../../src/rules/refused.js";
import { merged, readUserinfo } from "../../src/rules/userinfo.js";
import { toUtf8 } from "../../src/rules/utf8.js";

const NOW = 1_800_000_000;
const SEED = Uint8Array.from({ length: 32 }, (_, index) => index);
const OPTIONS = { provider: huggingFace(), clientId: "app", redirectUri: "https://app.example/" };

const json = (body: unknown, status = 200): Answer => ({
  status,
  contentType: "application/json",
  body: toUtf8(JSON.stringify(body)),
});

const refusal = (run: () => unknown): SignInError => {
  try {
    run();
  } catch (error) {
    if (isSignInError(error)) return error;
    throw error;
  }
  return assert.fail("nothing was refused");
};

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const KEYS = readKeys(json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one" }] }));

const idToken = (claims: object): string => {
  const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const all = { iss: "https://huggingface.co", aud: "app", sub: "ada", iat: NOW, exp: NOW + 3_600, ...claims };
  const signed = `${segment({ alg: "RS256", kid: "one" })}.${segment(all)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
};

test("a whole login, from the seed to the person", () => {
  const { url, attempt } = authorize(
    { ...OPTIONS, scopes: " openid  profile openid", orgIds: ["a", "b"], prompt: "consent", appState: "menu" },
    SEED,
    NOW,
  );
  const sent = new URL(url).searchParams;
  assert.equal(new URL(url).origin + new URL(url).pathname, "https://huggingface.co/oauth/authorize");
  assert.deepEqual(
    [...sent.keys()],
    [
      "response_type",
      "client_id",
      "redirect_uri",
      "scope",
      "state",
      "nonce",
      "code_challenge",
      "code_challenge_method",
      "prompt",
      "orgIds",
      "orgIds",
    ],
  );
  assert.equal(sent.get("scope"), "openid profile");
  // RFC 7636 section 4.2; and 4.1 for the verifier.
  assert.equal(sent.get("code_challenge"), createHash("sha256").update(attempt.codeVerifier).digest("base64url"));
  assert.match(attempt.codeVerifier, /^[\w-]{43}$/);
  assert.equal(new Set([attempt.state, attempt.nonce, attempt.codeVerifier]).size, 3);
  assert.ok(!url.includes("menu") && !url.includes(attempt.codeVerifier), "neither leaves this page");

  const params = readCallback(`https://app.example/?code=c0de&state=${attempt.state}#part`);
  const { code } = checkCallback(params, attempt, OPTIONS.provider, NOW + 600);
  assert.equal(
    exchangeForm(code, attempt),
    `grant_type=authorization_code&code=c0de&redirect_uri=https%3A%2F%2Fapp.example%2F&code_verifier=${attempt.codeVerifier}&client_id=app`,
  );
  const jwt = idToken({ nonce: attempt.nonce, name: "Ada" });
  const answer = json({ access_token: "hf_oauth_x", token_type: "bearer", expires_in: 28_800, id_token: jwt });
  const tokens = readTokens(answer, attempt.scope, NOW, [code, attempt.codeVerifier]);
  assert.deepEqual(
    [tokens.accessToken, tokens.expiresAt, tokens.scope],
    ["hf_oauth_x", NOW + 28_800, "openid profile"],
  );

  const expected = {
    issuer: attempt.issuer,
    clientId: attempt.clientId,
    nonce: attempt.nonce,
    accessToken: tokens.accessToken,
  };
  const identity = verifyIdToken(tokens.idToken, expected, KEYS, NOW);
  assert.deepEqual({ ...identity.userInfo }, { sub: "ada", name: "Ada" });
  assert.equal(identity.signature, "verified");
  const person = merged(readUserinfo(json({ sub: "ada", isPro: true }), "ada"), identity.userInfo);
  assert.deepEqual([person.name, person.isPro, person.sub], ["Ada", true, "ada"]);
});

test("the seed gives core's own state, nonce and verifier", () => {
  const { attempt } = authorize(OPTIONS, SEED, NOW);
  // Computed by another program, as core's tests have them; core's state has five more characters, which mark the attempt.
  assert.equal(attempt.nonce, "p65G7WDxuZgP6BL1POqG6QMXPMj3MiAdIHk4su5SRJg");
  assert.equal(attempt.codeVerifier, "U72WWUzu52Dw-reafIHqV8dP9PLdhgz8ULLMqfVaemo");
  assert.equal(attempt.state, "f24o4ITo_rzaJAZcXHgX9gBtn267l1cQhFJG-2ntAW8");
});

test("keys that are withheld skip the signature and nothing else (OpenID Connect Core section 3.1.3.7, step 6)", () => {
  const expected = { issuer: "https://huggingface.co", clientId: "app", nonce: "n", accessToken: "a" };
  const verify = (claims: object, keys: Keys) => verifyIdToken(idToken({ nonce: "n", ...claims }), expected, keys, NOW);
  const unsigned = `${idToken({ nonce: "n" }).replace(/[^.]*$/, "")}AAAA`;
  assert.equal(verifyIdToken(unsigned, expected, "withheld", NOW).signature, "not-checked");
  assert.equal(refusal(() => verifyIdToken(unsigned, expected, KEYS, NOW)).rule, "id-token/signature");
  assert.equal(
    refusal(() => verifyIdToken(unsigned, expected, [], NOW)).rule,
    "id-token/unknown-key",
    "no keys are not withheld keys",
  );
  for (const [claims, rule] of [
    [{ iss: "https://evil.example" }, "issuer"],
    [{ aud: "other" }, "audience"],
    [{ aud: ["app", ""] }, "audience"],
    [{ aud: ["app", null] }, "audience"],
    [{ aud: [] }, "audience"],
    [{ azp: "other" }, "authorized-party"],
    [{ sub: "" }, "subject"],
    [{ exp: NOW - 60 }, "expired"],
    [{ iat: NOW + 61 }, "issued-at"],
    [{ nbf: NOW + 61 }, "not-before"],
    [{ nonce: "other" }, "nonce"],
    [{ at_hash: "other" }, "access-token-hash"],
  ] as const) {
    assert.equal(refusal(() => verify(claims, "withheld")).rule, `id-token/${rule}`);
    assert.equal(refusal(() => verify(claims, KEYS)).rule, `id-token/${rule}`);
  }
});

test("a message says what to do, and has no secret and nothing hostile of the provider's", () => {
  const attempt = authorize(OPTIONS, SEED, NOW).attempt;
  const answer = json(
    { error: "invalid_grant", error_description: `code s3cret-code of ${attempt.codeVerifier}\u202e\u0007 <b>` },
    400,
  );
  const { rule, message, retryable } = refusal(() =>
    readTokens(answer, "openid", NOW, ["s3cret-code", attempt.codeVerifier]),
  );
  assert.equal(rule, "exchange/invalid-grant");
  assert.equal(message, "Refused: exchange invalid grant (400 invalid_grant code *** of *** <b>). Sign in again.");
  assert.ok(!retryable);
  const late = refusal(() =>
    verifyIdToken(
      idToken({ exp: NOW - 3_600 }),
      { issuer: "https://huggingface.co", clientId: "app", accessToken: "a", nonce: "n" },
      KEYS,
      NOW,
    ),
  );
  assert.match(late.message, /-3600 s from now.*clock/);
  const declined = refusal(() =>
    checkCallback(
      readCallback("/?error=access_denied&error_description=no%0a&state=s"),
      { state: "s", issuer: "https://h.example", begunAt: NOW },
      { issuer: "https://h.example", issPromised: false },
      NOW,
    ),
  );
  assert.equal(declined.message, "Refused: callback declined (access_denied no). Sign in again.");
  const uri = refusal(() => checkRedirectUri("http://user:PASSWORD@app.example/?t=PASSWORD"));
  assert.ok(uri.message.includes("app.example") && !uri.message.includes("PASSWORD"), uri.message);
  assert.match(refusal(() => readUserinfo(json({}, 503), "ada")).message, /503.*Try again later/);
});

test("plain http is for localhost, and for a page that came over it itself", () => {
  for (const uri of ["http://192.168.0.7:8000/page", "http://app.lan/"]) {
    assert.equal(refusal(() => checkPageAddress(uri)).rule, "redirect-uri/refused");
    assert.equal(checkPageAddress(uri, true), uri);
  }
  assert.equal(
    refusal(() => checkPageAddress("http://app.lan/?theme=dark", true)).rule,
    "redirect-uri/refused",
    "and nothing else changes",
  );
  assert.equal(refusal(() => checkPageAddress("ftp://app.lan/", true)).rule, "redirect-uri/refused");
});

test("an origin is what a browser makes of it", () => {
  for (const url of [
    "https://Example.com:443/x",
    "http://localhost:80",
    "https://a-b.c_d.example/?q",
    "http://[::1]:7/",
    "https://h.example:0080/",
    "http://127.9.9.9:080/",
  ]) {
    assert.equal(originOf(url), new URL(url).origin, url);
  }
  for (const url of ["https://xn--.example/", "https://xn--a/", "https://XN--0.example"]) assert.ok(originOf(url), url);
  for (const url of [
    "http://[0:0:0:0:0:0:0:1]/",
    "http://127.1/",
    "https://h.0x7f/",
    "https://h.0xzz/",
    "https://1.2.3.4./",
    "https://a..b/",
  ]) {
    assert.equal(originOf(url), undefined, url);
  }
});

test("a provider from its metadata, and the Hub without asking", () => {
  const at = (base: string) => ({
    issuer: base,
    authorization_endpoint: `${base}/oauth/authorize`,
    token_endpoint: `${base}/oauth/token`,
    jwks_uri: `${base}/oauth/jwks`,
    userinfo_endpoint: `${base}/oauth/userinfo`,
  });
  for (const issuer of ["https://huggingface.co", "http://localhost:5555"]) {
    assert.deepEqual(readDiscovery(json(at(issuer)), issuer), huggingFace(issuer));
  }
  assert.equal(discoveryUrl("https://h.example/realm/"), "https://h.example/realm/.well-known/openid-configuration");
  assert.equal(refusal(() => huggingFace("http://h.example")).rule, "issuer/refused");
  assert.equal(refusal(() => discoveryUrl("https://h.example/?x")).rule, "issuer/refused");
});

test("a refresh keeps the person and the token that did not rotate, and says what an error means", () => {
  const previous = { accessToken: "a", refreshToken: "r3fresh", expiresAt: NOW, scope: "openid" };
  const expected = { issuer: "https://huggingface.co", clientId: "app", sub: "ada", nonce: "n", authTime: NOW - 5 };
  const refresh = (answer: Answer, keys: Keys = KEYS) => readRefresh(answer, previous, expected, keys, NOW);
  assert.equal(refreshForm(previous, "app"), "grant_type=refresh_token&refresh_token=r3fresh&client_id=app");
  const none = refusal(() => refreshForm({ ...previous, refreshToken: undefined }, "app"));
  assert.ok(none.rule === "refresh/no-refresh-token" && endsSession(none));

  const bare = refresh(json({ access_token: "b", token_type: "Bearer" }));
  assert.deepEqual(
    [bare.accessToken, bare.refreshToken, bare.scope, bare.identity],
    ["b", "r3fresh", "openid", undefined],
  );
  const token = { access_token: "b", token_type: "Bearer", id_token: idToken({ auth_time: NOW - 5 }) };
  assert.equal(refresh(json(token)).identity?.signature, "verified");
  assert.equal(refresh(json(token), "withheld").identity?.signature, "not-checked");
  assert.equal(refresh(json(token), []).identity?.signature, "not-checked", "the old refresh token is spent");

  for (const [answer, rule, ends] of [
    [json({ error: "invalid_grant" }, 400), "ended", true],
    [json({ error: "invalid_client" }, 401), "client-misconfigured", false],
    [json({ error: "invalid_grant" }, 500), "transient", false],
    [json({ error: "invalid_scope" }, 429), "transient", false],
    [json({ error: "invalid_scope" }, 400), "unusable", false],
    [json({ ...token, id_token: idToken({ sub: "eve" }) }), "identity-mismatch", true],
    [json({ ...token, id_token: idToken({ nonce: "other" }) }), "identity-mismatch", true],
    [json({ ...token, id_token: idToken({ auth_time: NOW }) }), "identity-mismatch", true],
    [json({ ...token, id_token: "x" }), "id-token", true],
  ] as const) {
    const error = refusal(() => refresh(answer));
    assert.equal(error.rule, `refresh/${rule}`);
    assert.equal(endsSession(error), ends, rule);
    assert.ok(!error.message.includes("r3fresh"));
  }
  assert.ok(!endsSession(new Error("network")));
});

test("what a storage gives back is an attempt or none", () => {
  const { attempt } = authorize(OPTIONS, SEED, NOW);
  assert.deepEqual(readAttempt(JSON.parse(JSON.stringify(attempt))), JSON.parse(JSON.stringify(attempt)));
  for (const kept of [
    null,
    undefined,
    1,
    "x",
    [],
    {},
    { ...attempt, state: 1 },
    { ...attempt, begunAt: "now" },
    { ...attempt, nonce: null },
  ]) {
    assert.equal(readAttempt(kept), undefined);
  }
});

test("a page that is no redirect is not taken for one", () => {
  assert.ok(!isCallback(readCallback("https://app.example/?q=1#code=x")));
  assert.ok(isCallback(readCallback("/?error=server_error")));
});

test("an address of userinfo is not verified by the ID token, nor the other way round", () => {
  const both = { sub: "a", email: "a@x.example", email_verified: true };
  assert.equal(merged({ sub: "a", email: "b@x.example" }, both).email_verified, undefined);
  assert.deepEqual(merged({ sub: "a", email_verified: false }, both).email_verified, true);
});
