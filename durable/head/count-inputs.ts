// What a head has to train on, counted: exactly by inputs, for a job; and by the counts of examples that triggers keep, which
// cost nothing and are never too low, for answers that only say what is to be expected.

import type { RareLabels } from "../../src/contract/recipes.ts";
import { Fault, type FaultData } from "../../src/core/problems.ts";
import {
  assertTrainable,
  type LabelCount,
  labelsTrained,
  type TrainableQuestion,
} from "../../src/lifecycle/readiness.ts";
import { backlogOf } from "./backlog.ts";
import type { HeadStore } from "./store.ts";
import { assertMayTrain } from "./use.ts";

/** Inputs beyond which no verdict changes. */
const ENOUGH_INPUTS = 3;
/** SQLite counts to the end. */
const NO_LIMIT = -1;

/**
 * Throws where there are too few inputs, or too many labels. Counts no further than the verdict needs, whatever a head has; all of
 * them for the fault that names how many there are. Returns how many labels a training is of.
 */
export function assertEnoughInputs(store: HeadStore, rare: RareLabels = "refuse"): number {
  const question = countInputs(store, ENOUGH_INPUTS);
  try {
    assertTrainable(question, rare);
  } catch {
    assertTrainable(countInputs(store, NO_LIMIT), rare);
  }
  return labelsTrained(question, rare);
}

/**
 * Why a training of the policy or of a webhook would be refused now; null where it may begin. Cheap enough to ask for every
 * delivery of a storm: inputs are counted only after a training was refused, and no further than the verdict needs.
 */
export function expectedRefusal(store: HeadStore, now: number): FaultData | null {
  try {
    assertMayTrain(store, now);
    assertTrainable(countExamples(store), "leave_out");
    if (backlogOf(store).refused) assertTrainable(countInputs(store, ENOUGH_INPUTS), "leave_out");
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.data;
    throw error;
  }
}

/** By the counts of examples: as many inputs as a label can have at most. */
export function countExamples(store: HeadStore): TrainableQuestion {
  const counts = store.labels.all().map(({ name, examples }) => [name, examples] as const);
  return questionOf(store, store.examples.count(), new Map(counts));
}

/** Distinct inputs to train on, in all and by label. */
function countInputs(store: HeadStore, limit: number): TrainableQuestion {
  const { storage, config } = store;
  const ofLabel =
    config.task === "multilabel"
      ? "example_labels JOIN examples ON seq = example WHERE example_labels.label = labels.id"
      : "examples WHERE label = labels.id";
  const query = `SELECT name, (SELECT count(*) FROM (${distinctInputs(`${ofLabel} AND`)})) AS inputs FROM labels`;
  const rows = storage.sql.exec<{ name: string; inputs: number }>(query, limit).toArray();
  const all = `SELECT count(*) AS inputs FROM (${distinctInputs("examples WHERE")})`;
  const { inputs } = storage.sql.exec<{ inputs: number }>(all, limit).one();
  return questionOf(store, inputs, new Map(rows.map((row) => [row.name, row.inputs])));
}

const distinctInputs = (from: string): string => `SELECT DISTINCT input FROM ${from} split IS NOT 'test' LIMIT ?`;

function questionOf({ config }: HeadStore, inputs: number, byName: ReadonlyMap<string, number>): TrainableQuestion {
  const labels = config.labels ?? [...byName.keys()];
  const counts: LabelCount[] = labels.map((label) => ({ label, inputs: byName.get(label) ?? 0 }));
  return { task: config.task, dims: config.backbone.dimension, inputs, counts };
}
