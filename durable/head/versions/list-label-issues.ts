// Lists the label issues that the training of a version found.
import type { LabelIssuesPage, LabelIssuesQuery } from "../../../src/contract/label-issues.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault } from "../../../src/core/problems.ts";
import { pageOfRows } from "../../kit/pages.ts";
import type { HeadStore } from "../store.ts";
import { assertVersion } from "./versions.ts";

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
  assertVersion(store, version);
  const kept = LIMITS.versionsWithLabelIssues;
  if (version > (store.versions.newestTrained() ?? 0) - kept) return;
  const detail = `The label issues of version ${version} are deleted: the head keeps those of the newest ${kept} versions`;
  throw new Fault("not_found", detail);
}
