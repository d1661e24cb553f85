// Shows versions and their files.
import type { Page, PageQuery } from "../../../src/contract/common.ts";
import type { VersionFile } from "../../../src/contract/rpc.ts";
import type { StoredVersion, VersionView } from "../../../src/contract/versions.ts";
import { type JsonText, jsonOf, jsonText } from "../../../src/core/json-text.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault } from "../../../src/core/problems.ts";
import { pageOfRows } from "../../kit/pages.ts";
import type { VersionRecord } from "../../tables/version-record.ts";
import type { HeadStore } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { trafficOf } from "./traffic.ts";

export function assertVersion({ versions }: HeadStore, version: number): void {
  if (!versions.has(version)) throw new Fault("not_found", `There is no version ${version} of this head`);
}

export function recordOf(store: HeadStore, version: number): VersionRecord {
  assertVersion(store, version);
  const record = store.versions.record(version);
  if (!record) throw new Error(`Version ${version} has no record`);
  return record;
}

export const isLive = (store: HeadStore, version: number): boolean =>
  trafficOf(store)?.split.some((share) => share.version === version) ?? false;

function viewOfVersion(store: HeadStore, version: number): StoredVersion {
  const { left_out = [], ...record } = recordOf(store, version);
  return { version, left_out, ...record, live: isLive(store, version) };
}

/** The view with more fields, as JSON. */
export const textOfVersion = <More extends object>(
  store: HeadStore,
  version: number,
  more?: More,
): JsonText<VersionView & More> => jsonText(jsonOf({ ...viewOfVersion(store, version), ...more }));

/** The version with its encoded weights. */
export async function readVersion(
  { store, turns }: Pick<HeadTools, "store" | "turns">,
  version: number,
): Promise<VersionFile> {
  const record = viewOfVersion(store, version);
  await turns.take(); // at 1,000 labels, the record and the weights each take some 10 ms
  return { record, head: readWeights(store, version) };
}

export function readWeights(store: HeadStore, version: number): VersionFile["head"] {
  assertVersion(store, version);
  const head = store.versions.encodedWeights(version);
  if (!head) throw new Error(`Version ${version} has no weights`);
  return head;
}

/** A page of versions. It ends early at `LIMITS.versionPageBytes`, because a confusion matrix can have a million cells. */
export function listVersions(store: HeadStore, page: PageQuery): JsonText<Page<VersionView>> {
  const numbers = store.versions.numbers(page);
  const most = store.versions.countWithin(numbers, LIMITS.versionPageBytes);
  const { data, ...rest } = pageOfRows(
    numbers,
    { ...page, limit: Math.min(most, page.limit ?? LIMITS.pageSizeDefault) },
    (number) => number,
    (number) => textOfVersion(store, number).$json,
  );
  return jsonText(jsonOf({ data: jsonText(`[${data.join()}]`), ...rest }));
}
