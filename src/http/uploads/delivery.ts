// Embeds and commits the examples of a webhook delivery whose inputs have no stored features.
import { atIdentity, type BackboneContext } from "../../backbones/backbone.ts";
import { backboneOf } from "../../backbones/registry.ts";
import type { DeliveryAnswer } from "../../contract/deliveries.ts";
import type { NewFeatures } from "../../contract/example-rpc.ts";
import type { HookRequest, OpenedDelivery, SourceRpc, UnembeddedDelivery } from "../../contract/source-rpc.ts";
import { Fault, unwrap } from "../../core/problems.ts";
import { Turns } from "../../core/turns.ts";
import type { Meter } from "../metering/meter.ts";
import { Embedder } from "./embed.ts";

export interface DeliveryTarget {
  readonly head: SourceRpc;
  readonly source: string;
  readonly examplesQuota: number;
  /** The request, to be stored if the delivery fails; null if it is already stored. */
  readonly request: HookRequest | null;
  readonly meter: Meter | undefined;
  readonly backbones: BackboneContext;
}

/** Completes an opened delivery. Throws the fault of a failed one. */
export async function finishDelivery(opened: OpenedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const answer = "answer" in opened ? opened.answer : await commit(opened, target);
  target.meter?.countExamples(answer.added ?? 0);
  return answer;
}

async function commit(opened: UnembeddedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const { head, source, request, examplesQuota, meter, backbones } = target;
  const { delivery, signed, changes, inputs } = opened;
  await meter?.spendInputs(inputs.length, "upload");
  const embedded = { delivery, signed, changes, features: await deliveredFeatures(opened, backbones), request };
  const outcome = unwrap(await head.commitDelivery(source, embedded, examplesQuota));
  if ("missing" in outcome) throw inputsDeleted();
  return outcome;
}

const inputsDeleted = (): Fault =>
  new Fault("unavailable", "Inputs of this delivery were deleted while it was stored; send it again", {
    retryAfterSeconds: 1,
  });

async function deliveredFeatures(
  { inputs, backbone: of }: UnembeddedDelivery,
  backbones: BackboneContext,
): Promise<NewFeatures> {
  const { id, dimension } = of;
  const backbone = await atIdentity(await backboneOf(id, backbones), of);
  const embedder = new Embedder({ backbone, dimension }, new Turns());
  return embedder.featuresByDigest(new Map(inputs.map(({ digest, input }) => [digest, input])));
}
