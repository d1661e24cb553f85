// Versions as they are shown, promoted and loaded to predict with.
import type { Page, PageQuery } from "../../src/contract/common.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { type ReadyHead, readyHead } from "../../src/engine/heads/trained-head.ts";
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

/** Versions ready to compute, most recently used last, bounded in bytes. Weights are immutable, so none goes stale. */
export class ReadyVersions {
  readonly #ready = new Map<number, { head: ReadyHead; bytes: number }>();

  get(store: HeadStore, version: number): ReadyHead {
    const kept = this.#ready.get(version) ?? load(store, version);
    this.#ready.delete(version);
    this.#ready.set(version, kept);
    this.#evict();
    return kept.head;
  }

  clear(): void {
    this.#ready.clear();
  }

  #evict(): void {
    let bytes = [...this.#ready.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    for (const [version, entry] of this.#ready) {
      if (bytes <= LIMITS.servedVersionBytes || this.#ready.size === 1) return;
      this.#ready.delete(version);
      bytes -= entry.bytes;
    }
  }
}

function load(store: HeadStore, version: number): { head: ReadyHead; bytes: number } {
  const trained = store.versions.weights(version, "final");
  if (!trained) throw new Fault("not_found", `There is no version ${version} of this head`);
  return { head: readyHead(trained), bytes: 8 * trained.head.weights.length };
}

/** The version a prediction is to use: the one asked for, or the live one. */
export function versionFor(store: HeadStore, asked: number | undefined): number {
  if (asked !== undefined) return asked;
  const live = store.meta.get("live");
  if (!live) throw new Fault("no_live_version", "This head has no live version: start a job, or promote one");
  return live.version;
}
