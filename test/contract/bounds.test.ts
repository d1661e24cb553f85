// Every schema that parses or documents a request has bounds, which are checked first.
import { z } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { boundedArray, boundedRecord, boundedString, isBounded } from "../../src/contract/bounds.ts";
import { exampleRow } from "../../src/contract/examples.ts";
import { fieldErrors } from "../../src/contract/field-errors.ts";
import { headCard, toldFigures } from "../../src/contract/head-file.ts";
import { input } from "../../src/contract/inputs.ts";
import { predictBody } from "../../src/contract/predict.ts";
import type { RouteEntry } from "../../src/contract/route-entry.ts";
import { ROUTES } from "../../src/contract/routes.ts";
import { TASKS } from "../../src/contract/tasks.ts";
import { LIMITS } from "../../src/core/limits.ts";

type Schema = z.core.$ZodType;
interface Definition {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: { check: string; abort?: boolean } } }[];
  readonly [part: string]: unknown;
}

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null && "_zod" in value;

/** The schemas inside a schema, with their paths. */
function partsOf({ type, shape, ...def }: Definition): [string, Schema][] {
  if (type === "object") return Object.entries(shape as Record<string, Schema>);
  return Object.entries(def).flatMap(([name, part]) =>
    (Array.isArray(part) ? part : [part]).filter(isSchema).map((one): [string, Schema] => [name, one]),
  );
}

function isUnbounded(schema: Schema): boolean {
  const { type, checks = [], format } = schema._zod.def as unknown as Definition;
  const maximum = checks.findIndex(({ _zod }) => _zod.def.check === "max_length");
  if (type === "array") return maximum < 0 || !isBounded(schema);
  if (type === "record") return !isBounded(schema);
  if (type !== "string") return false;
  if (format !== undefined) return maximum < 0; // a date or a time, whose pattern is checked first
  return maximum !== 0 || (checks.length > 1 && checks[0]?._zod.def.abort !== true);
}

/** Paths of the schemas that have no bound, or that check it too late. */
function unboundedIn(schema: Schema, at: string, seen = new Set<Schema>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const own = isUnbounded(schema) ? [at] : [];
  const def = schema._zod.def as unknown as Definition;
  return [...own, ...partsOf(def).flatMap(([name, part]) => unboundedIn(part, `${at}/${name}`, seen))];
}

function schemasOf({ route, body }: RouteEntry): [string, Schema][] {
  const { params, query, body: described } = route.request ?? {};
  const contents = Object.entries(described?.content ?? {}).map(([type, content]) => [
    type,
    (content as { schema?: unknown } | undefined)?.schema,
  ]);
  return [["params", params], ["query", query], ["body", body], ...contents].filter(
    (named): named is [string, Schema] => isSchema(named[1]),
  );
}

describe("request schemas", () => {
  it.each(Object.entries<RouteEntry>(ROUTES))(
    "have a maximum for every array, record and string: %s",
    (name, entry) => {
      const unbounded = schemasOf(entry).flatMap(([part, schema]) => unboundedIn(schema, `${name} ${part}`));
      expect(unbounded).toEqual([]);
    },
  );

  it.each<[string, Schema]>([
    ["rows of uploads", exampleRow],
    ["inputs", input],
    ["bodies of predictions", predictBody],
    ["cards of files", headCard()],
    ...TASKS.map((task): [string, Schema] => [`figures of a ${task}`, toldFigures(task)]),
  ])("that handlers parse themselves have a maximum for every array, record and string: %s", (name, schema) => {
    expect(unboundedIn(schema, name)).toEqual([]);
  });

  it("are reported by the check if they are unbounded", () => {
    const shape = {
      a: z.array(z.number()),
      b: z.string(),
      c: z.record(z.string(), z.number()),
      d: z.string().min(1).max(5),
    };
    expect(unboundedIn(z.object(shape).optional(), "x")).toEqual([
      ...["x/innerType/a", "x/innerType/b", "x/innerType/c", "x/innerType/c/keyType", "x/innerType/d"],
    ]);
  });
});

describe("a bounded schema", () => {
  const errors = (schema: z.ZodType, value: unknown) => {
    const { error } = schema.safeParse(value);
    return error ? fieldErrors(error) : [];
  };
  let read = 0;
  const counted = z.number().refine(() => {
    read++;
    return true;
  });

  it("reads no item of an array that is too long, even after refinements and descriptions", () => {
    read = 0;
    const schema = boundedArray(counted, 3).min(1).openapi({ description: "few" }).optional();
    expect(errors(z.object({ a: schema }), { a: [1, 2, 3, 4] })).toMatchObject([{ pointer: "/a" }]);
    expect(read).toBe(0);
    expect(schema.parse([1, 2])).toEqual([1, 2]);
    expect(read).toBe(2);
  });

  it("stops at the twentieth problem of its items, and reads no later item", () => {
    const values = Array.from({ length: 4_000 }, () => null as unknown);
    const found = boundedArray(z.number(), 4_096).safeParse(values);
    expect(found.error?.issues.length).toBe(LIMITS.problemsListed);
    const nested = boundedArray(boundedArray(z.number(), 4_096), 256).safeParse(Array(256).fill(values));
    expect(nested.error?.issues.length).toBe(LIMITS.problemsListed);
    expect(nested.error?.issues[3]?.path).toEqual([0, 3]);
  });

  it("still stops at the twentieth problem after it refused a long array or a value that is not an array", () => {
    const schema = z.object({ a: boundedArray(z.number(), 30).optional() });
    for (const a of [Array(31).fill(null), "none", Array(30).fill(null), Array(31).fill(0), Array(30).fill(null)]) {
      expect(schema.safeParse({ a }).error?.issues.length).toBe(a.length === 30 ? LIMITS.problemsListed : 1);
    }
    const record = boundedRecord(boundedString(5), z.number(), 2).optional();
    for (const r of [{ a: 1, b: 2, c: 3 }, [], { a: 1, b: 2, c: 3 }]) expect(record.safeParse(r).success).toBe(false);
    expect(record.safeParse({ a: 1 }).success).toBe(true);
  });

  it("reads no entry of a record with too many entries", () => {
    read = 0;
    const schema = boundedRecord(boundedString(5), counted, 2).openapi({ description: "few" });
    expect(errors(z.object({ r: schema }), { r: { a: 1, b: 2, c: 3 } })).toEqual([
      { pointer: "/r", detail: "must have 2 entries at most" },
    ]);
    expect(read).toBe(0);
    expect(schema.parse({ a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
    expect(errors(schema, { a: "x" })).toMatchObject([{ pointer: "/a" }]);
    expect(errors(schema, { "too long": 1 })).toMatchObject([{ pointer: "/too long" }]);
  });

  it("checks only the length of a string that is too long", () => {
    let seen = 0;
    const schema = boundedString(5).refine(() => {
      seen++;
      return true;
    });
    expect(errors(schema, "too long").length).toBe(1);
    expect(seen).toBe(0);
  });

  it("lists at most twenty unknown fields, each shortened", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field${i}`, i]));
    expect(errors(z.strictObject({}), many).length).toBe(LIMITS.problemsListed);
    const [long] = errors(z.strictObject({}), { ["x".repeat(1_000_000)]: 1 });
    expect(long?.pointer.length).toBeLessThan(1_000);
  });
});
