// Which rows train, validate and test. Decided by the examples alone, so that the same examples always fall the same way:
// given splits are respected, one input never stands on two sides, and every label is held out in proportion.
import type { Part } from "./blocks.ts";

export interface SplitRow {
  /** Digest of the input, lower-case hex. Rows come sorted by it. */
  readonly digest: string;
  readonly label: number;
  readonly split: Part | null;
}

/** The share of a label's inputs held out for validation where the caller gave none. */
const VALIDATION_SHARE = 0.2;
const STRICTEST: readonly Part[] = ["test", "validation", "train"];

/** The part of every row, in the order of `rows`. */
export function splitRows(rows: readonly SplitRow[]): Part[] {
  const given = givenParts(rows);
  const held = [...given.values()].includes("validation") ? new Set<string>() : heldOut(rows, given);
  return rows.map(({ digest }) => (held.has(digest) ? "validation" : (given.get(digest) ?? "train")));
}

/** The given part of each input; where its examples disagree, the one that is kept furthest from training. */
function givenParts(rows: readonly SplitRow[]): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const { digest, split } of rows) {
    const before = parts.get(digest);
    if (split && (!before || STRICTEST.indexOf(split) < STRICTEST.indexOf(before))) parts.set(digest, split);
  }
  return parts;
}

/** A stratified share of the inputs that were not given a part; of those given to training where these are too few. */
function heldOut(rows: readonly SplitRow[], given: ReadonlyMap<string, Part>): Set<string> {
  const free = holdOutOf(rows.filter(({ digest }) => !given.has(digest)));
  return free.size > 0 ? free : holdOutOf(rows.filter(({ digest }) => given.get(digest) === "train"));
}

function holdOutOf(pool: readonly SplitRow[]): Set<string> {
  const byLabel = new Map<number, Set<string>>();
  const seen = new Set<string>();
  for (const { digest, label } of pool) {
    if (seen.has(digest)) continue;
    seen.add(digest);
    byLabel.set(label, (byLabel.get(label) ?? new Set()).add(digest));
  }
  return new Set([...byLabel.values()].flatMap((digests) => lowestRanked([...digests])));
}

/** Ranking by a hash keeps most inputs on their side while a label grows, so that versions meet the same held-out rows. */
function lowestRanked(digests: readonly string[]): string[] {
  if (digests.length < 2) return [];
  const count = Math.max(1, Math.round(digests.length * VALIDATION_SHARE));
  const ranked = digests.map((digest) => ({ digest, rank: rankOf(digest) }));
  ranked.sort((a, b) => a.rank - b.rank || (a.digest < b.digest ? -1 : 1));
  return ranked.slice(0, count).map(({ digest }) => digest);
}

/** 32 bits of the digest, mixed (the finaliser of MurmurHash3). No seed: versions are compared on rows that both held out. */
function rankOf(digest: string): number {
  let h = Number.parseInt(digest.slice(0, 8), 16);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
