// Counts what a head can train on. For a job it counts distinct inputs exactly. For answers that only predict a refusal it
// uses the counts of examples that triggers keep: these cost nothing and are never too low.
import type { RareLabels } from "../../../src/contract/recipes.ts";
import { targetFieldOf } from "../../../src/contract/tasks.ts";
import { Fault, type FaultData } from "../../../src/core/problems.ts";
import {
  assertTrainable,
  type LabelCount,
  labelsTrained,
  type TrainableQuestion,
} from "../../../src/lifecycle/readiness.ts";
import { TARGET_STORAGE } from "../../tables/targets.ts";
import { backlogOf } from "../backlog.ts";
import { assertMayTrain } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";

/** No verdict depends on whether there are more inputs than this. */
const ENOUGH_INPUTS = 3;
/** LIMIT -1: SQLite counts all rows. */
const NO_LIMIT = -1;

/**
 * Throws if there are too few inputs, or too many labels. Counts only as many inputs as the verdict needs; counts all of them
 * only for the fault, which names the number. Returns the number of labels that a training uses.
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
 * Why a training for the policy or a webhook would be refused now; null if it may begin. Cheap enough for every delivery:
 * it counts inputs only after a training was refused, and only as many as the verdict needs.
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

/** Uses the number of examples of a label as an upper bound of its inputs. */
export function countExamples(store: HeadStore): TrainableQuestion {
  const counts = store.labels.all().map(({ name, examples }) => [name, examples] as const);
  return questionOf(store, store.examples.count(), new Map(counts));
}

/** Counts distinct inputs to train on, in total and by label; each count stops at `limit`. */
function countInputs(store: HeadStore, limit: number): TrainableQuestion {
  const { storage, config } = store;
  const { tables, label } = TARGET_STORAGE[targetFieldOf(config.task)].byLabel;
  const ofLabel = `${tables} WHERE ${label} = labels.id`;
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
