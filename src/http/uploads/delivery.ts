// The example of a webhook's delivery whose input has no feature yet: embedded, and committed with the delivery.
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import type { DeliveryAnswer } from "../../contract/deliveries.ts";
import { isProblem } from "../../contract/inputs.ts";
import type { NewFeatures } from "../../contract/rpc.ts";
import type { OpenedDelivery, SourceRpc, UnembeddedDelivery } from "../../contract/source-rpc.ts";
import { unwrap } from "../../core/problems.ts";
import type { Meter } from "../meter.ts";

export interface DeliveryTarget {
  readonly head: SourceRpc;
  readonly source: string;
  readonly examplesQuota: number;
  /** The body as it came, to be kept if the delivery fails; null where it is kept already. */
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly meter: Meter | undefined;
}

/** Carries an opened delivery to its answer. Throws the fault that says why it failed. */
export async function finishDelivery(opened: OpenedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const answer = "answer" in opened ? opened.answer : await commit(opened, target);
  target.meter?.countExamples(answer.outcome === "added" ? 1 : 0);
  return answer;
}

async function commit(opened: UnembeddedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const { head, source, body, examplesQuota, meter } = target;
  await meter?.spendInputs(1, "upload");
  const { delivery, signed, example } = opened;
  const embedded = { delivery, signed, example, features: await featuresOf(opened), body };
  const outcome = unwrap(await head.commitDelivery(source, embedded, examplesQuota));
  if ("missing" in outcome) throw new Error("A delivery was committed without the feature of its input");
  return outcome;
}

async function featuresOf({ example, input, backbone: { id, dimension } }: UnembeddedDelivery): Promise<NewFeatures> {
  const backbone = BACKBONE_BY_ID[id];
  const parsed = backbone.parse(input, dimension);
  if (isProblem(parsed)) throw new Error(`An input that was checked is none: ${parsed.detail}`);
  return { digests: [example.digest], values: await backbone.embed([parsed], dimension) };
}
