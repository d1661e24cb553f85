// Lossless WebP (RFC 9649, section 3): transforms, prefix codes of regions, and pixels. The caller asks for one step after another, and
// for some pixels at a time: the data of transforms and the map of regions are pictures of their own.
import { beginBits, beginSpace, isOverrun, makeCode, releaseSpace, reserve, spaceMark, take, takeCode } from "./vp8l-bits";

const OK: i32 = 0, TRUNCATED: i32 = 1, BROKEN: i32 = 2, TOO_LARGE: i32 = 3;
/** There is a picture to read before the next step. */
const PICTURE: i32 = 4;
/** There are no more transforms. */
const NO_MORE: i32 = 5;

export const PREDICTOR: i32 = 0, COLOUR: i32 = 1, GREEN: i32 = 2, INDEX: i32 = 3;

/** Transforms in the order of the file: type, bits, width of its output, data; int32 [4][4]. */
const transforms: usize = memory.data(64, 16);
let transformCount: i32 = 0, transformsSeen: i32 = 0;

export function transformsRead(): i32 { return transformCount; }
export function transformType(i: i32): i32 { return load<i32>(transforms + (<usize>i << 4)); }
export function transformBits(i: i32): i32 { return load<i32>(transforms + (<usize>i << 4), 4); }
export function transformWidth(i: i32): i32 { return load<i32>(transforms + (<usize>i << 4), 8); }
export function transformData(i: i32): usize { return load<usize>(transforms + (<usize>i << 4), 12); }

// The whole picture: its size, where its pixels are, and the map of its regions.
let pictureWidth: i32 = 0, pictureHeight: i32 = 0, pixels: usize = 0;
let map: usize = 0, mapBits: i32 = 0, regionCacheBits: i32 = 0;

// The picture that is read.
let data: usize = 0, width: i32 = 0, total: i32 = 0, position: i32 = 0;
let cache: usize = 0, cacheBits: i32 = 0;
let groups: usize = 0, regions: usize = 0, regionBits: i32 = 0, regionsWide: i32 = 0;
let mark: usize = 0;

const lengths: usize = memory.data(2336, 8);
const GROUP: usize = 20;

/** Pixels that the last transform gives may be fewer a row: several indices in one. */
export function packedWidth(): i32 { return pictureWidth; }
export function pixelRow(y: i32): usize { return pixels + (<usize>(y * pictureWidth) << 2); }

// @ts-ignore: decorator
@inline
function parts(size: i32, log: i32): i32 {
  return (size + (1 << log) - 1) >> log;
}

/** out: the pixels; from space to spaceEnd: memory for everything else. */
export function beginLossless(at: usize, end: usize, w: i32, h: i32, out: usize, space: usize, spaceEnd: usize): void {
  beginBits(at, end);
  beginSpace(space, spaceEnd);
  pictureWidth = w;
  pictureHeight = h;
  pixels = out;
  transformCount = 0;
  transformsSeen = 0;
}

/** Reads the beginning of the next transform. */
export function readTransform(): i32 {
  if (!take(1)) return isOverrun() ? TRUNCATED : NO_MORE;
  const type = take(2);
  if (isOverrun()) return TRUNCATED;
  if (transformsSeen & (1 << type)) return BROKEN;
  transformsSeen |= 1 << type;
  const to = transforms + (<usize>transformCount << 4);
  transformCount++;
  store<i32>(to, type);
  store<i32>(to, pictureWidth, 8);
  if (type == GREEN) return OK;
  if (type != INDEX) {
    const bits = take(3) + 2;
    store<i32>(to, bits, 4);
    return beginPart(to, parts(pictureWidth, bits), parts(pictureHeight, bits), 0);
  }
  const colours = take(8) + 1, bits = colours > 16 ? 0 : colours > 4 ? 1 : colours > 2 ? 2 : 3;
  store<i32>(to, bits, 4);
  pictureWidth = parts(pictureWidth, bits);
  return beginPart(to, colours, 1, 256);
}

/** Begins a picture of a transform's data, which has `least` pixels or more. */
function beginPart(transform: usize, w: i32, h: i32, least: i32): i32 {
  const to = reserve(<usize>max(w * h, least) << 2);
  if (to == 0) return TOO_LARGE;
  if (transform) store<usize>(transform, to, 12);
  else map = to;
  mark = spaceMark();
  return beginPicture(to, w, h, readCacheBits());
}

/** After the picture of a transform was read. */
export function endTransform(): void {
  releaseSpace(mark);
  const i = transformCount - 1;
  if (transformType(i) != INDEX) return;
  // Each colour is stored as its difference to the one before. Indices beyond the last one are transparent black.
  const from = transformData(i);
  for (let at = from + 4; at < from + (<usize>total << 2); at++) store<u8>(at, load<u8>(at) + load<u8>(at - 4));
}

function readCacheBits(): i32 {
  return take(1) ? take(4) : 0;
}

/** A picture with one group of codes. */
function beginPicture(to: usize, w: i32, h: i32, bits: i32): i32 {
  regions = 0;
  const status = beginData(to, w, h, bits);
  if (status != OK) return status;
  groups = reserve(GROUP);
  if (groups == 0) return TOO_LARGE;
  const read = readGroup(groups);
  return read == OK ? PICTURE : read;
}

function beginData(to: usize, w: i32, h: i32, bits: i32): i32 {
  if (isOverrun()) return TRUNCATED;
  if (bits > 11) return BROKEN;
  data = to;
  width = w;
  total = w * h;
  position = 0;
  cacheBits = bits;
  cache = bits ? reserve(<usize>4 << bits) : 0;
  return bits && cache == 0 ? TOO_LARGE : OK;
}

/** Reads what comes before the codes of the picture itself. */
export function beginRegions(): i32 {
  map = 0;
  regionCacheBits = readCacheBits();
  if (!take(1)) return isOverrun() ? TRUNCATED : OK;
  mapBits = take(3) + 2;
  return beginPart(0, parts(pictureWidth, mapBits), parts(pictureHeight, mapBits), 0);
}

/** Reads the codes of all regions. Pixels come next. */
export function beginPixels(): i32 {
  let count = 1;
  if (map) {
    releaseSpace(mark);
    for (let at = map; at < map + (<usize>total << 2); at += 4) {
      store<u32>(at, (load<u32>(at) >> 8) & 0xffff);
      count = max(count, <i32>load<u32>(at) + 1);
    }
  }
  const mapEnd = map + (map ? <usize>total << 2 : 0);
  const status = beginData(pixels, pictureWidth, pictureHeight, regionCacheBits);
  if (status != OK) return status;
  groups = reserve(<usize>count * GROUP);
  if (groups == 0) return TOO_LARGE;
  if (map) for (let at = map; at < mapEnd; at += 4) store<u32>(groups + <usize>load<u32>(at) * GROUP, 1);
  else store<u32>(groups, 1);
  regions = map;
  regionBits = mapBits;
  regionsWide = parts(pictureWidth, mapBits);
  return readGroups(count);
}

/** Codes of groups that no region has are read and forgotten. */
function readGroups(count: i32): i32 {
  for (let i = 0; i < count; i++) {
    const group = groups + <usize>i * GROUP, isUsed = load<u32>(group) != 0, before = spaceMark();
    const status = readGroup(group);
    if (status != OK) return status;
    if (!isUsed) releaseSpace(before);
  }
  return OK;
}

/** The five codes of a group: green, lengths and cache; red; blue; opacity; distances. */
function readGroup(group: usize): i32 {
  for (let i = 0; i < 5; i++) {
    const size = i == 0 ? 280 + (cacheBits ? 1 << cacheBits : 0) : i == 4 ? 40 : 256;
    const code = readCode(size);
    if (isOverrun()) return TRUNCATED;
    if (code == 0) return BROKEN;
    if (code == <usize>-1) return TOO_LARGE;
    store<usize>(group + (<usize>i << 2), code);
  }
  return OK;
}

function readCode(size: i32): usize {
  memory.fill(lengths, 0, 2336);
  if (take(1)) {
    const isPair = take(1);
    store<u8>(lengths + <usize>take(take(1) ? 8 : 1), 1);
    if (isPair) store<u8>(lengths + <usize>take(8), 1);
  } else if (!readLengths(size)) return 0;
  return makeCode(lengths, size);
}

const ORDER: usize = memory.data<u8>([17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
const own: usize = memory.data(24, 8);

/** Lengths of codes are coded themselves. */
function readLengths(size: i32): bool {
  memory.fill(own, 0, 24);
  const listed = take(4) + 4;
  for (let i: usize = 0; i < <usize>listed; i++) store<u8>(own + <usize>load<u8>(ORDER + i), <u8>take(3));
  let left = size;
  const before = spaceMark(), code = makeCode(own, 19);
  if (code == 0 || code == <usize>-1) return false;
  if (take(1)) {
    const bits = 2 + 2 * take(3);
    left = 2 + take(bits);
    if (left > size) return false;
  }
  let last = 8, isFine = true;
  for (let i = 0; i < size && left > 0 && isFine; left--) {
    const length = takeCode(code);
    if (length < 16) {
      store<u8>(lengths + <usize>i, <u8>length);
      i++;
      if (length) last = length;
      continue;
    }
    const repeat = length == 16 ? 3 + take(2) : length == 17 ? 3 + take(3) : 11 + take(7);
    isFine = i + repeat <= size && !isOverrun();
    if (isFine) memory.fill(lengths + <usize>i, length == 16 ? <u8>last : <u8>0, <usize>repeat);
    i += repeat;
  }
  releaseSpace(before);
  return isFine;
}

/** Pixels of the picture that are still to be read. */
export function pixelsLeft(): i32 {
  return total - position;
}

/** Reads about `most` pixels. */
export function readPixels(most: i32): i32 {
  const end = min(position + most, total), mask = regions ? (1 << regionBits) - 1 : -1;
  let x = position % width, y = position / width, group = groupAt(x, y);
  while (position < end) {
    if ((x & mask) == 0) group = groupAt(x, y);
    const code = takeCode(load<usize>(group));
    let run = 1;
    if (code < 256) {
      const red = takeCode(load<usize>(group, 4)), blue = takeCode(load<usize>(group, 8)), opacity = takeCode(load<usize>(group, 12));
      put((opacity << 24) | (red << 16) | (code << 8) | blue);
    } else if (code < 280) {
      run = takeNumber(code - 256);
      const distance = distanceOf(takeNumber(takeCode(load<usize>(group, 16))));
      if (isOverrun()) return TRUNCATED;
      if (distance > position || run > total - position) return BROKEN;
      for (let i = 0; i < run; i++) put(load<u32>(data + (<usize>(position - distance) << 2)));
    } else put(load<u32>(cache + (<usize>(code - 280) << 2)));
    if (isOverrun()) return TRUNCATED;
    x += run;
    if (x >= width) {
      y += x / width;
      x %= width;
    }
    if (run > 1 && position < end) group = groupAt(x, y);
  }
  return OK;
}

// @ts-ignore: decorator
@inline
function groupAt(x: i32, y: i32): usize {
  if (regions == 0) return groups;
  const region = load<u32>(regions + (<usize>((y >> regionBits) * regionsWide + (x >> regionBits)) << 2));
  return groups + <usize>region * GROUP;
}

// @ts-ignore: decorator
@inline
function put(pixel: u32): void {
  store<u32>(data + (<usize>position << 2), pixel);
  position++;
  if (cacheBits) store<u32>(cache + (<usize>((<u32>0x1e35a7bd * pixel) >> (32 - cacheBits)) << 2), pixel);
}

/** A length or a distance, by its prefix. */
function takeNumber(prefix: i32): i32 {
  if (prefix < 4) return prefix + 1;
  const bits = (prefix - 2) >> 1;
  return ((2 + (prefix & 1)) << bits) + take(bits) + 1;
}

/** Near pixels by their number: eight minus the column, and sixteen times the row. */
const NEAR: usize = memory.data<u8>([
  24, 7, 23, 25, 40, 6, 39, 41, 22, 26, 38, 42, 56, 5, 55, 57, 21, 27, 54, 58, 37, 43, 72, 4, 71, 73, 20, 28, 53, 59, 70, 74,
  36, 44, 88, 69, 75, 52, 60, 3, 87, 89, 19, 29, 86, 90, 35, 45, 68, 76, 85, 91, 51, 61, 104, 2, 103, 105, 18, 30, 102, 106,
  34, 46, 84, 92, 67, 77, 101, 107, 50, 62, 120, 1, 119, 121, 83, 93, 17, 31, 100, 108, 66, 78, 118, 122, 33, 47, 117, 123,
  49, 63, 99, 109, 82, 94, 0, 116, 124, 65, 79, 16, 32, 98, 110, 48, 115, 125, 81, 95, 64, 114, 126, 97, 111, 80, 113, 127,
  96, 112,
]);

function distanceOf(code: i32): i32 {
  if (code > 120) return code - 120;
  const near = <i32>load<u8>(NEAR + <usize>(code - 1));
  return max((near >> 4) * width + 8 - (near & 15), 1);
}
