// The example of a webhook's delivery, through the same checks as an upload: embedded, where its feature is not there yet,
// and committed with the delivery.
import { BACKBONE_BY_ID } from "../../backbones/registry.ts";
import type { DeliveryAnswer } from "../../contract/deliveries.ts";
import { isProblem } from "../../contract/inputs.ts";
import type { NewFeatures } from "../../contract/rpc.ts";
import type { HeadOfRow, OpenedDelivery, SourceRpc } from "../../contract/source-rpc.ts";
import { unwrap } from "../../core/problems.ts";
import { type CheckedRow, checkRow, type RowRules } from "./rows.ts";

export interface DeliveryTarget {
  readonly head: SourceRpc;
  readonly source: string;
  readonly examplesQuota: number;
  /** The body as it came, to be kept if the delivery fails; null where it is kept already. */
  readonly body: Uint8Array<ArrayBuffer> | null;
}

/** Times an input is embedded again because it was deleted between the question and the commit. */
const MAX_ATTEMPTS = 4;
const NO_FEATURES: NewFeatures = { digests: [], values: new Float32Array() };

export const rulesOfHead = ({ task, backbone: { id, dimension } }: HeadOfRow): RowRules => ({
  ...{ task, dimension, backbone: BACKBONE_BY_ID[id] },
});

/** Carries an opened delivery to its answer. Throws the fault that says why it failed. */
export async function finishDelivery(opened: OpenedDelivery, target: DeliveryTarget): Promise<DeliveryAnswer> {
  if ("answer" in opened) return opened.answer;
  const { delivery, row } = opened;
  const { head, source, body, examplesQuota } = target;
  const rules = rulesOfHead(opened.head);
  const checked = await checkRow({ value: row }, 0, rules);
  const example = isProblem(checked) ? checked : checked.example;
  let features = NO_FEATURES;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const commit = { delivery, example, features, body, examplesQuota };
    const outcome = unwrap(await head.commitDelivery(source, commit));
    if (!("missing" in outcome)) return outcome;
    features = await featuresOf(checked as CheckedRow, rules);
  }
  throw new Error("The input of this delivery is deleted as fast as it is added");
}

async function featuresOf({ example, input }: CheckedRow, { backbone }: RowRules): Promise<NewFeatures> {
  const [vector] = await backbone.embed([input]);
  return { digests: [example.digest], values: Float32Array.from(vector ?? []) };
}
