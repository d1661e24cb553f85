// Makes a stored candidate a version, in one transaction: writes its row, findings and promotion, and ends its job.
import { isTerminal } from "../../../src/contract/jobs.ts";
import { type Job, succeed } from "../../../src/lifecycle/job.ts";
import type { PromotionVerdict } from "../../../src/lifecycle/promotion.ts";
import type { VersionRecord } from "../../tables/version-record.ts";
import type { HeadStore } from "../store.ts";
import { insertVersion } from "../versions/add-version.ts";
import { announce, promotionOf } from "./announce-version.ts";
import { endTraining } from "./checkpoint.ts";
import { verdictNow } from "./compare-with-live.ts";
import { type Findings, putFindings } from "./findings.ts";

export interface Candidate {
  readonly job: Job;
  /** The training's description of the version. */
  readonly described: Omit<VersionRecord, "job" | "created_at" | "promotion">;
  /** The older backbone revision that made its features; null or absent: the newest did. */
  readonly revision: string | null | undefined;
}

interface JudgedCandidate extends Candidate {
  readonly record: VersionRecord;
  readonly findings: Findings;
  readonly judged: PromotionVerdict;
  /** The version that was live when the candidate was judged. */
  readonly compared: number | null;
}

/** Call it in the transaction that adds the version. Does nothing if the job was cancelled. */
export function commitVersion(store: HeadStore, version: number, candidate: JudgedCandidate, now: number): void {
  const { job, record, revision, findings, judged, compared } = candidate;
  const open = store.jobs.get(job.id);
  if (!open || isTerminal(open.status)) return;
  const verdict = verdictNow(store, job, { judged, compared });
  if (verdict !== judged) store.versions.putRecord(version, { ...record, promotion: promotionOf(verdict) });
  insertVersion(store, version, { record, goesLive: verdict.promote, revision }, now);
  putFindings(store, version, findings);
  store.jobs.put(succeed(open, version, now));
  const leavesOut = record.left_out !== undefined;
  announce(store, { job: job.id, version, metrics: record.metrics, verdict, leavesOut }, now);
  endTraining(store, open, "version", now);
}
