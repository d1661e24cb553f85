// Parses the inputs of a prediction for the backbone. Most inputs have one field, which is recognised without the schema: the
// schema gives the same result in ten times the time.
import type { RowRules } from "../../backbones/example-row.ts";
import { fieldErrors } from "../../contract/field-errors.ts";
import {
  formOfInput,
  type GivenInput,
  type Input,
  input as inputSchema,
  kindOf,
  type Modality,
  type ParsedInput,
  parseInput,
  parseInputInTurns,
} from "../../contract/inputs.ts";
import type { PredictOptions } from "../../contract/predict.ts";
import { isProblem, type RowProblem } from "../../contract/row-problem.ts";
import type { Turns } from "../../core/turns.ts";

/** Each input, or the problem with it. */
export type Inputs = (ParsedInput | RowProblem)[];

/** The inputs without those that have a problem. */
export const validIn = (inputs: Inputs): ParsedInput[] =>
  inputs.filter((input): input is ParsedInput => !isProblem(input));

/** The properties of a head that decide how an input is parsed. */
export type InputRules = Pick<RowRules, "backbone" | "dimension">;

/** A requested prediction. Its inputs are parsed once the head's backbone is known. */
export interface PredictionRequest {
  readonly options: PredictOptions;
  /** A promise if there is much to parse. */
  inputsFor(rules: InputRules): Inputs | Promise<Inputs>;
}

/** `index`: the place of the input in its request, for problems. */
export function readInput(
  value: unknown,
  index: number,
  { backbone, dimension }: InputRules,
): ParsedInput | RowProblem {
  const { modality } = backbone;
  if (value instanceof Float32Array) return parseInput({ features: value }, modality, dimension);
  const kind = kindOf(modality);
  if (kind.isPlain(value)) return kind.parse(value as GivenInput, dimension);
  const given = validated(value, index, modality);
  return "code" in given ? given : parseInput(given, modality, dimension);
}

/** Like `readInput`, with turns of the event loop while a large file is decoded. */
export async function readLargeInput(
  value: unknown,
  index: number,
  rules: InputRules,
  turns: Turns,
): Promise<ParsedInput | RowProblem> {
  const { backbone, dimension } = rules;
  if (!kindOf(backbone.modality).parseInSteps) return readInput(value, index, rules);
  const given = validated(value, index, backbone.modality);
  return "code" in given ? given : parseInputInTurns(given, backbone.modality, dimension, turns);
}

function validated(value: unknown, index: number, modality: Modality): Input | RowProblem {
  const result = inputSchema.safeParse(value);
  if (result.success) return result.data;
  const [first] = fieldErrors(result.error);
  const form = first?.pointer === "" ? `; write it as ${formOfInput(modality)}` : "";
  return { code: "invalid_input", detail: `/inputs/${index}${first?.pointer} ${first?.detail}${form}` };
}
