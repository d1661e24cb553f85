// Functions of one number, four lanes at a time: e^x, erf, and the activations made of them. Only additions, multiplications and
// divisions, in a fixed order, so that all machines give the same bits.

const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
const TO_INTEGER: f32 = 12582912; // 1.5 · 2^23: adding it leaves the nearest integer in the low bits

/** e^x: Cephes expf (Moshier 1984), error below 2 ulp; e^-87.3 below -87.3, e^88 above 88. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-87.33654)), f32x4.splat(88)); // pmax and pmin keep NaN
  const rounded = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2E)), f32x4.splat(TO_INTEGER));
  const n = f32x4.sub(rounded, f32x4.splat(TO_INTEGER));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.3981999507e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(8.3334519073e-3));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(4.1665795894e-2));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(1.6666665459e-1));
  y = f32x4.add(f32x4.mul(y, r), f32x4.splat(5.0000001201e-1));
  y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), y), r), f32x4.splat(1));
  return f32x4.mul(y, i32x4.shl(i32x4.add(rounded, i32x4.splat(127)), 23)); // the low bits of `rounded` are n
}

// The rational approximation of erf in Eigen: odd of degree 13 over even of degree 8.
const P13: f32 = -2.72614225801306e-10, P11: f32 = 2.77068142495902e-08, P9: f32 = -2.10102402082508e-06;
const P7: f32 = -5.69250639462346e-05, P5: f32 = -7.34990630326855e-04, P3: f32 = -2.95459980854025e-03, P1: f32 = -1.60960333262415e-02;
const Q8: f32 = -1.45660718464996e-05, Q6: f32 = -2.13374055278905e-04, Q4: f32 = -1.68282697438203e-03;
const Q2: f32 = -7.37332916720468e-03, Q0: f32 = -1.42647390514189e-02;

/** One step of Horner's rule. */
// @ts-ignore: decorator
@inline
function step(sum: v128, x: v128, next: v128): v128 {
  return f32x4.add(f32x4.mul(sum, x), next);
}

/** erf, with an error below 5e-7. */
// @ts-ignore: decorator
@inline
export function erf(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-4)), f32x4.splat(4));
  const s = f32x4.mul(x, x);
  let p = step(f32x4.splat(P13), s, f32x4.splat(P11));
  p = step(p, s, f32x4.splat(P9));
  p = step(p, s, f32x4.splat(P7));
  p = step(p, s, f32x4.splat(P5));
  p = step(p, s, f32x4.splat(P3));
  p = step(p, s, f32x4.splat(P1));
  let q = step(f32x4.splat(Q8), s, f32x4.splat(Q6));
  q = step(q, s, f32x4.splat(Q4));
  q = step(q, s, f32x4.splat(Q2));
  q = step(q, s, f32x4.splat(Q0));
  return f32x4.div(f32x4.mul(p, x), q);
}

// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp(f32x4.neg(x))));
}

// @ts-ignore: decorator
@inline
function tanh(x: v128): v128 {
  const e = exp(f32x4.add(x, x));
  return f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
}

/** x · Φ(x). Below -5.6, Φ is less than the error of `erf`. */
// @ts-ignore: decorator
@inline
function gelu(x: v128): v128 {
  const half = f32x4.mul(x, f32x4.splat(0.5));
  return f32x4.mul(half, f32x4.add(erf(f32x4.mul(x, f32x4.splat(0.7071067811865476))), f32x4.splat(1)));
}

// @ts-ignore: decorator
@inline
function geluTanh(x: v128): v128 {
  const cubic = f32x4.add(f32x4.mul(f32x4.mul(f32x4.mul(x, x), x), f32x4.splat(0.044715)), x);
  const t = tanh(f32x4.mul(cubic, f32x4.splat(0.7978845608028654)));
  return f32x4.mul(f32x4.mul(x, f32x4.splat(0.5)), f32x4.add(t, f32x4.splat(1)));
}

/** min(max(x / 6 + 0.5, 0), 1) */
// @ts-ignore: decorator
@inline
function hardSigmoid(x: v128): v128 {
  const line = f32x4.add(f32x4.mul(x, f32x4.splat(<f32>(1.0 / 6.0))), f32x4.splat(0.5));
  return f32x4.pmin(f32x4.pmax(line, f32x4.splat(0)), f32x4.splat(1));
}

// @ts-ignore: decorator
@inline
function clamped(x: v128, most: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(0)), f32x4.splat(most));
}

/** x = f(x) for `count` numbers, rounded up to a multiple of four. kind: the place in the contract's ACTIVATIONS. */
export function activate(kind: i32, x: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  if (kind == 1) for (; x < end; x += 16) v128.store(x, clamped(v128.load(x), Infinity));
  else if (kind == 2) for (; x < end; x += 16) v128.store(x, clamped(v128.load(x), 6));
  else if (kind == 3) for (; x < end; x += 16) v128.store(x, gelu(v128.load(x)));
  else if (kind == 4) for (; x < end; x += 16) v128.store(x, geluTanh(v128.load(x)));
  else if (kind == 5) for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), sigmoid(v128.load(x))));
  else if (kind == 6) for (; x < end; x += 16) v128.store(x, sigmoid(v128.load(x)));
  else if (kind == 7) for (; x < end; x += 16) v128.store(x, tanh(v128.load(x)));
  else if (kind == 8) for (; x < end; x += 16) v128.store(x, hardSigmoid(v128.load(x)));
  else if (kind == 9) for (; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), hardSigmoid(v128.load(x))));
}
