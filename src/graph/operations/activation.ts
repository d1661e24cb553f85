// Activations: bounds that a product applies to its sums, or curves that are applied afterwards.
import { ACTIVATIONS, type Activation } from "../../contract/bundle/operations.ts";
import type { KernelFunctions } from "../kernels/functions.ts";
import { CURVE, NUMBER } from "./costs.ts";

/** The least and the greatest result, for activations that do nothing else. */
const BOUNDS: Readonly<Partial<Record<Activation, readonly [number, number]>>> = {
  none: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  relu: [0, Number.POSITIVE_INFINITY],
  relu6: [0, 6],
};

export const isBound = (activation: Activation): boolean => activation in BOUNDS;

export const boundsOf = (activation: Activation): readonly [number, number] =>
  BOUNDS[activation] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** The work of one number. */
export const activationCost = (activation: Activation): number => {
  if (isBound(activation)) return 0;
  return activation.startsWith("hard") ? NUMBER : CURVE;
};

/** Applies an activation of any kind, in place, to numbers that no product has bounded. */
export function activate(kernels: KernelFunctions, activation: Activation, x: number, count: number): void {
  if (activation !== "none") kernels.activate(ACTIVATIONS.indexOf(activation), x, count);
}
