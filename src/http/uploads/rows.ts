// One row of an upload, from whatever format it came, to an example a head can take; or what is wrong with it.
import { type Backbone, digestOf, type ParsedInput } from "../../backbones/backbone.ts";
import { exampleRow } from "../../contract/examples.ts";
import type { Input, RowProblem } from "../../contract/inputs.ts";
import type { NewExample } from "../../contract/rpc.ts";
import { fieldErrors } from "../validate.ts";

/** A row as its format gives it: a value to check, or a problem that its format found. */
export type RawRow = { readonly value: unknown } | { readonly problem: RowProblem };

export interface CheckedRow {
  readonly example: NewExample;
  readonly input: ParsedInput;
}

export const isProblem = (value: object): value is RowProblem => "code" in value && "detail" in value;

export async function checkRow(
  raw: RawRow,
  index: number,
  backbone: Backbone,
  dimension: number,
): Promise<CheckedRow | RowProblem> {
  if ("problem" in raw) return raw.problem;
  const result = exampleRow.safeParse(raw.value);
  if (!result.success) return rowProblem(fieldErrors(result.error));
  const { id, label, split, ...fields } = result.data;
  const input = backbone.parse(withoutExportedFeatures(fields, backbone, dimension), dimension);
  if (isProblem(input)) return input;
  const digest = await digestOf(input);
  return { input, example: { index, id: id ?? digest, digest, text: input.text, label, ...(split ? { split } : {}) } };
}

/** An export with features tells text and vector; on its way back the text is the input and the vector is made afresh. */
function withoutExportedFeatures(input: Input, { modality }: Backbone, dimension: number): Input {
  const { features, ...rest } = input;
  const exported =
    modality === "text" && input.text !== undefined && Array.isArray(features) && features.length === dimension;
  return exported ? rest : input;
}

function rowProblem(errors: readonly { pointer: string; detail: string }[]): RowProblem {
  const { pointer, detail } = errors[0] as (typeof errors)[number];
  return {
    code: pointer.startsWith("/label") ? "invalid_label" : "invalid_example",
    detail: `${pointer || "/"} ${detail}`,
    pointer,
  };
}
