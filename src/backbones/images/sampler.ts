// Shrinks a picture while its rows come in, so that the whole picture is never in memory. Pillow resizes across first, then down, and
// rounds in between; the same order is kept where the upright picture's rows are stored as columns.
import type { Turns } from "../../core/turns.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import type { Geometry } from "./geometry.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { ROW_SLACK, type RowSink } from "./picture.ts";
import { countedFrom, extentOf, type Windows } from "./windows.ts";

const PIXEL_BYTES = 4;
const padded = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Windows in the memory of the kernels. */
class Taps {
  readonly spans: number;
  readonly weights: number;
  readonly windows: Windows;

  constructor(windows: Windows, arena: Arena) {
    this.windows = windows;
    this.spans = arena.take(windows.spans.byteLength);
    this.weights = arena.take(windows.weights.byteLength);
  }

  get count(): number {
    return this.windows.spans.length / 2;
  }

  span(i: number): readonly [number, number] {
    return [this.windows.spans[i * 2] as number, this.windows.spans[i * 2 + 1] as number];
  }

  weightsOf(i: number): number {
    return this.weights + i * this.windows.most * 4;
  }

  write(memory: ImageMemory): void {
    memory.writeIntegers(this.spans, this.windows.spans);
    memory.writeIntegers(this.weights, this.windows.weights);
  }
}

export interface Sampler extends RowSink {
  begin(memory: ImageMemory): void;
  /** Address of the result, and how far its pixels are apart. Call it after the last row. */
  finish(turns: Turns): Promise<Resampled>;
}

export interface Resampled {
  readonly at: number;
  readonly pixelBytes: number;
  readonly rowBytes: number;
}

export const samplerOf = (width: number, geometry: Geometry, arena: Arena): Sampler =>
  geometry.isTransposed ? new ColumnSampler(width, geometry, arena) : new RowSampler(width, geometry, arena);

/** Each stored row is resampled at once; the columns at the end. */
class RowSampler implements Sampler {
  readonly address: number;
  readonly #across: Taps;
  readonly #down: Taps;
  readonly #extent: readonly [number, number];
  readonly #rowBytes: number;
  readonly #narrow: number;
  readonly #result: number;
  #memory!: ImageMemory;
  #y = 0;

  constructor(width: number, { across, down }: Geometry, arena: Arena) {
    this.#extent = extentOf(down);
    const [first, end] = this.#extent;
    this.#across = new Taps(across, arena);
    this.#down = new Taps(countedFrom(down, first), arena);
    this.#rowBytes = padded(this.#across.count * PIXEL_BYTES);
    this.address = arena.take(width * PIXEL_BYTES + ROW_SLACK);
    this.#narrow = arena.take((end - first) * this.#rowBytes);
    this.#result = arena.take(this.#down.count * this.#rowBytes);
  }

  begin(memory: ImageMemory): void {
    this.#memory = memory;
    this.#across.write(memory);
    this.#down.write(memory);
  }

  push(): void {
    const [first, end] = this.#extent;
    const y = this.#y++;
    if (y < first || y >= end) return;
    const { spans, weights, count, windows } = this.#across;
    const out = this.#narrow + (y - first) * this.#rowBytes;
    this.#memory.functions.resampleRow(this.address, spans, weights, windows.most, count, out);
  }

  async finish(turns: Turns): Promise<Resampled> {
    const [first, end] = this.#extent;
    for (let i = 0; i < this.#down.count; i++) {
      const [from, length] = this.#down.span(i);
      const out = this.#result + i * this.#rowBytes;
      const { functions } = this.#memory;
      const [rowBytes, weights] = [this.#rowBytes, this.#down.weightsOf(i)];
      functions.resampleColumns(this.#narrow, rowBytes, end - first, from, length, weights, out, rowBytes);
      await turns.spend((length * rowBytes * IMAGE_WORK.perRowStep) / 16);
    }
    return { at: this.#result, pixelBytes: PIXEL_BYTES, rowBytes: this.#rowBytes };
  }
}

/** The last stored rows stay in a ring until all that a window needs are there. */
class ColumnSampler implements Sampler {
  readonly #across: Taps;
  readonly #down: Taps;
  /** The windows of `across` in the order of the stored rows. */
  readonly #order: readonly number[];
  readonly #columns: readonly [number, number];
  readonly #ring: number;
  readonly #ringRows: number;
  readonly #rowBytes: number;
  readonly #narrow: number;
  readonly #narrowBytes: number;
  readonly #result: number;
  readonly #resultBytes: number;
  #memory!: ImageMemory;
  #y = 0;
  #done = 0;

  constructor(width: number, { across, down }: Geometry, arena: Arena) {
    this.#columns = extentOf(down);
    const [first, end] = this.#columns;
    this.#across = new Taps(across, arena);
    this.#down = new Taps(countedFrom(down, first), arena);
    const order = Array.from({ length: this.#across.count }, (_, i) => i);
    this.#order = order.sort((a, b) => this.#across.span(a)[0] - this.#across.span(b)[0] || endOf(this.#across, a, b));
    this.#rowBytes = padded(width * PIXEL_BYTES + ROW_SLACK);
    this.#ringRows = across.most;
    this.#ring = arena.take(this.#ringRows * this.#rowBytes);
    this.#narrowBytes = padded((end - first) * PIXEL_BYTES);
    this.#narrow = arena.take(this.#across.count * this.#narrowBytes);
    this.#resultBytes = padded(this.#down.count * PIXEL_BYTES);
    this.#result = arena.take(this.#across.count * this.#resultBytes);
  }

  get address(): number {
    return this.#ring + (this.#y % this.#ringRows) * this.#rowBytes;
  }

  begin(memory: ImageMemory): void {
    this.#memory = memory;
    this.#across.write(memory);
    this.#down.write(memory);
  }

  push(): void {
    this.#y++;
    for (; this.#done < this.#order.length; this.#done++) {
      const i = this.#order[this.#done] as number;
      const [first, length] = this.#across.span(i);
      if (first + length > this.#y) return;
      const out = this.#narrow + i * this.#narrowBytes;
      const ring = this.#ring + this.#columns[0] * PIXEL_BYTES;
      const weights = this.#across.weightsOf(i);
      const { functions } = this.#memory;
      functions.resampleColumns(ring, this.#rowBytes, this.#ringRows, first, length, weights, out, this.#narrowBytes);
    }
  }

  async finish(turns: Turns): Promise<Resampled> {
    const { spans, weights, count, windows } = this.#down;
    for (let i = 0; i < this.#across.count; i++) {
      const out = this.#result + i * this.#resultBytes;
      const row = this.#narrow + i * this.#narrowBytes;
      this.#memory.functions.resampleRow(row, spans, weights, windows.most, count, out);
      await turns.spend((count * windows.most * IMAGE_WORK.perRowStep) / 4);
    }
    return { at: this.#result, pixelBytes: this.#resultBytes, rowBytes: PIXEL_BYTES };
  }
}

const endOf = (taps: Taps, a: number, b: number): number => taps.span(a)[1] - taps.span(b)[1];
