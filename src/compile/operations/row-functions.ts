// Functions of one row of numbers, in place.
import { largest, type Tensor } from "../tensor.ts";

export function normaliseRow(row: Float32Array, gamma: Tensor, beta: Tensor, epsilon: number): void {
  let [sum, squares] = [0, 0];
  for (const value of row) sum += value;
  const mean = sum / row.length;
  for (const value of row) squares += (value - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / row.length + epsilon);
  for (let at = 0; at < row.length; at++)
    row[at] = ((row[at] as number) - mean) * scale * (gamma.data[at] as number) + (beta.data[at] as number);
}

export function softmaxRow(row: Float64Array | Float32Array): void {
  const most = largest(row);
  let sum = 0;
  for (let at = 0; at < row.length; at++) {
    const share = Math.exp((row[at] as number) - most);
    row[at] = share;
    sum += share;
  }
  for (let at = 0; at < row.length; at++) row[at] = (row[at] as number) / sum;
}
