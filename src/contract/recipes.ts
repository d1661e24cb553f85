// Recipes: what a job is asked to train, and with which settings.
import { z } from "@hono/zod-openapi";

/** Kinds of head that can be trained. */
export type HeadKindName = "linear";

export const RECIPES = ["auto", "linear"] as const;
export const recipeName = z.enum(RECIPES);
export type RecipeName = z.infer<typeof recipeName>;

export const recipeOptions = z
  .strictObject({
    l2: z.number().min(1e-9).max(1e6).optional().openapi({
      description:
        "One strength of l2 regularisation, in units of scaled features, instead of the path that `auto` walks",
    }),
    max_iterations: z.int().min(1).max(10_000).optional(),
  })
  .openapi("RecipeOptions");
export type RecipeOptions = z.infer<typeof recipeOptions>;

export const PROMOTIONS = ["if_better", "always", "never"] as const;
export const promotion = z.enum(PROMOTIONS);
export type Promotion = z.infer<typeof promotion>;
