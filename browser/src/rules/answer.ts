import type { Shape, Shaped } from "./json.js";

/** An answer of the provider, as much of it as the rules need. */
export interface Answer {
  status: number;
  /** The `Content-Type` header. */
  contentType?: string | null | undefined;
  /** As it came: bytes, because not every text is UTF-8. At most `LONGEST_BODY`. */
  body: Uint8Array;
}

/** Which exchange an answer belongs to. */
export type Step = "discovery" | "exchange" | "refresh" | "keys" | "userinfo";

/** The most bytes that an answer may have. */
export const LONGEST_BODY = 1 << 20;

/**
 * Reads a JSON object with a success status. Rules: `…/too-large`, `…/redirected`, `…/oauth`, `…/status`,
 * `…/not-json`, `…/malformed`. `secrets` are the request's: no message repeats them.
 */
export declare const readAnswer: <S extends Shape>(
  step: Step,
  answer: Answer,
  shape: S,
  secrets?: readonly string[],
) => Shaped<S>;
