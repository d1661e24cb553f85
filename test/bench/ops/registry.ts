// Every operation by its name. `fit` and `auto` answer a `TrainedResult` (../host/train-line.ts), `add_one` answers {ms}.
import { gradient } from "./gradient.ts";
import type { Operation } from "./operation.ts";
import { auto, fit } from "./train.ts";

/** Fails, rather than answering with figures that nobody measured. */
const notWritten = (): never => {
  throw new Error("This operation is not written yet");
};

export const operations: Readonly<Record<string, Operation>> = {
  gradient,
  fit,
  auto,
  add_one: notWritten,
};
