// The examples of a webhook's delivery whose inputs have no features yet: embedded, and committed with the delivery.
import type { ParsedInput } from "../../backbones/backbone.ts";
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import type { DeliveryAnswer } from "../../contract/deliveries.ts";
import { isProblem } from "../../contract/inputs.ts";
import type { NewFeatures } from "../../contract/rpc.ts";
import type { HookRequest, OpenedDelivery, SourceRpc, UnembeddedDelivery } from "../../contract/source-rpc.ts";
import { unwrap } from "../../core/problems.ts";
import { Turns } from "../../core/turns.ts";
import { UPLOAD_WORK } from "../../core/work.ts";
import type { Meter } from "../meter.ts";

export interface DeliveryTarget {
  readonly head: SourceRpc;
  readonly source: string;
  readonly examplesQuota: number;
  /** As it came, to be kept if the delivery fails; null where it is kept already. */
  readonly request: HookRequest | null;
  readonly meter: Meter | undefined;
}

/** Carries an opened delivery to its answer. Throws the fault that says why it failed. */
export async function finishDelivery(opened: OpenedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const answer = "answer" in opened ? opened.answer : await commit(opened, target);
  target.meter?.countExamples(answer.added ?? 0);
  return answer;
}

async function commit(opened: UnembeddedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  const { head, source, request, examplesQuota, meter } = target;
  const { delivery, signed, changes, inputs } = opened;
  await meter?.spendInputs(inputs.length, "upload");
  const embedded = { delivery, signed, changes, features: await featuresOf(opened), request };
  const outcome = unwrap(await head.commitDelivery(source, embedded, examplesQuota));
  if ("missing" in outcome) throw new Error("A delivery was committed without the features of its inputs");
  return outcome;
}

async function featuresOf({ inputs, backbone: { id, dimension } }: UnembeddedDelivery): Promise<NewFeatures> {
  const backbone = BACKBONE_BY_ID[id];
  const parsed = inputs.map(({ input }): ParsedInput => {
    const one = backbone.parse(input, dimension);
    if (isProblem(one)) throw new Error(`An input that was checked is none: ${one.detail}`);
    return one;
  });
  const digests = inputs.map(({ digest }) => digest);
  const turns = new Turns(UPLOAD_WORK.perTurn);
  return { digests, values: await backbone.embed(parsed, dimension, () => turns.take()) };
}
