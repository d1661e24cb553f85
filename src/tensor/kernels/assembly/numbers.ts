// Fast parser for JSON numbers (RFC 8259, section 6) to float32, sixteen digits at a time. The fast value is a few roundings
// off the exact one. It is accepted only if every value within that error rounds to the same float32, which is nearly always
// so.

const MINUS: i32 = 0x2d;
const PLUS: i32 = 0x2b;
const COMMA: i32 = 0x2c;
const POINT: i32 = 0x2e;
const ZERO: i32 = 0x30;
const EXPONENT: i32 = 0x65; // "e", and "E" in lower case

/** Most digits before the point that are read exactly, and the largest power of ten that is exact in float64. */
const MOST_WHOLE: usize = 9;
const MOST_POWER: i32 = 22;
/** Relative error bound of a parsed number: eight roundings of 2^-53, and one more for applying the bound. */
const DOUBT: f64 = 1.7763568394002505e-15; // 2^-49

/** Address after the number that was parsed last. */
let next: usize = 0;

/**
 * Parses the comma-separated numbers from `text` up to the "]" at `end` into out[0…]. Each is the float32 nearest to
 * the float64 nearest to the decimal, exactly as parsing and rounding would give. Returns the count; -1 if there are none, more
 * than `most`, or one that is not a number or not simple enough for the fast path. Reads 32 bytes past `end`.
 */
export function readNumbers(text: usize, end: usize, out: usize, most: i32): i32 {
  let at = text;
  for (let count = 1; count <= most; count++, out += 4) {
    at = pastSpace(at);
    const isNegative = <i32>load<u8>(at) == MINUS;
    const size = sizeAt(at + <usize>isNegative);
    const least = <f32>(size * (1 - DOUBT));
    if (!(least == <f32>(size * (1 + DOUBT)))) return -1; // NaN included
    store<u32>(out, reinterpret<u32>(least) | (<u32>isNegative << 31));
    at = pastSpace(next);
    if (at == end) return count;
    if (<i32>load<u8>(at) != COMMA) return -1;
    at++;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
function pastSpace(at: usize): usize {
  while (isSpace(load<u8>(at))) at++;
  return at;
}

// @ts-ignore: decorator
@inline
function isSpace(byte: i32): bool {
  return byte <= 0x20 && (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09);
}

// @ts-ignore: decorator
@inline
function isDigit(byte: i32): bool {
  return <u32>(byte - ZERO) < 10;
}

/** Parses an unsigned number and sets `next` to the address after it; NaN if it is not a number or has an unusual form. */
function sizeAt(start: usize): f64 {
  let at = start;
  let whole: i32 = 0;
  for (const end = start + MOST_WHOLE; at < end && isDigit(load<u8>(at)); at++) whole = whole * 10 + <i32>load<u8>(at) - ZERO;
  const digits = at - start;
  if (digits != 1 && (digits == 0 || isDigit(load<u8>(at)) || <i32>load<u8>(start) == ZERO)) return NaN;
  next = at;
  const size = <f64>whole + (<i32>load<u8>(at) == POINT ? fractionAt(at + 1) : 0);
  return (<i32>load<u8>(next) | 0x20) == EXPONENT ? scaled(size, next + 1) : size;
}

/** The value of the digits after a point, at `at`: up to 31 digits. */
// @ts-ignore: decorator
@inline
function fractionAt(at: usize): f64 {
  const first = run(at);
  const second = run(at + 16);
  const length = lengthOf(first);
  const more = length == 16 ? lengthOf(second) : 0;
  next = at + length + more;
  if (length == 0 || more == 16) return NaN;
  return (valueOf(first, length) + valueOf(second, more) * 1e-16) * 1e-16;
}

/** Sixteen bytes minus the code of "0": digits become values below ten. */
// @ts-ignore: decorator
@inline
function run(at: usize): v128 {
  return i8x16.sub(v128.load(at), i8x16.splat(<i8>ZERO));
}

/** Number of digits before the first non-digit. */
// @ts-ignore: decorator
@inline
function lengthOf(bytes: v128): usize {
  return ctz(~i8x16.bitmask(i8x16.lt_u(bytes, i8x16.splat(10))));
}

/** Sixteen digits as one number, counting those past `length` as zeros. Combines pairs, then fours, then eights. */
// @ts-ignore: decorator
@inline
function valueOf(bytes: v128, length: usize): f64 {
  const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const digits = v128.and(bytes, i8x16.lt_u(places, i8x16.splat(<i8>length)));
  const tens = i16x8.mul(v128.and(digits, i16x8.splat(0xff)), i16x8.splat(10));
  const pairs = i16x8.add(tens, i16x8.shr_u(digits, 8));
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const high = i32x4.extract_lane(fours, 0) * 10000 + i32x4.extract_lane(fours, 1);
  const low = i32x4.extract_lane(fours, 2) * 10000 + i32x4.extract_lane(fours, 3);
  return <f64>high * 1e8 + <f64>low;
}

/** `size` times ten to the power that is written at `at`. */
function scaled(size: f64, at: usize): f64 {
  const sign: i32 = load<u8>(at);
  if (sign == MINUS || sign == PLUS) at++;
  let power: i32 = 0;
  const start = at;
  for (const end = at + 3; at < end && isDigit(load<u8>(at)); at++) power = power * 10 + <i32>load<u8>(at) - ZERO;
  next = at;
  if (at == start || power > MOST_POWER || isDigit(load<u8>(at))) return NaN;
  let scale: f64 = 1;
  for (; power > 0; power--) scale *= 10;
  return sign == MINUS ? size / scale : size * scale;
}
