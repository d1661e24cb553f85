// The format `tfjs`: a TensorFlow.js layers model in one model.json, with its weights as a data URL instead of a file:
// `tf.loadLayersModel(url, { weightUrlConverter: async (path) => path })`. The card is its user-defined metadata.
import { bytesOf, concatBytes, toBase64 } from "../../core/bytes.ts";
import { jsonOf } from "../../core/json-text.ts";
import { VERSION } from "../../core/version.ts";
import { MOST_DEVIATIONS } from "../../engine/heads/scaler.ts";
import type { TrainedHead } from "../../engine/heads/trained-head.ts";
import { SERVED_TASKS } from "../tasks/registry.ts";
import type { HeadFile, NamedTensor } from "./head-file.ts";

const DATA_URL = "data:application/octet-stream;base64,";
/** Bytes of weights per piece: base64 turns three bytes into four characters. */
const PIECE_BYTES = 3 * 16_384;

export function* encodeTfjs({ card, head }: HeadFile): Generator<string> {
  const layers = [...scalingLayers(head), ...cuttingLayers(head), ...denseLayers(head), ...answerLayers(head)];
  const weights = layers.flatMap((layer) => layer.weights ?? []);
  const data = concatBytes(weights.map(({ values }) => bytesOf(values)));
  const manifest = {
    paths: [DATA_URL],
    weights: weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" })),
  };
  const conformal = head.conformal ? { conformal: Array.from(head.conformal) } : {};
  const model = jsonOf({
    format: "layers-model",
    generatedBy: `lastlayer ${VERSION}`,
    convertedBy: null,
    modelTopology: topologyOf(card.backbone.dimension, layers),
    userDefinedMetadata: { ...card, ...conformal },
    weightsManifest: [manifest],
  });
  // The manifest comes last, so the last occurrence is its URL, whatever the labels contain.
  const dataAt = model.lastIndexOf(DATA_URL) + DATA_URL.length;
  yield model.slice(0, dataAt);
  for (let at = 0; at < data.length; at += PIECE_BYTES) yield toBase64(data.subarray(at, at + PIECE_BYTES));
  yield model.slice(dataAt);
}

/** A layer of the model, and the names of its input layers. */
interface Layer {
  readonly name: string;
  readonly type: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly after: readonly string[];
  readonly weights?: readonly NamedTensor[];
}

/** Keras's description of a model: layers with their configurations and input layers. */
function topologyOf(dims: number, layers: readonly Layer[]): object {
  const input = { batch_input_shape: [null, dims], dtype: "float32", sparse: false, name: "features" };
  const config = {
    name: "head",
    layers: [
      { class_name: "InputLayer", config: input, name: "features", inbound_nodes: [] },
      ...layers.map(({ name, type, config: own = {}, after }) => ({
        class_name: type,
        config: { ...own, name, trainable: false, dtype: "float32" },
        name,
        inbound_nodes: [after.map((from) => [from, 0, 0, {}])],
      })),
    ],
    input_layers: [["features", 0, 0]],
    output_layers: [[layers.at(-1)?.name, 0, 0]],
  };
  return { class_name: "Model", config, keras_version: "2.0", backend: "tensor_flow.js" };
}

/**
 * Centring and scaling as two normalisation layers without variance, because the library has no layer that adds or multiplies
 * by a vector. A single layer would compute x · i − m · i on WebGL, and lose precision for a mean far from zero.
 */
function scalingLayers({ scaler: { mean, inverse } }: TrainedHead): Layer[] {
  const ones = new Float32Array(mean.length).fill(1);
  const zeros = new Float32Array(mean.length);
  const vector = (name: string, values: Float32Array): NamedTensor => ({ name, shape: [values.length], values });
  const normalisation = { type: "BatchNormalization", config: { axis: -1, epsilon: 0, center: false, scale: false } };
  return [
    {
      ...normalisation,
      name: "centre",
      after: ["features"],
      weights: [vector("centre/moving_mean", mean), vector("centre/moving_variance", ones)],
    },
    {
      ...normalisation,
      name: "scale",
      after: ["centre"],
      config: { ...normalisation.config, scale: true },
      weights: [
        vector("scale/gamma", inverse),
        vector("scale/moving_mean", zeros),
        vector("scale/moving_variance", ones),
      ],
    },
  ];
}

/** Clips deviations as the service does, between two constants, which are biases of layers without weights. */
function cuttingLayers({ scaler: { mean } }: TrainedHead): Layer[] {
  const zeros = { weights: new Float32Array(mean.length), inputs: mean.length };
  const constant = (name: string, value: number): Layer =>
    denseLayer(name, "features", { ...zeros, bias: Float32Array.of(value) });
  return [
    constant("ceiling", MOST_DEVIATIONS),
    constant("floor", -MOST_DEVIATIONS),
    { name: "below", type: "Minimum", after: ["scale", "ceiling"] },
    { name: "above", type: "Maximum", after: ["below", "floor"] },
  ];
}

interface Product {
  readonly weights: Float32Array;
  readonly inputs: number;
  readonly bias: Float32Array;
}

function denseLayer(name: string, after: string, { weights, inputs, bias }: Product, activation = "linear"): Layer {
  return {
    name,
    type: "Dense",
    after: [after],
    config: { units: bias.length, activation, use_bias: true },
    weights: [
      { name: `${name}/kernel`, shape: [inputs, bias.length], values: weights },
      { name: `${name}/bias`, shape: [bias.length], values: bias },
    ],
  };
}

/** There is a ReLU between two layers. */
const denseLayers = ({ layers }: TrainedHead): Layer[] =>
  layers.map(({ weights, bias }, i) => {
    const product = { weights, bias, inputs: weights.length / bias.length };
    return denseLayer(
      `layer_${i}`,
      i === 0 ? "above" : `layer_${i - 1}`,
      product,
      i < layers.length - 1 ? "relu" : "linear",
    );
  });

function answerLayers({ task, layers, temperature, scaler: { target } }: TrainedHead): Layer[] {
  const after = [`layer_${layers.length - 1}`];
  const rescaling = (name: string, scale: number, offset: number): Layer => ({
    name,
    type: "Rescaling",
    config: { scale, offset },
    after,
  });
  const { activation } = SERVED_TASKS[task];
  if (!activation) return [rescaling("value", target.deviation, target.mean)];
  return [
    rescaling("logits", 1 / temperature, 0),
    { name: "scores", type: "Activation", config: { activation }, after: ["logits"] },
  ];
}
