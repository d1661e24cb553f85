// Every route by its operation name, with who may call it. The HTTP layer mounts exactly these, the reference lists them,
// and the route suite walks them: a new route does not compile until it has a handler.
import type { RouteConfig, z } from "@hono/zod-openapi";
import * as backbones from "./backbones.ts";
import type { Access } from "./common.ts";
import * as deliveries from "./deliveries.ts";
import * as examples from "./examples.ts";
import * as heads from "./heads.ts";
import { health } from "./health.ts";
import * as jobs from "./jobs.ts";
import * as keys from "./keys.ts";
import * as labelIssues from "./label-issues.ts";
import * as predict from "./predict.ts";
import * as sources from "./sources.ts";
import * as tenants from "./tenants.ts";
import * as versions from "./versions.ts";

export interface RouteEntry<Route extends RouteConfig = RouteConfig> {
  readonly route: Route;
  readonly access: Access;
  /** What the body is parsed with, where that is more lenient than its description; "raw" where the handler reads it. */
  readonly body?: z.ZodType | "raw";
}

export const ROUTES = {
  getHealth: { route: health, access: "public" },
  createTenant: { route: tenants.createTenant, access: "operator" },
  listTenants: { route: tenants.listTenants, access: "operator" },
  getTenant: { route: tenants.getTenant, access: "operator" },
  updateTenant: { route: tenants.updateTenant, access: "operator" },
  deleteTenant: { route: tenants.deleteTenant, access: "operator" },
  createTenantKey: { route: keys.createTenantKey, access: "operator" },
  createKey: { route: keys.createKey, access: "admin" },
  listKeys: { route: keys.listKeys, access: "admin" },
  revokeKey: { route: keys.revokeKey, access: "admin" },
  listBackbones: { route: backbones.listBackbones, access: "any" },
  createHead: { route: heads.createHead, access: "write" },
  listHeads: { route: heads.listHeads, access: "read" },
  getHead: { route: heads.getHead, access: "read" },
  updateHead: { route: heads.updateHead, access: "write" },
  deleteHead: { route: heads.deleteHead, access: "write" },
  uploadExamples: { route: examples.uploadExamples, access: "write", body: "raw" },
  listExamples: { route: examples.listExamples, access: "read" },
  exportExamples: { route: examples.exportExamples, access: "read" },
  getExample: { route: examples.getExample, access: "read" },
  updateExample: { route: examples.updateExample, access: "write" },
  deleteExample: { route: examples.deleteExample, access: "write" },
  giveFeedback: { route: examples.giveFeedback, access: "write" },
  listLabelIssues: { route: labelIssues.listLabelIssues, access: "read" },
  startJob: { route: jobs.startJob, access: "write" },
  listJobs: { route: jobs.listJobs, access: "read" },
  getJob: { route: jobs.getJob, access: "read" },
  cancelJob: { route: jobs.cancelJob, access: "write" },
  watchJob: { route: jobs.watchJob, access: "read" },
  listVersions: { route: versions.listVersions, access: "read" },
  getVersion: { route: versions.getVersion, access: "read" },
  promoteVersion: { route: versions.promoteVersion, access: "write" },
  verifyVersion: { route: versions.verifyVersion, access: "write" },
  createSource: { route: sources.createSource, access: "write" },
  listSources: { route: sources.listSources, access: "read" },
  getSource: { route: sources.getSource, access: "read" },
  updateSource: { route: sources.updateSource, access: "write" },
  deleteSource: { route: sources.deleteSource, access: "write" },
  rotateSource: { route: sources.rotateSource, access: "write" },
  testSource: { route: sources.testSource, access: "write" },
  listDeliveries: { route: deliveries.listDeliveries, access: "read" },
  getDelivery: { route: deliveries.getDelivery, access: "read" },
  redactDelivery: { route: deliveries.redactDelivery, access: "write" },
  replayDelivery: { route: deliveries.replayDelivery, access: "write" },
  receiveDelivery: { route: deliveries.receiveDelivery, access: "signature", body: "raw" },
  predict: { route: predict.predict, access: "predict", body: predict.predictBody },
} as const satisfies Record<string, RouteEntry>;

export type Operation = keyof typeof ROUTES;
