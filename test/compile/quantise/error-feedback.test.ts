// Rounding with error feedback: whole multiples of a scale, and products that differ less than with plain rounding.
import { expect, it } from "vitest";
import { decodeWeight, encodeWeight } from "../../../src/compile/bundle/weight-formats.ts";
import { roundWithFeedback } from "../../../src/compile/quantise/error-feedback.ts";
import { floats, type Tensor } from "../../../src/compile/tensor.ts";
import { seededRandom } from "../../support/random.ts";
import { noise } from "../graphs.ts";

const [INPUTS, OUTPUTS] = [40, 6];
const random = seededRandom(5);

/** Rows of few causes: inputs that go together, as activations do. */
const causes = Array.from({ length: 5 }, () => Float64Array.from({ length: INPUTS }, () => random.normal()));
const rows = Array.from({ length: 300 }, () => {
  const shares = causes.map(() => random.normal());
  return Float64Array.from({ length: INPUTS }, (_, at) =>
    causes.reduce((sum, cause, i) => sum + (cause[at] as number) * (shares[i] as number), 0.05 * random.normal()),
  );
});

const asStored = (weight: Tensor): Tensor =>
  decodeWeight("int8-panels", encodeWeight("int8-panels", weight), weight.shape);

function errorOfProducts(a: Tensor, b: Tensor): number {
  let error = 0;
  for (const row of rows)
    for (let output = 0; output < OUTPUTS; output++) {
      let sum = 0;
      row.forEach((value, at) => {
        sum += value * ((a.data[at * OUTPUTS + output] as number) - (b.data[at * OUTPUTS + output] as number));
      });
      error += sum ** 2;
    }
  return Math.sqrt(error);
}

it("makes products differ less than rounding each weight on its own", () => {
  const weight = noise(INPUTS, OUTPUTS);
  const rounded = roundWithFeedback(weight, rows);
  expect(errorOfProducts(rounded, weight)).toBeLessThan(errorOfProducts(asStored(weight), weight) / 2);
});

it("gives weights that int8 keeps as they are, also of an output and an input that are zero", () => {
  const weight = noise(INPUTS, OUTPUTS);
  for (let at = 0; at < INPUTS; at++) weight.data[at * OUTPUTS + 2] = 0;
  const silent = rows.map((row) => row.map((value, at) => (at === 7 ? 0 : value)));
  const rounded = roundWithFeedback(weight, silent);
  expect(rounded.data.every(Number.isFinite)).toBe(true);
  const stored = asStored(rounded);
  const differences = Array.from(rounded.data, (value, at) => Math.abs(value - (stored.data[at] as number)));
  expect(Math.max(...differences)).toBeLessThan(1e-6);
});

it("leaves weights alone without samples", () => {
  const weight = floats([2, 1], Float32Array.of(0.3, 0.7));
  expect(roundWithFeedback(weight, [])).toBe(weight);
});
