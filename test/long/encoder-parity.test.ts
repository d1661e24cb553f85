// A real text encoder, compiled to a bundle, compared with hidden states that torch computed for the same texts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { DATASETS, present } from "../journeys/support.ts";
import { compileModel, loadInNode } from "../support/compiled-bundle.ts";
import { tokenise, vocabularyOf } from "../support/word-piece.ts";

const MODELS = join(DATASETS, "../models");
const MODEL = join(MODELS, "all-MiniLM-L6-v2");
const REFERENCE = join(MODELS, "all-MiniLM-L6-v2-reference");
const TAPS = ["layer 4", "layer 6"];
const [TEXTS, MOST_TOKENS, DIMENSION] = [1_000, 64, 384];

const isHere = present(REFERENCE) && present(MODEL) && present(DATASETS);

function referenceAt(tap: string): Float32Array {
  const bytes = readFileSync(join(REFERENCE, `${tap.replace(" ", "")}.f32`));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
}

/** The first texts of banking77's test set, as ids. */
function texts() {
  const rows = parse(readFileSync(join(DATASETS, "banking77/test.csv")), { columns: true }) as { text: string }[];
  const vocabulary = vocabularyOf(readFileSync(join(MODEL, "vocab.txt"), "utf8"));
  const ids = rows.slice(0, TEXTS).map(({ text }) => tokenise(text, vocabulary, MOST_TOKENS));
  return { count: ids.length, lengths: ids.map(({ length }) => length), values: Int32Array.from(ids.flat()) };
}

function cosines(a: Float32Array, b: Float32Array): number[] {
  return Array.from({ length: TEXTS }, (_, text) => {
    const [x, y] = [a, b].map((all) => all.subarray(text * DIMENSION, (text + 1) * DIMENSION)) as [
      Float32Array,
      Float32Array,
    ];
    const product = x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
    return product / Math.hypot(...x) / Math.hypot(...y);
  });
}

describe.skipIf(!isHere)("MiniLM", () => {
  it.each([
    { weights: "int8", embeddings: "int4", least: 0.997 },
    { weights: "f16", embeddings: "f16", least: 0.99999 },
    { weights: "f32", embeddings: "f32", least: 0.999999 },
  ])(
    "agrees with torch at layers 4 and 6: $weights, embeddings $embeddings",
    async ({ weights, embeddings, least }) => {
      const taps = TAPS.flatMap((tap) => ["--tap", tap]);
      const compiled = compileModel(MODEL, [...taps, "--weights", weights, "--embeddings", embeddings]);
      const graph = await loadInNode(compiled);
      const features = await graph.run(texts(), TAPS);
      for (const tap of TAPS) {
        const all = cosines(features[tap] as Float32Array, referenceAt(tap));
        const mean = all.reduce((sum, value) => sum + value, 0) / TEXTS;
        console.log(
          `${weights}, ${embeddings}, ${tap}: mean cosine ${mean.toFixed(6)}, worst ${Math.min(...all).toFixed(6)}`,
        );
        expect(mean).toBeGreaterThanOrEqual(least);
      }
    },
  );
});
