// A real text encoder and its tokenizer, from texts to features, compared with what their references gave for the same texts.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { embedTexts, textReading } from "../../src/backbones/texts/embed-texts.ts";
import { makeTokenizer, type TokenizerFiles } from "../../src/backbones/texts/tokenizer.ts";
import type { TextPreprocessing } from "../../src/contract/bundle/bundle.ts";
import { inputOfText } from "../../src/contract/inputs/text.ts";
import { bytesOf } from "../../src/core/bytes.ts";
import { awkwardTexts } from "../support/awkward-texts.ts";
import { type CompiledFiles, compileModel, loadInNode } from "../support/compiled-bundle.ts";
import { DATASETS, MODELS, present } from "../support/shared-folder.ts";

const MODEL = join(MODELS, "all-MiniLM-L6-v2");
const REFERENCE = join(MODELS, "all-MiniLM-L6-v2-reference");
const [TEXTS, DIMENSION] = [1_000, 384];
const TAPS = ["layer 4", "layer 6"];

const isHere = present(REFERENCE) && present(MODEL) && present(DATASETS);
const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const tokenizerFiles = (): TokenizerFiles => [
  readFileSync(join(MODEL, "tokenizer.json"), "utf8"),
  readFileSync(join(MODEL, "tokenizer_config.json"), "utf8"),
];

const bankingTexts = (): string[] => {
  const rows = parse(readFileSync(join(DATASETS, "banking77/test.csv")), { columns: true }) as { text: string }[];
  return rows.slice(0, TEXTS).map(({ text }) => text);
};

async function loaded(options: readonly string[]) {
  const compiled: CompiledFiles = compileModel(MODEL, [...TAPS.flatMap((tap) => ["--tap", tap]), ...options]);
  const own = compiled.bundle.preprocessing as TextPreprocessing;
  const reading = await textReading(makeTokenizer(tokenizerFiles()), own);
  return { model: { graph: await loadInNode(compiled), reading }, taps: compiled.bundle.taps };
}

function meanCosine(features: Float32Array, tap: number): number {
  const bytes = readFileSync(join(REFERENCE, `${(TAPS[tap] as string).replace(" ", "")}.f32`));
  const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  let sum = 0;
  for (let text = 0; text < TEXTS; text++) {
    const own = features.subarray((TAPS.length * text + tap) * DIMENSION).subarray(0, DIMENSION);
    const other = expected.subarray(text * DIMENSION).subarray(0, DIMENSION);
    const product = own.reduce((all, value, at) => all + value * (other[at] as number), 0);
    sum += product / Math.hypot(...own) / Math.hypot(...other);
  }
  return sum / TEXTS;
}

describe.skipIf(!isHere)("MiniLM", () => {
  it("gives a thousand awkward texts the ids that Hugging Face's tokenizers 0.21 gave", async () => {
    const words = readFileSync(join(MODEL, "vocab.txt"), "utf8").trimEnd().split("\n");
    const texts = awkwardTexts(words, TEXTS);
    const tokenizer = makeTokenizer(tokenizerFiles());
    const ids: (readonly number[])[] = [];
    for (const text of texts) ids.push(await tokenizer.ids(text));
    expect(sha256(JSON.stringify(texts))).toBe("15469ab61330125b4653b62897d01c8dfa6b6d68fcd7b9f70f3d0ccc685eae97");
    expect(sha256(JSON.stringify(ids))).toBe("0029226120d22da2c265ccf9a6cb882eec852e734d77cf902aaf4a02babaca90");
  });

  it("agrees with torch at layers 4 and 6, in any order of the texts", async () => {
    const { model, taps } = await loaded(["--weights", "int8", "--embeddings", "int4"]);
    const texts = bankingTexts().map(inputOfText);
    const { values } = await embedTexts(model, taps, texts);
    for (const [tap, name] of TAPS.entries()) {
      const cosine = meanCosine(values, tap);
      console.log(`${name}: mean cosine ${cosine.toFixed(6)}`);
      expect(cosine).toBeGreaterThanOrEqual(0.997);
    }
    const backwards = (await embedTexts(model, taps, texts.toReversed())).values;
    const width = TAPS.length * DIMENSION;
    const forwards = texts.map((_, text) => backwards.slice((TEXTS - 1 - text) * width, (TEXTS - text) * width));
    expect(sha256(bytesOf(Float32Array.from(forwards.flatMap((row) => [...row]))))).toBe(sha256(bytesOf(values)));
  });
});
