// Metrics of a version, on examples that the evaluated model did not see.
import { z } from "@hono/zod-openapi";
import type { JsonText } from "../core/json-text.ts";
import { type Later, later } from "./common.ts";

const interval = z
  .tuple([z.number(), z.number()])
  .openapi({ description: "Bootstrap interval that contains 95 % of the resamples" });

const labelMetrics = later(() =>
  z.object({
    label: z.string(),
    precision: z.number(),
    recall: z.number(),
    f1: z.number(),
    support: z.int(),
  }),
);
export type LabelMetrics = Later<typeof labelMetrics>;

export const reliabilityBin = later(() =>
  z.object({ examples: z.int(), confidence: z.number(), accuracy: z.number() }),
);
export type ReliabilityBin = Later<typeof reliabilityBin>;

export const classificationMetrics = later(() =>
  z
    .object({
      examples: z.int(),
      accuracy: z.number(),
      accuracy_interval: interval.optional(),
      balanced_accuracy: z.number(),
      macro_f1: z.number(),
      macro_f1_interval: interval.optional(),
      log_loss: z.number(),
      ece: z.number(),
      per_label: z.array(labelMetrics()),
      confusion: z.object({ labels: z.array(z.string()), matrix: z.array(z.array(z.int())) }),
    })
    .openapi("ClassificationMetrics"),
);
export type ClassificationMetrics = Later<typeof classificationMetrics>;

export const multilabelMetrics = later(() =>
  z
    .object({
      examples: z.int(),
      subset_accuracy: z.number().openapi({ description: "Share of examples whose set of labels is exactly right" }),
      micro_f1: z.number(),
      macro_f1: z.number(),
      log_loss: z.number().openapi({ description: "Mean binary cross-entropy per label" }),
      ece: z.number(),
      per_label: z.array(labelMetrics().extend({ threshold: z.number() })),
    })
    .openapi("MultilabelMetrics"),
);
export type MultilabelMetrics = Later<typeof multilabelMetrics>;

export const regressionMetrics = later(() =>
  z.object({ examples: z.int(), mae: z.number(), rmse: z.number(), r2: z.number() }).openapi("RegressionMetrics"),
);
export type RegressionMetrics = Later<typeof regressionMetrics>;

export const metrics = later(() => z.union([classificationMetrics(), multilabelMetrics(), regressionMetrics()]));
export type Metrics = ClassificationMetrics | MultilabelMetrics | RegressionMetrics;

/**
 * The stored form. A confusion matrix of 1,000 labels has a million numbers that the service never reads, so it stays a text.
 */
export type StoredMetrics = StoredClassificationMetrics | MultilabelMetrics | RegressionMetrics;
export interface StoredClassificationMetrics extends Omit<ClassificationMetrics, "confusion"> {
  readonly confusion: { readonly labels: string[]; readonly matrix: JsonText<number[][]> };
}
