// Puts a bundle together: from a lowered graph and the formats of its weights to `bundle.json` and the pieces.
import { createHash } from "node:crypto";
import type {
  Bundle,
  BundleLoss,
  BundleSource,
  BundleTap,
  BundleValue,
  Preprocessing,
} from "../../contract/bundle/bundle.ts";
import type { BundleOperation } from "../../contract/bundle/operations.ts";
import { concatBytes } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/json-text.ts";
import type { Blocks } from "../lower/blocks.ts";
import type { Lowered, LoweredOperation } from "../lower/lower.ts";
import { slotsOf } from "../lower/slots.ts";
import type { InputRules } from "../readers/source-model.ts";
import type { Formats } from "./formats.ts";
import { describePiece, layOut } from "./pieces.ts";

export interface BundleParts {
  readonly id: string;
  readonly lowered: Lowered;
  readonly blocks: Blocks;
  readonly taps: readonly BundleTap[];
  readonly formats: Formats;
  readonly input: InputRules;
  readonly source: BundleSource;
  readonly loss: BundleLoss;
}

export interface CompiledBundle {
  readonly bundle: Bundle;
  readonly pieces: readonly Uint8Array[];
}

export function assembleBundle({
  id,
  lowered,
  blocks,
  taps,
  formats,
  input,
  source,
  loss,
}: BundleParts): CompiledBundle {
  const laidOut = layOut(lowered.operations, formats);
  const tokenizer = input.modality === "text" ? input.tokenizer.map(({ bytes }) => bytes) : [];
  const pieces = tokenizer.length > 0 ? [...laidOut.pieces, concatBytes(tokenizer)] : laidOut.pieces;
  const slots = slotsOf(lowered, input.modality === "text" ? input.maxTokens : 1);
  const undigested: Omit<Bundle, "digest"> = {
    format: 1,
    id,
    preprocessing: preprocessingOf(input, laidOut.pieces.length),
    inputs: lowered.inputs,
    values: valuesOf(lowered, slots.ofValue),
    operations: lowered.operations.map((operation, at) =>
      bundleOperation(operation, laidOut.names.get(operation) ?? {}, blocks.ofOperation[at] as string),
    ),
    weights: laidOut.weights,
    pieces: pieces.map(describePiece),
    blocks: blocks.blocks,
    taps,
    source,
    loss,
    peakBytes: slots.bytes,
  };
  return { bundle: { ...undigested, digest: digestOf(undigested) }, pieces };
}

function preprocessingOf(input: InputRules, piece: number): Preprocessing {
  if (input.modality !== "text") return input;
  const { maxTokens, instruction, tokenizer } = input;
  const bytes: [number, number] = [tokenizer[0].bytes.byteLength, tokenizer[1].bytes.byteLength];
  return { modality: "text", maxTokens, instruction, tokenizer: { piece, bytes } };
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
