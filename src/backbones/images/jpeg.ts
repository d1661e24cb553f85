// JPEG, baseline and progressive, decoded row by row: levels are those of libjpeg. A file with one scan takes the memory of a few rows;
// another one keeps all its coefficients until its last scan is read.
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { IMAGE_WORK } from "../../core/work.ts";
import { ByteReader } from "./byte-reader.ts";
import type { Arena, ImageMemory } from "./image-memory.ts";
import { type JpegHeader, readJpegHeader } from "./jpeg-header.ts";
import { type JpegLayout, layoutOf } from "./jpeg-layout.ts";
import { isFrame, MARKER, segmentFrom } from "./jpeg-markers.ts";
import { beginScan, JpegTables, readScanHeader, type ScanHeader } from "./jpeg-tables.ts";
import type { Picture, RowSink } from "./picture.ts";
import { unreadable } from "./unreadable.ts";

export function jpegPicture(bytes: Uint8Array): Picture {
  const file = new ByteReader(bytes);
  const header = readJpegHeader(file);
  return {
    width: header.width,
    height: header.height,
    orientation: header.orientation,
    plan: (arena: Arena) => {
      const layout = layoutOf(header, bytes.length, arena);
      return (memory, rows, turns) => new JpegDecoding(file, header, layout, memory, rows).run(turns);
    },
  };
}

class JpegDecoding {
  readonly #file: ByteReader;
  readonly #header: JpegHeader;
  readonly #layout: JpegLayout;
  readonly #memory: ImageMemory;
  readonly #rows: RowSink;
  readonly #tables: JpegTables;
  /** Work of a pixel of a scan. */
  readonly #perPixel: number;
  #y = 0;

  constructor(file: ByteReader, header: JpegHeader, layout: JpegLayout, memory: ImageMemory, rows: RowSink) {
    this.#file = file;
    this.#header = header;
    this.#layout = layout;
    this.#memory = memory;
    this.#rows = rows;
    this.#tables = new JpegTables(file, layout, memory);
    const bytes = (IMAGE_WORK.perJpegByte * file.length) / (header.width * header.height);
    this.#perPixel = bytes + (header.isOneScan ? IMAGE_WORK.perJpegPixel : IMAGE_WORK.perScannedPixel);
  }

  async run(turns: Turns): Promise<void> {
    this.#memory.write(this.#layout.file, this.#file.bytes);
    this.#layout.begin(this.#memory);
    await this.#readScans(turns);
    if (!this.#header.isOneScan) await this.#transform(turns);
    this.#pushRows(this.#header.height);
  }

  /** All scans, or the only one. */
  async #readScans(turns: Turns): Promise<void> {
    for (let at = 2, scans = 0; ; ) {
      const segment = segmentFrom(this.#file, at);
      if (segment.marker === MARKER.end) return this.#tables.refuseMissing();
      if (isFrame(segment.marker) && scans > 0) throw unreadable("the JPEG file has two frames");
      at = segment.end;
      if (segment.marker !== MARKER.scan) {
        this.#tables.read(segment);
        continue;
      }
      if (++scans > LIMITS.jpegScans) throw unreadable(`it has more than ${LIMITS.jpegScans} scans`);
      at = await this.#readScan(readScanHeader(this.#file, segment, this.#header), segment.end, turns);
      if (this.#header.isOneScan) return;
    }
  }

  async #readScan(scan: ScanHeader, from: number, turns: Turns): Promise<number> {
    const { functions } = this.#memory;
    const { file } = this.#layout;
    this.#tables.select(scan);
    const { rows, columns } = this.#layout.mcusOf(scan.members);
    const work = this.#layout.pixelsOfMcu(scan.members) * this.#perPixel;
    const atOnce = Math.ceil(IMAGE_WORK.perTurn / work);
    beginScan(functions, scan, columns, this.#tables.interval, file + from, file + this.#file.length);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column += atOnce) {
        refuseBroken(functions.readMcus(atOnce));
        await turns.spend(Math.min(atOnce, columns - column) * work);
      }
      if (this.#header.isOneScan) this.#pushRows(row * this.#layout.mcuHeight);
    }
    return functions.scanEnd() - file;
  }

  async #transform(turns: Turns): Promise<void> {
    const { mcuRows, mcuHeight, components } = this.#layout;
    for (let row = 0; row < mcuRows; row++) {
      for (const [i, { v, blocksWide }] of components.entries())
        for (let y = row * v; y < (row + 1) * v; y++) {
          this.#memory.functions.transformBlocks(i, y);
          await turns.spend(blocksWide * 32 * IMAGE_WORK.perJpegPixel);
        }
      this.#pushRows(row * mcuHeight);
    }
  }

  /** Shows all rows above `end`: those below may need samples that are not there yet. */
  #pushRows(end: number): void {
    for (; this.#y < Math.min(end, this.#header.height); this.#y++) {
      this.#memory.functions.jpegRow(this.#y, this.#rows.address);
      this.#rows.push();
    }
  }
}

function refuseBroken(status: number): void {
  if (status === 1) throw unreadable("the JPEG file is truncated");
  if (status === 2) throw unreadable("the data of the JPEG file is broken");
}
