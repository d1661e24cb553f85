// Predictions. Loaded on the first one: starting the Worker does not wait for the tensor library.
import { predictionsUnderWay } from "../../core/under-way.ts";
import type { Handlers } from "../call.ts";

let loaded: typeof import("../serving/predict.ts") | undefined;

export const predict: Handlers<"predict"> = {
  predict: (call) =>
    predictionsUnderWay.during(async () => {
      loaded ??= await import("../serving/predict.ts"); // asking for it each time costs a prediction a few turns
      return loaded.predict(call);
    }),
};
