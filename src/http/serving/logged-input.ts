// The input of a prediction that feedback refers to. A Worker reports predictions about a second after its response, so a fast
// caller may have to wait for the report.
import type { Input } from "../../contract/inputs.ts";
import type { LoggedInput } from "../../contract/serving-rpc.ts";
import { timeOfPrediction } from "../../core/prediction-ids.ts";
import { type Outcome, unwrap } from "../../core/problems.ts";
import { type Call, headOf } from "../request/call.ts";

/** Predictions older than this have been reported, or never will be. */
const HANDED_OVER_MS = 4_000;
const LOOK_AGAIN_MS = 200;

export async function loggedInput(call: Call<"giveFeedback">, id: string): Promise<Input> {
  const head = headOf(call);
  const until = Math.min(Date.now(), timeOfPrediction(id)) + HANDED_OVER_MS;
  for (;;) {
    const found: Outcome<LoggedInput> = await head.getPrediction(id);
    const isMissing = !found.ok && found.fault.code === "not_found";
    if (!isMissing || Date.now() >= until) return unwrap(found).input;
    await scheduler.wait(LOOK_AGAIN_MS);
  }
}
