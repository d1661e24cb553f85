// An example, or several, for the content of every successful response of the API.
import type { Operation } from "../../../src/contract/routes.ts";
import * as heads from "./heads.ts";
import * as jobs from "./jobs.ts";
import * as predictions from "./predictions.ts";
import * as versions from "./versions.ts";
import * as webhooks from "./webhooks.ts";

/** The member of an OpenAPI media type object that shows examples. */
export type Shown =
  | { readonly example: unknown }
  | { readonly examples: Readonly<Record<string, { readonly value: unknown }>> };

/** By status, then by content type. A file in binary has no example. */
type Responses = Readonly<Record<number, Readonly<Record<string, Shown>>>>;

const json = (example: unknown) => ({ "application/json": { example } });
const pageOf = (item: unknown) => json({ data: [item], has_more: false, next: null });

const EXPORTED = { shortened: { value: versions.HEAD_FILE } };
const PREDICTED = {
  classification: { value: predictions.PREDICTED },
  multilabel: { value: predictions.PREDICTED_SETS },
  regression: { value: predictions.PREDICTED_VALUES },
};

export const RESPONSE_EXAMPLES: { readonly [Name in Operation]: Responses } = {
  getHealth: { 200: json({ status: "ok", version: "0.1.0" }) },
  createTenant: { 201: json(heads.CREATED_TENANT) },
  listTenants: { 200: pageOf(heads.TENANT) },
  getTenant: { 200: json(heads.TENANT) },
  updateTenant: { 200: json(heads.TENANT) },
  deleteTenant: {},
  createTenantKey: { 201: json(heads.CREATED_KEY) },
  createKey: { 201: json(heads.CREATED_KEY) },
  listKeys: { 200: pageOf(heads.KEY) },
  revokeKey: {},
  listUsage: { 200: pageOf(heads.USAGE) },
  createEndpoint: { 201: json(webhooks.ENDPOINT_WITH_SECRET) },
  listEndpoints: { 200: pageOf(webhooks.ENDPOINT) },
  getEndpoint: { 200: json(webhooks.ENDPOINT) },
  updateEndpoint: { 200: json(webhooks.ENDPOINT) },
  deleteEndpoint: {},
  rotateEndpoint: { 200: json(webhooks.ENDPOINT_WITH_SECRET) },
  testEndpoint: { 202: json({ ...webhooks.PENDING, type: "endpoint.test" }) },
  listEndpointDeliveries: { 200: pageOf(webhooks.SENT) },
  redeliver: { 202: json(webhooks.PENDING) },
  listBackbones: { 200: pageOf(heads.BACKBONE) },
  createHead: { 201: json({ ...heads.HEAD, live: null }) },
  listHeads: { 200: pageOf(heads.HEAD) },
  getHead: { 200: json(heads.HEAD) },
  updateHead: { 200: json(heads.HEAD) },
  deleteHead: {},
  getPolicy: { 200: json(heads.POLICY) },
  setPolicy: { 200: json(heads.POLICY) },
  uploadExamples: { 200: json(heads.UPLOADED) },
  listExamples: { 200: pageOf(heads.EXAMPLE) },
  exportExamples: { 200: { "application/x-ndjson": { example: heads.ROW } } },
  getExample: { 200: json(heads.EXAMPLE) },
  updateExample: { 200: json(heads.EXAMPLE) },
  deleteExample: {},
  giveFeedback: { 200: json(heads.ADDED) },
  listLabelIssues: { 200: json({ version: 1, data: [heads.LABEL_ISSUE], has_more: false, next: null }) },
  startJob: { 202: json(jobs.QUEUED) },
  listJobs: { 200: pageOf(jobs.JOB) },
  getJob: { 200: json(jobs.JOB) },
  cancelJob: { 200: json(jobs.CANCELLED) },
  watchJob: {
    200: { ...pageOf(jobs.JOB_EVENT), "text/event-stream": { example: jobs.EVENT_STREAM } },
  },
  listVersions: { 200: pageOf(versions.VERSION) },
  getVersion: { 200: json(versions.VERSION) },
  exportVersion: { 200: { "application/json": { examples: EXPORTED } } },
  importVersion: { 200: json(versions.IMPORTED), 201: json(versions.IMPORTED) },
  deleteVersion: {},
  promoteVersion: { 200: json(versions.VERSION) },
  verifyVersion: { 200: json(versions.VERIFICATION) },
  predict: { 200: { "application/json": { examples: PREDICTED } } },
  setTraffic: { 200: json(versions.TRAFFIC) },
  getTraffic: { 200: json(versions.TRAFFIC) },
  rollback: { 200: json({ ...versions.VERSION, split: [{ version: 1, weight: 1 }], shadow: null }) },
  listCaptures: { 200: pageOf(predictions.CAPTURE) },
  labelCapture: { 200: json(heads.ADDED) },
  deleteCapture: {},
  getStats: { 200: json(predictions.STATS) },
  createSource: { 201: json(webhooks.CREATED_SOURCE) },
  listSources: { 200: pageOf(webhooks.SOURCE) },
  getSource: { 200: json(webhooks.SOURCE) },
  updateSource: { 200: json(webhooks.SOURCE) },
  deleteSource: {},
  rotateSource: { 200: json(webhooks.CREATED_SOURCE) },
  testSource: { 200: json(webhooks.DRY_RUN) },
  listDeliveries: { 200: pageOf(webhooks.DELIVERY) },
  getDelivery: { 200: json(webhooks.DELIVERY_DETAIL) },
  redactDelivery: { 200: json(webhooks.REDACTED) },
  replayDelivery: { 200: json(webhooks.DUPLICATE), 202: json(webhooks.ACCEPTED) },
  getRefusals: { 200: json(webhooks.REFUSALS) },
  receiveDelivery: { 200: json(webhooks.DUPLICATE), 202: json(webhooks.ACCEPTED) },
};
