import { quoted, refuse, type Rule } from "./refused.js";

/** What a provider answers with (RFC 6749 section 4.1.2, RFC 9207); the first five are those of a code flow. */
export const ANSWER_PARAMETERS = [
  "code",
  "state",
  "iss",
  "error",
  "error_description",
  "access_token",
  "id_token",
  "token",
  "token_type",
  "response",
];

/** `https://host:port/path?query`, in a strict subset of RFC 3986 on which every parser agrees: see core's `address.rs`. */
const ADDRESS = /^(https?):\/\/(\[[\da-f:.]+\]|(?:[\w-]{1,63}\.)*[\w-]{1,63})(?::\d{1,5})?([/?][!$-;=?-[\]_a-z~]*)?$/i;

/** Scheme, host and port (RFC 6454) of an address that may be called, and what follows; `undefined` when it may not. */
const parse = (url: string, plainHttp: boolean) => {
  const [, scheme, host = "", tail = ""] = ADDRESS.exec(url) ?? [];
  try {
    // With this grammar a browser reads nothing else into it, but for labels of Punycode, which need no reading here.
    const { origin, hostname } = new URL(url.replace(/xn--/gi, "xn__"));
    // A last label of digits is an IPv4 address to browsers, as `127.1` or `0x7f.1` too: only the dotted quad will do.
    const isHost = !/(^|\.)(\d+|0x[^.]*)$/i.test(host) || (hostname === host && /^[\d.]+$/.test(host));
    const isSafe =
      scheme === "https" || (scheme === "http" && (plainHttp || /^(localhost|\[::1\]|127\.[\d.]+)$/i.test(host)));
    return isHost && isSafe && host.length < 254 ? { origin, tail } : undefined;
  } catch {
    return undefined;
  }
};

/** The origin of an address that may be called, as `URL` writes it; `undefined` when it may not be called. */
export const originOf = (url: string, plainHttp = false): string | undefined => parse(url, plainHttp)?.origin;

/** The name of a provider (OpenID Connect Discovery section 2): an address without query. Rule `issuer/refused`. */
export const checkIssuer = (issuer: string): string => withoutQuery("issuer/refused", issuer);

/**
 * The redirect URI of a page: its address without query, which is how it is registered. Rule `redirect-uri/refused`.
 * `plainHttp` is for a page that itself came over `http`: its own address is as safe as it is.
 */
export const checkPageAddress = (uri: string, plainHttp = false): string =>
  withoutQuery("redirect-uri/refused", uri, plainHttp);

const withoutQuery = (rule: Rule, url: string, plainHttp?: boolean): string =>
  originOf(url, plainHttp) && !url.includes("?") ? url : refuseAddress(rule, url);

/** A redirect URI (RFC 6749 section 3.1.2), whose query has no parameter of the provider's answer. Rule `redirect-uri/refused`. */
export const checkRedirectUri = (uri: string): string => {
  const query = parse(uri, false)?.tail.replace(/^[^?]*\??/, "");
  const isReserved = query?.split("&").some((parameter) => {
    const name = parameter.replace(/=.*/, "");
    const byte = (_: string, digits: string) => String.fromCharCode(Number(`0x${digits}`));
    return ANSWER_PARAMETERS.includes(name.replace(/%([\da-f]{2})/gi, byte));
  });
  return isReserved === false ? uri : refuseAddress("redirect-uri/refused", uri);
};

/**
 * Where on the app's own origin the person goes after signing in: one slash and no second, no dot segment, no encoded
 * slash or control character at its start, at most 1,024 bytes of visible ASCII. Rule `return-path/refused`.
 */
export const checkReturnPath = (path: string): string => {
  const [place = ""] = path.split(/[?#]/);
  return /^\/(?!\/)[!-[\]-~]{0,1023}$/.test(path) &&
    // A proxy that decodes once more, and a browser that then drops the tab, would leave two slashes.
    !/^\/%(2f|5c|[01].)/i.test(place) &&
    !/\/(\.|%2e){1,2}(\/|$)/i.test(place)
    ? path
    : refuse("return-path/refused", quoted(path), "It must begin with one slash and stay on this site.");
};

// What stands before an `@` may be a password, and a query anything.
const refuseAddress = (rule: Rule, url: string): never =>
  refuse(
    rule,
    quoted(url.replace(/^.*@|\?.*$/gs, "***")),
    "It must be https, or http on localhost, and no more than an address.",
  );
