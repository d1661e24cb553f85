// How a stored picture becomes the one that a model sees: turned upright, resized, cropped at the centre. Decided before decoding.
import type { ImagePreprocessing } from "../../contract/bundle/bundle.ts";
import type { Orientation } from "./exif.ts";
import { mirrored, type Windows, windowsOf } from "./windows.ts";

export interface Geometry {
  /** Whether rows of the upright picture are stored as columns. */
  readonly isTransposed: boolean;
  /** Size of the result. */
  readonly width: number;
  readonly height: number;
  /** Windows of the result's columns and rows, in coordinates of the stored picture: of its rows and columns where transposed. */
  readonly across: Windows;
  readonly down: Windows;
}

interface Stored {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
}

const MIRRORED_ACROSS: readonly Orientation[] = [2, 3, 6, 7];
const MIRRORED_DOWN: readonly Orientation[] = [3, 4, 7, 8];

type Resizing = Pick<ImagePreprocessing, "shorterSide" | "size" | "filter">;

export function geometryOf(
  { width: w, height: h, orientation }: Stored,
  { shorterSide, size, filter }: Resizing,
): Geometry {
  const isTransposed = orientation > 4;
  const [width, height] = isTransposed ? [h, w] : [w, h];
  const [rows, columns] = size;
  const [toWidth, toHeight] = shorterSide === null ? [columns, rows] : resizedTo(width, height, shorterSide);
  const side = (from: number, to: number, count: number, isMirrored: boolean): Windows => {
    const windows = windowsOf(filter, { from, to, first: cropFrom(to, count), count });
    return isMirrored ? mirrored(windows, from) : windows;
  };
  return {
    isTransposed,
    width: columns,
    height: rows,
    across: side(width, toWidth, columns, MIRRORED_ACROSS.includes(orientation)),
    down: side(height, toHeight, rows, MIRRORED_DOWN.includes(orientation)),
  };
}

/** The longer side is rounded down, as torchvision and Transformers do. */
function resizedTo(width: number, height: number, shorter: number): readonly [number, number] {
  if (width <= height) return [shorter, Math.trunc((shorter * height) / width)];
  return [Math.trunc((shorter * width) / height), shorter];
}

/** Halves are rounded to the even number, as Python does. */
function cropFrom(size: number, crop: number): number {
  if (crop > size) throw new Error(`A crop of ${crop} pixels does not fit into ${size}`);
  const half = Math.floor((size - crop) / 2);
  return (size - crop) % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}
