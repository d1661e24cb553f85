// Blocks made ready for the kernels: scaled, padded, on the WASM heap. As many as the budget allows stay there between
// passes; the others are read and scaled again each time. Either way the bits are the same.
import { bootTensor } from "../tensor/boot.ts";
import { type HeapReservation, reserveHeap } from "../tensor/heap.ts";
import { FeatureTensor, strideOf } from "../tensor/products.ts";
import type { FeatureBlocks, Part, RawBlock } from "./blocks.ts";
import { type Scaler, scaleRows } from "./heads/scaler.ts";

/** A block during one step of a pass. */
export interface ReadyBlock {
  readonly labels: Int32Array;
  raw(): RawBlock;
  scaled(): FeatureTensor;
}

interface Resident {
  readonly features: FeatureTensor;
  readonly labels: Int32Array;
  readonly reservation: HeapReservation;
}

export class TrainingData {
  readonly #blocks: FeatureBlocks;
  readonly #resident = new Map<string, Resident>();

  private constructor(blocks: FeatureBlocks) {
    this.#blocks = blocks;
  }

  /** Boots the tensor backend: from here on, steps run without waiting for it. */
  static async open(blocks: FeatureBlocks): Promise<TrainingData> {
    await bootTensor();
    return new TrainingData(blocks);
  }

  /** The blocks of several parts, in order. */
  list(parts: readonly Part[]): { part: Part; index: number; rows: number }[] {
    return parts.flatMap((part) => this.#blocks.rows[part].map((rows, index) => ({ part, index, rows })));
  }

  /** Hands a block to `use`; what it put on the heap is freed after, unless it may stay. */
  async withBlock<T>(part: Part, index: number, scaler: Scaler | null, use: (block: ReadyBlock) => T): Promise<T> {
    const kept = this.#resident.get(`${part}/${index}`);
    if (kept) return use({ labels: kept.labels, scaled: () => kept.features, raw: unavailable });
    const raw = await this.#blocks.load(part, index);
    if (!scaler) return use({ labels: raw.labels, raw: () => raw, scaled: unavailable });
    const features = this.#scale(raw, scaler);
    try {
      return use({ labels: raw.labels, raw: () => raw, scaled: () => features });
    } finally {
      if (!this.#keep(`${part}/${index}`, features, raw.labels)) features.dispose();
    }
  }

  #scale(raw: RawBlock, scaler: Scaler): FeatureTensor {
    return new FeatureTensor(scaleRows(raw.features, scaler), raw.labels.length, strideOf(scaler.mean.length));
  }

  #keep(key: string, features: FeatureTensor, labels: Int32Array): boolean {
    const reservation = reserveHeap(features.bytes);
    if (reservation) this.#resident.set(key, { features, labels, reservation });
    return reservation !== null;
  }

  /** Frees the heap. The training can go on with another `TrainingData` over the same blocks. */
  dispose(): void {
    for (const { features, reservation } of this.#resident.values()) {
      features.dispose();
      reservation.release();
    }
    this.#resident.clear();
  }
}

function unavailable(): never {
  throw new Error("A pass asked a block for what its phase does not prepare");
}
