import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "../../src/rules/sha256.js";
import { toUtf8 } from "../../src/rules/utf8.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("FIPS 180-4's own examples", () => {
  assert.equal(hex(sha256(toUtf8("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal(
    hex(sha256(toUtf8("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  );
});

test("every length around every block is Node's", () => {
  for (let length = 0; length < 600; length++) {
    const message = Uint8Array.from({ length }, (_, index) => (index * 167 + length * 13) & 255);
    assert.equal(hex(sha256(message)), createHash("sha256").update(message).digest("hex"), `${length} bytes`);
  }
});

test("an ID token of the greatest length is Node's, and the message stays as it was", () => {
  const message = new Uint8Array(65_536).fill(0x61);
  assert.equal(hex(sha256(message)), createHash("sha256").update(message).digest("hex"));
  assert.ok(message.every((byte) => byte === 0x61));
});

test("no root is so near to a multiple of 2^-32 that an inexact power could change a constant", () => {
  const primes = Array.from({ length: 310 }, (_, index) => index + 2).filter((n) =>
    Array.from({ length: n - 2 }, (_, it) => it + 2).every((it) => n % it),
  );
  assert.equal(primes.length, 64);
  for (const [exponent, count] of [
    [1 / 2, 8],
    [1 / 3, 64],
  ] as const) {
    for (const prime of primes.slice(0, count)) {
      const scaled = prime ** exponent * 2 ** 32;
      assert.ok(Math.abs(scaled - Math.round(scaled)) > 2 ** -10, `${prime} ** ${exponent}`);
    }
  }
});
