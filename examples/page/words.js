// What can go wrong, in words, each with the way to mend it.

const SNIPPET = 'window.HF_OAUTH_CLIENT_ID = "00000000-0000-0000-0000-000000000000";';
const REGISTER = "https://huggingface.co/settings/applications/new";
const CONNECTED = "/settings/connected-applications";

// `title`, `text`, and where they help: `code` to paste, `copy` (the redirect URI), `link`, `action` (what the button
// does: "sign-in" or "retry") with its `label`, `blank` (the link opens a tab), `said` (the other side's own words).
export const notConfigured = () => ({
  title: "OAuth client ID not configured",
  text: "This page does not know which app it is. Create one, and put its client ID into config.js:",
  code: SNIPPET,
  link: [REGISTER, "Create an app"],
});

export const cameBack = (redirectUri) => ({
  title: "You came back without an answer",
  text: "If you turned round by yourself, sign in again. If the Hub said that the redirect URI does not match, register exactly this one with the app:",
  copy: redirectUri,
  action: "sign-in",
  label: "Sign in again",
});

export const tokenEnded = () => ({
  title: "Your sign-in has ended",
  text: "The token is no longer valid: its time is over, or the access was taken away. Signing in again takes one click.",
  action: "sign-in",
  label: "Sign in again",
});

export const scopeMissing = () => ({
  title: "This page may not run inference",
  text: "You did not grant the scope inference-api, and without it no model answers. If you are not asked for it, the app does not have that scope: whoever runs this page adds it in the app's settings.",
  action: "sign-in",
  label: "Allow inference",
});

const unreachable = (where) => ({
  title: "Network or CORS",
  text: `There was no answer from ${where} that this page may read. A browser does not say which it was: no network, a blocker or firewall in between, or a server that does not let pages of other origins read its answers (CORS). Check the connection, switch blockers off for this page, then try again.`,
});

const noEndpoint = (hub) => ({
  title: "Nowhere to ask",
  text: `No inference address belongs to ${hub}, so your token goes nowhere. Whoever runs this page sets it in config.js:`,
  code: 'window.HF_INFERENCE_ENDPOINT = "https://…";',
});

// Of an `InferenceError`.
export function ofInference(error, { endpoint, model, hub }) {
  const { said } = error;
  const again = { action: "retry", label: "Try again", said };
  switch (error.kind) {
    case "no-endpoint":
      return noEndpoint(hub);
    case "token-ended":
      return { ...tokenEnded(), said };
    case "forbidden":
      return { ...scopeMissing(), said };
    case "unreachable":
      return { ...unreachable(new URL(endpoint).host), ...again };
    case "credits":
      return {
        title: "Your inference credits are used up",
        text: "They come back with the next month. Until then: buy more, or subscribe to PRO.",
        link: ["https://huggingface.co/settings/billing", "Look at your billing"],
        said,
      };
    case "too-many": {
      const wait = error.retryAfter ? `${error.retryAfter} seconds` : "a minute";
      return { title: "Too many requests", text: `The inference service asks you to slow down. Wait ${wait}, then try again.`, ...again };
    }
    case "model":
      return {
        title: "No provider runs this model",
        text: `${model} is unknown, or nobody serves it at the moment. Whoever runs this page chooses another in config.js:`,
        code: 'window.HF_INFERENCE_MODEL = "meta-llama/Llama-3.1-8B-Instruct";',
        link: ["https://huggingface.co/models?inference_provider=all&other=conversational", "Models that are served"],
        said,
      };
    case "cold":
      return { title: "The model is starting", text: `${model} is being loaded. Give it a minute, then try again.`, ...again };
    case "broke-off":
      return { title: "The answer broke off", text: "What came is below. Asking again starts a new answer.", ...again };
    default:
      return { title: `The inference service answered ${error.status}`, text: "That is not this page's doing. Try again in a moment, or with another model.", ...again };
  }
}

// Of what the module throws; `rule` names the check that failed, `vectors/README.md` lists them.
export function ofSignIn(error, { hub, redirectUri }) {
  const again = { action: "sign-in", label: "Sign in again" };
  const rule = error?.rule ?? "";
  if (/client-id/.test(rule)) return notConfigured();
  if (/declined$/.test(rule)) {
    return { title: "You did not give access", text: "Nothing was shared, and nothing is kept. You can change your mind.", ...again };
  }
  if (/network/.test(rule)) return { ...unreachable(new URL(hub).host), ...again };
  if (/^id-token\/(expired|issued-at|not-before)$|state-expired$/.test(rule)) {
    return {
      title: "The clock of this device, or too long a pause",
      text: `The Hub's answer is from another time than this device's clock says (${new Date().toLocaleString()}). Set the clock to automatic, then sign in again.`,
      said: error.message,
      ...again,
    };
  }
  if (/^refresh\/(ended|no-refresh-token)$/.test(rule)) return tokenEnded();
  if (/invalid-client|client-misconfigured/.test(rule)) {
    return {
      title: "The Hub does not know this app",
      text: "The client ID in config.js is of no app, or of one with a secret: a page needs a public app. It must have this redirect URI:",
      copy: redirectUri,
      link: [new URL("/settings/applications", hub).href, "Your apps"],
      said: error.message,
    };
  }
  if (/redirect-uri/.test(rule)) return { title: "This address cannot be a redirect URI", text: error.message, copy: redirectUri };
  return { title: "Signing in did not work", text: error?.message || "Something unexpected happened.", ...again };
}

export const outside = (address) => ({
  title: "Sign in outside of this frame",
  text: "The Hub cannot be shown inside of the page that shows this one. Open this page by itself:",
  link: [address, "Open this page"],
  blank: true,
});

export const settingsUrl = (hub) => new URL(CONNECTED, hub).href;

export const SCOPES = {
  openid: "know who you are",
  profile: "see your profile and organisations",
  email: "see your e-mail address",
  "read-billing": "see whether you can pay",
  "inference-api": "run inference on your behalf",
  "read-repos": "read your repositories",
  "write-repos": "write to your repositories",
  "manage-repos": "manage your repositories",
};

export function restriction(name) {
  const known = {
    sso: "sign in through its SSO first",
    mfa: "two-factor authentication required",
    ip: "not from this network",
    "token-policy": "its token policy forbids this page",
  };
  return known[name] ?? name;
}
