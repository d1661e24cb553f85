// Dropout (Srivastava et al. 2014) whose noise is a hash of seed, step and position, so that no random state is carried between
// steps.

/** The finaliser of MurmurHash3 on four lanes at a time. */
// @ts-ignore: decorator
@inline
function mixed(h: v128): v128 {
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/** The first noise value of a step. */
export function noiseOf(seed: i32, step: i32): i32 {
  return i32x4.extract_lane(mixed(i32x4.splat(i32x4.extract_lane(mixed(i32x4.splat(seed)), 0) + step)), 0);
}

/** The factor for errors when `dropped` of 2^16 units are dropped; the same factor as for the units. */
export function keptScale(dropped: i32): f32 {
  const kept = 65536 - dropped;
  return f32(65536) / f32(kept);
}

/**
 * Sets a share `dropped` / 2^16 of the units [rows][hidden] to zero, and scales the others up so that the expected sum stays
 * the same.
 */
export function dropUnits(units: usize, rows: i32, hidden: i32, rowBytes: usize, dropped: i32, noise: i32): void {
  const scale = f32x4.splat(keptScale(dropped));
  const limit = i32x4.splat(dropped);
  let place = i32x4.add(i32x4.splat(noise), i32x4(0, 1, 2, 3));
  for (let r = 0; r < rows; r++) {
    const row = units + <usize>r * rowBytes;
    const end = row + (<usize>hidden << 2);
    for (let at = row; at < end; at += 16) {
      const kept = i32x4.ge_s(i32x4.shr_u(mixed(place), 16), limit);
      v128.store(at, v128.and(f32x4.mul(v128.load(at), scale), kept));
      place = i32x4.add(place, i32x4.splat(4));
    }
  }
}
