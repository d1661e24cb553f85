// Puts a bundle together: from a lowered graph and the formats of its weights to `bundle.json` and the pieces.
import { createHash } from "node:crypto";
import type { Bundle, BundleLoss, BundleSource, BundleValue, Preprocessing } from "../../contract/bundle/bundle.ts";
import type { BundleOperation, Pooling } from "../../contract/bundle/operations.ts";
import { canonicalJson } from "../../core/json-text.ts";
import { blocksOf } from "../lower/blocks.ts";
import type { Lowered, LoweredOperation } from "../lower/lower.ts";
import { slotsOf } from "../lower/slots.ts";
import type { Formats } from "./formats.ts";
import { describePiece, layOut } from "./pieces.ts";
import { resolveTap, type TapRequest } from "./taps.ts";

export interface BundleParts {
  readonly id: string;
  readonly lowered: Lowered;
  readonly formats: Formats;
  readonly taps: readonly TapRequest[];
  readonly defaults: { readonly pooling: Pooling; readonly normalise: boolean };
  /** Given the number of pieces with weights. */
  readonly preprocessing: (weightPieces: number) => Preprocessing;
  readonly tokenizer: Uint8Array | null;
  readonly source: BundleSource;
  readonly loss: BundleLoss;
}

export interface CompiledBundle {
  readonly bundle: Bundle;
  readonly pieces: readonly Uint8Array[];
}

export function assembleBundle(parts: BundleParts): CompiledBundle {
  const { id, lowered, source, loss } = parts;
  const { blocks, ofOperation } = blocksOf(lowered);
  const taps = parts.taps.map((tap) => resolveTap(tap, lowered, blocks, parts.defaults));
  const laidOut = layOut(lowered.operations, parts.formats);
  const preprocessing = parts.preprocessing(laidOut.pieces.length);
  const tokens = preprocessing.modality === "text" ? preprocessing.maxTokens : 1;
  const slots = slotsOf(
    lowered,
    taps.map(({ value }) => value),
    tokens,
  );
  const pieces = [...laidOut.pieces, ...(parts.tokenizer ? [parts.tokenizer] : [])];
  const undigested: Omit<Bundle, "digest"> = {
    format: 1,
    id,
    preprocessing,
    inputs: lowered.inputs,
    values: valuesOf(lowered, slots.ofValue),
    operations: lowered.operations.map((operation, at) =>
      bundleOperation(operation, laidOut.names.get(operation) ?? {}, ofOperation[at] as string),
    ),
    weights: laidOut.weights,
    pieces: pieces.map(describePiece),
    blocks,
    taps,
    source,
    loss,
    peakBytes: slots.bytes,
  };
  return { bundle: { ...undigested, digest: digestOf(undigested) }, pieces };
}

const digestOf = (undigested: Omit<Bundle, "digest">): string =>
  createHash("sha256").update(canonicalJson(undigested)).digest("hex");

function valuesOf({ values }: Lowered, slots: ReadonlyMap<string, number>): Record<string, BundleValue> {
  const entries = [...values].map(([name, { shape, type }]) => [
    name,
    { shape, type, slot: slots.get(name) as number },
  ]);
  return Object.fromEntries(entries);
}

function bundleOperation(
  { op, name, inputs, output, attributes }: LoweredOperation,
  weights: Readonly<Record<string, string>>,
  block: string,
): BundleOperation {
  return { op, name, inputs, output, weights, attributes, block } as BundleOperation;
}
