// Versions as they are shown and promoted.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { Fault } from "../../src/core/problems.ts";
import { pageOfRows } from "../kit/pages.ts";
import type { HeadStore } from "./store.ts";

export function viewOfVersion(store: HeadStore, version: number): VersionView {
  const record = store.versions.record(version);
  if (!record) throw new Fault("not_found", `There is no version ${version} of this head`);
  return { version, ...record, live: store.meta.get("live")?.version === version };
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

export function promoteVersion(store: HeadStore, version: number): VersionView {
  const view = viewOfVersion(store, version);
  store.meta.set("live", { version });
  return { ...view, live: true };
}
