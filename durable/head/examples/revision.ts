// Moves a head to a new revision of its backbone. After an update of the service, stored heads have features and versions of the
// previous revision: versions keep it, features are recomputed (refresh-features.ts).
import { atRevision, type BackboneContext, identityOf, revisionWith } from "../../../src/backbones/backbone.ts";
import { findBuiltIn } from "../../../src/backbones/registry.ts";
import type { HeadConfig } from "../../../src/contract/rpc.ts";
import { revisionOfVersion, withOlderVersion, withOlderVersions } from "../../../src/lifecycle/revisions.ts";
import { Alarms } from "../../kit/alarms.ts";
import { ChunkTable } from "../../kit/chunks.ts";
import { FeatureTable } from "../../tables/features.ts";
import { MetaTable } from "../../tables/meta.ts";
import { VersionTable } from "../../tables/versions.ts";
import { canReembed } from "../files/kept-inputs.ts";
import type { HeadAlarm, HeadMeta, HeadStore } from "../store.ts";

/**
 * Moves a head to the newest revision when its object wakes, in one transaction. Does not change a head of unknown identity, or
 * one on the operator's own backbone, which has no revisions and may be missing when the object wakes. A head whose features
 * cannot be computed again stays at its revision, also for new inputs.
 */
export async function adoptNewestRevision(
  storage: DurableObjectStorage,
  now: number,
  context: BackboneContext,
): Promise<void> {
  const meta = new MetaTable<HeadMeta>(storage.sql);
  const stored = meta.get("config")?.backbone;
  const backbone = stored && findBuiltIn(stored.id, context);
  const revision = backbone ? await revisionWith(backbone, stored.dimension, stored.identity) : null;
  if (!backbone || revision === null) return;
  if (!canReembed({ meta, storage }).can) return meta.set("pinned", { revision });
  const identity = await identityOf(backbone, stored.dimension);
  storage.transactionSync(() => adopt(storage, meta, { identity, revision }, now));
}

function adopt(
  storage: DurableObjectStorage,
  meta: MetaTable<HeadMeta>,
  { identity, revision }: { readonly identity: string; readonly revision: string },
  now: number,
): void {
  const config = meta.get("config") as HeadMeta["config"];
  const dataset = meta.get("dataset");
  const versions = new VersionTable(storage.sql, new ChunkTable(storage.sql));
  meta.remove("pinned");
  meta.set("config", { ...config, backbone: { ...config.backbone, identity } });
  meta.set("older_versions", withOlderVersions(meta.get("older_versions") ?? [], versions.newest(), revision));
  // An open job continues with the rows that it has gathered.
  if (dataset) meta.set("dataset", { ...dataset, revision: dataset.revision ?? revision });
  new FeatureTable(storage.sql, config.backbone.dimension).outdated.mark(revision);
  new Alarms<HeadAlarm>(storage).note("refresh", now);
}

/** The older revision that made the features of a version; null: the newest did. */
export const revisionOf = ({ meta }: HeadStore, version: number): string | null =>
  revisionOfVersion(meta.get("older_versions") ?? [], version);

/** The older revision that has the identity of `named`; null: no older revision of the head's backbone has it. */
export async function revisionNamed(
  { config, backbone }: HeadStore,
  { id, identity }: HeadConfig["backbone"],
): Promise<string | null> {
  if (id !== config.backbone.id || identity === config.backbone.identity) return null;
  return revisionWith(await backbone(), config.backbone.dimension, identity);
}

/** Stores the revision of a new version. Call it in the transaction that adds the version. */
export function noteRevision({ meta }: HeadStore, version: number, revision: string | null | undefined): void {
  if (revision) meta.set("older_versions", withOlderVersion(meta.get("older_versions") ?? [], version, revision));
}

/** The head's backbone at an older revision; without a revision, the newest. */
export async function backboneAt(
  { config, backbone }: HeadStore,
  revision: string | null | undefined,
): Promise<HeadConfig["backbone"]> {
  const stored = config.backbone;
  if (!revision) return stored;
  return { ...stored, identity: await identityOf(atRevision(await backbone(), revision), stored.dimension) };
}
