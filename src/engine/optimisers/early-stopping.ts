// Decides when training by epochs stops, from the scores on held-out rows. Smaller scores are better.

/** Consecutive epochs without a new best score. Half-way through a run, at the highest rates, two or three are common. */
const PATIENCE = 5;

export interface Run {
  /** Scores after each epoch so far. */
  readonly scores: readonly number[];
  readonly planned: number;
  /** The score to beat; null for none. */
  readonly rival: number | null;
}

export function shouldStop({ scores, planned, rival }: Run): boolean {
  const best = Math.min(...scores);
  const since = scores.length - 1 - scores.indexOf(best);
  return scores.length >= planned || since >= PATIENCE || isHopeless({ scores, planned, rival });
}

/**
 * Whether the rival stays out of reach even if every remaining epoch gained as much as the better of the last two. Gains shrink
 * along a run, so this stops late rather than too early.
 */
export function isHopeless({ scores, planned, rival }: Run): boolean {
  if (rival === null || scores.length < 2 || Math.min(...scores) < rival) return false;
  const [last, before, earlier] = scores.slice(-3).reverse() as [number, number, number | undefined];
  const gain = Math.max(before - last, (earlier ?? before) - before, 0);
  return last - gain * (planned - scores.length) >= rival;
}
