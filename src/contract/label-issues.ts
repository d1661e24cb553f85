// Label issues: examples whose label is probably wrong, as the training of a version found them.
import { createRoute, z } from "@hono/zod-openapi";
import { digits, headPath, json, type Later, later, pageQuery, problems, security, share } from "./common.ts";

export const ISSUE_KINDS = ["conflict", "contradiction", "duplicate", "near_duplicate"] as const;

const probability = (description: string) => z.number().min(0).max(1).nullable().openapi({ description });

export const labelIssue = later(() =>
  z
    .object({
      example: z.string().openapi({ description: "Its id" }),
      label: z.string().openapi({ description: "The label given" }),
      suggested: z.string(),
      score: probability("Of the label given, by a model that did not see the example; null where none scored it"),
      suggested_score: probability("Of the label suggested"),
      suspicion: z.number().min(0).max(1).openapi({
        description:
          "How probable the label suggested is, of the two: suggested_score / (score + suggested_score); 1 of a `conflict` and of a `duplicate`. 0.95 is 19 to 1",
      }),
      kind: z.enum(ISSUE_KINDS).openapi({
        description:
          "`conflict`: an upload gave its input two labels, of which the later one stands, until somebody relabels or confirms it with `PATCH`; `contradiction`: models that did not see the example say otherwise; `duplicate`: examples of the same input, or `near_duplicate`: of all but the same (cosine 0.99), have another label",
      }),
      others: z.array(z.string()).optional().openapi({ description: "Ids of the examples that it contradicts" }),
    })
    .openapi("LabelIssue"),
);
export type LabelIssueView = Later<typeof labelIssue>;

export const labelIssues = later(() =>
  z.object({
    version: z.int().nullable().openapi({ description: "Whose training found them; null before there is a version" }),
    ...{ data: z.array(labelIssue()), has_more: z.boolean(), next: z.string().nullable() },
  }),
);
export type LabelIssuesPage = Later<typeof labelIssues>;

export const labelIssuesQuery = pageQuery.extend({
  min_suspicion: share.optional().openapi({ description: "Only issues of at least this `suspicion`, from 0 to 1" }),
  version: digits(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .openapi({ description: "Whose training; the newest version's unless given" }),
});
export type LabelIssuesQuery = z.infer<typeof labelIssuesQuery>;

export const listLabelIssues = createRoute({
  ...{ tags: ["Examples"], security },
  path: "/v1/heads/{head}/label-issues",
  method: "get",
  operationId: "listLabelIssues",
  summary: "Examples whose label is probably wrong. Empty for multilabel and regression heads",
  request: { params: headPath, query: labelIssuesQuery },
  responses: {
    200: json(labelIssues, "A page, most suspicious first; without examples deleted or relabelled since"),
    ...problems,
  },
});
