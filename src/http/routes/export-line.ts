// One line of an export of examples, in the format of uploads.
import type { ExportedExample } from "../../contract/example-rpc.ts";

export function lineOf({ id, input, label, labels, value, split, vector }: ExportedExample): string {
  const line = JSON.stringify({ id, ...input, label, labels, value, split: split ?? undefined });
  if (!vector) return `${line}\n`;
  // Joined numbers read the same as in JSON, without creating an array of them.
  return `${line.slice(0, -1)},"features":[${vector.join()}]}\n`;
}
