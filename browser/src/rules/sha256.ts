/** SHA-256 (FIPS 180-4), synchronous, and where `crypto.subtle` is missing: on plain `http` pages. */
export declare const sha256: (message: Uint8Array) => Uint8Array;
