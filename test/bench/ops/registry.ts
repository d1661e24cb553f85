// Every operation by its name. `fit` and `auto` return a `TrainedResult` (../host/train-line.ts), `add_one` returns {ms}.
import { addOne } from "./add-one.ts";
import { generate } from "./generate.ts";
import { gradient } from "./gradient.ts";
import type { Operation } from "./operation.ts";
import { arrangeRows, auto, fit } from "./train.ts";

export const operations: Readonly<Record<string, Operation>> = {
  gradient,
  generate,
  arrange: arrangeRows,
  fit,
  auto,
  add_one: addOne,
};
