/** base64url without padding (RFC 4648 section 5, RFC 7515 section 2). */
export const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");

/**
 * Reads base64url to the letter; `undefined` for padding, foreign characters, an impossible length, and bits behind the
 * last byte (RFC 4648 section 3.5), all of which `atob` forgives.
 */
export const fromBase64url = (text: string): Uint8Array | undefined => {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
  const tail = bytes.subarray(bytes.length - (bytes.length % 3));
  return text.endsWith(toBase64url(tail)) ? bytes : undefined;
};
