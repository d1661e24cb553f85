// AdamW and a hidden layer in textbook form, in float64 loops: the reference for the kernel's steps.
import type { HeadWeights } from "../../src/engine/heads/kind.ts";

export interface StepRules {
  readonly rate: number;
  readonly decay: number;
}

/** A vector in training, with its moments. */
export class AdamwReference {
  readonly values: Float64Array;
  readonly #m: Float64Array;
  readonly #v: Float64Array;
  #steps = 0;

  constructor(start: ArrayLike<number>) {
    this.values = Float64Array.from(start);
    this.#m = new Float64Array(start.length);
    this.#v = new Float64Array(start.length);
  }

  step(gradient: ArrayLike<number>, { rate, decay }: StepRules): void {
    this.#steps++;
    for (let i = 0; i < this.values.length; i++) {
      const g = gradient[i] as number;
      this.#m[i] = 0.9 * (this.#m[i] as number) + 0.1 * g;
      this.#v[i] = 0.999 * (this.#v[i] as number) + 0.001 * g * g;
      const mean = (this.#m[i] as number) / (1 - 0.9 ** this.#steps);
      const square = (this.#v[i] as number) / (1 - 0.999 ** this.#steps);
      const value = this.values[i] as number;
      this.values[i] = value - rate * (mean / (Math.sqrt(square) + 1e-8) + decay * value);
    }
  }
}

/** Rows of a classification, [rows][dims]. */
export interface ReferenceRows {
  readonly dims: number;
  readonly x: Float32Array;
  readonly labels: Int32Array;
}

/** A head with a hidden layer in training: each layer's weights and biases as separate vectors. */
export class MlpReference {
  readonly #vectors: readonly AdamwReference[];
  readonly #outputs: number;

  constructor([first, second]: HeadWeights) {
    if (!first || !second) throw new Error("A head with a hidden layer has two layers");
    this.#vectors = [first.weights, first.bias, second.weights, second.bias].map(
      (values) => new AdamwReference(values),
    );
    this.#outputs = second.bias.length;
  }

  get layers(): HeadWeights {
    const [w1, b1, w2, b2] = this.#vectors.map(({ values }) => Float32Array.from(values)) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    return [
      { weights: w1, bias: b1 },
      { weights: w2, bias: b2 },
    ];
  }

  /** One step on the mean cross-entropy of rows `from` to `to`. Returns its sum before the step. */
  step({ dims, x, labels }: ReferenceRows, from: number, to: number, { rate, decay }: StepRules): number {
    const gradients = this.#vectors.map(({ values }) => new Float64Array(values.length));
    let loss = 0;
    for (let r = from; r < to; r++) {
      loss += this.#addRow(gradients, x.subarray(r * dims, (r + 1) * dims), labels[r] as number, 1 / (to - from));
    }
    this.#vectors.forEach((vector, i) => {
      vector.step(gradients[i] as Float64Array, { rate, decay: i % 2 === 0 ? decay : 0 });
    });
    return loss;
  }

  #addRow(gradients: readonly Float64Array[], x: Float32Array, label: number, share: number): number {
    const [w1, b1, w2, b2] = this.#vectors.map(({ values }) => values) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const units = affine(x, w1, b1).map((z) => Math.max(0, z));
    const logits = affine(units, w2, b2);
    const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
    const errors = logits.map((z, k) => share * (Math.exp(z) / total - (k === label ? 1 : 0)));
    const unitErrors = units.map((unit, j) =>
      unit > 0 ? errors.reduce((sum, error, k) => sum + error * (w2[j * this.#outputs + k] as number), 0) : 0,
    );
    addOuter(gradients[0] as Float64Array, x, unitErrors);
    addOuter(gradients[1] as Float64Array, [1], unitErrors);
    addOuter(gradients[2] as Float64Array, units, errors);
    addOuter(gradients[3] as Float64Array, [1], errors);
    return Math.log(total) - (logits[label] as number);
  }
}

function affine(x: ArrayLike<number>, weights: Float64Array, bias: Float64Array): Float64Array {
  return bias.map((start, k) => {
    let sum = start;
    for (let d = 0; d < x.length; d++) sum += (x[d] as number) * (weights[d * bias.length + k] as number);
    return sum;
  });
}

function addOuter(to: Float64Array, a: ArrayLike<number>, b: ArrayLike<number>): void {
  for (let i = 0; i < a.length; i++) {
    for (let k = 0; k < b.length; k++) {
      to[i * b.length + k] = (to[i * b.length + k] as number) + (a[i] as number) * (b[k] as number);
    }
  }
}
