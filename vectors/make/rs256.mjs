// node rs256.mjs FOLDER: takes Wycheproof's files in again, and prints how many tests there are.
import { readFileSync, writeFileSync } from "node:fs";
import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { KEY, jwk, base64url } from "./sign.mjs";
import { Tests } from "./tests.mjs";
import { sign as signature } from "node:crypto";

const FILE = new URL("../rs256.json", import.meta.url);
const LICENCE = "C2SP Wycheproof, testvectors_v1 (Apache-2.0)";

const t = new Tests("rs256", { e: "AQAB" });
export default t;

const SIGNED = "RFC 8017 section 8.2.2";
const hex = (value) => Buffer.from(value).toString("hex");

/** Published signatures, whole as JSON Web Signatures. */
for (const [id, source, n, jws] of [
  [
    "rfc-7515",
    "RFC 7515 appendix A.2",
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
  ],
  [
    "rfc-7520",
    "RFC 7520 section 4.1",
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
  ],
]) {
  const [header, payload, signed] = jws.split(".");
  const message = hex(`${header}.${payload}`);
  const bytes = Buffer.from(signed, "base64url");
  const flipped = (index) => hex(bytes.map((byte, at) => (at === index ? byte ^ 1 : byte)));
  t.accepts(id, "A published signature", source, { n, message, signature: hex(bytes) });
  t.refuses("signature", `${id}-other-message`, "Another message", source, { n, message: message.slice(2), signature: hex(bytes) });
  t.refuses("signature", `${id}-last-bit`, "The last bit of the signature is another", source, { n, message, signature: flipped(255) });
  t.refuses("signature", `${id}-first-bit`, "A bit of its first byte", source, { n, message, signature: flipped(0) });
  t.refuses("signature", `${id}-zero-in-front`, "A zero byte in front of it", SIGNED, { n, message, signature: `00${hex(bytes)}` });
  t.refuses("signature", `${id}-shorter`, "A byte too few", SIGNED, { n, message, signature: hex(bytes.subarray(1)) });
}

const { n } = jwk();
const message = hex("message");
const by = (...options) => hex(signature("sha256", Buffer.from("message"), ...options));
t.accepts("padded-modulus", "A modulus with padding", "seen", { n: `${n}==`, message, signature: by(KEY) });
t.accepts("zero-before-the-modulus", "A zero byte in front of the modulus", "seen", { n: base64url(Buffer.concat([Buffer.from([0]), Buffer.from(n, "base64url")])), message, signature: by(KEY) });
t.accepts("empty-message", "A signature over nothing", SIGNED, { n, message: "", signature: hex(signature("sha256", Buffer.alloc(0), KEY)) });
t.refuses("signature", "pss", "Another padding with the same key", "RFC 8017 section 8.1", { n, message, signature: by({ key: KEY, padding: 6, saltLength: 0 }) });
t.refuses("signature", "sha-512", "Another hash with the same key", "RFC 8017 section 9.2", { n, message, signature: hex(signature("sha512", Buffer.from("message"), KEY)) });
t.refuses("signature", "modulus-itself", "The modulus is no number below itself", SIGNED, { n, message, signature: hex(Buffer.from(n, "base64url")) });
t.refuses("signature", "zero", "Zero", SIGNED, { n, message, signature: "00".repeat(256) });
t.refuses("signature", "one", "One", SIGNED, { n, message, signature: `${"00".repeat(255)}01` });
t.refuses("signature", "empty", "Nothing", SIGNED, { n, message, signature: "" });
t.refuses("signature", "exponent-of-one", "With an exponent of one everybody can sign", "RFC 8017 section 3.1", { n, e: "AQ", message, signature: encoded() });

/** What a signature must open to. */
function encoded() {
  const info = "3031300d060960864801650304020105000420";
  const digest = "ab530a13e45914982b79f9b7e3fba994cfd1f3fb22f71cea1afbf02b460c6d1d";
  return `0001${"ff".repeat(256 - 3 - 51)}00${info}${digest}`;
}

/** Those of Wycheproof, as they stand in the file. */
const published = () => JSON.parse(readFileSync(FILE, "utf8")).tests.filter(({ source }) => source.startsWith(LICENCE));

if (import.meta.url === pathToFileURL(argv[1]).href) {
  const taken = [2048, 3072, 4096, 8192].flatMap((bits) => {
    const file = JSON.parse(readFileSync(`${argv[2]}/rsa_signature_${bits}_sha256_test.json`, "utf8"));
    const all = file.testGroups.flatMap(({ publicKey, tests }) => tests.map((test) => ({ ...test, publicKey })));
    // The largest key that core takes: one test of each kind says as much.
    const seen = new Set();
    const first = ({ flags, result }) => !seen.has(`${flags}${result}`) && seen.add(`${flags}${result}`);
    return all.filter((test) => bits < 8_192 || first(test)).map(({ tcId, comment, flags, result, publicKey, msg, sig }) => ({
      id: `wycheproof-${bits}-${tcId}`,
      about: comment || "A signature",
      source: `${LICENCE}: rsa_signature_${bits}_sha256_test.json, ${tcId}`,
      flags,
      published: result,
      input: { ...number(publicKey), message: msg, signature: sig },
      verdict: result === "valid" ? { accepted: {} } : { refused: "rs256/signature" },
    }));
  });
  t.tests.push(...taken);
  writeFileSync(FILE, `${JSON.stringify({ exchange: "rs256", tests: t.tests }, null, 2)}\n`);
  console.log(t.tests.length);
} else {
  t.tests.push(...published());
}

function number({ modulus, publicExponent }) {
  const url = (text) => Buffer.from(text.length % 2 ? `0${text}` : text, "hex").toString("base64url");
  return { n: url(modulus.replace(/^(00)+/, "")), e: url(publicExponent) };
}
