// Linear heads compared with scikit-learn on the same data: fixtures/heads/linear/make.py wrote the golden files.
import { describe, expect, it } from "vitest";
import classification from "../../fixtures/heads/linear/classification.json";
import multilabel from "../../fixtures/heads/linear/multilabel.json";
import regression from "../../fixtures/heads/linear/regression.json";
import type { Classified, Labelled, Valued } from "../../src/contract/predict.ts";
import type { RecipeOptions } from "../../src/contract/recipes.ts";
import { readyHead } from "../../src/engine/heads/ready-head.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import type { TrainingOutcome } from "../../src/engine/outcome.ts";
import type { PlanRequest } from "../../src/engine/plan.ts";
import { scoreRows } from "../../src/serving/answer.ts";
import type { Targets } from "../../src/tensor/products.ts";
import { dealtBlocks, labelNames, outcomeOn, planOn } from "../support/blocks.ts";

const DIMS = 5;
/** With five equal folds, the final fit has one fold more than each round, and its strength is correspondingly weaker. */
const SHARE_OF_A_ROUND = 0.8;

interface Golden {
  readonly features: readonly (readonly number[])[];
}
interface Fit {
  readonly l2: number;
  readonly class_weight?: string | null;
}

function trained(
  { features }: Golden,
  { l2, class_weight }: Fit,
  targetsOf: (own: readonly number[]) => Targets,
  more: Partial<PlanRequest> & { readonly labels: readonly string[] },
): Promise<TrainingOutcome> {
  const rows = features.map((row) => Float32Array.from(row));
  const blocks = dealtBlocks(DIMS, rows, targetsOf);
  const strength = more.task === "regression" ? l2 : l2 / SHARE_OF_A_ROUND;
  const balanced = class_weight === "balanced" ? { class_weight } : {};
  const options: RecipeOptions = { l2: strength, scaling: "standard", ...(balanced as RecipeOptions) };
  return outcomeOn(planOn(blocks, more.labels, { options, ...more }), blocks);
}

/** The answers of the serving head for rows, uncalibrated. */
const answersOf = ({ final }: TrainingOutcome, { features }: Golden) =>
  scoreRows(readyHead({ ...final, temperature: 1 }), Float32Array.from(features.flat()), {});

// Fits stop before the optimum, once a step lowers the objective by less than a thousandth: coefficients agree to that precision.

/** Rows of scores in the order of `labels`. */
const scoresOf = (answers: readonly unknown[], labels: readonly string[]): number[][] =>
  (answers as readonly (Classified | Labelled)[]).map(({ scores }) =>
    labels.map((name) => scores.find(({ label }) => label === name)?.score as number),
  );

function largestGap(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours).toHaveLength(theirs.length);
  return Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] as number))));
}

const weightsOf = ({ final }: TrainingOutcome): number[] => [...(final.layers[0]?.weights ?? [])];
const biasOf = ({ final }: TrainingOutcome): number[] => [...(final.layers[0]?.bias ?? [])];
/** A softmax does not change if all outputs shift equally, so biases are compared after subtracting their mean. */
const centred = (values: readonly number[]): number[] => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.map((value) => value - mean);
};

describe("a classification", () => {
  it.each(Object.entries(classification.fits))(
    "equals scikit-learn's multinomial logistic regression: %s",
    async (_, fit) => {
      const labels = labelNames(3);
      const targetsOf = (own: readonly number[]) => Int32Array.from(own, (row) => classification.labels[row] as number);
      const outcome = await trained(classification, fit, targetsOf, { labels });
      const scores = scoresOf(await answersOf(outcome, classification), labels);
      expect(largestGap(scores.flat(), fit.probabilities.flat())).toBeLessThan(0.02);
      const size = Math.max(...fit.weights.flat().map(Math.abs));
      expect(largestGap(weightsOf(outcome), fit.weights.flat()) / size).toBeLessThan(0.05);
      expect(largestGap(centred(biasOf(outcome)), centred(fit.bias)) / size).toBeLessThan(0.05);
    },
  );
});

describe("a multilabel head", () => {
  it.each(Object.entries(multilabel.fits))(
    "equals one scikit-learn logistic regression per label: %s",
    async (_, fit) => {
      const labels = labelNames(4);
      const targetsOf = (own: readonly number[]) =>
        packSets(
          own.map((row) => multilabel.sets[row] as number[]),
          4,
        );
      const outcome = await trained(multilabel, fit, targetsOf, { task: "multilabel", labels });
      const scores = scoresOf(await answersOf(outcome, multilabel), labels);
      expect(largestGap(scores.flat(), fit.probabilities.flat())).toBeLessThan(0.05);
      const size = Math.max(...fit.weights.flat().map(Math.abs));
      expect(largestGap(weightsOf(outcome), fit.weights.flat()) / size).toBeLessThan(0.15);
      expect(largestGap(biasOf(outcome), fit.bias) / size).toBeLessThan(0.15);
    },
  );
});

describe("a regression", () => {
  const { values } = regression;
  const targetsOf = (own: readonly number[]) => Float32Array.from(own, (row) => values[row] as number);
  const fitted = (fit: Fit) => trained(regression, fit, targetsOf, { task: "regression", labels: [] });
  const spread = Math.max(...values) - Math.min(...values);

  it.each(Object.entries(regression.fits))("equals scikit-learn's ridge regression: %s", async (_, fit) => {
    const outcome = await fitted(fit);
    const predictions = ((await answersOf(outcome, regression)) as Valued[]).map(({ value }) => value);
    expect(largestGap(predictions, fit.predictions) / spread).toBeLessThan(0.001);
    const { mean, deviation } = outcome.final.scaler.target;
    expect(
      largestGap(
        weightsOf(outcome).map((weight) => deviation * weight),
        fit.weights,
      ),
    ).toBeLessThan(0.01);
    expect(mean + deviation * (biasOf(outcome)[0] as number)).toBeCloseTo(fit.bias, 2);
  });

  it.each(Object.entries(regression.fits))(
    "has the errors of scikit-learn's refits without each row: %s",
    async (_, fit) => {
      const errors = fit.left_out.map((predicted, i) => predicted - (values[i] as number));
      const rmse = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
      const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
      const { metrics } = await fitted(fit);
      const ours = metrics.validation as { rmse: number; mae: number };
      expect(ours.rmse / rmse).toBeCloseTo(1, 3);
      expect(ours.mae / mae).toBeCloseTo(1, 3);
    },
  );
});
