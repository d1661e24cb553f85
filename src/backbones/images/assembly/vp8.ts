// Key frames of VP8 (RFC 6386), one row of macroblocks at a time: modes, residuals, prediction, loop filter. Prediction takes pixels before
// the filter; the filter of a row still changes the row above it.
import { bit, isExhausted, select } from "./vp8-bits";
import { beginEdges, filterChromaColumns, filterChromaRows, filterColumns, filterRows, filterSimple } from "./vp8-filter";
import { CHROMA_U, CHROMA_V, HORIZONTAL, LUMA, PITCH, predictSmall, predictWhole, TRUE_MOTION, VERTICAL } from "./vp8-predict";
import {
  filterLevel, filterLevelOf, hasSkips, innerOf, isMapped, isSimple, OK, readHeader, segmentChances, skipChance, steps, streamsMask,
  TRUNCATED, wide,
} from "./vp8-header";
import { addBlock, readBlock, spreadFirsts } from "./vp8-residuals";
import { MODES } from "./vp8-tables";

/** Rows of macroblocks that the planes hold: the one that is read, and two above it. */
const ROWS: usize = 3;

/** A macroblock of the row: mode of luma (4: small blocks), of chroma, segment, whether it has no residual, whether some are not zero. */
const MACROBLOCK: usize = 32;
let macroblocks: usize = 0;
/** Modes of the small blocks above, [wide · 4], and to the left. */
let modesAbove: usize = 0;
const modesLeft: usize = memory.data(4, 4);
/** Which blocks above and to the left have coefficients: 4 of luma, 2 and 2 of chroma, and the first coefficients. */
const FLAGS: usize = 9;
let flagsAbove: usize = 0;
const flagsLeft: usize = memory.data(16, 16);
/** Bottom rows of the macroblocks above, before the filter: 16 of luma, 8 and 8 of chroma. */
let bottoms: usize = 0;
let planeY: usize = 0, planeU: usize = 0, planeV: usize = 0;
const coefficients: usize = memory.data(800, 16); // 25 · 16 int16

/** Reads the header of a frame. scratch: 96 bytes a macroblock of a row, and 256; planes: 1,152 a macroblock of a row, and 256. */
export function beginFrame(data: usize, length: usize, scratch: usize, planes: usize): i32 {
  const status = readHeader(data, data + length);
  layOut(scratch, planes);
  return status;
}

function layOut(scratch: usize, planes: usize): void {
  const count = <usize>wide + 1;
  macroblocks = scratch;
  modesAbove = macroblocks + count * MACROBLOCK;
  flagsAbove = modesAbove + count * 4;
  bottoms = flagsAbove + count * FLAGS;
  memory.fill(modesAbove, 0, count * (4 + FLAGS));
  planeY = planes;
  planeU = planeY + ROWS * (<usize>wide << 8);
  planeV = planeU + ROWS * (<usize>wide << 6);
}

/** Reads row y of macroblocks. Rows of the planes then begin two rows of macroblocks above it. */
export function readRow(y: i32): i32 {
  shiftPlanes();
  select(0);
  store<u32>(modesLeft, 0);
  for (let x = 0; x < wide; x++) readModes(macroblocks + <usize>x * MACROBLOCK, modesAbove + (<usize>x << 2));
  if (isExhausted()) return TRUNCATED;
  select((y & streamsMask) + 1);
  memory.fill(flagsLeft, 0, FLAGS);
  beginLeft(y);
  for (let x = 0; x < wide; x++) {
    readMacroblock(x, y);
    if (isExhausted()) return TRUNCATED;
  }
  if (filterLevel > 0) for (let x = 0; x < wide; x++) filterMacroblock(x, y);
  return OK;
}

function shiftPlanes(): void {
  const luma = <usize>wide << 8, chroma = <usize>wide << 6;
  memory.copy(planeY, planeY + luma, luma << 1);
  memory.copy(planeU, planeU + chroma, chroma << 1);
  memory.copy(planeV, planeV + chroma, chroma << 1);
}

function readModes(to: usize, above: usize): void {
  let segment = 0;
  if (isMapped) segment = bit(load<u8>(segmentChances)) ? 2 + bit(load<u8>(segmentChances, 2)) : bit(load<u8>(segmentChances, 1));
  store<u8>(to, <u8>segment, 2);
  store<u8>(to, hasSkips ? <u8>bit(skipChance) : <u8>0, 3);
  if (bit(145)) {
    const mode = bit(156) ? (bit(128) ? TRUE_MOTION : HORIZONTAL) : bit(163) ? VERTICAL : 0;
    store<u8>(to, <u8>mode);
    store<u32>(above, 0x01010101 * mode);
    store<u32>(modesLeft, 0x01010101 * mode);
  } else {
    store<u8>(to, 4);
    for (let i: usize = 0; i < 16; i++) {
      const x = above + (i & 3), left = modesLeft + (i >> 2);
      const mode = readSmallMode(MODES + <usize>load<u8>(x) * 90 + <usize>load<u8>(left) * 9);
      store<u8>(x, <u8>mode);
      store<u8>(left, <u8>mode);
      store<u8>(to + i, <u8>mode, 8);
    }
  }
  store<u8>(to, <u8>(!bit(142) ? 0 : !bit(114) ? VERTICAL : bit(183) ? TRUE_MOTION : HORIZONTAL), 1);
}

function readSmallMode(p: usize): i32 {
  if (!bit(load<u8>(p))) return 0;
  if (!bit(load<u8>(p, 1))) return TRUE_MOTION;
  if (!bit(load<u8>(p, 2))) return VERTICAL;
  if (!bit(load<u8>(p, 3))) {
    if (!bit(load<u8>(p, 4))) return HORIZONTAL;
    return 4 + bit(load<u8>(p, 5));
  }
  if (!bit(load<u8>(p, 6))) return 6;
  if (!bit(load<u8>(p, 7))) return 7;
  return 8 + bit(load<u8>(p, 8));
}

/** The pixels to the left of a row, and the corner. */
function beginLeft(y: i32): void {
  edge(LUMA, 16, y);
  edge(CHROMA_U, 8, y);
  edge(CHROMA_V, 8, y);
}

function edge(at: usize, size: usize, y: i32): void {
  for (let i: usize = 0; i < size; i++) store<u8>(at - 1 + i * PITCH, 129);
  if (y > 0) store<u8>(at - PITCH - 1, 129);
  else memory.fill(at - PITCH - 1, 127, size == 16 ? 21 : 9);
}

function readMacroblock(x: i32, y: i32): void {
  const macroblock = macroblocks + <usize>x * MACROBLOCK, above = flagsAbove + <usize>x * FLAGS;
  const isSmall = load<u8>(macroblock) == 4;
  memory.fill(coefficients, 0, 768);
  let any = false;
  if (load<u8>(macroblock, 3)) {
    memory.fill(above, 0, isSmall ? 8 : 9);
    memory.fill(flagsLeft, 0, isSmall ? 8 : 9);
  } else any = readResiduals(steps + <usize>load<u8>(macroblock, 2) * 24, above, isSmall);
  store<u8>(macroblock, any ? 1 : 0, 4);
  if (x > 0) turnLeft();
  takeAbove(x, y);
  if (isSmall) predictLuma(macroblock, x, y);
  else {
    predictWhole(LUMA, 16, load<u8>(macroblock), x > 0, y > 0);
    if (any) for (let i: usize = 0; i < 16; i++) addTo(i, pixelsOf(i));
  }
  const mode = load<u8>(macroblock, 1);
  predictWhole(CHROMA_U, 8, mode, x > 0, y > 0);
  predictWhole(CHROMA_V, 8, mode, x > 0, y > 0);
  if (any) addChroma();
  keep(x);
}

// @ts-ignore: decorator
@inline
function pixelsOf(i: usize): usize {
  return LUMA + (i >> 2) * 4 * PITCH + (i & 3) * 4;
}

/** States of the blocks' coefficients: 0 none, 1 the first one, 2 more. */
const states: usize = memory.data(24, 8);

function addTo(i: usize, out: usize): void {
  const state = load<u8>(states + i);
  if (state) addBlock(coefficients + (i << 5), out, state == 1);
}

function addChroma(): void {
  for (let i: usize = 0; i < 4; i++) {
    const place = (i >> 1) * 4 * PITCH + (i & 1) * 4;
    addTo(16 + i, CHROMA_U + place);
    addTo(20 + i, CHROMA_V + place);
  }
}

/** Whether some coefficient is not zero. */
function readResiduals(q: usize, above: usize, isSmall: bool): bool {
  let first = 0, type = 3;
  if (!isSmall) {
    const firsts = coefficients + 768;
    memory.fill(firsts, 0, 32);
    const count = readBlock(1, load<u8>(above, 8) + load<u8>(flagsLeft, 8), 0, load<i32>(q, 8), load<i32>(q, 12), firsts);
    store<u8>(above, count > 0 ? 1 : 0, 8);
    store<u8>(flagsLeft, count > 0 ? 1 : 0, 8);
    spreadFirsts(firsts, coefficients);
    first = 1;
    type = 0;
  }
  let any = readBlocks(0, 4, 0, type, first, load<i32>(q), load<i32>(q, 4), above);
  any = readBlocks(16, 2, 4, 2, 0, load<i32>(q, 16), load<i32>(q, 20), above) || any;
  return readBlocks(20, 2, 6, 2, 0, load<i32>(q, 16), load<i32>(q, 20), above) || any;
}

/** size × size blocks from block `from` on, whose flags begin at `place`. */
function readBlocks(from: i32, size: i32, place: usize, type: i32, first: i32, dc: i32, ac: i32, above: usize): bool {
  let any = false;
  for (let i = 0; i < size * size; i++) {
    const top = above + place + <usize>(i % size), left = flagsLeft + place + <usize>(i / size);
    const out = coefficients + (<usize>(from + i) << 5);
    const count = readBlock(type, load<u8>(top) + load<u8>(left), first, dc, ac, out);
    store<u8>(top, count > first ? 1 : 0);
    store<u8>(left, count > first ? 1 : 0);
    const state = count > 1 ? 2 : load<i16>(out) ? 1 : 0;
    store<u8>(states + <usize>(from + i), <u8>state);
    any = any || state > 0;
  }
  return any;
}

/** The last pixels of the macroblock before become those to the left. */
function turnLeft(): void {
  for (let y: usize = 0; y < 17; y++) store<u8>(LUMA - PITCH - 1 + y * PITCH, load<u8>(LUMA - PITCH + 15 + y * PITCH));
  for (let y: usize = 0; y < 9; y++) {
    store<u8>(CHROMA_U - PITCH - 1 + y * PITCH, load<u8>(CHROMA_U - PITCH + 7 + y * PITCH));
    store<u8>(CHROMA_V - PITCH - 1 + y * PITCH, load<u8>(CHROMA_V - PITCH + 7 + y * PITCH));
  }
}

function takeAbove(x: i32, y: i32): void {
  if (y == 0) return;
  const from = bottoms + (<usize>x << 5);
  memory.copy(LUMA - PITCH, from, 16);
  memory.copy(CHROMA_U - PITCH, from + 16, 8);
  memory.copy(CHROMA_V - PITCH, from + 24, 8);
  if (x + 1 < wide) store<u32>(LUMA - PITCH, load<u32>(from + 32), 16);
  else store<u32>(LUMA - PITCH, 0x01010101 * <u32>load<u8>(from + 15), 16);
}

function predictLuma(macroblock: usize, x: i32, y: i32): void {
  const right = load<u32>(LUMA - PITCH, 16);
  for (let i: usize = 3; i < 12; i += 4) store<u32>(LUMA + i * PITCH, right, 16);
  const any = load<u8>(macroblock, 4);
  for (let i: usize = 0; i < 16; i++) {
    const at = pixelsOf(i);
    predictSmall(at, load<u8>(macroblock + i, 8));
    if (any) addTo(i, at);
  }
}

/** Copies the macroblock into the planes, and its last rows to where the next row finds them. */
function keep(x: i32): void {
  const to = bottoms + (<usize>x << 5), stride = <usize>wide << 4, half = stride >> 1, left = <usize>x << 4;
  memory.copy(to, LUMA + 15 * PITCH, 16);
  memory.copy(to + 16, CHROMA_U + 7 * PITCH, 8);
  memory.copy(to + 24, CHROMA_V + 7 * PITCH, 8);
  const luma = planeY + (stride << 5) + left;
  for (let y: usize = 0; y < 16; y++) v128.store(luma + y * stride, v128.load(LUMA + y * PITCH));
  const chroma = (half << 4) + (left >> 1);
  for (let y: usize = 0; y < 8; y++) {
    store<u64>(planeU + chroma + y * half, load<u64>(CHROMA_U + y * PITCH));
    store<u64>(planeV + chroma + y * half, load<u64>(CHROMA_V + y * PITCH));
  }
}

function levelOf(macroblock: usize): i32 {
  return filterLevelOf(load<u8>(macroblock, 2), load<u8>(macroblock) == 4);
}

function filterMacroblock(x: i32, y: i32): void {
  const macroblock = macroblocks + <usize>x * MACROBLOCK, level = levelOf(macroblock);
  if (level == 0) return;
  const inner = innerOf(level), limit = 2 * level + inner, variance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
  const hasInner = load<u8>(macroblock) == 4 || load<u8>(macroblock, 4) != 0;
  const stride = <usize>wide << 4, luma = planeY + (stride << 5) + (<usize>x << 4);
  if (isSimple) {
    if (x > 0) filterSimple(luma, 1, stride, limit + 4);
    if (hasInner) for (let i: usize = 4; i < 16; i += 4) filterSimple(luma + i, 1, stride, limit);
    if (y > 0) filterSimple(luma, stride, 1, limit + 4);
    if (hasInner) for (let i: usize = 4; i < 16; i += 4) filterSimple(luma + i * stride, stride, 1, limit);
    return;
  }
  const half = stride >> 1, chroma = (half << 4) + (<usize>x << 3), u = planeU + chroma, v = planeV + chroma;
  beginEdges(limit + 4, inner, variance);
  if (x > 0) {
    filterColumns(luma, stride, true);
    filterChromaColumns(u, v, half, true);
  }
  beginEdges(limit, inner, variance);
  if (hasInner) {
    for (let i: usize = 4; i < 16; i += 4) filterColumns(luma + i, stride, false);
    filterChromaColumns(u + 4, v + 4, half, false);
  }
  beginEdges(limit + 4, inner, variance);
  if (y > 0) {
    filterRows(luma, stride, true);
    filterChromaRows(u, v, half, true);
  }
  beginEdges(limit, inner, variance);
  if (hasInner) {
    for (let i: usize = 4; i < 16; i += 4) filterRows(luma + i * stride, stride, false);
    filterChromaRows(u + 4 * half, v + 4 * half, half, false);
  }
}

/** Addresses of row y of the planes, where row `last` of macroblocks was read last. */
export function lumaRow(y: i32, last: i32): usize {
  return planeY + <usize>(y - ((last - 2) << 4)) * (<usize>wide << 4);
}

export function chromaRow(plane: i32, y: i32, last: i32): usize {
  return (plane ? planeV : planeU) + <usize>(y - ((last - 2) << 3)) * (<usize>wide << 3);
}
