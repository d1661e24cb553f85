// Reduces rows to one: means and maxima of columns, in the order of the rows.

/** out [width] = mean of `rows` rows of x. */
export function meanRows(x: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, wide = bytes & ~15, end = x + <usize>rows * bytes, count = <f32>rows;
  let at: usize = 0;
  for (; at < wide; at += 16) {
    let sum = f32x4.splat(0);
    for (let row = x + at; row < end; row += bytes) sum = f32x4.add(sum, v128.load(row));
    v128.store(out + at, f32x4.div(sum, f32x4.splat(count)));
  }
  for (; at < bytes; at += 4) {
    let sum: f32 = 0;
    for (let row = x + at; row < end; row += bytes) sum += f32.load(row);
    f32.store(out + at, sum / count);
  }
}

/** out [width] = maximum of `rows` rows of x. */
export function maxRows(x: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2, wide = bytes & ~15, end = x + <usize>rows * bytes;
  let at: usize = 0;
  for (; at < wide; at += 16) {
    let most = v128.load(x + at);
    for (let row = x + at + bytes; row < end; row += bytes) most = f32x4.pmax(most, v128.load(row));
    v128.store(out + at, most);
  }
  for (; at < bytes; at += 4) {
    let most = f32.load(x + at);
    for (let row = x + at + bytes; row < end; row += bytes) most = f32.load(row) > most ? f32.load(row) : most;
    f32.store(out + at, most);
  }
}
