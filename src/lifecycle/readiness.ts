// Whether a head can be trained: a verdict on counts, given before a job is queued and again when it gathers its rows.
import type { Task } from "../contract/heads.ts";
import type { RareLabels, RecipeName, RecipeOptions } from "../contract/recipes.ts";
import { labelsIn, type Target } from "../contract/targets.ts";
import type { Warning } from "../contract/warnings.ts";
import { LIMITS, mostLabels } from "../core/limits.ts";
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

/** Why a head cannot be trained, or not with all of its labels. */
export interface TrainingProblem {
  /** `rare_labels` stops a training only where it does not leave such labels out. */
  readonly kind: "not_enough_examples" | "rare_labels" | "head_too_large";
  readonly detail: string;
  /** The labels that it is about. */
  readonly labels?: readonly LabelCount[];
}

/** Inputs that a label needs: one trains and one is held out. */
const LEAST_INPUTS = 2;
const LEAST_VALUES = 3;

/** Labels that nothing can be learnt of. */
export const rareLabels = (counts: readonly LabelCount[]): readonly LabelCount[] =>
  counts.filter(({ inputs }) => inputs < LEAST_INPUTS);

/**
 * All that is wrong, what weighs most first. The one place that decides it: a job asks with exact counts, an upload and the
 * head's page with the counts of examples that are kept anyway.
 */
export function problemsWithTraining(question: TrainableQuestion, rare: RareLabels): TrainingProblem[] {
  const { task, dims, inputs, counts } = question;
  if (task === "regression") return tooFewValues(inputs);
  const short = rareLabels(counts);
  const least = rare === "refuse" ? 1 : LEAST_INPUTS;
  const usable = counts.filter((count) => count.inputs >= least);
  return [
    ...tooFewLabels(task, usable, rare === "refuse" ? [] : short.filter((count) => count.inputs > 0)),
    ...(short.length === 0 ? [] : [{ kind: "rare_labels", detail: tooFew(short), labels: short } as const]),
    ...tooManyWeights(dims, labelsTrained(question, rare)),
  ];
}

/** Throws the fault that names what is missing. */
export function assertTrainable(question: TrainableQuestion, rare: RareLabels = "refuse"): void {
  const problem = problemsWithTraining(question, rare).find(({ kind }) => isFatal(kind, rare));
  if (!problem) return;
  const { kind, detail, labels } = problem;
  const code = kind === "rare_labels" ? "not_enough_examples" : kind;
  throw new Fault(code, detail, labels ? { extensions: { labels } } : {});
}

/** What stops a training, or leaves a label out of it, told before anyone asks for one. */
export function warningsOf(question: TrainableQuestion): Warning[] {
  const problems = problemsWithTraining(question, "leave_out");
  const stops = problems.filter(({ kind }) => isFatal(kind, "leave_out"));
  const told = stops.length > 0 ? stops : problems;
  return told.map(({ kind, detail }) => ({
    code: kind,
    detail: kind === "rare_labels" ? `${detail}. ${LEFT_OUT}` : detail,
  }));
}

const LEFT_OUT =
  'Trainings of the policy and of webhooks leave such labels out; a job is refused unless it asks for "rare_labels": "leave_out"';

/** Whether a training that leaves rare labels out may begin. */
export const isTrainable = (warnings: readonly Warning[]): boolean =>
  warnings.every(({ code }) => code === "rare_labels");

/** Labels that a training needs; none where values are learnt. */
export const leastLabels = (task: Task): number => ({ classification: 2, multilabel: 1, regression: 0 })[task];

const isFatal = (kind: TrainingProblem["kind"], rare: RareLabels): boolean =>
  kind !== "rare_labels" || rare === "refuse";

/** How many labels a training is of. */
export const labelsTrained = ({ counts }: TrainableQuestion, rare: RareLabels): number =>
  rare === "refuse" ? counts.length : counts.length - rareLabels(counts).length;

/** `short`: labels that a training leaves out though they have an example. */
function tooFewLabels(
  task: Exclude<Task, "regression">,
  usable: readonly LabelCount[],
  short: readonly LabelCount[],
): TrainingProblem[] {
  const least = leastLabels(task);
  if (usable.length >= least) return [];
  const have = usable.length === 0 ? "there are none" : `there is only "${usable[0]?.label}"`;
  const few = short.length === 0 ? "" : `; with fewer than ${LEAST_INPUTS} different inputs: ${listed(short)}`;
  const detail = `Training needs examples of at least ${least} label${least === 1 ? "" : "s"}; ${have}${few}`;
  return [{ kind: "not_enough_examples", detail, labels: [...usable, ...short] }];
}

function tooManyWeights(dims: number, labels: number): TrainingProblem[] {
  if (dims * labels <= LIMITS.headParameters) return [];
  const detail = `${labels} labels of ${dims} dimensions are too many weights; at most ${mostLabels(dims)} labels fit`;
  return [{ kind: "head_too_large", detail }];
}

function tooFewValues(inputs: number): TrainingProblem[] {
  if (inputs >= LEAST_VALUES) return [];
  const detail = `Training a regression needs at least ${LEAST_VALUES} different inputs, not counting those kept for test; there are ${inputs}`;
  return [{ kind: "not_enough_examples", detail }];
}

/** Labels without a row to learn from while some fold is held out: splits given by the caller may leave none. */
export function untaughtLabels(
  labels: readonly string[],
  folds: Folds,
  rows: readonly { target: Target }[],
): readonly string[] {
  const known = new Set(taughtRows(folds, rows).flatMap(({ target }) => labelsIn(target)));
  return labels.filter((label) => !known.has(label));
}

const taughtRows = <Row>(folds: Folds, rows: readonly Row[]): Row[] =>
  rows.filter((_, i) => folds.parts[i] !== "test" && (folds.rounds > 1 || folds.parts[i] !== 0));

/** Throws unless every label has rows to learn from whichever fold is held out, and there are some to judge by. */
export function assertFolds(
  task: Task,
  labels: readonly string[],
  folds: Folds,
  rows: readonly { target: Target }[],
): void {
  const held = folds.parts.filter((part) => part !== "test" && part < folds.rounds).length;
  const untaught = untaughtLabels(labels, folds, rows).map((label) => ({ label, inputs: 0 }));
  if (untaught.length > 0 || taughtRows(folds, rows).length === 0) {
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

export function listed(counts: readonly LabelCount[]): string {
  const shown = counts.slice(0, 10).map(({ label, inputs }) => `"${label}" (${inputs})`);
  return shown.join(", ") + (counts.length > shown.length ? ` and ${counts.length - shown.length} more` : "");
}

/** Throws when the hidden layer that was asked for would have too many weights, to the features and to the labels. */
export function assertHiddenFits(
  { hidden_units: units = 0 }: Pick<RecipeOptions, "hidden_units">,
  dims: number,
  labels: number,
): void {
  if (units * (dims + labels) <= LIMITS.hiddenParameters) return;
  const most = Math.floor(LIMITS.hiddenParameters / (dims + labels));
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

/** Of a training whose rows changed while it read them, so many times in a row. */
export function interruptedReading(times: number): Fault {
  const detail = `Examples were deleted while the training read them, ${times} times in a row; train again when fewer are being deleted`;
  return new Fault("conflict", detail);
}
