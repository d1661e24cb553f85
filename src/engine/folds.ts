// Which rows are held out when. Decided by the examples alone, so that the same examples always fall the same way: given
// splits are respected, one input never stands on two sides, and every label is held out in proportion.
import type { Part } from "./blocks.ts";

export interface FoldRow {
  /** Digest of the input, lower-case hex. Rows come sorted by it. */
  readonly digest: string;
  /** Rows of a stratum are spread evenly: the label's index, or the rarest label's of a set. */
  readonly stratum: number;
  readonly split: "train" | "validation" | "test" | null;
}

export interface Folds {
  /** By row. */
  readonly parts: readonly Part[];
  readonly folds: number;
  /** Folds that choosing holds out in turn: the first ones. */
  readonly rounds: number;
  /**
   * Whether rows may be judged by these folds alone, not each by itself: the caller said which to validate on or to train on,
   * or an input is there more than once.
   */
  readonly foldsOnly: boolean;
}

const FOLDS = 5;
/** Inputs without a split of their own below which those given to training are held out in turn too: one would say nothing. */
const LEAST_FREE = 10;
/** Inputs up to which every fold is held out in turn: beyond, one fifth of them says enough. */
const CROSS_VALIDATED_INPUTS = 2_000;
const STRICTEST = ["test", "validation", "train"] as const;

/** The part of every row, in the order of `rows`. */
export function foldRows(rows: readonly FoldRow[]): Folds {
  const inputs = inputsOf(rows);
  const learning = [...inputs.values()].filter(({ split }) => split !== "test");
  const held = learning.filter(({ split }) => split === "validation");
  const free = learning.filter(({ split }) => split === null);
  const pool = free.length >= LEAST_FREE ? free : learning;
  const layout =
    held.length > 0
      ? givenValidation(learning)
      : pool.length <= CROSS_VALIDATED_INPUTS
        ? crossValidation(pool)
        : oneFifth(pool);
  // Inputs given to training are never held out; they go where no round holds out.
  const pinned = learning.filter(({ digest }) => !layout.folds.has(digest));
  const count = pinned.length > 0 && layout.rounds === FOLDS ? FOLDS + 1 : FOLDS;
  const spare = count - layout.rounds;
  for (const { digest } of pinned) layout.folds.set(digest, layout.rounds + (rankOf(digest) % spare));
  const partOf = ({ digest }: FoldRow): Part => layout.folds.get(digest) ?? "test";
  return {
    parts: rows.map(partOf),
    folds: count,
    rounds: layout.rounds,
    foldsOnly: held.length > 0 || pinned.length > 0 || inputs.size < rows.length,
  };
}

type Layout = { readonly folds: Map<string, number>; readonly rounds: number };

/** One entry an input; where its examples disagree on the split, the one that is kept furthest from training. */
function inputsOf(rows: readonly FoldRow[]): Map<string, FoldRow> {
  const inputs = new Map<string, FoldRow>();
  for (const row of rows) {
    const before = inputs.get(row.digest);
    const stricter = !before || strictness(row.split) < strictness(before.split);
    if (!before) inputs.set(row.digest, row);
    else if (stricter) inputs.set(row.digest, { ...before, split: row.split });
  }
  return inputs;
}

const strictness = (split: FoldRow["split"]): number => (split === null ? STRICTEST.length : STRICTEST.indexOf(split));

const givenValidation = (learning: readonly FoldRow[]): Layout => ({
  folds: new Map(learning.flatMap(({ digest, split }) => (split === "validation" ? [[digest, 0]] : []))),
  rounds: 1,
});

/** Every fold has its share of every stratum; where a stratum begins differs, so that rare ones do not crowd in one fold. */
function crossValidation(pool: readonly FoldRow[]): Layout {
  const folds = new Map<string, number>();
  for (const [stratum, digests] of byStratum(pool)) {
    const first = rankOf((stratum + 1).toString(16).padStart(8, "0")) % FOLDS;
    digests.forEach((digest, rank) => {
      folds.set(digest, (first + rank) % FOLDS);
    });
  }
  return { folds, rounds: FOLDS };
}

/**
 * The lowest-ranked fifth of every stratum is held out; the rest makes up the other folds. Ranking by a hash keeps most
 * inputs on their side while a label grows, so that versions meet the same rows held out.
 */
function oneFifth(pool: readonly FoldRow[]): Layout {
  const folds = new Map<string, number>();
  for (const digests of byStratum(pool).values()) {
    const count = digests.length < 2 ? 0 : Math.max(1, Math.round(digests.length / FOLDS));
    digests.forEach((digest, rank) => {
      folds.set(digest, rank < count ? 0 : 1 + (rank % (FOLDS - 1)));
    });
  }
  return { folds, rounds: 1 };
}

/** Digests of every stratum, by rank. */
function byStratum(pool: readonly FoldRow[]): Map<number, string[]> {
  const strata = new Map<number, { digest: string; rank: number }[]>();
  for (const { digest, stratum } of pool) {
    const own = strata.get(stratum) ?? [];
    own.push({ digest, rank: rankOf(digest) });
    strata.set(stratum, own);
  }
  const sorted = [...strata].map(([stratum, own]) => {
    own.sort((a, b) => a.rank - b.rank || (a.digest < b.digest ? -1 : 1));
    return [stratum, own.map(({ digest }) => digest)] as const;
  });
  return new Map(sorted);
}

/** 32 bits of the digest, mixed (the finaliser of MurmurHash3). No seed: versions are compared on rows that both held out. */
function rankOf(digest: string): number {
  let h = Number.parseInt(digest.slice(0, 8), 16);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
