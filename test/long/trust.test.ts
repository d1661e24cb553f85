// Trustworthy scores on real, unseen data: calibrated, with sets that contain the true label as often as requested.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { Classified } from "../../src/contract/predict.ts";
import {
  DATASETS,
  newTenant,
  PEERS,
  present,
  pythonWithSklearn,
  removeFolder,
  start,
  temporaryFolder,
  versionOf,
} from "../journeys/support.ts";
import { makeFeatures, type Split, uploadSplit, vectors, writeFeatures } from "./feature-set.ts";

const COVERAGE = 0.95;
const folder = temporaryFolder();
const python = pythonWithSklearn();
const able = python !== null && present(DATASETS) && present(PEERS);
let service: Service;
let client: Client;

beforeAll(async () => {
  service = await start(join(folder, "state"));
  ({ client } = await newTenant(service, "trust"));
});
afterAll(async () => {
  await service.kill();
  removeFolder(folder);
});

async function trained(head: string, split: Split): Promise<void> {
  await uploadSplit(client, head, split);
  await versionOf(client, head, (await client.startJob(head)).id);
}

async function answers(head: string, { test, dims }: Split): Promise<Classified[]> {
  const inputs = vectors(test, dims).map((features) => ({ features }));
  const all: Classified[] = [];
  for (let at = 0; at < inputs.length; at += 256) {
    const { predictions } = await client.predict(head, inputs.slice(at, at + 256), { coverage: COVERAGE, top: 1 });
    all.push(...(predictions as Classified[]));
  }
  return all;
}

const share = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;

/** Expected calibration error in fifteen bins of confidence. */
function calibrationError(predictions: readonly Classified[], labels: Int32Array): number {
  const gaps = new Float64Array(15);
  predictions.forEach(({ label, score }, i) => {
    const bin = Math.min(14, Math.floor(15 * score));
    gaps[bin] = (gaps[bin] as number) + score - (label === String(labels[i]) ? 1 : 0);
  });
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / predictions.length;
}

it.skipIf(!able).each([
  ["banking77", "banking77", ["--dims", "256"]],
  ["fashion-mnist", "fashion", ["--dims", "256", "--rows", "20000"]],
] as const)(
  "the scores of %s are within .03 of how often they are right, and sets have the requested coverage",
  async (name, head, flags) => {
    const split = await makeFeatures(python ?? "", name, join(folder, name), flags);
    await trained(head, split);
    const predictions = await answers(head, split);
    const error = calibrationError(predictions, split.test.labels);
    const covered = share(predictions.map(({ set = [] }, i) => set.includes(String(split.test.labels[i]))));
    const size = predictions.reduce((sum, { set = [] }) => sum + set.length, 0) / predictions.length;
    const right = share(predictions.map(({ label }, i) => label === String(split.test.labels[i])));
    const figures = [right, error, covered].map((value) => value.toFixed(4));
    console.log(`${name}: accuracy, ECE, coverage ${figures.join(", ")}; ${size.toFixed(2)} labels a set`);
    expect(error).toBeLessThanOrEqual(0.03);
    expect(Math.abs(covered - COVERAGE)).toBeLessThanOrEqual(0.015);
  },
);

/** The first `perLabel` rows of every label. */
function few({ train, dims, ...rest }: Split, perLabel: number): Split {
  const seen = new Map<number, number>();
  const kept = [...train.labels.keys()].filter((i) => {
    const label = train.labels[i] as number;
    seen.set(label, (seen.get(label) ?? 0) + 1);
    return (seen.get(label) as number) <= perLabel;
  });
  const features = new Float32Array(kept.length * dims);
  kept.forEach((row, i) => {
    features.set(train.features.subarray(row * dims, (row + 1) * dims), i * dims);
  });
  return { ...rest, dims, train: { features, labels: Int32Array.from(kept, (row) => train.labels[row] as number) } };
}

it.skipIf(!able)("a head learns banking77 from five examples per label as well as LogisticRegressionCV", async () => {
  const whole = await makeFeatures(python ?? "", "banking77", join(folder, "whole"), ["--dims", "256"]);
  const split = few(whole, 5);
  await trained("few", split);
  const right = share((await answers("few", split)).map(({ label }, i) => label === String(split.test.labels[i])));
  writeFeatures(join(folder, "few"), split);
  const peer = [join(PEERS, "train_heads.py"), join(folder, "few"), "--peers", "lrcv"];
  const { accuracy } = JSON.parse((await promisify(execFile)(python ?? "", peer)).stdout) as { accuracy: number };
  console.log(`five a label: ${right.toFixed(4)} against ${accuracy.toFixed(4)}`);
  expect(right).toBeGreaterThanOrEqual(accuracy);
});
