/** C0 and C1 controls, line separators, and the characters that reorder text (Unicode TR 9, Trojan Source). */
const HOSTILE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Text from outside without what does not show or reorders text, cut after `longest` characters; nothing for no text. */
export const printable = (text: unknown, longest: number): string => {
  const shown = typeof text === "string" ? [...text.replace(HOSTILE, "")] : [];
  return shown.slice(0, longest).join("") + (shown.length > longest ? "…" : "");
};

/** `printable`, and `***` for every secret that is long enough to be one, should the provider repeat it. */
export const redacted = (text: unknown, secrets: readonly string[], longest: number): string =>
  printable(
    secrets.reduce((shown, secret) => (secret[3] ? shown.replaceAll(secret, "***") : shown), printable(text, Infinity)),
    longest,
  );

/** The words of a text with one space between. White space is Unicode's: `\s` has U+FEFF, and U+0085 not. */
export const trimmed = (text: string): string => text.replace(/[\t-\r\x85\p{Z}]+/gu, " ").replace(/^ | $/g, "");

/** A list of scopes as it is sent: each once, in order (RFC 6749 section 3.3). */
export const scopeList = (text: string): string => [...new Set(trimmed(text).split(" "))].join(" ");
