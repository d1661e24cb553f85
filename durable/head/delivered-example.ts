// The example of a delivery: checked as a row of an upload is, and added at once where its input has been embedded before;
// else the Worker embeds it, and it is added when it comes back.
import { checkExample } from "../../src/backbones/example-row.ts";
import { type Input, isProblem, type RowProblem } from "../../src/contract/inputs.ts";
import type { MappedRow } from "../../src/contract/mapping.ts";
import type { FeaturesMissing, NewExample, NewFeatures } from "../../src/contract/rpc.ts";
import type { DeliveryCommit, OpenedDelivery } from "../../src/contract/source-rpc.ts";
import { Fault } from "../../src/core/problems.ts";
import type { SourceSettings } from "../../src/webhooks/source.ts";
import type { HeadTools } from "./calls.ts";
import { appendExamples } from "./examples.ts";
import { rowRulesOf } from "./inbox.ts";
import { type Arrival, type Effect, settle, settleNow } from "./settle-delivery.ts";
import type { HeadStore } from "./store.ts";
import { admitUpload } from "./use.ts";

const NO_FEATURES: NewFeatures = { digests: [], values: new Float32Array() };

/** An example to add, the features that came with it, and how many examples the head may hold. */
interface Addition {
  readonly example: NewExample;
  readonly features: NewFeatures;
  readonly examplesQuota: number;
}

export async function addOrEmbed(
  tools: HeadTools,
  arrival: Arrival,
  row: MappedRow,
  examplesQuota: number,
): Promise<OpenedDelivery> {
  const { store, isCurrent } = tools;
  await admitUpload(tools);
  const checked = await checkExample(row, 0, rowRulesOf(store));
  if (!isCurrent()) throw new Fault("not_found", "The head was deleted");
  if (isProblem(checked)) return { answer: await settleNow(store, arrival, () => rejection(checked, null)) };
  const { example } = checked;
  const addition = { example, features: NO_FEATURES, examplesQuota };
  const answer = await settle(store, arrival, (settings) => add(store, settings, addition, arrival.now));
  if (!("missing" in answer)) return { answer };
  return {
    delivery: arrival.id,
    signed: arrival.signed,
    example,
    input: inputIn(row),
    backbone: store.config.backbone,
  };
}

/** `row` has been checked: it holds one input. */
const inputIn = ({ text, features }: MappedRow): Input => (text === undefined ? { features } : { text }) as Input;

/** The example of a delivery that was opened, with its feature; the request between is the Worker's own. */
export function commitDelivery(
  { store, now }: HeadTools,
  source: string,
  { delivery, signed, body, ...example }: DeliveryCommit,
  examplesQuota: number,
) {
  const arrival = { source, id: delivery, signed, body, now: now() };
  return settle(store, arrival, (settings) => add(store, settings, { ...example, examplesQuota }, arrival.now));
}

function add(
  store: HeadStore,
  { action }: SourceSettings,
  { example, features, examplesQuota }: Addition,
  now: number,
): Effect | FeaturesMissing {
  const appended = appendExamples(store, { examples: [example], features, source: "webhook", examplesQuota }, now);
  if ("missing" in appended) return appended;
  const [problem] = appended.rejected;
  if (problem) return rejection(problem, example.id);
  const changed = appended.added + appended.updated;
  const outcome = appended.added > 0 ? "added" : changed > 0 ? "updated" : "unchanged";
  return { outcome, example: example.id, changed, trains: action === "add_and_train" && changed > 0 };
}

/** Without the row's place in an upload. */
const rejection = ({ code, detail, pointer }: RowProblem, example: string | null): Effect => ({
  ...{ outcome: "rejected", example, changed: 0 },
  reason: { code, detail, ...(pointer === undefined ? {} : { pointer }) },
});
