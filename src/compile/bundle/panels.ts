// Matrices [inputs, outputs] in panels of eight outputs: what the product kernels read.
import { floats, type Tensor } from "../tensor.ts";

const LANES = 8;
const INT8_STEP = 2;
const ALIGNMENT = 16;
const MOST_INT8 = 127;

export const roundUp = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;

interface Sizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly panels: number;
}

const sizesOf = ([inputs = 0, outputs = 0]: readonly number[]): Sizes => ({
  inputs,
  outputs,
  panels: Math.ceil(outputs / LANES),
});

/** [panels][inputs][8]. Missing outputs are zeros. */
export function encodePanels({ shape, data }: Tensor): Tensor {
  const { inputs, outputs, panels } = sizesOf(shape);
  const result = new Float32Array(panels * inputs * LANES);
  for (let input = 0; input < inputs; input++)
    for (let output = 0; output < outputs; output++)
      result[panelPlace(inputs, input, output)] = data[input * outputs + output] as number;
  return floats([panels, inputs, LANES], result);
}

export function decodePanels(panels: Float32Array, shape: readonly number[]): Float32Array {
  const { inputs, outputs } = sizesOf(shape);
  const result = new Float32Array(inputs * outputs);
  for (let input = 0; input < inputs; input++)
    for (let output = 0; output < outputs; output++)
      result[input * outputs + output] = panels[panelPlace(inputs, input, output)] as number;
  return result;
}

const panelPlace = (inputs: number, input: number, output: number): number =>
  ((output - (output % LANES)) / LANES) * inputs * LANES + input * LANES + (output % LANES);

/** [panels][inputs / 2][8][2] int8, then a float32 scale of each output. */
export const int8Panels = {
  encode({ shape, data }: Tensor): Uint8Array {
    const { inputs, outputs, panels } = sizesOf(shape);
    const scalesAt = scalesOffset(inputs, panels);
    const result = new Uint8Array(scalesAt + panels * LANES * Float32Array.BYTES_PER_ELEMENT);
    const numbers = new Int8Array(result.buffer, 0, scalesAt);
    const scales = new Float32Array(result.buffer, scalesAt);
    scales.set(outputScales(data, inputs, outputs));
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++) {
        const scale = scales[output] as number;
        const number = scale === 0 ? 0 : Math.round((data[input * outputs + output] as number) / scale);
        numbers[int8Place(inputs, input, output)] = Math.max(-MOST_INT8, Math.min(MOST_INT8, number));
      }
    return result;
  },

  decode(bytes: Uint8Array, shape: readonly number[]): Float32Array {
    const { inputs, outputs, panels } = sizesOf(shape);
    const own = Uint8Array.from(bytes);
    const numbers = new Int8Array(own.buffer);
    const scales = new Float32Array(own.buffer, scalesOffset(inputs, panels));
    const result = new Float32Array(inputs * outputs);
    for (let input = 0; input < inputs; input++)
      for (let output = 0; output < outputs; output++)
        result[input * outputs + output] =
          (numbers[int8Place(inputs, input, output)] as number) * (scales[output] as number);
    return result;
  },
};

const scalesOffset = (inputs: number, panels: number): number =>
  roundUp(panels * roundUp(inputs, INT8_STEP) * LANES, ALIGNMENT);

function int8Place(inputs: number, input: number, output: number): number {
  const panel = (output - (output % LANES)) / LANES;
  const step = (input - (input % INT8_STEP)) / INT8_STEP;
  const steps = roundUp(inputs, INT8_STEP) / INT8_STEP;
  return ((panel * steps + step) * LANES + (output % LANES)) * INT8_STEP + (input % INT8_STEP);
}

/** How far from a whole number a weight may be, in steps, to count as one that was int8 before. */
const WHOLE = 0.001;

function outputScales(data: ArrayLike<number>, inputs: number, outputs: number): Float32Array {
  const most = new Float32Array(outputs);
  for (let at = 0; at < inputs * outputs; at++)
    most[at % outputs] = Math.max(most[at % outputs] as number, Math.abs(data[at] as number));
  return most.map((size, output) => size / (largestInteger(data, output, inputs, outputs, size) ?? MOST_INT8));
}

/**
 * What the largest number of an output becomes; null: its weights were not int8 before. Weights that were int8 before keep their own integers, so that nothing is rounded a second
 * time; others use the whole range, up to 127.
 */
function largestInteger(
  data: ArrayLike<number>,
  output: number,
  inputs: number,
  outputs: number,
  size: number,
): number | null {
  for (let most = MOST_INT8; most > 0; most--) if (isWhole(data, output, inputs, outputs, size / most)) return most;
  return null;
}

/** Whether the weights [inputs, outputs] were int8 before. */
export function wereInt8({ shape, data }: Tensor): boolean {
  const { inputs, outputs } = sizesOf(shape);
  return Array.from({ length: outputs }, (_, output) => output).every((output) => {
    let size = 0;
    for (let at = output; at < data.length; at += outputs) size = Math.max(size, Math.abs(data[at] as number));
    return largestInteger(data, output, inputs, outputs, size) !== null;
  });
}

function isWhole(data: ArrayLike<number>, output: number, inputs: number, outputs: number, scale: number): boolean {
  if (scale === 0) return true;
  for (let input = 0; input < inputs; input++) {
    const steps = (data[input * outputs + output] as number) / scale;
    if (Math.abs(steps - Math.round(steps)) > WHOLE) return false;
  }
  return true;
}
