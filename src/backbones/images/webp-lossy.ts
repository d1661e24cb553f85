// Lossy frames of WebP: VP8, read one row of macroblocks at a time, and their opacity.
import type { Turns } from "../../core/turns.ts";
import type { FrameRows } from "./frame-rows.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { unreadable } from "./unreadable.ts";
import type { WebpFrame } from "./webp-header.ts";
import { LosslessData, refuseBrokenWebp } from "./webp-lossless.ts";

/** Bytes of the kernels for a macroblock of a row, and of the planes; more than `vp8Scratch` and `vp8Planes` of assembly/vp8.ts. */
const SCRATCH_BYTES = 96;
const PLANE_BYTES = 3 * 16 * 24;
const SLACK = 256;

export class LossyRows implements FrameRows {
  readonly #frame: WebpFrame;
  readonly #opacity: OpacityRows | null;
  readonly #data: number;
  readonly #scratch: number;
  readonly #planes: number;
  readonly #colours: number;
  #memory!: ImageMemory;
  /** The row of macroblocks that was read last. */
  #last = -1;

  constructor(frame: WebpFrame, arena: Arena) {
    const wide = Math.ceil(frame.width / 16);
    this.#frame = frame;
    this.#opacity = frame.opacity === null ? null : new OpacityRows(frame, arena);
    this.#data = arena.take(frame.data.length + SLACK);
    this.#scratch = arena.take(wide * SCRATCH_BYTES + SLACK);
    this.#planes = arena.take(wide * PLANE_BYTES + SLACK);
    this.#colours = arena.take(4 * (frame.width + 64) + SLACK);
  }

  async begin(memory: ImageMemory, bytes: Uint8Array, turns: Turns): Promise<void> {
    const { width, height, data } = this.#frame;
    this.#memory = memory;
    memory.write(this.#data, bytes.subarray(data.at, data.at + data.length));
    memory.functions.beginYuvRows(width, height, this.#colours);
    await this.#opacity?.begin(memory, bytes, turns);
    refuseBrokenWebp(memory.functions.beginFrame(this.#data, data.length, this.#scratch, this.#planes));
  }

  row(y: number, out: number): void {
    // The loop filter and chroma need the row of macroblocks below.
    const { functions } = this.#memory;
    const end = Math.ceil(this.#frame.height / 16);
    while (this.#last < Math.min(Math.floor(y / 16) + 1, end - 1)) {
      this.#last++;
      refuseBrokenWebp(functions.readRow(this.#last));
    }
    functions.yuvRow(y, this.#last, out);
    this.#opacity?.row(y, out);
  }
}

/** The opacity of a lossy frame: bytes, or the green of a lossless picture; filtered. */
class OpacityRows {
  readonly #frame: WebpFrame;
  readonly #method: LosslessData;
  readonly #raw: number;
  /** Two rows that take turns. */
  readonly #rows: readonly [number, number];
  #memory!: ImageMemory;
  #filter = 0;
  #isRaw = false;

  constructor(frame: WebpFrame, arena: Arena) {
    const { width, height, opacity } = frame;
    this.#frame = frame;
    this.#method = new LosslessData({ width, height, data: opacity ?? frame.data }, arena);
    this.#raw = arena.take(width * height);
    this.#rows = [arena.take(width + SLACK), arena.take(width + SLACK)];
  }

  async begin(memory: ImageMemory, bytes: Uint8Array, turns: Turns): Promise<void> {
    const { width, height, opacity } = this.#frame;
    if (opacity === null) return;
    this.#memory = memory;
    const [head = 0] = bytes.subarray(opacity.at, opacity.at + 1);
    const content = bytes.subarray(opacity.at + 1, opacity.at + opacity.length);
    this.#filter = (head >> 2) & 3;
    this.#isRaw = (head & 3) === 0;
    if ((head & 3) > 1) throw unreadable("the opacity of the WebP file is of an unknown kind");
    if (!this.#isRaw) return this.#method.begin(memory, content, turns);
    if (content.length < width * height) throw unreadable("the WebP file is truncated");
    memory.write(this.#raw, content.subarray(0, width * height));
  }

  row(y: number, out: number): void {
    const { width } = this.#frame;
    const { functions } = this.#memory;
    const [row, previous] = y % 2 === 0 ? this.#rows : [this.#rows[1], this.#rows[0]];
    if (this.#isRaw) this.#memory.bytes(row, width).set(this.#memory.bytes(this.#raw + y * width, width));
    else functions.greenRow(y, width, row);
    functions.unfilterOpacity(this.#filter, y, row, previous, width);
    functions.overWhite(out, row, width);
  }
}
