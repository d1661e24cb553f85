// Rounds weights to int8 so that the errors of a product cancel (GPTQ, Frantar et al. 2022): after one input's weights are rounded, the
// weights of the inputs that come later take over what was lost, as far as samples show that these inputs go together.
import { floats, type Tensor } from "../tensor.ts";

const MOST_INT8 = 127;
/** Added to the diagonal, as a share of its mean. Less would trust the samples too much: .1 is best for pictures of another kind. */
const DAMPING = 0.1;
/** The work grows with the third power of the inputs. */
const MOST_INPUTS = 2_048;

/** [inputs, outputs] → the same with whole multiples of a scale of each output. Unchanged if there are too many inputs. */
export function roundWithFeedback(weight: Tensor, rows: readonly Float64Array[]): Tensor {
  const [inputs = 0, outputs = 0] = weight.shape;
  if (inputs > MOST_INPUTS || rows.length === 0) return weight;
  const factors = inverseFactor(gram(rows, inputs), inputs);
  const scales = new Float64Array(outputs);
  for (let at = 0; at < weight.data.length; at++)
    scales[at % outputs] = Math.max(scales[at % outputs] as number, Math.abs(weight.data[at] as number) / MOST_INT8);
  const rest = Float64Array.from(weight.data);
  const result = new Float32Array(weight.data.length);
  for (let input = 0; input < inputs; input++) {
    const own = rest.subarray(input * outputs, (input + 1) * outputs);
    const lost = own.map((value, output) => {
      const rounded = nearest(value, scales[output] as number);
      result[input * outputs + output] = rounded;
      return (value - rounded) / (factors[input * inputs + input] as number);
    });
    for (let later = input + 1; later < inputs; later++)
      takeOver(rest, later * outputs, lost, factors[input * inputs + later] as number);
  }
  return floats(weight.shape, result);
}

const nearest = (value: number, scale: number): number =>
  scale === 0 ? 0 : Math.max(-MOST_INT8, Math.min(MOST_INT8, Math.round(value / scale))) * scale;

function takeOver(rest: Float64Array, from: number, lost: Float64Array, share: number): void {
  if (share === 0) return;
  for (let output = 0; output < lost.length; output++)
    rest[from + output] = (rest[from + output] as number) - share * (lost[output] as number);
}

/** The sum of row · rowᵀ, damped. [inputs, inputs] */
function gram(rows: readonly Float64Array[], inputs: number): Float64Array {
  const sums = new Float64Array(inputs * inputs);
  for (const row of rows)
    for (let i = 0; i < inputs; i++) {
      const value = row[i] as number;
      if (value !== 0)
        for (let j = 0; j <= i; j++)
          sums[i * inputs + j] = (sums[i * inputs + j] as number) + value * (row[j] as number);
    }
  let diagonal = 0;
  for (let i = 0; i < inputs; i++) diagonal += sums[i * inputs + i] as number;
  const damping = (DAMPING * diagonal) / inputs + 1e-12;
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < i; j++) sums[j * inputs + i] = sums[i * inputs + j] as number;
    sums[i * inputs + i] = (sums[i * inputs + i] as number) + damping;
  }
  return sums;
}

/** U, upper triangular, with Uᵀ · U the inverse of the matrix: from the Cholesky factor of the matrix in reverse order. */
function inverseFactor(matrix: Float64Array, size: number): Float64Array {
  const inverse = inverseOfLower(choleskyOfReversed(matrix, size), size);
  const upper = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) upper[(size - 1 - i) * size + (size - 1 - j)] = inverse[i * size + j] as number;
  return upper;
}

function choleskyOfReversed(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[(size - 1 - i) * size + (size - 1 - j)] as number;
      for (let k = 0; k < j; k++) sum -= (lower[i * size + k] as number) * (lower[j * size + k] as number);
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * size + j] as number);
    }
  return lower;
}

function inverseOfLower(lower: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    inverse[i * size + i] = 1;
    for (let k = 0; k < i; k++) {
      const factor = lower[i * size + k] as number;
      for (let at = 0; at <= k; at++)
        inverse[i * size + at] = (inverse[i * size + at] as number) - factor * (inverse[k * size + at] as number);
    }
    for (let at = 0; at <= i; at++)
      inverse[i * size + at] = (inverse[i * size + at] as number) / (lower[i * size + i] as number);
  }
  return inverse;
}
