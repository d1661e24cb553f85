// Lossless frames of WebP: all pixels are read before the first row, because they refer to each other.

import { MIB } from "../../core/limits/units.ts";
import type { Turns } from "../../core/turns.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import type { FrameRows } from "./frame-rows.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { unreadable } from "./unreadable.ts";
import type { Span, WebpFrame } from "./webp-header.ts";

const STATUS = { truncated: 1, broken: 2, tooLarge: 3, picture: 4, noMore: 5 } as const;
const SLACK = 64;
const PIXELS_AT_ONCE = IMAGE_WORK.perTurn / IMAGE_WORK.perLosslessPixel;

/** Memory for codes and for the data of transforms: a small picture has few of them. */
const spaceBytes = (pixels: number): number => pixels + Math.min(8 * MIB, 65_536 + pixels * 512);

export function refuseBrokenWebp(status: number): void {
  if (status === STATUS.truncated) throw unreadable("the WebP file is truncated");
  if (status === STATUS.broken) throw unreadable("the data of the WebP file is broken");
  if (status === STATUS.tooLarge) throw unreadable("the codes of the WebP file take too much memory");
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly data: Span;
}

/** A lossless picture, without the header that tells its size. */
export class LosslessData {
  readonly #size: Size;
  readonly #data: number;
  readonly #pixels: number;
  readonly #space: number;
  readonly #spaceBytes: number;
  readonly #scratch: number;

  constructor(size: Size, arena: Arena) {
    const { width, height, data } = size;
    this.#size = size;
    this.#data = arena.take(data.length + SLACK);
    this.#pixels = arena.take(width * height * 4);
    this.#spaceBytes = spaceBytes(width * height);
    this.#space = arena.take(this.#spaceBytes);
    this.#scratch = arena.take(3 * 4 * (width + 16) + SLACK);
  }

  /** Reads all pixels. */
  async begin(memory: ImageMemory, content: Uint8Array, turns: Turns): Promise<void> {
    const { width, height } = this.#size;
    const { functions } = memory;
    memory.write(this.#data, content);
    const end = this.#data + content.length;
    functions.beginLossless(this.#data, end, width, height, this.#pixels, this.#space, this.#space + this.#spaceBytes);
    await readTransforms(memory, turns);
    if (isPicture(functions.beginRegions())) await readPixels(memory, turns);
    refuseBrokenWebp(functions.beginLosslessPixels());
    await readPixels(memory, turns);
    functions.beginLosslessRows(width, this.#scratch);
  }
}

async function readTransforms({ functions }: ImageMemory, turns: Turns): Promise<void> {
  for (;;) {
    const status = functions.readTransform();
    if (status === STATUS.noMore) return;
    if (!isPicture(status)) continue;
    await readPixels({ functions }, turns);
    functions.endTransform();
  }
}

function isPicture(status: number): boolean {
  refuseBrokenWebp(status);
  return status === STATUS.picture;
}

async function readPixels({ functions }: Pick<ImageMemory, "functions">, turns: Turns): Promise<void> {
  for (;;) {
    const left = functions.pixelsLeft();
    if (left <= 0) return;
    refuseBrokenWebp(functions.readPixels(PIXELS_AT_ONCE));
    await turns.spend((left - functions.pixelsLeft()) * IMAGE_WORK.perLosslessPixel);
  }
}

const HEADER_BYTES = 5;

export class LosslessRows implements FrameRows {
  readonly #frame: WebpFrame;
  readonly #data: LosslessData;
  #memory!: ImageMemory;

  constructor(frame: WebpFrame, arena: Arena) {
    this.#frame = frame;
    this.#data = new LosslessData(frame, arena);
  }

  async begin(memory: ImageMemory, bytes: Uint8Array, turns: Turns): Promise<void> {
    const { at, length } = this.#frame.data;
    this.#memory = memory;
    await this.#data.begin(memory, bytes.subarray(at + HEADER_BYTES, at + length), turns);
  }

  row(y: number, out: number): void {
    const { width, hasOpacity } = this.#frame;
    this.#memory.functions.losslessRow(y, width, Number(hasOpacity), out);
  }
}
