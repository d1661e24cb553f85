// Versions as they are shown and promoted, and what was found wrong with labels when they were trained.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { LabelIssuesPage, LabelIssuesQuery } from "../../src/contract/label-issues.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { pageOfRows } from "../kit/pages.ts";
import type { VersionRecord } from "../tables/versions.ts";
import { emitEvent } from "./outbox.ts";
import type { HeadStore } from "./store.ts";

export function recordOf({ versions }: HeadStore, version: number): VersionRecord {
  const record = versions.record(version);
  if (!record) throw new Fault("not_found", `There is no version ${version} of this head`);
  return record;
}

export function viewOfVersion(store: HeadStore, version: number): VersionView {
  return { version, ...recordOf(store, version), live: store.meta.get("live")?.version === version };
}

export function listVersions(store: HeadStore, page: PageQuery): Page<VersionView> {
  const numbers = store.versions.numbers(page);
  return pageOfRows(
    numbers,
    page,
    (number) => number,
    (number) => viewOfVersion(store, number),
  );
}

export function promoteVersion(store: HeadStore, version: number, now: number): VersionView {
  const view = viewOfVersion(store, version);
  if (view.live) return view;
  store.storage.transactionSync(() => {
    store.meta.set("live", { version });
    emitEvent(store, "version.promoted", { version }, now);
  });
  return { ...view, live: true };
}

/** Of the newest version unless another is asked for. */
export function listLabelIssues(store: HeadStore, { version: asked, ...page }: LabelIssuesQuery): LabelIssuesPage {
  const version = asked ?? store.versions.newest();
  if (asked !== undefined) assertKept(store, asked);
  const rows = store.versions.issues.list(version ?? 0, page);
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
  if (version > (store.versions.newest() ?? 0) - kept) return;
  const detail = `The label issues of version ${version} are gone: those of the newest ${kept} are kept`;
  throw new Fault("not_found", detail);
}
