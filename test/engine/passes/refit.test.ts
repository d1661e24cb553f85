// The audit after the final fit: each fold is held out once more. The sums of the other folds follow from the sums of all rows.
import { describe, expect, it } from "vitest";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import { TrainingData } from "../../../src/engine/data/training-data.ts";
import type { LbfgsState } from "../../../src/engine/optimisers/lbfgs.ts";
import { addFit, beginFitSums, evaluate } from "../../../src/engine/passes/objective.ts";
import { otherFolds } from "../../../src/engine/passes/pass.ts";
import { runSlice } from "../../../src/engine/trainer.ts";
import { labelNames, planOn } from "../../support/blocks.ts";
import { relativeGap } from "../../support/linear-algebra.ts";
import { clusterBlocks } from "../../support/samples.ts";

describe("an audit", () => {
  it("starts with the loss and gradient of the other folds, although it reads only its own fold", async () => {
    const blocks = clusterBlocks(6, 3, 2);
    const data = await TrainingData.open(blocks);
    try {
      const plan = planOn(blocks, labelNames(3), { rounds: 1 });
      const audited: number[] = [];
      for (let state: Checkpoint = startTraining(plan); state.phase !== "done"; ) {
        const { checkpoint } = await runSlice(state, data, 1);
        const [begun] = checkpoint.phase === "audit" ? checkpoint.fits : [];
        if (begun?.evaluations === 1 && state.fits[0]?.evaluations === 0) {
          const expected = await evaluated(checkpoint, data);
          expect(begun.at?.f).toBeCloseTo(expected.at?.f as number, 5);
          expect(relativeGap(begun.at?.g as Float32Array, expected.at?.g as Float32Array)).toBeLessThan(1e-3);
          audited.push(checkpoint.round);
        }
        state = checkpoint;
      }
      expect(audited).toEqual([1, 2, 3, 4]);
    } finally {
      data.dispose();
    }
  });
});

/** The same evaluation, computed from the rows of the other folds. */
async function evaluated(state: Checkpoint, data: TrainingData): Promise<LbfgsState> {
  const fit = { ...(state.fits[0] as LbfgsState), at: null, line: null, trial: state.parameters as Float32Array };
  const sums = beginFitSums(state);
  for (const place of data.list(otherFolds(state))) {
    await data.withBlock(place, state.scaler, (block) => addFit(sums, block, state, fit));
  }
  return evaluate(state, fit, sums, state.selected?.l2 as number);
}
