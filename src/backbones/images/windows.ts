// Which pixels make a pixel of the resized picture, and with which weights: as Pillow computes them (Resample.c), in double precision and
// then as integers with 22 bits after the point.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";

export interface Windows {
  /** [count][first, length] */
  readonly spans: Int32Array;
  /** [count][most] */
  readonly weights: Int32Array;
  readonly most: number;
}

interface Filter {
  /** Pixels on each side, where nothing is shrunk. */
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

function cubic(distance: number): number {
  const A = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
}

const FILTERS: Readonly<Record<ImagePreprocessing["filter"], Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

const UNIT = 2 ** 22;

/** Windows of the pixels `first` … `first + count` of a side that is resized from `from` to `to` pixels. */
export function windowsOf(
  filter: ImagePreprocessing["filter"],
  side: { readonly from: number; readonly to: number; readonly first: number; readonly count: number },
): Windows {
  const { support, weight } = FILTERS[filter];
  const scale = side.from / side.to;
  const stretch = Math.max(scale, 1);
  const reach = support * stretch;
  const most = Math.ceil(reach) * 2 + 1;
  const spans = new Int32Array(side.count * 2);
  const weights = new Int32Array(side.count * most);
  for (let i = 0; i < side.count; i++) {
    const centre = (side.first + i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const length = Math.min(side.from, Math.trunc(centre + reach + 0.5)) - first;
    spans.set([first, length], i * 2);
    const exact = Float64Array.from({ length }, (_, x) => weight((x + first - centre + 0.5) * (1 / stretch)));
    weights.set(integersOf(exact), i * most);
  }
  return { spans, weights, most };
}

function integersOf(weights: Float64Array): Int32Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Int32Array.from(weights, (weight) => {
    const share = (sum === 0 ? weight : weight / sum) * UNIT;
    return Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
  });
}

/** The same windows on a side of `size` pixels that is stored in the opposite direction. */
export function mirrored({ spans, weights, most }: Windows, size: number): Windows {
  const turned = { spans: spans.slice(), weights: weights.slice(), most };
  for (let i = 0; i * 2 < spans.length; i++) {
    const [first = 0, length = 0] = spans.subarray(i * 2, i * 2 + 2);
    turned.spans[i * 2] = size - first - length;
    turned.weights.subarray(i * most, i * most + length).reverse();
  }
  return turned;
}

/** The first and the last pixel (exclusive) that some window has. */
export function extentOf({ spans }: Windows): readonly [number, number] {
  let [first, end] = [Number.MAX_SAFE_INTEGER, 0];
  for (let i = 0; i < spans.length; i += 2) {
    const [from = 0, length = 0] = spans.subarray(i, i + 2);
    first = Math.min(first, from);
    end = Math.max(end, from + length);
  }
  return [first, end];
}

/** The same windows, counted from pixel `first`. */
export function countedFrom(windows: Windows, first: number): Windows {
  return { ...windows, spans: windows.spans.map((value, i) => (i % 2 === 0 ? value - first : value)) };
}
