// Training by epochs: the same bits for any slicing, alone and as a trial after a linear head.
import { describe, expect, it } from "vitest";
import type { HeadKindName, RecipeOptions } from "../../../src/contract/recipes.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { WORK } from "../../../src/core/work.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../../../src/engine/checkpoint.ts";
import type { StoredBlock } from "../../../src/engine/data/blocks.ts";
import { outcomeOfTraining } from "../../../src/engine/outcome.ts";
import { epoch } from "../../../src/engine/passes/epochs.ts";
import type { Plan, PlanRequest } from "../../../src/engine/plan.ts";
import { reserveHeap } from "../../../src/tensor/heap.ts";
import { liveTensors } from "../../../src/tensor/scope.ts";
import { type MemoryBlocks, memoryBlocks, planOn, type TrainOptions, train } from "../../support/blocks.ts";
import { seededRandom } from "../../support/random.ts";
import { clusterBlocks, tagBlocks, valueBlocks } from "../../support/samples.ts";

/** The quadrant of a point decides its class; other dimensions are noise. No plane separates the classes. */
function xorBlock(seed: number, rows: number, mislabelled = 0): StoredBlock {
  const random = seededRandom(seed);
  const features = Float32Array.from({ length: rows * 4 }, () => random.normal());
  const isRight = (r: number): boolean => (features[4 * r] as number) * (features[4 * r + 1] as number) > 0;
  const targets = Int32Array.from({ length: rows }, (_, r) => Number(isRight(r) !== random.next() < mislabelled));
  return { rows, features, targets };
}

const xorBlocks = (mislabelled = 0): MemoryBlocks =>
  memoryBlocks({
    dims: 4,
    folds: [[60, 50], [130], [70, 45], [100], [90]].map((fold, f) =>
      fold.map((rows, i) => xorBlock(10 * f + i, rows, mislabelled)),
    ),
    test: [xorBlock(99, 200)],
  });

interface Changes extends Partial<PlanRequest> {
  readonly kinds?: readonly HeadKindName[];
  readonly options?: RecipeOptions;
}

function planFor(blocks: MemoryBlocks, { kinds, options, ...more }: Changes = {}): Plan {
  const labels = ["no", "yes"];
  const plan = planOn(blocks, labels, { recipe: "mlp", options: { hidden_units: 24, ...options }, ...more });
  return kinds ? { ...plan, kinds } : plan;
}

const trained = (blocks: MemoryBlocks, changes: Changes = {}, options: TrainOptions = {}): Promise<Checkpoint> =>
  train(planFor(blocks, changes), blocks, options);

const short = { options: { hidden_units: 24, max_epochs: 3 } };

describe.each([
  ["alone", ["mlp"] as const],
  ["after a linear head", ["linear", "mlp"] as const],
])("epochs %s", (_, kinds) => {
  const whole = () => trained(xorBlocks(), { ...short, kinds });

  it.each([1, 50_000, 3_000_000])("change no bit at %i operations per slice", async (budget) => {
    expect(encodeCheckpoint(await trained(xorBlocks(), { ...short, kinds }, { budget }))).toEqual(
      encodeCheckpoint(await whole()),
    );
  });

  it("change no bit when every slice is stored, killed and read back", async () => {
    const between = (checkpoint: Checkpoint): Checkpoint => decodeCheckpoint(encodeCheckpoint(checkpoint));
    const resumed = await trained(xorBlocks(), { ...short, kinds }, { budget: 1, between });
    expect(encodeCheckpoint(resumed)).toEqual(encodeCheckpoint(await whole()));
  });

  it("change no bit if blocks are read again in each pass", async () => {
    const resident = await whole();
    const reservation = reserveHeap(LIMITS.residentBlockBytes);
    const streamed = await whole().finally(() => reservation?.release());
    expect(encodeCheckpoint(streamed)).toEqual(encodeCheckpoint(resident));
  });

  it("leave no tensor behind", async () => {
    await whole();
    const before = liveTensors();
    await whole();
    expect(liveTensors()).toBe(before);
  });
});

describe("a hidden layer", () => {
  const accuracyOf = async (changes: Changes): Promise<number> => {
    const { metrics } = outcomeOfTraining(await trained(xorBlocks(), changes));
    return (metrics.test as { accuracy: number }).accuracy;
  };

  it("separates classes that no plane separates", async () => {
    expect(await accuracyOf({ recipe: "linear" })).toBeLessThan(0.65);
    expect(await accuracyOf({})).toBeGreaterThan(0.9);
  });

  it("also learns label sets and values", async () => {
    const tags = tagBlocks(6, 3);
    const multilabel = outcomeOfTraining(
      await train(planOn(tags, ["a", "b", "c"], { task: "multilabel", recipe: "mlp" }), tags),
    );
    expect((multilabel.metrics.validation as { micro_f1: number }).micro_f1).toBeGreaterThan(0.8);
    const values = valueBlocks(6);
    const regression = outcomeOfTraining(
      await train(planOn(values, [], { task: "regression", recipe: "mlp" }), values),
    );
    expect((regression.metrics.validation as { r2: number }).r2).toBeGreaterThan(0.5);
  });

  it("starts from other weights with another seed, and from the same weights with the same seed", async () => {
    const [one, again, other] = await Promise.all([1, 1, 2].map((seed) => trained(xorBlocks(), { ...short, seed })));
    expect(again?.parameters).toEqual(one?.parameters);
    expect(other?.parameters).not.toEqual(one?.parameters);
  });

  it("reads the blocks in another order each epoch, the same in every run", async () => {
    const state = await trained(xorBlocks(), short, { budget: 1, between: (checkpoint) => checkpoint });
    const blocks = [0, 1, 2, 3, 4, 5, 6];
    const orderIn = (done: number) =>
      epoch.arrange?.(blocks, { ...state, epochs: { epoch: done } as Checkpoint["epochs"] });
    expect(orderIn(0)).toEqual(orderIn(0));
    expect(orderIn(1)).not.toEqual(orderIn(0));
    expect(orderIn(1)?.toSorted()).toEqual(blocks);
  });
});

describe("the number of epochs", () => {
  it("is the median of the best epochs of all rounds, and the final fit uses it", async () => {
    const { selected, evaluations, epochs } = await trained(xorBlocks(0.2));
    expect(selected?.parameters).toHaveLength(5);
    expect(evaluations).toBe(selected?.epochs);
    expect(epochs).toBeNull();
  });

  it("stays within the caller's limit", async () => {
    expect((await trained(xorBlocks(), short)).evaluations).toBeLessThanOrEqual(3);
  });

  it("is less than planned if labels contain no information, so that held-out rows do not improve", async () => {
    let most = 0;
    const between = (checkpoint: Checkpoint): Checkpoint => {
      most = Math.max(most, checkpoint.epochs?.scores.length ?? 0);
      return checkpoint;
    };
    const options = { hidden_units: 64, max_epochs: 60 };
    const { selected, plan } = await trained(xorBlocks(0.5), { options }, { budget: 1, between });
    expect(most).toBeLessThan(plan.maxEpochs);
    expect(selected?.epochs).toBeLessThan(most);
  });

  it("is what the allowed work permits, at least one, and every round is scored", async () => {
    const seconds = 2e6 / WORK.perSecond;
    const state = await trained(xorBlocks(), { options: { max_seconds_of_work: seconds } });
    expect([state.selected?.epochs, state.evaluations]).toEqual([1, 1]);
    expect(outcomeOfTraining(state).metrics.validation.examples).toBe(545);
  });
});

describe("a trial after a linear head", () => {
  const both = { kinds: ["linear", "mlp"] as const };

  it("replaces a head that cannot separate the classes", async () => {
    const state = await trained(xorBlocks(), both);
    const { selected, trials } = state;
    expect(selected?.kind).toBe("mlp");
    expect(selected?.score).toBeLessThan(Math.min(...trials.map(({ score }) => score)));
    expect((outcomeOfTraining(state).metrics.validation as { log_loss: number }).log_loss).toBeLessThan(0.5);
  });

  it("changes nothing if it does not win by more than chance", async () => {
    const data = () => clusterBlocks(6, 2, 2);
    const alone = await train(planOn(data(), ["a", "b"]), data());
    const tried = await train({ ...planOn(data(), ["a", "b"]), ...both }, data());
    expect(tried.selected).toEqual(alone.selected);
    expect(tried.parameters).toEqual(alone.parameters);
    expect(tried.epochs).toBeNull();
    expect(tried.work).toBeGreaterThan(alone.work);
  });

  it("does not start if the allowed work of the search is used up", async () => {
    const { selected } = await trained(xorBlocks(), {
      ...both,
      options: { max_seconds_of_work: 1e5 / WORK.perSecond },
    });
    expect(selected?.kind).toBe("linear");
  });
});
