// Feedback: the correct answer for one input.
import { z } from "@hono/zod-openapi";
import { input } from "./inputs.ts";
import { predictionId } from "./predict.ts";
import { targetFields } from "./targets.ts";

export const feedbackBody = z
  .strictObject({ input: input.optional(), prediction: predictionId.optional(), ...targetFields })
  .refine(({ input: given, prediction }) => given !== undefined || prediction !== undefined, {
    path: ["input"],
    message: "is missing: give the input, or the id of a prediction as `prediction`",
  })
  .refine(({ input: given, prediction }) => given === undefined || prediction === undefined, {
    path: ["prediction"],
    message: "must not be combined with `input`: give one of them",
  })
  .openapi({ example: { input: { text: "where is my parcel?" }, label: "delivery" } });

export type Feedback = z.input<typeof feedbackBody>;
