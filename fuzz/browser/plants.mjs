// Mistakes that implementations make, each planted around a right one: the fuzzer must find every one of them.
import { base64url, KEY, sign } from "../../vectors/make/sign.mjs";

const of = (exchanges, plant) => (verdict) => (exchange, input) =>
  exchanges.includes(exchange) ? plant((changed) => verdict(exchange, { ...input, ...changed }), input) : verdict(exchange, input);

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The answer's body as its reader has changed it. */
const body = (change) => (ask, input) => ask(typeof input.body === "string" ? { body: change(input.body) } : {});

/** A claim that is not looked at: where its rule refuses, the token is judged as if it had said something else. */
const claims = (rule, change) => (ask, input) => {
  const verdict = ask({});
  if (verdict.refused !== rule) return verdict;
  const [header, body] = input.jwt.split(".").map((segment) => Buffer.from(segment, "base64url").toString());
  const said = parsed(body);
  const changed = said && change(said, input);
  return changed ? ask({ jwt: sign(header, changed, KEY) }) : verdict;
};

export const PLANTS = {
  "base64-is-lenient": of(["id_token"], (ask, { jwt }) =>
    ask({ jwt: jwt.split(".").map((segment) => base64url(Buffer.from(segment, "base64url"))).join(".") })),
  "last-duplicate-counts": of(["exchange", "userinfo", "discovery"], body((text) => {
    const value = parsed(text);
    return value === undefined ? text : JSON.stringify(value);
  })),
  "nonce-is-not-looked-at": of(["id_token"], claims("id-token/nonce", (said, { nonce }) => ({ ...said, nonce }))),
  "one-audience-of-many": of(["id_token"], claims("id-token/audience", (said, { client_id }) =>
    Array.isArray(said.aud) && said.aud.includes(client_id) && { ...said, aud: client_id })),
  "leeway-of-61-seconds": of(["id_token"], (ask, { now }) => ask({ now: now - 1 })),
  "access-token-hash-is-not-looked-at": of(["id_token"], claims("id-token/access-token-hash", (said) => ({ ...said, at_hash: undefined }))),
  "issuer-with-a-slash-is-the-same": of(["callback"], (ask, { url }) => ask({ url: url.replace(/(iss=[^&#]*?)(%2F|\/)+(?=[&#]|$)/i, "$1") })),
  "seconds-are-rounded": of(["exchange"], body((text) => text.replace(/("expires_in":\d+)(\.[5-9]\d*)(?=[,}])/, (_, before) => before.replace(/\d+$/, (digits) => String(BigInt(digits) + 1n))))),
  "seconds-by-parseInt": of(["exchange"], body((text) => text.replace(/("expires_in":")([^"\\]*)(")/, (all, before, said, after) =>
    (Number.isNaN(parseInt(said, 10)) ? all : before + parseInt(said, 10) + after)))),
  "half-surrogates-are-replaced": of(["exchange", "userinfo"], body((text) => {
    const value = parsed(text);
    return value === undefined || !/\\ud[89a-f]/i.test(text) ? text : text.replace(/(?:\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}/gi, (found) => (found.length > 6 ? found : "\\ufffd"));
  })),
  "first-parameter-counts": of(["callback"], (ask, { url }) => {
    const [before, query] = url.split(/\?(.*)/s);
    const names = new Set();
    const first = (pair) => !names.has(pair.split("=")[0]) && names.add(pair.split("=")[0]);
    return ask({ url: query === undefined ? url : `${before}?${query.split("&").filter(first).join("&")}` });
  }),
  "addresses-by-the-browser": of(["redirect_uri"], (ask, { uri }) => {
    const verdict = ask({});
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    return verdict.refused && url?.protocol === "https:" && !url.hash && ask({ uri: url.href }).accepted ? { accepted: { uri } } : verdict;
  }),
};
