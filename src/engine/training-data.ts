// Blocks made ready for the kernels: scaled, and in 16 bits a number, on the WASM heap. As many as the budget allows stay
// there between passes; the others are read again each time, as what they became on the first. Either way the bits are the
// same.
import { bootTensor } from "../tensor/boot.ts";
import { FeatureTensor } from "../tensor/features.ts";
import { type HeapReservation, reserveHeap } from "../tensor/heap.ts";
import type { Targets } from "../tensor/products.ts";
import { type BlockPlace, blocksOf, type FeatureBlocks, type Part, type StoredBlock } from "./blocks.ts";
import { type Scaler, scaleTargets } from "./heads/scaler.ts";
import { KeptOutputs } from "./kept-outputs.ts";

/** A block during one step of a pass. */
export interface ReadyBlock {
  readonly part: Part;
  /** Rows of its part before it. */
  readonly first: number;
  readonly rows: number;
  readonly targets: Targets;
  /** As the backbone made them: before there is a scaler. */
  raw(): Float32Array;
  /** Once there is a scaler. */
  scaled(): FeatureTensor;
  /** Hands to `use` what `parameters` give for the block: computed, unless they were asked about it last. */
  withKept<T>(parameters: Float32Array, compute: () => Float32Array, use: (outputs: Float32Array) => T): T;
}

/** null where there is none. */
type Room = (bytes: number) => HeapReservation | null;

interface Resident {
  readonly features: FeatureTensor;
  readonly targets: Targets;
  readonly reservation: HeapReservation;
}

export class TrainingData {
  readonly #blocks: FeatureBlocks;
  readonly #resident = new Map<string, Resident>();
  readonly #outputs = new KeptOutputs();
  /** Blocks that are stored as they will be read from now on. */
  readonly #settled = new Set<string>();

  readonly #places = new Map<Part, readonly BlockPlace[]>();
  readonly #room: Room;

  private constructor(blocks: FeatureBlocks, room: Room) {
    this.#blocks = blocks;
    this.#room = room;
  }

  /** Boots the tensor backend: from here on, steps run without waiting for it. `room`: for blocks that stay on the heap. */
  static async open(blocks: FeatureBlocks, room: Room = reserveHeap): Promise<TrainingData> {
    await bootTensor();
    return new TrainingData(blocks, room);
  }

  /** The blocks of several parts, in order. */
  list(parts: readonly Part[]): BlockPlace[] {
    return parts.flatMap((part) => this.#placesOf(part));
  }

  /** Made once: every step of a training asks for them, and many rows have hundreds. */
  #placesOf(part: Part): readonly BlockPlace[] {
    const known = this.#places.get(part);
    if (known) return known;
    let first = 0;
    const places = blocksOf(this.#blocks, part).map((rows, index) => {
      const place = { part, index, first, rows };
      first += rows;
      return place;
    });
    this.#places.set(part, places);
    return places;
  }

  /** Whether the block is scaled already, and so costs a pass no more than what the pass does with it. */
  isScaled({ part, index }: BlockPlace): boolean {
    return this.#resident.has(`${part}/${index}`) || this.#settled.has(`${part}/${index}`);
  }

  /** Scales a block for the passes to come: it stays on the heap, or goes back to where it came from. */
  scale(place: BlockPlace, scaler: Scaler): Promise<void> {
    return this.withBlock(place, scaler, () => undefined);
  }

  /** Hands a block to `use`; what it put on the heap is freed after, unless it may stay. */
  async withBlock<T>(place: BlockPlace, scaler: Scaler | null, use: (block: ReadyBlock) => T): Promise<T> {
    const { part, index } = place;
    const kept = this.#resident.get(`${part}/${index}`);
    if (kept) return use(this.#ready(place, kept.targets, { scaled: () => kept.features, raw }));
    const block = await this.#blocks.load(part, index);
    try {
      return this.#useLoaded(place, block, scaler, use);
    } finally {
      block.release?.();
    }
  }

  #useLoaded<T>(place: BlockPlace, block: StoredBlock, scaler: Scaler | null, use: (block: ReadyBlock) => T): T {
    if (!scaler) return use(this.#ready(place, block.targets, { raw: () => rawOf(block), scaled: unscaled }));
    const features = scaledRows(block, scaler);
    const targets = scaleTargets(block.targets, scaler);
    try {
      return use(this.#ready(place, targets, { scaled: () => features, raw }));
    } finally {
      if (!this.#keep(place, features, targets)) this.#putBack(place, block, features);
    }
  }

  #ready(place: BlockPlace, targets: Targets, rows: Pick<ReadyBlock, "raw" | "scaled">): ReadyBlock {
    const withKept: ReadyBlock["withKept"] = (parameters, compute, use) =>
      this.#outputs.with(place, parameters, compute, use);
    return { ...place, targets, ...rows, withKept };
  }

  #keep({ part, index }: BlockPlace, features: FeatureTensor, targets: Targets): boolean {
    const reservation = this.#room(features.bytes);
    if (reservation) this.#resident.set(`${part}/${index}`, { features, targets, reservation });
    return reservation !== null;
  }

  #putBack({ part, index }: BlockPlace, block: StoredBlock, features: FeatureTensor): void {
    if (block.features instanceof Float32Array) {
      const bytes = features.bytesKept();
      this.#blocks.keepScaled(part, index, bytes);
      bytes.buffer.transfer(0); // a hundred of them would be there before the collector comes
    }
    this.#settled.add(`${part}/${index}`);
    features.dispose();
  }

  /** Frees the outputs that were kept; a pass that asks for them computes them again, to the same bits. */
  forgetOutputs(): void {
    this.#outputs.clear();
  }

  /** Frees the heap. The training can go on with another `TrainingData` over the same blocks. */
  dispose(): void {
    for (const { features, reservation } of this.#resident.values()) {
      features.dispose();
      reservation.release();
    }
    this.#resident.clear();
    this.#outputs.clear();
  }
}

/** Rows as the scaler has them: integers, or sparse. */
function scaledRows({ features, rows }: StoredBlock, { mean, inverse, sparse = false }: Scaler): FeatureTensor {
  const dims = mean.length;
  if (features instanceof Float32Array)
    return sparse ? FeatureTensor.encodeSparse(features, inverse) : FeatureTensor.encode(features, mean, inverse);
  return sparse ? FeatureTensor.sparse(features, rows, dims) : FeatureTensor.integers(features, rows, dims);
}

function rawOf({ features }: StoredBlock): Float32Array {
  if (features instanceof Float32Array) return features;
  throw new Error("A block was scaled before its training had a scaler");
}

function raw(): never {
  throw new Error("A pass asked for unscaled rows after scaling");
}

function unscaled(): never {
  throw new Error("A pass asked for scaled rows before there is a scaler");
}
