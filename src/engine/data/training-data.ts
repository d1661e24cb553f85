// Prepares blocks for the kernels: scaled, 16 bits a number, on the WASM heap. As many as the budget allows stay there between
// passes. The others are read again in each pass, in their scaled form after the first. The bits are the same either way.
import { bootTensor } from "../../tensor/boot.ts";
import { FeatureTensor } from "../../tensor/features.ts";
import { type HeapReservation, reserveHeap } from "../../tensor/heap.ts";
import type { Targets } from "../../tensor/products.ts";
import { type Scaler, scaleTargets } from "../heads/scaler.ts";
import { KeptOutputs } from "../kept-outputs.ts";
import { type BlockPlace, blocksOf, type FeatureBlocks, type RowPart, type StoredBlock } from "./blocks.ts";

/** A block during one step of a pass. */
export interface ReadyBlock {
  readonly part: RowPart;
  /** Number of rows of the part before this block. */
  readonly first: number;
  readonly rows: number;
  readonly targets: Targets;
  /** Rows as the backbone returned them. Throws once there is a scaler. */
  raw(): Float32Array;
  /** Scaled rows. Throws before there is a scaler. */
  scaled(): FeatureTensor;
  /** Calls `use` with the outputs of `parameters` for the block. Reuses them if the last call had the same parameters. */
  withKept<T>(parameters: Float32Array, compute: () => Float32Array, use: (outputs: Float32Array) => T): T;
}

/** null if there is no memory left. */
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
  /** Blocks that are stored in their scaled form. */
  readonly #settled = new Set<string>();

  readonly #places = new Map<RowPart, readonly BlockPlace[]>();
  readonly #room: Room;

  private constructor(blocks: FeatureBlocks, room: Room) {
    this.#blocks = blocks;
    this.#room = room;
  }

  /** Boots the tensor backend; later steps need not wait for it. `room`: reserves memory for blocks that stay on the heap. */
  static async open(blocks: FeatureBlocks, room: Room = reserveHeap): Promise<TrainingData> {
    await bootTensor();
    return new TrainingData(blocks, room);
  }

  /** The blocks of several parts, in order. */
  list(parts: readonly RowPart[]): BlockPlace[] {
    return parts.flatMap((part) => this.#placesOf(part));
  }

  /** Cached: every step of a training needs them, and many rows have hundreds. */
  #placesOf(part: RowPart): readonly BlockPlace[] {
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

  /** Whether the block is already scaled, so that a pass costs only its own work. */
  isScaled({ part, index }: BlockPlace): boolean {
    return this.#resident.has(`${part}/${index}`) || this.#settled.has(`${part}/${index}`);
  }

  /** Scales a block for later passes: it stays on the heap, or is stored again in its scaled form. */
  scale(place: BlockPlace, scaler: Scaler): Promise<void> {
    return this.withBlock(place, scaler, () => undefined);
  }

  /** Calls `use` with a block. Frees its heap memory afterwards, unless it may stay. */
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
      bytes.buffer.transfer(0); // otherwise a hundred of them accumulate before the collector runs
    }
    this.#settled.add(`${part}/${index}`);
    features.dispose();
  }

  /** Frees the kept outputs. A pass that needs them computes them again, to the same bits. */
  forgetOutputs(): void {
    this.#outputs.clear();
  }

  /** Frees the heap. The training can continue with another `TrainingData` over the same blocks. */
  dispose(): void {
    for (const { features, reservation } of this.#resident.values()) {
      features.dispose();
      reservation.release();
    }
    this.#resident.clear();
    this.#outputs.clear();
  }
}

/** Rows in the scaler's form: integers, or sparse. */
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
