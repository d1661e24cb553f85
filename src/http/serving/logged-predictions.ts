// The predictions that are stored, so that feedback and captures can refer to them.
import { type ParsedInput, writtenInput } from "../../contract/inputs.ts";
import type { ServingState } from "../../contract/serving-rpc.ts";
import { LIMITS } from "../../core/limits.ts";
import { makePredictionId } from "../../core/prediction-ids.ts";
import { systemRandom } from "../../core/random.ts";
import type { Tallies } from "../../serving/tallies.ts";
import { mayFit, type Noted } from "./noted.ts";

/** Ids of the predictions that feedback can refer to, by position; null if there are none. */
export type PredictionIds = readonly (string | undefined)[] | null;

/** Reports every prediction if the head logs them, and those that are captured. */
export function logged(
  { logHours }: ServingState,
  tallies: Tallies,
  { predictions, inputs, version }: Noted,
  captures: readonly boolean[] | null,
): PredictionIds {
  if (logHours === 0 && !captures) return null;
  const at = Date.now();
  return predictions.map((_, i) => {
    if (logHours === 0 && !captures?.[i]) return undefined;
    const input = inputs[i] as ParsedInput;
    if (!mayFit(input)) return undefined;
    const id = makePredictionId(at, systemRandom);
    const record = JSON.stringify({ input: writtenInput(input), version });
    if (record.length > LIMITS.chunkBytes) return undefined; // it does not fit into a row
    return tallies.log({ id, at, record }) ? id : undefined;
  });
}
