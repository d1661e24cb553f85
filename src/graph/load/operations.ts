// Checks the operations of a bundle against what each one accepts: shapes, weights, and the order in which values share memory.
import type { Bundle, BundleValue } from "../../contract/bundle/bundle.ts";
import type { BundleOperation } from "../../contract/bundle/operations.ts";
import { BundleProblem, Mismatch, must } from "../bundle-problem.ts";
import { type Shape, sameShape, shown } from "../extent.ts";
import type { Node, OperationSpec, PlacedWeight } from "../operations/operation.ts";
import { operationNamed } from "../operations/registry.ts";

/** An operation that can run, and the names of its values. */
export interface Step {
  readonly name: string;
  readonly spec: OperationSpec;
  readonly node: Node;
  readonly inputs: readonly string[];
  readonly output: string;
}

type Parts = Pick<Bundle, "values" | "operations" | "inputs">;

export function checkOperations(bundle: Parts, weights: ReadonlyMap<string, PlacedWeight>): Step[] {
  const memory = new SharedMemory(bundle.values);
  for (const name of bundle.inputs) memory.write(name);
  return bundle.operations.map((operation) => {
    const { op, name, inputs, output } = operation;
    try {
      for (const input of inputs) memory.read(input);
      const spec = specOf(operation);
      const node = nodeOf(operation, spec, bundle.values, weights);
      memory.write(output, inputs);
      const stated = (bundle.values[output] as BundleValue).shape;
      const shape = spec.shape(node);
      must(sameShape(shape, stated), `its output is ${shown(shape)}; the bundle says ${shown(stated)}`);
      return { name, spec, node, inputs, output };
    } catch (error) {
      throw error instanceof Mismatch ? new BundleProblem(`operation "${name}" (${op})`, error.message) : error;
    }
  });
}

function specOf({ op, inputs }: BundleOperation): OperationSpec {
  const spec = operationNamed(op);
  const [least, most] = spec.inputs;
  must(inputs.length >= least && inputs.length <= most, `it has ${inputs.length} inputs; ${least} to ${most} may be`);
  return spec;
}

function nodeOf(
  { inputs, weights: named, attributes }: BundleOperation,
  spec: OperationSpec,
  values: Bundle["values"],
  placed: ReadonlyMap<string, PlacedWeight>,
): Node {
  for (const role of Object.keys(named)) must(Object.hasOwn(spec.weights, role), `it takes no weight "${role}"`);
  const weights: Record<string, PlacedWeight> = {};
  for (const [role, { formats, isOptional }] of Object.entries(spec.weights)) {
    const name = Object.hasOwn(named, role) ? named[role] : undefined;
    must(name !== undefined || isOptional === true, `its weight "${role}" is missing`);
    if (name === undefined) continue;
    const weight = placed.get(name);
    must(weight !== undefined, `the bundle has no weight "${name}"`);
    must(formats.includes(weight.format), `"${role}" is ${weight.format}; it may be ${formats.join(", ")}`);
    weights[role] = weight;
  }
  return { attributes, weights, inputs: inputs.map((input) => (values[input] as BundleValue).shape as Shape) };
}

/** Follows which value each slot holds. */
class SharedMemory {
  readonly #values: Bundle["values"];
  readonly #holders = new Map<number, string>();
  readonly #written = new Set<string>();

  constructor(values: Bundle["values"]) {
    this.#values = values;
  }

  read(name: string): void {
    const { slot } = this.#valueOf(name);
    must(this.#written.has(name), `its input "${name}" is not computed before it`);
    const holder = this.#holders.get(slot);
    must(holder === name, `its input "${name}" was overwritten by "${holder}", which shares its slot`);
  }

  write(name: string, read: readonly string[] = []): void {
    const { slot } = this.#valueOf(name);
    must(!this.#written.has(name), `"${name}" is computed twice`);
    for (const input of read)
      must(this.#valueOf(input).slot !== slot, `its output "${name}" shares a slot with its input "${input}"`);
    this.#holders.set(slot, name);
    this.#written.add(name);
  }

  #valueOf(name: string): BundleValue {
    must(Object.hasOwn(this.#values, name), `the bundle has no value "${name}"`);
    return this.#values[name] as BundleValue;
  }
}
