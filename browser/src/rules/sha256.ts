/** Square roots (`1/2`) and cube roots (`1/3`) of the first primes: 32 bits of their fractions (FIPS 180-4 section 4.2.2). */
const fractions = (count: number, exponent: number): Int32Array => {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  // The nearest of these roots to a multiple of 2^-32 is 2^-40 from it: no engine's power is that inexact.
  return Int32Array.from(primes, (prime) => ((prime ** exponent % 1) * 2 ** 32) | 0);
};

const K = /* @__PURE__ */ fractions(64, 1 / 3);
const H = /* @__PURE__ */ fractions(8, 1 / 2);

/** SHA-256 (FIPS 180-4 section 6.2). Of its own, for `crypto.subtle` is missing on plain `http` pages. */
export const sha256 = (message: Uint8Array): Uint8Array => {
  const blocks = ((message.length + 8) >> 6) + 1;
  const padded = new Uint8Array(blocks * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, message.length / 2 ** 29);
  view.setUint32(padded.length - 4, message.length << 3);

  const hash = H.slice();
  const w = new Int32Array(64);
  const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by));
  const sigma = (word: number, a: number, b: number, c: number) => rotate(word, a) ^ rotate(word, b) ^ c;
  for (let block = 0; block < blocks; block++) {
    let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
    for (let t = 0; t < 64; t++) {
      const at = (back: number) => w[t - back] as number;
      w[t] =
        t < 16
          ? view.getInt32(block * 64 + t * 4)
          : at(16) + at(7) + sigma(at(15), 7, 18, at(15) >>> 3) + sigma(at(2), 17, 19, at(2) >>> 10);
      const t1 = h + sigma(e, 6, 11, rotate(e, 25)) + ((e & f) ^ (~e & g)) + (K[t] as number) + at(0);
      const t2 = sigma(a, 2, 13, rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, index) => (hash[index]! += word));
  }
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, index) => digest.setInt32(index * 4, word));
  return new Uint8Array(digest.buffer);
};
