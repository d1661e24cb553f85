// Fast hashes of 32 and 53 bits. They spread values evenly; none of them is for security.

/** An unsigned hash: FNV-1a (Fowler, Noll and Vo), then `mix32`. */
export function hash32(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return mix32(h);
}

/** The finaliser of MurmurHash3: a change of one input bit changes half of the output bits on average. Unsigned. */
export function mix32(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const NEGATIVE_ZERO = 0x80000000 | 0;

/**
 * A 53-bit hash of float32 values, given as their bits `words` [from, end). Equal values have equal hashes, also 0 and −0. Two
 * rounds of multiply and shift (xxHash's primes). For 200,000 different rows, the chance of any collision is 1 in 400,000.
 */
export function hash53(words: Int32Array, from: number, end: number): number {
  let [a, b] = [0x9e3779b1, 0x85ebca77];
  for (let i = from; i < end; i++) {
    const bits = words[i] as number;
    const word = bits === NEGATIVE_ZERO ? 0 : bits;
    a = Math.imul(a ^ word, 0xc2b2ae3d);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x27d4eb2f);
    b = (b << 13) | (b >>> 19);
  }
  a = Math.imul(a ^ (b >>> 7), 0x165667b1);
  b = Math.imul(b ^ (a >>> 16), 0x85ebca77);
  return ((a ^ (a >>> 13)) >>> 0) + ((b ^ (b >>> 14)) & 0x1fffff) * 2 ** 32;
}
