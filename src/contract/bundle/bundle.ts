// A bundle: a backbone compiled for the Worker. `bundle.json` describes it; its weights are pieces of at most 8 MiB. A bundle never
// changes: its digest is part of the identity of every feature made with it.
import type { BundleOperation, Pooling } from "./operations.ts";

/** Numbers, or the number of inputs, or the number of tokens of each input. */
export type Size = number | "batch" | "tokens";

export interface BundleValue {
  /** Rows of the last size. [batch, tokens, width] has the tokens of all inputs one after another, without padding. */
  readonly shape: readonly Size[];
  /** `ids`: int32; `f32`: everything else. */
  readonly type: "f32" | "ids";
  /** Values with the same slot are never needed at the same time, and share memory. */
  readonly slot: number;
}

/**
 * How the numbers of a weight are stored, little-endian. Every weight starts at a multiple of 16 bytes.
 *
 * f32: as they are, in the order of the shape.
 * f32-panels, int8-panels: a matrix [inputs, outputs] in panels of 8 outputs. Missing outputs are zeros.
 *   f32-panels: each panel is [inputs][8]. f16-panels: the same with float16.
 *   int8-panels: inputs are padded with zeros to a multiple of 2; each panel is [inputs / 2][8][2] int8. After all panels, at the next
 *   multiple of 16 bytes: float32 scales, one of each output, outputs padded to a multiple of 8.
 * f32-rows: a table [rows, width], as it is. f16-rows: the same with float16.
 * int8-rows: each row is width int8, and a float32 scale. Rows are padded to a multiple of 4 bytes.
 * int4-rows: each row is width / 2 bytes, then a float16 scale of each 32 numbers. The first of two numbers is in the low four bits; a
 *   number is (four bits − 8) · scale. Rows are padded to a multiple of 4 bytes. Width is a multiple of 32.
 */
export const WEIGHT_FORMATS = [
  "f32",
  "f32-panels",
  "f16-panels",
  "int8-panels",
  "f32-rows",
  "f16-rows",
  "int8-rows",
  "int4-rows",
] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export interface BundleWeight {
  readonly format: WeightFormat;
  readonly shape: readonly number[];
  /** Where it starts, as if all pieces were one file. A large table continues in the next piece. */
  readonly offset: number;
  readonly bytes: number;
}

export const MOST_PIECE_BYTES = 8 * 2 ** 20;

/** The name of a piece's file: `weights-00.bin`, … */
export const pieceName = (piece: number): string => `weights-${String(piece).padStart(2, "0")}.bin`;

/** Pieces follow the order in which the operations run, so that a bundle can be read while it runs. */
export interface BundlePiece {
  readonly bytes: number;
  readonly sha256: string;
}

/** A part of the graph between two places where it is one value wide. Training above it starts at `output`. */
export interface BundleBlock {
  readonly name: string;
  /** The value that the next block starts from. */
  readonly output: string;
}

/** A depth whose activations are pooled into a part of the feature, as soon as its value is there: it need not stay. */
export interface BundleTap {
  readonly name: string;
  readonly value: string;
  readonly pooling: Pooling;
  readonly normalise: boolean;
  readonly dimension: number;
}

export interface TextPreprocessing {
  readonly modality: "text";
  /** Tokens of a window, special tokens included. */
  readonly maxTokens: number;
  /** Put before every text. */
  readonly instruction: string;
  /** The texts of `tokenizer.json` and `tokenizer_config.json`, in this order in the last piece, which has no weights. */
  readonly tokenizer: { readonly piece: number; readonly bytes: readonly [number, number] };
}

export interface ImagePreprocessing {
  readonly modality: "image";
  /** Pixels of the shorter side before cropping; null: both sides are resized to the size. */
  readonly shorterSide: number | null;
  /** [height, width] */
  readonly size: readonly [number, number];
  readonly filter: "bilinear" | "bicubic" | "lanczos";
  /** A channel value of 0 to 255 becomes (value − mean) / deviation. */
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

export interface AudioPreprocessing {
  readonly modality: "audio";
  readonly samplesPerSecond: number;
  /** Samples of a window, and from one window to the next. Features are the means over the windows. */
  readonly windowSamples: number;
  readonly hopSamples: number;
}

export type Preprocessing = TextPreprocessing | ImagePreprocessing | AudioPreprocessing;

export interface BundleSource {
  readonly name: string;
  readonly url: string;
  readonly revision: string;
  readonly licence: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** What quantising costs, measured on samples when the bundle was compiled: cosine of the features to those of float32 weights. */
export interface BundleLoss {
  readonly samples: number;
  readonly taps: readonly { readonly name: string; readonly meanCosine: number; readonly worstCosine: number }[];
}

export interface Bundle {
  readonly format: 1;
  readonly id: string;
  readonly preprocessing: Preprocessing;
  /** The names of the values that are given: `ids`, `pixels` or `samples`. */
  readonly inputs: readonly string[];
  readonly values: Readonly<Record<string, BundleValue>>;
  /** In the order in which they run. */
  readonly operations: readonly BundleOperation[];
  readonly weights: Readonly<Record<string, BundleWeight>>;
  readonly pieces: readonly BundlePiece[];
  readonly blocks: readonly BundleBlock[];
  readonly taps: readonly BundleTap[];
  readonly source: BundleSource;
  readonly loss: BundleLoss;
  /** Bytes of activations for one input of the largest size. */
  readonly peakBytes: number;
  /** SHA-256 of the canonical JSON of everything else. */
  readonly digest: string;
}
