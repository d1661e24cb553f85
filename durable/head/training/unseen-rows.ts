// The held-out rows of a training: which heads of a version have not seen them, and the metrics of heads on them.
import type { Metrics } from "../../../src/contract/metrics.ts";
import type { Checkpoint } from "../../../src/engine/checkpoint.ts";
import { evaluateHeads } from "../../../src/engine/evaluate.ts";
import { headFinder, type KnownRow, type RoundHeads } from "../../../src/engine/heads/round-heads.ts";
import type { TrainedHead } from "../../../src/engine/heads/trained-head.ts";
import type { TrainingOutcome } from "../../../src/engine/outcome.ts";
import type { HeadStore } from "../store.ts";
import type { DataTools } from "./data-tools.ts";

interface UnseenRows {
  /** By held-out fold and row: a head of the live version that has not seen the row; null if every head may have seen it. */
  readonly heads: readonly (readonly (number | null)[])[];
  /** Share of the held-out rows that have such a head. */
  readonly share: number;
}

/** `folds`: number of folds that are held out in turn. */
export function unseenRows(store: HeadStore, rounds: RoundHeads, folds: number): UnseenRows {
  const find = headFinder(rounds);
  const heads = Array.from({ length: folds }, (_, fold) => namesOf(store, fold).map(find));
  const all = heads.flat();
  return { heads, share: all.filter((head) => head !== null).length / Math.max(1, all.length) };
}

interface Compared {
  readonly state: Checkpoint;
  readonly unseen: UnseenRows;
  readonly tools: DataTools;
}

export function metricsOn(
  { state: { plan, scaler }, unseen, tools: { data, turns } }: Compared,
  heads: readonly TrainedHead[],
  headFor: (fold: number, unseenBy: number | null) => number | null,
): Promise<Metrics> {
  if (!scaler) throw new Error("The training is not done");
  const headOf = (part: number | "test", row: number): number | null =>
    headFor(part as number, unseen.heads[part as number]?.[row] ?? null);
  const parts = unseen.heads.map((_, fold) => fold);
  return evaluateHeads(data, {
    heads,
    headOf,
    parts,
    labels: plan.labels,
    scaler,
    valueOffset: plan.valueOffset,
    turns,
  });
}

/** The heads and rows that a later comparison needs. A head judged by leave-one-out has seen every row, so it is left out. */
export async function roundHeads(
  store: HeadStore,
  { plan }: Checkpoint,
  { selected }: TrainingOutcome,
  turns: DataTools["turns"],
): Promise<RoundHeads> {
  const heldOut: Int32Array[] = [];
  let lastExample = 0;
  for (const fold of plan.foldRows.keys()) {
    const rows = namesOf(store, fold);
    for (const { example } of rows) lastExample = Math.max(lastExample, example);
    if (fold < plan.rounds) heldOut.push(Int32Array.from(rows.flatMap(({ high, low }) => [high, low])));
    await turns.take();
  }
  return {
    heads: plan.rounds === 0 ? [] : selected,
    heldOut,
    lastExample,
    deletions: store.meta.get("dataset")?.deletions ?? 0,
  };
}

function namesOf(store: HeadStore, fold: number): KnownRow[] {
  return [...store.snapshot.names(fold)].flatMap(({ digests, examples }) =>
    Array.from(examples, (example, r) => ({
      high: digests[2 * r] as number,
      low: digests[2 * r + 1] as number,
      example,
    })),
  );
}
