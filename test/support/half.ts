// IEEE 754 binary16 according to the standard, number by number: the reference for the kernels' rounding.

const LARGEST = 60_000;
/** The exponent of the smallest normal half, and of the last bit of a subnormal one. */
const SMALLEST_EXPONENT = -14;
const FRACTION_BITS = 10;

/** The half that is nearest to a value, with ties to even. The value is first clipped at ±60,000, as in the kernels. */
export function nearestHalf(value: number): number {
  const cut = Math.max(-LARGEST, Math.min(LARGEST, value));
  if (cut === 0) return cut;
  const exponent = Math.max(SMALLEST_EXPONENT, exponentOf(Math.abs(cut)));
  const unit = 2 ** (exponent - FRACTION_BITS);
  return roundHalfEven(cut / unit) * unit;
}

/** The exponent e of a value in [2^e, 2^(e+1)). */
function exponentOf(size: number): number {
  let exponent = 0;
  while (size >= 2 ** (exponent + 1)) exponent++;
  while (size < 2 ** exponent) exponent--;
  return exponent;
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below % 2 === 0 ? below : below + 1;
  const rounded = rest < 0.5 ? below : below + 1;
  return rounded === 0 && value < 0 ? -0 : rounded;
}

/** The value of 16 bits. */
export function valueOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> FRACTION_BITS) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent === 0 ? fraction * 2 ** SMALLEST_EXPONENT : (1 + fraction) * 2 ** (exponent - 15));
}
