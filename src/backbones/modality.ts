// The first check of every backbone: exactly one input, of the backbone's modality.
import { MODALITIES, type Modality } from "../contract/inputs.ts";
import type { RowProblem } from "../contract/row-problem.ts";
import type { GivenInput } from "./backbone.ts";

export function wrongModality(input: GivenInput, modality: Modality): RowProblem | null {
  const given = MODALITIES.filter((name) => input[name] !== undefined);
  if (given.length === 1 && given[0] === modality) return null;
  const got = given.length === 0 ? "none" : given.join(" and ");
  const detail = `this head takes exactly one input, "${modality}"; got ${got}`;
  return { code: "invalid_input", detail, pointer: given[0] ? `/${given[0]}` : "" };
}
