// Recipes: what a job is asked to train, and with which settings.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";

/** Kinds of head that can be trained. */
export const HEAD_KIND_NAMES = ["linear", "mlp"] as const;
export type HeadKindName = (typeof HEAD_KIND_NAMES)[number];

export const RECIPES = ["auto", "linear", "mlp", "update"] as const;
export const recipeName = z.enum(RECIPES);
export type RecipeName = z.infer<typeof recipeName>;

export const recipeOptions = z
  .strictObject({
    l2: z.number().min(1e-9).max(1e6).optional().openapi({
      description: "One strength of l2 regularisation, in units of scaled features, instead of the path that is walked",
    }),
    max_iterations: z.int().min(1).max(LIMITS.iterations).optional(),
    hidden_units: z
      .int()
      .min(1)
      .max(LIMITS.hiddenUnits)
      .optional()
      .openapi({ description: "Of an mlp; 128 unless given, fewer where dimensions are many" }),
    max_epochs: z.int().min(1).max(LIMITS.epochs).optional().openapi({ description: "Of an mlp; 30 unless given" }),
    scaling: z.enum(["auto", "uniform", "standard"]).optional().openapi({
      description:
        "`standard` measures each dimension in its own standard deviation, `uniform` all in one; `auto` looks at how far they lie apart",
    }),
    class_weight: z.enum(["balanced"]).nullable().optional().openapi({
      description: "`balanced`: every label counts alike, however many examples it has",
    }),
    metric: z.enum(["log_loss", "accuracy", "macro_f1"]).optional().openapi({
      description: "What the settings are chosen by, on examples held out; log_loss unless given",
    }),
    max_seconds_of_work: z.number().positive().max(LIMITS.secondsOfWork).optional().openapi({
      description: "Ends the search, with the best it has, after about so much computing",
    }),
    learning_curve: z.boolean().optional().openapi({
      description: "Also fit on 10, 25 and 50 % of the examples, and estimate what twice as many would give",
    }),
  })
  .openapi("RecipeOptions");
export type RecipeOptions = z.infer<typeof recipeOptions>;

export const PROMOTIONS = ["if_better", "always", "never"] as const;
export const promotion = z.enum(PROMOTIONS);
export type Promotion = z.infer<typeof promotion>;

/** What a training does about labels with too few examples to learn from. */
export const RARE_LABELS = ["refuse", "leave_out"] as const;
export type RareLabels = (typeof RARE_LABELS)[number];
