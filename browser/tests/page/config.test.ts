import assert from "node:assert/strict";
import { test } from "node:test";
import { Browser } from "./support/browser.js";

const page = (globals: Record<string, unknown> = {}) => new Browser().open({ url: "https://ada.github.io/blog/?a=1#b", globals }).load();

test("what is set by hand comes before what the page says, and that before the Space", () => {
  const huggingface = { variables: { OAUTH_CLIENT_ID: "space", OAUTH_SCOPES: "openid email" } };
  const space = page({ huggingface }).readConfig();
  assert.equal(space.clientId, "space");
  assert.equal(space.scopes, "openid email");
  const own = page({ huggingface, HF_OAUTH_CLIENT_ID: "own", HF_OAUTH_SCOPES: "openid jobs", HF_INFERENCE_MODEL: "ada/engine" });
  const { clientId, scopes, model } = own.readConfig();
  assert.deepEqual([clientId, scopes, model], ["own", "openid jobs", "ada/engine"]);
  assert.equal(own.readConfig({ clientId: "argument" }).clientId, "argument");
});

test("all else has a default", () => {
  const { clientId, ...rest } = page().readConfig({ clientId: "mine" });
  assert.equal(clientId, "mine");
  assert.deepEqual({ ...rest, orgIds: [...rest.orgIds] }, {
    scopes: "openid profile",
    hubUrl: "https://huggingface.co",
    redirectUrl: "https://ada.github.io/blog/",
    model: "google/gemma-2-2b-it",
    storage: "session",
    attempts: "local",
    prompt: undefined,
    orgIds: [],
    framable: true,
  });
  assert.equal(page().settingsUrl({ clientId: "mine" }), "https://huggingface.co/settings/connected-applications");
});

test("without a client id the page is told what to paste", async () => {
  await assert.rejects(page().init(), (error: Error & { rule: string }) => {
    assert.equal(error.rule, "page/client-id");
    assert.match(error.message, /OAuth Client ID not configured/);
    assert.match(error.message, /<script>window\.HF_OAUTH_CLIENT_ID = "/);
    return true;
  });
  assert.throws(() => page({ huggingface: { variables: {} } }).readConfig(), /hf_oauth: true/);
  assert.throws(() => page({ HF_OAUTH_CLIENT_ID: { toString: "an element with this id" } }).readConfig(), { rule: "page/client-id" });
});
