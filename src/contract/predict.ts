// Predictions: calibrated scores, best first. Abstains instead of a doubtful answer if the caller requests it.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { PREDICTION_ID, PREDICTION_ID_CHARS } from "../core/prediction-ids.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { digits, headPath, json, type Later, later, problems, security, share, slug } from "./common.ts";
import { input } from "./inputs.ts";
import { ROW_CODES } from "./row-problem.ts";

const options = {
  top: z.int().min(1).max(LIMITS.labelsPerHead).optional(),
  threshold: z.number().min(0).max(1).optional().openapi({
    description:
      "Classification: abstain if the best score is lower. Multilabel: set the labels that reach it, instead of using each label's threshold",
  }),
  coverage: z.number().min(0).max(1).optional().openapi({
    description: "Classification: add the smallest conformal `set`, which contains the right label this often",
  }),
  version: z.int().min(1).optional(),
  consistency: z.enum(["replica", "strong"]).optional().openapi({
    description:
      "Source of the live version: `replica`, the default: the receiving Worker's copy, at most two seconds old; `strong`: the head's object. The same version gives the same bits",
  }),
  key: boundedString(LIMITS.idChars)
    .optional()
    .openapi({ description: "Identifies the caller: if traffic is split, the same key always gets the same version" }),
};
/** The options in a query, for a body of float32 rows. */
const optionsQuery = z.strictObject({
  top: digits(1, LIMITS.labelsPerHead).optional(),
  threshold: share.optional(),
  coverage: share.optional(),
  version: digits(1, Number.MAX_SAFE_INTEGER).optional(),
  consistency: options.consistency,
  key: options.key,
});

/** The schema for parsing. Inputs are validated one by one later, because an invalid input only affects its own result. */
export const predictBody = z.strictObject({
  inputs: boundedArray(z.unknown(), LIMITS.inputsPerPredict).min(1),
  ...options,
});
const documentedBody = z.strictObject({ inputs: boundedArray(input, LIMITS.inputsPerPredict).min(1), ...options });
export type PredictBody = z.infer<typeof predictBody>;
export type PredictOptions = Omit<PredictBody, "inputs">;

/** The id of a prediction that the head stores. */
export const predictionId = boundedString(PREDICTION_ID_CHARS)
  .regex(PREDICTION_ID, "must be the id of a prediction: prd_ and 20 letters or digits")
  .openapi({ example: "prd_0V5sWnRkT3bZc8QpLm2H" });
const given = {
  id: predictionId.optional().openapi({
    description:
      "The id by which feedback refers to the prediction. Present if the head stores the prediction (`log_hours`, or a capture). Files of more than 1.4 MB are not stored",
  }),
};

const score = later(() => z.object({ label: z.string(), score: z.number() }));
const classified = later(() =>
  z
    .object({
      ...given,
      label: z.string().nullable(),
      score: z.number(),
      abstained: z.boolean(),
      scores: z.array(score()),
      set: z.array(z.string()).optional(),
    })
    .openapi("Classified"),
);
const labelled = later(() =>
  z.object({ ...given, labels: z.array(z.string()), scores: z.array(score()) }).openapi("Labelled"),
);
const valued = later(() => z.object({ ...given, value: z.number() }).openapi("Valued"));

export type Classified = Later<typeof classified>;
export type Labelled = Later<typeof labelled>;
export type Valued = Later<typeof valued>;
/** By the head's task: classification, multilabel, regression. */
export type Prediction = Classified | Labelled | Valued;
const failed = later(() => z.object({ error: z.object({ code: z.enum(ROW_CODES), detail: z.string() }) }));

export const predictions = later(() =>
  z
    .object({
      head: slug,
      version: z.int(),
      predictions: z.array(z.union([classified(), labelled(), valued(), failed()])),
      stale: z
        .boolean()
        .optional()
        .openapi({ description: "true: the head's object was not reachable, so the last known live version answered" }),
    })
    .openapi("Predictions"),
);

export type Predictions = Later<typeof predictions>;

const floatRows = boundedString(LIMITS.predictBodyBytes).openapi({
  format: "binary",
  description: "Rows of little-endian float32, of the head's dimension; options go into the query",
});

export const predict = createRoute({
  tags: ["Predict"],
  security,
  path: "/v1/heads/{head}/predict",
  method: "post",
  operationId: "predict",
  summary: "Score inputs. An invalid input gets an error in its place",
  request: {
    params: headPath,
    query: optionsQuery,
    body: {
      required: true,
      content: {
        "application/json": { schema: documentedBody },
        "application/vnd.lastlayer.f32": { schema: floatRows },
      },
    },
  },
  responses: { 200: json(predictions, "One answer per input, in order"), ...problems },
});
