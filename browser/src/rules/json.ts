import { characters, fromUtf8 } from "./utf8.js";

/** JSON as it was written: an object keeps its members in order, and a name that came twice twice. */
export type Json = null | boolean | number | string | Json[] | Members;

/** Name and value of each member, in order. */
export type Pairs = [name: string, value: Json][];

/** An object. */
export class Members {
  constructor(readonly pairs: Pairs) {}
}

/** What a member must be: gets its value (`undefined` where it is absent), and throws when that is something else. */
export type Reader<T> = (value: Json | undefined) => T;

/** The members that are read of an object, each with its reader; others are ignored. */
export type Shape = Readonly<Record<string, Reader<unknown>>>;

/** What comes of a shape: a member that is absent is `undefined`. */
export type Shaped<S extends Shape> = { [Name in keyof S]: ReturnType<S[Name]> };

/** Nested objects and lists that are read; serde_json's limit. */
const DEEPEST = 127;

/**
 * The members of one JSON object (RFC 8259) that are named in `names`, or all. Throws for what is no JSON and for bytes
 * behind the object; and in what is read for lone surrogates, bytes that are not UTF-8, numbers beyond a double, and too
 * many levels. Of all else the grammar alone is looked at, as serde_json does.
 */
export const readMembers = (bytes: Uint8Array, names?: object): Pairs => {
  // A place in this text is a place in the bytes.
  const text = characters(bytes);
  // Whatever made this of duplicates, surrogates and large numbers, it holds the grammar; so below nothing is checked twice.
  JSON.parse(text);
  let at = 0;

  const char = () => text[at] as string;
  const peek = () => {
    while (" \t\n\r,:".includes(char())) at++;
    return char();
  };
  /** Steps over a text, a number, or a word; gives where it began. */
  const step = () => {
    const from = at;
    if (peek() === '"') while (text[++at] !== '"') at += text[at] === "\\" ? 1 : 0;
    else while (!" \t\n\r,]}".includes(text[at + 1] as string)) at++;
    at++;
    return from;
  };
  const skip = () => {
    let open = 0;
    do {
      const bracket = "[{]}".indexOf(peek());
      if (bracket < 0) step();
      else {
        open += bracket < 2 ? 1 : -1;
        at++;
      }
    } while (open);
  };
  const scalar = (): null | boolean | number | string => {
    const value = JSON.parse(fromUtf8(bytes.subarray(step(), at)));
    // A lone surrogate is no character (RFC 8259 section 8.2), and infinity no number.
    if (/\p{Cs}/u.test(value) || Math.abs(value) === Infinity) throw malformed;
    return value;
  };
  const value = (levels: number): Json => {
    const open = peek();
    if (open === "[") return list(levels, () => value(levels - 1));
    return open === "{" ? new Members(members(levels)) : scalar();
  };
  const members = (levels: number) =>
    list(levels, (): Pairs[number] => [scalar() as string, value(levels - 1)]);
  const list = <T>(levels: number, entry: () => T): T[] => {
    const entries: T[] = [];
    if (!levels) throw malformed;
    at++;
    while (!"]}".includes(peek())) entries.push(entry());
    at++;
    return entries;
  };

  if (peek() !== "{") throw malformed;
  if (!names) return members(DEEPEST);
  const read: Pairs = [];
  at++;
  while (peek() !== "}") {
    const name = scalar() as string;
    if (Object.hasOwn(names, name)) read.push([name, value(DEEPEST - 1)]);
    else skip();
  }
  return read;
};

/** The members of `shape`, each as its reader reads it. One that came twice is refused, whichever would have won. */
export const shaped = <S extends Shape>(pairs: Pairs, shape: S): Shaped<S> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, reader]) => {
      const [first, second] = pairs.filter((pair) => pair[0] === name);
      if (second) throw malformed;
      return [name, reader(first?.[1])];
    }),
  ) as Shaped<S>;

/** Says nothing of its own: whoever reads knows what it was. */
export const malformed = new Error("malformed");

/** Any value. */
export const any: Reader<Json | undefined> = (value) => value;

/** A text. */
export const text: Reader<string> = (value) => {
  if (typeof value !== "string") throw malformed;
  return value;
};

/** A truth value. */
export const boolean: Reader<boolean> = (value) => {
  if (typeof value !== "boolean") throw malformed;
  return value;
};

/** `null` is absent. */
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value) =>
    value == null ? undefined : reader(value);

/** A list. */
export const listOf =
  <T>(reader: Reader<T>): Reader<T[]> =>
  (value) => {
    if (!Array.isArray(value)) throw malformed;
    return value.map(reader);
  };

/** An object. */
export const object =
  <S extends Shape>(shape: S): Reader<Shaped<S>> =>
  (value) => {
    if (!(value instanceof Members)) throw malformed;
    return shaped(value.pairs, shape);
  };

/** A provider's answers change: what is of another type than expected is absent, and nothing more. */
export const lenient =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value) => {
    try {
      return reader(value);
    } catch {
      return undefined;
    }
  };

/** Without the members that are `undefined`. */
export const present = <T extends object>(members: T): Present<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;

/** A member that may be `undefined` may be absent, and where it is there it is defined. */
export type Present<T> = { [Name in keyof T as undefined extends T[Name] ? never : Name]: T[Name] } & {
  [Name in keyof T as undefined extends T[Name] ? Name : never]?: Exclude<T[Name], undefined>;
};
