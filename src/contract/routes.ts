// Every route by its operation name, with the access it needs. The HTTP layer mounts exactly these, the reference lists them,
// and the route suite tests them: a new route does not compile until it has a handler, a method of the client and a test that
// calls it.
import { ACCOUNT_ROUTES } from "./account-routes.ts";
import * as captures from "./captures.ts";
import * as deliveries from "./deliveries.ts";
import * as examples from "./examples.ts";
import * as heads from "./heads.ts";
import * as jobs from "./jobs.ts";
import * as labelIssues from "./label-issues.ts";
import * as policy from "./policy.ts";
import * as predict from "./predict.ts";
import type { RouteEntry } from "./route-entry.ts";
import * as sources from "./sources.ts";
import * as stats from "./stats.ts";
import * as traffic from "./traffic.ts";
import * as versionFiles from "./version-files.ts";
import * as versions from "./versions.ts";

export const ROUTES = {
  ...ACCOUNT_ROUTES,
  createHead: { route: heads.createHead, access: "write" },
  listHeads: { route: heads.listHeads, access: "read" },
  getHead: { route: heads.getHead, access: "read" },
  updateHead: { route: heads.updateHead, access: "write" },
  deleteHead: { route: heads.deleteHead, access: "write" },
  getPolicy: { route: policy.getPolicy, access: "read" },
  setPolicy: { route: policy.setPolicy, access: "write" },
  uploadExamples: { route: examples.uploadExamples, access: "write", body: "raw" },
  listExamples: { route: examples.listExamples, access: "read" },
  exportExamples: { route: examples.exportExamples, access: "read" },
  getExample: { route: examples.getExample, access: "read" },
  updateExample: { route: examples.updateExample, access: "write" },
  deleteExample: { route: examples.deleteExample, access: "write" },
  giveFeedback: { route: examples.giveFeedback, access: "write", body: "raw" },
  listLabelIssues: { route: labelIssues.listLabelIssues, access: "read" },
  startJob: { route: jobs.startJob, access: "write" },
  listJobs: { route: jobs.listJobs, access: "read" },
  getJob: { route: jobs.getJob, access: "read" },
  cancelJob: { route: jobs.cancelJob, access: "write" },
  watchJob: { route: jobs.watchJob, access: "read" },
  listVersions: { route: versions.listVersions, access: "read" },
  getVersion: { route: versions.getVersion, access: "read" },
  exportVersion: { route: versionFiles.exportVersion, access: "read" },
  importVersion: { route: versionFiles.importVersion, access: "write", body: "raw" },
  deleteVersion: { route: versions.deleteVersion, access: "write" },
  promoteVersion: { route: versions.promoteVersion, access: "write" },
  verifyVersion: { route: versions.verifyVersion, access: "write" },
  predict: { route: predict.predict, access: "predict", body: "raw", changesNothing: true },
  setTraffic: { route: traffic.setTraffic, access: "write" },
  getTraffic: { route: traffic.getTraffic, access: "read" },
  rollback: { route: traffic.rollback, access: "write" },
  listCaptures: { route: captures.listCaptures, access: "read" },
  labelCapture: { route: captures.labelCapture, access: "write" },
  deleteCapture: { route: captures.deleteCapture, access: "write" },
  getStats: { route: stats.getStats, access: "read" },
  createSource: { route: sources.createSource, access: "write" },
  listSources: { route: sources.listSources, access: "read" },
  getSource: { route: sources.getSource, access: "read" },
  updateSource: { route: sources.updateSource, access: "write" },
  deleteSource: { route: sources.deleteSource, access: "write" },
  rotateSource: { route: sources.rotateSource, access: "write" },
  testSource: { route: sources.testSource, access: "write", body: "raw" },
  listDeliveries: { route: deliveries.listDeliveries, access: "read" },
  getDelivery: { route: deliveries.getDelivery, access: "read" },
  redactDelivery: { route: deliveries.redactDelivery, access: "write" },
  replayDelivery: { route: deliveries.replayDelivery, access: "write" },
  getRefusals: { route: sources.getRefusals, access: "read" },
  receiveDelivery: { route: deliveries.receiveDelivery, access: "signature", body: "raw" },
} as const satisfies Record<string, RouteEntry>;

export type Operation = keyof typeof ROUTES;
