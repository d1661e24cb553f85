// Numbers of a payload with every digit that the sender wrote. JavaScript rounds integers beyond 2^53, and writes 1.10 as 1.1:
// used as an id or a text, both would change.
import { decimalOf } from "../core/decimal.ts";

/** A number whose JSON text differs from what JavaScript would write for its value. */
export class ExactNumber {
  /** Private, so that no pointer can reach into a number. */
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  get source(): string {
    return this.#source;
  }
}

/** The number with the JSON text `text`: a JavaScript number if JavaScript would write it in the same way. */
export function exactNumberOf(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

/** The text of a text, of a number (with all its digits) or of a boolean; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (value instanceof ExactNumber) return value.source;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

/** A finite number, from a number or from its decimal text; null for anything else. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === "string" ? decimalOf(value) : roundedOf(value);
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** The value with JavaScript numbers. Values too deep for recursion were refused before. */
export function roundedOf(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value.source);
  if (Array.isArray(value)) return value.map(roundedOf);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, roundedOf(item)]));
}
