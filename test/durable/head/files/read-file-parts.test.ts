// How files are divided into the parts that one call reads.
import { expect, it } from "vitest";
import { placesWithin } from "../../../../durable/head/files/read-file-parts.ts";

const MOST = 12;

/** The places that each call reads of files with these sizes. A call begins where the previous call ended. */
function callsFor(sizes: readonly (number | null)[]) {
  const calls: (readonly [offset: number, length: number] | null)[][] = [];
  for (let [at, offset] = [0, 0]; at < sizes.length; ) {
    const files = sizes.slice(at).map((bytes) => (bytes === null ? null : { bytes }));
    const places = [...placesWithin(files, offset, MOST)];
    calls.push(places.map((place) => place && [place.offset, place.length]));
    for (const place of places) {
      const end = place ? place.offset + place.length : 0;
      const isLast = !place || end === place.file.bytes;
      offset = isLast ? 0 : end;
      at += isLast ? 1 : 0;
    }
  }
  return calls;
}

it("a call reads as many whole files as fit, and no part of a file after another file", () => {
  expect(callsFor([4, 4, 4, 4, 9])).toEqual([
    [
      [0, 4],
      [0, 4],
      [0, 4],
    ],
    [[0, 4]],
    [[0, 9]],
  ]);
});

it("a file larger than a call is read in several calls, and the next files are read with its end", () => {
  expect(callsFor([30, 6, null, 1])).toEqual([[[0, 12]], [[12, 12]], [[24, 6], [0, 6], null], [[0, 1]]]);
});

it("a call continues after inputs without a file", () => {
  expect(callsFor([null, null, 12, null])).toEqual([[null, null, [0, 12], null]]);
});
