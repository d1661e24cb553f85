// The training loop. A training is a sequence of stages, most of them passes over blocks of features; a slice does as many
// blocks as its budget of work allows and hands the state back. Work is counted, not timed: clocks stand still in deployed
// Workers.
import type { BlockPlace } from "./blocks.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { HEAD_KINDS } from "./heads/registry.ts";
import type { Scaler } from "./heads/scaler.ts";
import { type Computation, type Pass, shapeOf } from "./passes/pass.ts";
import { STAGES } from "./passes/table.ts";
import type { TrainingData } from "./training-data.ts";

export interface Slice {
  readonly checkpoint: Checkpoint;
  readonly done: boolean;
}

/**
 * Goes on from `checkpoint` for as many steps as fit in `budget` floating-point operations, and one at least. However it is
 * sliced, it ends with the same bits.
 * A slice also ends once there is a scaler, which must be stored before the next one: that may put back scaled blocks,
 * which without their scaler nobody can read.
 */
export async function runSlice(checkpoint: Checkpoint, data: TrainingData, budget: number): Promise<Slice> {
  let state = checkpoint;
  for (let left = budget, steps = 0; state.phase !== "done" && !isNewlyScaled(checkpoint, state); steps++) {
    const { cost, run } = nextStep(state, data);
    if (steps > 0 && cost > left) break;
    if (state.phase === "begin_refit") data.forgetOutputs(); // the final fit asks no model about held-out rows
    state = await run();
    left -= cost;
  }
  return { checkpoint: state, done: state.phase === "done" };
}

/** Whether the state must be stored before it goes on. */
export const isNewlyScaled = (before: Pick<Checkpoint, "scaler">, state: Checkpoint): boolean =>
  !before.scaler && state.scaler !== null;

/** What nothing can interrupt. */
interface Step {
  /** Operations it takes, as far as its slice is concerned: what is counted as work is a little less. */
  readonly cost: number;
  run(): Checkpoint | Promise<Checkpoint>;
}

function nextStep(state: Checkpoint, data: TrainingData): Step {
  const stage = STAGES[state.phase as Exclude<Checkpoint["phase"], "done">];
  if (typeof stage === "function") return { cost: decisionCost(state), run: () => stage(state) };
  if ("steps" in stage) return { cost: stage.stepWork(state), run: () => compute(state, stage) };
  const blocks = blocksFor(state, stage, data);
  const block = blocks[state.cursor];
  if (!block) return { cost: decisionCost(state), run: () => endPass(state, stage) };
  if (state.scaler && !data.isScaled(block)) return scaling(state, state.scaler, block, data);
  return { cost: blockWork(state, stage, block), run: () => addBlock(state, stage, block, data) };
}

/** Reads a block for the first time, so that the step after has its products alone: a prediction waits for either, not both. */
const scaling = (state: Checkpoint, scaler: Scaler, block: BlockPlace, data: TrainingData): Step => ({
  cost: 100 * block.rows * state.plan.dims,
  run: async () => {
    await data.scale(block, scaler);
    return state;
  },
});

/** Adds one block to the sums of the pass. */
async function addBlock<Sums>(
  state: Checkpoint,
  pass: Pass<Sums>,
  block: BlockPlace,
  data: TrainingData,
): Promise<Checkpoint> {
  const begun = (state.sums ?? pass.begin(state)) as Sums;
  const sums = await data.withBlock(block, state.scaler, (ready) => pass.add(begun, ready, state));
  return { ...state, work: state.work + blockWork(state, pass, block), sums, cursor: state.cursor + 1 };
}

/** After the last block, the pass decides what comes next: a step of its own, as an optimiser's is as long as a block's. */
const endPass = <Sums>(state: Checkpoint, pass: Pass<Sums>): Checkpoint =>
  pass.finish({ ...state, sums: null, cursor: 0 }, (state.sums ?? pass.begin(state)) as Sums);

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
const blockWork = (state: Checkpoint, pass: Pass<unknown>, { rows }: BlockPlace): number =>
  pass.work(state, rows) + 10 * rows * state.plan.dims;

/** To decide, most stages go over what a linear head's optimiser remembers: some forty times over all parameters. */
const decisionCost = (state: Checkpoint): number => 1_000 * HEAD_KINDS.linear.size(shapeOf(state, "linear"));
