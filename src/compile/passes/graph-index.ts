// Looks things up in a graph: who makes a value, who reads it, and what is known of it.
import type { Graph, GraphNode, Shape } from "../graph.ts";
import { inferFacts, type KnownFacts } from "../infer.ts";
import { type Facts, uniformOf } from "../operations/operation.ts";
import type { Tensor } from "../tensor.ts";

export class GraphIndex {
  readonly graph: Graph;
  readonly #facts: KnownFacts;
  readonly #makers = new Map<string, GraphNode>();
  readonly #readers = new Map<string, GraphNode[]>();

  constructor(graph: Graph) {
    this.graph = graph;
    this.#facts = inferFacts(graph);
    for (const node of graph.nodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of new Set(node.inputs)) this.#readers.set(name, [...this.readersOf(name), node]);
    }
  }

  /** Also of a constant and of an input of the graph. */
  factsOf(name: string): Facts | undefined {
    return this.#facts.get(name);
  }

  shapeOf = (name: string): Shape => this.#facts.get(name)?.shape ?? [];
  constantOf = (name: string): Tensor | undefined => this.#facts.get(name)?.constant;

  /** The number that all elements of a value are; null if there is none. */
  uniformOf(name: string): number | null {
    const facts = this.factsOf(name);
    return facts ? uniformOf(facts) : null;
  }

  makerOf(name: string, ...ops: readonly string[]): GraphNode | undefined {
    const node = this.#makers.get(name);
    return node && (ops.length === 0 || ops.includes(node.op)) ? node : undefined;
  }

  readersOf = (name: string): readonly GraphNode[] => this.#readers.get(name) ?? [];

  /** Whether this value serves one node alone, so that a fusion may take it away. */
  hasOneReader = (name: string): boolean => this.readersOf(name).length === 1 && !this.graph.outputs.includes(name);

  /** The only node that reads the value, if it is one of these operations. */
  readerOf(name: string, ...ops: readonly string[]): GraphNode | undefined {
    const [node] = this.readersOf(name);
    return node && this.hasOneReader(name) && ops.includes(node.op) ? node : undefined;
  }
}
