// Label issues of small heads with ten examples per label: few correctly labelled rows are listed, and planted errors are
// found.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import { DATASETS, newTenant, present, removeFolder, start, temporaryFolder, versionOf } from "../journeys/support.ts";
import { normals, type Random, seededRandom } from "../support/random.ts";

const PER_LABEL = 10;
/** One row in twenty gets a wrong label: 5 %. */
const ROWS_PER_ERROR = 20;
const state = temporaryFolder();
let service: Service;
let client: Client;

beforeAll(async () => {
  service = await start(state);
  ({ client } = await newTenant(service, "small"));
});
afterAll(async () => {
  await service.kill();
  removeFolder(state);
});

interface Row {
  readonly input: { readonly text: string } | { readonly features: number[] };
  readonly label: string;
}

interface Case {
  readonly name: string;
  /** The number of heads to average over. Each draws its own rows. */
  readonly heads: number;
  /**
   * Least share of the planted errors that is listed; null if a model of so few rows cannot distinguish them from correct ones.
   */
  readonly leastFound: number | null;
  readonly rows: (random: Random) => readonly Row[];
}

/** Normal clouds around random centres with deviation `spread`. */
const clouds = (labels: number, dims: number, spread: number) => (random: Random) => {
  const centres = Array.from({ length: labels }, () => normals(random, dims));
  return centres.flatMap((centre, k) =>
    Array.from({ length: PER_LABEL }, (): Row => {
      return { input: { features: [...centre.map((at) => at + spread * random.normal())] }, label: `label-${k}` };
    }),
  );
};

const tabular = (name: string) => (): Row[] =>
  readFileSync(join(DATASETS, "tabular", `${name}.csv`), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const values = line.trim().split(",");
      return { input: { features: values.slice(0, -1).map(Number) }, label: values.at(-1) as string };
    });

function banking77(): Row[] {
  const file = readFileSync(join(DATASETS, "banking77", "train.csv"), "utf8");
  const rows = parse(file, { columns: true, relax_quotes: true }) as { text: string; category: string }[];
  return rows.map(({ text, category }) => ({ input: { text }, label: category }));
}

const GENERATED: readonly Case[] = [
  { name: "clouds apart", heads: 6, leastFound: 0.9, rows: clouds(4, 16, 0.5) },
  { name: "clouds that overlap", heads: 6, leastFound: 0.5, rows: clouds(4, 16, 1.5) },
  { name: "two clouds that overlap", heads: 10, leastFound: 0.5, rows: clouds(2, 8, 0.8) },
];
const REAL: readonly Case[] = [
  { name: "banking77", heads: 2, leastFound: 0.8, rows: banking77 },
  { name: "iris", heads: 6, leastFound: 0.7, rows: tabular("iris") },
  { name: "banknote_authentication", heads: 10, leastFound: 0.4, rows: tabular("banknote_authentication") },
  { name: "winequality-white", heads: 6, leastFound: null, rows: tabular("winequality-white") },
  { name: "ionosphere", heads: 10, leastFound: null, rows: tabular("ionosphere") },
  { name: "phoneme", heads: 10, leastFound: null, rows: tabular("phoneme") },
  { name: "pima-indians-diabetes", heads: 10, leastFound: null, rows: tabular("pima-indians-diabetes") },
];

/** Ten rows of each label that has at least ten, in random order. */
function tenALabel(rows: readonly Row[], random: Random): Row[] {
  const shuffled = rows.map((row) => ({ row, key: random.next() })).sort((a, b) => a.key - b.key);
  const byLabel = Map.groupBy(
    shuffled.map(({ row }) => row),
    ({ label }) => label,
  );
  return [...byLabel.values()].filter((own) => own.length >= PER_LABEL).flatMap((own) => own.slice(0, PER_LABEL));
}

/** The same rows with planted wrong labels, and the indices of those rows. */
function withErrors(rows: readonly Row[], random: Random): { rows: Row[]; wrong: Set<string> } {
  const labels = [...new Set(rows.map(({ label }) => label))];
  const wrong = new Set<string>();
  while (wrong.size < Math.round(rows.length / ROWS_PER_ERROR)) wrong.add(`row-${random.below(rows.length)}`);
  const labelled = rows.map((row, i) => {
    const others = labels.filter((label) => label !== row.label);
    return wrong.has(`row-${i}`) ? { ...row, label: others[random.below(others.length)] as string } : row;
  });
  return { rows: labelled, wrong };
}

/** Ids of the examples that a training of these rows lists. */
async function listed(head: string, rows: readonly Row[]): Promise<string[]> {
  const input = rows[0]?.input as Row["input"];
  const backbone =
    "text" in input ? { backbone: "text-embedded" } : { backbone: "features", dimension: input.features.length };
  await client.createHead({ id: head, task: "classification", ...backbone } as Parameters<Client["createHead"]>[0]);
  await client.uploadExamples(
    head,
    rows.map(({ input, label }, i) => ({ id: `row-${i}`, ...input, label })),
  );
  await versionOf(client, head, (await client.startJob(head)).id);
  return (await client.listLabelIssues(head, { limit: 200 })).data.map(({ example }) => example);
}

async function measure({ name, heads, rows }: Case) {
  const total = { clean: 0, flagged: 0, cleanBeside: 0, flaggedBeside: 0, wrong: 0, found: 0 };
  for (let head = 0; head < heads; head++) {
    const random = seededRandom(head + 1);
    const id = `${name.replaceAll(/[ _]/g, "-")}-${head}`;
    const clean = tenALabel(rows(random), random);
    total.clean += clean.length;
    total.flagged += (await listed(id, clean)).length;
    const planted = withErrors(clean, random);
    const issues = await listed(`${id}-wrong`, planted.rows);
    total.wrong += planted.wrong.size;
    total.found += issues.filter((example) => planted.wrong.has(example)).length;
    total.cleanBeside += clean.length - planted.wrong.size;
    total.flaggedBeside += issues.filter((example) => !planted.wrong.has(example)).length;
  }
  return total;
}

async function check(set: Case): Promise<void> {
  const total = await measure(set);
  const [flagged, beside, found] = [
    total.flagged / total.clean,
    total.flaggedBeside / total.cleanBeside,
    total.found / total.wrong,
  ] as const;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${set.name}: ${percent(flagged)} of right rows listed, ${percent(beside)} beside errors, of which ${percent(found)} of ${total.wrong} listed`,
  );
  expect(flagged).toBeLessThanOrEqual(0.1);
  expect(beside).toBeLessThanOrEqual(0.1);
  expect(found).toBeGreaterThanOrEqual(set.leastFound ?? 0);
}

it.each(GENERATED)("the label issues of $name contain the planted errors and at most 10 % of the correct rows", check);

it.skipIf(!present(join(DATASETS, "tabular"))).each(REAL)(
  "the label issues of $name contain at most 10 % of the correct rows, and the planted errors if they are distinguishable",
  check,
);
