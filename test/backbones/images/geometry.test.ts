// How sizes and crops are rounded, as torchvision does it, and which way up a picture is.
import { expect, it } from "vitest";
import type { Orientation } from "../../../src/backbones/images/exif.ts";
import { geometryOf } from "../../../src/backbones/images/geometry.ts";
import type { Windows } from "../../../src/backbones/images/windows.ts";

/** The stored pixel that is nearest to pixel i of the result. */
function centreOf({ spans, weights, most }: Windows, i: number): number {
  const [first = 0, length = 0] = spans.subarray(i * 2, i * 2 + 2);
  const own = weights.subarray(i * most, i * most + length);
  const sum = own.reduce((total, weight, x) => total + weight * (first + x), 0);
  return sum / own.reduce((total, weight) => total + weight, 0);
}

const geometry = (width: number, height: number, shorterSide: number, size: readonly [number, number]) =>
  geometryOf({ width, height, orientation: 1 }, { shorterSide, size, filter: "bilinear" });

it("rounds the longer side down, and half a pixel of a crop to the even one", () => {
  // The longer side becomes 8; the crops of 5 and 3 pixels begin at 2 (1.5) and at 2 (2.5).
  expect(centreOf(geometry(17, 8, 4, [4, 5]).across, 0)).toBeCloseTo((2.5 * 17) / 8 - 0.5, 0);
  expect(centreOf(geometry(17, 8, 4, [4, 3]).across, 0)).toBeCloseTo((2.5 * 17) / 8 - 0.5, 0);
  expect(centreOf(geometry(8, 17, 4, [5, 4]).down, 0)).toBeCloseTo((2.5 * 17) / 8 - 0.5, 0);
});

it("refuses a crop that is larger than the resized picture", () => {
  expect(() => geometry(20, 10, 8, [9, 8])).toThrow("A crop of 9 pixels does not fit into 8");
});

const CORNERS: readonly (readonly [Orientation, number, number])[] = [
  [1, 0, 0],
  [2, 3, 0],
  [3, 3, 2],
  [4, 0, 2],
  [5, 0, 0],
  [6, 0, 2],
  [7, 3, 2],
  [8, 3, 0],
];

it.each(CORNERS)(
  "takes the upper left pixel of orientation %i from (%i, %i) of the stored picture",
  (orientation, x, y) => {
    const isTransposed = orientation > 4;
    const size = isTransposed ? ([4, 3] as const) : ([3, 4] as const);
    const found = geometryOf({ width: 4, height: 3, orientation }, { shorterSide: null, size, filter: "bilinear" });
    const corner = [centreOf(found.across, 0), centreOf(found.down, 0)];
    expect(found.isTransposed).toBe(isTransposed);
    expect(isTransposed ? corner.reverse() : corner).toEqual([x, y]);
  },
);
