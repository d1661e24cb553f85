// Predictions from the object itself. Loaded on the first one: starting the Worker does not wait for the tensor library.
import type { PredictAnswer, PredictRequest } from "../../src/contract/rpc.ts";
import type { BoundedCache } from "../../src/core/bounded-cache.ts";
import { Fault } from "../../src/core/problems.ts";
import { type ReadyHead, readyHead } from "../../src/engine/heads/ready-head.ts";
import { chooseVersion } from "../../src/serving/answer.ts";
import { scoreRows } from "../../src/serving/scoring.ts";
import type { HeadStore } from "./store.ts";
import { rememberedTrafficOf } from "./traffic.ts";

/** Versions ready to compute, by number. Weights are immutable, so none goes stale. */
export type ReadyVersions = BoundedCache<number, ReadyHead>;

export async function predictRows(
  store: HeadStore,
  ready: ReadyVersions,
  request: PredictRequest,
): Promise<PredictAnswer> {
  const started = performance.now();
  const version = chooseVersion(rememberedTrafficOf(store) ?? { split: [] }, request);
  const head = ready.get(version, () => load(store, version));
  const predictions = await scoreRows(head, request.features, request.options);
  return { version, predictions, headMs: performance.now() - started };
}

function load(store: HeadStore, version: number): { value: ReadyHead; bytes: number } {
  const trained = store.versions.weights(version);
  if (!trained) throw new Fault("not_found", `There is no version ${version} of this head`);
  const value = readyHead(trained);
  return { value, bytes: value.bytes };
}
