// One attempt of a delivery: signed with the endpoint's secrets, and only to an address that is allowed.
import type { WebhookSettings } from "../../src/env.ts";
import { refusalOfAddress } from "../../src/webhooks/address.ts";
import { type AttemptResult, type AttemptTools, attemptDelivery, noAnswer } from "../../src/webhooks/attempt.ts";
import { webhookHeaders } from "../../src/webhooks/sign.ts";
import type { Delivery } from "../tables/deliveries-out.ts";
import type { Endpoint } from "../tables/endpoints.ts";
import type { TenantStore } from "./store.ts";

export interface SigningTools extends AttemptTools {
  readonly settings: WebhookSettings;
}

export async function attemptSigned(
  store: TenantStore,
  { id, url }: Endpoint,
  { event, body }: Delivery,
  tools: SigningTools,
): Promise<AttemptResult> {
  const refusal = refusalOfAddress(url, tools.settings);
  if (refusal !== null) return noAnswer(`Not sent: the URL ${refusal}`);
  const secrets = store.endpoints.secrets(id, tools.now());
  const headers = await webhookHeaders({ id: event, body, secrets }, tools.now());
  return attemptDelivery(url, headers, body, tools);
}
