// Real pretrained models: what is read from their files computes what the models compute.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import * as ort from "onnxruntime-web";
import { beforeAll, describe, expect, it } from "vitest";
import type { CompiledBundle } from "../../src/compile/bundle/assemble.ts";
import { EXACT, formatOf } from "../../src/compile/bundle/formats.ts";
import { encodeWeight } from "../../src/compile/bundle/weight-formats.ts";
import { compileModel } from "../../src/compile/compile.ts";
import type { GraphNode, Graph as SourceGraph } from "../../src/compile/graph.ts";
import { cosine, pooled } from "../../src/compile/quantise/pooled.ts";
import { quantisedGraph } from "../../src/compile/quantise/quantised.ts";
import { type ReadOptions, readModel } from "../../src/compile/readers/registry.ts";
import type { SourceModel } from "../../src/compile/readers/source-model.ts";
import { runGraph } from "../../src/compile/run.ts";
import { pictures } from "../../src/compile/samples/synthetic.ts";
import { tokenizerOf } from "../../src/compile/samples/texts.ts";
import { floats, type Tensor } from "../../src/compile/tensor.ts";
import type { OperationAttributes } from "../../src/contract/bundle/operations.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { extentOf } from "../../src/graph/extent.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { Heap } from "../../src/graph/heap.ts";
import { loadBundle } from "../../src/graph/load.ts";
import { logMel } from "../../src/graph/operations/log-mel.ts";
import type { Node, PlacedWeight } from "../../src/graph/operations/operation.ts";
import { nodeKernels } from "../support/node-kernels.ts";
import { DATASETS, MODELS, present } from "../support/shared-folder.ts";

const OPTIONS: ReadOptions = {
  output: null,
  wanted: [],
  tokenizer: null,
  mean: null,
  deviation: null,
  filter: "bilinear",
  shorterSide: null,
  samplesPerSecond: null,
  hopSamples: null,
};

const float32 = (path: string): Float32Array => new Float32Array(Uint8Array.from(readFileSync(path)).buffer);

/** |a − b| / |b| */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let at = 0; at < b.length; at++) {
    error += ((a[at] as number) - (b[at] as number)) ** 2;
    size += (b[at] as number) ** 2;
  }
  return Math.sqrt(error / size);
}

describe.skipIf(!present(MODELS))("all-MiniLM-L6-v2", () => {
  const folder = join(MODELS, "all-MiniLM-L6-v2");
  let model: SourceModel;
  let texts: readonly string[];
  beforeAll(() => {
    model = readModel(folder, OPTIONS);
    const rows: { text: string }[] = parse(readFileSync(join(DATASETS, "banking77/test.csv")), { columns: true });
    texts = rows.map(({ text }) => text);
  });

  /** Cosines to the recorded features of a text, after layers 4 and 6. */
  function cosines({ graph, input }: SourceModel, at: number): number[] {
    if (input.modality !== "text") throw new Error("not a text");
    const ids = tokenizerOf(input)(texts[at] as string, 64);
    const norms = graph.nodes.filter(({ op }) => op === "layer-norm").map(({ outputs }) => outputs[0] as string);
    const states = runGraph(graph, { ids }, [norms[8] as string, norms[12] as string]);
    return [4, 6].map((layer, tap) => {
      const recorded = float32(join(MODELS, `all-MiniLM-L6-v2-reference/layer${layer}.f32`));
      return cosine(pooled(states[tap] as Tensor, "mean"), recorded.subarray(at * 384, (at + 1) * 384));
    });
  }

  it.each([0, 1, 17, 500, 999])("gives the recorded features of text %i", (at) => {
    for (const value of cosines(model, at)) expect(value).toBeGreaterThan(0.9999);
  });

  it("keeps them with int8 weights and 4-bit embeddings", () => {
    const graph = quantisedGraph(model.graph, { products: "int8", tables: "int4" });
    for (const at of [3, 42])
      for (const value of cosines({ ...model, graph }, at)) expect(value).toBeGreaterThan(0.997);
  });

  it("becomes the same operations from its export to ONNX, whose weights are int8", () => {
    const path = join(MODELS, "all-MiniLM-L6-v2-int8-onnx/model.onnx");
    const exported = readModel(path, { ...OPTIONS, tokenizer: folder });
    const outline = ({ nodes }: SourceGraph): unknown[] =>
      nodes.map(({ op, attributes }: GraphNode) => [
        op,
        attributes.activation,
        attributes.heads,
        attributes.firstPosition,
      ]);
    expect(outline(exported.graph)).toEqual(outline(model.graph));
    expect(exported.feature).toEqual(model.feature);
    expect(exported.input).toEqual(model.input);
    for (const value of cosines(exported, 5)) expect(value).toBeGreaterThan(0.999);
  });
});

describe.skipIf(!present(MODELS))("EfficientNet-Lite0", () => {
  const path = join(MODELS, "efficientnet-lite0-onnx/model.onnx");

  it("gives the features that onnxruntime gives, without its classifier", async () => {
    const model = readModel(path, { ...OPTIONS, mean: [127, 127, 127], deviation: [128, 128, 128], filter: "bicubic" });
    expect(new Set(model.graph.nodes.map(({ op }) => op))).toEqual(new Set(["conv", "depthwise"]));
    expect(model.feature.pooling).toBe("mean");
    if (model.input.modality !== "image") throw new Error("not a picture");
    const [picture] = pictures(model.input) as [Tensor];
    const [value] = runGraph(model.graph, { pixels: picture }, model.graph.outputs) as [Tensor];
    const session = await ort.InferenceSession.create(readFileSync(path));
    const image = new ort.Tensor("float32", picture.data as Float32Array, [...picture.shape]);
    const { features } = await session.run({ image }, ["features"]);
    expect(relativeError(pooled(value, "mean"), features?.data as Float32Array)).toBeLessThan(1e-3);
  });
});

describe.skipIf(!present(MODELS))("YAMNet", () => {
  const path = join(DATASETS, "backbones/yamnet-tflite/yamnet.tflite");
  const recorded = (sound: number, part: string): Float32Array =>
    float32(join(MODELS, `yamnet-reference/${sound}.${part}.f32`));
  const layer7 = "yamnet_frames/layer7/pointwise_conv/relu/Relu";
  let model: SourceModel;
  beforeAll(() => {
    model = readModel(path, { ...OPTIONS, samplesPerSecond: 16_000, hopSamples: 7_680, wanted: [layer7] });
  });

  it("becomes a log-mel spectrogram and convolutions, without its classifier", () => {
    const names = model.graph.nodes.map(({ op }) => op);
    expect(names[0]).toBe("log-mel");
    expect(new Set(names.slice(1))).toEqual(new Set(["conv", "depthwise"]));
    expect(model.graph.nodes[0]?.attributes).toMatchObject({ frameLength: 400, hopLength: 160, fftLength: 512 });
  });

  // TensorFlow Lite multiplies int8 weights with inputs that it rounds to int8 as well: the recorded layers have that error.
  it.each([0, 4, 9])(
    "gives the recorded layers of sound %i from its recorded spectrogram, but for their rounding",
    (sound) => {
      const spectrogram = floats([1, 1, 96, 64], recorded(sound, "logmel-96x64"));
      const [node, ...rest] = model.graph.nodes as [GraphNode, ...GraphNode[]];
      const given = node.outputs[0] as string;
      const graph = { ...model.graph, nodes: rest };
      const [middle, last] = runGraph(graph, { [given]: spectrogram }, [layer7, ...model.graph.outputs.slice(0, 1)]);
      const channelsLast = recorded(sound, "layer7-6x4x512");
      const expected = Float32Array.from(
        channelsLast,
        (_, at) => channelsLast[(at % 24) * 512 + Math.floor(at / 24)] as number,
      );
      expect(relativeError(middle?.data ?? [], expected)).toBeLessThan(0.01);
      const embedding = pooled(last as Tensor, "mean");
      expect(relativeError(embedding, recorded(sound, "embedding-1024"))).toBeLessThan(0.04);
    },
  );

  it.each([0, 4, 9])("makes the recorded spectrogram of sound %i, whose products are rounded to 8 bits", (sound) => {
    const given = { samples: floats([1, 15_600], recorded(sound, "waveform")) };
    const [spectrogram] = runGraph(model.graph, given, [model.graph.nodes[0]?.outputs[0] as string]);
    expect(largestDifference(spectrogram?.data ?? [], recorded(sound, "logmel-96x64"))).toBeLessThan(1e-3);
  });

  it("makes the recorded spectrograms with the kernels of the Worker", async () => {
    const run = await frontEnd(model.graph);
    for (let sound = 0; sound < 10; sound++)
      expect(largestDifference(run(recorded(sound, "waveform")), recorded(sound, "logmel-96x64"))).toBeLessThan(1e-3);
  });

  it("gives the recorded features with the kernels of the Worker, but for the rounding of the recorded layers", async () => {
    const taps = [
      { name: "middle", place: layer7, pooling: "mean-max" as const },
      { name: "last", place: null, pooling: null },
    ];
    const source = { name: "", url: "", revision: "", licence: "" };
    const formats = { products: "int8", tables: "int8" } as const;
    const compiled = compileModel(model, { id: "sounds", source, formats, tolerance: 0.005, taps });
    const graph = await loaded(compiled);
    for (let sound = 0; sound < 10; sound++) {
      const given = { count: 1, lengths: [], values: recorded(sound, "waveform") };
      const { middle, last } = await graph.run(given, ["middle", "last"]);
      expect(relativeError(middle ?? [], meanAndMaximum(recorded(sound, "layer7-6x4x512"), 512))).toBeLessThan(0.01);
      expect(relativeError(last ?? [], recorded(sound, "embedding-1024"))).toBeLessThan(0.04);
    }
  });
});

function largestDifference(a: ArrayLike<number>, b: Float32Array): number {
  return Math.max(...b.map((value, at) => Math.abs(value - (a[at] as number))));
}

function meanAndMaximum(rows: Float32Array, width: number): number[] {
  const columns = Array.from({ length: width }, (_, column) => rows.filter((_, at) => at % width === column));
  const means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / column.length);
  return [...means, ...columns.map((column) => Math.max(...column))];
}

async function loaded({ bundle, pieces }: CompiledBundle): Promise<Graph> {
  const now = (): number => Date.now();
  const host = { kernels: await nodeKernels(), memory: new MemoryBudget(2 ** 30, now), now };
  return loadBundle(bundle, async (piece) => new Uint8Array(pieces[piece] as Uint8Array), host);
}

/** The first operation of the graph, as the Worker runs it. */
async function frontEnd({ nodes, constants }: SourceGraph): Promise<(samples: Float32Array) => Float32Array> {
  const [node] = nodes as [GraphNode];
  const roles = ["window", "mel", "dft"].map(
    (role, at) => [role, constants.get(node.inputs[at + 1] as string)] as const,
  );
  const kernels = await nodeKernels();
  const attributes = node.attributes as unknown as OperationAttributes["log-mel"];
  return (samples) => {
    const heap = new Heap(kernels, 4 * 2 ** 20);
    let end = 64;
    const take = (bytes: number): number => {
      const at = end;
      end += Math.ceil(bytes / 64) * 64;
      return at;
    };
    const weights: Record<string, PlacedWeight> = {};
    for (const [role, tensor] of roles) {
      if (!tensor) continue;
      const format = formatOf({ op: "log-mel", name: node.name, width: 0 }, role, EXACT);
      const bytes = encodeWeight(format, tensor);
      weights[role] = { format, shape: tensor.shape, address: take(bytes.length) };
      heap.write(weights[role].address, bytes);
    }
    const bare: Node<"log-mel"> = { attributes, inputs: [["batch", samples.length]], weights };
    const [, frames, bands] = logMel.shape(bare) as [string, number, number, number];
    const [x, output] = [take(samples.byteLength), take(frames * bands * 4)];
    heap.floats(x, samples.length).set(samples);
    const frame = {
      heap,
      extent: extentOf(1, []),
      inputs: [x],
      output,
      scratch: take(logMel.scratch(bare, extentOf(1, []))),
    };
    for (const _ of logMel.forward(bare, frame));
    return heap.floats(output, frames * bands).slice();
  };
}
