// Assigns rows to folds. The assignment depends only on the examples, so the same examples always get the same folds. Given
// splits are respected, one input never goes to two folds, and every label is held out in proportion.
import { mix32 } from "../../core/hash.ts";
import { LargeMap } from "../../core/large-map.ts";
import { atOnce, eachInSteps, type Steps } from "../../core/steps.ts";
import type { RowPart } from "./blocks.ts";

export interface FoldRow {
  /** Digest of the input, lower-case hex. Rows come sorted by it. */
  readonly digest: string;
  /** The index of the label, or of the rarest label of a set. The rows of a stratum are spread evenly over the folds. */
  readonly stratum: number;
  readonly split: "train" | "validation" | "test" | null;
}

export interface Folds {
  /** By row. */
  readonly parts: readonly RowPart[];
  readonly folds: number;
  /** Number of folds held out in turn while choosing: the first ones. */
  readonly rounds: number;
  /**
   * True if rows may only be judged fold by fold, not one by one: the caller gave a split to validate on or to train on, or an
   * input occurs more than once.
   */
  readonly foldsOnly: boolean;
  /** Rows that would be trained on, but have the same input as a row that the caller held out or kept for test. */
  readonly leftOut: number;
}

const FOLDS = 5;
/**
 * Least number of inputs without a given split. Below it, inputs given to training are also held out in turn, because a single
 * held-out input shows nothing.
 */
const LEAST_FREE = 10;
/** Most inputs for which every fold is held out in turn. With more inputs, it is enough to hold out one fifth of them once. */
const CROSS_VALIDATED_INPUTS = 2_000;
/** Number of folds held out in turn, if each row has its own input. */
export const foldsOfRows = (rows: number): number => (rows <= CROSS_VALIDATED_INPUTS ? FOLDS : 1);
const STRICTEST = ["test", "validation", "train"] as const;

/**
 * The part of every row, in the order of `rows`. Rows with the same digest are one input. If `keys` (hashes of features) are
 * given, rows with the same key are one input too.
 */
export function foldRows(rows: readonly FoldRow[], keys?: Float64Array): Folds {
  return atOnce(foldInSteps(rows, keys));
}

/** Like `foldRows`, but yields after every few milliseconds. */
export function* foldInSteps(rows: readonly FoldRow[], keys?: Float64Array): Steps<Folds> {
  const { inputs, inputOf } = yield* inputsOf(rows, keys);
  yield;
  const learning = numbersOf(inputs, ({ split }) => split !== "test");
  const isOfSplit = (split: FoldRow["split"]) => (input: number) => inputs[input]?.split === split;
  const held = learning.filter(isOfSplit("validation"));
  const free = learning.filter(isOfSplit(null));
  const pool = free.length >= LEAST_FREE ? free : learning;
  const layout = yield* layoutOf(inputs, held, pool);
  yield;
  // Inputs given to training are never held out. They go to folds that no round holds out.
  const pinned = learning.filter((input) => layout.folds[input] === NONE);
  const count = pinned.length > 0 && layout.rounds === FOLDS ? FOLDS + 1 : FOLDS;
  const spare = count - layout.rounds;
  for (const input of pinned) layout.folds[input] = layout.rounds + (rankOf((inputs[input] as FoldRow).digest) % spare);
  return {
    parts: Array.from(inputOf, (input) => partOf(layout.folds[input] as number)),
    folds: count,
    rounds: layout.rounds,
    foldsOnly: held.length > 0 || pinned.length > 0 || inputs.length < rows.length,
    leftOut: rows.filter(({ split }, r) => isLeftOut(split, (inputs[inputOf[r] as number] as FoldRow).split)).length,
  };
}

/** Fold of an input that is kept for test or not assigned yet. */
const NONE = -1;
const partOf = (fold: number): RowPart => (fold === NONE ? "test" : fold);

interface Layout {
  /** By input. */
  readonly folds: Int32Array;
  readonly rounds: number;
}

function* layoutOf(inputs: readonly FoldRow[], held: readonly number[], pool: readonly number[]): Steps<Layout> {
  const folds = new Int32Array(inputs.length).fill(NONE);
  if (held.length > 0) {
    for (const input of held) folds[input] = 0;
    return { folds, rounds: 1 };
  }
  const strata = yield* byStratum(inputs, pool);
  return pool.length <= CROSS_VALIDATED_INPUTS ? crossValidation(strata, folds) : oneFifth(strata, folds);
}

const isLeftOut = (own: FoldRow["split"], ofInput: FoldRow["split"]): boolean =>
  (own === "train" || own === null) && (ofInput === "test" || ofInput === "validation");

/**
 * One entry per input, and the input of every row. If its rows disagree on the split, the strictest one counts: test, then
 * validation, then train.
 */
function* inputsOf(rows: readonly FoldRow[], keys?: Float64Array): Steps<{ inputs: FoldRow[]; inputOf: Int32Array }> {
  const inputs: FoldRow[] = [];
  const inputOf = new Int32Array(rows.length);
  const known = new LargeMap<number | string, number>();
  yield* eachInSteps(rows, (row, r) => {
    const key = keys ? (keys[r] as number) : row.digest;
    const input = known.get(key) ?? inputs.length;
    inputOf[r] = input;
    const first = inputs[input];
    if (!first) {
      known.set(key, input);
      inputs.push(row);
    } else if (strictness(row.split) < strictness(first.split)) inputs[input] = { ...first, split: row.split };
  });
  return { inputs, inputOf };
}

function numbersOf(inputs: readonly FoldRow[], isWanted: (input: FoldRow) => boolean): number[] {
  const numbers: number[] = [];
  inputs.forEach((input, i) => {
    if (isWanted(input)) numbers.push(i);
  });
  return numbers;
}

const strictness = (split: FoldRow["split"]): number => (split === null ? STRICTEST.length : STRICTEST.indexOf(split));

/**
 * Spreads every stratum over all folds. Each stratum starts at a different fold, so that rare ones do not all fall into the
 * same fold.
 */
function crossValidation(strata: ReadonlyMap<number, readonly number[]>, folds: Int32Array): Layout {
  for (const [stratum, own] of strata) {
    const first = rankOf((stratum + 1).toString(16).padStart(8, "0")) % FOLDS;
    own.forEach((input, rank) => {
      folds[input] = (first + rank) % FOLDS;
    });
  }
  return { folds, rounds: FOLDS };
}

/**
 * Holds out the lowest-ranked fifth of every stratum; the rest forms the other folds. Ranking by a hash keeps most inputs in
 * their fold while a label grows, so that versions share held-out rows.
 */
function oneFifth(strata: ReadonlyMap<number, readonly number[]>, folds: Int32Array): Layout {
  for (const own of strata.values()) {
    const count = own.length < 2 ? 0 : Math.max(1, Math.round(own.length / FOLDS));
    own.forEach((input, rank) => {
      folds[input] = rank < count ? 0 : 1 + (rank % (FOLDS - 1));
    });
  }
  return { folds, rounds: 1 };
}

/** Greater than the number of inputs of any head. */
const INPUTS = 2 ** 21;

/**
 * Inputs of every stratum, sorted by rank, then by index. Rank and index are combined into one number, because sorting pairs
 * takes ten times as long.
 */
function* byStratum(
  inputs: readonly FoldRow[],
  pool: readonly number[],
): Steps<ReadonlyMap<number, readonly number[]>> {
  const ranked = new Float64Array(pool.length);
  yield* eachInSteps(pool, (input, i) => {
    ranked[i] = rankOf((inputs[input] as FoldRow).digest) * INPUTS + input;
  });
  ranked.sort();
  yield;
  const strata = new Map<number, number[]>();
  yield* eachInSteps(ranked, (key) => {
    const input = key % INPUTS;
    const { stratum } = inputs[input] as FoldRow;
    const own = strata.get(stratum);
    if (own) own.push(input);
    else strata.set(stratum, [input]);
  });
  return strata;
}

/** A hash of the digest. It has no seed: versions are compared on rows that both held out. */
const rankOf = (digest: string): number => mix32(Number.parseInt(digest.slice(0, 8), 16));
