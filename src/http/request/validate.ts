// Parses external data with the contract's schemas. All problems are reported at once, each with a pointer.
import type { z } from "@hono/zod-openapi";
import { fieldErrors } from "../../contract/field-errors.ts";
import { Fault, type FieldError } from "../../core/problems.ts";

export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = fieldErrors(result.error);
  const first = errors[0] as FieldError;
  throw new Fault("invalid_request", `${what}${first.pointer && `: ${first.pointer}`} ${first.detail}`, { errors });
}
