// Shapes that every resource shares: slugs, times, pages, problems, and the access levels of routes.
import { z } from "@hono/zod-openapi";
import { SLUG } from "../core/ids.ts";
import { LIMITS } from "../core/limits.ts";
import { isReservedName, RESERVED_NAME } from "../core/reserved-names.ts";
import { boundedString } from "./bounds.ts";

export const slug = boundedString(LIMITS.slugChars)
  .regex(SLUG, "must be 1 to 40 of a-z, 0-9 and '-', not starting with '-'")
  .openapi({ example: "acme" });

export const time = z.iso.datetime().max(LIMITS.timeChars).openapi({ example: "2026-11-23T09:30:00.000Z" });
/** SQLite stores UTF-8, which cannot encode a lone surrogate: the stored text would differ from the sent one. */
export const wellFormed = <T extends z.ZodString>(text: T) =>
  text.refine((value) => value.isWellFormed(), "must be well-formed Unicode; it holds half a surrogate pair");

export const name = boundedString(LIMITS.nameChars).min(1);

/** For a name that becomes a key of objects. */
export const unreserved = <T extends z.ZodString>(text: T) =>
  text.refine((value) => !isReservedName(value), RESERVED_NAME);

/** The id of a new tenant or head. */
export const newSlug = unreserved(slug);

/** Scopes of a tenant key, each including those before it. */
export const SCOPES = ["predict", "read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A number from 0 to 1 in a query. */
export const share = boundedString(LIMITS.numberChars)
  .regex(/^(0|1|[01]?\.\d+)$/, "must be a number from 0 to 1")
  .transform(Number)
  .pipe(z.number().min(0).max(1));

/** A whole number in a path or a query. Digits only: `Number` would also accept 0x1, 1e0 and blanks. */
export const digits = (min: number, max: number) =>
  boundedString(LIMITS.digitsChars)
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .openapi({ type: "integer", minimum: min, maximum: max });

export const pageQuery = z.strictObject({
  limit: digits(1, LIMITS.pageSizeMax).optional(),
  after: boundedString(LIMITS.cursorChars).optional().openapi({ description: "`next` from the previous page" }),
});
export type PageQuery = z.infer<typeof pageQuery>;

export const pageOf = <T extends z.ZodType>(item: () => T) =>
  later(() => z.object({ data: z.array(item()), has_more: z.boolean(), next: z.string().nullable() }));

/** A page of rows and the cursor of the next page. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly next: string | null;
}

export const problem = later(() =>
  z
    .object({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      code: z.string(),
      request_id: z.string(),
      errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
      job: z.string().optional().openapi({ description: "`job_running`: the id of that job" }),
      labels: z
        .array(z.object({ label: z.string(), inputs: z.int() }))
        .optional()
        .openapi({
          description: "`not_enough_examples`: the labels concerned, with their numbers of different inputs",
        }),
      delivery: z.string().optional().openapi({ description: "For a failed delivery: its id" }),
      reason: z.string().optional().openapi({ description: "For a failed delivery: the code of its reason" }),
      header: z.string().optional().openapi({ description: "For a failed delivery: the name of the header concerned" }),
    })
    .openapi("Problem"),
);
export type Problem = Later<typeof problem>;

/**
 * A schema made on first use. Schemas of responses provide types and the reference, but do not validate responses, so the
 * Worker's startup need not make them.
 */
export function later<T extends z.ZodType>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The type that a schema made later describes. */
export type Later<Make extends () => z.ZodType> = z.infer<ReturnType<Make>>;

/** Content with a schema made later. Do not spread it: that would make the schema. */
export const laterContent = <T extends z.ZodType>(schema: () => T) => ({
  get schema() {
    return schema();
  },
});

export const json = <T extends z.ZodType>(schema: () => T, description: string) => ({
  description,
  content: { "application/json": laterContent(schema) },
});

export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { "application/json": { schema } },
});

/** The problem answer of every route. */
export const problems = {
  default: {
    description: "A problem (RFC 9457)",
    content: { "application/problem+json": laterContent(problem) },
  },
};

export const security = [{ key: [] }];
export const headPath = z.object({ head: slug });

/**
 * Who may call a route. `public`: anyone; `signature`: the sender of a signed request; `operator`: the admin key; a scope: a
 * tenant key with at least this scope; `any`: the admin key or any tenant key.
 */
export type Access = "public" | "signature" | "operator" | "any" | Scope;
