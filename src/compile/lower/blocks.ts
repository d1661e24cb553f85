// Finds the cuts of a graph, the places where it is one value wide, and names the blocks between them.
import type { BundleBlock } from "../../contract/bundle/bundle.ts";
import type { Lowered, LoweredOperation } from "./lower.ts";

/** The block of each operation, in order, and the blocks. */
export interface Blocks {
  readonly ofOperation: readonly string[];
  readonly blocks: readonly BundleBlock[];
}

export function blocksOf(lowered: Lowered): Blocks {
  const segments = segmentsOf(lowered);
  const names = segments.some(hasAttention) ? layerNames(segments) : segments.map((_, at) => `block ${at + 1}`);
  const ofOperation = segments.flatMap((segment, at) => segment.map(() => names[at] as string));
  const outputs = new Map<string, string>();
  segments.forEach((segment, at) => {
    outputs.set(names[at] as string, segment.at(-1)?.output as string);
  });
  return { ofOperation, blocks: [...outputs].map(([name, output]) => ({ name, output })) };
}

type Segment = readonly LoweredOperation[];

const hasAttention = (segment: Segment): boolean => segment.some(({ op }) => op === "attention");

/** Parts between cuts: after the last operation of each, nothing but its output is needed later. */
function segmentsOf({ operations, output }: Lowered): Segment[] {
  const lastUse = lastUses(operations, output);
  const segments: LoweredOperation[][] = [[]];
  let furthest = 0;
  operations.forEach((operation, at) => {
    segments.at(-1)?.push(operation);
    const isCut = furthest <= at;
    furthest = Math.max(furthest, lastUse.get(operation.output) ?? at);
    if (isCut && at < operations.length - 1) segments.push([]);
  });
  return segments;
}

/** The place of the last operation that reads each value. The output is read after all of them. */
export function lastUses(operations: readonly LoweredOperation[], output: string): Map<string, number> {
  const uses = new Map<string, number>();
  operations.forEach(({ inputs }, at) => {
    for (const input of inputs) uses.set(input, at);
  });
  return uses.set(output, operations.length);
}

/** `embeddings`, `layer 1/attention`, `layer 1/feed-forward`, … Several segments may belong to one block. */
function layerNames(segments: readonly Segment[]): string[] {
  let layer = 0;
  return segments.map((segment) => {
    if (hasAttention(segment)) return `layer ${++layer}/attention`;
    return layer === 0 ? "embeddings" : `layer ${layer}/feed-forward`;
  });
}
