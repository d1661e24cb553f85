// Places the weights of a bundle in its heap, in the order of the pieces, and checks that they are what the bundle says.
import type { Bundle } from "../../contract/bundle/bundle.ts";
import { BundleProblem, Mismatch } from "../bundle-problem.ts";
import { aligned } from "../extent.ts";
import type { PlacedWeight } from "../operations/operation.ts";
import { weightBytes } from "./weight-bytes.ts";

/** Address of the first weight. Kernels read the address 0 as "this weight is absent". */
export const WEIGHTS_AT = 64;
const ALIGNMENT = 16;

export interface PlacedWeights {
  readonly weights: ReadonlyMap<string, PlacedWeight>;
  /** Where each piece goes that has weights. */
  readonly pieces: readonly { readonly piece: number; readonly address: number }[];
  /** The first address after all weights. */
  readonly end: number;
}

export function placeWeights({ weights, pieces }: Pick<Bundle, "weights" | "pieces">): PlacedWeights {
  const placed = new Map<string, PlacedWeight>();
  const available = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  let end = 0;
  for (const [name, { format, shape, offset, bytes }] of Object.entries(weights)) {
    const place = `weight "${name}"`;
    const needed = bytesNeeded(place, () => weightBytes(format, shape));
    if (bytes !== needed) throw new BundleProblem(place, `it has ${bytes} bytes; ${format} of its shape has ${needed}`);
    if (offset % ALIGNMENT !== 0) throw new BundleProblem(place, `its offset ${offset} is not a multiple of 16`);
    if (offset + bytes > available)
      throw new BundleProblem(place, `it ends at ${offset + bytes}, after the ${available} bytes of all pieces`);
    placed.set(name, { format, shape, address: WEIGHTS_AT + offset });
    end = Math.max(end, offset + bytes);
  }
  return { weights: placed, ...piecesUntil(end, pieces) };
}

function bytesNeeded(place: string, bytes: () => number): number {
  try {
    return bytes();
  } catch (error) {
    throw error instanceof Mismatch ? new BundleProblem(place, error.message) : error;
  }
}

/** The pieces that begin before the last weight's end. The tokenizer's piece comes after them. */
function piecesUntil(end: number, pieces: Bundle["pieces"]): Pick<PlacedWeights, "pieces" | "end"> {
  const placed: { piece: number; address: number }[] = [];
  let at = 0;
  for (const [piece, { bytes }] of pieces.entries()) {
    if (at >= end) break;
    placed.push({ piece, address: WEIGHTS_AT + at });
    at += bytes;
  }
  return { pieces: placed, end: aligned(WEIGHTS_AT + at) };
}
