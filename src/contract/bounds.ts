// Bounded arrays, records and strings for request schemas. Each compares its size with its maximum before it reads an item, and
// parsing stops after `LIMITS.problemsListed` problems. So a long bad request costs little work.
import { z } from "@hono/zod-openapi";
import { LIMITS } from "../core/limits.ts";

type Context = z.core.ParseContextInternal;
type Payload = z.core.ParsePayload;

/** Parses one item or value. Returns whether to continue: false after `problemsListed` problems. */
function parseInto(schema: z.core.$ZodType, at: PropertyKey, value: unknown, payload: Payload, context: Context) {
  const own = schema._zod.run({ value, issues: [] }, context) as Payload;
  for (const issue of own.issues) payload.issues.push({ ...issue, path: [at, ...(issue.path ?? [])] });
  return { value: own.value, goesOn: payload.issues.length < LIMITS.problemsListed };
}

/** Fixes the parse method of a schema. A plain assignment would not last: on first use zod's memoizer restores the original. */
function parseBy(schema: z.ZodType, parse: (payload: Payload, context: Context) => Payload): void {
  const fixed = { get: () => parse, set: () => undefined };
  Object.defineProperty(schema._zod, "parse", fixed);
  if (!schema.def.checks?.length) Object.defineProperty(schema._zod, "run", fixed); // without checks, they are the same
}

/** An array that stops parsing after enough problems. zod itself reads all items, however many are bad. */
class BoundedArray extends z.ZodArray {
  constructor(def: z.core.$ZodArrayDef) {
    super(def);
    this._zod.constr = BoundedArray;
    const parse = this._zod.parse;
    const maxima = (def.checks ?? []).map((check) => (check._zod.def as { maximum?: number }).maximum ?? Infinity);
    const most = Math.min(...maxima);
    parseBy(this, (payload, context) => {
      const items = payload.value;
      if (!Array.isArray(items) || items.length > most) return parse(payload, context) as Payload;
      const parsed: unknown[] = [];
      payload.value = parsed;
      for (let i = 0; i < items.length; i++) {
        const item = parseInto(def.element, i, items[i], payload, context);
        parsed.push(item.value);
        if (!item.goesOn) break;
      }
      return payload;
    });
  }
}

/** A record whose keys are counted before they are read. */
class BoundedRecord extends z.ZodRecord {
  constructor(def: z.core.$ZodRecordDef & { readonly most: number }) {
    super(def);
    this._zod.constr = BoundedRecord;
    const parse = this._zod.parse as (payload: Payload, context: Context) => Payload;
    const refuse = (input: object): Payload["issues"][number] => ({
      code: "custom",
      message: `must have ${def.most} entries at most`,
      continue: false,
      input,
      inst: this,
    });
    parseBy(this, (payload, context) => {
      const given = payload.value;
      if (typeof given !== "object" || given === null || Array.isArray(given)) return parse(payload, context);
      const keys = Object.keys(given);
      if (keys.length > def.most) payload.issues.push(refuse(given));
      else payload.value = Object.fromEntries(keys.flatMap((key) => entryOf(key, given, parse, payload, context)));
      return payload;
    });
  }
}

/** The parsed entry of `key`; nothing after `problemsListed` problems. */
function entryOf(
  key: string,
  given: object,
  parse: (payload: Payload, context: Context) => Payload,
  { issues }: Payload,
  context: Context,
): [string, unknown][] {
  if (issues.length >= LIMITS.problemsListed) return [];
  const value = { [key]: (given as Record<string, unknown>)[key] };
  const own = parse({ value, issues: [] }, context);
  issues.push(...own.issues);
  return Object.entries(own.value as object);
}

/** An array of at most `most` items. */
export function boundedArray<Item extends z.ZodType>(item: Item, most: number, message?: string): z.ZodArray<Item> {
  const error = message ? () => message : undefined;
  const array = new BoundedArray({ type: "array", element: item, error });
  return array.max(most, message) as unknown as z.ZodArray<Item>;
}

/** A record of at most `most` entries. */
export function boundedRecord<Value extends z.ZodType>(
  key: z.ZodString,
  value: Value,
  most: number,
): z.ZodRecord<z.ZodString, Value> {
  const def = { type: "record", keyType: key, valueType: value, most } as const;
  return new BoundedRecord(def).openapi({ maxProperties: most }) as unknown as z.ZodRecord<z.ZodString, Value>;
}

/** A string of at most `most` Unicode code points, each one or two UTF-16 code units. No later check reads a longer string. */
export const boundedString = (most: number): z.ZodString => z.string().max(most, { abort: true });

export const isBounded = (schema: z.core.$ZodType): boolean =>
  schema._zod.constr === BoundedArray || schema._zod.constr === BoundedRecord;
