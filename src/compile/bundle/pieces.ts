// Lays the weights out in the order in which operations need them, in pieces of at most 8 MiB.
import { createHash } from "node:crypto";
import { type BundlePiece, type BundleWeight, MOST_PIECE_BYTES } from "../../contract/bundle/bundle.ts";
import { CompileError } from "../compile-error.ts";
import type { LoweredOperation } from "../lower/lower.ts";
import { type Formats, formatOf } from "./formats.ts";
import { roundUp } from "./panels.ts";
import { encodeWeight } from "./weight-formats.ts";

const ALIGNMENT = 16;

/** Names of weights by role, for each operation. */
export type WeightNames = ReadonlyMap<LoweredOperation, Readonly<Record<string, string>>>;

export interface LaidOut {
  readonly weights: Readonly<Record<string, BundleWeight>>;
  readonly names: WeightNames;
  readonly pieces: readonly Uint8Array[];
}

export function layOut(operations: readonly LoweredOperation[], formats: Formats): LaidOut {
  const writer = new PieceWriter();
  const weights: Record<string, BundleWeight> = {};
  const names = new Map<LoweredOperation, Record<string, string>>();
  for (const operation of operations) {
    const own: Record<string, string> = {};
    for (const [role, tensor] of Object.entries(operation.weights)) {
      const name = `${operation.name}/${role}`;
      const format = formatOf({ op: operation.op, name: operation.name, width: tensor.shape[1] ?? 0 }, role, formats);
      const bytes = encodeWeight(format, tensor);
      weights[name] = { format, shape: tensor.shape, offset: writer.write(bytes), bytes: bytes.byteLength };
      own[role] = name;
    }
    names.set(operation, own);
  }
  return { weights, names, pieces: writer.pieces() };
}

class PieceWriter {
  readonly #pieces: Uint8Array[] = [];
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #closedBytes = 0;

  /** Returns the offset. What is not larger than a piece does not cross the end of one. */
  write(bytes: Uint8Array): number {
    const padded = new Uint8Array(roundUp(bytes.byteLength, ALIGNMENT));
    padded.set(bytes);
    if (padded.byteLength <= MOST_PIECE_BYTES && this.#openBytes + padded.byteLength > MOST_PIECE_BYTES) this.#close();
    const offset = this.#closedBytes + this.#openBytes;
    for (let at = 0; at < padded.byteLength; ) {
      const part = padded.subarray(at, at + MOST_PIECE_BYTES - this.#openBytes);
      this.#open.push(part);
      this.#openBytes += part.byteLength;
      at += part.byteLength;
      if (this.#openBytes === MOST_PIECE_BYTES) this.#close();
    }
    return offset;
  }

  pieces(): readonly Uint8Array[] {
    this.#close();
    return this.#pieces;
  }

  #close(): void {
    if (this.#openBytes === 0) return;
    this.#pieces.push(Buffer.concat(this.#open));
    this.#closedBytes += this.#openBytes;
    this.#open = [];
    this.#openBytes = 0;
  }
}

export function describePiece(bytes: Uint8Array): BundlePiece {
  if (bytes.byteLength > MOST_PIECE_BYTES)
    throw new CompileError("tokenizer", `it has ${bytes.byteLength} bytes; a piece has at most ${MOST_PIECE_BYTES}`);
  return { bytes: bytes.byteLength, sha256: createHash("sha256").update(bytes).digest("hex") };
}
