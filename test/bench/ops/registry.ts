// Every operation by its name. `fit` and `auto` answer a `TrainedResult` (../host/train-line.ts), `add_one` answers {ms}.
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
