/** The bytes of a text. */
export const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The text of bytes that are UTF-8 to the letter; throws for others. A byte order mark stays. */
export const fromUtf8 = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
