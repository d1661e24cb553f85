// log-mel of models that multiply frames with an 8-bit matrix: frames and magnitudes are rounded to 8 bits, as TensorFlow Lite rounds
// them. The noise of it is as loud as the quiet bands: what follows was measured with it.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, paddedRows, type Shape, widthOf } from "../extent.ts";
import { CURVE, NUMBER } from "./costs.ts";
import { matrixOf } from "./linear.ts";
import { addressOf, type Forward, type Frame, type Node, type PlacedWeight } from "./operation.ts";
import { multiplyChunk, type Product, productCost, productScratch, rowsAtOnce } from "./products.ts";

type LogMel = Node<"log-mel">;

/** So that no sum of as many products of 255 and 127 overflows 32 bits. */
const MOST_INPUTS = 65_536;

export function checkRounded({ weights, attributes: { frameLength } }: LogMel): void {
  const [length, parts] = matrixOf(weights.dft);
  const [bins] = matrixOf(weights.mel);
  must(length === frameLength, `"dft" has ${length} rows for frames of ${frameLength}`);
  must(parts === 2 * bins, `"dft" has ${parts} columns, not two for each of the ${bins} rows of "mel"`);
  must(length <= MOST_INPUTS, `frames of more than ${MOST_INPUTS} samples are not covered`);
}

function productOf({ weights }: LogMel): Product {
  const [inputs, outputs] = matrixOf(weights.dft);
  const weight = weights.dft as PlacedWeight;
  return { weight, inputs, outputs, bias: 0, smooth: 0, activation: "none", isRounded: true };
}

const bandsOf = ({ weights }: LogMel): number => weights.mel?.shape[1] as number;

/** The work of a frame beside its product. */
function besideProduct(node: LogMel): number {
  const { inputs, outputs } = productOf(node);
  return inputs * NUMBER + (outputs / 2) * (CURVE + NUMBER * bandsOf(node)) + bandsOf(node) * CURVE;
}

/** The work of one sound. */
export const roundedCost = (node: LogMel, frames: number): number =>
  productCost(productOf(node), frames) + frames * besideProduct(node);

/** Scratch: the frames of a chunk, their spectra, the bands of one frame, then what a product needs. */
function layOut(node: LogMel, scratch: number) {
  const product = productOf(node);
  const rows = paddedRows(rowsAtOnce(product));
  const spectra = scratch + rows * product.inputs * BYTES_OF_NUMBER;
  const bands = spectra + rows * product.outputs * BYTES_OF_NUMBER;
  const inner = Math.ceil((bands + bandsOf(node) * BYTES_OF_NUMBER) / 16) * 16;
  return { spectra, bands, inner, end: inner + productScratch(product) };
}

export const roundedScratch = (node: LogMel): number => layOut(node, 0).end;

export function* roundedForward(node: LogMel, frames: number, frame: Frame): Forward {
  const { extent, inputs, output } = frame;
  const samples = widthOf(node.inputs[0] as Shape);
  const atOnce = rowsAtOnce(productOf(node));
  for (let sound = 0; sound < extent.batch; sound++)
    for (let from = 0; from < frames; from += atOnce) {
      const first = sound * samples + from * node.attributes.hopLength;
      const x = (inputs[0] as number) + first * BYTES_OF_NUMBER;
      const out = output + (sound * frames + from) * bandsOf(node) * BYTES_OF_NUMBER;
      yield* roundedChunk(node, frame, { x, out, rows: Math.min(atOnce, frames - from) });
    }
}

interface Chunk {
  /** Addresses. */
  readonly x: number;
  readonly out: number;
  readonly rows: number;
}

function* roundedChunk(node: LogMel, { heap, scratch }: Frame, { x, out, rows }: Chunk): Forward {
  const { kernels } = heap;
  const { hopLength, offset } = node.attributes;
  const product = productOf(node);
  const { spectra, bands, inner } = layOut(node, scratch);
  const bins = product.outputs / 2;
  kernels.frameRows(x, addressOf(node, "window"), scratch, rows, product.inputs, hopLength);
  yield* multiplyChunk(kernels, product, { x: scratch, residual: 0, out: spectra, rows, scratch: inner });
  kernels.roundedBands(spectra, addressOf(node, "mel"), out, bands, rows, bins, bandsOf(node), offset);
  yield rows * besideProduct(node);
}
