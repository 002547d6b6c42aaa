// The rules' verdict on an input of `vectors/`, for the tests and for the differential fuzzer. Nothing is decided here.
import { checkIssuer, checkRedirectUri, checkReturnPath } from "../src/rules/address.js";
import type { Answer } from "../src/rules/answer.js";
import { checkCallback, readCallback } from "../src/rules/callback.js";
import { readDiscovery } from "../src/rules/discovery.js";
import { readTokens, type Tokens } from "../src/rules/exchange.js";
import { type Keys, verifyIdToken } from "../src/rules/id_token.js";
import { readKey, readKeys } from "../src/rules/keys.js";
import { readRefresh, refreshForm } from "../src/rules/refresh.js";
import { isSignInError, refuse } from "../src/rules/refused.js";
import { verifyRs256 } from "../src/rules/rs256.js";
import { readUserinfo } from "../src/rules/userinfo.js";
import { toUtf8 } from "../src/rules/utf8.js";

/** What the rules make of an input: the values that come out, or the rule that refused. */
export type Verdict = { accepted: Record<string, unknown> } | { refused: string };

/** An input as JSON has it: what is absent may be `null`. */
export type Input = Record<string, unknown>;

/** The verdict on one test of `vectors/`, in the form of `vectors/README.md`. `exchange` is the file's. */
export const verdict = (exchange: string, input: Input): Verdict => {
  const judge = JUDGES[exchange];
  if (!judge) throw new Error(`no exchange ${JSON.stringify(exchange)}`);
  try {
    return { accepted: judge(input) };
  } catch (error) {
    if (!isSignInError(error)) throw error;
    return { refused: error.rule };
  }
};

const JUDGES: Record<string, (input: any) => Record<string, unknown>> = {
  callback: ({ url, state, issuer, begun_with, begun_at, iss_promised, now }) => ({
    ...checkCallback(
      readCallback(url),
      { state, issuer: begun_with ?? issuer, begunAt: begun_at },
      { issuer: checkIssuer(issuer), issPromised: iss_promised ?? false },
      now,
    ),
  }),
  exchange: (input) => tokens(readTokens(answer(input), input.scopes, input.now)),
  discovery: (input) => {
    const provider = readDiscovery(answer(input), checkIssuer(input.issuer));
    return present({
      authorization_endpoint: provider.authorizationEndpoint,
      token_endpoint: provider.tokenEndpoint,
      jwks_uri: provider.jwksUri,
      userinfo_endpoint: provider.userinfoEndpoint,
      iss_promised: provider.issPromised,
    });
  },
  id_token: ({ jwt, keys, client_id: clientId, issuer, nonce, access_token: accessToken, now }) => {
    const { userInfo, signature } = verifyIdToken(jwt, { issuer, clientId, accessToken, nonce }, keysOf(keys), now);
    return { ...userInfo, signature };
  },
  userinfo: (input) => ({ ...readUserinfo(answer(input), input.sub) }),
  refresh: (input) => {
    const { access_token: accessToken, refresh_token, expires_at: expiresAt, scope } = input.previous;
    const previous: Tokens = {
      accessToken,
      expiresAt,
      scope,
      ...(refresh_token != null && { refreshToken: refresh_token }),
    };
    refreshForm(previous, input.client_id);
    const refreshed = readRefresh(
      answer(input),
      previous,
      {
        issuer: input.issuer,
        clientId: input.client_id,
        sub: input.sub,
        nonce: input.nonce ?? undefined,
        authTime: input.auth_time ?? undefined,
      },
      keysOf(input.keys),
      input.now,
    );
    return { ...tokens(refreshed), ...(refreshed.identity && { signature: refreshed.identity.signature }) };
  },
  return_path: ({ path }) => ({ path: checkReturnPath(path) }),
  redirect_uri: ({ uri }) => ({ uri: checkRedirectUri(uri) }),
  rs256: ({ n, e, message, signature }) => {
    if (!verifies({ kty: "RSA", n, e }, hex(message), hex(signature))) refuse("rs256/signature");
    return {};
  },
};

/** Without the members that are `undefined`. */
const present = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const answer = ({
  status,
  content_type: contentType,
  body,
  body_base64: bytes,
  spaces_behind_body: spaces,
}: any): Answer => {
  const text = typeof bytes === "string" ? Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0)) : toUtf8(body);
  const padded = new Uint8Array(text.length + (spaces ?? 0)).fill(0x20);
  padded.set(text);
  return { status, contentType, body: padded };
};

const tokens = ({ accessToken, refreshToken, idToken, expiresAt, scope }: Tokens & { idToken?: string | undefined }) =>
  present({ access_token: accessToken, refresh_token: refreshToken, id_token: idToken, expires_at: expiresAt, scope });

/** A text that is no key set is a set without keys. */
const keysOf = (text: string | null | undefined): Keys => {
  if (text == null) return "withheld";
  try {
    return readKeys({ status: 200, body: toUtf8(text) });
  } catch (error) {
    if (!isSignInError(error)) throw error;
    return [];
  }
};

/** A key that cannot be used verifies nothing. */
const verifies = (jwk: Record<string, string>, message: Uint8Array, signature: Uint8Array): boolean => {
  try {
    return verifyRs256(
      readKey((name) => jwk[name]),
      message,
      signature,
    );
  } catch {
    return false;
  }
};

const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
