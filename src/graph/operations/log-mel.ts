// log-mel: log(mel · |DFT of windowed frames| + offset) of sounds [batch, samples]. With the weight `dft` it is in rounded-log-mel.ts.
import { must } from "../bundle-problem.ts";
import { BYTES_OF_NUMBER, type Shape, shown, widthOf } from "../extent.ts";
import { itemsAStep } from "./costs.ts";
import { matrixOf, mustHave } from "./linear.ts";
import { addressOf, FLOATS, type Forward, type Frame, type Node, type OperationSpec } from "./operation.ts";
import { checkRounded, roundedCost, roundedForward, roundedScratch } from "./rounded-log-mel.ts";

const [LEAST_FFT, MOST_FFT] = [16, 65_536];
/** A butterfly in float64, and a multiplication of the bands. */
const BUTTERFLY = 24;
const BAND = 4;
/** float64 numbers of each place of the transform: a turn, and both parts of two frames. */
const NUMBERS_OF_PLACE = 5;

export const logMel: OperationSpec<"log-mel"> = {
  inputs: [1, 1],
  weights: { window: FLOATS, mel: FLOATS, dft: { formats: ["int8-panels"], isOptional: true } },
  shape(node) {
    const { fftLength: fft, frameLength } = node.attributes;
    const samples = node.inputs[0] as Shape;
    must(samples.length === 2 && typeof samples[1] === "number", `${shown(samples)} is not [batch, samples]`);
    const isPower = fft >= LEAST_FFT && fft <= MOST_FFT && Math.log2(fft) % 1 === 0;
    must(isPower, `a transform of ${fft} is not a power of two from ${LEAST_FFT} to ${MOST_FFT}`);
    must(frameLength <= fft, `frames of ${frameLength} do not fit a transform of ${fft}`);
    mustHave("window", node.weights.window, frameLength);
    const [bins, bands] = matrixOf(node.weights.mel);
    must(bins === fft / 2 + 1, `"mel" has ${bins} rows; a transform of ${fft} has ${fft / 2 + 1} frequencies`);
    if (isRounded(node)) checkRounded(node);
    const frames = framesOf(node);
    must(frames > 0, `${widthOf(samples)} samples are less than a frame of ${frameLength}`);
    return ["batch", frames, bands, 1];
  },
  cost(node, { batch }) {
    const frames = framesOf(node);
    return batch * (isRounded(node) ? roundedCost(node, frames) : frames * frameCost(node));
  },
  scratch(node) {
    if (isRounded(node)) return roundedScratch(node);
    const { fftLength: fft } = node.attributes;
    return 2 * BYTES_OF_NUMBER * NUMBERS_OF_PLACE * fft + BYTES_OF_NUMBER * (fft / 2 + 1 + bandsOf(node));
  },
  forward: (node, frame) =>
    isRounded(node) ? roundedForward(node, framesOf(node), frame) : transformedForward(node, frame),
};

const isRounded = ({ weights }: Node<"log-mel">): boolean => weights.dft !== undefined;

function* transformedForward(
  node: Node<"log-mel">,
  { heap, extent, inputs: [x = 0], output, scratch }: Frame,
): Forward {
  const { frameLength, hopLength, fftLength, offset } = node.attributes;
  const [window, mel] = [addressOf(node, "window"), addressOf(node, "mel")];
  const [frames, bands, samples] = [framesOf(node), bandsOf(node), widthOf(node.inputs[0] as Shape)];
  const atOnce = itemsAStep(frameCost(node), 2);
  heap.kernels.prepareTransform(scratch, fftLength);
  for (let input = 0; input < extent.batch; input++)
    for (let from = 0; from < frames; from += atOnce) {
      const to = Math.min(frames, from + atOnce);
      const sound = x + input * samples * BYTES_OF_NUMBER;
      const out = output + (input * frames + from) * bands * BYTES_OF_NUMBER;
      heap.kernels.logMel(sound, window, mel, out, scratch, from, to, frameLength, hopLength, fftLength, bands, offset);
      yield (to - from) * frameCost(node);
    }
}

const framesOf = ({ inputs: [samples], attributes }: Node<"log-mel">): number =>
  Math.floor((widthOf(samples as Shape) - attributes.frameLength) / attributes.hopLength) + 1;

const bandsOf = ({ weights }: Node<"log-mel">): number => weights.mel?.shape[1] as number;

function frameCost(node: Node<"log-mel">): number {
  const { fftLength: fft } = node.attributes;
  return (fft / 2) * Math.log2(fft) * BUTTERFLY + (fft / 2 + 1) * bandsOf(node) * BAND;
}
