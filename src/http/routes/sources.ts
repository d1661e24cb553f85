// Sources of a head, and what came to them.
import { isProblem } from "../../contract/inputs.ts";
import type { SourceRpc, TriedPayload } from "../../contract/source-rpc.ts";
import type { DryRunResult } from "../../contract/sources.ts";
import { makeId } from "../../core/ids.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { systemRandom } from "../../core/random.ts";
import type { Env } from "../../env.ts";
import { isTooDeep } from "../../webhooks/payload.ts";
import type { Caller } from "../auth.ts";
import { answer, type Handlers, noContent, tenantOf } from "../call.ts";
import { rulesOfHead } from "../uploads/delivery.ts";
import { checkRow } from "../uploads/rows.ts";

type Operations =
  | ("createSource" | "listSources" | "getSource" | "updateSource" | "deleteSource" | "rotateSource" | "testSource")
  | ("listDeliveries" | "getDelivery" | "redactDelivery");

const sourcesOf = (call: { caller: Caller; env: Env; params: { head: string } }): SourceRpc =>
  call.env.sources(tenantOf(call), call.params.head);

export const sources: Handlers<Operations> = {
  // Its address is known first: a source that exists can always be reached, and a create that died halfway left one that
  // leads to nothing.
  createSource: async (call) => {
    const { tenant, space } = tenantOf(call);
    const { head } = call.params;
    unwrap(await call.env.head({ tenant, space }, head).describe());
    const id = makeId("src", systemRandom);
    await call.env.directory().putSource(id, { tenant, space, head });
    const created = await sourcesOf(call).createSource(id, call.body);
    if (!created.ok) await call.env.directory().removeSource(id);
    return answer(unwrap(created), 201, { Location: `/v1/heads/${head}/sources/${id}` });
  },

  listSources: async (call) => answer(unwrap(await sourcesOf(call).listSources(call.query))),
  getSource: async (call) => answer(unwrap(await sourcesOf(call).getSource(call.params.id))),
  updateSource: async (call) => answer(unwrap(await sourcesOf(call).updateSource(call.params.id, call.body))),

  deleteSource: async (call) => {
    unwrap(await sourcesOf(call).deleteSource(call.params.id));
    await call.env.directory().removeSource(call.params.id);
    return noContent();
  },

  rotateSource: async (call) => answer(unwrap(await sourcesOf(call).rotateSource(call.params.id, call.body))),

  testSource: async (call) => {
    if (isTooDeep(call.body.payload)) throw new Fault("invalid_request", "/payload is nested too deeply");
    const head = sourcesOf(call);
    const tried = unwrap(await head.tryPayload(call.params.id, call.body));
    return answer(await dryRun(tried, head, tenantOf(call).quotas.examples_per_head));
  },

  listDeliveries: async (call) => answer(unwrap(await sourcesOf(call).listDeliveries(call.params.id, call.query))),
  getDelivery: async ({ params, ...call }) =>
    answer(unwrap(await sourcesOf({ ...call, params }).getDelivery(params.id, params.delivery))),
  redactDelivery: async ({ params, ...call }) =>
    answer(unwrap(await sourcesOf({ ...call, params }).redactDelivery(params.id, params.delivery))),
};

async function dryRun(
  { mapped, there, head: shape, action }: TriedPayload,
  head: SourceRpc,
  quota: number,
): Promise<DryRunResult> {
  const nothing = { trains: false, examples: [], deletes: [], reason: null };
  const trains = action === "add_and_train";
  if (mapped.kind === "train") return { ...nothing, outcome: "training", trains: true };
  if (mapped.kind === "delete") {
    const changes = there.length > 0;
    return { ...nothing, outcome: changes ? "deleted" : "unchanged", trains: trains && changes, deletes: [...there] };
  }
  if (mapped.kind !== "example") return { ...nothing, outcome: mapped.kind, reason: mapped.reason };
  const checked = await checkRow({ value: mapped.row }, 0, rulesOfHead(shape));
  if (isProblem(checked)) return { ...nothing, outcome: "rejected", examples: [mapped.row], reason: checked };
  const { outcome, reason } = unwrap(await head.previewExample(checked.example, quota));
  const examples = [{ id: checked.example.id, ...mapped.row }];
  return { outcome, trains: trains && (outcome === "added" || outcome === "updated"), examples, deletes: [], reason };
}
