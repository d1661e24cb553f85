// A head that is adapted to another scaler gives the same answers.
import { describe, expect, it } from "vitest";
import type { LayerWeights } from "../../../src/engine/heads/kind.ts";
import { rescaleHead } from "../../../src/engine/heads/rescale.ts";
import type { Scaler } from "../../../src/engine/heads/scaler.ts";
import type { TrainedHead } from "../../../src/engine/heads/trained-head.ts";
import { normals, type Random, seededRandom } from "../../support/random.ts";

const [DIMS, HIDDEN] = [5, 4];

const scalerFrom = (random: Random): Scaler => ({
  mean: normals(random, DIMS, 3),
  inverse: normals(random, DIMS).map((value) => 2 ** value),
  target: { mean: 10 * random.normal(), deviation: 2 ** random.normal() },
});

const layerFrom = (random: Random, inputs: number, outputs: number): LayerWeights => ({
  weights: normals(random, inputs * outputs),
  bias: normals(random, outputs),
});

function headFrom(random: Random, task: TrainedHead["task"], sizes: readonly number[]): TrainedHead {
  const layers = sizes.slice(1).map((outputs, i) => layerFrom(random, sizes[i] as number, outputs));
  const kind = layers.length > 1 ? "mlp" : "linear";
  const labels = task === "regression" ? [] : ["a", "b", "c"].slice(0, sizes.at(-1));
  return { task, kind, labels, scaler: scalerFrom(random), layers, temperature: 1, thresholds: null, conformal: null };
}

/** Outputs of a head for features from the backbone; for a regression, in units of its values. */
function answersOf({ layers, scaler, task }: TrainedHead, features: Float32Array): number[] {
  let x = Array.from(features, (value, d) => (value - (scaler.mean[d] as number)) * (scaler.inverse[d] as number));
  layers.forEach(({ weights, bias }, i) => {
    const z = Array.from(bias, (b, k) =>
      x.reduce((sum, v, d) => sum + v * (weights[d * bias.length + k] as number), b),
    );
    x = i < layers.length - 1 ? z.map((value) => Math.max(0, value)) : z;
  });
  return task === "regression" ? x.map((value) => scaler.target.mean + scaler.target.deviation * value) : x;
}

describe("a head adapted to another scaler", () => {
  it.each([
    ["classification", [DIMS, 3]],
    ["multilabel", [DIMS, 3]],
    ["regression", [DIMS, 1]],
    ["classification", [DIMS, HIDDEN, 3]],
    ["regression", [DIMS, HIDDEN, 1]],
  ] as const)("gives the same answers: %s of sizes %j", (task, sizes) => {
    const random = seededRandom(sizes.length * 10 + task.length);
    const head = headFrom(random, task, sizes);
    const to = scalerFrom(random);
    const carried = rescaleHead(head, to);
    expect(carried.scaler).toEqual(to);
    for (let trial = 0; trial < 20; trial++) {
      const features = normals(random, DIMS, 5);
      const [before, after] = [answersOf(head, features), answersOf(carried, features)];
      after.forEach((value, k) => {
        expect(Math.abs(value - (before[k] as number))).toBeLessThan(1e-3);
      });
    }
  });

  it("keeps everything except weights and scaler, and does not modify the original head", () => {
    const random = seededRandom(3);
    const head = headFrom(random, "classification", [DIMS, 3]);
    const copy = structuredClone(head);
    const { layers: _, scaler: _own, ...rest } = rescaleHead(head, scalerFrom(random));
    expect(head).toEqual(copy);
    expect(rest).toEqual({
      task: "classification",
      kind: "linear",
      labels: ["a", "b", "c"],
      temperature: 1,
      thresholds: null,
      conformal: null,
    });
  });

  it("has the same weights if the new scaler is its own", () => {
    const head = headFrom(seededRandom(4), "regression", [DIMS, 1]);
    expect(rescaleHead(head, head.scaler).layers).toEqual(head.layers);
  });

  it("is not affected by further fields of a scaler, such as its number of rows", () => {
    const head = headFrom(seededRandom(5), "classification", [DIMS, 3]);
    const fitted = { ...head.scaler, rows: 9 };
    expect(rescaleHead(head, fitted).scaler).not.toHaveProperty("rows");
  });
});
