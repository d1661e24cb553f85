// Tag sets with a long tail, compared with scikit-learn's one-versus-rest logistic regression at a threshold of .5 on the same
// vectors.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import type { MultilabelMetrics } from "../../src/contract/metrics.ts";
import type { Labelled } from "../../src/contract/predict.ts";
import {
  DATASETS,
  newTenant,
  present,
  pythonWithSklearn,
  removeFolder,
  start,
  temporaryFolder,
  versionOf,
} from "../journeys/support.ts";
import { makeTagSet, type TagSet, type TagSetRequest } from "./tag-sets.ts";

const SCRIPT = new URL("one_versus_rest.py", import.meta.url).pathname;
const folder = temporaryFolder();
const python = pythonWithSklearn();
let service: Service;
let client: Client;
let key: string;

beforeAll(async () => {
  service = await start(join(folder, "state"));
  ({ client, key } = await newTenant(service, "tags"));
});
afterAll(async () => {
  await service.kill();
  removeFolder(folder);
});

interface Figures {
  readonly micro_f1: number;
  readonly subset_accuracy: number;
  readonly macro_f1: number;
}

const nameOf = (k: number): string => `t${String(k).padStart(2, "0")}`;
const base64 = (row: readonly number[]): string => Buffer.from(Float32Array.from(row).buffer).toString("base64");

/** The figures on the test rows, measured through the whole service. */
async function ours(head: string, { dims, tags, train, test }: TagSet): Promise<Figures> {
  await client.createHead({ id: head, task: "multilabel", backbone: "features", dimension: dims });
  for (let at = 0; at < train.sets.length; at += 500) {
    const examples = train.features.slice(at, at + 500).map((row, i) => ({
      id: String(at + i),
      features: base64(row),
      labels: (train.sets[at + i] as number[]).map(nameOf),
    }));
    await client.uploadExamples(head, examples);
  }
  const version = await versionOf(client, head, (await client.startJob(head, { promote: "always" })).id);
  const said: number[][] = [];
  for (let at = 0; at < test.sets.length; at += 250) {
    const inputs = test.features.slice(at, at + 250).map((row) => ({ features: base64(row) }));
    const { predictions } = await client.predict(head, inputs, { version, top: 1 });
    said.push(...predictions.map((each) => (each as Labelled).labels.map((label) => Number(label.slice(1)))));
  }
  return figuresOf(said, test.sets, tags);
}

function figuresOf(said: readonly number[][], truth: readonly number[][], tags: number): Figures {
  const f1s: number[] = [];
  let [hits, given, exact] = [0, 0, 0];
  for (let k = 0; k < tags; k++) {
    const has = truth.filter((set) => set.includes(k)).length;
    const predicted = said.filter((set) => set.includes(k)).length;
    const right = said.filter((set, r) => set.includes(k) && truth[r]?.includes(k)).length;
    [hits, given] = [hits + right, given + has + predicted];
    f1s.push(has + predicted === 0 ? 0 : (2 * right) / (has + predicted));
  }
  const textOf = (set: readonly number[]): string => [...set].sort((a, b) => a - b).join();
  said.forEach((set, r) => {
    if (textOf(set) === textOf(truth[r] as number[])) exact++;
  });
  return { micro_f1: (2 * hits) / given, subset_accuracy: exact / said.length, macro_f1: mean(f1s) };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

async function theirs(name: string, set: TagSet): Promise<Figures> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(set));
  const { stdout } = await promisify(execFile)(python ?? "", [SCRIPT, file]);
  return JSON.parse(stdout) as Figures;
}

const meansOf = (all: readonly Figures[]): Figures => ({
  micro_f1: mean(all.map((each) => each.micro_f1)),
  subset_accuracy: mean(all.map((each) => each.subset_accuracy)),
  macro_f1: mean(all.map((each) => each.macro_f1)),
});

const SEEDS = [1, 2];
const SETS: readonly (readonly [string, Omit<TagSetRequest, "seed">])[] = [
  ["sums-64", { kind: "sums", dims: 64, noise: 2 }],
  ["sums-256", { kind: "sums", dims: 256, noise: 4 }],
  ["topics-128", { kind: "topics", dims: 128, noise: 3 }],
  ["noisy-128", { kind: "noisy", dims: 128, noise: 3 }],
  ["noisy-256", { kind: "noisy", dims: 256, noise: 2 }],
  ["single-64", { kind: "single", dims: 64, noise: 4 }],
  ["logits-128", { kind: "logits", dims: 128, noise: 0 }],
];

/** Random variation of micro-F1 and of subset accuracy with 1,000 test rows. */
const CHANCE = 0.005;

function compare(name: string, our: Figures, their: Figures): void {
  const text = (figure: keyof Figures): string =>
    `${figure} ${our[figure].toFixed(4)} against ${their[figure].toFixed(4)}`;
  console.log(`${name}: ${text("micro_f1")}, ${text("subset_accuracy")}, ${text("macro_f1")}`);
  expect(our.micro_f1).toBeGreaterThanOrEqual(their.micro_f1 - CHANCE);
  expect(our.subset_accuracy).toBeGreaterThanOrEqual(their.subset_accuracy - CHANCE);
}

it.skipIf(!python).each(SETS)(
  "the thresholds are not worse than one-versus-rest at .5 on long-tailed tags: %s",
  async (name, request) => {
    const [us, them]: [Figures[], Figures[]] = [[], []];
    for (const seed of SEEDS) {
      const set = makeTagSet({ ...request, seed });
      them.push(await theirs(`${name}-${seed}`, set));
      us.push(await ours(`${name}-${seed}`, set));
    }
    compare(name, meansOf(us), meansOf(them));
  },
);

/** Words of banking77's categories as tags of its texts: "card_payment_fee_charged" has four. */
function taggedTexts(file: string, most: number, known?: readonly string[]) {
  const lines = readFileSync(join(DATASETS, "banking77", file), "utf8")
    .trim()
    .split(/\r?\n/)
    .slice(1);
  // Every seventh line, because the file is sorted by category. Quoted texts over several lines are left out.
  const whole = lines.filter((line, i) => i % 7 === 3 && /^(".+"|[^"]+),\S+$/.test(line)).slice(0, most);
  const rows = whole.map((line, i) => {
    const at = line.lastIndexOf(",");
    const tags = [
      ...new Set(
        line
          .slice(at + 1)
          .toLowerCase()
          .match(/[a-z]+/g) ?? [],
      ),
    ];
    return { id: `${file}-${i}`, text: line.slice(0, at).replace(/^"|"$/g, ""), labels: tags };
  });
  const count = (tag: string): number => rows.filter(({ labels }) => labels.includes(tag)).length;
  const kept = known ?? [...new Set(rows.flatMap(({ labels }) => labels))].filter((tag) => count(tag) >= 2).sort();
  return { kept, rows: rows.map((row) => ({ ...row, labels: row.labels.filter((tag) => kept.includes(tag)) })) };
}

const isAble = python !== null && present(join(DATASETS, "banking77"));

it.skipIf(!isAble)(
  "the thresholds are not worse than one-versus-rest at .5 on the words of banking77's categories",
  async () => {
    const train = taggedTexts("train.csv", 1_000);
    const test = taggedTexts("test.csv", 1_000, train.kept);
    await client.createHead({ id: "texts", task: "multilabel", backbone: "text-embedded" });
    const split = (part: "train" | "test", rows: typeof train.rows) => rows.map((row) => ({ ...row, split: part }));
    for (const part of [split("train", train.rows), split("test", test.rows)]) {
      expect((await client.uploadExamples("texts", part)).rejected).toEqual([]);
    }
    const vectorOf = await exportedVectors("texts");
    const rowsOf = (rows: typeof train.rows) => ({
      features: rows.map(({ id }) => vectorOf.get(id) as number[]),
      sets: rows.map(({ labels }) => labels.map((tag) => train.kept.indexOf(tag))),
    });
    const dims = vectorOf.values().next().value?.length ?? 0;
    const set = { dims, tags: train.kept.length, train: rowsOf(train.rows), test: rowsOf(test.rows) };
    const their = await theirs("texts", set);
    const version = await versionOf(client, "texts", (await client.startJob("texts", { promote: "always" })).id);
    compare("banking77", (await client.getVersion("texts", version)).metrics.test as MultilabelMetrics, their);
  },
);

/** Features of the examples of a head, by id. */
async function exportedVectors(head: string): Promise<Map<string, number[]>> {
  const response = await fetch(`${service.url}/v1/heads/${head}/examples/export?features=true`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const lines = (await response.text()).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const { id, features } = JSON.parse(line) as { id: string; features: string | number[] };
      return [id, typeof features === "string" ? decoded(features) : features];
    }),
  );
}

function decoded(text: string): number[] {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  return Array.from(new Float32Array(bytes.buffer));
}
