import { checkIssuer, originOf } from "./address.js";
import { type Answer, readAnswer } from "./answer.js";
import { malformed, optional, text, texts, values } from "./json.js";
import { quoted, refuse } from "./refused.js";

/** A provider: its name and its endpoints, every one of them checked. */
export interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  jwksUri: string;
  userinfoEndpoint?: string | undefined;
  /** Whether every callback must carry `iss` (RFC 9207 section 2.4). */
  issPromised: boolean;
}

/** The Hub's own paths below `issuer`, known without asking. Rule `issuer/refused`. */
export const huggingFace = (issuer = "https://huggingface.co"): Provider => ({
  issuer,
  authorizationEndpoint: below(issuer, "/oauth/authorize"),
  tokenEndpoint: below(issuer, "/oauth/token"),
  jwksUri: below(issuer, "/oauth/jwks"),
  userinfoEndpoint: below(issuer, "/oauth/userinfo"),
  issPromised: false,
});

/** Where a provider's metadata is (OpenID Connect Discovery section 4.1). Rule `issuer/refused`. */
export const discoveryUrl = (issuer: string): string => below(issuer, "/.well-known/openid-configuration");

const below = (issuer: string, path: string): string => checkIssuer(issuer).replace(/\/*$/, path);

/** A provider from its metadata (OpenID Connect Discovery section 3). Rules `discovery/…`. */
export const readDiscovery = (answer: Answer, issuer: string): Provider =>
  readAnswer("discovery", answer, (document) => {
    const named = text(document("issuer"));
    const urls: (string | undefined)[] = [
      ...values(document, "authorization_endpoint token_endpoint jwks_uri").map(text),
      ...values(document, "userinfo_endpoint device_authorization_endpoint").map((url) => optional(url, text)),
    ];
    // Who lists methods lists all of them.
    const lacks = (name: string, entry: string) => optional(document(name), texts)?.includes(entry) === false;
    const lacksPkce = lacks("code_challenge_methods_supported", "S256");
    const lacksAlg = lacks("id_token_signing_alg_values_supported", "RS256");
    // Who promises `iss` in a way that is not understood must not be taken for one who promises nothing.
    const issPromised = document("authorization_response_iss_parameter_supported") ?? false;
    if (typeof issPromised !== "boolean") throw malformed;

    if (named !== issuer)
      refuse("discovery/issuer-mismatch", quoted(named), "Configure the Hub's address as it names itself.");
    if (lacksPkce) refuse("discovery/pkce-unsupported");
    if (lacksAlg) refuse("discovery/unsupported-alg");
    for (const url of urls) {
      const origin = originOf(url ?? issuer) ?? refuse("discovery/insecure-endpoint");
      if (origin !== originOf(issuer)) refuse("discovery/foreign-endpoint", origin);
    }
    const [authorizationEndpoint, tokenEndpoint, jwksUri, userinfoEndpoint] = urls as [string, string, string, string?];
    return { issuer, authorizationEndpoint, tokenEndpoint, jwksUri, userinfoEndpoint, issPromised };
  });
