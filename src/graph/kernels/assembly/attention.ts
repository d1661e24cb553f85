// Attention of one head within one sequence. Eight queries at a time lie in the lanes, so that the softmax over the keys needs no sums
// across lanes: scores [keys][8] = keys · (scale · queries)ᵀ. Sums run in the order of channels, and of keys.
import { firsts, high, low, seconds } from "../../../tensor/kernels/assembly/lanes";
import { exp } from "./functions";
import { lane0, lane1, lane2, lane3 } from "./spread";

// @ts-ignore: decorator
@inline
function add(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/**
 * out = softmax(scale · q · kᵀ) · v for the queries from `from` to `to`. q, k, v, out: this head's first number in the sequence's first
 * row; rows are rowBytes apart. width: numbers of a head, a multiple of four. scratch: 32 · (width + keys + 3) bytes.
 */
export function attention(
  q: usize, k: usize, v: usize, out: usize, scratch: usize, from: i32, to: i32, keys: i32, width: i32, rowBytes: usize, scale: f32,
): void {
  const scores = scratch + (<usize>width << 5), headBytes = <usize>width << 2;
  for (let query = from; query < to; query += 8) {
    const count = min(to - query, 8);
    spreadQueries(q + <usize>query * rowBytes, scratch, count, headBytes, rowBytes, scale);
    scoreKeys(k, scratch, scores, keys, headBytes, rowBytes);
    softmax(scores, scratch, keys);
    const at = out + <usize>query * rowBytes;
    mixValues(scores, v, at, min(count, 4), keys, headBytes, rowBytes, v128.load(scratch));
    if (count > 4) mixValues(scores + 16, v, at + 4 * rowBytes, count - 4, keys, headBytes, rowBytes, v128.load(scratch, 16));
  }
}

/** spread [width][8] = scale · queries. Beyond `count`, the last query is repeated. */
function spreadQueries(q: usize, spread: usize, count: i32, headBytes: usize, rowBytes: usize, scale: f32): void {
  const last = q + <usize>(count - 1) * rowBytes, factor = f32x4.splat(scale);
  for (let half: usize = 0; half < 32; half += 16, q += 4 * rowBytes) {
    const a = min(q, last), b = min(q + rowBytes, last), c = min(q + 2 * rowBytes, last), d = min(q + 3 * rowBytes, last);
    let to = spread + half;
    for (let at: usize = 0; at < headBytes; at += 16, to += 128) {
      const va = f32x4.mul(v128.load(a + at), factor), vb = f32x4.mul(v128.load(b + at), factor);
      const vc = f32x4.mul(v128.load(c + at), factor), vd = f32x4.mul(v128.load(d + at), factor);
      const ab = low(va, vb), cd = low(vc, vd), ef = high(va, vb), gh = high(vc, vd);
      v128.store(to, firsts(ab, cd));
      v128.store(to, seconds(ab, cd), 32);
      v128.store(to, firsts(ef, gh), 64);
      v128.store(to, seconds(ef, gh), 96);
    }
  }
}

/** scores [keys][8]. The last four keys are padded by repeating the last one. */
function scoreKeys(k: usize, spread: usize, scores: usize, keys: i32, headBytes: usize, rowBytes: usize): void {
  const last = k + <usize>(keys - 1) * rowBytes;
  for (let key = 0; key < keys; key += 4, k += 4 * rowBytes, scores += 128)
    fourKeys(k, min(k + rowBytes, last), min(k + 2 * rowBytes, last), min(k + 3 * rowBytes, last), spread, scores, headBytes);
}

// @ts-ignore: decorator
@inline
function fourKeys(k0: usize, k1: usize, k2: usize, k3: usize, spread: usize, scores: usize, headBytes: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (let at: usize = 0; at < headBytes; at += 16, spread += 128) {
    const va = v128.load(k0 + at), vb = v128.load(k1 + at), vc = v128.load(k2 + at), vd = v128.load(k3 + at);
    let q0 = v128.load(spread), q1 = v128.load(spread, 16);
    a0 = add(a0, lane0(va), q0); a1 = add(a1, lane0(va), q1);
    b0 = add(b0, lane0(vb), q0); b1 = add(b1, lane0(vb), q1);
    c0 = add(c0, lane0(vc), q0); c1 = add(c1, lane0(vc), q1);
    d0 = add(d0, lane0(vd), q0); d1 = add(d1, lane0(vd), q1);
    q0 = v128.load(spread, 32); q1 = v128.load(spread, 48);
    a0 = add(a0, lane1(va), q0); a1 = add(a1, lane1(va), q1);
    b0 = add(b0, lane1(vb), q0); b1 = add(b1, lane1(vb), q1);
    c0 = add(c0, lane1(vc), q0); c1 = add(c1, lane1(vc), q1);
    d0 = add(d0, lane1(vd), q0); d1 = add(d1, lane1(vd), q1);
    q0 = v128.load(spread, 64); q1 = v128.load(spread, 80);
    a0 = add(a0, lane2(va), q0); a1 = add(a1, lane2(va), q1);
    b0 = add(b0, lane2(vb), q0); b1 = add(b1, lane2(vb), q1);
    c0 = add(c0, lane2(vc), q0); c1 = add(c1, lane2(vc), q1);
    d0 = add(d0, lane2(vd), q0); d1 = add(d1, lane2(vd), q1);
    q0 = v128.load(spread, 96); q1 = v128.load(spread, 112);
    a0 = add(a0, lane3(va), q0); a1 = add(a1, lane3(va), q1);
    b0 = add(b0, lane3(vb), q0); b1 = add(b1, lane3(vb), q1);
    c0 = add(c0, lane3(vc), q0); c1 = add(c1, lane3(vc), q1);
    d0 = add(d0, lane3(vd), q0); d1 = add(d1, lane3(vd), q1);
  }
  v128.store(scores, a0); v128.store(scores, a1, 16); v128.store(scores, b0, 32); v128.store(scores, b1, 48);
  v128.store(scores, c0, 64); v128.store(scores, c1, 80); v128.store(scores, d0, 96); v128.store(scores, d1, 112);
}

/** Scores of eight queries become e^(score − largest), and `inverses` [8] the inverses of their sums. */
function softmax(scores: usize, inverses: usize, keys: i32): void {
  const end = scores + (<usize>keys << 5);
  let most = v128.load(scores), most2 = v128.load(scores, 16), sum = f32x4.splat(0), sum2 = sum;
  for (let at = scores + 32; at < end; at += 32) {
    most = f32x4.pmax(most, v128.load(at));
    most2 = f32x4.pmax(most2, v128.load(at, 16));
  }
  for (let at = scores; at < end; at += 32) {
    const e = exp(f32x4.sub(v128.load(at), most)), e2 = exp(f32x4.sub(v128.load(at, 16), most2));
    sum = f32x4.add(sum, e);
    sum2 = f32x4.add(sum2, e2);
    v128.store(at, e);
    v128.store(at, e2, 16);
  }
  v128.store(inverses, f32x4.div(f32x4.splat(1), sum));
  v128.store(inverses, f32x4.div(f32x4.splat(1), sum2), 16);
}

/** Means of the values, weighted by e^score, for up to four queries. */
function mixValues(
  scores: usize, v: usize, out: usize, count: i32, keys: i32, headBytes: usize, rowBytes: usize, inverse: v128,
): void {
  const end = scores + (<usize>keys << 5);
  let at: usize = 0;
  for (; at + 32 <= headBytes; at += 32) mixEight(scores, end, v + at, out + at, count, rowBytes, inverse);
  if (at < headBytes) mixFour(scores, end, v + at, out + at, count, rowBytes, inverse);
}

// @ts-ignore: decorator
@inline
function mixEight(scores: usize, end: usize, v: usize, out: usize, count: i32, rowBytes: usize, inverse: v128): void {
  let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (; scores < end; scores += 32, v += rowBytes) {
    const four = v128.load(scores), v0 = v128.load(v), v1 = v128.load(v, 16);
    a0 = add(a0, lane0(four), v0); a1 = add(a1, lane0(four), v1);
    b0 = add(b0, lane1(four), v0); b1 = add(b1, lane1(four), v1);
    c0 = add(c0, lane2(four), v0); c1 = add(c1, lane2(four), v1);
    d0 = add(d0, lane3(four), v0); d1 = add(d1, lane3(four), v1);
  }
  storeEight(out, a0, a1, lane0(inverse));
  if (count > 1) storeEight(out + rowBytes, b0, b1, lane1(inverse));
  if (count > 2) storeEight(out + 2 * rowBytes, c0, c1, lane2(inverse));
  if (count > 3) storeEight(out + 3 * rowBytes, d0, d1, lane3(inverse));
}

// @ts-ignore: decorator
@inline
function storeEight(out: usize, a: v128, b: v128, factor: v128): void {
  v128.store(out, f32x4.mul(a, factor));
  v128.store(out, f32x4.mul(b, factor), 16);
}

function mixFour(scores: usize, end: usize, v: usize, out: usize, count: i32, rowBytes: usize, inverse: v128): void {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (; scores < end; scores += 32, v += rowBytes) {
    const four = v128.load(scores), values = v128.load(v);
    a = add(a, lane0(four), values); b = add(b, lane1(four), values);
    c = add(c, lane2(four), values); d = add(d, lane3(four), values);
  }
  v128.store(out, f32x4.mul(a, lane0(inverse)));
  if (count > 1) v128.store(out + rowBytes, f32x4.mul(b, lane1(inverse)));
  if (count > 2) v128.store(out + 2 * rowBytes, f32x4.mul(c, lane2(inverse)));
  if (count > 3) v128.store(out + 3 * rowBytes, f32x4.mul(d, lane3(inverse)));
}
