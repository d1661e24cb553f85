// Predictions. Loaded on the first one: starting the Worker does not wait for the tensor library.
import type { Handlers } from "../call.ts";

export const predict: Handlers<"predict"> = {
  predict: async (call) => (await import("../serving/predict.ts")).predict(call),
};
