// The interface of a kind of input: how it is written in a request, parsed, digested and stored. Each kind has one file;
// registry.ts lists them.
import type { z } from "@hono/zod-openapi";
import type { Steps } from "../../core/steps.ts";
import type { RowProblem } from "../row-problem.ts";

/** A file that is an input, or part of one. */
export interface FileContent {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The part of an input that a head stores in addition to its feature. */
export type StoredContent =
  /** A text, which searches read. */
  | { readonly form: "text"; readonly text: string }
  /** A file, stored by the input's digest. */
  | ({ readonly form: "file" } & FileContent)
  /** No further content, because the feature is the input. */
  | { readonly form: "feature" };

export type StoredForm = StoredContent["form"];

export type MappedAs = "text" | "json";

/** `Given`: the fields of the kind in a request. `Parsed`: a valid input. */
export interface InputKind<Given, Parsed> {
  /**
   * The fields of a request that hold an input, all of them together. The schemas are optional, because a request has one kind.
   */
  readonly fields: Readonly<Record<string, z.ZodType>>;
  readonly form: StoredForm;
  /** How a mapping reads the fields from a payload: as text, or as the JSON value at that place. */
  readonly mappedAs: MappedAs;
  /** Most bytes of a request for predictions. */
  readonly requestBytes: number;
  /** Most bytes of one input as JSON: an element of a large request for predictions, a line or a row of an upload. */
  readonly jsonBytes: number;
  /** A fast check without the schemas. true: `value` has exactly these fields, of the right types; `parse` checks the rest. */
  isPlain(value: unknown): boolean;
  /** The input, or the problem with it. `dimension`: of the head's features. */
  parse(given: Given, dimension: number): Parsed | RowProblem;
  /** Like `parse`, in steps, for kinds whose inputs may take long. */
  parseInSteps?(given: Given): Steps<Parsed | RowProblem>;
  /** The bytes that the digest covers. */
  digested(input: Parsed): Uint8Array<ArrayBuffer>;
  /** The fields of a request for this input. */
  written(input: Parsed): Readonly<Record<string, string>>;
  stored(input: Parsed): StoredContent;
  /** The input that was stored. `feature`: its feature, which is the input itself if nothing else was stored. */
  restored(content: StoredContent, feature: Float32Array): Parsed;
}

/** Whether `value` has exactly one field, with this name. */
export function hasOnly(value: unknown, name: string, isValue: (field: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  return isValue((value as Readonly<Record<string, unknown>>)[name]);
}

export const isText = (field: unknown): field is string => typeof field === "string";

export const problemWith = (name: string, detail: string): RowProblem => ({
  code: "invalid_input",
  detail,
  pointer: `/${name}`,
});

export const strangeContent = (form: StoredForm, of: string): Error => new Error(`${of} is not stored as ${form}`);
