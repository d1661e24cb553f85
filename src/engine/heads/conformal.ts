// Conformal prediction sets: the probability that a label needs to be in a set with a given coverage.

/** Steps of coverage from 0 to 1. There is one more threshold, because both ends have one. */
export const CONFORMAL_LEVELS = 1_000;

/**
 * Split conformal prediction (Vovk et al. 2005; the least ambiguous sets of Sadinle et al. 2019): for coverage i / 1,000, the
 * probability that a label needs to be in the set. Computed from the probabilities of the true labels of held-out rows.
 */
export function conformalThresholds(trueScores: Float32Array): Float32Array {
  const sorted = trueScores.slice().sort();
  return Float32Array.from({ length: CONFORMAL_LEVELS + 1 }, (_, level) => {
    // Of n + 1 exchangeable rows, at most this many may lie below. A coverage that n rows cannot support needs all labels:
    // threshold 0.
    const below = Math.floor((sorted.length + 1) * (1 - level / CONFORMAL_LEVELS) + 1e-9);
    return below === 0 ? 0 : (sorted[Math.min(below, sorted.length) - 1] as number);
  });
}

/** The probability that a label needs to be in the set at this coverage, rounded up to the next level. */
export const conformalThreshold = (thresholds: Float32Array, coverage: number): number =>
  thresholds[Math.min(CONFORMAL_LEVELS, Math.ceil(coverage * CONFORMAL_LEVELS - 1e-9))] as number;
