// Answers the feature rows of one request, all with one version.
import type { Prediction, PredictOptions } from "../contract/predict.ts";
import type { ServingState } from "../contract/serving-rpc.ts";
import { bytesOf, utf8 } from "../core/bytes.ts";
import { hash32 } from "../core/hash.ts";
import { Fault } from "../core/problems.ts";
import { forwardRows, type ReadyHead, rowsOf } from "../engine/heads/ready-head.ts";
import { revisionOfVersion } from "../lifecycle/revisions.ts";
import { type Traffic, versionFor } from "../lifecycle/traffic.ts";
import type { ScoringOptions } from "./tasks/kind.ts";
import { SERVED_TASKS } from "./tasks/registry.ts";
import type { WeightCache } from "./weights.ts";

export interface Question {
  /** [rows][dimension] */
  readonly features: Float32Array;
  readonly options: PredictOptions;
}

export interface Answer {
  readonly version: number;
  readonly predictions: readonly Prediction[];
}

const noLiveVersion = (): Fault =>
  new Fault("no_live_version", "This head has no live version: start a job, or promote one");

/**
 * The requested version; else the split's version for this caller, by the caller's key or, without one, a hash of the features.
 */
export function chooseVersion(traffic: Pick<Traffic, "split">, { features, options }: Question): number {
  return versionWithoutFeatures(traffic, options) ?? versionFor(traffic, hash32(bytesOf(features)));
}

/** Like `chooseVersion`, before the features are known; null if the choice needs them. */
export function versionWithoutFeatures({ split }: Pick<Traffic, "split">, options: PredictOptions): number | null {
  if (options.version !== undefined) return options.version;
  const [first] = split;
  if (!first) throw noLiveVersion();
  if (split.length === 1) return first.version;
  return options.key === undefined ? null : versionFor({ split }, hash32(utf8(options.key)));
}

/** The older backbone revision that a version was trained on; null for the newest. */
export const revisionFor = ({ older }: ServingState, version: number): string | null =>
  older.length === 0 ? null : revisionOfVersion(older, version);

export interface Replica {
  readonly weights: WeightCache;
  /** Name of the head, and its known state. */
  readonly head: string;
  readonly state: ServingState;
  /** Loads the bytes of a version's head. */
  ask(version: number): Promise<Uint8Array>;
}

/** Answers with the version that traffic selects, and loads its weights if needed. Throws `no_live_version` if none is live. */
export async function answerFromReplica(replica: Replica, question: Question): Promise<Answer> {
  const version = chooseVersion(replica.state, question);
  return { version, predictions: await scoreAs(version, replica, question) };
}

/** Like `answerFromReplica`, without waiting: null unless the weights are cached and the rows need no tensor. */
export function answerIfReady({ weights, head, state }: Replica, question: Question): Answer | null {
  const version = chooseVersion(state, question);
  const ready = weights.peek(head, state, version);
  const predictions = ready ? scoreIfReady(ready, question.features, question.options) : null;
  return predictions && { version, predictions };
}

/** Scores with one version, independent of traffic. */
export async function scoreAs(
  version: number,
  { weights, head, state, ask }: Replica,
  { features, options }: Question,
): Promise<Prediction[]> {
  return scoreRows(await weights.of(head, state, version, () => ask(version)), features, options);
}

/** One prediction per row of `features` [rows][dims]. A row's answer does not depend on other rows, to the bit. */
export async function scoreRows(
  head: ReadyHead,
  features: Float32Array,
  options: ScoringOptions,
): Promise<Prediction[]> {
  return scoreIfReady(head, features, options) ?? predictionsOf(head, await forwardRows(head, features), options);
}

/** Like `scoreRows`, without waiting; null if the rows need a tensor. */
function scoreIfReady(head: ReadyHead, features: Float32Array, options: ScoringOptions): Prediction[] | null {
  const outputs = head.forwardRaw(features, rowsOf(head, features));
  return outputs && predictionsOf(head, outputs, options);
}

function predictionsOf({ trained }: ReadyHead, outputs: Float32Array, options: ScoringOptions): Prediction[] {
  const width = Math.max(1, trained.labels.length);
  const { answer } = SERVED_TASKS[trained.task];
  if (outputs.length === width) return [answer(trained, outputs, options)];
  return Array.from({ length: outputs.length / width }, (_, r) =>
    answer(trained, outputs.subarray(r * width, (r + 1) * width), options),
  );
}
