// The description of a version, and its digest.
import type { HeadCard } from "../../../src/contract/head-file.ts";
import { storedFigures } from "../../../src/contract/stored-metrics.ts";
import type { VersionView } from "../../../src/contract/versions.ts";
import { sha256Hex, utf8 } from "../../../src/core/bytes.ts";
import { canonicalJson } from "../../../src/core/json-text.ts";
import { Turns } from "../../../src/core/turns.ts";
import { encodeTrainedHead } from "../../../src/engine/heads/trained-head.ts";
import type { TrainingOutcome } from "../../../src/engine/outcome.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import type { VersionRecord } from "../../tables/version-record.ts";
import { backboneAt } from "../examples/revision.ts";
import type { HeadMeta, HeadStore } from "../store.ts";

export type Described = Omit<VersionRecord, "digest" | "job" | "created_at">;

export async function describe(
  store: HeadStore,
  job: Job,
  dataset: HeadMeta["dataset"],
  outcome: TrainingOutcome,
  seed: number,
  turns = new Turns(),
): Promise<Described> {
  const { recipe, metrics, calibration, learningCurve } = outcome;
  const { recipe: name, options } = job.request;
  const { leftOut = [] } = dataset; // omitted when empty, so that the digests of older versions stay the same
  return {
    recipe: {
      name,
      options: Object.keys(options).length > 0 ? options : undefined,
      ...recipe,
      base: dataset.base,
    },
    seed,
    backbone: await backboneAt(store, dataset.revision),
    dataset: describedDataset(dataset),
    left_out: leftOut.length > 0 ? leftOut.map((label) => ({ ...label })) : undefined,
    metrics: await storedFigures({ ...metrics, baseline: dataset.baseline }, turns),
    calibration,
    learning_curve: learningCurve ?? undefined,
  };
}

function describedDataset({ digest, examples, labels, duplicates }: HeadMeta["dataset"]): Described["dataset"] {
  const described = { digest, examples, labels: [...labels] };
  return duplicates ? { ...described, duplicates_left_out: duplicates } : described;
}

/** The description of an imported version, as its file states it. */
export function describeImport({ labels, backbone, version }: HeadCard, weights: string): Described {
  const { digest, created_at, version: _, recipe, dataset, left_out: leftOut, ...rest } = version;
  return {
    ...rest,
    left_out: leftOut && leftOut.length > 0 ? leftOut : undefined,
    recipe: { ...recipe, name: "import" },
    backbone,
    dataset: { ...dataset, labels },
    imported: { weights, digest, created_at },
  };
}

/** Covers all weights and the whole description, but neither the time nor the job. */
export async function digestOfVersion(
  described: Described,
  { final, selected }: Pick<TrainingOutcome, "final" | "selected">,
  turns = new Turns(),
): Promise<VersionView["digest"]> {
  const weights: string[] = [];
  for (const head of [final, ...selected]) {
    const encoded = encodeTrainedHead(head);
    weights.push(await sha256Hex(encoded));
    encoded.buffer.transfer(0); // the collector frees it late, and it may have megabytes
    await turns.take();
  }
  const text = utf8(canonicalJson({ ...described, weights }));
  const digest = await sha256Hex(text);
  text.buffer.transfer(0);
  return `sha256:${digest}`;
}
