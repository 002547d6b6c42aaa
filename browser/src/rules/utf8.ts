/** The bytes of a text. */
export const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The text of bytes that are UTF-8 to the letter; throws for others. A byte order mark stays. */
export const fromUtf8 = (bytes: Uint8Array): string =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

/** One character a byte, whatever the bytes are: ASCII is what it is, and no other byte looks like ASCII. */
export const characters = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);
