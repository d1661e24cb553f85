// The result of an upload: counts, rejected rows, and rows that contradict each other.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";
import { type Later, later } from "./common.ts";
import { ROW_CODES } from "./row-problem.ts";
import { warning } from "./warnings.ts";

const rejection = later(() =>
  z.object({
    index: z.int().openapi({ description: "Position of the row in the upload, counted from 0" }),
    line: z
      .int()
      .optional()
      .openapi({ description: "Line of the file where the row begins, counted from 1, in NDJSON and CSV" }),
    code: z.enum(ROW_CODES),
    detail: z.string(),
    pointer: z.string().optional(),
  }),
);
export type Rejection = Later<typeof rejection>;

const givenLabels = {
  label: z.string().optional(),
  labels: z.array(z.string()).readonly().optional(),
};
const conflict = later(() =>
  z.object({
    index: z.int().openapi({ description: "Position of the row in the upload, counted from 0" }),
    line: z.int().optional(),
    id: z.string().openapi({ description: "Id of the row's example" }),
    ...givenLabels,
    earlier: z
      .object({ index: z.int(), ...givenLabels })
      .openapi({ description: "The earlier row with the same input and another label" }),
  }),
);
export type Conflict = Later<typeof conflict>;

export const uploadResult = later(() =>
  z
    .object({
      added: z.int(),
      updated: z.int(),
      unchanged: z.int(),
      rejected: z.array(rejection()),
      rejected_total: z.int().openapi({ description: `rejected lists the first ${LIMITS.rejectionsListed}` }),
      stopped_at_line: z
        .int()
        .optional()
        .openapi({
          description: `The last line that was read, if a streamed upload stopped after ${LIMITS.rejectionsInARow} consecutive rejected rows. Accepted rows before it stay stored`,
        }),
      features: z.object({
        computed: z.int(),
        cached: z.int(),
        pending: z.int().openapi({
          description: "Examples that are stored and whose inputs are embedded later, because the backbone is away",
        }),
      }),
      conflicts: z.array(conflict()).openapi({
        description: `Rows with the same input as an earlier row of this upload, and another label; the first ${LIMITS.conflictsListed}. For one id, the last row counts`,
      }),
      conflicts_total: z
        .int()
        .openapi({ description: `Among the first ${LIMITS.conflictInputs} different inputs of the upload` }),
      id: z.string().optional().openapi({ description: "For an accepted upload of one example: its id" }),
      warnings: z
        .array(warning())
        .openapi({ description: "What would stop a training of the head now, or which labels it would leave out" }),
    })
    .openapi("UploadResult"),
);
export type UploadResult = Later<typeof uploadResult>;
