// The training loop. A training is a sequence of stages, most of them passes over blocks of features; a slice does as many
// blocks as its budget of work allows and hands the state back. Work is counted, not timed: clocks stand still in deployed
// Workers.
import type { Checkpoint } from "./checkpoint.ts";
import type { Computation, Pass } from "./passes/pass.ts";
import { STAGES, type Stage } from "./passes/table.ts";
import type { TrainingData } from "./training-data.ts";

export interface Slice {
  readonly checkpoint: Checkpoint;
  readonly done: boolean;
}

/**
 * Goes on from `checkpoint` for about `budget` floating-point operations. However it is sliced, it ends with the same bits.
 * A slice also ends once there is a scaler, which must be stored before the next one: that may put back blocks in halves,
 * which without their scaler nobody can read.
 */
export async function runSlice(checkpoint: Checkpoint, data: TrainingData, budget: number): Promise<Slice> {
  const until = checkpoint.work + budget;
  let state = checkpoint;
  while (state.phase !== "done" && state.work < until && !isNewlyScaled(checkpoint, state)) {
    state = await advance(state, STAGES[state.phase], data);
  }
  return { checkpoint: state, done: state.phase === "done" };
}

/** Whether the state must be stored before it goes on. */
export const isNewlyScaled = (before: Checkpoint, state: Checkpoint): boolean =>
  !before.scaler && state.scaler !== null;

function advance(state: Checkpoint, stage: Stage, data: TrainingData): Checkpoint | Promise<Checkpoint> {
  if (typeof stage === "function") return stage(state);
  return "steps" in stage ? compute(state, stage) : addBlock(state, stage, data);
}

/** Adds one block to the sums of the pass; after the last, the pass decides what comes next. */
async function addBlock<Sums>(state: Checkpoint, pass: Pass<Sums>, data: TrainingData): Promise<Checkpoint> {
  const blocks = blocksFor(state, pass, data);
  const block = blocks[state.cursor];
  const begun = (state.sums ?? pass.begin(state)) as Sums;
  const sums = block ? await data.withBlock(block, state.scaler, (ready) => pass.add(begun, ready, state)) : begun;
  const work = state.work + (block ? pass.work(state, block.rows) + readingWork(state, block.rows) : 0);
  if (state.cursor + 1 < blocks.length) return { ...state, work, sums, cursor: state.cursor + 1 };
  return { ...pass.finish({ ...state, work, sums: null, cursor: 0 }, sums) };
}

function blocksFor(state: Checkpoint, pass: Pass<unknown>, data: TrainingData) {
  const blocks = data.list(pass.parts(state));
  const most = pass.mostRows?.(state) ?? Number.MAX_VALUE;
  let rows = 0;
  const enough = blocks.findIndex((block) => {
    rows += block.rows;
    return rows >= most;
  });
  const taken = enough < 0 ? blocks : blocks.slice(0, enough + 1);
  return pass.arrange?.(taken, state) ?? taken;
}

/** One step of a computation over no rows. */
function compute<Sums>(state: Checkpoint, computation: Computation<Sums>): Checkpoint {
  const sums = computation.step((state.sums ?? computation.begin(state)) as Sums, state.cursor, state);
  const work = state.work + computation.stepWork(state);
  if (state.cursor + 1 < computation.steps(state)) return { ...state, work, sums, cursor: state.cursor + 1 };
  return computation.finish({ ...state, work, sums: null, cursor: 0 }, sums);
}

/** Reading, scaling and summing a block cost about ten operations a number, beside the products. */
const readingWork = ({ plan }: Checkpoint, rows: number): number => 10 * rows * plan.dims;
