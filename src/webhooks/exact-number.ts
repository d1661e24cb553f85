// Numbers of a payload with every digit the sender wrote. JavaScript rounds integers beyond 2^53 and writes 1.10 as 1.1;
// as an id or a text, both would be another one.
import { decimalOf } from "../core/decimal.ts";

/** A number whose JSON text is not what JavaScript would write for its value. */
export class ExactNumber {
  /** Private, so that no pointer leads into a number. */
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get source(): string {
    return this.#source;
  }
}

/** Exponents, zeros at the end of a fraction or many at its beginning, and negative zero. */
const REWRITTEN = /\d[eE][+-]?\d|\.\d*0(?!\d)|\.000000|(^|[:,[\s])-0(?![\d.])/;
/** As many digits as a float64 may not hold. */
const LONG = /(?<![\d.])-?[\d.]{16,}/g;

/** Whether `json` may hold a number that JavaScript writes in another way. Parts of a text may look so, which only costs time. */
function mayRound(json: string): boolean {
  if (REWRITTEN.test(json)) return true;
  for (const [number] of json.matchAll(LONG)) if (String(Number(number)) !== number) return true;
  return false;
}

/** PLATFORM: V8 gives revivers the source text of primitives (`context.source`); found in workerd 1.20260917.1. */
type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source: string }) => unknown;

const keepDigits: Reviver = (_, value, { source }) =>
  typeof value === "number" && String(value) !== source ? new ExactNumber(source) : value;

/** `parsed`, which is what `JSON.parse` makes of `json`, with every digit of its numbers. It must not be nested deeply: a reviver recurses. */
export const withDigits = (json: string, parsed: unknown): unknown =>
  mayRound(json) ? JSON.parse(json, keepDigits as Parameters<typeof JSON.parse>[1]) : parsed;

/** A text, or what stands for one: a number with all its digits, or a boolean. null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value instanceof ExactNumber) return value.source;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** A finite number, or a text that writes one in decimal. null for anything else. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === "string" ? decimalOf(value) : roundedOf(value);
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** The value with JavaScript's numbers in it. What is too deep for recursion was refused before. */
export function roundedOf(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value.source);
  if (Array.isArray(value)) return value.map(roundedOf);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, roundedOf(item)]));
}
