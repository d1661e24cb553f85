// The same vectors for us and for scikit-learn's LogisticRegression: accuracy on rows that neither has seen.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { Classified } from "../../src/contract/predict.ts";
import { makeFeatures, type Rows, type Split, uploadSplit, vectors, writeFeatures } from "./feature-set.ts";
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
} from "./support.ts";

const FOLDS = 5;
/** Points of accuracy that we may be behind. */
const TOLERANCE = 0.005;

const folder = temporaryFolder();
const python = pythonWithSklearn();
const able = python !== null && present(DATASETS) && present(PEERS);
let service: Service;
let client: Client;

beforeAll(async () => {
  service = await start(join(folder, "state"));
  ({ client } = await newTenant(service, "parity"));
});
afterAll(async () => {
  await service.kill();
  removeFolder(folder);
});

/** Our accuracy on the test rows, by way of the whole service. */
async function ours(head: string, split: Split): Promise<number> {
  const { test, dims } = split;
  await uploadSplit(client, head, split);
  const job = await client.startJob(head);
  await versionOf(client, head, job.id);
  const inputs = vectors(test, dims).map((features) => ({ features }));
  let hits = 0;
  for (let at = 0; at < inputs.length; at += 256) {
    const { predictions } = await client.predict(head, inputs.slice(at, at + 256), { top: 1 });
    hits += predictions.filter((answer, i) => (answer as Classified).label === String(test.labels[at + i])).length;
  }
  return hits / inputs.length;
}

/** scikit-learn's accuracy on the same files. */
async function theirs(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(python ?? "", [join(PEERS, "train_heads.py"), path, "--peers", "lr"]);
  return (JSON.parse(stdout) as { accuracy: number }).accuracy;
}

function written(name: string, split: Split): string {
  const path = join(folder, name);
  writeFeatures(path, split);
  return path;
}

function readTable(name: string): { rows: number[][]; labels: number[]; classes: string[] } {
  const lines = readFileSync(join(DATASETS, "tabular", name), "utf8")
    .trim()
    .split(/\r?\n/);
  const cells = lines.map((line) => line.split(/[,;]/)).filter((row) => Number.isFinite(Number(row[0])));
  const classes = [...new Set(cells.map((row) => row.at(-1) ?? ""))].sort();
  return {
    rows: cells.map((row) => row.slice(0, -1).map(Number)),
    labels: cells.map((row) => classes.indexOf(row.at(-1) ?? "")),
    classes,
  };
}

/** Every n-th row of a class is in fold n: the same folds for both, each class in each. */
function foldsOf(name: string): Split[] {
  const { rows, labels, classes } = readTable(name);
  const seen = classes.map(() => 0);
  const foldOf = labels.map((label) => {
    seen[label] = (seen[label] ?? 0) + 1;
    return (seen[label] as number) % FOLDS;
  });
  const take = (keep: (i: number) => boolean): Rows => ({
    features: Float32Array.from(rows.filter((_, i) => keep(i)).flat()),
    labels: Int32Array.from(labels.filter((_, i) => keep(i))),
  });
  return Array.from({ length: FOLDS }, (_, fold) => ({
    ...{ train: take((i) => foldOf[i] !== fold), test: take((i) => foldOf[i] === fold) },
    ...{ dims: rows[0]?.length ?? 0, classes },
  }));
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const TABLES = [
  "banknote_authentication",
  "ionosphere",
  "iris",
  "phoneme",
  "pima-indians-diabetes",
  "winequality-white",
];

it.skipIf(!able).each(TABLES)("is within half a point of scikit-learn on %s, over five folds", async (name) => {
  const us: number[] = [];
  const them: number[] = [];
  for (const [fold, split] of foldsOf(`${name}.csv`).entries()) {
    them.push(await theirs(written(`${name}-${fold}`, split)));
    us.push(await ours(`${name.replaceAll("_", "-").slice(0, 30)}-${fold}`, split));
  }
  console.log(`${name}: ${mean(us).toFixed(4)} against ${mean(them).toFixed(4)}`);
  expect(mean(us)).toBeGreaterThanOrEqual(mean(them) - TOLERANCE);
});

/** Every second row to learn from and the others to be tested on: 872 of the data's own cannot tell half a point from chance. */
function halved({ train, dims, classes }: Split): Split {
  const take = (odd: number): Rows => ({
    features: train.features.filter((_, i) => Math.floor(i / dims) % 2 === odd),
    labels: train.labels.filter((_, i) => i % 2 === odd),
  });
  return { train: take(0), test: take(1), dims, classes };
}

it.skipIf(!able)(
  "is within half a point of scikit-learn on 20,000 phrases of SST-2, half of them held out",
  async () => {
    const flags = ["--dims", "256", "--rows", "20000"];
    const split = halved(await makeFeatures(python ?? "", "sst2", join(folder, "sst2-all"), flags));
    const [us, them] = [await ours("sst2", split), await theirs(written("sst2", split))];
    console.log(`sst2: ${us.toFixed(4)} against ${them.toFixed(4)}`);
    expect(us).toBeGreaterThanOrEqual(them - TOLERANCE);
  },
);
