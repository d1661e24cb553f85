// Log loss at the best temperature, from sums over a grid of temperatures.
import { describe, expect, it } from "vitest";
import { softmaxRow } from "../../../src/engine/heads/softmax.ts";
import {
  addLosses,
  emptyLosses,
  leastLoss,
  lossesOf,
  UNCALIBRATED,
} from "../../../src/engine/metrics/calibrated-loss.ts";
import { integers, normals, seededRandom } from "../../support/random.ts";

const [ROWS, CLASSES] = [400, 5];

/** Logits that carry information about the label, and labels. */
function rowsOf(seed: number, scale: number) {
  const random = seededRandom(seed);
  const labels = integers(random, ROWS, CLASSES);
  const logits = normals(random, ROWS * CLASSES, 1);
  labels.forEach((label, r) => {
    logits[r * CLASSES + label] = (logits[r * CLASSES + label] as number) + 1.5;
  });
  return { labels, logits: logits.map((z) => scale * z) };
}

type Rows = ReturnType<typeof rowsOf>;
const rowOf = ({ logits }: Rows, r: number): Float32Array => logits.subarray(r * CLASSES, (r + 1) * CLASSES);

function losses(rows: Rows): Float64Array {
  const sums = emptyLosses();
  addLosses(sums, rows.logits, rows.labels);
  return lossesOf(sums);
}

function lossAt(rows: Rows, beta: number): number {
  const p = new Float64Array(CLASSES);
  return rows.labels.reduce((sum, label, r) => sum - Math.log(softmaxRow(rowOf(rows, r), beta, p)[label] as number), 0);
}

describe("the sums of losses", () => {
  it("are the cross-entropies at scales from one half, two per doubling", () => {
    const rows = rowsOf(1, 1);
    const sums = losses(rows);
    sums.forEach((sum, i) => {
      expect(sum / lossAt(rows, 0.5 * 2 ** (i / 2))).toBeCloseTo(1, 9);
    });
    expect((sums[UNCALIBRATED] as number) / lossAt(rows, 1)).toBeCloseTo(1, 9);
  });

  it("stay finite for logits thousands apart", () => {
    const sums = emptyLosses();
    addLosses(sums, Float32Array.of(-9_000, 9_000), Int32Array.of(0));
    expect([...lossesOf(sums)].every(Number.isFinite)).toBe(true);
  });
});

describe("the least loss", () => {
  it.each([0.1, 0.3, 1])("is close to that of a fine search, for logits multiplied by %f", (scale) => {
    const rows = rowsOf(2, scale);
    const fine = Math.min(...Array.from({ length: 400 }, (_, i) => lossAt(rows, 0.5 * 40 ** (i / 399))));
    expect(leastLoss(losses(rows)) / fine).toBeCloseTo(1, 2);
  });

  it("is at the end of the grid if the loss still decreases there", () => {
    const falling = Float64Array.from({ length: 12 }, (_, i) => 1e6 - 1e4 * i);
    expect(leastLoss(falling)).toBeCloseTo(1e6 - 11e4, 0);
    expect(leastLoss(falling.reverse())).toBeCloseTo(1e6 - 11e4, 0);
  });

  it("is not that of the sharpest scores if there are only a few correct rows", () => {
    const sums = emptyLosses();
    addLosses(sums, Float32Array.of(2, 0, 2, 0, 2, 0), Int32Array.of(0, 0, 0));
    expect(leastLoss(lossesOf(sums))).toBeGreaterThan(2 * (lossesOf(sums).at(-1) as number));
  });
});
