// Predictions. Loaded on the first call, so that the Worker's startup does not wait for the tensor library.
import { predictionsUnderWay } from "../../core/in-flight.ts";
import type { Call, Handlers } from "../request/call.ts";
import type { Answered } from "../response/answer.ts";

let loaded: typeof import("../serving/predict.ts") | undefined;

/** Called only once: importing a loaded module still costs a prediction a few turns of the microtask queue. */
async function load(call: Call<"predict">): Promise<Answered> {
  loaded = await import("../serving/predict.ts");
  return loaded.predict(call);
}

export const predict: Handlers<"predict"> = {
  predict: (call) => predictionsUnderWay.during(() => (loaded ? loaded.predict(call) : load(call))),
};
