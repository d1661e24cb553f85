// The heads that metrics are of: stored together, and each asked about the inputs that it held out.
import { expect, test } from "vitest";
import { encodeRecord } from "../../../src/core/record.ts";
import { decodeRoundHeads, encodeRoundHeads, headFinder } from "../../../src/engine/heads/round-heads.ts";
import type { TrainedHead } from "../../../src/engine/heads/trained-head.ts";

const headAt = (temperature: number): TrainedHead => ({
  ...{ task: "classification", kind: "linear", labels: ["a", "b"], temperature, thresholds: null, conformal: null },
  scaler: { mean: Float32Array.of(1), inverse: Float32Array.of(2), target: { mean: 0, deviation: 1 } },
  layers: [{ weights: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0.5) }],
});
const ROUNDS = {
  heads: [headAt(1), headAt(2)],
  heldOut: [Int32Array.of(1, 2, -3, 4), Int32Array.of(5, -6)],
  deletions: 3,
};

test("are read as they were written", () => {
  expect(decodeRoundHeads(encodeRoundHeads(ROUNDS))).toEqual(ROUNDS);
});

test("score each input by the one that held it out, and a new input by the first", () => {
  const find = headFinder(ROUNDS);
  expect([find(1, 2), find(-3, 4), find(5, -6), find(5, 6), find(2, 1)]).toEqual([0, 0, 1, 0, 0]);
});

test("of the first format are one head, which held out nobody knows what", () => {
  const { labels, scaler, layers, temperature } = headAt(3);
  const read = decodeRoundHeads(encodeRecord({ labels, scaler, head: layers[0], temperature }));
  expect(read).toEqual({ heads: [headAt(3)], heldOut: [], deletions: 0 });
  expect(headFinder(read)(1, 2)).toBe(0);
});
