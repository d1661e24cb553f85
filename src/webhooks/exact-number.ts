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

/** The number that `text` writes in JSON: JavaScript's own where it would be written the same way. */
export function exactNumberOf(text: string): number | ExactNumber {
  const value = Number(text);
  return String(value) === text ? value : new ExactNumber(text);
}

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
