// The tables of a JPEG file, as its segments define and redefine them, and the headers of its scans.
import type { ByteReader } from "./byte-reader.ts";
import type { ImageFunctions } from "./image-functions.ts";
import type { ImageMemory } from "./image-memory.ts";
import type { JpegHeader } from "./jpeg-header.ts";
import type { JpegLayout } from "./jpeg-layout.ts";
import { MARKER, type Segment } from "./jpeg-markers.ts";
import { unreadable } from "./unreadable.ts";

export interface ScanHeader {
  /** Components by their place in the frame, and their tables. */
  readonly members: readonly number[];
  readonly tables: readonly { readonly dc: number; readonly ac: number }[];
  /** Coefficients from `first` to `last`, and the bits of them (successive approximation). */
  readonly first: number;
  readonly last: number;
  readonly high: number;
  readonly low: number;
  readonly isProgressive: boolean;
}

const broken = () => unreadable("the tables of the JPEG file are broken");

export class JpegTables {
  readonly #file: ByteReader;
  readonly #layout: JpegLayout;
  readonly #memory: ImageMemory;
  /** Quantisers by number: where their values are, and whether these have 16 bits. */
  readonly #quantisers = new Map<number, { readonly at: number; readonly isWide: boolean }>();
  /** Components that some scan had. Each keeps the quantiser that was there at its first scan. */
  readonly #seen = new Set<number>();
  interval = 0;

  constructor(file: ByteReader, layout: JpegLayout, memory: ImageMemory) {
    this.#file = file;
    this.#layout = layout;
    this.#memory = memory;
    memory.functions.forgetTables();
  }

  read({ marker, start, end }: Segment): void {
    if (marker === MARKER.dqt) for (let at = start; at < end; ) at = this.#readQuantiser(at, end);
    if (marker === MARKER.dht) for (let at = start; at < end; ) at = this.#readCodes(at, end);
    if (marker === MARKER.interval) this.interval = this.#file.u16(start);
  }

  #readQuantiser(at: number, end: number): number {
    const head = this.#file.u8(at);
    const isWide = head >> 4 === 1;
    const next = at + 1 + (isWide ? 128 : 64);
    if (head >> 4 > 1 || (head & 15) > 3 || next > end) throw broken();
    this.#quantisers.set(head & 15, { at: at + 1, isWide });
    return next;
  }

  #readCodes(at: number, end: number): number {
    if (at + 17 > end) throw broken();
    const head = this.#file.u8(at);
    const codes = this.#file.slice(at + 1, 16).reduce((sum, count) => sum + count, 0);
    const next = at + 17 + codes;
    if (head >> 4 > 1 || (head & 15) > 3 || codes > 256 || next > end) throw broken();
    const { functions } = this.#memory;
    if (!functions.makeTable(head >> 4, head & 15, this.#layout.file + at + 1)) throw broken();
    return next;
  }

  /** Before a scan is read. */
  select({ members, tables }: ScanHeader): void {
    const { functions } = this.#memory;
    for (const [index, i] of members.entries()) {
      const { dc, ac } = tables[index] as ScanHeader["tables"][number];
      functions.setMember(index, i, dc, ac);
      if (this.#seen.has(i)) continue;
      const quantiser = this.#quantisers.get(this.#layout.components[i]?.quantiser ?? 0);
      if (quantiser === undefined) throw broken();
      functions.setQuantiser(i, this.#layout.file + quantiser.at, Number(quantiser.isWide));
      this.#seen.add(i);
    }
  }

  /** At the end of the file. */
  refuseMissing(): void {
    if (this.#seen.size < this.#layout.components.length) throw unreadable("the JPEG file lacks a colour");
  }
}

export function readScanHeader(file: ByteReader, { start, end }: Segment, header: JpegHeader): ScanHeader {
  const count = file.u8(start);
  const isWhole = !header.isProgressive;
  if (count < 1 || count > header.components.length || end - start < 4 + 2 * count) throw brokenScan();
  const places = Array.from({ length: count }, (_, i) => start + 1 + 2 * i);
  const members = places.map((at) => header.components.findIndex(({ id }) => id === file.u8(at)));
  const tables = places.map((at) => ({ dc: file.u8(at + 1) >> 4, ac: file.u8(at + 1) & 15 }));
  const at = start + 1 + 2 * count;
  const [first, last, bits] = isWhole ? [0, 63, 0] : [file.u8(at), file.u8(at + 1), file.u8(at + 2)];
  const scan = { members, tables, first, last, high: bits >> 4, low: bits & 15, isProgressive: header.isProgressive };
  if (!isSound(scan)) throw brokenScan();
  return scan;
}

const brokenScan = () => unreadable("a scan of the JPEG file is broken");

function isSound({ members, tables, first, last, high, low, isProgressive }: ScanHeader): boolean {
  const hasMembers = !members.includes(-1) && new Set(members).size === members.length;
  const hasTables = tables.every(({ dc, ac }) => dc < 4 && ac < 4);
  if (!hasMembers || !hasTables || !isProgressive) return hasMembers && hasTables;
  const isBand = first === 0 ? last === 0 : members.length === 1 && last >= first && last <= 63;
  return isBand && low <= 13 && (high === 0 || high === low + 1);
}

export function beginScan(
  functions: ImageFunctions,
  { members, first, last, high, low, isProgressive }: ScanHeader,
  columns: number,
  interval: number,
  at: number,
  end: number,
): void {
  const progressive = Number(isProgressive);
  functions.beginScan(members.length, columns, first, last, high, low, progressive, interval, at, end);
}
