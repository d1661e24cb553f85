// Whether a version from a file may become one of a head: features of different identities never mix, nor do tasks.
import type { HeadCard } from "../contract/head-file.ts";
import type { HeadConfig } from "../contract/rpc.ts";
import { Fault } from "../core/problems.ts";

/** Throws the fault that says what the file is of and what the head is. */
export function assertImportable(
  { task, backbone, labels }: Pick<HeadConfig, "task" | "backbone" | "labels">,
  card: Pick<HeadCard, "task" | "backbone" | "labels">,
): void {
  if (card.task !== task) throw mismatch("/task", `is "${card.task}", and the head's is "${task}"`);
  if (card.backbone.identity !== backbone.identity || card.backbone.id !== backbone.id) {
    const named = (of: HeadConfig["backbone"]): string => `"${of.id}" of identity ${of.identity}`;
    throw mismatch("/backbone", `is ${named(card.backbone)}, and the head's is ${named(backbone)}`);
  }
  if (card.backbone.dimension !== backbone.dimension)
    throw mismatch(
      "/backbone/dimension",
      `is ${card.backbone.dimension}, and the head's features have ${backbone.dimension}`,
    );
  const stray = labels && card.labels.find((label) => !labels.includes(label));
  if (stray) throw mismatch("/labels", `names "${stray}", which is not one of the labels that the head has for good`);
}

function mismatch(pointer: string, detail: string): Fault {
  return new Fault("head_mismatch", `The file: ${pointer} ${detail}`, { errors: [{ pointer, detail }] });
}
