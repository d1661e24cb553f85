// Examples with equal features although their inputs differ: no metric of a version counts such an example as unseen if another
// one was used for training.
import { beforeAll, describe, expect, it } from "vitest";
import type { JobEvent } from "../../src/contract/jobs.ts";
import type { ClassificationMetrics } from "../../src/contract/metrics.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { seededRandom } from "../support/random.ts";
import { makeHead, makeTenant, makeTextHead, must, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("duplicates")).key;
});

const random = seededRandom(5);
const word = (): string =>
  Array.from({ length: 3 }, () => "bdfglmnprst".charAt(random.below(11)) + "aeiou".charAt(random.below(5))).join("");
const text = (): string => Array.from({ length: 6 }, word).join(" ");
/** A text with a random label. */
const tossed = (count: number) =>
  Array.from({ length: count }, () => ({ text: text(), label: random.next() < 0.5 ? "a" : "b" }));

type Split = "train" | "validation" | "test";
const givenTo = <Row extends object>(rows: readonly Row[], split: Split) => rows.map((row) => ({ ...row, split }));

async function trainedOn(head: string, rows: readonly unknown[]): Promise<{ version: VersionView; notes: string[] }> {
  await upload(key, head, rows);
  const job = await train(key, head, { promote: "always" });
  const version = await must<VersionView>("GET", `/v1/heads/${head}/versions/${job.version}`, { key });
  const { data } = await must<{ data: JobEvent[] }>("GET", `/v1/heads/${head}/jobs/${job.id}/events`, { key });
  const notes = data.filter(({ type }) => type === "message").map(({ data: { text } }) => String(text));
  return { version, notes };
}

const accuracyOf = (metrics: unknown): number => (metrics as ClassificationMetrics).accuracy;

describe("texts that differ only in white space or case", () => {
  it.each([["test"], ["validation"]] as const)("are not trained on if one of them has the split %s", async (split) => {
    const head = `text-${split}`;
    await makeTextHead(key, head);
    const known = tossed(60);
    const copies = known.map(({ text, label }, i) => ({ text: i % 2 ? `${text} ` : ` ${text.toUpperCase()}`, label }));
    const rows = [...givenTo(known, "train"), ...givenTo(copies, split), ...givenTo(tossed(60), "train")];
    const { version, notes } = await trainedOn(head, rows);
    expect(accuracyOf(version.metrics[split])).toBeLessThan(0.7);
    expect(version.dataset).toMatchObject({ duplicates_left_out: 60, examples: 180 });
    expect(notes.join("\n")).toMatch(/60 examples are kept out of training: their features equal/);
  });

  it("are held out together if no splits are given", async () => {
    await makeTextHead(key, "text-free");
    const known = tossed(60);
    const copies = known.map(({ text, label }) => ({ text: text.replaceAll(" ", "  "), label }));
    const { version } = await trainedOn("text-free", [...known, ...copies]);
    expect(accuracyOf(version.metrics.validation)).toBeLessThan(0.7);
    expect(version.dataset).not.toHaveProperty("duplicates_left_out");
  });
});

describe("vectors", () => {
  it("are one input if their numbers are equal, such as 0 and −0", async () => {
    await makeHead(key, "vectors", { dimension: 16 });
    const row = () => Float32Array.from({ length: 16 }, (_, d) => (d === 3 ? 0 : random.normal()));
    const encoded = (vector: Float32Array) => btoa(String.fromCharCode(...new Uint8Array(vector.buffer)));
    const toss = (vector: Float32Array) => ({ vector, label: random.next() < 0.5 ? "a" : "b" });
    const known = Array.from({ length: 50 }, () => toss(row()));
    const others = Array.from({ length: 50 }, () => toss(row()));
    const rowsOf = (tossed: typeof known) => tossed.map(({ vector, label }) => ({ features: encoded(vector), label }));
    const copies = known.map(({ vector, label }) => ({ label, vector: vector.map((x) => (x === 0 ? -0 : x)) }));
    const named = rowsOf(copies).map((row, i) => ({ ...row, id: `copy-${i}` }));
    const rows = [...givenTo(rowsOf([...known, ...others]), "train"), ...givenTo(named, "test")];
    const { version } = await trainedOn("vectors", rows);
    expect(version.dataset).toMatchObject({ duplicates_left_out: 50 });
    expect(accuracyOf(version.metrics.test)).toBeLessThan(0.75);
  });

  it("give the same digest in a verification if they were kept out of training", async () => {
    const answer = await must<{ same: boolean | null }>("POST", "/v1/heads/vectors/versions/1/verify", { key });
    expect(answer.same).toBe(true);
  });
});

it("a head can be trained if all texts of a label have equal features", async () => {
  await makeTextHead(key, "same");
  const same = ["Refund please", "refund please", "refund  please"].map((text) => ({ text, label: "refund" }));
  const { version } = await trainedOn("same", [...same, ...tossed(20)]);
  expect(version.dataset.labels).toEqual(["a", "b", "refund"]);
});
