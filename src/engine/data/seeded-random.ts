// Seeded random numbers for trainings: the same on every machine. Mulberry32 (Ettinger 2017).

export interface SeededRandom {
  /** In [0, 1). */
  uniform(): number;
  normal(): number;
  poisson(mean: number): number;
}

/** Random numbers from the lower 32 bits of `seed`: equal seeds give equal numbers. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number): number =>
    mean > 30 ? Math.max(0, Math.round(mean + Math.sqrt(mean) * normal())) : smallPoisson(mean, uniform);
  return { uniform, normal, poisson };
}

/** Knuth's product of uniforms. */
function smallPoisson(mean: number, uniform: () => number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count++;
  return count;
}

/** The numbers 0 to `length` − 1 in an order that the seed decides (Fisher & Yates). */
export function shuffled(length: number, random: SeededRandom): number[] {
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
