import { characters, fromUtf8 } from "./utf8.js";

/** JSON as it was written. */
export type Json = null | boolean | number | string | Json[] | Members;

/**
 * An object: gives a member's value, `undefined` where it is absent. Throws for one that came twice, whichever would have
 * won.
 */
export type Members = (name: string) => Json | undefined;

/** Says nothing of its own: whoever reads knows what it was. */
export const malformed = new Error("malformed");

/** Nested objects and lists that are read; serde_json's limit. */
const DEEPEST = 127;

/**
 * Reads one JSON object (RFC 8259). Throws for what is no JSON and for bytes behind the object; and in names, and in
 * members when they are asked for (or in `all`), for lone surrogates, bytes that are not UTF-8, numbers beyond a double,
 * and too many levels. Of members that nobody asks for the grammar alone is looked at, as serde_json does. With `last` a
 * member that came twice is the last.
 */
export const readObject = (bytes: Uint8Array, all = false, last = false): Members => {
  // A place in this text is a place in the bytes.
  const text = characters(bytes);
  // Whatever this makes of duplicates, surrogates and large numbers, it holds the grammar; nothing below does so again.
  JSON.parse(text);
  const tokens = /[[{}\]]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s,:\]}]+/g;
  const next = () => tokens.exec(text) as RegExpExecArray;

  const scalar = (token: RegExpExecArray) => {
    const value = JSON.parse(fromUtf8(bytes.subarray(token.index, tokens.lastIndex)));
    // A lone surrogate is no character (RFC 8259 section 8.2), and infinity no number.
    if (/\p{Cs}/u.test(value) || value === Infinity || value === -Infinity) throw malformed;
    return value;
  };
  const value = (levels: number, token = next()): Json => {
    const [open] = token;
    if (open !== "{" && open !== "[") return scalar(token);
    if (!levels) throw malformed;
    const list: Json[] = [];
    const pairs: Pairs<Json> = [];
    for (let entry; !"]}".includes((entry = next())[0]);) {
      if (open === "[") list.push(value(levels - 1, entry));
      else pairs.push([scalar(entry), value(levels - 1)]);
    }
    return open === "[" ? list : members(pairs, (it) => it);
  };

  if (next()[0] !== "{") throw malformed;
  const places: Pairs<number> = [];
  for (let name; (name = next())[0] !== "}";) {
    places.push([scalar(name), tokens.lastIndex]);
    if (all) value(DEEPEST - 1);
    else for (let open = 0; (open += BRACKETS[next()[0]] ?? 0););
  }
  return members(
    places,
    (place) => {
      tokens.lastIndex = place;
      return value(DEEPEST - 1);
    },
    last,
  );
};

const BRACKETS: Record<string, number> = { "[": 1, "{": 1, "]": -1, "}": -1 };

type Pairs<T> = [name: string, value: T][];

const members =
  <T>(pairs: Pairs<T>, read: (value: T) => Json, last = false): Members =>
  (name) => {
    const found = pairs.flatMap((pair) => (pair[0] === name ? [read(pair[1])] : []));
    if (found[1] !== undefined && !last) throw malformed;
    return found.at(-1);
  };

/** What reads a value, and throws when it is something else. */
export type Reader<T> = (value: Json | undefined) => T;

/** A text. */
export const text: Reader<string> = (value) => {
  if (typeof value !== "string") throw malformed;
  return value;
};

/** A list of texts. Nothing else that JSON has can be mapped. */
export const texts: Reader<string[]> = (value) => (value as Json[]).map((entry) => text(entry));

/** `null` is absent. */
export const optional = <T>(value: Json | undefined, reader: Reader<T>): T | undefined =>
  value == null ? undefined : reader(value);

/** Every entry of a list that `reader` reads; the others are skipped. */
export const entries = <T>(value: Json | undefined, reader: (entry: Members) => T): T[] => {
  return (value as Members[]).flatMap((entry) => {
    try {
      return [reader(entry)];
    } catch {
      return [];
    }
  });
};

/** These members, by the order of their names. */
export const values = (members: Members, names: string): (Json | undefined)[] =>
  names.split(" ").map((name) => members(name));

/** Those of these members that are of this type: a provider's answers change, and what is of another type is absent. */
export const pick = <T>(members: Members, names: string, type: "string" | "boolean"): Record<string, T> =>
  Object.fromEntries(
    names.split(" ").flatMap((name) => {
      const value = members(name);
      return typeof value === type ? [[name, value as T]] : [];
    }),
  );
