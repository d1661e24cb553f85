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

/** Throws unless the split left rows to learn from and rows to judge by: splits given by the caller may not. */
export function assertSplit(rows: Readonly<Record<"train" | "validation", number>>): void {
  const missing = rows.train === 0 ? "train" : rows.validation === 0 ? "validation" : null;
  if (!missing) return;
  const detail = `The splits given to the examples leave none to use for "${missing}": mark fewer as ${missing === "train" ? "validation or test" : "test"}`;
  throw new Fault("not_enough_examples", detail);
}

function tooFew(short: readonly LabelCount[]): string {
  const shown = short.slice(0, 10).map(({ label, inputs }) => `"${label}" (${inputs})`);
  const rest = short.length > shown.length ? ` and ${short.length - shown.length} more` : "";
  return `Every label needs at least 2 different inputs, not counting those kept for test; too few: ${shown.join(", ")}${rest}`;
}
