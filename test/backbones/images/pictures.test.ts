// Pictures compared with Pillow, level by level.
import { describe, expect, it } from "vitest";
import photos from "../../../fixtures/images/photos.json";
import { imagePixels } from "../../../src/backbones/images/image-pixels.ts";
import {
  digestOf,
  imageTools,
  levelsOf,
  ownLevels,
  PICTURES,
  pictureNamed,
  RULES,
  type Rule,
} from "../../support/pictures.ts";

const mostBetween = (levels: Float32Array, expected: Uint8Array): number =>
  levels.reduce((most, level, i) => Math.max(most, Math.abs(level - (expected[i] ?? Number.NaN))), 0);

describe.each(PICTURES)("$name", ({ file, width, height, levels, resized }) => {
  it("has the levels that Pillow reads", async () => {
    expect(await digestOf(await ownLevels(file, width, height))).toBe(levels);
  });

  it.each(RULES.map((rule, i) => ({ rule, i })))("is resized as Pillow does it: $rule.filter", async ({ rule, i }) => {
    const expected = resized[i] as Uint8Array;
    const got = await levelsOf(file, rule);
    expect(got.length).toBe(expected.length);
    expect(mostBetween(got, expected)).toBeLessThanOrEqual(1);
  });
});

it("subtracts the mean and divides by the deviation of each channel", async () => {
  const { file } = pictureNamed("jpeg 4:2:0");
  const rule = RULES[0] as Rule;
  const levels = await levelsOf(file, rule);
  const [mean, deviation] = [[10, 20, 30] as const, [2, 3, 7] as const];
  const pixels = await imagePixels(file, { modality: "image", mean, deviation, ...rule }, imageTools());
  const expected = levels.map((level, i) => (level - (mean[i % 3] as number)) / (deviation[i % 3] as number));
  expect(pixels).toEqual(expected);
});

describe("real photos", async () => {
  const tar = await fetch("http://datasets.test/trashnet6/trashnet6-fullsize-30.tar");
  if (!tar.ok) console.log("skipped: the photos of TrashNet are not there");
  const files = tar.ok ? filesIn(new Uint8Array(await tar.arrayBuffer())) : new Map<string, Uint8Array>();

  it.skipIf(!tar.ok)("are read, resized and cropped to the levels that Pillow gives", async () => {
    const found: { [name: string]: string } = {};
    for (const name of Object.keys(photos.digests))
      found[name] = await digestOf(await levelsOf(files.get(name) as Uint8Array, photos.rule as unknown as Rule));
    expect(found).toEqual(photos.digests);
  });
});

/** The files of a tar archive, by name. */
function filesIn(tar: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (at: number, length: number) =>
    String.fromCharCode(...tar.subarray(at, at + length)).replace(/\0.*$/s, "");
  for (let at = 0; text(at, 100) !== ""; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    files.set(text(at, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
