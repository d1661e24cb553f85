// How a bundle's inputs are read, by the modality of its preprocessing.
import type { Bundle, BundleTap, Preprocessing, TextPreprocessing } from "../../contract/bundle/bundle.ts";
import type { TextInput } from "../../contract/inputs/text.ts";
import type { ParsedInput } from "../../contract/inputs.ts";
import type { Turns } from "../../core/turns.ts";
import { BundleProblem } from "../../graph/bundle-problem.ts";
import type { Graph } from "../../graph/graph.ts";
import { checkPiece } from "../../graph/load.ts";
import type { FeatureRows } from "../backbone.ts";
import { embedTexts, textReading } from "../texts/embed-texts.ts";
import { makeTokenizer, type TokenizerFiles } from "../texts/tokenizer.ts";

/** The features of inputs at taps, side by side. */
export type Embed = (inputs: readonly ParsedInput[], taps: readonly BundleTap[], turns?: Turns) => Promise<FeatureRows>;

export type ReadPiece = (piece: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Reads what the inputs need. Returns how the graph embeds them. */
type Reader<Own extends Preprocessing> = (
  bundle: Bundle,
  own: Own,
  read: ReadPiece,
) => Promise<(graph: Graph) => Embed>;

const textReader: Reader<TextPreprocessing> = async (bundle, preprocessing, read) => {
  const { piece, bytes } = preprocessing.tokenizer;
  const files = await checkPiece(bundle, piece, await read(piece));
  const reading = await textReading(makeTokenizer(textsIn(files, bytes)), preprocessing);
  return (graph) => (inputs, taps, turns) =>
    embedTexts({ graph, reading }, taps, inputs as readonly TextInput[], turns);
};

function textsIn(bytes: Uint8Array, [model, config]: readonly [number, number]): TokenizerFiles {
  const decoder = new TextDecoder();
  return [decoder.decode(bytes.subarray(0, model)), decoder.decode(bytes.subarray(model, model + config))];
}

export function embedderOf(bundle: Bundle, read: ReadPiece): Promise<(graph: Graph) => Embed> {
  const { preprocessing } = bundle;
  if (preprocessing.modality === "text") return textReader(bundle, preprocessing, read);
  throw new BundleProblem("preprocessing", `${preprocessing.modality} cannot be read yet`);
}
