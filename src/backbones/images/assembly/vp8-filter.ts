// The loop filters of VP8 (RFC 6386, section 15). `step` leads across the edge, `along` to its next pixel.

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

/** Two pixels on each side. */
function filterFour(p: usize, step: usize): void {
  const p0 = px(p - step), q0 = px(p), a = byte(3 * (q0 - p0));
  const first = byte(a + 4) >> 3, outer = (first + 1) >> 1;
  put(p - 2 * step, px(p - 2 * step) + outer);
  put(p - step, p0 + (byte(a + 3) >> 3));
  put(p, q0 - first);
  put(p + step, px(p + step) - outer);
}

/** Three pixels on each side. */
function filterSix(p: usize, step: usize): void {
  const p0 = px(p - step), q0 = px(p), a = byte(3 * (q0 - p0) + byte(px(p - 2 * step) - px(p + step)));
  const first = (27 * a + 63) >> 7, second = (18 * a + 63) >> 7, third = (9 * a + 63) >> 7;
  put(p - 3 * step, px(p - 3 * step) + third);
  put(p - 2 * step, px(p - 2 * step) + second);
  put(p - step, p0 + first);
  put(p, q0 - first);
  put(p + step, px(p + step) - second);
  put(p + 2 * step, px(p + 2 * step) - third);
}

// @ts-ignore: decorator
@inline
function isEdge(p: usize, step: usize, limit: i32): bool {
  return 4 * differ(p - step, p) + differ(p - 2 * step, p + step) <= 2 * limit + 1;
}

/** The simple filter. */
export function filterSimple(p: usize, step: usize, along: usize, limit: i32): void {
  for (let i = 0; i < 16; i++, p += along) if (isEdge(p, step, limit)) filterTwo(p, step);
}

/** The normal filter; of an edge between macroblocks, or inside of one. */
export function filterNormal(
  p: usize, step: usize, along: usize, count: i32, limit: i32, inner: i32, variance: i32, isOuter: bool,
): void {
  for (let i = 0; i < count; i++, p += along) {
    if (!isEdge(p, step, limit) || !isSmooth(p, step, inner)) continue;
    if (differ(p - 2 * step, p - step) > variance || differ(p + step, p) > variance) filterTwo(p, step);
    else if (isOuter) filterSix(p, step);
    else filterFour(p, step);
  }
}

function isSmooth(p: usize, step: usize, inner: i32): bool {
  return differ(p - 4 * step, p - 3 * step) <= inner && differ(p - 3 * step, p - 2 * step) <= inner &&
    differ(p - 2 * step, p - step) <= inner && differ(p + 3 * step, p + 2 * step) <= inner &&
    differ(p + 2 * step, p + step) <= inner && differ(p + step, p) <= inner;
}
