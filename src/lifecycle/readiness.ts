// Decides from counts whether a head can be trained: before a job is queued, and again when it has read its rows.
import type { RareLabels, RecipeName, RecipeOptions } from "../contract/recipes.ts";
import { labelsIn, type Target } from "../contract/targets.ts";
import { learnsLabels, leastLabels, type Task } from "../contract/tasks.ts";
import type { Warning } from "../contract/warnings.ts";
import { LIMITS, mostLabels } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

/** The folds of a training's rows. */
interface Folds {
  readonly parts: readonly (number | "test")[];
  readonly rounds: number;
}

export interface LabelCount {
  readonly label: string;
  /** Distinct inputs available to a training: those not kept for `test`. */
  readonly inputs: number;
}

export interface TrainableQuestion {
  readonly task: Task;
  readonly dims: number;
  /** Distinct inputs of all labels together. */
  readonly inputs: number;
  readonly counts: readonly LabelCount[];
}

/** Why a head cannot be trained, or not with all of its labels. */
export interface TrainingProblem {
  /** `rare_labels` stops a training only if it does not leave such labels out. */
  readonly kind: "not_enough_examples" | "rare_labels" | "head_too_large";
  readonly detail: string;
  /** The labels concerned. */
  readonly labels?: readonly LabelCount[];
}

/** Inputs that a label needs: one to train on and one to hold out. */
const LEAST_INPUTS = 2;
const LEAST_VALUES = 3;

/** Labels with too few inputs to be learnt. */
export const rareLabels = (counts: readonly LabelCount[]): readonly LabelCount[] =>
  counts.filter(({ inputs }) => inputs < LEAST_INPUTS);

/**
 * All problems, the most important first. Every check uses this function: a job with exact counts, an upload and the head's
 * page with the counts that the head maintains anyway.
 */
function problemsWithTraining(question: TrainableQuestion, rare: RareLabels): TrainingProblem[] {
  const { task, dims, inputs, counts } = question;
  if (!learnsLabels(task)) return tooFewValues(task, inputs);
  const short = rareLabels(counts);
  const least = rare === "refuse" ? 1 : LEAST_INPUTS;
  const usable = counts.filter((count) => count.inputs >= least);
  return [
    ...tooFewLabels(task, usable, rare === "refuse" ? [] : short.filter((count) => count.inputs > 0)),
    ...(short.length === 0 ? [] : [{ kind: "rare_labels", detail: tooFew(short), labels: short } as const]),
    ...tooManyWeights(dims, labelsTrained(question, rare)),
  ];
}

/** Throws a fault that names what is missing. */
export function assertTrainable(question: TrainableQuestion, rare: RareLabels = "refuse"): void {
  const problem = problemsWithTraining(question, rare).find(({ kind }) => isFatal(kind, rare));
  if (!problem) return;
  const { kind, detail, labels } = problem;
  const code = kind === "rare_labels" ? "not_enough_examples" : kind;
  throw new Fault(code, detail, labels ? { extensions: { labels } } : {});
}

/** Warnings in advance: what would stop a training, or which labels it would leave out. */
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

const isFatal = (kind: TrainingProblem["kind"], rare: RareLabels): boolean =>
  kind !== "rare_labels" || rare === "refuse";

export const labelsTrained = ({ counts }: TrainableQuestion, rare: RareLabels): number =>
  rare === "refuse" ? counts.length : counts.length - rareLabels(counts).length;

/** `short`: labels with an example that a training leaves out. */
function tooFewLabels(task: Task, usable: readonly LabelCount[], short: readonly LabelCount[]): TrainingProblem[] {
  const least = leastLabels(task);
  if (usable.length >= least) return [];
  const have = usable.length === 0 ? "there are none" : `there is only "${usable[0]?.label}"`;
  const few = short.length === 0 ? "" : `. Labels with fewer inputs: ${listed(short)}`;
  const wanted = least === 1 ? "1 label" : `${least} labels`;
  const detail = `Training needs at least ${wanted} with ${LEAST_INPUTS} different inputs${least === 1 ? "" : " each"}; ${have}${few}`;
  return [{ kind: "not_enough_examples", detail, labels: [...usable, ...short] }];
}

function tooManyWeights(dims: number, labels: number): TrainingProblem[] {
  if (dims * labels <= LIMITS.headParameters) return [];
  const detail = `${labels} labels of ${dims} dimensions are too many weights; at most ${mostLabels(dims)} labels fit`;
  return [{ kind: "head_too_large", detail }];
}

function tooFewValues(task: Task, inputs: number): TrainingProblem[] {
  if (inputs >= LEAST_VALUES) return [];
  const detail = `Training a ${task} needs at least ${LEAST_VALUES} different inputs, not counting those kept for test; there are ${inputs}`;
  return [{ kind: "not_enough_examples", detail }];
}

/** Labels without a row to train on while some fold is held out. Splits given by the caller can cause this. */
export function untaughtLabels(
  labels: readonly string[],
  folds: Folds,
  rows: readonly { target: Target }[],
): readonly string[] {
  const untaught = new Set(labels);
  for (let i = 0; i < rows.length && untaught.size > 0; i++) {
    if (isTaught(folds, i))
      for (const label of labelsIn((rows[i] as { target: Target }).target)) untaught.delete(label);
  }
  return [...untaught];
}

/** Whether a row is trained on, whichever fold is held out. */
const isTaught = ({ parts, rounds }: Folds, row: number): boolean =>
  parts[row] !== "test" && (rounds > 1 || parts[row] !== 0);

/** Throws unless every label has rows to train on whichever fold is held out, and there are rows to validate on. */
export function assertFolds(
  task: Task,
  labels: readonly string[],
  folds: Folds,
  rows: readonly { target: Target }[],
): void {
  const untaught = untaughtLabels(labels, folds, rows).map((label) => ({ label, inputs: 0 }));
  if (untaught.length > 0 || !rows.some((_, i) => isTaught(folds, i))) {
    const named = learnsLabels(task) ? `: ${listed(untaught)}` : "";
    const detail = `The splits leave no examples to train on${named}. Mark fewer as validation or test`;
    throw new Fault("not_enough_examples", detail, { extensions: { labels: untaught } });
  }
  if (folds.parts.some((part) => part !== "test" && part < folds.rounds)) return;
  throw new Fault("not_enough_examples", "The splits leave no examples to validate on. Mark fewer as test");
}

function tooFew(short: readonly LabelCount[]): string {
  return `Every label needs at least 2 different inputs, not counting those kept for test; too few: ${listed(short)}`;
}

export function listed(counts: readonly LabelCount[]): string {
  const shown = counts.slice(0, 10).map(({ label, inputs }) => `"${label}" (${inputs})`);
  return shown.join(", ") + (counts.length > shown.length ? ` and ${counts.length - shown.length} more` : "");
}

/** Throws if the requested hidden layer would have too many weights, in both layers together. */
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

/** Options that an update takes over from its base version. */
const TAKEN_OVER = ["l2", "scaling", "metric", "learning_curve"] as const;

/** Throws if an update is given options that it cannot apply. */
export function assertUpdateOptions({ recipe, options }: { recipe: RecipeName; options: RecipeOptions }): void {
  const stray = recipe === "update" ? TAKEN_OVER.filter((name) => options[name] !== undefined) : [];
  if (stray.length === 0) return;
  const errors = stray.map((name) => ({
    pointer: `/options/${name}`,
    detail: "an update keeps this setting of the live version: leave it out, or use another recipe",
  }));
  throw new Fault("invalid_request", `An update does not accept ${stray.join(", ")}`, { errors });
}

/** The fault of a training whose rows changed while it read them, this many times in a row. */
export function interruptedReading(times: number): Fault {
  const detail = `Examples were deleted while the training read them, ${times} times in a row; train again when fewer are being deleted`;
  return new Fault("conflict", detail);
}
