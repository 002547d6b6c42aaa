import type { Answer } from "./answer.js";

/** A provider: its name and its endpoints, every one of them checked. */
export interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  jwksUri: string;
  userinfoEndpoint?: string;
  deviceAuthorizationEndpoint?: string;
  /** Whether every callback must carry `iss` (RFC 9207 section 2.4). */
  issPromised: boolean;
}

/** The Hub's own paths below `issuer`, known without asking. Rule `issuer/refused`. */
export declare const huggingFace: (issuer?: string) => Provider;

/** Where a provider's metadata is (OpenID Connect Discovery section 4.1). Rule `issuer/refused`. */
export declare const discoveryUrl: (issuer: string) => string;

/** A provider from its metadata; rules `discovery/…`. */
export declare const readDiscovery: (answer: Answer, issuer: string) => Provider;
