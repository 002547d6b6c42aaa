// A page that signs its visitor in and asks a model with their token. There is no server of its own.

import { init, loadSavedOAuthResult, logout, onChange, readConfig, signIn, token } from "./hf-sign-in.js";
import * as asking from "./asking.js";
import { button, byId, copy, element, link, show } from "./dom.js";
import { endpointOf } from "./inference.js";
import { forgetPerson, showPerson, tick } from "./person.js";
import * as words from "./words.js";

const variables = window.huggingface?.variables ?? {};
const options = {
  scopes: window.HF_OAUTH_SCOPES ?? variables.OAUTH_SCOPES ?? "openid profile inference-api",
  // Where the Hub refuses to be shown in the frame that this page is in.
  ...(window.HF_OAUTH_FRAMABLE === false && { framable: false }),
};
const redirectUri = location.origin + location.pathname;

// The address is cleaned of the code before anything else happens; what comes of it is waited for below.
const isRedirect = new URLSearchParams(location.search).has("state");
const beginning = attempt(() => init(options));
const config = configured();
const hub = config?.hubUrl ?? "https://huggingface.co";
const endpoint = endpointOf(hub, window.HF_INFERENCE_ENDPOINT);
const model = config?.model ?? "google/gemma-2-2b-it";

const retry = asking.start({
  endpoint,
  model,
  token,
  calm: () => show("problem", false),
  // Where the person looks: below the answer.
  complain: (error) => complain(words.ofInference(error, { endpoint, model, hub }), byId("asking")),
});

let session = null;
prepare();
// Whatever comes of it, this is an answer.
if (isRedirect) mark(false);
show("arriving", isRedirect);
show("signed-out", !isRedirect);
beginning.then(render, (error) => {
  // An address that was used already says nothing new to whoever is signed in.
  render(config && loadSavedOAuthResult(options));
  if (!session || error.rule !== "page/no-attempt") complain(words.ofSignIn(error, { hub, redirectUri }));
});
onChange((next) => {
  const ended = session && !next;
  render(next);
  if (ended && next === null) byId("sign-in").focus();
});

function prepare() {
  byId("redirect-uri").textContent = config?.redirectUrl ?? redirectUri;
  byId("copy-uri").addEventListener("click", () => copy(byId("redirect-uri"), byId("copy-uri")));
  byId("issuer").href = byId("local-hub").href = hub;
  byId("issuer").textContent = new URL(hub).host;
  byId("settings").href = words.settingsUrl(hub);
  show("local", /^(localhost|127\.|\[::1\])/.test(new URL(hub).hostname));
  byId("sign-in").addEventListener("click", begin);
  byId("sign-in").disabled = !config;
  byId("sign-out").addEventListener("click", () => logout());
  setInterval(() => {
    if (session && tick()) ended();
  }, 1000);
  // Back from the Hub by the browser's own button: the page may be the very one that was left.
  addEventListener("pageshow", (event) => event.persisted && !session && returned());
}

function render(next) {
  session = next;
  const signedIn = Boolean(session);
  show("arriving", false);
  for (const id of ["signed-out", "register"]) show(id, !signedIn);
  for (const id of ["who", "asking", "more"]) show(id, signedIn);
  if (!signedIn) {
    forgetPerson();
    asking.forget();
    if (!config) complain(words.notConfigured());
    else returned();
    return;
  }
  mark(false);
  show("problem", false);
  showPerson(session);
  if (!session.scope.split(" ").includes("inference-api")) {
    show("asking", false);
    complain(words.scopeMissing());
  }
}

// The token's time is over by the clock: a renewal, or words.
async function ended() {
  if (await token()) return;
  render(null);
  complain(words.tokenEnded());
}

async function begin() {
  show("problem", false);
  byId("sign-in").disabled = true;
  mark(true);
  try {
    await signIn(options);
  } catch (error) {
    mark(false);
    complain(error.rule === "page/outside" ? words.outside(location.href) : words.ofSignIn(error, { hub, redirectUri }));
  }
  byId("sign-in").disabled = false;
}

// A Hub that knows another redirect URI says so on a page of its own, and the person comes back without an answer.
function returned() {
  if (mark(false)) complain(words.cameBack(byId("redirect-uri").textContent));
}

// Notes that this tab left for the Hub, or takes the note away; gives whether it was there.
function mark(leaving) {
  const key = "page:left-for-the-hub";
  try {
    const was = sessionStorage.getItem(key) !== null;
    if (leaving) sessionStorage.setItem(key, "1");
    else sessionStorage.removeItem(key);
    return was;
  } catch {
    return false;
  }
}

function complain({ title, text, code, copy: copied, link: to, blank, action, label, said }, within) {
  const parts = [element("h2", {}, title), element("p", {}, text)];
  const ways = element("p", { className: "buttons" });
  if (code) {
    const shown = element("pre", {}, element("code", {}, code));
    const copier = button("Copy", () => copy(shown, copier));
    parts.push(shown);
    ways.append(copier);
  }
  if (copied) {
    const shown = element("code", {}, copied);
    const copier = button("Copy", () => copy(shown, copier));
    parts.push(element("p", { className: "copied" }, shown, copier));
  }
  if (said) parts.push(element("p", { className: "quiet" }, `It said: ${said}`));
  if (action) ways.append(button(label, action === "retry" ? retry : begin));
  if (to) ways.append(link(...to, blank));
  if (ways.hasChildNodes()) parts.push(ways);
  const problem = byId("problem");
  problem.replaceChildren(...parts);
  if (within) within.append(problem);
  else document.querySelector("main").prepend(problem);
  show("problem", true);
}

function configured() {
  try {
    return readConfig(options);
  } catch {
    return null;
  }
}

// A promise of it, also where it throws at once.
function attempt(act) {
  try {
    return act();
  } catch (error) {
    return Promise.reject(error);
  }
}
