// Recipes: the kind of training of a job, and its settings.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";

/** Kinds of head that can be trained. */
export const HEAD_KIND_NAMES = ["linear", "mlp"] as const;
export type HeadKindName = (typeof HEAD_KIND_NAMES)[number];

export const RECIPES = ["auto", ...HEAD_KIND_NAMES, "update"] as const;
export const recipeName = z.enum(RECIPES);
export type RecipeName = z.infer<typeof recipeName>;

/** Metrics on held-out rows that can select a head. */
export const SELECTION_METRICS = ["log_loss", "accuracy", "macro_f1"] as const;
export type SelectionMetric = (typeof SELECTION_METRICS)[number];

export const recipeOptions = z
  .strictObject({
    l2: z.number().min(1e-9).max(1e6).optional().openapi({
      description:
        "A single strength of l2 regularisation, in units of scaled features, instead of a search over a path of strengths",
    }),
    max_iterations: z.int().min(1).max(LIMITS.iterations).optional(),
    hidden_units: z
      .int()
      .min(1)
      .max(LIMITS.hiddenUnits)
      .optional()
      .openapi({ description: "Units of an mlp's hidden layer; default 128, fewer for many dimensions" }),
    max_epochs: z
      .int()
      .min(1)
      .max(LIMITS.epochs)
      .optional()
      .openapi({ description: "Most epochs of an mlp; default 30" }),
    scaling: z.enum(["auto", "uniform", "standard"]).optional().openapi({
      description:
        "`standard` scales each dimension by its own standard deviation, `uniform` all by one; `auto` decides by how much these differ",
    }),
    class_weight: z.enum(["balanced"]).nullable().optional().openapi({
      description: "`balanced`: each label has the same weight, however many examples it has",
    }),
    metric: z.enum(SELECTION_METRICS).optional().openapi({
      description: "Metric on held-out examples that selects the settings; default log_loss",
    }),
    max_seconds_of_work: z.number().positive().max(LIMITS.secondsOfWork).optional().openapi({
      description: "Ends the search with its best result after about this much computation",
    }),
    learning_curve: z.boolean().optional().openapi({
      description: "Also fit on 10, 25 and 50 % of the examples, and estimate the result with twice as many",
    }),
  })
  .openapi("RecipeOptions");
export type RecipeOptions = z.infer<typeof recipeOptions>;

export const PROMOTIONS = ["if_better", "always", "never"] as const;
export const promotion = z.enum(PROMOTIONS);
export type Promotion = z.infer<typeof promotion>;

/** How a training handles labels with too few examples to learn from. */
export const RARE_LABELS = ["refuse", "leave_out"] as const;
export type RareLabels = (typeof RARE_LABELS)[number];
