// Floats of 16 bits: float16 (IEEE 754) in both directions, and bfloat16, the upper half of a float32.
const word = new DataView(new ArrayBuffer(4));

export function bfloat16ToFloat32(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

export function float16ToFloat32(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Rounds to the nearest, halves to even. Numbers beyond the largest float16 become infinite. */
export function float32ToFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-30)));
  // In units of the last place; a carry out of the fraction correctly raises the exponent.
  const units = roundHalfToEven(size / 2 ** (exponent - 10));
  return sign | (units < 1024 ? units : units + ((exponent + 14) << 10));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor + (floor & 1);
  return rest > 0.5 ? floor + 1 : floor;
}
