// Predictions. Loaded on the first one: starting the Worker does not wait for the tensor library.
import { predictionsUnderWay } from "../../core/under-way.ts";
import type { Handlers } from "../call.ts";

export const predict: Handlers<"predict"> = {
  predict: (call) => predictionsUnderWay.during(async () => (await import("../serving/predict.ts")).predict(call)),
};
