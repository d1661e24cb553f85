// The operations of a bundle, as the compiler writes them and the graph runtime runs them. Images are [batch, height, width, channels].

/** A function of one number, applied to the result of an operation. */
export const ACTIVATIONS = [
  "none",
  "relu",
  "relu6",
  "gelu",
  "gelu-tanh",
  "silu",
  "sigmoid",
  "tanh",
  "hard-sigmoid",
  "hard-swish",
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** How rows are reduced to one: over the tokens of a sequence, or over height and width. `mean-max` writes the mean, then the maximum. */
export const POOLINGS = ["mean", "max", "mean-max", "first", "last"] as const;
export type Pooling = (typeof POOLINGS)[number];

export interface Window {
  /** [height, width] */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Zeros around the image: [top, left, bottom, right] */
  readonly pads: readonly [number, number, number, number];
}

/**
 * Attributes of each operation. Inputs in square brackets are values of the graph; names after them are weights.
 *
 * embed [ids]: `table` rows + `positions` rows by the place in the sequence → [batch, tokens, width]
 * layer-norm [x, residual?]: `gamma`, `beta` → normalises x + residual over its last axis
 * linear [x, residual?]: activation(x · `weight` + `bias`) + residual; `smooth` (optional): factors of the channels of x
 * attention [query, key, value]: softmax(scale · query · keyᵀ) · value, for each head, within each sequence
 * conv [x, residual?]: as linear, over windows; `weight` rows are ordered height, width, channel
 * depthwise [x]: one window for each channel; `weight` [height · width, channels], `bias`
 * add, multiply [a, b]: of the same shape, or b [batch, channels] beside a [batch, height, width, channels]
 * window-pool [x]: the mean (without padding) or maximum of each window
 * pool [x] → [batch, width], or [batch, 2 · width] for `mean-max`
 * normalise [x]: divides by the L2 norm of the last axis
 * log-mel [samples]: log(`mel` · |DFT of windowed frames| + offset) → [batch, frames, bands, 1]; `window` [frame length], `mel` [bins,
 *   bands]. `dft` (optional) [frame length, 2 · bins]: the matrix of the transform, real parts first, of a model that computes it with 8
 *   bits. Then frames and magnitudes are rounded to 256 steps from their least to their largest number, as TensorFlow Lite does.
 */
export interface OperationAttributes {
  readonly embed: { readonly firstPosition: number };
  readonly "layer-norm": { readonly epsilon: number };
  readonly linear: { readonly activation: Activation };
  readonly attention: { readonly heads: number; readonly scale: number };
  readonly conv: Window & { readonly activation: Activation };
  readonly depthwise: Window & { readonly activation: Activation };
  readonly add: { readonly activation: Activation };
  readonly multiply: { readonly activation: Activation };
  readonly "window-pool": Window & { readonly kind: "mean" | "max" };
  readonly pool: { readonly kind: Pooling };
  readonly normalise: { readonly epsilon: number };
  readonly "log-mel": {
    readonly frameLength: number;
    readonly hopLength: number;
    readonly fftLength: number;
    readonly offset: number;
  };
}
export type OperationName = keyof OperationAttributes;

interface OperationOf<Name extends OperationName> {
  readonly op: Name;
  /** Unique in the bundle: the name of the node of the source model that it was made from. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** The names of its weights, by their roles. */
  readonly weights: Readonly<Record<string, string>>;
  readonly attributes: OperationAttributes[Name];
  /** The block that it belongs to. */
  readonly block: string;
}

/** One fused operation. */
export type BundleOperation<Name extends OperationName = OperationName> = { [N in Name]: OperationOf<N> }[Name];
