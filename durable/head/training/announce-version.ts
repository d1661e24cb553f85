// Reports a version that a training made: in the log of its job, and as events to the tenant's endpoints.
import type { PromotionVerdict } from "../../../src/lifecycle/promotion.ts";
import type { VersionRecord } from "../../tables/version-record.ts";
import { emitEvent } from "../outbox.ts";
import type { HeadStore } from "../store.ts";

interface Made {
  readonly job: string;
  readonly version: number;
  readonly metrics: VersionRecord["metrics"];
  readonly verdict: PromotionVerdict;
  /** Whether it was trained without some labels. */
  readonly leavesOut: boolean;
}

/** Call it in the transaction that makes the version. */
export function announce(store: HeadStore, made: Made, now: number): void {
  log(store, made, now);
  const { job, version, verdict, leavesOut } = made;
  emitEvent(store, "job.succeeded", { job, version }, now);
  emitEvent(store, "version.created", { version, job }, now);
  if (leavesOut) emitEvent(store, "training.labels_left_out", { version, job }, now);
  if (verdict.promote) emitEvent(store, "version.promoted", { version }, now);
}

function log({ events }: HeadStore, { job, version, metrics, verdict }: Made, now: number): void {
  const figures = Object.entries(metrics.validation).filter(([, value]) => typeof value === "number");
  const text = `version ${version} ${verdict.promote ? "goes live" : "is not live"}: ${verdict.reason}`;
  events.add(job, "metrics", Object.fromEntries(figures), now);
  events.add(job, "message", { text }, now);
  events.add(job, "succeeded", { version, live: verdict.promote, progress: 1 }, now);
}

/** The verdict as stored with the version. */
export const promotionOf = ({ promote, reason, unproven = false }: PromotionVerdict): VersionRecord["promotion"] => ({
  promoted: promote,
  unproven,
  reason,
});
