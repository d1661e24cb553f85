// What the last steps of a training need: its rows, and turns for others.
import type { Turns } from "../../../src/core/turns.ts";
import type { TrainingData } from "../../../src/engine/data/training-data.ts";

export interface DataTools {
  readonly data: TrainingData;
  readonly turns: Turns;
}
