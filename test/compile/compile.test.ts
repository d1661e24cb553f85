// A whole compilation, from a folder to a bundle: what the bundle promises holds.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CompiledBundle } from "../../src/compile/bundle/assemble.ts";
import { parseTap } from "../../src/compile/bundle/taps.ts";
import { decodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { writeBundle } from "../../src/compile/bundle/write.ts";
import { type CompileOptions, compileModel } from "../../src/compile/compile.ts";
import { readHuggingFaceFolder } from "../../src/compile/readers/hugging-face.ts";
import { type Bundle, pieceName } from "../../src/contract/bundle/bundle.ts";
import { bundleForm } from "../../src/contract/bundle/schema.ts";
import { canonicalJson } from "../../src/core/json-text.ts";
import { bertShapes, safetensors, TINY_BERT, writeBertFolder } from "../support/bert-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "lastlayer-compile-"), "utf8");
beforeAll(() => writeBertFolder(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

const OPTIONS: CompileOptions = {
  id: "tiny",
  source: { name: "tiny", url: "https://example.com", revision: "1", licence: "Apache-2.0" },
  formats: { products: "int8", tables: "int4" },
  taps: ["layer 1:mean", "layer 2"].map(parseTap),
};

const compiled = (options: Partial<CompileOptions> = {}): CompiledBundle =>
  compileModel(readHuggingFaceFolder(folder), { ...OPTIONS, ...options });

describe("a compiled folder", () => {
  let bundle: Bundle;
  let pieces: readonly Uint8Array[];
  beforeAll(() => {
    ({ bundle, pieces } = compiled());
  });

  it("has the operations of BERT in order, each with a block and weights that exist", () => {
    const layer = ["linear", "linear", "linear", "attention", "linear", "layer-norm", "linear", "linear", "layer-norm"];
    expect(bundle.operations.map(({ op }) => op)).toEqual(["embed", "layer-norm", ...layer, ...layer]);
    const named = bundle.operations.flatMap(({ weights }) => Object.values(weights));
    expect(named.filter((name) => !(name in bundle.weights))).toEqual([]);
    expect(new Set(named).size).toBe(Object.keys(bundle.weights).length);
    expect(new Set(bundle.operations.map(({ block }) => block))).toEqual(
      new Set(bundle.blocks.map(({ name }) => name)),
    );
  });

  it("names every cut, and taps after layers", () => {
    expect(bundle.blocks.map(({ name }) => name)).toEqual([
      "embeddings",
      "layer 1/attention",
      "layer 1/feed-forward",
      "layer 2/attention",
      "layer 2/feed-forward",
    ]);
    expect(bundle.taps).toEqual([
      { name: "layer 1", value: "encoder.layer.0.output.LayerNorm", pooling: "mean", normalise: true, dimension: 32 },
      { name: "layer 2", value: "encoder.layer.1.output.LayerNorm", pooling: "first", normalise: true, dimension: 32 },
    ]);
  });

  it("lays weights out in the order of the operations, aligned, without overlaps", () => {
    const laid = bundle.operations.flatMap(({ weights }) => Object.values(weights)).map((name) => bundle.weights[name]);
    let end = 0;
    for (const weight of laid) {
      expect(weight?.offset).toBe(Math.ceil(end / 16) * 16);
      end = (weight?.offset ?? 0) + (weight?.bytes ?? 0);
    }
    const bytes = bundle.pieces.slice(0, -1).reduce((sum, piece) => sum + piece.bytes, 0);
    expect(bytes).toBe(Math.ceil(end / 16) * 16);
  });

  it("states digests of its pieces and of itself, and is the same when compiled again", () => {
    expect(bundle.pieces).toEqual(pieces.map((piece) => ({ bytes: piece.byteLength, sha256: sha256(piece) })));
    const { digest, ...rest } = bundle;
    expect(digest).toBe(sha256(canonicalJson(rest)));
    expect(compiled().bundle.digest).toBe(digest);
  });

  it("ends with the tokenizer's files", () => {
    const { preprocessing } = bundle;
    if (preprocessing.modality !== "text") throw new Error("not a text");
    const { piece, bytes } = preprocessing.tokenizer;
    expect(piece).toBe(pieces.length - 1);
    const text = new TextDecoder().decode(pieces[piece]);
    expect(text).toBe(
      ["tokenizer.json", "tokenizer_config.json"].map((name) => readFileSync(join(folder, name), "utf8")).join(""),
    );
    expect(bytes[0] + bytes[1]).toBe(pieces[piece]?.byteLength);
    expect(preprocessing.maxTokens).toBe(16);
  });

  it("keeps only the positions that its windows reach", () => {
    expect(bundle.weights["embeddings/positions"]?.shape).toEqual([16, 32]);
  });

  it("never gives two values that are needed at the same time one slot", () => {
    const { operations, values } = bundle;
    const born = (name: string): number => operations.findIndex(({ output }) => output === name);
    const lastRead = (name: string): number =>
      Math.max(
        operations.findLastIndex(({ inputs }) => inputs.includes(name)),
        born(name),
      );
    const names = Object.keys(values);
    const clashes = names.flatMap((a) =>
      names.filter(
        (b) => a < b && values[a]?.slot === values[b]?.slot && born(a) <= lastRead(b) && born(b) <= lastRead(a),
      ),
    );
    expect(clashes).toEqual([]);
    expect(new Set(Object.values(values).map(({ slot }) => slot)).size).toBeLessThan(names.length);
  });

  it("is of the form that the Worker accepts", () => {
    expect(bundleForm().safeParse(bundle).error).toBeUndefined();
  });

  it("ends with its last tap", () => {
    const short = compiled({ taps: [parseTap("layer 1")] }).bundle;
    expect(short.operations.at(-1)?.output).toBe(short.taps[0]?.value);
    expect(short.blocks.map(({ name }) => name)).toEqual(bundle.blocks.slice(0, 3).map(({ name }) => name));
  });

  it("says what its weights cost: little as int8, nothing as float32", () => {
    expect(bundle.loss.samples).toBeGreaterThan(20);
    expect(bundle.loss.taps.every(({ worstCosine }) => worstCosine > 0.95 && worstCosine < 1)).toBe(true);
    const exact = compiled({ formats: { products: "f32", tables: "f32" } }).bundle;
    expect(exact.loss.taps.map(({ meanCosine }) => meanCosine)).toEqual([1, 1]);
    expect(exact.digest).not.toBe(bundle.digest);
  });

  it("is written as bundle.json and numbered pieces", () => {
    const out = join(folder, "out");
    writeBundle({ bundle, pieces }, out);
    expect(JSON.parse(readFileSync(join(out, "bundle.json"), "utf8"))).toEqual(bundle);
    expect(sha256(readFileSync(join(out, pieceName(0))))).toBe(bundle.pieces[0]?.sha256);
  });
});

it("keeps float16 for the products that cost the most, until the features differ by less than the tolerance", () => {
  const formatsOf = ({ bundle }: CompiledBundle): Set<string> =>
    new Set(Object.values(bundle.weights).flatMap(({ format }) => (format.endsWith("-panels") ? [format] : [])));
  const formats = { products: "int8", tables: "f32" } as const;
  const [coarse, finer] = [compiled({ formats }), compiled({ formats, tolerance: 0.003 })];
  expect(formatsOf(coarse)).toEqual(new Set(["int8-panels"]));
  expect(formatsOf(finer)).toEqual(new Set(["int8-panels", "f16-panels"]));
  const [before, after] = [coarse, finer].map(({ bundle }) => bundle.loss.taps[1]?.meanCosine ?? 0);
  expect(after).toBeGreaterThan(before ?? 0);
  // A relative difference of .003 is a cosine of 1 − .003² / 2.
  expect(after).toBeGreaterThan(1 - 2 * 0.003 ** 2);
});

it("stores float32 weights as they are", () => {
  const { bundle, pieces } = compiled({ formats: { products: "f32", tables: "f32" } });
  const { offset = 0, bytes = 0, shape = [] } = bundle.weights["encoder.layer.1.output.dense/weight"] ?? {};
  const stored = decodeWeight("f32-panels", Buffer.concat(pieces).subarray(offset, offset + bytes), shape);
  const [constant] = [...readHuggingFaceFolder(folder).graph.constants].filter(
    ([name]) => name === "encoder.layer.1.output.dense.weight",
  );
  expect(stored.data).toEqual(constant?.[1].data);
});

describe("a folder that does not fit is told with file and tensor:", () => {
  const broken = (name: string, content: string | Uint8Array): string => {
    const other = join(folder, "broken");
    writeBertFolder(other);
    writeFileSync(join(other, name), content);
    return other;
  };
  const read = (name: string, content: string | Uint8Array) => () => readHuggingFaceFolder(broken(name, content));

  it("another model", () => {
    expect(read("config.json", JSON.stringify({ model_type: "t5" }))).toThrow(
      'config.json: model_type is "t5"; "bert" is covered',
    );
    expect(read("config.json", "[1]")).toThrow("config.json: expected a JSON object");
    expect(read("config.json", "{")).toThrow("config.json: not JSON");
  });

  it("weights that are cut off, or of another shape", () => {
    const whole = readFileSync(join(folder, "model.safetensors"));
    expect(read("model.safetensors", whole.subarray(0, 4))).toThrow(
      "model.safetensors: the file ends before its header",
    );
    expect(read("model.safetensors", whole.subarray(0, 100))).toThrow(/its header should have \d+ bytes/);
    expect(read("model.safetensors", whole.subarray(0, whole.length - 8))).toThrow(
      /tensor "encoder\.layer\.1\.output\.LayerNorm\.bias": its bytes are \[\d+, \d+\) of \d+, but its shape needs 128 bytes/,
    );
    const shapes = bertShapes({ ...TINY_BERT, inner: 63 });
    const other = Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [name, { shape, data: new Float32Array(count) }];
    });
    expect(read("model.safetensors", safetensors(Object.fromEntries(other)))).toThrow(
      'tensor "encoder.layer.0.intermediate.dense.weight": its shape is [63, 32], not [64, 32]',
    );
  });

  it("a tap that does not exist", () => {
    expect(() => compiled({ taps: [parseTap("layer 9")] })).toThrow(
      'tap "layer 9": there is no such block or value; blocks: embeddings, layer 1/attention',
    );
  });
});
