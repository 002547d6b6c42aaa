import assert from "node:assert/strict";
import { test } from "node:test";
import { type Json, readObject } from "../../src/rules/json.js";
import { toUtf8 } from "../../src/rules/utf8.js";

const read = (json: string | Uint8Array, name = "a", all = false): Json | undefined =>
  readObject(typeof json === "string" ? toUtf8(json) : json, all)(name);

test("values are read as they are", () => {
  for (const value of [null, true, false, 0, -1.5e3, "", 'ä\u{1F600}"\\/\n', [], [[1, "2", [null]]]]) {
    assert.deepEqual(read(JSON.stringify({ b: [{ a: 1 }, "}"], a: value, c: 2 })), value);
  }
  assert.deepEqual(read(' \r\n\t{ "b" : [ { } , [ ] ] , "a" : [ 1 , 2 ] } \n'), [1, 2]);
  assert.equal(read('{"\\u0061": "escaped name"}'), "escaped name");
});

test("a name that came twice is refused where it is read, and not where nobody asks", () => {
  const json = '{"a": 1, "b": 1, "\\u0062": 2, "a ": 3}';
  assert.equal(read(json), 1);
  assert.throws(() => read(json, "b"));
  assert.equal(readObject(toUtf8(json), false, true)("b"), 2);
  const nested = readObject(toUtf8('{"o": {"a": 1, "a": 2, "b": 3}}'))("o") as (name: string) => Json | undefined;
  assert.equal(nested("b"), 3);
  assert.throws(() => nested("a"));
});

test("row_041 no JSON, and bytes behind the object", () => {
  for (const bad of [
    "",
    "null",
    "[]",
    '"a"',
    "{",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,"a":1}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":nul}',
    '{"a":tru}',
    "{'a':1}",
    '{"a":"\n"}',
    '{"a":"\\x41"}',
    '{"a":"\\u00g0"}',
    '{"a":1}{}',
    '{"a":1} x',
    '{"a":1}\0',
    '\ufeff{"a":1}',
    '{"a":1}\u00a0',
    '{"a":1/**/}',
    '{"a":[1}',
    '{"a":{]}',
  ]) {
    assert.throws(() => read(bad), bad);
  }
});

test("lone surrogates, numbers beyond a double and bytes that are not UTF-8 are refused where they are read", () => {
  for (const bad of [
    '"\\ud800"',
    '"\\udc00"',
    '"\\ud800x"',
    '"\\udc00\\ud800"',
    "1e400",
    "-1e400",
    "[1e999]",
    '{"b":"\\ud800"}',
  ]) {
    assert.throws(() => read(`{"a":${bad}}`), bad);
    assert.equal(read(`{"x":${bad},"a":1}`), 1, `${bad} where nobody asks`);
    assert.throws(() => read(`{"x":${bad},"a":1}`, "a", true), `${bad} where all is read`);
  }
  assert.equal(read('{"a":"\\ud83d\\ude00"}'), "\u{1F600}");
  assert.throws(() => read('{"\\ud800":1,"a":1}'), "a name is always read");
  const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
  assert.throws(() => read(bytes('{"a":"\xff"}')));
  assert.throws(() => read(bytes('{"a":"\xed\xa0\x80"}')), "a surrogate in UTF-8");
  assert.throws(() => read(bytes('{"a":"\xc0\xaf"}')), "an overlong slash");
  assert.equal(read(bytes('{"x":"\xff","a":"\xc3\xa4"}')), "ä");
});

test("a text may say Infinity", () => {
  assert.equal(read('{"a":"Infinity","b":"-Infinity"}'), "Infinity");
  assert.equal(read('{"a":"Infinity","b":"-Infinity"}', "b"), "-Infinity");
});

test("row_041 levels are bounded where they are read, and a million of them do no harm elsewhere", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.doesNotThrow(() => read(`{"a":${nested(126)}}`));
  assert.throws(() => read(`{"a":${nested(127)}}`));
  assert.throws(() => read(`{"a":${'{"a":'.repeat(127)}1${"}".repeat(127)}}`));
  assert.equal(read(`{"x":${nested(500_000)},"a":1}`), 1);
});

test("long texts with and without escapes are read in one go", () => {
  const long = '\\"ä'.repeat(200_000);
  assert.equal(read(JSON.stringify({ a: long })), long);
  assert.equal((read(JSON.stringify({ x: long, a: "b".repeat(1_000_000) })) as string).length, 1_000_000);
});

test("names of Object.prototype are names like others", () => {
  assert.equal(read('{"b":1}', "__proto__"), undefined);
  assert.equal(read('{"b":1}', "constructor"), undefined);
  assert.equal(read('{"__proto__":"x","a":1}', "__proto__"), "x");
});
