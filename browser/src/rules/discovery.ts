import { checkIssuer, originOf } from "./address.js";
import { type Answer, readAnswer } from "./answer.js";
import { boolean, listOf, optional, present, text } from "./json.js";
import { quoted, refuse } from "./refused.js";

/** A provider: its name and its endpoints, every one of them checked. */
export interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  jwksUri: string;
  userinfoEndpoint?: string;
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

/** A provider's metadata (OpenID Connect Discovery section 3). */
const DOCUMENT = {
  issuer: text,
  authorization_endpoint: text,
  token_endpoint: text,
  jwks_uri: text,
  userinfo_endpoint: optional(text),
  device_authorization_endpoint: optional(text),
  code_challenge_methods_supported: optional(listOf(text)),
  id_token_signing_alg_values_supported: optional(listOf(text)),
  // Who promises `iss` in a way that is not understood must not be taken for one who promises nothing.
  authorization_response_iss_parameter_supported: optional(boolean),
};

/** A provider from its metadata. Rules `discovery/…`; nothing of a document that is refused is used. */
export const readDiscovery = (answer: Answer, issuer: string): Provider => {
  const document = readAnswer("discovery", answer, DOCUMENT);
  if (document.issuer !== issuer) {
    refuse(
      "discovery/issuer-mismatch",
      `The Hub's address is ${quoted(issuer)}, and it calls itself ${quoted(document.issuer)}: configure that, to the letter.`,
    );
  }
  const lacks = (list: string[] | undefined, entry: string) => list && !list.includes(entry);
  if (lacks(document.code_challenge_methods_supported, "S256")) {
    refuse("discovery/pkce-unsupported", "The Hub cannot do PKCE with S256.");
  }
  if (lacks(document.id_token_signing_alg_values_supported, "RS256")) {
    refuse("discovery/unsupported-alg", "The Hub cannot sign with RS256.");
  }
  const endpoint = <Url extends string | undefined>(url: Url): Url => {
    if (url !== undefined) {
      const origin = originOf(url);
      const why = `The Hub's endpoint ${quoted(origin ?? url)} is not `;
      if (!origin) refuse("discovery/insecure-endpoint", `${why}https.`);
      if (origin !== originOf(issuer)) refuse("discovery/foreign-endpoint", `${why}on the Hub's own origin.`);
    }
    return url;
  };
  const provider = {
    issuer,
    authorizationEndpoint: endpoint(document.authorization_endpoint),
    tokenEndpoint: endpoint(document.token_endpoint),
    jwksUri: endpoint(document.jwks_uri),
    userinfoEndpoint: endpoint(document.userinfo_endpoint),
    issPromised: document.authorization_response_iss_parameter_supported ?? false,
  };
  endpoint(document.device_authorization_endpoint);
  return present(provider);
};
