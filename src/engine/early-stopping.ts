// When training by epochs has gone on for long enough, judged by the scores on rows held out: smaller is better.

/** Epochs in a row without a new best: half-way through, at the highest rates, two or three go by and better ones follow. */
const PATIENCE = 5;

export interface Run {
  /** After each epoch so far. */
  readonly scores: readonly number[];
  /** Epochs that the run is to take. */
  readonly planned: number;
  /** What is to be beaten; null for nothing. */
  readonly rival: number | null;
}

export function shouldStop({ scores, planned, rival }: Run): boolean {
  const best = Math.min(...scores);
  const since = scores.length - 1 - scores.indexOf(best);
  return scores.length >= planned || since >= PATIENCE || isHopeless({ scores, planned, rival });
}

/**
 * Whether the rival stays out of reach even if every epoch left gained as much as the better of the last two did. Gains
 * shrink along a run, so this gives up late rather than wrongly.
 */
export function isHopeless({ scores, planned, rival }: Run): boolean {
  if (rival === null || scores.length < 2 || Math.min(...scores) < rival) return false;
  const [last, before, earlier] = scores.slice(-3).reverse() as [number, number, number | undefined];
  const gain = Math.max(before - last, (earlier ?? before) - before, 0);
  return last - gain * (planned - scores.length) >= rival;
}
