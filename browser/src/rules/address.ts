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
const ADDRESS = /^(https?):\/\/(\[[\da-fA-F:.]+\]|[\w.-]{1,253})(?::(\d{1,5}))?([/?][!$-;=?-[\]_a-z~]*)?$/;

const IPV4 = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(?!$)|$)){4}$/;

/** RFC 4291 section 2.2. */
const isIpv6 = (text: string): boolean => {
  const halves = text.split("::");
  const groups = halves.flatMap((half, index) =>
    half
      ? half.split(":").flatMap((group, at, all) =>
          // Four bytes in decimal stand for the last two groups.
          index === halves.length - 1 && at === all.length - 1 && IPV4.test(group) ? ["0", "0"] : [group],
        )
      : [],
  );
  const room = halves.length === 2 ? groups.length < 8 : halves.length === 1 && groups.length === 8;
  return room && groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group));
};

/** Scheme, host and port (RFC 6454) of an address that may be called, and what follows; `undefined` when it may not. */
const parse = (url: string, plainHttp: boolean) => {
  const [, scheme, named = "", port, tail = ""] = ADDRESS.exec(url) ?? [];
  const host = named.toLowerCase();
  const last = host.slice(host.lastIndexOf(".") + 1);
  const isHost = host.startsWith("[")
    ? isIpv6(host.slice(1, -1))
    : // A last label of digits is an IPv4 address to browsers, as `127.1` or `0x7f.1` too.
      /^\d+$|^0x/.test(last)
      ? IPV4.test(host)
      : host.split(".").every((label) => /^[\w-]{1,63}$/.test(label));
  if (!scheme || !isHost || Number(port ?? 0) > 65_535) return undefined;
  const isLoopback = host === "localhost" || host === "[::1]" || (IPV4.test(host) && host.startsWith("127."));
  if (scheme === "http" && !isLoopback && !plainHttp) return undefined;
  const isDefault = Number(port ?? NaN) === (scheme === "http" ? 80 : 443);
  return { origin: `${scheme}://${host}${port && !isDefault ? `:${Number(port)}` : ""}`, tail };
};

/** The origin of an address that may be called, as `URL` writes it; `undefined` when it may not be called. */
export const originOf = (url: string, plainHttp = false): string | undefined => parse(url, plainHttp)?.origin;

/** The name of a provider (OpenID Connect Discovery section 2): an address without query. Rule `issuer/refused`. */
export const checkIssuer = (issuer: string): string =>
  originOf(issuer) && !issuer.includes("?") ? issuer : refuseAddress("issuer/refused", "Hub's address", issuer);

/**
 * A redirect URI (RFC 6749 section 3.1.2), whose query has no parameter of the provider's answer. Rule
 * `redirect-uri/refused`. `plainHttp` is for a page that itself came over `http`: its own address is as safe as it is.
 */
export const checkRedirectUri = (uri: string, plainHttp = false): string => {
  const query = parse(uri, plainHttp)?.tail.replace(/^[^?]*\??/, "");
  const isReserved = query?.split("&").some((parameter) => {
    const name = parameter.replace(/=.*/, "");
    const byte = (_: string, digits: string) => String.fromCharCode(Number(`0x${digits}`));
    return ANSWER_PARAMETERS.includes(name.replace(/%([\da-f]{2})/gi, byte));
  });
  return isReserved === false ? uri : refuseAddress("redirect-uri/refused", "redirect URI", uri);
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
    : refuse("return-path/refused", `The return path ${quoted(path)} must begin with one slash and stay on this site.`);
};

// What stands before an `@` may be a password, and a query anything.
const refuseAddress = (rule: Rule, what: string, url: string): never =>
  refuse(
    rule,
    `The ${what} ${quoted(url.replace(/^.*@|\?.*$/gs, "***"), 200)} cannot be used. It must be https (http on localhost), without username, fragment and a query of its own.`,
  );
