// The first checkpoint of a job: from scratch; or, for an update, from the weights of the live version. An update also starts
// from scratch if examples were deleted since that version, because its weights have learnt from them.
import type { HeadKindName } from "../../../src/contract/recipes.ts";
import { type Checkpoint, startTraining } from "../../../src/engine/checkpoint.ts";
import { planTraining } from "../../../src/engine/plan.ts";
import { startUpdate, warmStart } from "../../../src/engine/warm-start.ts";
import type { Job } from "../../../src/lifecycle/job.ts";
import { revisionOf } from "../examples/revision.ts";
import type { HeadMeta, HeadStore } from "../store.ts";
import { unseenRows } from "./unseen-rows.ts";

export interface Beginning {
  readonly checkpoint: Checkpoint;
  /** Digest of the version that an update starts from. */
  readonly base?: string;
  /** Why an update starts from scratch. */
  readonly note?: string;
}

type Dataset = HeadMeta["dataset"];

export function firstCheckpoint(store: HeadStore, job: Job, dataset: Dataset): Beginning {
  const { recipe } = job.request;
  if (recipe !== "update")
    return { checkpoint: startTraining(planTraining({ ...requestOf(store, job, dataset), recipe })) };
  const base = baseOf(store, job, dataset);
  if (typeof base !== "string") return fromBase(store, job, dataset, base);
  const plan = planTraining({ ...requestOf(store, job, dataset), recipe: "auto" });
  return { checkpoint: startTraining(plan), note: `trained from scratch: ${base}` };
}

function requestOf(
  { config }: HeadStore,
  { request }: Job,
  { labels, foldRows, rounds, foldsOnly, valueOffset }: Dataset,
) {
  const { seed, options } = request;
  return {
    task: config.task,
    dims: config.backbone.dimension,
    labels,
    seed,
    foldRows,
    rounds,
    foldsOnly,
    valueOffset,
    options,
  };
}

interface Base {
  readonly version: number;
  readonly digest: string;
  readonly kind: HeadKindName;
  readonly l2: number;
}

function fromBase(store: HeadStore, job: Job, dataset: Dataset, { version, digest, kind, l2 }: Base): Beginning {
  const [final, held] = [store.versions.weights(version), store.versions.rounds(version)?.heads[0]];
  if (!final || !held) throw new Error(`Version ${version} has no weights`);
  const plan = planTraining({ ...requestOf(store, job, dataset), recipe: kind, updates: { l2 } });
  return { checkpoint: startUpdate(plan, warmStart(held, final, dataset.labels)), base: digest };
}

/** The version that an update starts from, or why there is none. A verification uses the same base as the verified version. */
function baseOf(store: HeadStore, job: Job, dataset: Dataset): Base | string {
  const { verify, options } = job.request;
  const version = verify === undefined ? store.meta.get("live")?.version : baseOfVersion(store, verify);
  const record = version === undefined ? null : store.versions.record(version);
  const rounds = version === undefined ? null : store.versions.rounds(version);
  if (version === undefined || !record || !rounds) return "there is no version to continue from";
  const { name, kind, l2 } = record.recipe;
  if (revisionOf(store, version) !== (dataset.revision ?? null))
    return "the live version was trained on features of an older revision of the backbone";
  if (name === "import") return "the live version was imported";
  if (l2 === undefined) return "the live version is not linear";
  if (options.class_weight === "balanced") return "balanced class weights depend on all examples";
  if (rounds.heads.length !== 1 || dataset.rounds !== 1) return "with so few examples, every training is from scratch";
  if (verify === undefined && rounds.deletions !== deletionsSoFar(store))
    return "examples were deleted since the live version was trained";
  if (unseenRows(store, rounds, dataset.rounds).share < LEAST_UNSEEN)
    return "the live version has learnt from examples that are held out now";
  return { version, digest: record.digest, kind, l2 };
}

/** Counts up to now, not up to when the rows were read: an example deleted in between may still be in the live version. */
const deletionsSoFar = ({ meta }: HeadStore): number => meta.get("deletions")?.count ?? 0;

/** Least share of held-out rows that the base version has not learnt from. With fewer, the metrics would measure its memory. */
const LEAST_UNSEEN = 0.98;

function baseOfVersion(store: HeadStore, version: number): number | undefined {
  const base = store.versions.record(version)?.recipe.base;
  return base === undefined ? undefined : store.versions.withDigest(base, version);
}
