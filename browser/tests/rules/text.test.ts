import assert from "node:assert/strict";
import { test } from "node:test";
import { isSignInError, quoted, SignInError } from "../../src/rules/refused.js";
import { printable, redacted, scopeList, trimmed } from "../../src/rules/text.js";

test("row_094 control and bidi characters are dropped and length is bounded", () => {
  assert.equal(printable("a\u{1b}[31m\r\n\0b\u202ec\u009b", 50), "a[31mbc");
  assert.equal(printable("äöü", 2), "äö…");
  assert.equal(printable("äö", 2), "äö");
  assert.equal(printable("😀😀😀", 2), "😀😀…", "a character is never cut in two");
  assert.equal(quoted("\u2066<b>\n"), '"<b>"');
});

test("row_062 a secret goes before the text is cut, even with a character in it that does not show", () => {
  assert.equal(redacted("code c0de\u200b-secret was used", ["c0de-secret"], 200), "code *** was used");
  assert.equal(redacted(`${"a".repeat(8)}c0de-secret`, ["c0de-secret"], 10), "aaaaaaaa**…");
  assert.equal(redacted("abc", ["abc"], 200), "abc", "too short to be one");
});

test("words and ends are cut at Unicode's white space, which is not JavaScript's", () => {
  assert.equal(scopeList(" openid\u0085profile\u00a0openid\u3000jobs\n"), "openid profile jobs");
  assert.equal(scopeList("a\ufeffb"), "a\ufeffb");
  assert.equal(scopeList(" \t"), "");
  assert.equal(trimmed("\u0085 12\u2029"), "12");
  assert.equal(trimmed("\ufeff12"), "\ufeff12");
});

test("an error of another copy of the module is known as one", () => {
  class Other extends Error {
    override name = "SignInError";
    rule = "callback/declined";
  }
  assert.ok(isSignInError(new Other("no")));
  assert.ok(isSignInError(new SignInError("callback/declined", "no")));
  assert.ok(!isSignInError(new Error("no")));
  assert.ok(!isSignInError({ name: "SignInError", rule: "callback/declined" }));
});
