// An example for the JSON body of every request that has one.
import type { Operation } from "../../../src/contract/routes.ts";
import { NEW_HEAD, POLICY, ROW } from "./heads.ts";
import { HEAD_FILE, TRAFFIC } from "./versions.ts";

const NEW_KEY = { scopes: ["predict"], name: "web shop", requests_per_minute: 60_000 };

export const REQUEST_EXAMPLES: { readonly [Name in Operation]?: unknown } = {
  createTenant: { id: "acme", name: "Acme" },
  updateTenant: { quotas: { heads: 20, training_seconds_per_day: 3_600 } },
  createTenantKey: NEW_KEY,
  createKey: NEW_KEY,
  createEndpoint: { url: "https://example.com/hooks/lastlayer", events: ["version.promoted", "job.failed"] },
  updateEndpoint: { disabled: false },
  createHead: NEW_HEAD,
  updateHead: { log_hours: 24, capture: { rate: 0.1, below: 0.6, keep_days: 14 } },
  setPolicy: POLICY,
  uploadExamples: { examples: [ROW, { id: "ticket-802", text: "can I get my money back?", label: "refund" }] },
  updateExample: { label: "refund" },
  giveFeedback: { input: { text: "where is my parcel?" }, label: "delivery" },
  startJob: { recipe: "auto", promote: "if_better" },
  importVersion: HEAD_FILE,
  predict: { inputs: [{ text: "my parcel never came" }], threshold: 0.5, coverage: 0.95 },
  setTraffic: TRAFFIC,
  labelCapture: { label: "refund" },
  createSource: { scheme: "github", action: "add_and_train", preset: "github-issues" },
  updateSource: { action: "add" },
  rotateSource: { overlap_seconds: 3_600 },
  testSource: {
    headers: { "X-GitHub-Event": "issues" },
    payload: { action: "labeled", label: { name: "refund" }, issue: { id: 4301, title: "Money back?" } },
  },
  receiveDelivery: { input: "where is my parcel?", label: "delivery", id: "ticket-801" },
};
