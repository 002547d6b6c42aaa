/** JSON as it was written: an object is its members in order, a name that came twice twice. */
export type Json = null | boolean | number | string | Json[] | Members;

/** The members of an object, in order. */
export declare class Members {
  constructor(pairs: readonly (readonly [string, Json])[]);
  readonly pairs: readonly (readonly [string, Json])[];
}

/** What a member must be: gets its value (`undefined` where it is absent) and throws when it is something else. */
export type Reader<T> = (value: Json | undefined) => T;

/** The members that are read of an object, each with its reader. */
export type Shape = Readonly<Record<string, Reader<unknown>>>;

/** What comes of a shape. */
export type Shaped<S extends Shape> = { [Name in keyof S]: ReturnType<S[Name]> };

/**
 * Reads one JSON object (RFC 8259). Throws, as serde does, for what is no JSON, bytes behind the object, a member of
 * `shape` that came twice or is something else, and in what is read: lone surrogates, bytes that are not UTF-8, numbers
 * beyond a double, more than 127 levels.
 */
export declare const readObject: <S extends Shape>(bytes: Uint8Array, shape: S) => Shaped<S>;
