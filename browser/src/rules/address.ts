/** Scheme, host and port of an address that may be called, as `URL.origin` writes it; `undefined` when it may not. */
export declare const originOf: (url: string) => string | undefined;

/**
 * An address that may be called: `https`, or `http` on loopback, in the strict subset of RFC 3986 on which every parser
 * agrees. Refused by `rule` otherwise. `plainHttp` allows `http` everywhere, for a page that is itself on `http`.
 */
export declare const checkEndpoint: (url: string, rule: `${string}/${string}`, plainHttp?: boolean) => string;

/** The name of a provider (OpenID Connect Discovery section 2): an endpoint without query. Rule `issuer/refused`. */
export declare const checkIssuer: (issuer: string) => string;

/** A redirect URI (RFC 6749 section 3.1.2) without parameters of the provider's answer. Rule `redirect-uri/refused`. */
export declare const checkRedirectUri: (uri: string, plainHttp?: boolean) => string;

/** A place on the app's own origin to go to after signing in. Rule `return-path/refused`. */
export declare const checkReturnPath: (path: string) => string;
