// A BERT encoder as exporters wrote it for years (opset 11): layer-norms and GELU in pieces, masks by arithmetic, and the shapes of heads
// computed from the shapes of values.
import type { Graph } from "../../src/compile/graph.ts";
import type { BertSizes } from "./bert-folder.ts";
import { type OnnxFile, type OnnxNode, onnxTensor } from "./onnx-file.ts";

/** `weights`: the constants of the graph that the reader of folders makes, by their names. */
export function olderBertExport(weights: Graph["constants"], sizes: BertSizes): OnnxFile {
  return new Exporter(weights, sizes).file();
}

const NUMBERS = { one: 1, half: 0.5, two: 2, root2: Math.SQRT2, epsilon: 1e-12, lowest: -10_000 };
const INDICES = { zero: 0, first: 1 };

class Exporter {
  readonly #weights: Graph["constants"];
  readonly #sizes: BertSizes;
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: Uint8Array[] = [];

  constructor(weights: Graph["constants"], sizes: BertSizes) {
    this.#weights = weights;
    this.#sizes = sizes;
  }

  file(): OnnxFile {
    const { layers, width, heads } = this.#sizes;
    for (const [name, { shape, data }] of this.#weights) this.#constants.push(onnxTensor(name, shape, [...data]));
    for (const [name, value] of Object.entries(NUMBERS)) this.#constants.push(onnxTensor(name, [], [value]));
    for (const [name, value] of Object.entries(INDICES)) this.#whole(name, [], [value]);
    this.#whole("start", [1], [0]);
    this.#whole("heads", [1], [heads]);
    this.#whole("depth", [1], [width / heads]);
    this.#whole("width", [1], [width]);
    const mask = this.#mask();
    let x = this.#embeddings();
    for (let layer = 0; layer < layers; layer++) x = this.#layer(`encoder.layer.${layer}`, x, mask);
    return {
      nodes: this.#nodes,
      constants: this.#constants,
      inputs: { input_ids: ["b", "s"], attention_mask: ["b", "s"], token_type_ids: ["b", "s"] },
      whole: ["input_ids", "attention_mask", "token_type_ids"],
      outputs: [x],
      opset: 11,
    };
  }

  #whole = (name: string, shape: readonly number[], values: readonly number[]): void => {
    this.#constants.push(onnxTensor(name, shape, values, { type: "i64" }));
  };

  #add(op: string, inputs: readonly string[], output: string, attributes: OnnxNode["attributes"] = {}): string {
    this.#nodes.push({ op, inputs, output, attributes });
    return output;
  }

  #mask(): string {
    this.#add("Unsqueeze", ["attention_mask"], "mask/1", { axes: [1] });
    this.#add("Unsqueeze", ["mask/1"], "mask/2", { axes: [2] });
    this.#add("Cast", ["mask/2"], "mask/3", { to: 1 });
    this.#add("Sub", ["one", "mask/3"], "mask/4");
    return this.#add("Mul", ["mask/4", "lowest"], "mask");
  }

  #embeddings(): string {
    const { positions, width } = this.#sizes;
    this.#whole(
      "position_ids",
      [1, positions],
      Array.from({ length: positions }, (_, at) => at),
    );
    this.#constants.push(onnxTensor("segments", [2, width], new Array(2 * width).fill(0)));
    this.#add("Shape", ["input_ids"], "ids/shape");
    this.#add("Gather", ["ids/shape", "first"], "ids/length", { axis: 0 });
    this.#add("Unsqueeze", ["ids/length"], "ids/end", { axes: [0] });
    this.#whole("ids/axis", [1], [1]);
    this.#add("Slice", ["position_ids", "start", "ids/end", "ids/axis"], "places");
    this.#add("Gather", ["embeddings.word_embeddings.weight", "input_ids"], "words");
    this.#add("Gather", ["embeddings.position_embeddings.weight", "places"], "rows");
    this.#add("Gather", ["segments", "token_type_ids"], "types");
    this.#add("Add", ["words", "types"], "typed");
    this.#add("Add", ["typed", "rows"], "embedded");
    return this.#norm("embeddings.LayerNorm", "embedded");
  }

  #layer(name: string, x: string, mask: string): string {
    const [query, key, value] = ["query", "key", "value"].map((part) => {
      const made = this.#linear(`${name}.attention.self.${part}`, x);
      const shape = this.#sizesOf(made, ["heads", "depth"]);
      this.#add("Reshape", [made, shape], `${made}/parts`);
      return this.#add("Transpose", [`${made}/parts`], `${made}/heads`, {
        perm: part === "key" ? [0, 2, 3, 1] : [0, 2, 1, 3],
      });
    });
    const self = `${name}.attention.self`;
    this.#constants.push(onnxTensor(`${self}/root`, [], [Math.sqrt(this.#sizes.width / this.#sizes.heads)]));
    this.#add("MatMul", [query as string, key as string], `${self}/products`);
    this.#add("Div", [`${self}/products`, `${self}/root`], `${self}/scaled`);
    this.#add("Add", [`${self}/scaled`, mask], `${self}/scores`);
    this.#add("Softmax", [`${self}/scores`], `${self}/shares`, { axis: 3 });
    this.#add("MatMul", [`${self}/shares`, value as string], `${self}/context`);
    this.#add("Transpose", [`${self}/context`], `${self}/turned`, { perm: [0, 2, 1, 3] });
    this.#add("Reshape", [`${self}/turned`, this.#sizesOf(`${self}/turned`, ["width"])], self);
    this.#add("Add", [this.#linear(`${name}.attention.output.dense`, self), x], `${name}/middle`);
    const middle = this.#norm(`${name}.attention.output.LayerNorm`, `${name}/middle`);
    const inner = this.#gelu(this.#linear(`${name}.intermediate.dense`, middle));
    this.#add("Add", [this.#linear(`${name}.output.dense`, inner), middle], `${name}/outer`);
    return this.#norm(`${name}.output.LayerNorm`, `${name}/outer`);
  }

  /** [batch, sequence, …rest], from the shape of a value. */
  #sizesOf(value: string, rest: readonly string[]): string {
    this.#add("Shape", [value], `${value}/shape`);
    const parts = ["zero", "first"].map((index) => {
      const gathered = this.#add("Gather", [`${value}/shape`, index], `${value}/${index}`, { axis: 0 });
      return this.#add("Unsqueeze", [gathered], `${gathered}/list`, { axes: [0] });
    });
    return this.#add("Concat", [...parts, ...rest], `${value}/sizes`, { axis: 0 });
  }

  #linear(name: string, x: string): string {
    this.#add("MatMul", [x, `${name}.weight`], `${name}/product`);
    return this.#add("Add", [`${name}/product`, `${name}.bias`], name);
  }

  #norm(name: string, x: string): string {
    this.#add("ReduceMean", [x], `${name}/mean`, { axes: [-1] });
    this.#add("Sub", [x, `${name}/mean`], `${name}/centred`);
    this.#add("Pow", [`${name}/centred`, "two"], `${name}/squares`);
    this.#add("ReduceMean", [`${name}/squares`], `${name}/variance`, { axes: [-1] });
    this.#add("Add", [`${name}/variance`, "epsilon"], `${name}/sum`);
    this.#add("Sqrt", [`${name}/sum`], `${name}/root`);
    this.#add("Div", [`${name}/centred`, `${name}/root`], `${name}/quotient`);
    this.#add("Mul", [`${name}/quotient`, `${name}.weight`], `${name}/scaled`);
    return this.#add("Add", [`${name}/scaled`, `${name}.bias`], name);
  }

  #gelu(x: string): string {
    this.#add("Div", [x, "root2"], `${x}/divided`);
    this.#add("Erf", [`${x}/divided`], `${x}/erf`);
    this.#add("Add", [`${x}/erf`, "one"], `${x}/raised`);
    this.#add("Mul", [x, `${x}/raised`], `${x}/doubled`);
    return this.#add("Mul", [`${x}/doubled`, "half"], `${x}/gelu`);
  }
}
