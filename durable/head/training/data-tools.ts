// The parameters of a training's last steps: its rows, and turns that let other requests run.
import type { Turns } from "../../../src/core/turns.ts";
import type { TrainingData } from "../../../src/engine/data/training-data.ts";

export interface DataTools {
  readonly data: TrainingData;
  readonly turns: Turns;
}
