// Examples of sources, endpoints and their deliveries, for the reference.
import type { DeliveryAnswer, DeliveryDetail, DeliveryView } from "../../../src/contract/deliveries.ts";
import type { DryRunResult } from "../../../src/contract/dry-run.ts";
import type { EndpointDelivery, EndpointView, EndpointWithSecret } from "../../../src/contract/endpoints.ts";
import type { CreatedSource, RefusalsView, SourceView } from "../../../src/contract/sources.ts";
import { AT, LATER } from "./heads.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

export const SOURCE: SourceView = {
  id: "src_9bNcYz1D7hG2kQmX4tRw",
  url: "/v1/hooks/src_9bNcYz1D7hG2kQmX4tRw",
  scheme: "github",
  action: "add_and_train",
  mapping: null,
  preset: "github-issues",
  from_name: null,
  hmac: null,
  token: null,
  redact: false,
  description: null,
  secrets: [{ created_at: AT, expires_at: null }],
  failures_in_a_row: 0,
  last_failure: null,
  created_at: AT,
};
export const CREATED_SOURCE: CreatedSource = { ...SOURCE, secret: SECRET };

export const DRY_RUN: DryRunResult = {
  outcome: "added",
  trains: true,
  examples: [{ text: "Money back?\nThe vase broke.", label: "refund", id: "4301" }],
  deletes: [],
  changes: { added: 1, updated: 0, unchanged: 0, deleted: 0 },
  reason: null,
};

export const REFUSALS: RefusalsView = {
  count: 2,
  since: AT,
  last: { code: "bad_signature", detail: "The signature does not match the body and any secret", at: LATER },
};

export const ACCEPTED: DeliveryAnswer = {
  delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  outcome: "added",
  added: 1,
  updated: 0,
  unchanged: 0,
  deleted: 0,
};

export const DUPLICATE: DeliveryAnswer = { delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958", outcome: "duplicate" };

export const DELIVERY: DeliveryView = {
  id: "72d3162e-cc78-11e3-81ab-4c9367dc0958",
  outcome: "unmappable",
  reason: { code: "missing", detail: "there is no value at /issue/title", pointer: "/issue/title" },
  example: null,
  changes: null,
  job: null,
  attempts: 1,
  bytes: 8_120,
  replayable: true,
  received_at: AT,
};

export const DELIVERY_DETAIL: DeliveryDetail = {
  ...DELIVERY,
  payload: '{"action":"labeled","issue":{}}',
  headers: { "x-github-event": "issues" },
};

export const REDACTED: DeliveryView = { ...DELIVERY, replayable: false };

export const ENDPOINT: EndpointView = {
  id: "ep_8y4KKX2FYP131C12aaT1",
  url: "https://example.com/hooks/lastlayer",
  events: ["version.promoted", "job.failed"],
  description: null,
  disabled: false,
  disabled_reason: null,
  failing_since: null,
  created_at: AT,
};
export const ENDPOINT_WITH_SECRET: EndpointWithSecret = { ...ENDPOINT, secret: SECRET };

export const SENT: EndpointDelivery = {
  id: "dlv_1C12aaT18y4KKX2FYP13",
  event: "msg_uyFVEurxsC0iho6xMcoj",
  type: "version.promoted",
  status: "succeeded",
  attempts: 1,
  next_attempt_at: null,
  last_attempt: { code: 204, body: "", error: null, duration_ms: 41 },
  created_at: AT,
};

export const PENDING: EndpointDelivery = {
  ...SENT,
  status: "pending",
  attempts: 0,
  next_attempt_at: AT,
  last_attempt: null,
};
