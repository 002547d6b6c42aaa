/** C0 and C1 controls, line separators, and the characters that reorder text (Unicode TR 9, Trojan Source). */
const HOSTILE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** `text` from outside without what does not show or reorders text, cut after `longest` characters. */
export const printable = (text: string, longest: number): string => {
  const shown = [...text.replace(HOSTILE, "")];
  return shown.length > longest ? `${shown.slice(0, longest).join("")}…` : shown.join("");
};

/** `printable`, and `***` for every secret that is long enough to be one, should the provider repeat it. */
export const redacted = (text: string, secrets: readonly string[], longest: number): string =>
  printable(
    secrets.reduce(
      (shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, "***")),
      printable(text, Infinity),
    ),
    longest,
  );

/** Seconds since 1970 as a time that people read; what no calendar has stays as it is. */
export const readableTime = (seconds: number | undefined): string => {
  const date = new Date((seconds ?? NaN) * 1000);
  return Number.isNaN(+date) ? `${seconds ?? "no time"}` : date.toISOString().replace(".000", "");
};

/** Unicode's `White_Space`, which neither `\s` nor `trim` is: those know U+FEFF and not U+0085. */
const WHITE_SPACE = "[\\t-\\r\\x85\\p{Z}]+";

/** The words of a text, as `scope` has them (RFC 6749 section 3.3), each once, in order. */
export const words = (text: string): string[] => [
  ...new Set(text.split(new RegExp(WHITE_SPACE, "u")).filter((word) => word)),
];

/** Without white space at its ends. */
export const trimmed = (text: string): string =>
  text.replace(new RegExp(`^${WHITE_SPACE}|${WHITE_SPACE}$`, "gu"), "");
