// Predictions that feedback can name: for as long as the head's prediction log says, or a day where only captures are on.
import type { LoggedInput } from "../../src/contract/rpc.ts";
import type { LoggedPrediction } from "../../src/contract/serving-rpc.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Fault } from "../../src/core/problems.ts";
import { hasRoom } from "../../src/lifecycle/allowance.ts";
import type { HeadStore } from "./store.ts";
import { reportSoon, totalsOf } from "./use.ts";

const HOUR_MS = 3_600_000;

/** Hours that every prediction is kept; 0: none is. */
export const logHoursOf = ({ meta }: HeadStore): number => meta.get("prediction_log")?.hours ?? 0;

const hoursKept = (store: HeadStore): number =>
  logHoursOf(store) || (store.meta.get("capture") ? LIMITS.predictionLogHours : 0);

/** Changes how long predictions are kept; call it after captures have been turned on or off, too. */
export function setLogHours(store: HeadStore, hours: number, now: number): void {
  if (hours !== logHoursOf(store)) store.meta.set("prediction_log", { hours });
  prunePredictions(store, now);
}

/** Keeps what a Worker tells, each prediction once; nothing where its tenant has no room left for it. */
export async function takePredictions(
  store: HeadStore,
  predictions: readonly LoggedPrediction[],
  now: number,
): Promise<void> {
  if (hoursKept(store) === 0) return; // turned off meanwhile
  if (!hasRoom(store.meta.get("allowed"), totalsOf(store))) return;
  store.storage.transactionSync(() => {
    store.predictions.add(predictions);
    prunePredictions(store, now);
  });
  await store.alarms.arm();
  await reportSoon(store, now);
}

/** Forgets what is too old, and has the alarm forget the next. */
export function prunePredictions(store: HeadStore, now: number): void {
  store.alarms.clear("predictions");
  const hours = hoursKept(store);
  if (hours === 0) store.predictions.clear();
  else store.predictions.prune(now - hours * HOUR_MS);
  const oldest = store.predictions.oldest();
  if (oldest !== null) store.alarms.note("predictions", oldest + hours * HOUR_MS);
}

/** The input of a prediction. */
export function findPrediction(store: HeadStore, id: string, now: number): LoggedInput {
  const hours = hoursKept(store);
  const record = hours === 0 ? null : store.predictions.find(id, now - hours * HOUR_MS);
  if (record) return JSON.parse(record) as LoggedInput;
  const why =
    hours === 0
      ? "this head keeps none; set log_hours, or send the input instead"
      : `it is unknown, older than ${hours} hours, or one of too many; send the input instead`;
  throw new Fault("not_found", `The prediction "${id}" cannot be named: ${why}`, {
    errors: [{ pointer: "/prediction", detail: why }],
  });
}
