// Imports a version from a head file. Its description is stored as the file states it. The file has no heads of the training
// rounds, so no later candidate is compared with it on rows, and no update starts from it.
import type { ImportRequest, ImportResult } from "../../../src/contract/rpc.ts";
import { sha256Hex } from "../../../src/core/bytes.ts";
import { timestamp } from "../../../src/core/clock.ts";
import type { RoundHeads } from "../../../src/engine/heads/round-heads.ts";
import { decodeTrainedHead, encodeTrainedHead, type TrainedHead } from "../../../src/engine/heads/trained-head.ts";
import { assertImportable, cardWithStoredLabels } from "../../../src/lifecycle/import.ts";
import { backboneAt, revisionNamed } from "../examples/revision.ts";
import type { HeadCalls, HeadTools } from "../tools.ts";
import { addVersion, insertVersion } from "./add-version.ts";
import { describeImport, digestOfVersion } from "./describe-version.ts";
import { textOfVersion } from "./versions.ts";

const NO_ROUNDS: RoundHeads = { heads: [], heldOut: [], lastExample: Number.MAX_SAFE_INTEGER, deletions: 0 };

export const importCalls: HeadCalls<"importVersion"> = { importVersion };

/** Returns the new version, or the version that an earlier import of the same weights made. */
async function importVersion(tools: HeadTools, request: ImportRequest): Promise<ImportResult> {
  const { store, now, turns } = tools;
  const { card: given, head } = request;
  const card = cardWithStoredLabels(given, store.config.labels ?? store.labels.all().map(({ name }) => name));
  const revision = await revisionNamed(store, card.backbone);
  assertImportable({ ...store.config, backbone: await backboneAt(store, revision) }, card);
  const final: TrainedHead = { ...decodeTrainedHead(head), labels: card.labels };
  const bytes = card === given ? head : encodeTrainedHead(final);
  const weights = `sha256:${await sha256Hex(bytes)}`;
  const described = describeImport(card, weights);
  await turns.take();
  const before = knownImport(store, weights);
  if (before) return before;
  const digest = await digestOfVersion(described, { final, selected: [] }, turns);
  const record = { ...described, digest, job: null, created_at: timestamp(now()) };
  const number = await addVersion(store, { record, final, rounds: NO_ROUNDS }, turns, (version) => {
    if (store.versions.importOf(weights) !== null) return null; // another call imported it in the meantime
    insertVersion(store, version, { record, goesLive: false, revision }, now());
    store.versions.putImport(weights, version);
    return version;
  });
  await store.alarms.arm();
  if (number === null) return knownImport(store, weights) ?? importVersion(tools, request);
  return { number, version: textOfVersion(store, number), created: true };
}

/** The version of an earlier import of the same weights. */
function knownImport(store: HeadTools["store"], weights: string): ImportResult | null {
  const number = store.versions.importOf(weights);
  return number === null ? null : { number, version: textOfVersion(store, number), created: false };
}
