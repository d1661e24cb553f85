// Labels of a real data set, of which some are flipped: the flipped labels are the most suspicious.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Service } from "../../src/cli/service.ts";
import type { Client } from "../../src/client/client.ts";
import {
  DATASETS,
  newTenant,
  present,
  removeFolder,
  seeded,
  start,
  temporaryFolder,
  versionOf,
} from "../journeys/support.ts";

const folder = join(DATASETS, "banking77");
const state = temporaryFolder();
const HEAD = "intents";
const FLIPPED_SHARE = 0.05;
const SEED = Number(process.env.FLIP_SEED ?? 5);
let service: Service;
let client: Client;

beforeAll(async () => {
  service = await start(state);
  ({ client } = await newTenant(service, "bank"));
  await client.createHead({ id: HEAD, task: "classification", backbone: "text-embedded" });
});
afterAll(async () => {
  await service.kill();
  removeFolder(state);
});

interface Row {
  readonly id: string;
  readonly text: string;
  readonly label: string;
  readonly isFlipped: boolean;
}

/** The rows with their labels. One row in twenty gets another, random label. */
function flippedRows(): Row[] {
  const random = seeded(SEED);
  const rows = parse(readFileSync(join(folder, "train.csv"), "utf8"), { columns: true, relax_quotes: true });
  const named = rows as unknown as { text: string; category: string }[];
  const labels = [...new Set(named.map(({ category }) => category))].sort();
  return named.map(({ text, category }, i) => {
    const others = labels.filter((label) => label !== category);
    const isFlipped = random() < FLIPPED_SHARE;
    const label = isFlipped ? (others[Math.floor(random() * others.length)] as string) : category;
    return { id: `row-${i}`, text, label, isFlipped };
  });
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const csvOf = (rows: readonly Row[]): string =>
  `id,text,label\n${rows.map(({ id, text, label }) => `${id},${quoted(text)},${label}`).join("\n")}\n`;

/** The ids of the label issues, most suspicious first. */
async function suspects(): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await client.listLabelIssues(HEAD, { limit: 200, after });
    found.push(...page.data.map(({ example }) => example));
    after = page.next;
  }
  return found;
}

it.skipIf(!present(folder))("the label issues of banking77 list flipped labels first", async () => {
  const rows = flippedRows();
  const flipped = new Set(rows.filter(({ isFlipped }) => isFlipped).map(({ id }) => id));
  expect((await client.uploadExamples(HEAD, { csv: csvOf(rows) })).rejected_total).toBe(0);
  const job = await client.startJob(HEAD, { recipe: "linear" });
  await versionOf(client, HEAD, job.id);
  const ids = await suspects();
  const precisionAt = (count: number): number => ids.slice(0, count).filter((id) => flipped.has(id)).length / count;
  const found = ids.filter((id) => flipped.has(id)).length;
  const figures = [100, 200].map((count) => `${precisionAt(count).toFixed(3)} at ${count}`).join(", ");
  console.log(
    `banking77, ${flipped.size} labels flipped: precision ${figures}; ${found} among the ${ids.length} listed`,
  );
  expect(precisionAt(100)).toBeGreaterThanOrEqual(0.9);
});
