/** An RSA public key: big-endian numbers without leading zeros. */
export interface RsaPublicKey {
  n: Uint8Array;
  e: Uint8Array;
}

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2.2): whether `signature` is `key`'s over `message`. */
export declare const verifyRs256: (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) => boolean;
