// The texts of field errors: each says in plain English what the field must be, for every mistake that the contract can find.
import { z } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { boundedArray, boundedRecord, boundedString } from "../../src/contract/bounds.ts";
import { time } from "../../src/contract/common.ts";
import { exampleRow } from "../../src/contract/examples.ts";
import { fieldErrors } from "../../src/contract/field-errors.ts";
import { input } from "../../src/contract/inputs.ts";
import { mapping } from "../../src/contract/mapping.ts";
import { predictBody } from "../../src/contract/predict.ts";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { ROUTES } from "../../src/contract/routes.ts";

function errorsOf(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return error ? fieldErrors(error).map(({ pointer, detail }) => `${pointer} ${detail}`) : [];
}

const only = (schema: z.ZodType, value: unknown): string[] => errorsOf(z.strictObject({ x: schema }), { x: value });

describe("an error says that the field", () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ["is missing", z.string(), undefined, "is required"],
    ["is missing, and has few possible values", z.enum(["a", "b"]), undefined, 'is required: one of "a", "b"'],
    ["is missing, and may have several types", z.union([z.string(), z.number()]), undefined, "is required"],
    ["is null", z.string(), null, "must be a string, not null"],
    ["has another type", z.number(), "5", "must be a number, not a string"],
    ["is not an array", boundedArray(z.string(), 3), { a: 1 }, "must be an array, not an object"],
    ["is not an object", z.strictObject({}), [], "must be an object, not an array"],
    ["is not a record", boundedRecord(boundedString(3), z.string(), 3), 5, "must be an object, not a number"],
    ["is neither true nor false", z.boolean(), "true", "must be true or false, not a string"],
    ["is true instead of a string", z.string(), true, "must be a string, not true"],
    ["is not a whole number", z.int(), 1.5, "must be a whole number, not 1.5"],
    ["is too large for a whole number", z.int(), 2 ** 60, "must be at most 9007199254740991"],
    ["has another value than the only one", z.literal("a"), "b", 'must be "a"'],
    ["has none of the possible values", z.enum(["a", "b"]), "c", 'must be one of "a", "b"'],
    ["is an empty string", z.string().min(1), "", "must not be empty"],
    ["is a short string", z.string().min(2), "a", "must have at least 2 characters, not 1"],
    ["is a long string", boundedString(2), "abc", "must have at most 2 characters, not 3"],
    ["is a string of another length", z.string().length(2), "abc", "must have exactly 2 characters, not 3"],
    ["is an empty array", boundedArray(z.string(), 3).min(1), [], "must not be empty"],
    ["is a short array", boundedArray(z.string(), 3).min(2), ["a"], "must have at least 2 items, not 1"],
    ["is a long array", boundedArray(z.string(), 1), ["a", "b"], "must have at most 1 item, not 2"],
    ["is too small", z.number().min(1), 0, "must be at least 1"],
    ["is too big", z.number().max(1), 2, "must be at most 1"],
    ["is not greater than its bound", z.number().gt(0), 0, "must be greater than 0"],
    ["is not less than its bound", z.number().lt(1), 1, "must be less than 1"],
    ["is not a multiple", z.number().multipleOf(5), 3, "must be a multiple of 5"],
    ["is not a time", time, "today", "must be a time in RFC 3339, such as 2026-11-23T09:30:00Z"],
    ["is not a date", z.iso.date(), "today", "must be a date, such as 2026-11-23"],
    ["does not match its pattern", z.string().regex(/^a$/), "b", "must match /^a$/"],
    ["has another format", z.email(), "b", expect.stringMatching(/^must match /) as never],
    ["breaks a rule that has no message", z.string().refine(() => false), "a", "is not valid"],
    ["breaks a rule that has a message", z.string().refine(() => false, "must be kind"), "a", "must be kind"],
    [
      "has none of the possible types",
      z.union([z.string(), z.number(), z.null()]),
      [],
      "must be a string or a number or null",
    ],
    [
      "has a possible type but breaks its rule",
      z.union([z.number(), boundedString(2)]),
      "abc",
      "must have at most 2 characters, not 3",
    ],
  ])("%s", (_, schema, value, words) => {
    const [error, ...more] = only(schema, value);
    expect(error?.replace(/^\/x /, "")).toEqual(words);
    expect(more).toEqual([]);
  });

  it("is unknown", () => {
    expect(errorsOf(z.strictObject({}), { x: 1 })).toEqual(["/x is not a known field; remove it or correct its name"]);
  });

  it("has a bad key, and names the key", () => {
    const schema = boundedRecord(boundedString(3), z.number(), 3);
    expect(only(schema, { long_key: 1 })).toEqual(["/x/long_key must have at most 3 characters, not 8"]);
  });

  it("has a mistake in the variant of the mapping that the caller used", () => {
    expect(errorsOf(mapping, [])).toEqual([" must not be empty"]);
    expect(errorsOf(mapping, [{ text: 5 }])[0]).toMatch(/^\/0\/text must be /);
    expect(errorsOf(mapping, "x")).toEqual([" must be an object or an array"]);
  });
});

const JUNK = [
  undefined,
  null,
  "",
  "x",
  "x".repeat(100_000),
  "\ud800",
  -1,
  0,
  1.5,
  1e300,
  true,
  [],
  [[]],
  [null],
  Array(5_000).fill(1),
];
const OBJECTS = [{}, { x: 1 }, { "": null }, Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i]))];

/** Values with a mistake in one field after another, nested fields included. */
function* mistakes(schema: z.core.$ZodType, depth = 4): Generator<unknown> {
  yield* JUNK;
  yield* OBJECTS;
  const def = schema._zod.def as unknown as Record<string, unknown>;
  if (depth === 0) return;
  for (const [name, part] of Object.entries((def.shape ?? {}) as Record<string, z.core.$ZodType>))
    for (const value of mistakes(part, depth - 1)) yield { [name]: value };
  for (const part of [def.innerType, def.in, ...((def.options ?? []) as unknown[])])
    if (part) yield* mistakes(part as z.core.$ZodType, depth - 1);
  if (def.element) for (const value of mistakes(def.element as z.core.$ZodType, depth - 1)) yield [value, value];
  if (def.valueType) for (const value of mistakes(def.valueType as z.core.$ZodType, depth - 1)) yield { key: value };
}

const bodies = Object.entries<RouteEntry>(ROUTES).flatMap(([name, { route, body }]): [string, z.ZodType][] => {
  const { params, query, body: described } = route.request ?? {};
  const { schema } = (described?.content["application/json"] ?? {}) as { schema?: z.ZodType };
  return Object.entries({ params, query, body: body === "raw" ? undefined : (body ?? schema) }).flatMap(
    ([part, one]): [string, z.ZodType][] => (one && "_zod" in one ? [[`${part} of ${name}`, one as z.ZodType]] : []),
  );
});

it.each<[string, z.ZodType]>([...bodies, ["rows", exampleRow], ["inputs", input], ["predictions", predictBody]])(
  "an error says what the field must be, for every mistake in %s",
  (_, schema) => {
    const odd = new Set<string>();
    for (const value of mistakes(schema)) {
      const { error } = schema.safeParse(value);
      for (const { detail } of error ? fieldErrors(error) : []) {
        if (
          !/^(must|is|needs|has|give|send|use)\b/.test(detail) ||
          /Invalid|expected|Too (big|small)|received/.test(detail)
        )
          odd.add(detail);
      }
    }
    expect([...odd]).toEqual([]);
  },
);
