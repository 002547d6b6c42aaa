/** 32 bits of the fractions of square (`1/2`) and cube (`1/3`) roots of the first primes (FIPS 180-4 section 4.2.2). */
const fractions = (count: number, exponent: number): number[] => {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  // No root is nearer than 2^-40 to a multiple of 2^-32, and a double knows them to 2^-50.
  return primes.map((prime) => (prime ** exponent * 2 ** 32) | 0);
};

/** SHA-256 (FIPS 180-4 section 6.2), of less than 2^29 bytes. Our own, for plain `http` pages have no `crypto.subtle`. */
export const sha256 = (message: Uint8Array): Uint8Array => {
  const k = fractions(64, 1 / 3);
  let hash = fractions(8, 1 / 2);
  const view = new DataView(new ArrayBuffer(((message.length + 72) >> 6) << 6));
  const bytes = new Uint8Array(view.buffer);
  bytes.set(message);
  bytes[message.length] = 0x80;
  view.setUint32(bytes.length - 4, message.length * 8);

  const rotate = (x: number, by: number) => (x >>> by) | (x << (32 - by));
  const mix = (x: number, a: number, b: number, c: number) => rotate(x, a) ^ rotate(x, b) ^ c;
  for (let block = 0; block < bytes.length; block += 64) {
    let state = hash as Words;
    const w: number[] = [];
    k.forEach((constant, t) => {
      const back = (by: number) => w[t - by] as number;
      w[t] =
        t < 16
          ? view.getInt32(block + 4 * t)
          : (mix(back(2), 17, 19, back(2) >>> 10) + back(7) + mix(back(15), 7, 18, back(15) >>> 3) + back(16)) | 0;
      const [a, b, c, d, e, f, g, h] = state;
      const t1 = h + mix(e, 6, 11, rotate(e, 25)) + ((e & f) ^ (~e & g)) + constant + back(0);
      const t2 = mix(a, 2, 13, rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      state = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g];
    });
    hash = hash.map((word, index) => (word + (state[index] as number)) | 0);
  }
  hash.forEach((word, index) => view.setInt32(4 * index, word));
  return bytes.slice(0, 32);
};

type Words = [number, number, number, number, number, number, number, number];
