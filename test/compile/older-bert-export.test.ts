// The same BERT from a folder and from an export of opset 11: the same operations, the same features.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Graph } from "../../src/compile/graph.ts";
import { readHuggingFaceFolder } from "../../src/compile/readers/hugging-face.ts";
import { type ReadOptions, readModel } from "../../src/compile/readers/registry.ts";
import { runGraph } from "../../src/compile/run.ts";
import { integers } from "../../src/compile/tensor.ts";
import { TINY_BERT, writeBertFolder } from "../support/bert-folder.ts";
import { olderBertExport } from "../support/older-bert-export.ts";
import { onnxFile } from "../support/onnx-file.ts";

const folder = mkdtempSync(join(tmpdir(), "lastlayer-export-"), "utf8");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: ReadOptions = {
  output: null,
  wanted: [],
  tokenizer: null,
  mean: null,
  deviation: null,
  filter: "bilinear",
  shorterSide: null,
  samplesPerSecond: null,
  hopSamples: null,
};

it("becomes what its folder becomes", () => {
  writeBertFolder(folder);
  const model = readHuggingFaceFolder(folder);
  const path = join(folder, "encoder.onnx");
  writeFileSync(path, onnxFile(olderBertExport(model.graph.constants, TINY_BERT)));
  const exported = readModel(path, OPTIONS);
  const operations = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);
  expect(operations(exported.graph)).toEqual(operations(model.graph));
  expect(exported.graph.inputs).toEqual(model.graph.inputs);
  expect([exported.feature, exported.input]).toEqual([model.feature, model.input]);
  const ids = integers([2, 5], [2, 9, 10, 60, 3, 2, 40, 41, 42, 3]);
  const [before, after] = [model, exported].map(({ graph }) => runGraph(graph, { ids }, graph.outputs)[0]?.data ?? []);
  const differences = Array.from(before ?? [], (value, at) => Math.abs(value - (after?.[at] as number)));
  expect(differences).toHaveLength(2 * 5 * TINY_BERT.width);
  expect(Math.max(...differences)).toBeLessThan(1e-4);
});
