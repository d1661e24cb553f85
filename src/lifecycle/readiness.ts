// Whether a head can be trained: a verdict on counts, given before a job is queued and again when it gathers its rows.
import { LIMITS } from "../core/limits.ts";
import { Fault } from "../core/problems.ts";

export interface LabelCount {
  readonly label: string;
  /** Distinct inputs that a training may use: those not kept for `test`. */
  readonly inputs: number;
}

/** Throws the fault that names what is missing. One input trains and one is held out, so a label needs two. */
export function assertTrainable(counts: readonly LabelCount[], dims: number): void {
  const some = counts.filter(({ inputs }) => inputs > 0);
  if (some.length < 2) {
    const have = some.length === 0 ? "there are none" : `there is only "${some[0]?.label}"`;
    throw new Fault("not_enough_examples", `Training needs examples of at least 2 labels; ${have}`, {
      extensions: { labels: some },
    });
  }
  const short = counts.filter(({ inputs }) => inputs < 2);
  if (short.length > 0) throw new Fault("not_enough_examples", tooFew(short), { extensions: { labels: short } });
  if (dims * counts.length > LIMITS.headParameters) {
    const most = Math.floor(LIMITS.headParameters / dims);
    throw new Fault(
      "head_too_large",
      `${counts.length} labels of ${dims} dimensions are too many weights; at most ${most} labels fit`,
    );
  }
}

/** Rows of a label by the part that the split gave them. */
export interface PartCounts {
  readonly train: number;
  readonly validation: number;
}

/** Throws unless the split left every label rows to learn from, and some to judge by: splits given by the caller may not. */
export function assertSplit(counts: readonly (PartCounts & { readonly label: string })[]): void {
  const untaught = counts.filter(({ train }) => train === 0).map(({ label, train }) => ({ label, inputs: train }));
  if (untaught.length > 0) {
    const detail = `The splits given to the examples leave none to train on: ${listed(untaught)}; mark fewer as validation or test`;
    throw new Fault("not_enough_examples", detail, { extensions: { labels: untaught } });
  }
  if (counts.some(({ validation }) => validation > 0)) return;
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
