// Scales the rows of a request for a head: in float64, rounded once, as the engine's scaleRows does.
import { MOST } from "./half";

// @ts-ignore: decorator
@inline
function two(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/**
 * out [rows][stride] = (x − mean) · inverse, clipped to ±60,000. x: [rows][dims], finite for seven floats past its end; mean
 * and inverse: [padded], zero past dims, which makes the padding zero.
 */
export function scaleRows(
  x: usize, mean: usize, inverse: usize, out: usize, rows: i32, dims: i32, padded: i32, stride: i32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let d: usize = 0, end = <usize>padded << 2; d < end; d += 8) {
      const deviations = f64x2.mul(f64x2.sub(two(x + d), two(mean + d)), two(inverse + d));
      const cut = f64x2.pmax(f64x2.pmin(deviations, f64x2.splat(MOST)), f64x2.splat(-MOST));
      v128.store64_lane(out + d, f32x4.demote_f64x2_zero(cut), 0);
    }
    x += <usize>dims << 2;
    out += <usize>stride << 2;
  }
}
