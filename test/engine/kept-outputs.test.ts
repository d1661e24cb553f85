// Cached outputs of a model: computed once while the same model is evaluated on a block, and never used for another model.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, startTraining } from "../../src/engine/checkpoint.ts";
import { TrainingData } from "../../src/engine/data/training-data.ts";
import { HEAD_KINDS } from "../../src/engine/heads/registry.ts";
import { KeptOutputs } from "../../src/engine/kept-outputs.ts";
import type { Phase } from "../../src/engine/phases.ts";
import { runSlice } from "../../src/engine/trainer.ts";
import { labelNames, planOn } from "../support/blocks.ts";
import { clusterBlocks } from "../support/samples.ts";

const [first, second] = [new Float32Array(1), new Float32Array(1)];
const block = (index: number) => ({ part: 0, index, first: 0, rows: 1 });

let kept: KeptOutputs;
let computed: number;

/** The first output of `parameters` for a block. Each computation returns another number. */
const asked = (index: number, parameters: Float32Array, length = 1): number =>
  kept.with(
    block(index),
    parameters,
    () => new Float32Array(length).fill(++computed),
    (outputs) => outputs[0] as number,
  );

beforeEach(() => {
  kept = new KeptOutputs();
  computed = 0;
});

afterEach(() => kept.clear());

describe("the outputs of a block", () => {
  it("are computed once if the same model is evaluated again", () => {
    expect([asked(0, first), asked(0, first), asked(0, first)]).toEqual([1, 1, 1]);
  });

  it("are separate for each model, even with equal parameters", () => {
    expect([asked(0, first), asked(0, second), asked(0, second), asked(0, first)]).toEqual([1, 2, 2, 3]);
  });

  it("are separate for each block", () => {
    expect([asked(0, first), asked(1, first), asked(0, first), asked(1, first)]).toEqual([1, 2, 1, 2]);
  });

  it("are computed again if there is no room for them, and are freed when another model is evaluated", () => {
    const most = LIMITS.keptOutputBytes / 4;
    expect([asked(0, first, most), asked(1, first), asked(1, first), asked(0, first)]).toEqual([1, 2, 3, 1]);
    expect([asked(0, second), asked(1, first), asked(1, first)]).toEqual([4, 5, 5]);
  });

  it("are not cached if another training uses the room", () => {
    const other = new KeptOutputs();
    const most = new Float32Array(LIMITS.keptOutputBytes / 4);
    other.with(
      block(0),
      first,
      () => most,
      () => undefined,
    );
    expect([asked(0, first), asked(0, first)]).toEqual([1, 2]);
    other.clear();
    expect([asked(0, first), asked(0, first)]).toEqual([3, 3]);
  });

  it("are computed again after the cache is cleared", () => {
    asked(0, first);
    kept.clear();
    expect(asked(0, first)).toBe(2);
  });
});

it("outputs leave no memory behind if there was no room for them, or if their model changed", () => {
  const seen: Float32Array[] = [];
  const use = (parameters: Float32Array, length: number): void =>
    kept.with(
      block(0),
      parameters,
      () => new Float32Array(length),
      (outputs) => void seen.push(outputs),
    );
  use(first, 1 + LIMITS.keptOutputBytes / 4);
  use(first, 1);
  use(second, 1);
  expect(seen.map(({ byteLength }) => byteLength)).toEqual([0, 0, 4]);
});

describe("a training", () => {
  afterEach(() => vi.restoreAllMocks());

  const blocks = clusterBlocks(6, 3);
  const plan = planOn(blocks, labelNames(3), { options: { l2: 0.01 } });
  const toPhase = async (data: TrainingData, from: Checkpoint, phases: readonly Phase[]): Promise<Checkpoint> => {
    let state = from;
    while (!phases.includes(state.phase)) state = (await runSlice(state, data, 1)).checkpoint;
    return state;
  };
  /** Runs from `state` to the bootstrap phase. Returns the number of products computed on the way, and the state there. */
  async function productsFrom(data: TrainingData, state: Checkpoint): Promise<readonly [number, Checkpoint]> {
    const forward = vi.spyOn(HEAD_KINDS.linear, "forward");
    const end = await toPhase(data, state, ["bootstrap"]);
    return [forward.mock.calls.length, end];
  }

  it("computes the products of held-out rows once for its temperature and its metrics, or again after it moved to another object", async () => {
    const [here, there] = [await TrainingData.open(blocks), await TrainingData.open(blocks)];
    const scored = await toPhase(here, startTraining(plan), ["calibrate"]);
    const bytes = encodeCheckpoint(scored);
    const [none, end] = await productsFrom(here, scored);
    const [each, endThere] = await productsFrom(there, decodeCheckpoint(bytes));
    expect([none, each]).toEqual([0, blocks.folds.flat().length]);
    expect(encodeCheckpoint(endThere)).toEqual(encodeCheckpoint(end));
    here.dispose();
    there.dispose();
  });

  it("frees all cached outputs when it ends", async () => {
    const data = await TrainingData.open(blocks);
    const scored = await toPhase(data, startTraining(plan), ["calibrate"]);
    data.dispose();
    const [each] = await productsFrom(data, scored);
    expect(each).toBe(blocks.folds.flat().length);
    data.dispose();
  });
});
