// Turns an imported file into a request for a new version.
import type { HeadCard } from "../../contract/head-file.ts";
import type { ImportRequest } from "../../contract/rpc.ts";
import { turnLoop } from "../../core/turns.ts";
import { encodeTrainedHead } from "../../engine/heads/trained-head.ts";
import { type NamedTensor, trainedHeadOf } from "./head-file.ts";

export { tensorsFromJson } from "./json.ts";
export { decodeSafetensors } from "./safetensors.ts";

/** Throws a fault that names the mismatch. */
export async function importRequest(card: HeadCard, tensors: readonly NamedTensor[]): Promise<ImportRequest> {
  const head = trainedHeadOf(card, tensors);
  await turnLoop();
  return { card, head: encodeTrainedHead(head) };
}
