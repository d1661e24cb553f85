// The prediction log: keeps the inputs of predictions so that feedback can refer to them by id. It keeps them for the head's
// `log_hours`, or for a day if only captures are on.
import type { LoggedInput, LoggedPrediction } from "../../../src/contract/serving-rpc.ts";
import { HOUR_MS } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { Fault } from "../../../src/core/problems.ts";
import { hasRoom } from "../../../src/lifecycle/allowance.ts";
import { reportSoon, totalsOf } from "../quota-usage.ts";
import type { HeadStore } from "../store.ts";
import type { UpkeepTools } from "../upkeep-tools.ts";

/** Hours for which the head keeps every prediction; 0: it keeps none. */
export const logHoursOf = ({ meta }: HeadStore): number => meta.get("prediction_log")?.hours ?? 0;

const hoursKept = (store: HeadStore): number =>
  logHoursOf(store) || (store.meta.get("capture") ? LIMITS.predictionLogHours : 0);

/** Changes how long predictions are kept. Call it also after captures were turned on or off. */
export function setLogHours(store: HeadStore, hours: number, now: number): void {
  if (hours !== logHoursOf(store)) store.meta.set("prediction_log", { hours });
  prunePredictions(store, now);
}

/** Stores the predictions that a Worker reports, each once. Stores none if the tenant has no storage left. */
export async function takePredictions(
  store: HeadStore,
  predictions: readonly LoggedPrediction[],
  now: number,
): Promise<void> {
  if (hoursKept(store) === 0) return; // the log was turned off in the meantime
  if (!hasRoom(store.meta.get("allowed"), totalsOf(store))) return;
  store.storage.transactionSync(() => {
    store.predictions.add(predictions);
    prunePredictions(store, now);
  });
  await store.alarms.arm();
  await reportSoon(store, now);
}

/** Deletes some of the predictions that are too old, and moves the alarm to when the next one is. Call it in a transaction. */
function prunePredictions(store: HeadStore, now: number): void {
  store.predictions.pruneSome(expiredBefore(store, now));
  const oldest = store.predictions.oldest();
  store.alarms.clear("predictions"); // `note` would keep an earlier time, so that the alarm would fire without end
  if (oldest !== null) store.alarms.note("predictions", Math.max(now, oldest + hoursKept(store) * HOUR_MS));
}

/** Deletes all predictions that are too old. The alarm stays until the last one is gone, so a kill loses nothing. */
export async function prunePredictionsInTurns(store: HeadStore, { now, turns }: UpkeepTools): Promise<void> {
  while (store.predictions.pruneSome(expiredBefore(store, now))) {
    await turns.take();
  }
  store.storage.transactionSync(() => prunePredictions(store, now));
}

/** Predictions made until then are too old. */
function expiredBefore(store: HeadStore, now: number): number {
  const hours = hoursKept(store);
  return hours === 0 ? Number.MAX_SAFE_INTEGER : now - hours * HOUR_MS;
}

/** The logged input of a prediction. Throws `not_found` if the log does not have it. */
export function findPrediction(store: HeadStore, id: string, now: number): LoggedInput {
  const hours = hoursKept(store);
  const record = hours === 0 ? null : store.predictions.find(id, now - hours * HOUR_MS);
  if (record) return JSON.parse(record) as LoggedInput;
  const why =
    hours === 0
      ? "this head keeps none; set log_hours, or send the input instead"
      : `it is unknown, older than ${hours} hours, or was dropped because there were too many; send the input instead`;
  throw new Fault("not_found", `The prediction "${id}" is not stored: ${why}`, {
    errors: [{ pointer: "/prediction", detail: why }],
  });
}
