// Answers of a regression: the value, in the units of its examples.
import type { ServedTask } from "./kind.ts";

export const regression: ServedTask = {
  answer: ({ scaler: { target } }, outputs) => ({ value: target.mean + target.deviation * (outputs[0] as number) }),
  activation: null,
  hasThresholds: false,
};
