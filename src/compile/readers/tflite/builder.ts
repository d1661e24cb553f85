// Builds the graph of a TFLite file. Its images are [batch, height, width, channels], those of the graph [batch, channels, height,
// width]: an operator that looks at the order of axes gets the file's order, and gives it back.
import type { Attributes, GraphNode } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { TfliteModel, TfliteOperator, TfliteTensor } from "./model.ts";

const TO_FILE = [0, 2, 3, 1];
const TO_GRAPH = [0, 3, 1, 2];

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly constants = new Map<string, Tensor>();
  readonly #tensors: TfliteTensor[];
  readonly #given: ReadonlyMap<number, string>;

  /** `given`: what the inputs of the file are called in the graph. */
  constructor({ tensors }: TfliteModel, given: ReadonlyMap<number, string>) {
    this.#tensors = [...tensors];
    this.#given = given;
  }

  tensor = (at: number): TfliteTensor => this.#tensors[at] as TfliteTensor;
  nameOf = (at: number): string => this.#given.get(at) ?? this.tensor(at).name;
  isImage = (at: number): boolean => this.tensor(at).shape.length === 4 && this.tensor(at).constant === null;

  /** The output of an operator that changes nothing of a constant. */
  setConstant(at: number, constant: Tensor): void {
    this.#tensors[at] = { ...this.tensor(at), constant };
  }

  /** A value in the graph's order, or a constant as it is in the file. An absent input has no name. */
  value(at: number | undefined): string {
    if (at === undefined || at < 0) return "";
    const { constant } = this.tensor(at);
    return constant ? this.constant(this.nameOf(at), constant) : this.nameOf(at);
  }

  /** A value in the order of the file. */
  fileValue(at: number): string {
    if (!this.isImage(at)) return this.value(at);
    const name = `${this.nameOf(at)}/in the order of the file`;
    if (!this.nodes.some(({ outputs }) => outputs.includes(name)))
      this.#add("Transpose", name, [this.nameOf(at)], name, { perm: TO_FILE });
    return name;
  }

  constant(name: string, tensor: Tensor): string {
    this.constants.set(name, tensor);
    return name;
  }

  /** Adds an operation whose result has the graph's order. `activation`: an operation on its result. */
  add(
    op: string,
    { outputs }: TfliteOperator,
    inputs: readonly string[],
    attributes: Attributes = {},
    activation = "",
  ): void {
    const output = this.nameOf(outputs[0] as number);
    if (activation === "") this.#add(op, output, inputs, output, attributes);
    else {
      this.#add(op, output, inputs, `${output}/before its activation`, attributes);
      this.#activate(activation, output);
    }
  }

  /** Adds an operation whose result has the file's order. */
  addInFileOrder(
    op: string,
    { outputs }: TfliteOperator,
    inputs: readonly string[],
    attributes: Attributes = {},
  ): void {
    const [at = 0] = outputs;
    const output = this.nameOf(at);
    const made = this.isImage(at) ? `${output}/made in the order of the file` : output;
    this.#add(op, output, inputs, made, attributes);
    if (made !== output) this.#add("Transpose", `${output}/transposed`, [made], output, { perm: TO_GRAPH });
  }

  #activate(activation: string, output: string): void {
    const before = `${output}/before its activation`;
    const attributes: Attributes = activation === "Clip" ? { min: 0, max: 6 } : {};
    this.#add(activation, `${output}/activation`, [before], output, attributes);
  }

  #add(op: string, name: string, inputs: readonly string[], output: string, attributes: Attributes): void {
    this.nodes.push({ op, name, inputs, outputs: [output], attributes });
  }
}
