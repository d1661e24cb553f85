// A version as a file, without its tensors: the content of every export format, and the requirements of an import. Files come
// from callers, so items of lists are only validated if the list is short enough: an invalid file then gets one error per list,
// not one for each of a million items.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { backboneId } from "./backbones.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { later, time } from "./common.ts";
import { storedLabel } from "./labels.ts";
import { classificationMetrics, multilabelMetrics, regressionMetrics, reliabilityBin } from "./metrics.ts";
import { HEAD_KIND_NAMES, recipeOptions } from "./recipes.ts";
import { TASKS, type Task } from "./tasks.ts";
import { learningCurve, type StoredVersion, thresholdRow, VERSION_RECIPES } from "./versions.ts";

export const HEAD_FILE = { format: "lastlayer-head", format_version: 1 } as const;

const digest = boundedString(LIMITS.digestChars).regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits");
const text = boundedString(LIMITS.nameChars);
const count = z.int().min(0);
const labels = boundedArray(storedLabel, LIMITS.labelsPerHead);

const LISTED = { bins: 100, thresholds: 1_000, strengths: 1_000, points: 100 } as const;

const recipe = later(() =>
  z.object({
    name: z.enum(VERSION_RECIPES),
    kind: z.enum(HEAD_KIND_NAMES),
    options: recipeOptions.optional(),
    base: text.optional(),
    l2: z.number().optional(),
    epochs: count.optional(),
    evaluations: count,
    path: boundedArray(z.object({ l2: z.number(), log_loss: z.number(), evaluations: count }), LISTED.strengths),
  }),
);

const calibration = later(() =>
  z.object({
    temperature: z.number(),
    ece_before: z.number(),
    ece_after: z.number(),
    reliability: boundedArray(reliabilityBin(), LISTED.bins),
    thresholds: boundedArray(thresholdRow(), LISTED.thresholds).optional(),
  }),
);

/** What the exporting service recorded about the version. Its metrics are parsed by task, with `toldFigures`. */
const told = later(() =>
  z.strictObject({
    version: z.int().min(1),
    digest,
    created_at: time,
    recipe: recipe(),
    seed: z.int(),
    dataset: z.object({ digest, examples: count, labels, duplicates_left_out: count.optional() }),
    left_out: boundedArray(z.object({ label: storedLabel, examples: count }), LIMITS.labelsPerHead).optional(),
    metrics: z.unknown(),
    calibration: calibration().nullable(),
    learning_curve: learningCurve()
      .extend({ points: boundedArray(learningCurve().shape.points.element, LISTED.points) })
      .optional(),
    imported: z.object({ weights: digest, digest, created_at: time }).optional(),
  }),
);

export const headCard = later(() =>
  z
    .strictObject({
      format: z.literal(HEAD_FILE.format),
      format_version: z.literal(HEAD_FILE.format_version),
      task: z.enum(TASKS),
      kind: z.enum(HEAD_KIND_NAMES),
      labels: labels.openapi({ description: "Labels in the order of the scores; empty for a regression" }),
      backbone: z.object({ id: backboneId, identity: text, dimension: z.int().min(1).max(LIMITS.dimensions) }),
      temperature: z
        .number()
        .positive()
        .openapi({ description: "Scores are softmax (multilabel: sigmoid) of logits / temperature" }),
      thresholds: boundedArray(z.number(), LIMITS.labelsPerHead)
        .nullable()
        .openapi({ description: "For a multilabel head: by label, the least score at which it is set" }),
      target: z
        .object({ mean: z.number(), deviation: z.number().positive() })
        .openapi({ description: "For a regression: its value is mean + deviation · output" }),
      sparse: z
        .boolean()
        .optional()
        .openapi({ description: "Whether rows are mostly zeros, and therefore not centred" }),
      version: told(),
    })
    .openapi("HeadCard"),
);

type Card = z.infer<ReturnType<typeof headCard>>;
type ToldVersion = Omit<Card["version"], "metrics">;
export type HeadCard = Omit<Card, "version"> & {
  readonly version: ToldVersion & { readonly metrics: StoredVersion["metrics"] };
};

interface Confusion {
  readonly labels: string[];
  readonly matrix: number[][];
}

/** Checked by hand: a thousand labels make a million cells. */
function isConfusion(value: unknown): value is Confusion {
  const { labels: names, matrix } = (value ?? {}) as Partial<Confusion>;
  if (!Array.isArray(names) || !Array.isArray(matrix) || names.length > LIMITS.labelsPerHead) return false;
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === names.length && row.every((cell) => Number.isSafeInteger(cell));
  const isName = (name: unknown): boolean => storedLabel.safeParse(name).success;
  return names.every(isName) && matrix.length === names.length && matrix.every(isRow);
}

const FIGURES = {
  classification: later(() =>
    classificationMetrics().extend({
      per_label: boundedArray(
        classificationMetrics().shape.per_label.element.extend({ label: storedLabel }),
        LIMITS.labelsPerHead,
      ),
      confusion: z.custom<Confusion>(isConfusion, "must be labels and a square matrix of counts"),
    }),
  ),
  multilabel: later(() =>
    multilabelMetrics().extend({
      per_label: boundedArray(
        multilabelMetrics().shape.per_label.element.extend({ label: storedLabel }),
        LIMITS.labelsPerHead,
      ),
    }),
  ),
  regression: regressionMetrics,
} as const satisfies Record<Task, () => z.ZodType>;

const baseline = z.object({ accuracy: z.number().optional(), mae: z.number().optional() });
type Figures = z.infer<ReturnType<(typeof FIGURES)[Task]>>;

/** The schema of a file's metrics by task, at their place in the file. */
export const toldFigures = (task: Task) =>
  z.object({
    version: z.object({
      metrics: z.object({
        validation: FIGURES[task]() as z.ZodType<Figures>,
        test: (FIGURES[task]() as z.ZodType<Figures>).optional(),
        baseline,
      }),
    }),
  });
