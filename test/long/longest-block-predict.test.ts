// The longest predictions that a caller can request: each must yield to other requests at least every 50 ms, for any input.
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { trained } from "../bench/host/served-heads.ts";
import { type BlockService, listOf, startBlockService } from "./block-service.ts";
import type { Sent } from "./block-watch.ts";

const [LABELS, DIMS, WIDE_LABELS] = [1_000, 4_096, 250] as const;
const INPUTS = 256;
/** Few steps, because this test is about the size of the head. */
const JOB = { recipe: "linear", options: { l2: 0.1, max_iterations: 1 }, promote: "always" } as const;

let service: BlockService;

beforeAll(async () => {
  service = await startBlockService();
  await Promise.all([makeTextHead(service.client), makeWideHead(service.client)]);
});
afterAll(() => service.stop());

async function makeTextHead(client: Client): Promise<void> {
  await client.createHead({ id: "text", task: "classification", backbone: "text-embedded" });
  const rows = listOf(2 * LABELS, (i) => `alpha${i >> 1}beta case ${i & 1},topic ${i >> 1}`);
  await client.uploadExamples("text", { csv: `text,label\n${rows.join("\n")}` });
  await trained(client, "text", JOB);
}

const numbers = (i: number): Float32Array => Float32Array.from({ length: DIMS }, (_, d) => Math.sin(i * DIMS + d));
const base64 = (i: number): string => Buffer.from(numbers(i).buffer).toString("base64");

async function makeWideHead(client: Client): Promise<void> {
  await client.createHead({ id: "wide", task: "classification", backbone: "features", dimension: DIMS });
  const rows = listOf(2 * WIDE_LABELS, (i) => `${base64(i)},label ${i >> 1}`);
  await client.uploadExamples("wide", { csv: `features,label\n${rows.join("\n")}` });
  await trained(client, "wide", JOB);
}

const inputs = (rows: readonly string[], options = ""): Sent => ({
  method: "POST",
  type: "application/json",
  body: `{"inputs":[${rows.join()}]${options}}`,
});
const texts = (text: string, options = ""): Sent => inputs(new Array(INPUTS).fill(`{"text":"${text}"}`), options);
const floats = (): Sent => ({
  method: "POST",
  type: "application/vnd.lastlayer.f32",
  body: Buffer.concat(listOf(INPUTS, (i) => Buffer.from(numbers(i).buffer))),
});
/** As many characters as fit into the body 256 times. */
const short = (x: number): string => x.toFixed(4);
const plain = (i: number): string => `{"features":[${Array.from(numbers(i), short).join()}]}`;
const expanding = "\ufdfa".repeat(20_000);
const words = (count: number): string => listOf(count, (i) => `w${i.toString(36)}`).join(" ");

describe("the service yields at least every 50 ms while it", () => {
  it.each<[string, string, () => Sent]>([
    ["scores 256 vectors of 4,096 numbers", "wide", () => inputs(listOf(INPUTS, plain), ',"top":1')],
    ["scores 256 vectors, all scores", "wide", () => inputs(listOf(INPUTS, plain))],
    [
      "scores 256 vectors that a parser must read",
      "wide",
      () => inputs([...listOf(INPUTS - 1, plain), '{"text":"a"}'], ',"top":1'),
    ],
    [
      "scores 256 vectors of base64",
      "wide",
      () =>
        inputs(
          listOf(INPUTS, (i) => `{"features":"${base64(i)}"}`),
          ',"top":1',
        ),
    ],
    ["scores 256 rows of float32", "wide", floats],
    [
      "refuses vectors of other numbers",
      "wide",
      () => inputs(new Array(INPUTS).fill(`{"features":[${"1,".repeat(8_000)}1]}`)),
    ],
    [
      "refuses vectors of texts",
      "wide",
      () => inputs(new Array(INPUTS).fill(`{"features":[${'"a",'.repeat(4_000)}1]}`)),
    ],
    [
      "refuses vectors that end with a text",
      "wide",
      () => inputs(new Array(INPUTS).fill(`{"features":[${"1,".repeat(4_000)}"a"]}`)),
    ],
    [
      "refuses inputs of empty arrays",
      "wide",
      () => inputs(new Array(INPUTS).fill(`{"features":[${"[],".repeat(900)}1]}`)),
    ],
    [
      "refuses inputs of many fields",
      "wide",
      () => inputs(new Array(INPUTS).fill(`{${listOf(500, (i) => `"f${i}":0`).join()}}`)),
    ],
    ["refuses a text of 8 MB", "text", () => inputs([`{"text":"${"\\u0041".repeat(1_390_000)}"}`])],
    ["scores 256 short texts, all scores of 1,000 labels", "text", () => texts("alpha1beta case")],
    ["scores 256 texts of new words", "text", () => texts(words(3_900), ',"top":1')],
    ["scores 256 texts of one word", "text", () => texts("a".repeat(20_000), ',"top":1')],
    ["scores 256 texts of accents", "text", () => texts("é".repeat(15_000), ',"top":1')],
    ["scores texts that grow", "text", () => inputs(new Array(130).fill(`{"text":"${expanding}"}`), ',"top":1')],
    [
      "scores texts of Hangul",
      "text",
      () => inputs(new Array(130).fill(`{"text":"${"각".repeat(20_000)}"}`), ',"top":1'),
    ],
    [
      "scores texts of marks",
      "text",
      () => inputs(new Array(130).fill(`{"text":"a${"\u0301\u0323".repeat(9_999)}"}`), ',"top":1'),
    ],
    [
      "scores texts of invisible characters",
      "text",
      () => inputs(new Array(130).fill(`{"text":"a${"\u200b".repeat(19_998)}"}`), ',"top":1'),
    ],
    [
      "scores texts of many symbols",
      "text",
      () => inputs(new Array(130).fill(`{"text":"${"☃ ".repeat(10_000)}"}`), ',"top":1'),
    ],
    ["adds a coverage set to each of 256 answers", "text", () => texts("alpha1beta case", ',"coverage":1')],
  ])("%s", async (name, head, sent) => {
    await service.watch.expectShort(name, () => service.send(`/v1/heads/${head}/predict`, sent()));
  });
});
