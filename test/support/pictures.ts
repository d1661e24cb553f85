// Small pictures of every kind, and what Pillow makes of them: fixtures/images/make.py wrote both. And what reading a picture needs.
import { pictures, rules } from "../../fixtures/images/pictures.json";
import type { ImageTools } from "../../src/backbones/images/image-ceilings.ts";
import { imagePixels } from "../../src/backbones/images/image-pixels.ts";
import type { ImagePreprocessing } from "../../src/contract/bundle/bundle.ts";
import { fromBase64, sha256Hex } from "../../src/core/bytes.ts";
import { MemoryBudget } from "../../src/core/memory-budget.ts";
import { type Fault, faultBehind } from "../../src/core/problems.ts";
import { Turns } from "../../src/core/turns.ts";

export type Rule = Pick<ImagePreprocessing, "shorterSide" | "size" | "filter">;

export interface PictureFixture {
  readonly name: string;
  readonly file: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** SHA-256 of its levels, upright and over white. */
  readonly levels: string;
  /** Levels of the picture resized by each of RULES. */
  readonly resized: readonly Uint8Array[];
}

export const bytesOf = (base64: string): Uint8Array => fromBase64(base64) as Uint8Array;

export const RULES = rules as unknown as readonly Rule[];
export const PICTURES: readonly PictureFixture[] = pictures.map(({ file, resized, ...rest }) => ({
  ...rest,
  file: bytesOf(file),
  resized: resized.map(bytesOf),
}));

export const pictureNamed = (name: string): PictureFixture =>
  PICTURES.find((one) => one.name === name) as PictureFixture;

export function imageTools(given: Partial<ImageTools> = {}): ImageTools {
  const now = () => Date.now();
  return {
    memory: new MemoryBudget(80 * 2 ** 20, now),
    turns: new Turns(),
    now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ...given,
  };
}

/** Levels of 0 to 255. */
export const levelsOf = (file: Uint8Array, rule: Rule, tools = imageTools()): Promise<Float32Array> =>
  imagePixels(file, { modality: "image", mean: [0, 0, 0], deviation: [1, 1, 1], ...rule }, tools);

/** Levels of a picture in its own size. */
export const ownLevels = (file: Uint8Array, width: number, height: number, tools = imageTools()) =>
  levelsOf(file, { shorterSide: null, size: [height, width], filter: "bilinear" }, tools);

export const digestOf = (levels: Float32Array): Promise<string> => sha256Hex(Uint8Array.from(levels));

/** The fault of a picture that is refused; null if it is read. Any other error is thrown. */
export async function faultOf(file: Uint8Array, tools = imageTools()): Promise<Fault | null> {
  try {
    await levelsOf(file, { shorterSide: null, size: [8, 8], filter: "bilinear" }, tools);
    return null;
  } catch (error) {
    const fault = faultBehind(error);
    if (fault) return fault;
    throw error;
  }
}
