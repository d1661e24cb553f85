// Inbound webhooks: the route that senders call, and the replay of a failed delivery.
import type { DeliveryAnswer } from "../../contract/deliveries.ts";
import { LIMITS } from "../../core/limits.ts";
import { Fault, type ProblemCode, unwrap } from "../../core/problems.ts";
import { generationOf } from "../../env.ts";
import { readBytes } from "../request/body.ts";
import { type Handlers, tenantOf } from "../request/call.ts";
import { answer, type JsonAnswer } from "../response/answer.ts";
import { routeOfSource } from "../source-routes.ts";
import { finishDelivery } from "../uploads/delivery.ts";

export const hooks: Handlers<"receiveDelivery" | "replayDelivery"> = {
  receiveDelivery: async ({ env, params: { source }, request, meterOf }) => {
    const route = await routeOfSource(env, source, Date.now());
    if (!route) throw noSuchSource();
    const body = await readBytes(request, LIMITS.hookBodyBytes, "send only the labelled item");
    const head = env.sources(route, route.head, route.generation);
    const examplesQuota = route.quotas.examples_per_head;
    const delivered = { headers: [...request.headers], body };
    const opened = await head.openDelivery(source, delivered, examplesQuota);
    if (!opened.ok && opened.fault.code === "not_found") throw noSuchSource();
    const meter = meterOf(route, route.head);
    if (opened.ok || !FORGED.includes(opened.fault.code)) await meter.admit();
    const target = { head, source, examplesQuota, request: delivered, meter, backbones: env.backbones };
    return answerOf(await finishDelivery(unwrap(opened), target));
  },

  replayDelivery: async ({ env, caller, params, meter }) => {
    const owner = tenantOf({ caller });
    const head = env.sources(owner, params.head, generationOf(owner, params.head));
    const examplesQuota = owner.quotas.examples_per_head;
    const opened = unwrap(await head.reopenDelivery(params.id, params.delivery, examplesQuota));
    const target = { head, source: params.id, examplesQuota, request: null, meter, backbones: env.backbones };
    return answerOf(await finishDelivery(opened, target));
  },
};

/**
 * SECURITY: an unsigned request spends nothing of the tenant's budgets, because a forger could exhaust them. A delivery that
 * took effect but was refused for the tenant's rate is a duplicate when it is sent again.
 */
const FORGED: readonly string[] = ["bad_signature", "stale_timestamp"] satisfies ProblemCode[];

/** SECURITY: the fault does not show whether the head or the source never existed or was deleted. */
const noSuchSource = (): Fault => new Fault("not_found", "The source does not exist");

const answerOf = (delivery: DeliveryAnswer): JsonAnswer =>
  answer(delivery, delivery.outcome === "duplicate" ? 200 : 202);
