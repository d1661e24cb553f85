// Stored heads: decoding restores what was encoded, also in the format of version 0.1.
import { describe, expect, it } from "vitest";
import { encodeRecord } from "../../../src/core/record.ts";
import {
  decodeTrainedHead,
  encodeTrainedHead,
  shapeOfHead,
  type TrainedHead,
} from "../../../src/engine/heads/trained-head.ts";

const HEAD: TrainedHead = {
  task: "multilabel",
  kind: "mlp",
  labels: ["ä", "b"],
  temperature: 1.5,
  thresholds: [0.3, 0.62],
  scaler: { mean: Float32Array.of(1, 2, 3), inverse: Float32Array.of(4, 5, 6), target: { mean: 0, deviation: 1 } },
  layers: [
    { weights: new Float32Array(12).fill(0.1), bias: Float32Array.of(1, 2, 3, 4) },
    { weights: new Float32Array(8).fill(-0.2), bias: Float32Array.of(5, 6) },
  ],
  conformal: Float32Array.of(0, 0.5, 1),
};

/** The format of version 0.1: a linear head of a classification. */
const FIRST = {
  labels: ["a", "b"],
  scaler: { mean: Float32Array.of(1), inverse: Float32Array.of(2), rows: 7 },
  head: { weights: Float32Array.of(-1, 1), bias: Float32Array.of(0, 0.5) },
  temperature: 0.8,
};

describe("a trained head", () => {
  it("is the same after encoding and decoding", () => {
    expect(decodeTrainedHead(encodeTrainedHead(HEAD))).toEqual(HEAD);
  });

  it("reports its sizes", () => {
    expect(shapeOfHead(HEAD)).toEqual({ dims: 3, outputs: 2, hidden: 4 });
    expect(shapeOfHead({ ...HEAD, layers: HEAD.layers.slice(1) })).toMatchObject({ hidden: 0 });
    expect(shapeOfHead({ ...HEAD, labels: [] })).toMatchObject({ outputs: 1 });
  });

  it("becomes a linear classification head without conformal thresholds if it is stored in the first format", () => {
    expect(decodeTrainedHead(encodeRecord(FIRST))).toMatchObject({
      task: "classification",
      kind: "linear",
      labels: ["a", "b"],
      layers: [FIRST.head],
      temperature: 0.8,
      thresholds: null,
      conformal: null,
      scaler: { mean: Float32Array.of(1), inverse: Float32Array.of(2), target: { mean: 0, deviation: 1 } },
    });
  });
});
