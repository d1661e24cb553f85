// Trained heads with distinctive weights, for tests of storage and formats.
import type { StoredVersion } from "../../src/contract/versions.ts";
import type { TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { type HeadFile, headFileOf } from "../../src/serving/formats/head-file.ts";

/** Every kind of float32: signed zeros, the smallest and the largest numbers, and numbers that need all digits. */
export const ODD_NUMBERS = Float32Array.of(0, -0, 1e-45, -1.1754944e-38, 3.4028235e38, 0.1, 1 / 3, 16_777_217, -1e21);

const SHA = `sha256:${"0".repeat(64)}`;

export function fileOfHead(weights: Float32Array): HeadFile {
  const head: TrainedHead = {
    task: "multilabel",
    kind: "linear",
    labels: ["a", 'b "c"', "三"],
    temperature: 0.7,
    scaler: { mean: weights.slice(0, 3), inverse: weights.slice(3, 6), target: { mean: 0, deviation: 1 } },
    layers: [{ weights, bias: weights.slice(6, 9) }],
    thresholds: [0.5, 0.25, 1 / 3],
    conformal: null,
  };
  const record: StoredVersion = {
    version: 7,
    live: true,
    job: "job_1",
    digest: SHA,
    created_at: "2026-11-23T09:30:00.000Z",
    seed: 0,
    recipe: { name: "linear", kind: "linear", evaluations: 1, path: [] },
    backbone: { id: "features", identity: SHA, dimension: 3 },
    dataset: { digest: SHA, examples: 9, labels: [...head.labels] },
    left_out: [],
    metrics: {
      validation: {
        examples: 9,
        subset_accuracy: 1,
        micro_f1: 1,
        macro_f1: 1,
        log_loss: 0,
        ece: 0,
        per_label: [],
      },
      baseline: {},
    },
    calibration: null,
  };
  return headFileOf(record, head);
}
