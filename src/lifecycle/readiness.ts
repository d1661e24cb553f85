// Whether a head can be trained: a verdict on counts, given before a job is queued and again when it gathers its rows.
import type { Task } from "../contract/heads.ts";
import type { RecipeName, RecipeOptions } from "../contract/recipes.ts";
import { labelsIn, type Target } from "../contract/targets.ts";
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

/** What the split of a training says of its rows. */
interface Folds {
  readonly parts: readonly (number | "test")[];
  readonly rounds: number;
}

export interface LabelCount {
  readonly label: string;
  /** Distinct inputs that a training may use: those not kept for `test`. */
  readonly inputs: number;
}

export interface TrainableQuestion {
  readonly task: Task;
  readonly dims: number;
  /** Distinct inputs in all. */
  readonly inputs: number;
  readonly counts: readonly LabelCount[];
}

/** Throws the fault that names what is missing. One input trains and one is held out, so a label needs two. */
export function assertTrainable({ task, dims, inputs, counts }: TrainableQuestion): void {
  if (task === "regression") assertEnoughValues(inputs);
  else assertEnoughLabels(task, dims, counts);
}

function assertEnoughLabels(task: Exclude<Task, "regression">, dims: number, counts: readonly LabelCount[]): void {
  const some = counts.filter((count) => count.inputs > 0);
  const least = task === "classification" ? 2 : 1;
  if (some.length < least) {
    const have = some.length === 0 ? "there are none" : `there is only "${some[0]?.label}"`;
    throw new Fault("not_enough_examples", `Training needs examples of at least ${least} labels; ${have}`, {
      extensions: { labels: some },
    });
  }
  const short = counts.filter((count) => count.inputs < 2);
  if (short.length > 0) throw new Fault("not_enough_examples", tooFew(short), { extensions: { labels: short } });
  if (dims * counts.length > LIMITS.headParameters) {
    const most = Math.floor(LIMITS.headParameters / dims);
    throw new Fault(
      "head_too_large",
      `${counts.length} labels of ${dims} dimensions are too many weights; at most ${most} labels fit`,
    );
  }
}

const LEAST_VALUES = 3;

function assertEnoughValues(inputs: number): void {
  if (inputs >= LEAST_VALUES) return;
  const detail = `Training a regression needs at least ${LEAST_VALUES} different inputs, not counting those kept for test; there are ${inputs}`;
  throw new Fault("not_enough_examples", detail);
}

/**
 * Throws unless every label has rows to learn from whichever fold is held out, and there are some to judge by: splits given
 * by the caller may leave none.
 */
export function assertFolds(
  task: Task,
  labels: readonly string[],
  folds: Folds,
  rows: readonly { target: Target }[],
): void {
  const held = folds.parts.filter((part) => part !== "test" && part < folds.rounds).length;
  const taught = rows.filter((_, i) => folds.parts[i] !== "test" && (folds.rounds > 1 || folds.parts[i] !== 0));
  const known = new Set(taught.flatMap(({ target }) => labelsIn(target)));
  const untaught = labels.filter((label) => !known.has(label)).map((label) => ({ label, inputs: 0 }));
  if (untaught.length > 0 || taught.length === 0) {
    const named = task === "regression" ? "" : `: ${listed(untaught)}`;
    const detail = `The splits given to the examples leave none to train on${named}; mark fewer as validation or test`;
    throw new Fault("not_enough_examples", detail, { extensions: { labels: untaught } });
  }
  if (held > 0) return;
  throw new Fault(
    "not_enough_examples",
    "The splits given to the examples leave none to validate on: mark fewer as test",
  );
}

function tooFew(short: readonly LabelCount[]): string {
  return `Every label needs at least 2 different inputs, not counting those kept for test; too few: ${listed(short)}`;
}

function listed(counts: readonly LabelCount[]): string {
  const shown = counts.slice(0, 10).map(({ label, inputs }) => `"${label}" (${inputs})`);
  return shown.join(", ") + (counts.length > shown.length ? ` and ${counts.length - shown.length} more` : "");
}

/** Throws when the hidden layer that was asked for would have too many weights, to the features and to the labels. */
export function assertHiddenFits(
  { hidden_units: units = 0 }: Pick<RecipeOptions, "hidden_units">,
  dims: number,
  labels: number,
): void {
  if (units * (dims + labels) <= LIMITS.headParameters) return;
  const most = Math.floor(LIMITS.headParameters / (dims + labels));
  const detail = `${units} hidden units between ${dims} dimensions and ${labels} labels are too many weights; at most ${most} units fit`;
  throw new Fault("head_too_large", detail, { errors: [{ pointer: "/options/hidden_units", detail }] });
}

/** What an update takes over from the version that it goes on from. */
const TAKEN_OVER = ["l2", "scaling", "metric", "learning_curve"] as const;

/** Throws when an update is asked for what it could not heed. */
export function assertUpdateOptions({ recipe, options }: { recipe: RecipeName; options: RecipeOptions }): void {
  const stray = recipe === "update" ? TAKEN_OVER.filter((name) => options[name] !== undefined) : [];
  if (stray.length === 0) return;
  const errors = stray.map((name) => ({
    pointer: `/options/${name}`,
    detail: "an update goes on with what the live version has; leave it out, or take another recipe",
  }));
  throw new Fault("invalid_request", `An update takes no ${stray.join(", ")}`, { errors });
}
