// node hf-js-login.mjs '{"hubUrl", "clientId", "redirectUrl", "session", "scopes"?, "state"?, "method"?}'
//
// Signs in with unpatched @huggingface/hub against the Hub at `hubUrl`, as its own test does: the login URL is asked for
// with the Hub's session cookie, and the redirect goes straight back into the library. Prints one JSON line,
// {"loginUrl", "authorizeStatus", "result"}; `result` is the library's, the access token only as its SHA-256.
// A failure is {"error", "authorizeStatus"?, "location"?} and exit code 1.
import { createHash } from "node:crypto";
import { oauthHandleRedirect, oauthLoginUrl } from "@huggingface/hub";

const { hubUrl, clientId, redirectUrl, session, scopes, state, method = "GET" } = JSON.parse(process.argv[2]);
const seen = {};
try {
  // The library fills this in place of a browser's localStorage.
  const storage = {};
  seen.loginUrl = await oauthLoginUrl({ hubUrl, clientId, redirectUrl, scopes, state, localStorage: storage });
  const answer = await fetch(seen.loginUrl, { method, redirect: "manual", headers: { Cookie: `token=${session}` } });
  seen.authorizeStatus = answer.status;
  const location = answer.headers.get("Location");
  if (!location) throw new Error(`the authorize URL answered ${answer.status} without a Location`);
  const redirected = new URL(location, seen.loginUrl);
  if (redirected.href.split("?")[0] !== redirectUrl.split("?")[0]) {
    seen.location = redirected.origin + redirected.pathname;
    throw new Error(`the authorize URL leads elsewhere than ${redirectUrl}`);
  }
  const { accessToken, accessTokenExpiresAt, ...rest } = await oauthHandleRedirect({
    hubUrl,
    redirectedUrl: redirected.href,
    ...storage,
  });
  seen.result = {
    ...rest,
    accessTokenSha256: createHash("sha256").update(accessToken).digest("hex"),
    accessTokenExpiresAt: Math.floor(accessTokenExpiresAt.getTime() / 1000),
  };
} catch (error) {
  seen.error = [error?.message ?? String(error), error?.cause?.message].filter(Boolean).join(": ");
  process.exitCode = 1;
}
console.log(JSON.stringify(seen));
