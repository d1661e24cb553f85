// Makes the steps of a run: the operations that the wanted taps need, and the pooling of each tap as soon as its value is there, before
// another value takes its slot.
import type { Bundle, BundleTap, BundleValue } from "../../contract/bundle/bundle.ts";
import { BundleProblem } from "../bundle-problem.ts";
import type { Shape } from "../extent.ts";
import { normalise } from "../operations/normalise.ts";
import type { OperationSpec } from "../operations/operation.ts";
import { pool, pooledWidth } from "../operations/pool.ts";
import type { Step } from "./operations.ts";

/** As in torch's `normalize`. */
const LEAST_NORM = 1e-12;

/** A value in the plan of a run. Names of values that are not the bundle's are numbers, so that they cannot be equal. */
export interface PlannedValue {
  readonly shape: Shape;
  readonly slot: number;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly values: ReadonlyMap<string, PlannedValue>;
  /** The value of each tap, in the order in which they were asked for. */
  readonly outputs: readonly string[];
}

export function checkTaps({ taps, values, operations }: Pick<Bundle, "taps" | "values" | "operations">): void {
  const computed = new Set(operations.map(({ output }) => output));
  for (const { name, value, pooling, dimension } of taps) {
    const place = `tap "${name}"`;
    if (!computed.has(value)) throw new BundleProblem(place, `no operation computes "${value}"`);
    const width = pooledWidth(pooling, (values[value] as BundleValue).shape);
    if (width !== dimension) throw new BundleProblem(place, `it has ${width} dimensions, not ${dimension}`);
  }
}

/** The steps for `taps`, of the bundle with these values and steps. */
export function planTaps(bundleValues: Bundle["values"], all: readonly Step[], taps: readonly BundleTap[]): Plan {
  const values = new Map<string, PlannedValue>(Object.entries(bundleValues));
  const needed = stepsNeeded(all, taps);
  const ends = taps.map((tap, at) => tapSteps(tap, at, values));
  const steps = needed.flatMap((step) => [step, ...ends.filter((_, at) => taps[at]?.value === step.output).flat()]);
  return { steps, values, outputs: ends.map((own) => own.at(-1)?.output as string) };
}

function stepsNeeded(all: readonly Step[], taps: readonly BundleTap[]): Step[] {
  const wanted = new Set(taps.map(({ value }) => value));
  const needed: Step[] = [];
  for (const step of all.toReversed()) {
    if (!wanted.has(step.output)) continue;
    needed.push(step);
    for (const input of step.inputs) wanted.add(input);
  }
  return needed.reverse();
}

/** Adds the values of a tap, in slots of their own. */
function tapSteps(tap: BundleTap, at: number, values: Map<string, PlannedValue>): Step[] {
  const pooled = `${tap.value} → ${at}`;
  const { shape } = values.get(tap.value) as PlannedValue;
  const steps = [stepFrom(tap.name, pool, { kind: tap.pooling }, [tap.value, pooled], shape)];
  const dimension: Shape = ["batch", tap.dimension];
  values.set(pooled, { shape: dimension, slot: -1 - 2 * at });
  if (!tap.normalise) return steps;
  const normalised = `${pooled} → normalised`;
  values.set(normalised, { shape: dimension, slot: -2 - 2 * at });
  return [...steps, stepFrom(tap.name, normalise, { epsilon: LEAST_NORM }, [pooled, normalised], dimension)];
}

function stepFrom<Name extends "pool" | "normalise">(
  name: string,
  spec: OperationSpec<Name>,
  attributes: Parameters<OperationSpec<Name>["shape"]>[0]["attributes"],
  [input, output]: readonly [string, string],
  shape: Shape,
): Step {
  const node = { attributes, inputs: [shape], weights: {} };
  return { name, spec: spec as unknown as OperationSpec, node, inputs: [input], output };
}
