// Reproducible random numbers: a generator of 32-bit numbers from a seed, and the draws that tests need.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  below(limit: number): number;
  /** Standard normal, by Box and Muller. */
  normal(): number;
}

/** mulberry32, which is small and random enough to fill matrices. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return { next, normal, below: (limit) => Math.floor(next() * limit) };
}

export const normals = (random: Random, length: number, scale = 1): Float32Array =>
  Float32Array.from({ length }, () => scale * random.normal());

export const integers = (random: Random, length: number, below: number): Int32Array =>
  Int32Array.from({ length }, () => random.below(below));
