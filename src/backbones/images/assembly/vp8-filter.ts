// The loop filters of VP8 (RFC 6386, section 15): the simple one pixel by pixel, the normal one on sixteen pixels of an edge at once.

// @ts-ignore: decorator
@inline
function px(p: usize): i32 {
  return load<u8>(p);
}

// @ts-ignore: decorator
@inline
function byte(x: i32): i32 {
  return max(min(x, 127), -128);
}

// @ts-ignore: decorator
@inline
function put(p: usize, level: i32): void {
  store<u8>(p, <u8>max(min(level, 255), 0));
}

// @ts-ignore: decorator
@inline
function differ(a: usize, b: usize): i32 {
  return abs(px(a) - px(b));
}

/** Changes one pixel on each side. */
function filterTwo(p: usize, step: usize): void {
  const p0 = px(p - step), q0 = px(p), a = byte(3 * (q0 - p0) + byte(px(p - 2 * step) - px(p + step)));
  put(p - step, p0 + (byte(a + 3) >> 3));
  put(p, q0 - (byte(a + 4) >> 3));
}

// @ts-ignore: decorator
@inline
function isEdge(p: usize, step: usize, limit: i32): bool {
  return 4 * differ(p - step, p) + differ(p - 2 * step, p + step) <= 2 * limit + 1;
}

/** The simple filter. `step` leads across the edge, `along` to its next pixel. */
export function filterSimple(p: usize, step: usize, along: usize, limit: i32): void {
  for (let i = 0; i < 16; i++, p += along) if (isEdge(p, step, limit)) filterTwo(p, step);
}

/** Eight rows of sixteen pixels across an edge, four on each side of it. */
const lanes: usize = memory.data(128, 16);
const MIDDLE: usize = lanes + 64;

/** Turns 8 × 8 bytes: rows become columns. */
function turn(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const a = pair(from, fromStep), b = pair(from + 2 * fromStep, fromStep);
  const c = pair(from + 4 * fromStep, fromStep), d = pair(from + 6 * fromStep, fromStep);
  const ab = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), ab2 = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const cd = v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11), cd2 = v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  storePair(to, toStep, v128.shuffle<i32>(ab, cd, 0, 4, 1, 5));
  storePair(to + 2 * toStep, toStep, v128.shuffle<i32>(ab, cd, 2, 6, 3, 7));
  storePair(to + 4 * toStep, toStep, v128.shuffle<i32>(ab2, cd2, 0, 4, 1, 5));
  storePair(to + 6 * toStep, toStep, v128.shuffle<i32>(ab2, cd2, 2, 6, 3, 7));
}

/** Bytes of two rows in turns. */
// @ts-ignore: decorator
@inline
function pair(at: usize, step: usize): v128 {
  const a = v128.load64_zero(at), b = v128.load64_zero(at + step);
  return v128.shuffle<i8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function storePair(at: usize, step: usize, x: v128): void {
  v128.store64_lane(at, x, 0);
  v128.store64_lane(at + step, x, 1);
}

let limit: v128 = i32x4.splat(0), inner: v128 = i32x4.splat(0), variance: v128 = i32x4.splat(0);

/** Limits of the next edges: of the step across it, of steps beside it, and of those that count as high variance. */
export function beginEdges(across: i32, beside: i32, high: i32): void {
  limit = i8x16.splat(<i8>across);
  inner = i8x16.splat(<i8>beside);
  variance = i8x16.splat(<i8>high);
}

/** An edge of luma, sixteen pixels long: between two columns, or between two rows. */
export function filterColumns(p: usize, stride: usize, isOuter: bool): void {
  turn(p - 4, stride, lanes, 16);
  turn(p - 4 + 8 * stride, stride, lanes + 8, 16);
  filterLanes(MIDDLE, 16, isOuter);
  turn(lanes, 16, p - 4, stride);
  turn(lanes + 8, 16, p - 4 + 8 * stride, stride);
}

export function filterRows(p: usize, stride: usize, isOuter: bool): void {
  filterLanes(p, stride, isOuter);
}

/** The same of both chroma planes, eight pixels long. */
export function filterChromaColumns(u: usize, v: usize, stride: usize, isOuter: bool): void {
  turn(u - 4, stride, lanes, 16);
  turn(v - 4, stride, lanes + 8, 16);
  filterLanes(MIDDLE, 16, isOuter);
  turn(lanes, 16, u - 4, stride);
  turn(lanes + 8, 16, v - 4, stride);
}

export function filterChromaRows(u: usize, v: usize, stride: usize, isOuter: bool): void {
  const above: usize = 4 * stride;
  for (let i: usize = 0; i < 8; i++) {
    store<u64>(lanes + (i << 4), load<u64>(u - above + i * stride));
    store<u64>(lanes + (i << 4), load<u64>(v - above + i * stride), 8);
  }
  filterLanes(MIDDLE, 16, isOuter);
  for (let i: usize = 1; i < 7; i++) {
    store<u64>(u - above + i * stride, load<u64>(lanes + (i << 4)));
    store<u64>(v - above + i * stride, load<u64>(lanes + (i << 4), 8));
  }
}

// @ts-ignore: decorator
@inline
function apart(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

/** Pixels as signed numbers around 0, and back. */
// @ts-ignore: decorator
@inline
function centred(x: v128): v128 {
  return v128.xor(x, i8x16.splat(-128));
}

/** The normal filter on sixteen places of an edge. */
function filterLanes(p: usize, step: usize, isOuter: bool): void {
  const p3 = v128.load(p - 4 * step), p2 = v128.load(p - 3 * step), p1 = v128.load(p - 2 * step), p0 = v128.load(p - step);
  const q0 = v128.load(p), q1 = v128.load(p + step), q2 = v128.load(p + 2 * step), q3 = v128.load(p + 3 * step);
  const nearP = apart(p1, p0), nearQ = apart(q1, q0), near = i8x16.max_u(nearP, nearQ), across = apart(p0, q0);
  // 4 · |p0 − q0| + |p1 − q1| ≤ 2 · limit + 1
  const edge = i8x16.add_sat_u(i8x16.add_sat_u(across, across), i8x16.shr_u(apart(p1, q1), 1));
  const beside = i8x16.max_u(
    near,
    i8x16.max_u(i8x16.max_u(apart(p3, p2), apart(p2, p1)), i8x16.max_u(apart(q3, q2), apart(q2, q1))),
  );
  const mask = v128.and(i8x16.le_u(edge, limit), i8x16.le_u(beside, inner));
  if (!v128.any_true(mask)) return;
  const isHigh = i8x16.gt_u(near, variance);
  const a = centred(p1), b = centred(p0), c = centred(q0), d = centred(q1);
  const difference = i8x16.sub_sat_s(c, b);
  let change = i8x16.sub_sat_s(a, d);
  if (!isOuter) change = v128.and(change, isHigh);
  change = i8x16.add_sat_s(i8x16.add_sat_s(i8x16.add_sat_s(change, difference), difference), difference);
  change = v128.and(change, mask);
  if (isOuter) storeOuter(p, step, change, isHigh, centred(p2), a, b, c, d, centred(q2));
  else storeInner(p, step, change, isHigh, a, b, c, d);
}

/** One pixel on each side changes; two where the variance is low. */
// @ts-ignore: decorator
@inline
function storeInner(p: usize, step: usize, change: v128, isHigh: v128, a: v128, b: v128, c: v128, d: v128): void {
  const first = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(4)), 3);
  const second = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(3)), 3);
  const outer = v128.andnot(i8x16.shr_s(i8x16.add(first, i8x16.splat(1)), 1), isHigh);
  v128.store(p - 2 * step, centred(i8x16.add_sat_s(a, outer)));
  v128.store(p - step, centred(i8x16.add_sat_s(b, second)));
  v128.store(p, centred(i8x16.sub_sat_s(c, first)));
  v128.store(p + step, centred(i8x16.sub_sat_s(d, outer)));
}

/** One pixel on each side changes; three where the variance is low. */
// @ts-ignore: decorator
@inline
function storeOuter(
  p: usize, step: usize, change: v128, isHigh: v128, z: v128, a: v128, b: v128, c: v128, d: v128, e: v128,
): void {
  const high = v128.and(change, isHigh), low = v128.andnot(change, isHigh);
  const first = i8x16.shr_s(i8x16.add_sat_s(high, i8x16.splat(4)), 3);
  const second = i8x16.shr_s(i8x16.add_sat_s(high, i8x16.splat(3)), 3);
  const one = part(low, 27), two = part(low, 18), three = part(low, 9);
  v128.store(p - 3 * step, centred(i8x16.add_sat_s(z, three)));
  v128.store(p - 2 * step, centred(i8x16.add_sat_s(a, two)));
  v128.store(p - step, centred(i8x16.add_sat_s(i8x16.add_sat_s(b, second), one)));
  v128.store(p, centred(i8x16.sub_sat_s(i8x16.sub_sat_s(c, first), one)));
  v128.store(p + step, centred(i8x16.sub_sat_s(d, two)));
  v128.store(p + 2 * step, centred(i8x16.sub_sat_s(e, three)));
}

/** (factor · x + 63) / 128, rounded down. */
// @ts-ignore: decorator
@inline
function part(x: v128, factor: i32): v128 {
  const low = i16x8.mul(i16x8.extend_low_i8x16_s(x), i16x8.splat(<i16>factor));
  const high = i16x8.mul(i16x8.extend_high_i8x16_s(x), i16x8.splat(<i16>factor));
  const round = i16x8.splat(63);
  return i8x16.narrow_i16x8_s(i16x8.shr_s(i16x8.add(low, round), 7), i16x8.shr_s(i16x8.add(high, round), 7));
}
