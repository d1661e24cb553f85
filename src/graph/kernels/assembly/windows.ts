// Windows of images [height][width][channels]. What is outside an image counts as zero. `geometry`: twelve 32-bit integers, in the order
// of the functions below.

// @ts-ignore: decorator
@inline
export function heightOf(geometry: usize): i32 { return load<i32>(geometry); }
// @ts-ignore: decorator
@inline
export function widthOf(geometry: usize): i32 { return load<i32>(geometry, 4); }
// @ts-ignore: decorator
@inline
export function channelsOf(geometry: usize): i32 { return load<i32>(geometry, 8); }
// @ts-ignore: decorator
@inline
export function kernelHeight(geometry: usize): i32 { return load<i32>(geometry, 12); }
// @ts-ignore: decorator
@inline
export function kernelWidth(geometry: usize): i32 { return load<i32>(geometry, 16); }
// @ts-ignore: decorator
@inline
export function strideDown(geometry: usize): i32 { return load<i32>(geometry, 20); }
// @ts-ignore: decorator
@inline
export function strideAcross(geometry: usize): i32 { return load<i32>(geometry, 24); }
// @ts-ignore: decorator
@inline
export function dilationDown(geometry: usize): i32 { return load<i32>(geometry, 28); }
// @ts-ignore: decorator
@inline
export function dilationAcross(geometry: usize): i32 { return load<i32>(geometry, 32); }
// @ts-ignore: decorator
@inline
export function padTop(geometry: usize): i32 { return load<i32>(geometry, 36); }
// @ts-ignore: decorator
@inline
export function padLeft(geometry: usize): i32 { return load<i32>(geometry, 40); }
// @ts-ignore: decorator
@inline
export function outWidth(geometry: usize): i32 { return load<i32>(geometry, 44); }

/** The first place of a window that is inside the image, if it starts at `start`. */
// @ts-ignore: decorator
@inline
export function firstInside(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** The place after the last one that is inside. */
// @ts-ignore: decorator
@inline
export function endInside(start: i32, dilation: i32, places: i32, size: i32): i32 {
  return start >= size ? 0 : min(places, (size - start + dilation - 1) / dilation);
}

/** out [to − from][kernel height · kernel width · channels]: the windows of the output's positions from `from` to `to`. */
export function gatherWindows(x: usize, geometry: usize, out: usize, from: i32, to: i32): void {
  const across = outWidth(geometry), bytes = <usize>channelsOf(geometry) << 2;
  const rowBytes = <usize>kernelWidth(geometry) * bytes;
  for (let position = from; position < to; position++) {
    const top = (position / across) * strideDown(geometry) - padTop(geometry);
    const left = (position % across) * strideAcross(geometry) - padLeft(geometry);
    for (let ky = 0; ky < kernelHeight(geometry); ky++, out += rowBytes) {
      const y = top + ky * dilationDown(geometry);
      if (y < 0 || y >= heightOf(geometry)) memory.fill(out, 0, rowBytes);
      else gatherRow(x + <usize>(y * widthOf(geometry)) * bytes, geometry, out, left, bytes);
    }
  }
}

// @ts-ignore: decorator
@inline
function gatherRow(row: usize, geometry: usize, out: usize, left: i32, bytes: usize): void {
  const step = dilationAcross(geometry), size = widthOf(geometry);
  for (let kx = 0, x = left; kx < kernelWidth(geometry); kx++, x += step, out += bytes) {
    const isInside = x >= 0 && x < size;
    const from = row + <usize>x * bytes;
    let at: usize = 0;
    if (isInside) {
      for (; at + 16 <= bytes; at += 16) v128.store(out + at, v128.load(from + at));
      for (; at < bytes; at += 4) f32.store(out + at, f32.load(from + at));
    } else for (; at < bytes; at += 4) f32.store(out + at, 0);
  }
}

/** Means (without what is outside) or maxima of windows, for the output's positions from `from` to `to`. */
export function poolWindows(x: usize, geometry: usize, out: usize, from: i32, to: i32, isMax: bool): void {
  const across = outWidth(geometry), bytes = <usize>channelsOf(geometry) << 2;
  const down = dilationDown(geometry), step = dilationAcross(geometry), rowBytes = <usize>widthOf(geometry) * bytes;
  for (let position = from; position < to; position++, out += bytes) {
    const top = (position / across) * strideDown(geometry) - padTop(geometry);
    const left = (position % across) * strideAcross(geometry) - padLeft(geometry);
    const firstY = firstInside(top, down), endY = endInside(top, down, kernelHeight(geometry), heightOf(geometry));
    const firstX = firstInside(left, step), endX = endInside(left, step, kernelWidth(geometry), widthOf(geometry));
    const count = <f32>(max(0, endY - firstY) * max(0, endX - firstX));
    const start = x + <usize>(top + firstY * down) * rowBytes + <usize>(left + firstX * step) * bytes;
    const nextY = <usize>down * rowBytes, nextX = <usize>step * bytes;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      let four = f32x4.splat(isMax ? -Infinity : 0);
      for (let y = firstY, row = start + at; y < endY; y++, row += nextY)
        for (let i = firstX, p = row; i < endX; i++, p += nextX)
          four = isMax ? f32x4.pmax(four, v128.load(p)) : f32x4.add(four, v128.load(p));
      v128.store(out + at, isMax ? four : f32x4.div(four, f32x4.splat(count)));
    }
    for (; at < bytes; at += 4) {
      let one: f32 = isMax ? -Infinity : 0;
      for (let y = firstY, row = start + at; y < endY; y++, row += nextY)
        for (let i = firstX, p = row; i < endX; i++, p += nextX)
          one = isMax ? (f32.load(p) > one ? f32.load(p) : one) : one + f32.load(p);
      f32.store(out + at, isMax ? one : one / count);
    }
  }
}
