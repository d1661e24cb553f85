// A caller's input decides how long many loops run: uploads of invalid rows, searches without a result, exports. Each gets its
// worst input here, and must yield to other requests at least every 50 ms. Only suites of blocks use a clock.
import { afterAll, beforeAll, describe, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { type BlockService, startBlockService } from "./block-service.ts";
import type { Sent } from "./block-watch.ts";

let service: BlockService;

beforeAll(async () => {
  service = await startBlockService();
  const { client } = service;
  await client.createHead({ id: "text", task: "classification", backbone: "text-embedded" });
  await client.createHead({ id: "few", task: "classification", backbone: "text-embedded" });
  await client.createHead({ id: "vectors", task: "classification", backbone: "features", dimension: 1_024 });
  await client.createHead({ id: "sounds", task: "classification", backbone: "sound-sizes" });
  await client.createHead({ id: "numbers", task: "regression", backbone: "text-embedded" });
});
afterAll(() => service.stop());

const TEXT = "/v1/heads/text/examples";
const FEW = "/v1/heads/few/examples";
const VECTORS = "/v1/heads/vectors/examples";
const NUMBERS = "/v1/heads/numbers/examples";
const SOUNDS = "/v1/heads/sounds/examples";
let made = 0;
const table = (body: string): Sent => ({ method: "POST", type: "text/csv", body });
const csv = (rows: string): Sent => table(`text,label\n${rows}`);
const ndjson = (lines: string): Sent => ({ method: "POST", type: "application/x-ndjson", body: lines });
const rowsOf = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(made++ * 10 + (i % 10))).join("");
const vector = (i: number): string =>
  Buffer.from(Float32Array.from({ length: 1_024 }, (_, d) => Math.sin(i * 1_024 + d)).buffer).toString("base64");
const numbers = (i: number): string => Array.from({ length: 1_024 }, (_, d) => Math.sin(i * 1_024 + d)).join();
/** The largest sound, as base64. */
const sound = Buffer.concat([
  Buffer.from("RIFF\x10\0\0\0WAVE"),
  Buffer.alloc(LIMITS.audioBytes - 12, Buffer.from(Float64Array.from({ length: 999 }, Math.sin).buffer)),
]).toString("base64");
/** `rows` end with a comma. */
const json = (rows: string): Sent => {
  return { method: "POST", type: "application/json", body: `{"examples":[${rows.slice(0, -1)}]}` };
};
/** A valid row among 999 invalid ones, after which an upload continues. */
const bad = (thousands: number, row: string, good: string): string => `${row.repeat(999)}${good}`.repeat(thousands);

/** Characters of 20,000 different words, each of which is a token of its own. */
const ideographs = (seed: number): string =>
  String.fromCharCode(...Array.from({ length: 20_000 }, (_, i) => 0x4e00 + ((i * 7_919 + seed * 104_729) % 20_000)));

describe("the service yields at least every 50 ms while it", () => {
  it.each<[string, string, () => Sent]>([
    ["reads the largest sound of NDJSON", SOUNDS, () => ndjson(`{"audio":"${sound}","label":"a"}\n`)],
    ["reads the largest sound of JSON", SOUNDS, () => json(`{"audio":"${sound}","label":"a"},`)],
    ["reads the largest sound of CSV", SOUNDS, () => table(`audio,label\n${sound},a\n`)],
    ["refuses a large sound with a wrong end", SOUNDS, () => ndjson(`{"audio":"${sound.slice(1)}!","label":"a"}\n`)],
    [
      "reads the largest sound of feedback",
      "/v1/heads/sounds/feedback",
      () => ({ method: "POST", type: "application/json", body: `{"input":{"audio":"${sound}"},"label":"a"}` }),
    ],
    [
      "reads the largest sound of a prediction",
      "/v1/heads/sounds/predict",
      () => ({ method: "POST", type: "application/json", body: `{"inputs":[{"audio":"${sound}"}]}` }),
    ],
    ["skips blank lines of CSV", TEXT, () => csv("\n".repeat(4 << 20))],
    ["rejects lines of blanks of CSV", TEXT, () => csv(bad(40, " \n", "a,b\n"))],
    ["rejects rows of empty fields of CSV", TEXT, () => csv(bad(40, ",\n", "a,b\n"))],
    ["rejects rows of too many fields of CSV", TEXT, () => csv(bad(40, `${",".repeat(40)}\n`, "a,b\n"))],
    ["reads records of half a megabyte of CSV", TEXT, () => csv(`${",".repeat(500_000)}\n`.repeat(8))],
    [
      "refuses a header of many names",
      TEXT,
      () => table(`${"x,".repeat(130_000)}${"text,".repeat(50_000)}label\na,b\n`),
    ],
    [
      "rejects long values that are not numbers",
      NUMBERS,
      () => table(`text,value\n${`a,${"1".repeat(500_000)}x\n`.repeat(8)}`),
    ],
    ["reads a quote that is never closed", TEXT, () => csv(`"${"a\n".repeat(2 << 20)}`)],
    ["adds rows of CSV", TEXT, () => csv(rowsOf(5_000, (i) => `message ${i} about a parcel,label ${i % 900}\n`))],
    ["adds long rows of CSV", TEXT, () => csv(rowsOf(100, (i) => `${`word${i} `.repeat(2_400)},long\n`))],
    [
      "adds long texts of ideographs",
      TEXT,
      () => ndjson(rowsOf(200, (i) => `{"text":"${ideographs(i)}","label":"long"}\n`)),
    ],
    ["skips blank lines of NDJSON", TEXT, () => ndjson("\n".repeat(4 << 20))],
    ["skips lines of line ends of NDJSON", TEXT, () => ndjson("\r\n".repeat(2 << 20))],
    ["skips lines of blanks of NDJSON", TEXT, () => ndjson(" \n".repeat(2 << 20))],
    ["skips lines of ideographic spaces of NDJSON", TEXT, () => ndjson("\u3000\n".repeat(1 << 18))],
    ["rejects lines that are not JSON", TEXT, () => ndjson(bad(40, "x\n", '{"text":"a","label":"b"}\n'))],
    ["rejects lines of arrays", TEXT, () => ndjson(`[${"[],".repeat(100_000)}[]]\n`.repeat(12))],
    ["rejects lines of many fields", TEXT, () => ndjson(`{${rowsOf(10_000, (i) => `"f${i}":0,`)}"x":0}\n`.repeat(12))],
    ["adds rows of JSON", TEXT, () => json(rowsOf(1_000, (i) => `{"text":"message ${i}","label":"label ${i % 9}"},`))],
    [
      "adds large rows of JSON",
      VECTORS,
      () => json(rowsOf(800, (i) => `{"features":[${numbers(i)}],"label":"l${i % 9}"},`)),
    ],
    ["rejects one row of 30 MB of JSON", VECTORS, () => json(`{"features":["${'\\"'.repeat(15 << 20)}"]},`)],
    ["rejects JSON of too many rows", VECTORS, () => json("[],".repeat(10 << 20))],
    ["adds vectors", VECTORS, () => ndjson(rowsOf(1_000, (i) => `{"features":"${vector(i)}","label":"l${i % 9}"}\n`))],
    ["searches for missing text", `${TEXT}?q=nowhere-to-be-found`, () => ({})],
    ["looks for a split that no example has", `${TEXT}?split=validation`, () => ({})],
    ["looks for a split among a label's examples", `${TEXT}?split=validation&label=long`, () => ({})],
    ["lists 200 examples", `${TEXT}?limit=200`, () => ({})],
    ["exports texts", `${TEXT}/export`, () => ({})],
    ["adds a few rows", FEW, () => csv(rowsOf(300, (i) => `message ${i},label\n`))],
    ["exports texts with features", `${FEW}/export?features=true`, () => ({})],
    ["exports vectors", `${VECTORS}/export`, () => ({})],
    ["counts answers", "/v1/heads/text/stats", () => ({})],
    ["shows a head of many labels", "/v1/heads/text", () => ({})],
  ])("%s", async (name, path, sent) => {
    await service.watch.expectShort(name, () => service.send(path, sent()));
  });
});
