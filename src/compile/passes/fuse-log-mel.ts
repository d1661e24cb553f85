// The front end of sounds: log(mel · |DFT of windowed frames| + offset). How a graph cuts frames and what its window is are found out by
// running that part on sounds whose samples are known.
import { wereInt8 } from "../bundle/panels.ts";
import { CompileError } from "../compile-error.ts";
import { type GraphNode, inputOf, outputOf } from "../graph.ts";
import { placeOf } from "../operations/attributes.ts";
import { runGraph } from "../run.ts";
import { countOf, floats, type Tensor, transposed } from "../tensor.ts";
import type { Fused, Fusion } from "./fusion.ts";
import type { GraphIndex } from "./graph-index.ts";
import { chainTo, placesOfChain } from "./movement-chain.ts";

export const fuseLogMel: Fusion = (node, index) => {
  const shape = index.shapeOf(outputOf(node));
  if (shape.length !== 4 || shape[0] !== 1 || shape[1] !== 1) return null;
  const chain = chainTo(outputOf(node), index);
  const log = chain.moves.at(-1) === node ? index.makerOf(chain.source, "Log") : undefined;
  const bands = log && index.makerOf(inputOf(log, 0), "Gemm");
  const isInOrder = placesOfChain(chain, index)?.data.every((place: number, at: number) => place === at);
  if (!bands || !isInOrder || chain.scale !== 1) return null;
  const mel = index.constantOf(inputOf(bands, 1));
  const offset = index.uniformOf(inputOf(bands, 2));
  const spectrum = spectrumOf(inputOf(bands, 0), index);
  return mel && offset !== null && spectrum ? logMel(node, index, { mel: transposed(mel), offset, ...spectrum }) : null;
};

interface Spectrum {
  /** The value [frames, length of the DFT] that the DFT reads. */
  readonly frames: string;
  /** Its matrices [bins, length of the DFT]. */
  readonly matrices: readonly [Tensor, Tensor];
}

interface Parts extends Spectrum {
  /** [bins, bands] */
  readonly mel: Tensor;
  readonly offset: number;
}

/** Of a magnitude: Sqrt(Add(Mul(re, re), Mul(im, im))), where re and im are products of the same frames with the matrices of a DFT. */
function spectrumOf(name: string, index: GraphIndex): Spectrum | null {
  const root = index.makerOf(name, "Sqrt");
  const sum = root && index.makerOf(inputOf(root, 0), "Add");
  const parts = (sum?.inputs ?? []).map((input) => index.makerOf(input, "Mul"));
  const products = parts.map((part) =>
    part && inputOf(part, 0) === inputOf(part, 1) ? index.makerOf(inputOf(part, 0), "Gemm") : undefined,
  );
  const [re, im] = products;
  if (!re || !im || inputOf(re, 0) !== inputOf(im, 0)) return null;
  const [a, b] = [re, im].map((product) => index.constantOf(inputOf(product, 1)));
  return a && b && isDft(a, b) ? { frames: inputOf(re, 0), matrices: [a, b] } : null;
}

/** More than the half step of int8 numbers up to 1. */
const DFT_TOLERANCE = 0.005;

/** [bins, length]: cosines and sines, in either order and of either sign, perhaps rounded to int8. */
function isDft(a: Tensor, b: Tensor): boolean {
  const length = a.shape[1] as number;
  const differs = (matrix: Tensor, wave: (angle: number) => number, sign: number): boolean =>
    matrix.data.some((value: number, at: number) => {
      const angle = (2 * Math.PI * Math.floor(at / length) * (at % length)) / length;
      return Math.abs(value - sign * wave(angle)) > DFT_TOLERANCE;
    });
  const isWave = (matrix: Tensor, wave: (angle: number) => number): boolean =>
    !differs(matrix, wave, 1) || !differs(matrix, wave, -1);
  return (isWave(a, Math.cos) && isWave(b, Math.sin)) || (isWave(a, Math.sin) && isWave(b, Math.cos));
}

function logMel(node: GraphNode, index: GraphIndex, { mel, offset, frames, matrices }: Parts): Fused {
  const cut = framingOf(node, index, frames);
  const dft = dftOf(matrices, cut);
  const isRounded = wereInt8(dft) && wereInt8(mel);
  const [window, matrix, transform] = [`${node.name}/window`, `${node.name}/mel`, `${node.name}/dft`];
  const attributes = {
    frameLength: cut.window.length,
    hopLength: cut.hopLength,
    fftLength: cut.fftLength,
    offset,
  };
  const inputs = [cut.samples, window, matrix, isRounded ? transform : ""];
  const constants = { [window]: floats([cut.window.length], cut.window), [matrix]: mel };
  return {
    node: { op: "log-mel", name: node.name, inputs, outputs: node.outputs, attributes },
    constants: isRounded ? { ...constants, [transform]: dft } : constants,
  };
}

/** [frame length, 2 · bins]: what the places of a frame that have samples count in both matrices. */
function dftOf([a, b]: Spectrum["matrices"], { window, start }: Framing): Tensor {
  const [bins = 0, length = 0] = a.shape;
  const data = new Float32Array(window.length * 2 * bins);
  for (let tap = 0; tap < window.length; tap++)
    for (let bin = 0; bin < bins; bin++) {
      data[tap * 2 * bins + bin] = a.data[bin * length + start + tap] as number;
      data[tap * 2 * bins + bins + bin] = b.data[bin * length + start + tap] as number;
    }
  return floats([window.length, 2 * bins], data);
}

interface Framing {
  readonly samples: string;
  readonly window: Float32Array;
  readonly hopLength: number;
  readonly fftLength: number;
  /** Zeros before a frame. They only turn the phase of an exact DFT. */
  readonly start: number;
}

function framingOf(node: GraphNode, index: GraphIndex, frames: string): Framing {
  const [input] = index.graph.inputs;
  const count = countOf((input?.shape ?? []) as readonly number[]);
  const run = (sample: (at: number) => number): Tensor => {
    const data = Float32Array.from({ length: count }, (_, at) => sample(at));
    const given = { [input?.name ?? ""]: floats([1, count], data) };
    return runGraph(index.graph, given, [frames])[0] as Tensor;
  };
  const weights = run(() => 1);
  const places = run((at) => at);
  const [rows = 0, fftLength = 0] = weights.shape;
  const isSure = (weight: number): boolean => weight > 0.5;
  const [tap, next] = [weights.data.findIndex(isSure), weights.data.subarray(fftLength).findIndex(isSure) + fftLength];
  const start = tap - Math.round(placeAt(weights, places, tap));
  const end = weights.data.subarray(0, fftLength).findLastIndex((weight: number) => weight !== 0) + 1;
  const window = Float32Array.from(weights.data.subarray(start, end));
  const hopLength = rows > 1 ? Math.round(placeAt(weights, places, next)) - next + fftLength + start : window.length;
  const framing = { samples: input?.name ?? "", window, hopLength, fftLength, start };
  const isWhole = Math.floor((count - window.length) / hopLength) + 1 === rows;
  if (isWhole && isFramed(weights, places, framing)) return framing;
  throw new CompileError(placeOf(node), "its frames are not cut at equal distances, or not all have the same window");
}

/** Which sample an element of the frames is. */
const placeAt = (weights: Tensor, places: Tensor, at: number): number =>
  (places.data[at] as number) / (weights.data[at] as number);

function isFramed(weights: Tensor, places: Tensor, { window, hopLength, fftLength, start }: Framing): boolean {
  return weights.data.every((weight: number, at: number) => {
    const [frame, tap] = [Math.floor(at / fftLength), (at % fftLength) - start];
    if (Math.abs(weight - (window[tap] ?? 0)) > 1e-6) return false;
    return Math.abs(weight) < 1e-3 || Math.abs(placeAt(weights, places, at) - frame * hopLength - tap) < 0.01;
  });
}
