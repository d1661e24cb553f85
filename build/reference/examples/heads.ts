// Examples of tenants, keys, heads and examples, for the reference.
import type { BackboneView } from "../../../src/contract/backbones.ts";
import type { ExampleRow, ExampleView } from "../../../src/contract/examples.ts";
import type { HeadView, NewHead } from "../../../src/contract/heads.ts";
import type { CreatedKey, KeyView } from "../../../src/contract/keys.ts";
import type { LabelIssueView } from "../../../src/contract/label-issues.ts";
import type { Policy } from "../../../src/contract/policy.ts";
import type { CreatedTenant, TenantView } from "../../../src/contract/tenants.ts";
import type { UploadResult } from "../../../src/contract/upload-result.ts";
import type { UsageRow } from "../../../src/contract/usage.ts";

export const AT = "2026-11-23T09:30:00.000Z";
export const LATER = "2026-11-23T09:30:08.412Z";
const KEY_TEXT = "ll_acme_5Yq0mZr8XKdB2nWcVt7LhJ4sPfGa1uR3kQ9e";

export const CREATED_TENANT: CreatedTenant = { id: "acme", name: "Acme", created_at: AT, key: KEY_TEXT };

export const TENANT: TenantView = {
  id: "acme",
  name: "Acme",
  quotas: {
    heads: 1_000,
    examples_per_head: 200_000,
    requests_per_minute: 6_000_000,
    inputs_per_minute: 60_000_000,
    storage_bytes: 107_374_182_400,
    training_seconds_per_day: 86_400,
  },
  created_at: AT,
};

export const KEY: KeyView = {
  id: "key_4nWcVt7LhJ4sPfGa1uR3",
  name: "web shop",
  scopes: ["predict"],
  created_at: AT,
  expires_at: null,
  requests_per_minute: 60_000,
};
export const CREATED_KEY: CreatedKey = { ...KEY, key: KEY_TEXT };

export const USAGE: UsageRow = {
  day: "2026-11-23",
  head: "tickets",
  requests: 12_408,
  inputs: 15_010,
  examples: 1_454,
  training_seconds: 3.2,
  storage_bytes: 4_620_288,
};

export const BACKBONE: BackboneView = {
  id: "features",
  modality: "features",
  dimension: null,
  shape: "vector",
  state: "ready",
  revision: "1",
  description: "Your own vectors, as they are",
};

export const NEW_HEAD: NewHead = { id: "tickets", task: "classification", backbone: "text-embedded" };

export const POLICY: Policy = {
  min_new_examples: 50,
  debounce_seconds: 60,
  max_age_seconds: 86_400,
  on_drift: true,
  promote: "if_better",
  metric: "accuracy",
  min_gain: 0.001,
};

export const HEAD: HeadView = {
  id: "tickets",
  task: "classification",
  backbone: { id: "text-embedded", identity: "text-embedded@5:1024", dimension: 1_024 },
  labels: ["delivery", "refund"],
  label_collisions: [],
  description: null,
  examples: { total: 1_454, pending: 0, by_label: { delivery: 720, refund: 734 } },
  size: { labels: 2, most_labels: 1_000, parameters: 2_048, most_parameters: 1_024_000, bytes: 4_620_288 },
  trainable: true,
  warnings: [],
  live: 1,
  capture: null,
  log_hours: 0,
  keep_inputs: true,
  keep_versions: 20,
  policy: POLICY,
  backlog: { changes: 4, train_at: null, refused: null },
  created_at: AT,
};

export const ROW: ExampleRow = { id: "ticket-801", text: "where is my parcel?", label: "delivery" };

export const EXAMPLE: ExampleView = {
  id: "ticket-801",
  text: "where is my parcel?",
  label: "delivery",
  split: null,
  source: "api",
  digest: "7f1c4d9a5f0b7c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9",
  created_at: AT,
  updated_at: AT,
};

export const UPLOADED: UploadResult = {
  added: 2,
  updated: 0,
  unchanged: 0,
  rejected: [{ index: 2, line: 4, code: "invalid_example", detail: "an example needs text, image, audio or features" }],
  rejected_total: 1,
  features: { computed: 2, cached: 0, pending: 0 },
  conflicts: [],
  conflicts_total: 0,
  warnings: [],
};

export const ADDED: UploadResult = {
  added: 1,
  updated: 0,
  unchanged: 0,
  rejected: [],
  rejected_total: 0,
  features: { computed: 1, cached: 0, pending: 0 },
  conflicts: [],
  conflicts_total: 0,
  id: "ticket-801",
  warnings: [],
};

export const LABEL_ISSUE: LabelIssueView = {
  example: "ticket-801",
  label: "refund",
  suggested: "delivery",
  score: 0.003,
  suggested_score: 0.84,
  suspicion: 0.996,
  kind: "contradiction",
};
