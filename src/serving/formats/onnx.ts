// The format `onnx`: a graph from raw features to the service's answers, with the card in its metadata.
import { VERSION } from "../../core/version.ts";
import { MOST_DEVIATIONS } from "../../engine/heads/scaler.ts";
import type { TrainedHead } from "../../engine/heads/trained-head.ts";
import { SERVED_TASKS } from "../tasks/registry.ts";
import { textOfCard } from "./card-text.ts";
import { type HeadFile, tensorsOf } from "./head-file.ts";
import { DATA_TYPES, encodeModel, type OnnxNode, type OnnxRows, type OnnxTensor } from "./onnx-model.ts";

/**
 * `features` float32 [rows][dimensions] → `scores` float32 [rows][labels], or for a regression `value` float64 [rows][1],
 * because float32 is too coarse for values far from zero.
 */
export function encodeOnnx({ card, head }: HeadFile): Uint8Array<ArrayBuffer> {
  const conformal = head.conformal ? { conformal: JSON.stringify(Array.from(head.conformal)) } : {};
  const { activation } = SERVED_TASKS[head.task];
  const answer = activation ? scoreAnswer(head, SCORING[activation]) : valueAnswer(head);
  return encodeModel({
    producer: { name: "lastlayer", version: VERSION },
    graphName: "head",
    nodes: [...scalingNodes(), ...layerNodes(head), ...answer.nodes],
    constants: [...tensorsOf(head).filter(({ name }) => name !== "conformal"), ...CUT, ...answer.constants],
    input: { name: "features", type: "float", columns: card.backbone.dimension },
    output: answer.output,
    metadata: { ...textOfCard(card), ...conformal },
  });
}

const single = (name: string, value: number): OnnxTensor => ({ name, shape: [], values: Float32Array.of(value) });
const double = (name: string, value: number): OnnxTensor => ({ name, shape: [], values: Float64Array.of(value) });
const CUT = [single("floor", -MOST_DEVIATIONS), single("ceiling", MOST_DEVIATIONS)];

const scalingNodes = (): OnnxNode[] => [
  { operator: "Sub", inputs: ["features", "scaler.mean"], output: "centred" },
  { operator: "Mul", inputs: ["centred", "scaler.inverse"], output: "scaled" },
  { operator: "Clip", inputs: ["scaled", "floor", "ceiling"], output: "layers.0.input" },
];

/** There is a ReLU between two layers. */
const layerNodes = ({ layers }: TrainedHead): OnnxNode[] =>
  layers.flatMap((_, i): OnnxNode[] => {
    const inputs = [`layers.${i}.input`, `layers.${i}.weight`, `layers.${i}.bias`];
    if (i === layers.length - 1) return [{ operator: "Gemm", inputs, output: "outputs" }];
    const output = `layers.${i}.output`;
    return [
      { operator: "Gemm", inputs, output },
      { operator: "Relu", inputs: [output], output: `layers.${i + 1}.input` },
    ];
  });

interface OnnxAnswer {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly output: OnnxRows;
}

const SCORING = {
  softmax: { operator: "Softmax", inputs: ["logits"], output: "scores", attributes: { axis: 1 } },
  sigmoid: { operator: "Sigmoid", inputs: ["logits"], output: "scores" },
} as const;

const scoreAnswer = ({ labels, temperature }: TrainedHead, scoring: OnnxNode): OnnxAnswer => ({
  nodes: [{ operator: "Div", inputs: ["outputs", "temperature"], output: "logits" }, scoring],
  constants: [single("temperature", temperature)],
  output: { name: "scores", type: "float", columns: labels.length },
});

const valueAnswer = ({ scaler: { target } }: TrainedHead): OnnxAnswer => ({
  nodes: [
    { operator: "Cast", inputs: ["outputs"], output: "deviations", attributes: { to: DATA_TYPES.double } },
    { operator: "Mul", inputs: ["deviations", "target.deviation"], output: "offset" },
    { operator: "Add", inputs: ["offset", "target.mean"], output: "value" },
  ],
  constants: [double("target.mean", target.mean), double("target.deviation", target.deviation)],
  output: { name: "value", type: "double", columns: 1 },
});
