// The learning curve: errors on growing shares of the examples, and the error that their trend predicts for more examples.
import type { VersionView } from "../../contract/versions.ts";
import { mean, total } from "../metrics/classification.ts";

export type LearningCurve = NonNullable<VersionView["learning_curve"]>;
export type CurvePoint = LearningCurve["points"][number];

/** null without points. The estimate needs three points, and the last must cover all examples. */
export function learningCurveOf(points: readonly CurvePoint[]): LearningCurve | null {
  const last = points.at(-1);
  if (!last) return null;
  if (points.length < 3 || last.share < 1) return { points: [...points] };
  const figure = last.accuracy !== undefined ? "accuracy" : last.rmse !== undefined ? "rmse" : "log_loss";
  const errors = points.map((point) => ({ rows: point.examples, error: errorIn(point, figure) }));
  const error = expectedError(errors, 2 * last.examples);
  return { points: [...points], estimate_at_twice: { [figure]: figure === "accuracy" ? 1 - error : error } };
}

const errorIn = (point: CurvePoint, figure: "accuracy" | "log_loss" | "rmse"): number =>
  figure === "accuracy" ? 1 - (point.accuracy as number) : (point[figure] as number);

interface RowsAndError {
  readonly rows: number;
  readonly error: number;
}

/** Learning curves are power laws (Hestness et al. 2017) with exponents in this range. */
const EXPONENTS = Array.from({ length: 19 }, (_, i) => 0.1 + 0.05 * i);

/**
 * Fits error = a + b · rows^(−c) to points at different row counts, with a and b not negative, by least squares for each c.
 * Returns the error at `rows`, never above the last point's.
 */
export function expectedError(points: readonly RowsAndError[], rows: number): number {
  const fits = EXPONENTS.map((c) => fitAt(points, c));
  const best = fits.reduce((least, fit) => (fit.squares < least.squares ? fit : least));
  return Math.max(0, Math.min(points.at(-1)?.error ?? 0, best.a + best.b * rows ** -best.c));
}

function fitAt(points: readonly RowsAndError[], c: number) {
  const xs = points.map((point) => point.rows ** -c);
  const ys = points.map((point) => point.error);
  const [x, y] = [mean(xs), mean(ys)];
  const spread = total(xs.map((value) => (value - x) ** 2));
  const slope = total(xs.map((value, i) => (value - x) * ((ys[i] as number) - y))) / spread;
  const [a, b] = withinBounds(y - slope * x, slope, xs, ys);
  return { a, b, c, squares: total(xs.map((value, i) => (a + b * value - (ys[i] as number)) ** 2)) };
}

/** Constrains the line: a negative intercept becomes 0, and a line that rises with the rows becomes constant. */
function withinBounds(a: number, b: number, xs: readonly number[], ys: readonly number[]): [a: number, b: number] {
  if (b < 0) return [mean(ys), 0];
  if (a >= 0) return [a, b];
  return [0, total(xs.map((value, i) => value * (ys[i] as number))) / total(xs.map((value) => value * value))];
}
