// Parses the inputs of a prediction for the backbone. Most inputs have one field, which is recognised without the schema: the
// schema gives the same result in ten times the time.
import type { ParsedInput } from "../../backbones/backbone.ts";
import type { RowRules } from "../../backbones/example-row.ts";
import { fieldErrors } from "../../contract/field-errors.ts";
import { input as inputSchema } from "../../contract/inputs.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import type { RowProblem } from "../../contract/row-problem.ts";
import { LIMITS } from "../../core/limits.ts";

/** Each input, or the problem with it. */
export type Inputs = (ParsedInput | RowProblem)[];

/** What decides how an input is parsed. */
export type InputRules = Pick<RowRules, "backbone" | "dimension">;

/** A requested prediction. Its inputs are parsed once the head's backbone is known. */
export interface PredictionRequest {
  readonly options: PredictOptions;
  /** A promise if there is much to parse. */
  inputsFor(rules: InputRules): Inputs | Promise<Inputs>;
}

export function parseInput(value: unknown, { backbone, dimension }: InputRules): ParsedInput | RowProblem {
  if (value instanceof Float32Array) return backbone.parse({ features: value }, dimension);
  if (isOnly(value, "features", isNumbers) || isOnly(value, "text", isText)) {
    return backbone.parse(value, dimension);
  }
  const result = inputSchema.safeParse(value);
  if (result.success) return backbone.parse(result.data, dimension);
  const [first] = fieldErrors(result.error);
  return { code: "invalid_input", detail: `${first?.pointer || "/"} ${first?.detail}` };
}

/** Whether `value` has exactly one field, with this name. */
function isOnly<Name extends string, Value>(
  value: unknown,
  name: Name,
  isValue: (field: unknown) => field is Value,
): value is { [Key in Name]: Value } {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return false;
  return isValue((value as { [Key in Name]?: unknown })[name]);
}

const isText = (field: unknown): field is string => typeof field === "string";

function isNumbers(field: unknown): field is number[] {
  if (!Array.isArray(field) || field.length > LIMITS.dimensions) return false;
  for (const number of field) if (typeof number !== "number") return false;
  return true;
}
