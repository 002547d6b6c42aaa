import assert from "node:assert/strict";
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  sign,
} from "node:crypto";
import { test } from "node:test";
import { fromBase64url } from "../../src/rules/base64url.js";
import { type RsaPublicKey, verifyRs256 } from "../../src/rules/rs256.js";
import { toUtf8 } from "../../src/rules/utf8.js";

const bytes = (text: string) => fromBase64url(text) as Uint8Array;

// RFC 7515 appendix A.2, RFC 7520 section 4.1.
const PUBLISHED = [
  [
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
  ],
  [
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
  ],
] as const;

test("the published signatures hold, and nothing that was changed in them does", () => {
  for (const [n, jws] of PUBLISHED) {
    const key = { n: bytes(n), e: Uint8Array.of(1, 0, 1) };
    const end = jws.lastIndexOf(".");
    const [message, signature] = [toUtf8(jws.slice(0, end)), bytes(jws.slice(end + 1))];
    assert.ok(verifyRs256(key, message, signature));
    assert.ok(!verifyRs256(key, message.subarray(1), signature));
    for (const at of [0, 100, 255]) {
      const changed = signature.slice();
      changed[at]! ^= 1;
      assert.ok(!verifyRs256(key, message, changed), `byte ${at}`);
    }
  }
});

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const message = toUtf8("header.claims");

const publicOf = (key: KeyObject): RsaPublicKey => {
  const { n, e } = createPublicKey(key).export({ format: "jwk" });
  return { n: bytes(n as string), e: bytes(e as string) };
};

test("what Node signs holds, with keys of every kind that is taken", () => {
  for (const [modulusLength, publicExponent] of [
    [2_048, 3],
    [2_056, 65_537],
    [3_072, 65_537],
    [4_096, 4_294_967_295],
  ] as const) {
    // Of the exponents not all have keys in a moment; those that Node refuses are not signed with.
    let pair: { privateKey: KeyObject };
    try {
      pair = generateKeyPairSync("rsa", { modulusLength, publicExponent });
    } catch {
      pair = { privateKey };
    }
    const signature = sign("sha256", message, pair.privateKey);
    assert.ok(verifyRs256(publicOf(pair.privateKey), message, signature), `${modulusLength} bits`);
  }
});

test("a signature has the modulus's length and is below it (RFC 8017 section 8.2.2, step 1 and section 5.2.2)", () => {
  const key = publicOf(privateKey);
  const signature = sign("sha256", message, privateKey);
  const number = BigInt(`0x${signature.toString("hex")}`) + BigInt(`0x${Buffer.from(key.n).toString("hex")}`);
  const above = Buffer.from(number.toString(16).padStart(512, "0"), "hex");
  assert.ok(!verifyRs256(key, message, above), "s + n is the same number, and no signature");
  assert.ok(!verifyRs256(key, message, Uint8Array.of(0, ...signature)));
  assert.ok(!verifyRs256(key, message, signature.subarray(1)));
  assert.ok(!verifyRs256(key, message, new Uint8Array(256)));
  assert.ok(!verifyRs256(key, message, new Uint8Array()));
});

test("an encoding that a parser would forgive is refused (Bleichenbacher 2006)", () => {
  const key = publicOf(privateKey);
  const good = Buffer.from(sign("sha256", message, privateKey));
  assert.ok(verifyRs256(key, message, good));
  const info = Buffer.from("3031300d060960864801650304020105000420", "hex");
  const digest = Buffer.from("00".repeat(32), "hex");
  const encode = (padding: number, tail: Buffer, garbage: Buffer) =>
    Buffer.concat([Buffer.of(0, 1), Buffer.alloc(padding, 0xff), Buffer.of(0), tail, garbage]);
  const raw = (encoded: Buffer) =>
    privateEncrypt(
      {
        key: createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }) as string),
        padding: constants.RSA_NO_PADDING,
      },
      encoded,
    );
  const tail = Buffer.concat([info, digest]);
  const short = encode(8, tail, Buffer.alloc(256 - 3 - 8 - tail.length));
  assert.equal(short.length, 256);
  assert.ok(!verifyRs256(key, message, raw(short)));
  // Without the NULL parameters, which RFC 8017 section 9.2 has in the encoding.
  const noNull = Buffer.concat([
    Buffer.from("302f300b0609608648016503040201", "hex"),
    Buffer.from("0420", "hex"),
    digest,
  ]);
  assert.ok(!verifyRs256(key, message, raw(encode(256 - 3 - noNull.length, noNull, Buffer.alloc(0)))));
});
