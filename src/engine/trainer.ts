// The training loop. A training is a sequence of passes over blocks of features; a slice does as many blocks as its budget
// of work allows and hands the state back. Work is counted, not timed: clocks stand still in deployed Workers.
import type { Checkpoint } from "./checkpoint.ts";
import { kindOf, PASSES, type Pass, shapeOf } from "./passes.ts";
import type { TrainingData } from "./training-data.ts";

export interface Slice {
  readonly checkpoint: Checkpoint;
  readonly done: boolean;
}

/** Goes on from `checkpoint` for about `budget` floating-point operations. However it is sliced, it ends with the same bits. */
export async function runSlice(checkpoint: Checkpoint, data: TrainingData, budget: number): Promise<Slice> {
  const until = checkpoint.work + budget;
  let state = checkpoint;
  while (state.phase !== "done" && state.work < until) state = await step(state, PASSES[state.phase], data);
  return { checkpoint: state, done: state.phase === "done" };
}

/** Adds one block to the sums of the pass; after the last, the pass decides what comes next. */
async function step<Sums>(state: Checkpoint, pass: Pass<Sums>, data: TrainingData): Promise<Checkpoint> {
  const blocks = data.list(pass.parts);
  const block = blocks[state.cursor];
  const begun = (state.sums ?? pass.begin(state)) as Sums;
  const sums = block
    ? await data.withBlock(block.part, block.index, state.scaler, (ready) => pass.add(begun, ready, state))
    : begun;
  const work = state.work + (block ? workOf(state, pass, block.rows) : 0);
  if (state.cursor + 1 < blocks.length) return { ...state, work, sums, cursor: state.cursor + 1 };
  return { ...pass.finish({ ...state, work }, sums), sums: null, cursor: 0 };
}

/** Reading, scaling and summing a block cost about ten operations a number, beside the products. */
function workOf(state: Checkpoint, { products }: Pass<unknown>, rows: number): number {
  return products * kindOf(state).work(shapeOf(state), rows) + 10 * rows * state.plan.dims;
}
