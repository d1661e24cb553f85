// Synthetic rows of each task, drawn from a seed, for tests of the engine.
import type { StoredBlock } from "../../src/engine/data/blocks.ts";
import { packSets } from "../../src/engine/heads/sigmoid.ts";
import { type MemoryBlocks, memoryBlocks } from "./blocks.ts";
import { normals, type Random, seededRandom } from "./random.ts";

/** Rows of the blocks of every fold, one fold with two blocks, and of the test rows. */
const FOLDS = [[40], [33], [41, 20], [36], [30]];
const TEST = [30];

export type DrawBlock = (random: Random, rows: number) => StoredBlock;

const foldsOf = (draw: DrawBlock, seed: number, dims: number): MemoryBlocks => {
  const random = seededRandom(seed);
  const folds = FOLDS.map((fold) => fold.map((rows) => draw(random, rows)));
  return memoryBlocks({ dims, folds, test: TEST.map((rows) => draw(random, rows)) });
};

/** Rows around one centre per class with deviation `spread`, far from zero and with different scales per dimension. */
export const clusters =
  (dims: number, classes: number, spread = 1): DrawBlock =>
  (random, rows) => {
    const centres = normals(seededRandom(77), classes * dims);
    const targets = Int32Array.from({ length: rows }, () => random.below(classes));
    const features = Float32Array.from({ length: rows * dims }, (_, i) => {
      const d = i % dims;
      const centre = centres[(targets[Math.floor(i / dims)] as number) * dims + d] as number;
      return 5 + (1 + d) * (centre + spread * random.normal());
    });
    return { rows, features, targets };
  };

/** Classes around their centres, in five folds and a few test rows. */
export const clusterBlocks = (dims: number, classes: number, spread = 1, seed = 11): MemoryBlocks =>
  foldsOf(clusters(dims, classes, spread), seed, dims);

/** x·W of row `r`, with W drawn from its own seed. */
function products(features: Float32Array, dims: number, outputs: number): number[][] {
  const weights = normals(seededRandom(78), dims * outputs);
  return Array.from({ length: features.length / dims }, (_, r) =>
    Array.from({ length: outputs }, (_each, k) => {
      let sum = 0;
      for (let d = 0; d < dims; d++) {
        sum += (features[r * dims + d] as number) * (weights[d * outputs + k] as number);
      }
      return sum;
    }),
  );
}

/** Rows whose labels are drawn independently. Each label is more likely on one side of its own plane. */
export const tagBlocks = (dims: number, labels: number, noise = 0.5, seed = 12): MemoryBlocks =>
  foldsOf(
    (random, rows) => {
      const features = normals(random, rows * dims);
      const sets = products(features, dims, labels).map((z) =>
        z.flatMap((value, k) => (value + noise * random.normal() > 0 ? [k] : [])),
      );
      return { rows, features, targets: packSets(sets, labels) };
    },
    seed,
    dims,
  );

/** Values around 100 on a plane, with deviation `noise`. */
export const valueBlocks = (dims: number, noise = 0.5, seed = 13): MemoryBlocks =>
  foldsOf(
    (random, rows) => {
      const features = normals(random, rows * dims);
      const values = products(features, dims, 1).map(([z]) => 100 + 10 * ((z as number) + noise * random.normal()));
      return { rows, features, targets: Float32Array.from(values) };
    },
    seed,
    dims,
  );
