// PNG of every colour type and depth, decoded row by row. An interlaced file needs the whole picture, because its rows come in seven
// passes.
import type { Turns } from "../../core/turns.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { inflate, MOST_INFLATED_BYTES } from "./inflate.ts";
import { type Picture, ROW_SLACK, type RowSink } from "./picture.ts";
import { beginPixels } from "./png-colours.ts";
import { type PngHeader, readPngHeader } from "./png-header.ts";
import { unreadable } from "./unreadable.ts";

export function pngPicture(bytes: Uint8Array): Picture {
  const header = readPngHeader(new ByteReader(bytes));
  const { width, height, orientation } = header;
  return {
    width,
    height,
    orientation,
    plan: (arena: Arena) => {
      const layout = layoutOf(header, arena);
      return (memory, rows, turns) => new PngDecoding(header, layout, memory, rows).run(turns);
    },
  };
}

interface Layout {
  /** Two rows of the file, each behind the byte that tells its filter. */
  readonly lines: readonly [number, number];
  readonly palette: number;
  /** A row of a pass, and the whole picture: used where it is interlaced. */
  readonly row: number;
  readonly whole: number;
}

/** Rows begin at a multiple of 16 bytes, their filter before it. */
const FILTER_AT = 15;
const lineBytes = (pixels: number, pixelBits: number): number => Math.ceil((pixels * pixelBits) / 8);

function layoutOf({ width, height, pixelBits, isInterlaced }: PngHeader, arena: Arena): Layout {
  const bytes = lineBytes(width, pixelBits) + 16 + ROW_SLACK;
  arena.count(MOST_INFLATED_BYTES);
  return {
    lines: [arena.take(bytes), arena.take(bytes)],
    palette: arena.take(1_024),
    row: isInterlaced ? arena.take(width * 4 + ROW_SLACK) : 0,
    whole: isInterlaced ? arena.take(width * height * 4 + ROW_SLACK) : 0,
  };
}

/** A pass: its rows and columns are every `step`-th of the picture, from the first on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

interface Line {
  readonly pass: Pass;
  readonly y: number;
  readonly width: number;
}

function* linesOf({ width, height, isInterlaced }: PngHeader): Generator<Line> {
  for (const pass of isInterlaced ? ADAM7 : WHOLE) {
    const across = Math.ceil((width - pass.x) / pass.stepX);
    if (across > 0) for (let y = pass.y; y < height; y += pass.stepY) yield { pass, y, width: across };
  }
}

class PngDecoding {
  readonly #header: PngHeader;
  readonly #layout: Layout;
  readonly #memory: ImageMemory;
  readonly #rows: RowSink;
  readonly #lines: Generator<Line>;
  #line: Line | undefined;
  /** Which of the two lines is read, and how many of its bytes are there. */
  #side = 0;
  #filled = 0;

  constructor(header: PngHeader, layout: Layout, memory: ImageMemory, rows: RowSink) {
    this.#header = header;
    this.#layout = layout;
    this.#memory = memory;
    this.#rows = rows;
    this.#lines = linesOf(header);
    this.#nextLine();
  }

  async run(turns: Turns): Promise<void> {
    beginPixels(this.#header, this.#layout.palette, this.#memory);
    const take = (bytes: Uint8Array) => this.#take(bytes, turns);
    await inflate(this.#header.data, take, "the data of the PNG file is broken");
    if (this.#line !== undefined) throw unreadable("the PNG file is truncated");
    if (this.#header.isInterlaced) await this.#pushWhole(turns);
  }

  /** False: all lines are complete. */
  async #take(bytes: Uint8Array, turns: Turns): Promise<boolean> {
    for (let at = 0; this.#line !== undefined && at < bytes.length; ) {
      const missing = 1 + lineBytes(this.#line.width, this.#header.pixelBits) - this.#filled;
      const part = bytes.subarray(at, at + missing);
      this.#memory.write(this.#lineAt(this.#side) + FILTER_AT + this.#filled, part);
      this.#filled += part.length;
      at += part.length;
      if (part.length < missing) break;
      const { width } = this.#line;
      this.#finishLine(this.#line);
      await turns.spend(width * IMAGE_WORK.perPngPixel);
    }
    return this.#line !== undefined;
  }

  #lineAt(side: number): number {
    return this.#layout.lines[side] as number;
  }

  #nextLine(): void {
    const before = this.#line;
    this.#line = this.#lines.next().value ?? undefined;
    this.#filled = 0;
    // The row above the first one of a pass is zeros.
    if (this.#line !== undefined && before?.pass !== this.#line.pass) this.#clearLine(1 - this.#side);
  }

  #clearLine(side: number): void {
    const { width, pixelBits } = this.#header;
    this.#memory.bytes(this.#lineAt(side), 16 + lineBytes(width, pixelBits)).fill(0);
  }

  #finishLine(line: Line): void {
    const { functions } = this.#memory;
    const { pixelBits } = this.#header;
    const row = this.#lineAt(this.#side) + 16;
    const [filter = 0] = this.#memory.bytes(row - 1, 1);
    const bytes = lineBytes(line.width, pixelBits);
    const pixelBytes = Math.max(1, pixelBits / 8);
    if (!functions.unfilter(filter, row, this.#lineAt(1 - this.#side) + 16, bytes, pixelBytes))
      throw unreadable("the data of the PNG file is broken");
    if (this.#header.isInterlaced) this.#spread(line, row);
    else {
      functions.pngPixels(row, line.width, this.#rows.address);
      this.#rows.push();
    }
    this.#side = 1 - this.#side;
    this.#nextLine();
  }

  #spread({ pass, y, width }: Line, row: number): void {
    const { functions } = this.#memory;
    functions.pngPixels(row, width, this.#layout.row);
    const first = y * this.#header.width + pass.x;
    functions.spreadPixels(this.#layout.row, width, this.#layout.whole + first * 4, pass.stepX);
  }

  async #pushWhole(turns: Turns): Promise<void> {
    const { width, height } = this.#header;
    for (let y = 0; y < height; y++) {
      this.#memory.functions.spreadPixels(this.#layout.whole + y * width * 4, width, this.#rows.address, 1);
      this.#rows.push();
      await turns.spend(width * IMAGE_WORK.perJpegPixel);
    }
  }
}
