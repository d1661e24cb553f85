// Predictions. Loaded on the first call, so that the Worker's startup does not wait for the tensor library.
import { predictionsUnderWay } from "../../core/under-way.ts";
import type { Answered } from "../answer.ts";
import type { Call, Handlers } from "../call.ts";

let loaded: typeof import("../serving/predict.ts") | undefined;

/** Called only once: importing a loaded module still costs a prediction a few turns of the microtask queue. */
async function load(call: Call<"predict">): Promise<Answered> {
  loaded = await import("../serving/predict.ts");
  return loaded.predict(call);
}

export const predict: Handlers<"predict"> = {
  predict: (call) => predictionsUnderWay.during(() => (loaded ? loaded.predict(call) : load(call))),
};
