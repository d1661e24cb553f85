// A bundle of a text encoder of two layers, small enough to make in a test, with two taps.
import { encodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { floats } from "../../src/compile/tensor.ts";
import type { Bundle, BundleValue, BundleWeight, WeightFormat } from "../../src/contract/bundle/bundle.ts";
import type { BundleOperation } from "../../src/contract/bundle/operations.ts";
import { concatBytes, sha256Hex } from "../../src/core/bytes.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { kernelModule } from "../../src/graph/kernels/module.ts";
import { loadBundle } from "../../src/graph/load.ts";
import { integers, normals, type Random, seededRandom } from "./random.ts";

const TOKENS = 100;
const PLACES = 600;
const ALIGNMENT = 16;

export interface MadeBundle {
  readonly bundle: Bundle;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

/** Collects what a bundle consists of. */
class Maker {
  readonly operations: BundleOperation[] = [];
  readonly values: Record<string, BundleValue> = { ids: { shape: ["batch", "tokens"], type: "ids", slot: 0 } };
  readonly weights: Record<string, BundleWeight> = {};
  readonly #bytes: Uint8Array[] = [];
  #end = 0;
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  weight(name: string, format: WeightFormat, shape: readonly number[], scale = 1, shift = 0): string {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = normals(this.#random, count, scale).map((value) => value + shift);
    const bytes = encodeWeight(format, floats(shape, values));
    const padding = new Uint8Array((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT);
    this.weights[name] = { format, shape, offset: this.#end, bytes: bytes.length };
    this.#bytes.push(bytes, padding);
    this.#end += bytes.length + padding.length;
    return name;
  }

  add(operation: Omit<BundleOperation, "block">, width: number, slot: number): void {
    this.operations.push({ ...operation, block: "all" } as BundleOperation);
    this.values[operation.output] = { shape: ["batch", "tokens", width], type: "f32", slot };
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return concatBytes(this.#bytes);
  }
}

function addLinear(
  maker: Maker,
  [from, to]: readonly [string, string],
  widths: readonly [number, number],
  slot: number,
) {
  const weights = {
    weight: maker.weight(`${to}/weight`, "int8-panels", widths, 1 / Math.sqrt(widths[0])),
    bias: maker.weight(`${to}/bias`, "f32", [widths[1]], 0.1),
  };
  const attributes = { activation: to.endsWith("wide") ? "gelu" : "none" } as const;
  maker.add({ op: "linear", name: to, inputs: [from], output: to, weights, attributes }, widths[1], slot);
}

function addNorm(maker: Maker, inputs: readonly string[], to: string, width: number, slot: number): void {
  const weights = {
    gamma: maker.weight(`${to}/gamma`, "f32", [width], 0.1, 1),
    beta: maker.weight(`${to}/beta`, "f32", [width], 0.1),
  };
  maker.add({ op: "layer-norm", name: to, inputs, output: to, weights, attributes: { epsilon: 1e-12 } }, width, slot);
}

/** Slots: 1 and 2 hold the input and the output of a half layer, 3 to 6 what is between. */
function addLayer(maker: Maker, from: string, name: string, width: number): string {
  const at = (part: string): string => `${name}/${part}`;
  for (const [place, part] of ["query", "key", "value"].entries())
    addLinear(maker, [from, at(part)], [width, width], 3 + place);
  const heads = { op: "attention", name: at("mixed"), output: at("mixed"), weights: {} } as const;
  const inputs = ["query", "key", "value"].map(at);
  maker.add({ ...heads, inputs, attributes: { heads: 2, scale: 1 / Math.sqrt(width / 2) } }, width, 6);
  addLinear(maker, [at("mixed"), at("attended")], [width, width], 3);
  addNorm(maker, [at("attended"), from], at("middle"), width, 2);
  addLinear(maker, [at("middle"), at("wide")], [width, 4 * width], 4);
  addLinear(maker, [at("wide"), at("narrow")], [4 * width, width], 3);
  addNorm(maker, [at("narrow"), at("middle")], at("output"), width, 1);
  return at("output");
}

export async function smallEncoder(width = 32): Promise<MadeBundle> {
  const maker = new Maker(1);
  const weights = {
    table: maker.weight("table", "int4-rows", [TOKENS, width]),
    positions: maker.weight("positions", "f16-rows", [PLACES, width], 0.1),
  };
  const tables = { op: "embed", name: "tables", inputs: ["ids"], output: "tables" } as const;
  maker.add({ ...tables, weights, attributes: { firstPosition: 0 } }, width, 2);
  addNorm(maker, ["tables"], "embedded", width, 1);
  const first = addLayer(maker, "embedded", "first", width);
  const second = addLayer(maker, first, "second", width);
  const half = Math.ceil(maker.bytes.length / 2);
  const pieces = [maker.bytes.slice(0, half), maker.bytes.slice(half)];
  const tap = { pooling: "mean", dimension: width } as const;
  const described = await Promise.all(
    pieces.map(async (bytes) => ({ bytes: bytes.length, sha256: await sha256Hex(bytes) })),
  );
  const bundle = {
    format: 1,
    inputs: ["ids"],
    values: maker.values,
    operations: maker.operations,
    weights: maker.weights,
    pieces: described,
    taps: [
      { ...tap, name: "first", value: first, normalise: false },
      { ...tap, name: "second", value: second, normalise: true },
    ],
  } as const;
  return { bundle: bundle as unknown as Bundle, pieces };
}

export interface LoadOptions {
  readonly memory?: MemoryBudget;
  readonly now?: () => number;
}

export function load({ bundle, pieces }: MadeBundle, { memory, now = () => 0 }: LoadOptions = {}): Promise<Graph> {
  const host = { kernels: kernelModule, memory: memory ?? new MemoryBudget(2 ** 30, now), now };
  return loadBundle(bundle, async (piece) => pieces[piece] as Uint8Array<ArrayBuffer>, host);
}

/** Texts of these lengths. The ids of each depend only on its length. */
export function textsOf(lengths: readonly number[]) {
  const values = Int32Array.from(lengths.flatMap((length) => [...integers(seededRandom(length), length, TOKENS)]));
  return { count: lengths.length, lengths, values };
}
