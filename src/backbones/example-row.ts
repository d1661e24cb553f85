// Converts one parsed row of an upload or a webhook to an example for a head, or to the problem with the row.

import type { NewExample } from "../contract/example-rpc.ts";
import { exampleRow } from "../contract/examples.ts";
import { fieldErrors } from "../contract/field-errors.ts";
import {
  contentOf,
  digestInTurns,
  fieldsOf,
  type Input,
  type ParsedInput,
  parseInputInTurns,
} from "../contract/inputs.ts";
import { isProblem, type RowProblem } from "../contract/row-problem.ts";
import type { HeadConfig } from "../contract/rpc.ts";
import { targetOf } from "../contract/targets.ts";
import type { Turns } from "../core/turns.ts";
import type { Backbone } from "./backbone.ts";

export interface CheckedRow {
  readonly example: NewExample;
  readonly input: ParsedInput;
}

/** A head's requirements for a row. */
export interface RowRules extends Pick<HeadConfig, "task"> {
  readonly backbone: Backbone;
  readonly dimension: number;
}

/** The example and its input, or the first problem with the row. `index`: position of the row in its upload. */
export async function checkExample(
  row: unknown,
  index: number,
  { task, backbone, dimension }: RowRules,
  turns: Turns,
): Promise<CheckedRow | RowProblem> {
  const result = exampleRow.safeParse(row);
  if (!result.success) return rowProblem(fieldErrors(result.error));
  const { id, label, labels, value, split, ...fields } = result.data;
  const target = targetOf(task, { label, labels, value });
  if (isProblem(target)) return target;
  const given = withoutExportedFeatures(fields, backbone, dimension);
  const input = await parseInputInTurns(given, backbone.modality, dimension, turns);
  if (isProblem(input)) return input;
  const digest = await digestInTurns(input, turns);
  return { input, example: { index, id: id ?? digest, digest, content: contentOf(input), target, split } };
}

/** An export with features has input and vector. When it is uploaded again, the input is embedded again. */
function withoutExportedFeatures(input: Input, { modality }: Backbone, dimension: number): Input {
  const { features, ...rest } = input;
  if (!Array.isArray(features) || features.length !== dimension) return input;
  const own = fieldsOf(modality);
  return own.includes("features") || own.some((name) => input[name] === undefined) ? input : rest;
}

function rowProblem(errors: readonly { pointer: string; detail: string }[]): RowProblem {
  const { pointer, detail } = errors[0] as (typeof errors)[number];
  return { code: codeOf(pointer), detail: `${pointer || "the example"} ${detail}`, pointer };
}

function codeOf(pointer: string): RowProblem["code"] {
  if (pointer === "/value") return "invalid_value";
  return /^\/labels?(\/|$)/.test(pointer) ? "invalid_label" : "invalid_example";
}
