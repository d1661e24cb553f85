// The scans of a JPEG file, baseline and progressive (ITU-T T.81, annexes F and G), one row of MCUs at a time. Coefficients either go
// through the transform at once, into the planes, or stay until all scans are read.
import { beginBits, bitsAt, isOverrun, restart, tableOf, take, takeCode, takeSigned } from "./jpeg-bits";
import { transformBlock } from "./jpeg-transform";

export const OK: i32 = 0;
/** The data ends, or a marker comes, before the scan is complete. */
export const TRUNCATED: i32 = 1;
/** Bits that are no code, or a code that makes no sense. */
export const BROKEN: i32 = 2;

// Lists of four numbers or addresses.

// @ts-ignore: decorator
@inline
function cell(list: usize, i: i32): i32 {
  return load<i32>(list + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function address(list: usize, i: i32): usize {
  return load<usize>(list + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function setCell(list: usize, i: i32, value: i32): void {
  store<i32>(list + (<usize>i << 2), value);
}

/** A component: its sampling factors, its size in samples, its blocks (padded to whole MCUs), and where things are. */
const horizontal: usize = memory.data(16, 16), vertical: usize = memory.data(16, 16);
const widths: usize = memory.data(16, 16), heights: usize = memory.data(16, 16);
const blocksWide: usize = memory.data(16, 16);
/** 0 if coefficients do not stay. */
const coefficients: usize = memory.data(16, 16), planes: usize = memory.data(16, 16), quantisers: usize = memory.data(16, 16);
const predictions: usize = memory.data(16, 16);
const block: usize = memory.data(128, 16);

const ZIGZAG: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56,
  57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

/** MCU rows that a plane holds: one that is read, and those that its neighbours still need. */
const ROWS_OF_MCUS: i32 = 3;

export function setComponent(
  i: i32, h: i32, v: i32, width: i32, height: i32, blocks: i32, coefs: usize, plane: usize, quantiser: usize,
): void {
  setCell(horizontal, i, h);
  setCell(vertical, i, v);
  setCell(widths, i, width);
  setCell(heights, i, height);
  setCell(blocksWide, i, blocks);
  setCell(coefficients, i, <i32>coefs);
  setCell(planes, i, <i32>plane);
  setCell(quantisers, i, <i32>quantiser);
}

export function widthOf(i: i32): i32 { return cell(widths, i); }
export function heightOf(i: i32): i32 { return cell(heights, i); }
export function horizontalOf(i: i32): i32 { return cell(horizontal, i); }
export function verticalOf(i: i32): i32 { return cell(vertical, i); }

/** The row y of a component's plane. */
export function planeRow(i: i32, y: i32): usize {
  return address(planes, i) + <usize>(y % (cell(vertical, i) * 8 * ROWS_OF_MCUS)) * (<usize>cell(blocksWide, i) << 3);
}

/** values: u8 or u16 (big-endian) [64] in the order of the file → int32 [8][8]. */
export function setQuantiser(i: i32, values: usize, isWide: bool): void {
  for (let k: usize = 0; k < 64; k++) {
    const value = isWide ? <i32>bswap<u16>(load<u16>(values + (k << 1))) : <i32>load<u8>(values + k);
    store<i32>(address(quantisers, i) + (<usize>load<u8>(ZIGZAG + k) << 2), value);
  }
}

// The scan that is read.
const members: usize = memory.data(16, 16), dcTables: usize = memory.data(16, 16), acTables: usize = memory.data(16, 16);
let memberCount: i32 = 0, first: i32 = 0, last: i32 = 0, high: i32 = 0, low: i32 = 0;
let isProgressive: bool = false;
let interval: i32 = 0, untilRestart: i32 = 0, restarts: i32 = 0, endOfBand: i32 = 0;
let mcuRow: i32 = 0, mcuColumn: i32 = 0, mcusWide: i32 = 0;

export function setMember(index: i32, component: i32, dc: i32, ac: i32): void {
  setCell(members, index, component);
  setCell(dcTables, index, <i32>tableOf(0, dc));
  setCell(acTables, index, <i32>tableOf(1, ac));
}

export function beginScan(
  count: i32, wide: i32, from: i32, to: i32, ah: i32, al: i32, progressive: bool, every: i32, at: usize, end: usize,
): void {
  memberCount = count;
  mcusWide = wide;
  first = from;
  last = to;
  high = ah;
  low = al;
  isProgressive = progressive;
  interval = every;
  mcuRow = 0;
  mcuColumn = 0;
  restarts = 0;
  beginBits(at, end);
  beginInterval();
}

function beginInterval(): void {
  untilRestart = interval;
  endOfBand = 0;
  for (let i = 0; i < 4; i++) setCell(predictions, i, 0);
}

/** Where the scan that was read ends. */
export function scanEnd(): usize {
  return bitsAt();
}

/** Reads the next MCUs, as many as `most`, up to the end of a row of MCUs. */
export function readMcus(most: i32): i32 {
  for (const end = min(mcuColumn + most, mcusWide); mcuColumn < end; mcuColumn++) {
    if (interval && untilRestart == 0) {
      if (!restart(restarts++)) return TRUNCATED;
      beginInterval();
    }
    const status = memberCount == 1 ? readBlock(0, mcuColumn, mcuRow) : readMcu(mcuColumn);
    if (isOverrun()) return TRUNCATED;
    if (status != OK) return status;
    untilRestart--;
  }
  if (mcuColumn == mcusWide) {
    mcuColumn = 0;
    mcuRow++;
  }
  return OK;
}

function readMcu(x: i32): i32 {
  for (let m = 0; m < memberCount; m++) {
    const c = cell(members, m), h = cell(horizontal, c), v = cell(vertical, c);
    for (let i = 0; i < v; i++)
      for (let j = 0; j < h; j++) {
        const status = readBlock(m, x * h + j, mcuRow * v + i);
        if (status != OK) return status;
      }
  }
  return OK;
}

function blockAt(c: i32, x: i32, y: i32): usize {
  return address(coefficients, c) + (<usize>(y * cell(blocksWide, c) + x) << 7);
}

function readBlock(m: i32, x: i32, y: i32): i32 {
  const c = cell(members, m);
  if (address(coefficients, c) == 0) {
    memory.fill(block, 0, 128);
    const status = readWhole(block, m);
    if (status == OK) transformBlock(block, address(quantisers, c), planeRow(c, y << 3) + (<usize>x << 3), <usize>cell(blocksWide, c) << 3);
    return status;
  }
  const at = blockAt(c, x, y);
  if (!isProgressive) return readWhole(at, m);
  if (first == 0) return high == 0 ? readFirst(at, m) : refineFirst(at);
  return high == 0 ? readBand(at, m) : refineBand(at, m);
}

/** A row of blocks of a component, from coefficients to samples. */
export function transformBlocks(c: i32, y: i32): void {
  for (let x = 0; x < cell(blocksWide, c); x++)
    transformBlock(blockAt(c, x, y), address(quantisers, c), planeRow(c, y << 3) + (<usize>x << 3), <usize>cell(blocksWide, c) << 3);
}

// @ts-ignore: decorator
@inline
function put(at: usize, k: i32, value: i32): void {
  store<i16>(at + (<usize>load<u8>(ZIGZAG + <usize>k) << 1), <i16>value);
}

// @ts-ignore: decorator
@inline
function readPrediction(m: i32): i32 {
  const size = takeCode(address(dcTables, m));
  if (<u32>size > 15) return BROKEN;
  setCell(predictions, m, cell(predictions, m) + takeSigned(size));
  return OK;
}

function readWhole(at: usize, m: i32): i32 {
  if (readPrediction(m) != OK) return BROKEN;
  store<i16>(at, <i16>cell(predictions, m));
  const table = address(acTables, m);
  for (let k = 1; k < 64; k++) {
    const code = takeCode(table), size = code & 15;
    if (code < 0) return BROKEN;
    if (size == 0 && code != 0xf0) return OK;
    k += code >> 4;
    if (k > 63) return BROKEN;
    if (size) put(at, k, takeSigned(size));
  }
  return OK;
}

function readFirst(at: usize, m: i32): i32 {
  if (readPrediction(m) != OK) return BROKEN;
  store<i16>(at, <i16>(cell(predictions, m) << low));
  return OK;
}

function refineFirst(at: usize): i32 {
  if (take(1)) store<i16>(at, <i16>(<i32>load<i16>(at) | (1 << low)));
  return OK;
}

function readBand(at: usize, m: i32): i32 {
  if (endOfBand > 0) {
    endOfBand--;
    return OK;
  }
  const table = address(acTables, m);
  for (let k = first; k <= last; k++) {
    const code = takeCode(table), run = code >> 4, size = code & 15;
    if (code < 0) return BROKEN;
    if (size == 0 && run != 15) {
      endOfBand = (1 << run) + take(run) - 1;
      return OK;
    }
    k += run;
    if (k > 63) return BROKEN;
    if (size) put(at, k, takeSigned(size) << low);
  }
  return OK;
}

function refineBand(at: usize, m: i32): i32 {
  const table = address(acTables, m);
  let k = first;
  for (; endOfBand == 0 && k <= last; k++) {
    const code = takeCode(table);
    if (code < 0) return BROKEN;
    let run = code >> 4, value = 0;
    if (code & 15) value = take(1) ? 1 << low : -1 << low;
    else if (run != 15) {
      endOfBand = (1 << run) + take(run);
      break;
    }
    for (; k <= last; k++) {
      const place = at + (<usize>load<u8>(ZIGZAG + <usize>k) << 1);
      if (load<i16>(place)) refine(place);
      else if (--run < 0) break;
    }
    if (value && k <= last) put(at, k, value);
  }
  if (endOfBand > 0) {
    for (; k <= last; k++) {
      const place = at + (<usize>load<u8>(ZIGZAG + <usize>k) << 1);
      if (load<i16>(place)) refine(place);
    }
    endOfBand--;
  }
  return OK;
}

// @ts-ignore: decorator
@inline
function refine(place: usize): void {
  if (!take(1)) return;
  const value = <i32>load<i16>(place);
  if ((value >= 0 ? value : -value) & (1 << low)) return;
  store<i16>(place, <i16>(value + (value > 0 ? 1 << low : -1 << low)));
}
