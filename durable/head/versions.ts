// Shows versions, their files, and the label issues that their trainings found.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "../../src/contract/label-issues.ts";
import type { VersionFile } from "../../src/contract/rpc.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { encodeTrainedHead } from "../../src/engine/heads/trained-head.ts";
import { pageOfRows } from "../kit/pages.ts";
import type { VersionRecord } from "../tables/versions.ts";
import type { HeadStore } from "./store.ts";
import { trafficOf } from "./traffic.ts";

export function recordOf({ versions }: HeadStore, version: number): VersionRecord {
  const record = versions.record(version);
  if (!record) throw new Fault("not_found", `There is no version ${version} of this head`);
  return record;
}

export function viewOfVersion(store: HeadStore, version: number): VersionView {
  return { version, left_out: [], ...recordOf(store, version), live: isLive(store, version) };
}

const isLive = (store: HeadStore, version: number): boolean =>
  trafficOf(store)?.split.some((share) => share.version === version) ?? false;

/** The version with its encoded weights. */
export function readVersion(store: HeadStore, version: number): VersionFile {
  const record = viewOfVersion(store, version);
  const head = store.versions.weights(version);
  if (!head) throw new Error(`Version ${version} has no weights`);
  return { record, head: encodeTrainedHead(head) };
}

/** A page of versions. It ends early at `LIMITS.versionPageBytes`, because a confusion matrix can have a million cells. */
export function listVersions(store: HeadStore, page: PageQuery): Page<VersionView> {
  const numbers = store.versions.numbers(page);
  const most = store.versions.countWithin(numbers, LIMITS.versionPageBytes);
  return pageOfRows(
    numbers,
    { ...page, limit: Math.min(most, page.limit ?? LIMITS.pageSizeDefault) },
    (number) => number,
    (number) => viewOfVersion(store, number),
  );
}

/** The label issues of `version`; by default of the newest version that was trained here. */
export function listLabelIssues(
  store: HeadStore,
  { version: asked, min_suspicion: minSuspicion = 0, ...page }: LabelIssuesQuery,
): LabelIssuesPage {
  const version = asked ?? store.versions.newestTrained();
  if (asked !== undefined) assertKept(store, asked);
  const rows = store.versions.issues.list(version ?? 0, page, minSuspicion);
  const { data, ...rest } = pageOfRows(
    rows,
    page,
    ({ rank }) => rank,
    ({ rank: _, ...issue }) => issue,
  );
  return { version, data: [...data], ...rest };
}

function assertKept(store: HeadStore, version: number): void {
  recordOf(store, version);
  const kept = LIMITS.versionsWithLabelIssues;
  if (version > (store.versions.newestTrained() ?? 0) - kept) return;
  const detail = `The label issues of version ${version} are deleted: the head keeps those of the newest ${kept} versions`;
  throw new Fault("not_found", detail);
}
