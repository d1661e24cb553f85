// Examples of predictions, captures and statistics, for the reference.
import type { CaptureView } from "../../../src/contract/captures.ts";
import type { Predictions } from "../../../src/contract/predict.ts";
import type { Stats } from "../../../src/contract/stats.ts";
import { AT } from "./heads.ts";

export const PREDICTED: Predictions = {
  head: "tickets",
  version: 1,
  predictions: [
    {
      label: "delivery",
      score: 0.97,
      abstained: false,
      scores: [
        { label: "delivery", score: 0.97 },
        { label: "refund", score: 0.03 },
      ],
      set: ["delivery"],
    },
    {
      label: null,
      score: 0.56,
      abstained: true,
      scores: [
        { label: "refund", score: 0.56 },
        { label: "delivery", score: 0.44 },
      ],
      set: ["refund", "delivery"],
    },
    { error: { code: "invalid_input", detail: "text is empty" } },
  ],
};

export const PREDICTED_SETS: Predictions = {
  head: "topics",
  version: 1,
  predictions: [
    {
      labels: ["damage"],
      scores: [
        { label: "damage", score: 0.83 },
        { label: "delivery", score: 0.12 },
      ],
    },
  ],
};

export const PREDICTED_VALUES: Predictions = { head: "urgency", version: 1, predictions: [{ value: 0.72 }] };

export const CAPTURE: CaptureView = {
  id: "cap_2bNcYz1D7hG2kQmX4tRw",
  input: { text: "about the thing from last week" },
  version: 1,
  prediction: { label: "refund", score: 0.56, abstained: false, scores: [{ label: "refund", score: 0.56 }] },
  uncertainty: 0.88,
  created_at: AT,
};

export const STATS: Stats = {
  versions: [{ version: 1, requests: 408, predictions: 510, mean_score: 0.91, abstentions: 12, shadow: null }],
  hours: [
    {
      hour: "2026-11-23T09:00:00.000Z",
      version: 1,
      requests: 408,
      predictions: 510,
      mean_score: 0.91,
      abstentions: 12,
    },
  ],
  drift: { version: 1, predictions: 510, features: 0.04, scores: 0.02, labels: 0.01, detected: false },
};
