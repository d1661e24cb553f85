// Imports a version from a head file. Its description is stored as the file states it. The file has no heads of the training
// rounds, so no later candidate is compared with it on rows, and no update starts from it.

import type { HeadCard } from "../../src/contract/head-file.ts";
import type { ImportRequest, ImportResult } from "../../src/contract/rpc.ts";
import { sha256Hex } from "../../src/core/bytes.ts";
import { timestamp } from "../../src/core/clock.ts";
import { Fault } from "../../src/core/problems.ts";
import type { RoundHeads } from "../../src/engine/heads/round-heads.ts";
import { decodeTrainedHead, encodeTrainedHead, type TrainedHead } from "../../src/engine/heads/trained-head.ts";
import { assertImportable, cardWithStoredLabels } from "../../src/lifecycle/import.ts";
import { addVersion } from "./add-version.ts";
import type { HeadCalls, HeadTools } from "./calls.ts";
import { type Described, digestOfVersion } from "./describe.ts";
import { backboneAt, revisionNamed } from "./revision.ts";
import { textOfVersion } from "./versions.ts";

const NO_ROUNDS: RoundHeads = { heads: [], heldOut: [], lastExample: Number.MAX_SAFE_INTEGER, deletions: 0 };

export const importCalls: HeadCalls<"importVersion"> = { importVersion };

/** Returns the new version, or the version that an earlier import of the same weights made. */
async function importVersion(
  { store, now, isCurrent }: HeadTools,
  { card: given, head }: ImportRequest,
): Promise<ImportResult> {
  const card = cardWithStoredLabels(given, store.config.labels ?? store.labels.all().map(({ name }) => name));
  const revision = await revisionNamed(store, card.backbone);
  assertImportable({ ...store.config, backbone: await backboneAt(store, revision) }, card);
  const final: TrainedHead = { ...decodeTrainedHead(head), labels: card.labels };
  const bytes = card === given ? head : encodeTrainedHead(final);
  const weights = `sha256:${await sha256Hex(bytes)}`;
  const described = describeImport(card, weights);
  const digest = await digestOfVersion(described, { final, selected: [] });
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  const imported = store.storage.transactionSync(() => {
    const { versions } = store;
    const known = versions.importOf(weights);
    if (known !== null) return { number: known, version: textOfVersion(store, known), created: false };
    const record = { ...described, digest, job: null, created_at: timestamp(now()) };
    const version = addVersion(store, { record, final, rounds: NO_ROUNDS, goesLive: false, revision }, now());
    versions.putImport(weights, version);
    return { number: version, version: textOfVersion(store, version), created: true };
  });
  await store.alarms.arm();
  return imported;
}

function describeImport({ labels, backbone, version }: HeadCard, weights: string): Described {
  const { digest, created_at, version: _, recipe, dataset, left_out: leftOut, ...rest } = version;
  return {
    ...rest,
    ...(leftOut && leftOut.length > 0 ? { left_out: leftOut } : {}),
    recipe: { ...recipe, name: "import" },
    backbone,
    dataset: { ...dataset, labels },
    imported: { weights, digest, created_at },
  };
}
