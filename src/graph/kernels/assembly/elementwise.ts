// Sums and products of values number by number, and of the rows of an image with a row of its own.

/** out = a + b for `count` numbers, rounded up to a multiple of four. */
export function add(a: usize, b: usize, out: usize, count: i32): void {
  const end = <usize>count << 2;
  for (let at: usize = 0; at < end; at += 16) v128.store(out + at, f32x4.add(v128.load(a + at), v128.load(b + at)));
}

/** out = a · b for `count` numbers, rounded up to a multiple of four. */
export function multiply(a: usize, b: usize, out: usize, count: i32): void {
  const end = <usize>count << 2;
  for (let at: usize = 0; at < end; at += 16) v128.store(out + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
}

/** out [rows][width] = x [rows][width] + row [width]. */
export function addRow(x: usize, row: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, wide = bytes & ~15;
  for (let r = 0; r < rows; r++, x += bytes, out += bytes) {
    let at: usize = 0;
    for (; at < wide; at += 16) v128.store(out + at, f32x4.add(v128.load(x + at), v128.load(row + at)));
    for (; at < bytes; at += 4) f32.store(out + at, f32.load(x + at) + f32.load(row + at));
  }
}

/** out [rows][width] = x [rows][width] · row [width]. */
export function multiplyRow(x: usize, row: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, wide = bytes & ~15;
  for (let r = 0; r < rows; r++, x += bytes, out += bytes) {
    let at: usize = 0;
    for (; at < wide; at += 16) v128.store(out + at, f32x4.mul(v128.load(x + at), v128.load(row + at)));
    for (; at < bytes; at += 4) f32.store(out + at, f32.load(x + at) * f32.load(row + at));
  }
}
