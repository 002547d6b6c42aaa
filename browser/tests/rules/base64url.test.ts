import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, toBase64url } from "../../src/rules/base64url.js";

test("every length comes back as it was", () => {
  for (let length = 0; length < 70; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 151 + length) & 255);
    const text = toBase64url(bytes);
    assert.equal(text, Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(fromBase64url(text), bytes);
  }
});

test("row_041 what atob forgives is refused", () => {
  for (const bad of ["YQ==", "YQ=", "Y", "YWJjZ", "YR", "YWK", "Y Q", "YQ\n", "+A", "/w", "YÄ", "YQ.", "=", "ſſ"]) {
    assert.equal(fromBase64url(bad), undefined, bad);
  }
  assert.deepEqual(fromBase64url("-_8"), Uint8Array.of(0xfb, 0xff));
});
