// The heads behind the metrics: stored together, and each used for the inputs that it held out.
import { expect, it } from "vitest";
import { encodeRecord } from "../../../src/core/record.ts";
import { decodeRoundHeads, encodeRoundHeads, headFinder } from "../../../src/engine/heads/round-heads.ts";
import type { TrainedHead } from "../../../src/engine/heads/trained-head.ts";

const headAt = (temperature: number): TrainedHead => ({
  task: "classification",
  kind: "linear",
  labels: ["a", "b"],
  temperature,
  thresholds: null,
  conformal: null,
  scaler: { mean: Float32Array.of(1), inverse: Float32Array.of(2), target: { mean: 0, deviation: 1 } },
  layers: [{ weights: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0.5) }],
});
const ROUNDS = {
  heads: [headAt(1), headAt(2)],
  heldOut: [Int32Array.of(1, 2, -3, 4), Int32Array.of(5, -6)],
  lastExample: 40,
  deletions: 3,
};

it("round heads are the same after encoding and decoding", () => {
  expect(decodeRoundHeads(encodeRoundHeads(ROUNDS))).toEqual(ROUNDS);
});

it("an input is scored by the head that held it out, a new example by the first head, and another input by none", () => {
  const find = headFinder(ROUNDS);
  const asked = [
    [1, 2, 7],
    [-3, 4, 7],
    [5, -6, 41],
    [5, 6, 41],
    [5, 6, 40],
  ].map(([high = 0, low = 0, example = 0]) => find({ high, low, example }));
  expect(asked).toEqual([0, 0, 1, 0, null]);
});

it("a version that was scored by leave-one-out has no head for any row, not even for a new one", () => {
  const find = headFinder({ ...ROUNDS, heads: [], heldOut: [] });
  expect(find({ high: 5, low: 6, example: 41 })).toBeNull();
});

it("round heads in the first format become one head, without a record of its held-out inputs", () => {
  const { labels, scaler, layers, temperature } = headAt(3);
  const read = decodeRoundHeads(encodeRecord({ labels, scaler, head: layers[0], temperature }));
  expect(read).toMatchObject({ heads: [headAt(3)], heldOut: [], deletions: 0 });
  expect(headFinder(read)({ high: 1, low: 2, example: 9 })).toBeNull();
});
