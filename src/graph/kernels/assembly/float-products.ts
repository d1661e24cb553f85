// Products of float32 rows with float32 panels, each sum in the order of the inputs. Panels of halves are widened once, before all
// rows pass.
import { biasAt, writeEight } from "./epilogue";
import { widenHalf } from "./half";
import { lane0, lane1, lane2, lane3 } from "./spread";

// @ts-ignore: decorator
@inline
function add(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * out [rows][outputs] = min(max(x · w + bias, least), most) + residual, for the panels from `from` to `to`. packed: from `packRows`;
 * panels [inputs][8] float32, or halves if `wide` is not 0: the address of room for one panel in float32. rows: a multiple of four.
 */
export function floatProducts(
  packed: usize, panels: usize, wide: usize, bias: usize, residual: usize, out: usize,
  rows: i32, inputs: i32, outputs: i32, from: i32, to: i32, least: f32, most: f32,
): void {
  const blockBytes = <usize>inputs << 4, outBytes = <usize>outputs << 2, panelBytes = <usize>inputs << (wide == 0 ? 5 : 4);
  const low = f32x4.splat(least), high = f32x4.splat(most);
  for (let panel = from; panel < to; panel++) {
    const column = <usize>panel << 5, count = min(8, outputs - (panel << 3));
    let w = panels + <usize>panel * panelBytes;
    if (wide != 0) {
      for (let at: usize = 0; at < panelBytes; at += 8) v128.store(wide + (at << 1), widenHalf(w + at));
      w = wide;
    }
    let x = packed, at = column;
    for (let r = 0; r < rows; r += 4, x += blockBytes, at += outBytes << 2)
      tile(x, w, bias, column, residual, out, at, outBytes, <usize>inputs << 5, low, high, count);
  }
}

/** Four rows against eight outputs. */
// @ts-ignore: decorator
@inline
function tile(
  x: usize, w: usize, bias: usize, column: usize, residual: usize, out: usize, at: usize, outBytes: usize,
  bytes: usize, low: v128, high: v128, count: i32,
): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (const end = w + bytes; w < end; w += 32, x += 16) {
    const four = v128.load(x), w0 = v128.load(w), w1 = v128.load(w, 16);
    let s = lane0(four);
    a0 = add(a0, s, w0); a1 = add(a1, s, w1);
    s = lane1(four);
    b0 = add(b0, s, w0); b1 = add(b1, s, w1);
    s = lane2(four);
    c0 = add(c0, s, w0); c1 = add(c1, s, w1);
    s = lane3(four);
    d0 = add(d0, s, w0); d1 = add(d1, s, w1);
  }
  const bias0 = biasAt(bias, column), bias1 = biasAt(bias, column + 16);
  const beside: usize = residual == 0 ? <usize>0 : residual + at;
  const next: usize = residual == 0 ? <usize>0 : outBytes;
  writeEight(out + at, f32x4.add(a0, bias0), f32x4.add(a1, bias1), low, high, beside, count);
  writeEight(out + at + outBytes, f32x4.add(b0, bias0), f32x4.add(b1, bias1), low, high, beside + next, count);
  writeEight(out + at + 2 * outBytes, f32x4.add(c0, bias0), f32x4.add(c1, bias1), low, high, beside + 2 * next, count);
  writeEight(out + at + 3 * outBytes, f32x4.add(d0, bias0), f32x4.add(d1, bias1), low, high, beside + 3 * next, count);
}
