// The header of a VP8 key frame (RFC 6386, section 9), and what follows from it for a macroblock.
import { bit, flag, isExhausted, openStream, optional, select, value } from "./vp8-bits";
import { chances } from "./vp8-residuals";
import { AC_STEPS, COEFFICIENTS, DC_STEPS, UPDATES } from "./vp8-tables";

export const OK: i32 = 0, TRUNCATED: i32 = 1;

/** Macroblocks in a row. */
export let wide: i32 = 0;
/** Streams of coefficients less one: rows take turns. */
export let streamsMask: i32 = 0;
/** Segments: [4][quantiser, filter level] int32; chances of their numbers. */
const segments: usize = memory.data(32, 16);
export const segmentChances: usize = memory.data(4, 4);
let hasSegments: bool = false, isAbsolute: bool = true;
export let isMapped: bool = false;
/** [4 segments][dc, ac of luma; dc, ac of first coefficients; dc, ac of chroma] int32 */
export const steps: usize = memory.data(96, 16);
export let isSimple: bool = false, filterLevel: i32 = 0;
let sharpness: i32 = 0, hasDeltas: bool = false, frameDelta: i32 = 0, modeDelta: i32 = 0;
export let skipChance: i32 = 0, hasSkips: bool = false;

export function readHeader(data: usize, end: usize): i32 {
  const bits = <usize>load<u16>(data) | (<usize>load<u8>(data, 2) << 16), first = data + 10, tokens = first + (bits >> 5);
  wide = ((load<u16>(data, 6) & 0x3fff) + 15) >> 4;
  if (tokens > end) return TRUNCATED;
  openStream(0, first, tokens);
  select(0);
  flag(); // colour space
  flag(); // clamping
  readSegments();
  readFilter();
  if (!openTokens(tokens, end)) return TRUNCATED;
  readSteps();
  flag(); // what later frames keep
  readChances();
  return isExhausted() ? TRUNCATED : OK;
}

function readSegments(): void {
  hasSegments = flag();
  isMapped = false;
  isAbsolute = true;
  memory.fill(segments, 0, 32);
  memory.fill(segmentChances, 255, 4);
  if (!hasSegments) return;
  isMapped = flag();
  if (flag()) {
    isAbsolute = flag();
    for (let i: usize = 0; i < 4; i++) store<i32>(segments + (i << 3), optional(7));
    for (let i: usize = 0; i < 4; i++) store<i32>(segments + (i << 3), optional(6), 4);
  }
  if (isMapped) for (let i: usize = 0; i < 3; i++) store<u8>(segmentChances + i, <u8>(flag() ? value(8) : 255));
}

function readFilter(): void {
  isSimple = flag();
  filterLevel = value(6);
  sharpness = value(3);
  hasDeltas = flag();
  frameDelta = 0;
  modeDelta = 0;
  if (!hasDeltas || !flag()) return;
  for (let i = 0; i < 4; i++) {
    const delta = optional(6);
    if (i == 0) frameDelta = delta;
  }
  for (let i = 0; i < 4; i++) {
    const delta = optional(6);
    if (i == 0) modeDelta = delta;
  }
}

function openTokens(at: usize, end: usize): bool {
  streamsMask = (1 << value(2)) - 1;
  const sizes = at, count = <usize>streamsMask;
  let from = at + 3 * count;
  if (from > end) return false;
  for (let i: usize = 0; i < count; i++) {
    const size = <usize>load<u16>(sizes + 3 * i) | (<usize>load<u8>(sizes + 3 * i, 2) << 16);
    const to = min(from + size, end);
    openStream(<i32>i + 1, from, to);
    from = to;
  }
  openStream(streamsMask + 1, from, end);
  return from < end;
}

// @ts-ignore: decorator
@inline
function within(x: i32, most: i32): i32 {
  return max(min(x, most), 0);
}

function dcStep(q: i32): i32 {
  return load<u8>(DC_STEPS + <usize>within(q, 127));
}

function acStep(q: i32): i32 {
  return load<u16>(AC_STEPS + (<usize>within(q, 127) << 1));
}

function readSteps(): void {
  const base = value(7), y1 = optional(4), y2 = optional(4), y2ac = optional(4), uv = optional(4), uvac = optional(4);
  for (let i: usize = 0; i < 4; i++) {
    const own = load<i32>(segments + (i << 3)), q = hasSegments ? (isAbsolute ? own : own + base) : base, to = steps + i * 24;
    store<i32>(to, dcStep(q + y1));
    store<i32>(to, acStep(q), 4);
    store<i32>(to, dcStep(q + y2) * 2, 8);
    store<i32>(to, max((acStep(q + y2ac) * 101581) >> 16, 8), 12);
    store<i32>(to, dcStep(min(q + uv, 117)), 16);
    store<i32>(to, acStep(q + uvac), 20);
  }
}

function readChances(): void {
  for (let i: usize = 0; i < 1056; i++)
    store<u8>(chances + i, bit(load<u8>(UPDATES + i)) ? <u8>value(8) : load<u8>(COEFFICIENTS + i));
  hasSkips = flag();
  skipChance = hasSkips ? value(8) : 0;
}

/** How strong the loop filter of a macroblock is. */
export function filterLevelOf(segment: usize, isSmall: bool): i32 {
  const own = load<i32>(segments + (segment << 3), 4);
  let level = hasSegments ? (isAbsolute ? own : own + filterLevel) : filterLevel;
  if (hasDeltas) level += frameDelta + (isSmall ? modeDelta : 0);
  return within(level, 63);
}

/** The largest difference of neighbours that the filter takes for noise. */
export function innerOf(level: i32): i32 {
  let inner = level;
  if (sharpness > 0) inner = min(inner >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
  return max(inner, 1);
}
