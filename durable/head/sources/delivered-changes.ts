// Applies the changes of a delivery at once if the head has the features of all its inputs. Otherwise returns the inputs,
// which the Worker embeds before it commits the delivery.
import type { MappedChanges } from "../../../src/contract/mapping.ts";
import { isProblem } from "../../../src/contract/row-problem.ts";
import type { DeliveryCommit, OpenedDelivery } from "../../../src/contract/source-rpc.ts";
import { putFilesOf } from "../examples/example-files.ts";
import { rowRulesOf } from "../inbox.ts";
import { admitUpload } from "../quota-usage.ts";
import type { HeadTools } from "../tools.ts";
import { type Application, apply } from "./apply-changes.ts";
import { type Arrival, rejection } from "./arrival.ts";
import { checkExamples, inputsOf } from "./check-changes.ts";
import { settleDelivery, settleNow } from "./settle-delivery.ts";

const NO_FILES: Application["put"] = new Map();
const NO_FEATURES: Application["features"] = { digests: [], values: new Float32Array() };

export async function applyOrEmbed(
  tools: HeadTools,
  arrival: Arrival,
  mapped: MappedChanges,
  examplesQuota: number,
): Promise<OpenedDelivery> {
  const { store } = tools;
  if (mapped.examples.length > 0) await admitUpload(tools);
  const rows = await checkExamples(mapped.examples, await rowRulesOf(store));
  if (isProblem(rows)) return { answer: await settleNow(store, arrival, () => rejection(rows, null)) };
  const examples = rows.map(({ example }) => example);
  const { deletes, deletedGroups, reason } = mapped;
  const groups = mapped.examples.map(({ group }) => group ?? null);
  const positions = mapped.examples.map(({ position }) => position ?? null);
  const changes = { examples, groups, positions, deletes, deletedGroups, reason };
  const application = { changes, features: NO_FEATURES, put: NO_FILES, examplesQuota };
  const answer = await settleDelivery(store, arrival, (settings) => apply(store, settings, application, arrival));
  if (!("missing" in answer)) return { answer };
  const inputs = inputsOf(rows);
  return { delivery: arrival.id, signed: arrival.signed, changes, inputs, backbone: store.config.backbone };
}

/** Applies the changes of an opened delivery, with the features that the Worker has computed. Only the Worker makes this call. */
export async function commitDelivery(
  tools: HeadTools,
  source: string,
  { delivery, signed, request, changes, features }: DeliveryCommit,
  examplesQuota: number,
) {
  const { store, now } = tools;
  const put = await putFilesOf(tools, { examples: changes.examples, features });
  const arrival = { source, id: delivery, signed, request, now: now() };
  const application = { changes, features, put, examplesQuota };
  return settleDelivery(store, arrival, (settings) => apply(store, settings, application, arrival));
}
