// Intra prediction of VP8 (RFC 6386, section 12) in a small work area: the block, the row above it and the column to its left.

/** Bytes between two rows of the work area. */
export const PITCH: usize = 32;
const work: usize = memory.data(1024, 16);
/** The first pixels of the luma and of both chroma blocks. */
export const LUMA: usize = work + 32 + 8;
export const CHROMA_U: usize = work + 19 * 32 + 8;
export const CHROMA_V: usize = CHROMA_U + 16;

/** Modes of whole blocks, and the first ones of those of 4 × 4 pixels. */
export const DC: i32 = 0, TRUE_MOTION: i32 = 1, VERTICAL: i32 = 2, HORIZONTAL: i32 = 3;

/** A block of size × size pixels. */
export function predictWhole(at: usize, size: i32, mode: i32, hasLeft: bool, hasTop: bool): void {
  if (mode == DC) return fillMean(at, size, hasLeft, hasTop);
  for (let y = 0; y < size; y++) {
    const row = at + <usize>y * PITCH;
    if (mode == VERTICAL) memory.copy(row, at - PITCH, <usize>size);
    else if (mode == HORIZONTAL) memory.fill(row, load<u8>(row - 1), <usize>size);
    else motionRow(row, at - PITCH, size);
  }
}

function fillMean(at: usize, size: i32, hasLeft: bool, hasTop: bool): void {
  let sum = 0, count = 0;
  if (hasTop) for (let x: usize = 0; x < <usize>size; x++, count++) sum += load<u8>(at - PITCH + x);
  if (hasLeft) for (let y: usize = 0; y < <usize>size; y++, count++) sum += load<u8>(at - 1 + y * PITCH);
  const mean = count ? (sum + (count >> 1)) / count : 128;
  for (let y: usize = 0; y < <usize>size; y++) memory.fill(at + y * PITCH, <u8>mean, <usize>size);
}

function motionRow(row: usize, top: usize, size: i32): void {
  const change = <i32>load<u8>(row - 1) - <i32>load<u8>(top - 1);
  for (let x: usize = 0; x < <usize>size; x++) store<u8>(row + x, clamp(<i32>load<u8>(top + x) + change));
}

// @ts-ignore: decorator
@inline
export function clamp(level: i32): u8 {
  return <u8>max(min(level, 255), 0);
}

let block: usize = 0;

/** Neighbours of a small block: 0 is the corner, 1 … 8 are above it, −1 … −4 to its left, from the corner on. */
// @ts-ignore: decorator
@inline
function near(i: i32): i32 {
  return i < 0 ? load<u8>(block - 1 + <usize>(-i - 1) * PITCH) : load<u8>(block - PITCH - 1 + <usize>i);
}

/** Means of two and of three neighbours in order. */
// @ts-ignore: decorator
@inline
function two(i: i32): i32 {
  return (near(i) + near(i + 1) + 1) >> 1;
}

// @ts-ignore: decorator
@inline
function three(i: i32): i32 {
  return (near(i - 1) + 2 * near(i) + near(i + 1) + 2) >> 2;
}

// @ts-ignore: decorator
@inline
function put(x: usize, y: usize, level: i32): void {
  store<u8>(block + y * PITCH + x, <u8>level);
}

/** A block of 4 × 4 pixels. */
export function predictSmall(at: usize, mode: i32): void {
  block = at;
  if (mode == DC) return fillMean(at, 4, true, true);
  if (mode == TRUE_MOTION) return predictWhole(at, 4, mode, true, true);
  if (mode == VERTICAL) for (let x: usize = 0; x < 4; x++) column(x, three(<i32>x + 1));
  else if (mode == HORIZONTAL) smoothRows();
  else if (mode == 4) downRight();
  else if (mode == 5) verticalRight();
  else if (mode == 6) downLeft();
  else if (mode == 7) verticalLeft();
  else if (mode == 8) horizontalDown();
  else horizontalUp();
}

function column(x: usize, level: i32): void {
  for (let y: usize = 0; y < 4; y++) put(x, y, level);
}

function row(y: usize, level: i32): void {
  for (let x: usize = 0; x < 4; x++) put(x, y, level);
}

function smoothRows(): void {
  for (let y = 0; y < 3; y++) row(y, three(-1 - y));
  row(3, (near(-3) + 3 * near(-4) + 2) >> 2);
}

function downRight(): void {
  for (let y: usize = 0; y < 4; y++) for (let x: usize = 0; x < 4; x++) put(x, y, three(<i32>x - <i32>y));
}

function downLeft(): void {
  for (let y: usize = 0; y < 4; y++)
    for (let x: usize = 0; x < 4; x++) put(x, y, x + y < 6 ? three(<i32>(x + y) + 2) : (near(7) + 3 * near(8) + 2) >> 2);
}

function verticalRight(): void {
  for (let x: usize = 0; x < 4; x++) {
    put(x, 0, two(<i32>x));
    put(x, 1, three(<i32>x));
    if (x < 3) put(x + 1, 2, two(<i32>x));
    if (x < 3) put(x + 1, 3, three(<i32>x));
  }
  put(0, 2, three(-1));
  put(0, 3, three(-2));
}

function verticalLeft(): void {
  for (let x = 0; x < 4; x++) {
    put(x, 0, two(x + 1));
    put(x, 1, three(x + 2));
    if (x < 3) put(x, 2, two(x + 2));
    if (x < 3) put(x, 3, three(x + 3));
  }
  put(3, 2, three(6));
  put(3, 3, three(7));
}

function horizontalDown(): void {
  for (let y = 0; y < 4; y++) {
    const mean = two(-1 - y), smooth = three(-y);
    put(0, y, mean);
    put(1, y, smooth);
    if (y < 3) put(2, y + 1, mean);
    if (y < 3) put(3, y + 1, smooth);
  }
  put(2, 0, three(1));
  put(3, 0, three(2));
}

function horizontalUp(): void {
  const last = near(-4), smooth = (near(-3) + 3 * last + 2) >> 2;
  put(0, 0, two(-2));
  put(1, 0, three(-2));
  put(2, 0, two(-3));
  put(3, 0, three(-3));
  put(0, 1, two(-3));
  put(1, 1, three(-3));
  put(2, 1, two(-4));
  put(3, 1, smooth);
  put(0, 2, two(-4));
  put(1, 2, smooth);
  put(2, 2, last);
  put(3, 2, last);
  row(3, last);
}
