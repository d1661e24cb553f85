// Examples of versions and their traffic, for the reference.
import type { TrafficView } from "../../../src/contract/traffic.ts";
import type { Verification, VersionView } from "../../../src/contract/versions.ts";
import { AT, LATER } from "./heads.ts";
import { JOB_ID } from "./jobs.ts";

const DIGEST = "sha256:9b3f5a6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182";

export const VERSION: VersionView = {
  version: 1,
  digest: DIGEST,
  job: JOB_ID,
  created_at: LATER,
  live: true,
  recipe: {
    name: "auto",
    kind: "linear",
    l2: 0.01,
    evaluations: 14,
    path: [
      { l2: 0.1, log_loss: 0.31, evaluations: 30 },
      { l2: 0.01, log_loss: 0.27, evaluations: 35 },
    ],
  },
  seed: 0,
  backbone: { id: "text-embedded", identity: "text-embedded@5:1024", dimension: 1_024 },
  dataset: { digest: DIGEST, examples: 1_164, labels: ["delivery", "refund"] },
  left_out: [],
  promotion: {
    promoted: true,
    unproven: false,
    reason:
      "nothing was live before, and it is better than the baseline: log_loss between 0.2101 and 0.3312 (95 % interval, normal approximation) against 0.6931 of a constant answer",
  },
  metrics: {
    validation: {
      examples: 1_164,
      accuracy: 0.91,
      accuracy_interval: [0.893, 0.926],
      balanced_accuracy: 0.91,
      macro_f1: 0.91,
      macro_f1_interval: [0.892, 0.927],
      log_loss: 0.27,
      ece: 0.018,
      per_label: [
        { label: "delivery", precision: 0.9, recall: 0.92, f1: 0.91, support: 576 },
        { label: "refund", precision: 0.92, recall: 0.9, f1: 0.91, support: 588 },
      ],
      confusion: {
        labels: ["delivery", "refund"],
        matrix: [
          [530, 46],
          [59, 529],
        ],
      },
    },
    baseline: { accuracy: 0.505 },
  },
  calibration: {
    temperature: 0.93,
    ece_before: 0.024,
    ece_after: 0.018,
    reliability: [{ examples: 412, confidence: 0.97, accuracy: 0.98 }],
    thresholds: [{ threshold: 0.5, coverage: 1, accuracy: 0.91 }],
  },
};

export const VERIFICATION: Verification = {
  version: 1,
  digest: DIGEST,
  same: true,
  retrained: { digest: DIGEST },
};

export const TRAFFIC: TrafficView = {
  split: [
    { version: 1, weight: 90 },
    { version: 2, weight: 10 },
  ],
  shadow: null,
};

export const IMPORTED: VersionView = {
  ...VERSION,
  version: 2,
  job: null,
  live: false,
  recipe: { name: "import", kind: "linear", l2: 0.01, evaluations: 14, path: [] },
  imported: { weights: DIGEST, digest: DIGEST, created_at: AT },
};

/** With its tensors shortened. */
export const HEAD_FILE = {
  format: "lastlayer-head",
  format_version: 1,
  task: "regression",
  kind: "linear",
  labels: [],
  backbone: { id: "features", identity: "features@1:2", dimension: 2 },
  temperature: 1,
  thresholds: null,
  target: { mean: 12.5, deviation: 3.1 },
  version: {
    version: 1,
    digest: DIGEST,
    created_at: LATER,
    recipe: { name: "linear", kind: "linear", l2: 0.01, evaluations: 1, path: [] },
    seed: 0,
    dataset: { digest: DIGEST, examples: 40, labels: [] },
    metrics: { validation: { examples: 40, mae: 0.4, rmse: 0.6, r2: 0.96 }, baseline: { mae: 2.6 } },
    calibration: null,
  },
  tensors: {
    "scaler.mean": [0.1, 0.2],
    "scaler.inverse": [1.1, 0.9],
    "layers.0.weight": [[0.8], [-0.3]],
    "layers.0.bias": [0.01],
  },
};
