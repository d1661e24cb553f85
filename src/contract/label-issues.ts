// Label issues: examples whose label is probably wrong. The training of a version finds them.
import { createRoute, z } from "@hono/zod-openapi";
import { digits, headPath, json, type Later, later, pageQuery, problems, security, share } from "./common.ts";

export const ISSUE_KINDS = ["conflict", "contradiction", "duplicate", "near_duplicate"] as const;

const probability = (description: string) => z.number().min(0).max(1).nullable().openapi({ description });

export const labelIssue = later(() =>
  z
    .object({
      example: z.string().openapi({ description: "Id of the example" }),
      label: z.string().openapi({ description: "The given label" }),
      suggested: z.string(),
      score: probability(
        "Probability of the given label, by a model that did not see the example; null if there is no such model",
      ),
      suggested_score: probability("Probability of the suggested label, by the same model"),
      suspicion: z.number().min(0).max(1).openapi({
        description:
          "Share of the suggested label in both probabilities: suggested_score / (score + suggested_score); 1 for a `conflict` and for a `duplicate`. At 0.95, the suggested label is 19 times as probable as the given one",
      }),
      kind: z.enum(ISSUE_KINDS).openapi({
        description:
          "`conflict`: an upload gave its input two labels, and the later one was stored; a `PATCH` that relabels or confirms it resolves this; `contradiction`: models that did not see the example predict another label; `duplicate`: examples of the same input have another label; `near_duplicate`: examples of nearly the same input (cosine 0.99) have another label",
      }),
      others: z
        .array(z.string())
        .optional()
        .openapi({ description: "Ids of the examples whose labels contradict this one" }),
    })
    .openapi("LabelIssue"),
);
export type LabelIssueView = Later<typeof labelIssue>;

export const labelIssues = later(() =>
  z.object({
    version: z
      .int()
      .nullable()
      .openapi({ description: "The version whose training found them; null if there is none yet" }),
    data: z.array(labelIssue()),
    has_more: z.boolean(),
    next: z.string().nullable(),
  }),
);
export type LabelIssuesPage = Later<typeof labelIssues>;

export const labelIssuesQuery = pageQuery.extend({
  min_suspicion: share.optional().openapi({ description: "Only issues of at least this `suspicion`, from 0 to 1" }),
  version: digits(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi({ description: "Version whose training found the issues; default: the newest" }),
});
export type LabelIssuesQuery = z.infer<typeof labelIssuesQuery>;

export const listLabelIssues = createRoute({
  tags: ["Examples"],
  security,
  path: "/v1/heads/{head}/label-issues",
  method: "get",
  operationId: "listLabelIssues",
  summary: "List examples whose label is probably wrong. Empty for multilabel and regression heads",
  request: { params: headPath, query: labelIssuesQuery },
  responses: {
    200: json(labelIssues, "A page, most suspicious first; without examples deleted or relabelled since"),
    ...problems,
  },
});
