import { type Provider, discoveryUrl, readDiscovery } from "../rules/discovery.js";
import type { Keys } from "../rules/id_token.js";
import { readKeys } from "../rules/keys.js";
import { isSignInError } from "../rules/refused.js";
import { request } from "./fetch.js";

const asked: Record<string, Promise<Provider>> = {};

/** The provider's metadata, asked for once a page. A failure is not kept. */
export const discover = (issuer: string): Promise<Provider> =>
  (asked[issuer] ??= request("discovery", discoveryUrl(issuer))
    .then((answer) => readDiscovery(answer, issuer))
    .catch((error) => {
      delete asked[issuer];
      throw error;
    }));

/**
 * The provider's keys of this moment. A page cannot tell keys that are withheld from it (no CORS) from a network that is
 * down. Then the answer of the token endpoint itself stands in for the signature (OpenID Connect Core section 3.1.3.7,
 * step 6): `readDiscovery` has seen to it that this endpoint is `https`, or on this very machine.
 */
export async function keysOf({ jwksUri }: Provider): Promise<Keys> {
  try {
    return readKeys(await request("keys", jwksUri));
  } catch (error) {
    if (isSignInError(error) && error.rule === "page/network") return "withheld";
    throw error;
  }
}
