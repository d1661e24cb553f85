// Requirements of every backbone.
import { describe, expect, it } from "vitest";
import { type Backbone, identityOf } from "../../src/backbones/backbone.ts";
import { viewOfBackbone } from "../../src/backbones/registry.ts";
import { backbone as backboneView } from "../../src/contract/backbones.ts";
import { digestOf, type Input, type ParsedInput } from "../../src/contract/inputs.ts";
import { bytesOf, toHex } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { parsedInput } from "./input.suite.ts";

export interface BackboneSample {
  /** The dimension of the head, for a backbone that leaves it to the head. */
  readonly dimension: number;
  /** Different inputs, all valid. */
  readonly inputs: readonly Input[];
  readonly unitNorm: boolean;
}

export const parsed = (backbone: Backbone, input: Input, dimension: number): ParsedInput =>
  parsedInput(backbone.modality, input, dimension);

const hexOf = (vectors: readonly Float32Array[]): string[] => vectors.map((vector) => toHex(bytesOf(vector)));

export function describeBackbone(backbone: Backbone, sample: BackboneSample): void {
  const dimension = backbone.dimension ?? sample.dimension;
  const embed = async (inputs: readonly Input[]): Promise<Float32Array[]> => {
    const own = inputs.map((input) => parsed(backbone, input, dimension));
    const { values, tokens } = await backbone.embed(own, dimension);
    const rowsOf = tokens ?? own.map(() => 1);
    expect(tokens === null).toBe(backbone.shape === "vector");
    expect(values.length).toBe(dimension * rowsOf.reduce((sum, rows) => sum + rows, 0));
    let to = 0;
    return rowsOf.map((rows) => {
      const from = to;
      to += rows * dimension;
      return values.slice(from, to);
    });
  };

  describe(`backbone ${backbone.id}, ${backbone.revision}`, () => {
    it("has a revision, a description and a valid dimension", () => {
      expect(backbone.revision).toMatch(/\S/);
      expect(backbone.description).toMatch(/\S/);
      expect(backboneView().safeParse(viewOfBackbone(backbone)).error).toBeUndefined();
      expect(dimension).toBeLessThanOrEqual(LIMITS.dimensions);
    });

    it("gives one finite feature of its shape for each input", async () => {
      const vectors = await embed(sample.inputs);
      if (backbone.shape === "vector") for (const vector of vectors) expect(vector.length).toBe(dimension);
      expect(vectors.every((vector) => vector.every(Number.isFinite))).toBe(true);
      expect(await embed([])).toEqual([]);
    });

    it("gives the same bits every time", async () => {
      expect(hexOf(await embed(sample.inputs))).toEqual(hexOf(await embed(sample.inputs)));
    });

    it("gives an input the same bits alone as in a batch, in any order", async () => {
      const batch = hexOf(await embed([...sample.inputs].reverse())).reverse();
      const singles = await Promise.all(sample.inputs.map(async (input) => hexOf(await embed([input]))[0]));
      expect(singles).toEqual(batch);
    });

    it("gives different inputs different vectors and digests", async () => {
      expect(new Set(hexOf(await embed(sample.inputs))).size).toBe(sample.inputs.length);
      const digests = await Promise.all(sample.inputs.map((input) => digestOf(parsed(backbone, input, dimension))));
      expect(new Set(digests).size).toBe(sample.inputs.length);
      for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{64}$/);
    });

    if (sample.unitNorm) {
      it("gives vectors of length 1", async () => {
        for (const vector of await embed(sample.inputs)) {
          expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
        }
      });
    }

    testIdentity(backbone, dimension);
  });
}

function testIdentity(backbone: Backbone, dimension: number): void {
  it("has an identity that depends only on dimension, revision and recipe", async () => {
    const identity = await identityOf(backbone, dimension);
    expect(identity).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await identityOf({ ...backbone, description: "other words" }, dimension)).toBe(identity);
    expect(await identityOf(backbone, dimension + 1)).not.toBe(identity);
    expect(await identityOf({ ...backbone, revision: "next" }, dimension)).not.toBe(identity);
    expect(await identityOf({ ...backbone, recipe: { ...backbone.recipe, more: 1 } }, dimension)).not.toBe(identity);
  });
}
