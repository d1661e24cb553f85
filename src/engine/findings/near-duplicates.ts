// Finds nearly identical rows with different labels by locality-sensitive hashing (random hyperplanes, Charikar 2002).
// Deterministic. Work grows with the rows and memory is bounded, so a few pairs in a large group of copies may be missed.
import { LIMITS } from "../../core/limits.ts";
import type { Turns } from "../../core/turns.ts";
import { type FeatureTensor, paddedDims } from "../../tensor/features.ts";
import type { BlockPlace } from "../data/blocks.ts";
import { seededRandom } from "../data/seeded-random.ts";
import type { TrainingData } from "../data/training-data.ts";
import type { HeadShape } from "../heads/kind.ts";
import { linear } from "../heads/linear.ts";
import type { Scaler } from "../heads/scaler.ts";
import { firstRowOf } from "../passes/pass.ts";
import { type Plan, total } from "../plan.ts";

/** Two rows, counted over the folds in order. */
export interface NearPair {
  readonly a: number;
  readonly b: number;
}

export interface NearRequest {
  readonly plan: Plan;
  readonly scaler: Scaler;
  /** The class of every row. */
  readonly given: Int32Array;
  /** Yields to the event loop. */
  readonly turns: Turns;
}

/** Cosine of scaled, and therefore centred, features from which on two rows count as near duplicates. */
const LEAST_COSINE = 0.99;
/** Least number of dimensions. With fewer, directions coincide by chance. */
const LEAST_DIMS = 8;
const SEED = 0x6e656172;

const WORDS = 4;
const BITS = 32 * WORDS;
/**
 * At cosine 0.99, six of the bits differ on average. More than three standard deviations above that is not a near duplicate.
 */
const MOST_BITS_APART = 14;
/** A band is half a word. Rows at cosine 0.99 agree on at least one of the eight with probability 0.994. */
const BANDS = 2 * WORDS;
/** Number of following rows in the same band that a row is compared with. */
const WINDOW = 32;

/** Pairs of nearly identical rows of different classes. Empty if the features have too few dimensions. */
export async function nearDuplicates(data: TrainingData, request: NearRequest): Promise<NearPair[]> {
  if (request.plan.dims < LEAST_DIMS) return [];
  const signatures = await signaturesOf(data, request);
  const candidates = await candidatePairs(signatures, request);
  return verified(data, candidates, request);
}

/** [rows][WORDS]: the side of each hyperplane on which a row lies. All zero for a row that lies on every hyperplane. */
async function signaturesOf(data: TrainingData, { plan, scaler, turns }: NearRequest): Promise<Uint32Array> {
  const signatures = new Uint32Array(WORDS * total(plan.foldRows));
  const shape = { dims: plan.dims, outputs: BITS, hidden: 0 };
  const planes = await hyperplanes(shape, turns);
  for (const place of foldBlocks(data, plan)) {
    const own = signatures.subarray(WORDS * rowOf(plan, place));
    await data.withBlock(place, scaler, (block) => addSigns(own, linear.forward(shape, planes, block.scaled())));
    await turns.take();
  }
  return signatures;
}

const foldBlocks = (data: TrainingData, { foldRows }: Plan): BlockPlace[] => data.list([...foldRows.keys()]);
const rowOf = (plan: Plan, { part, first }: BlockPlace): number => firstRowOf(plan, part as number) + first;

async function hyperplanes(shape: HeadShape, turns: Turns): Promise<Float32Array> {
  const random = seededRandom(SEED);
  const weights = new Float32Array(shape.dims * BITS);
  for (let i = 0; i < weights.length; i++) {
    weights[i] = random.uniform() - 0.5;
    if (i % NUMBERS_A_TURN === 0) await turns.take();
  }
  await turns.take();
  return linear.decode(shape, [{ weights, bias: new Float32Array(BITS) }]);
}

/** Random numbers drawn between two turns of the event loop: a few milliseconds. */
const NUMBERS_A_TURN = 1 << 16;

function addSigns(signatures: Uint32Array, sides: Float32Array): void {
  for (let i = 0; i < sides.length; i++) {
    if ((sides[i] as number) > 0) signatures[i >> 5] = ((signatures[i >> 5] as number) | (1 << (i & 31))) >>> 0;
  }
}

/** Pairs of different classes with near signatures, nearest first. */
async function candidatePairs(signatures: Uint32Array, { given, turns }: NearRequest): Promise<NearPair[]> {
  const apart = new Map<number, number>();
  for (let band = 0; band < BANDS && apart.size < LIMITS.nearPairs; band++) {
    addBand(apart, sortedByBand(signatures, band), signatures, given);
    await turns.take();
  }
  const rows = given.length;
  const nearest = [...apart].sort(([pair, bits], [other, most]) => bits - most || pair - other);
  return nearest.map(([pair]) => ({ a: Math.floor(pair / rows), b: pair % rows }));
}

const ROW = 2 ** 32;

/** Sorted keys: half a word of the signature · 2³² + the row. Rows that agree on the band are adjacent. */
function sortedByBand(signatures: Uint32Array, band: number): Float64Array {
  const keys = new Float64Array(signatures.length / WORDS);
  let count = 0;
  for (let row = 0; row < keys.length; row++) {
    const own = signatures.subarray(row * WORDS, (row + 1) * WORDS);
    if (own.every((word) => word === 0)) continue;
    const half = ((own[band >> 1] as number) >>> (16 * (band & 1))) & 0xffff;
    keys[count++] = half * ROW + row;
  }
  return keys.subarray(0, count).sort();
}

function addBand(apart: Map<number, number>, keys: Float64Array, signatures: Uint32Array, given: Int32Array): void {
  for (let i = 0; i < keys.length && apart.size < LIMITS.nearPairs; i++) {
    const key = keys[i] as number;
    const end = (Math.floor(key / ROW) + 1) * ROW;
    for (let j = i + 1; j <= i + WINDOW && (keys[j] ?? Number.POSITIVE_INFINITY) < end; j++) {
      const [a, b] = [key % ROW, (keys[j] as number) % ROW];
      if (given[a] === given[b]) continue;
      const bits = bitsApart(signatures, a, b);
      if (bits <= MOST_BITS_APART) apart.set(a * given.length + b, bits);
    }
  }
}

function bitsApart(signatures: Uint32Array, a: number, b: number): number {
  let bits = 0;
  for (let word = 0; word < WORDS; word++) {
    let v = ((signatures[a * WORDS + word] as number) ^ (signatures[b * WORDS + word] as number)) >>> 0;
    v -= (v >>> 1) & 0x55555555;
    v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
    bits += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return bits;
}

/** The pairs whose exact cosine is high enough, among as many as fit into the memory limit. */
async function verified(data: TrainingData, pairs: readonly NearPair[], request: NearRequest): Promise<NearPair[]> {
  const most = Math.floor(LIMITS.nearRowBytes / (4 * paddedDims(request.plan.dims)));
  const wanted = new Set<number>();
  const taken = pairs.filter(({ a, b }) => {
    if (wanted.size + 2 > most) return wanted.has(a) && wanted.has(b);
    wanted.add(a).add(b);
    return true;
  });
  const vectors = await vectorsOf(data, wanted, request);
  return taken.filter(({ a, b }) => cosine(vectors.get(a), vectors.get(b)) >= LEAST_COSINE);
}

async function vectorsOf(
  data: TrainingData,
  wanted: ReadonlySet<number>,
  { plan, scaler, turns }: NearRequest,
): Promise<Map<number, Float32Array>> {
  const vectors = new Map<number, Float32Array>();
  for (const place of foldBlocks(data, plan)) {
    const from = rowOf(plan, place);
    const own = Array.from({ length: place.rows }, (_, r) => r).filter((r) => wanted.has(from + r));
    if (own.length === 0) continue;
    await data.withBlock(place, scaler, (block) => {
      const row = rowReader(block.scaled(), plan.dims);
      for (const r of own) vectors.set(from + r, row(r));
    });
    await turns.take();
  }
  return vectors;
}

function rowReader(features: FeatureTensor, dims: number): (row: number) => Float32Array {
  const width = paddedDims(dims);
  const rows = features.widened(dims);
  return (row) => rows.slice(row * width, (row + 1) * width);
}

function cosine(a: Float32Array = new Float32Array(0), b: Float32Array = a): number {
  let product = 0;
  let ownSquares = 0;
  let otherSquares = 0;
  for (let i = 0; i < a.length; i++) {
    const own = a[i] as number;
    const other = b[i] as number;
    product += own * other;
    ownSquares += own * own;
    otherSquares += other * other;
  }
  const lengths = Math.sqrt(ownSquares * otherSquares);
  return lengths > 0 ? product / lengths : 0;
}
