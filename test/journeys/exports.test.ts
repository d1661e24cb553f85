// Exported heads run elsewhere, in onnxruntime and in TensorFlow.js, with the answers of the service.
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-web";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { HeadCard } from "../../src/contract/head-file.ts";
import type { NewHead } from "../../src/contract/heads.ts";
import type { NewJob } from "../../src/contract/jobs.ts";
import type { Labelled, Valued } from "../../src/contract/predict.ts";
import { newTenant, removeFolder, seeded, start, temporaryFolder, versionOf } from "./support.ts";

/** Tolerance of a probability, or of a value relative to its size. */
const MOST_APART = 1e-5;

const DIMS = 37;
const ROWS = 240;
const random = seeded(8);
/** Every dimension has its own scale and mean, some a thousand deviations from zero. */
const scales = Array.from({ length: DIMS }, (_, d) => 10 ** ((d % 7) - 3));
const draw = (): number[] => scales.map((scale, d) => scale * (2 * random() - 1 + (d % 3) * 500));
const features = Array.from({ length: ROWS }, draw);
const deviationsOf = (row: readonly number[]): number[] => row.map((x, d) => x / (scales[d] as number) - (d % 3) * 500);
const sideOf = (row: readonly number[], from: number): number =>
  deviationsOf(row)
    .slice(from, from + 3)
    .reduce((a, b) => a + b, 0);

const NAMES = ['a "quoted" one', "zwölf", "三"];
const TARGETS = {
  classification: (row: number[]) => ({ label: NAMES[sideOf(row, 0) > 0.4 ? 0 : sideOf(row, 3) > 0 ? 1 : 2] }),
  multilabel: (row: number[]) => ({ labels: NAMES.filter((_, k) => sideOf(row, 3 * k) > 0.2 * k) }),
  // Seconds since 1970 are so far from zero that float32 has steps of two minutes.
  regression: (row: number[]) => ({ value: 1_750_000_000 + 3_600 * sideOf(row, 0) + 60 * sideOf(row, 9) }),
} as const;
const RECIPES = {
  linear: { recipe: "linear" },
  mlp: { recipe: "mlp", options: { hidden_units: 11, max_epochs: 8 } },
} as const satisfies Record<string, NewJob>;

const CASES = (Object.keys(TARGETS) as (keyof typeof TARGETS)[]).flatMap((task) =>
  (Object.keys(RECIPES) as (keyof typeof RECIPES)[]).map((kind) => ({ task, kind, head: `${task}-${kind}` })),
);

/** Rows like those of the training, rows of zeros, and rows of numbers so large that deviations are clipped. */
const asked = [
  ...features.slice(0, 60),
  ...Array.from({ length: 20 }, draw),
  Array<number>(DIMS).fill(0),
  scales.map((scale, d) => (d % 2 ? 1 : -1) * 1e9 * scale),
].map((row) => Array.from(Float32Array.from(row)));

const predictable = asked.map((row) => ({ features: row }));

const state = temporaryFolder();
let service: Service;
let client: Client;
let key = "";

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  await tf.setBackend("cpu");
  service = await start(state);
  ({ client, key } = await newTenant(service, "exports"));
  for (const { task, kind, head } of CASES)
    await teach({ id: head, task, backbone: "features", dimension: DIMS }, kind);
});
afterAll(async () => {
  await service.kill();
  removeFolder(state);
});

async function teach(head: NewHead, kind: keyof typeof RECIPES): Promise<void> {
  await client.createHead(head);
  const examples = features.map((row) => ({ features: row, ...TARGETS[head.task](row) }));
  await fetch(`${service.url}/v1/heads/${head.id}/examples`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ examples }),
  });
  const { id } = await client.startJob(head.id, RECIPES[kind]);
  expect(await versionOf(client, head.id, id)).toBe(1);
}

/** The service's answer: scores in the order of `labels`, or the value. */
async function served(head: string, labels: readonly string[]): Promise<number[][]> {
  const { predictions } = await client.predict(head, predictable);
  return predictions.map((answer) => {
    if ("value" in answer) return [(answer as Valued).value];
    const scores = new Map((answer as Labelled).scores.map(({ label, score }) => [label, score]));
    return labels.map((label) => scores.get(label) as number);
  });
}

function expectClose(ours: readonly (readonly number[])[], theirs: ArrayLike<number>): void {
  const all = ours.flat();
  expect(theirs.length).toBe(all.length);
  const apart = all.map((value, i) => Math.abs(value - (theirs[i] as number)) / Math.max(1, Math.abs(value)));
  expect(Math.max(...apart)).toBeLessThanOrEqual(MOST_APART);
}

describe.each(CASES)("a $kind head of a $task", ({ task, head }) => {
  it("gives the same answers as its ONNX model in onnxruntime", async () => {
    const session = await ort.InferenceSession.create(await client.exportVersion(head, 1, "onnx"));
    const output = task === "regression" ? "value" : "scores";
    expect([session.inputNames, session.outputNames]).toEqual([["features"], [output]]);
    const rows = new ort.Tensor("float32", Float32Array.from(asked.flat()), [asked.length, DIMS]);
    const answers = (await session.run({ features: rows }))[output] as ort.Tensor;
    const labels = task === "regression" ? [] : [...NAMES].sort();
    expect(answers.dims).toEqual([asked.length, Math.max(1, labels.length)]);
    const ours = await served(head, labels);
    expectClose(ours, answers.data as Float32Array);
    // The tolerance is absolute, not relative to the size of the value: one second for times since 1970.
    if (task === "regression") expect(Math.abs((answers.data[0] as number) - (ours[0]?.[0] as number))).toBeLessThan(1);
    await session.release();
  });

  it("gives the same answers as its layers model, which TensorFlow.js loads from the service in one line", async () => {
    const model = await tf.loadLayersModel(`${service.url}/v1/heads/${head}/versions/1/export?format=tfjs`, {
      requestInit: { headers: { Authorization: `Bearer ${key}` } },
      weightUrlConverter: async (path) => path,
    });
    const { labels } = model.getUserDefinedMetadata() as HeadCard;
    const answers = model.predict(tf.tensor2d(asked)) as tf.Tensor;
    expectClose(await served(head, labels), await answers.data());
  });

  it("can be imported through the client as one version, from either file, and gives the same answers", async () => {
    const before = await client.predict(head, predictable, { version: 1 });
    const [json, safetensors] = [
      await client.exportVersion(head, 1, "json"),
      await client.exportVersion(head, 1, "safetensors"),
    ];
    const imported = await client.importVersion(head, json, "json");
    expect(await client.importVersion(head, safetensors, "safetensors")).toEqual(imported);
    const after = await client.predict(head, predictable, { version: imported.version });
    expect(after.predictions).toEqual(before.predictions);
  });
});
