// Sends one delivery. It is marked as being sent before its attempt begins, and its result is written afterwards. If the
// runtime dies in between, the attempt is repeated with the same webhook-id.
import { makeId } from "../../src/core/ids.ts";
import { logEvent } from "../../src/core/log.ts";
import { systemRandom } from "../../src/core/random.ts";
import { type AttemptResult, noAnswer } from "../../src/webhooks/attempt.ts";
import { retryAfterMs } from "../../src/webhooks/retry.ts";
import { verdictOnAttempt } from "../../src/webhooks/verdict.ts";
import type { Delivery } from "../tables/deliveries-out.ts";
import { fanOut } from "./fan-out.ts";
import { attemptSigned, type SigningTools } from "./signed-attempt.ts";
import type { TenantStore } from "./store.ts";

export interface SendTools extends SigningTools {
  /** In [0, 1). */
  readonly random: () => number;
  /** False once the tenant was deleted, which can happen during a wait. */
  readonly isCurrent: () => boolean;
}

/** Makes a claimed attempt, and writes its result. */
export async function send(store: TenantStore, delivery: Delivery, tools: SendTools): Promise<void> {
  const endpoint = store.endpoints.get(delivery.endpoint);
  if (!endpoint) return;
  const result = await attemptSigned(store, endpoint, delivery, tools).catch(failedHere);
  if (tools.isCurrent()) store.storage.transactionSync(() => record(store, delivery, result, tools));
}

function failedHere(error: unknown): AttemptResult {
  logEvent("error", "delivery_failed", { error: String(error) });
  return noAnswer("The attempt failed on our side");
}

/** In one transaction: writes the result, the state of the endpoint, and the event about a disabled endpoint. */
function record(store: TenantStore, { id, attempts, ...delivery }: Delivery, result: AttemptResult, tools: SendTools) {
  const endpoint = store.endpoints.get(delivery.endpoint);
  if (!endpoint) return;
  const [now, { code, durationMs }] = [tools.now(), result];
  const verdict = verdictOnAttempt({
    code,
    now,
    attempts: attempts + 1,
    failingSince: endpoint.failingSince,
    random: tools.random(),
    retryAfterMs: retryAfterMs(result.retryAfter, now),
    scale: tools.settings.retryScale,
  });
  store.deliveries.settle(id, { ...result, ...verdict });
  store.endpoints.note(endpoint.id, { failingSince: verdict.failingSince, lastMs: durationMs });
  if (verdict.disable === null || endpoint.disabled !== null) return;
  store.endpoints.disable(endpoint.id, verdict.disable);
  const data = { endpoint: endpoint.id };
  fanOut(store, { id: makeId("msg", systemRandom), type: "endpoint.disabled", data, at: now }, now);
}
