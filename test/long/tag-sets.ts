// Tag sets with a long tail, generated from a seed: the frequency of a tag falls with its rank (Zipf).
import { type Random, seededRandom } from "../support/random.ts";

export interface TagRows {
  readonly features: number[][];
  /** Indices of the tags of each row. */
  readonly sets: number[][];
}

export interface TagSet {
  readonly dims: number;
  readonly tags: number;
  readonly train: TagRows;
  readonly test: TagRows;
}

export interface TagSetRequest {
  /**
   * How rows are generated. `sums`: sums of their tags' vectors; `topics`: the same with correlated tags; `noisy`: the same
   * with some tags missing and some wrong; `logits`: each tag by a logistic model of the row; `single`: one tag per row.
   */
  readonly kind: "sums" | "topics" | "noisy" | "logits" | "single";
  readonly seed: number;
  readonly dims: number;
  /** Length of the noise of a row, and of a tag. */
  readonly noise: number;
  readonly rows?: number;
  readonly tags?: number;
}

const TEST_ROWS = 1_000;
const TOPICS = 12;

export function makeTagSet({ kind, seed, dims, noise, rows = 1_000, tags = 60 }: TagSetRequest): TagSet {
  const random = seededRandom(seed);
  const draw = kind === "logits" ? logitRows(random, dims, tags) : sumRows(random, { kind, dims, noise, tags });
  const all = Array.from({ length: rows + TEST_ROWS }, draw);
  // A training needs two rows of each tag.
  const counts = Array.from({ length: tags }, (_, k) => all.slice(0, rows).filter(({ set }) => set.includes(k)).length);
  const kept = counts.flatMap((count, k) => (count >= 2 ? [k] : []));
  const part = (from: number, end: number): TagRows => ({
    features: all.slice(from, end).map(({ x }) => x),
    sets: all.slice(from, end).map(({ set }) => set.map((k) => kept.indexOf(k)).filter((k) => k >= 0)),
  });
  return { dims, tags: kept.length, train: part(0, rows), test: part(rows, all.length) };
}

interface DrawnRow {
  readonly x: number[];
  readonly set: number[];
}

const zipf = (k: number): number => 1 / (k + 1);
const normals = (random: Random, length: number, scale: number): number[] =>
  Array.from({ length }, () => scale * random.normal());
const float32 = (values: readonly number[]): number[] => Array.from(Float32Array.from(values));

function logitRows(random: Random, dims: number, tags: number): () => DrawnRow {
  const weights = Array.from({ length: tags }, () => normals(random, dims, 2.4 / Math.sqrt(dims)));
  const biases = Array.from({ length: tags }, (_, k) => Math.log((0.35 * zipf(k)) / (1 - 0.35 * zipf(k))) - 1);
  return () => {
    const x = float32(normals(random, dims, 1));
    const set = weights.flatMap((own, k) => {
      const logit = own.reduce((sum, weight, d) => sum + weight * (x[d] as number), biases[k] as number);
      return random.next() < 1 / (1 + Math.exp(-logit)) ? [k] : [];
    });
    return { x, set };
  };
}

function sumRows(
  random: Random,
  { kind, dims, noise, tags }: Pick<TagSetRequest, "kind" | "dims" | "noise"> & { tags: number },
): () => DrawnRow {
  const looks = Array.from({ length: tags }, () => normals(random, dims, 1 / Math.sqrt(dims)));
  const draw = drawTags(random, kind, tags);
  return () => {
    const truth = draw();
    const x = normals(random, dims, noise / Math.sqrt(dims));
    for (const k of truth) for (const [d, value] of looks[k]?.entries() ?? []) x[d] = (x[d] as number) + value;
    const length = Math.hypot(...x);
    const set = kind === "noisy" ? mistaken(random, truth, tags) : truth;
    return { x: float32(x.map((value) => value / length)), set };
  };
}

function drawTags(random: Random, kind: TagSetRequest["kind"], tags: number): () => number[] {
  const all = Array.from({ length: tags }, (_, k) => k);
  if (kind === "single") return () => [drawByWeight(random, all.map(zipf))];
  const isOf = Array.from({ length: TOPICS }, () => all.map(() => random.next() < 0.3));
  return () => {
    const topic = kind === "topics" ? isOf[random.below(TOPICS)] : undefined;
    const times = (k: number): number => (topic === undefined ? 1 : topic[k] ? 2.5 : 0.3);
    return all.filter((k) => random.next() < Math.min(0.95, 0.45 * zipf(k) * times(k)));
  };
}

function drawByWeight(random: Random, weights: readonly number[]): number {
  let at = random.next() * weights.reduce((a, b) => a + b, 0);
  const found = weights.findIndex((weight) => {
    at -= weight;
    return at < 0;
  });
  return found < 0 ? weights.length - 1 : found;
}

/** One tag in seven missing, and one in 250 of the others added. */
const mistaken = (random: Random, set: readonly number[], tags: number): number[] =>
  Array.from({ length: tags }, (_, k) => k).filter((k) =>
    set.includes(k) ? random.next() >= 0.15 : random.next() < 0.004,
  );
