// Texts for zod's issues: what a field must be, as the rest of a sentence that begins with the field's pointer. Schemas give the
// texts of their own rules.
import { z } from "@hono/zod-openapi";

type Raw = z.core.$ZodRawIssue;
type Code = z.core.$ZodIssue["code"];
type Words = { readonly [One in Code]: (issue: Extract<Raw, { code: One }>) => string | undefined };

/** undefined: the issue contains other issues, whose texts are used. */
const WORDS: Words = {
  invalid_type: ({ expected, input }) => `must be ${KINDS[expected] ?? expected}, not ${kindOf(expected, input)}`,
  invalid_value: ({ values }) => `must be ${listOf(values)}`,
  invalid_format: ({ format, pattern }) => FORMATS[format] ?? `must match ${pattern ?? `the format ${format}`}`,
  too_small: ({ origin, minimum, inclusive, exact, input }) =>
    SIZES[origin]
      ? sizeWords(exact ? "exactly" : "at least", minimum, SIZES[origin], input)
      : `must be ${inclusive ? "at least" : "greater than"} ${minimum}`,
  too_big: ({ origin, maximum, inclusive, exact, input }) =>
    SIZES[origin]
      ? sizeWords(exact ? "exactly" : "at most", maximum, SIZES[origin], input)
      : `must be ${inclusive ? "at most" : "less than"} ${maximum}`,
  not_multiple_of: ({ divisor }) => `must be a multiple of ${divisor}`,
  unrecognized_keys: () => "must have no unknown fields",
  invalid_union: () => undefined,
  invalid_key: () => undefined,
  invalid_element: () => undefined,
  custom: () => "is not valid",
};

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "an array",
  object: "an object",
  record: "an object",
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: "must be a time in RFC 3339, such as 2026-11-23T09:30:00Z",
  date: "must be a date, such as 2026-11-23",
};

const SIZES: Readonly<Record<string, string>> = { string: "character", array: "item" };

function sizeWords(bound: string, size: number | bigint, unit: string, input: unknown): string {
  if (size === 1 && bound === "at least") return "must not be empty";
  const { length } = input as { readonly length: number };
  return `must have ${bound} ${size} ${unit}${size === 1 ? "" : "s"}, not ${length}`;
}

/** What the caller sent instead. A number that is not an integer is quoted. */
function kindOf(expected: string, input: unknown): string {
  if (input === null || (expected === "int" && typeof input === "number")) return String(input);
  if (typeof input === "boolean") return String(input);
  return KINDS[Array.isArray(input) ? "array" : typeof input] ?? typeof input;
}

const listOf = (values: readonly unknown[]): string =>
  (values.length > 1 ? "one of " : "") + values.map((value) => JSON.stringify(value)).join(", ");

function plainWords(issue: Raw): string | undefined {
  if (issue.input !== undefined) return (WORDS[issue.code as Code] as (one: Raw) => string | undefined)(issue);
  return issue.code === "invalid_value" ? `is required: ${listOf(issue.values)}` : "is required";
}

/** zod calls this for the text of every issue whose schema has none. */
export const speakPlainly = (): void => void z.config({ customError: plainWords });
