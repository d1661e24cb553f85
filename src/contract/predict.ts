// Predictions: calibrated scores, best first, and no answer rather than a doubtful one where the caller asks for that.
import { createRoute, z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { PREDICTION_ID, PREDICTION_ID_CHARS } from "../core/prediction-ids.ts";
import { boundedArray, boundedString } from "./bounds.ts";
import { digits, headPath, json, type Later, later, problems, security, share, slug } from "./common.ts";
import { input, ROW_CODES } from "./inputs.ts";

const options = {
  top: z.int().min(1).max(LIMITS.labelsPerHead).optional(),
  threshold: z.number().min(0).max(1).optional().openapi({
    description:
      "Classification: abstain when the best score is below. Multilabel: set the labels that reach it, instead of each label's own threshold",
  }),
  coverage: z.number().min(0).max(1).optional().openapi({
    description: "Classification: add the smallest conformal `set`, which holds the right label this often",
  }),
  version: z.int().min(1).optional(),
  consistency: z.enum(["replica", "strong"]).optional().openapi({
    description:
      "Which version is live: `replica`, the default: as the Worker that took the request knows, at most two seconds behind; `strong`: as the head's object says when it is asked. Same version, same bits",
  }),
  key: boundedString(LIMITS.idChars)
    .optional()
    .openapi({ description: "Who asks: where traffic is split, always answered by the same version" }),
};
/** The same in a query, for a body that is rows of float32. */
const optionsQuery = z.strictObject({
  top: digits(1, LIMITS.labelsPerHead).optional(),
  threshold: share.optional(),
  coverage: share.optional(),
  version: digits(1, Number.MAX_SAFE_INTEGER).optional(),
  ...{ consistency: options.consistency, key: options.key },
});

/** As parsed: inputs are looked at one by one, since a bad one spoils only its own place. */
export const predictBody = z.strictObject({
  inputs: boundedArray(z.unknown(), LIMITS.inputsPerPredict).min(1),
  ...options,
});
const documentedBody = z.strictObject({ inputs: boundedArray(input, LIMITS.inputsPerPredict).min(1), ...options });
export type PredictBody = z.infer<typeof predictBody>;
export type PredictOptions = Omit<PredictBody, "inputs">;

/** The id of a prediction that the head keeps. */
export const predictionId = boundedString(PREDICTION_ID_CHARS)
  .regex(PREDICTION_ID, "must be the id of a prediction: prd_ and 20 letters or digits")
  .openapi({ example: "prd_0V5sWnRkT3bZc8QpLm2H" });
const given = {
  id: predictionId
    .optional()
    .openapi({ description: "Where the head keeps the prediction (`log_hours`, or it was captured): for feedback" }),
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
        .openapi({ description: "true: the head's object could not be reached, and what was live last has answered" }),
    })
    .openapi("Predictions"),
);

export type Predictions = Later<typeof predictions>;

const floatRows = boundedString(LIMITS.predictBodyBytes).openapi({
  format: "binary",
  description: "Rows of little-endian float32, as long as the head's dimension; options go into the query",
});

export const predict = createRoute({
  tags: ["Predict"],
  security,
  path: "/v1/heads/{head}/predict",
  method: "post",
  operationId: "predict",
  summary: "Score inputs; a bad input gets an error at its place",
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
