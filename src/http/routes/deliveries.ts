// The stored deliveries of a source.
import { unwrap } from "../../core/problems.ts";
import { type Handlers, sourcesOf } from "../request/call.ts";
import { answer } from "../response/answer.ts";

export const deliveries: Handlers<"listDeliveries" | "getDelivery" | "redactDelivery"> = {
  listDeliveries: async (call) => answer(unwrap(await sourcesOf(call).listDeliveries(call.params.id, call.query))),
  getDelivery: async ({ params, ...call }) =>
    answer(unwrap(await sourcesOf({ ...call, params }).getDelivery(params.id, params.delivery))),
  redactDelivery: async ({ params, ...call }) =>
    answer(unwrap(await sourcesOf({ ...call, params }).redactDelivery(params.id, params.delivery))),
};
