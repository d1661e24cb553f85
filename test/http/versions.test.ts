// Versions: their records, and which one is live.
import { beforeAll, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { ClassificationMetrics } from "../../src/contract/metrics.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, makeTrainedHead, must, train, upload } from "../support/service.ts";

let key = "";
beforeAll(async () => {
  key = (await makeTenant("versions")).key;
  await makeTrainedHead(key, "trained");
});

const show = (head: string, version: number) =>
  must<VersionView>("GET", `/v1/heads/${head}/versions/${version}`, { key });
const list = (head: string, query = "") =>
  must<Page<VersionView>>("GET", `/v1/heads/${head}/versions?${query}`, { key });
const liveOf = async (head: string) => (await must<HeadView>("GET", `/v1/heads/${head}`, { key })).live;
const promote = (head: string, version: number) =>
  call("POST", `/v1/heads/${head}/versions/${version}/promote`, { key });

/** Corners with a label that occurs in both: no head is perfect on them, so metrics differ between fits. */
const noisy = Array.from({ length: 60 }, (_, i) => ({
  features: [Math.sin(i * 7) + (i % 3 === 0 ? 1 : -1), Math.cos(i * 5)],
  label: i % 3 === 0 || i % 11 === 0 ? "north" : "south",
}));

describe("a version", () => {
  it("has exactly the form of the contract", async () => {
    const version = await show("trained", 1);
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(version).toMatchObject({
      version: 1,
      live: true,
      digest,
      seed: 0,
      job: expect.stringMatching(/^job_/),
      backbone: { id: "features", identity: digest, dimension: 2 },
      dataset: { digest, examples: 20, labels: ["north", "south"] },
    });
  });

  it("has metrics over all examples, each predicted by a model that did not see it, and a baseline", async () => {
    const { metrics } = await show("trained", 1);
    const validation = metrics.validation as ClassificationMetrics;
    expect(validation).toMatchObject({ examples: 20, accuracy: 1, balanced_accuracy: 1, macro_f1: 1 });
    expect(validation).toMatchObject({ accuracy_interval: [1, 1], macro_f1_interval: [1, 1] });
    expect(validation.per_label.map(({ label, support }) => [label, support])).toEqual([
      ["north", 10],
      ["south", 10],
    ]);
    expect(validation.confusion).toEqual({
      labels: ["north", "south"],
      matrix: [
        [10, 0],
        [0, 10],
      ],
    });
    expect(metrics.baseline).toEqual({ accuracy: 0.5 });
  });

  it("has a calibration: its temperature, the error before and after, reliability, and the cost of abstaining", async () => {
    await makeHead(key, "calibrated");
    await upload(key, "calibrated", noisy);
    await train(key, "calibrated");
    const { metrics, calibration } = await show("calibrated", 1);
    const { temperature, ece_before, ece_after, reliability, thresholds } = calibration as NonNullable<
      typeof calibration
    >;
    const { accuracy, ece, accuracy_interval, examples } = metrics.validation as ClassificationMetrics;
    expect(temperature).toBeGreaterThan(0);
    expect(ece_before).toBeGreaterThanOrEqual(0);
    expect(ece_after).toBe(ece);
    expect(reliability.reduce((sum, bin) => sum + bin.examples, 0)).toBe(examples);
    const hits = reliability.reduce((sum, bin) => sum + bin.examples * bin.accuracy, 0);
    expect(hits / examples).toBeCloseTo(accuracy, 9);
    expect(thresholds?.[0]).toEqual({ threshold: 0, coverage: 1, accuracy });
    const [low, high] = accuracy_interval as [number, number];
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
  });

  it("has separate metrics of test examples, which are in neither training nor validation", async () => {
    await makeHead(key, "tested");
    const rows = corners().map((row, i) => ({ ...row, split: i < 6 ? "test" : undefined }));
    await upload(key, "tested", rows);
    await train(key, "tested");
    const { metrics, dataset } = await show("tested", 1);
    expect(metrics.test?.examples).toBe(6);
    expect(metrics.validation.examples).toBe(dataset.examples - 6);
  });

  it("uses the given validation split", async () => {
    await makeHead(key, "given");
    await upload(
      key,
      "given",
      corners().map((row, i) => ({ ...row, split: i < 8 ? "validation" : "train" })),
    );
    await train(key, "given");
    expect((await show("given", 1)).metrics.validation.examples).toBe(8);
  });

  it("has the same digest for the same examples, recipe and seed, and another digest for other options", async () => {
    await makeHead(key, "again");
    await upload(key, "again", noisy);
    for (const options of [{}, {}, { l2: 10 }]) await train(key, "again", { options });
    const digests = (await list("again")).data.map(({ digest }) => digest);
    expect(digests[1]).toBe(digests[2]);
    expect(digests[0]).not.toBe(digests[1]);
  });

  it("has the same dataset digest for any order and form of the examples", async () => {
    await makeHead(key, "order-a");
    await makeHead(key, "order-b");
    await upload(key, "order-a", noisy);
    for (const row of [...noisy].reverse().slice(0, 30)) await upload(key, "order-b", [row]);
    await upload(key, "order-b", noisy);
    for (const head of ["order-a", "order-b"]) await train(key, head);
    const [a, b] = [await show("order-a", 1), await show("order-b", 1)];
    expect(b.dataset).toEqual(a.dataset);
    expect(b.digest).toBe(a.digest);
  });

  it("is not found by an unknown number", async () => {
    await makeHead(key, "untrained");
    for (const path of ["untrained/versions/1", "trained/versions/2"]) {
      expectProblem(await call("GET", `/v1/heads/${path}`, { key }), 404, "not_found");
      expectProblem(await call("POST", `/v1/heads/${path}/promote`, { key }), 404, "not_found");
    }
    expect(await list("untrained")).toEqual({ data: [], has_more: false, next: null });
  });
});

describe("the promotion of a version", () => {
  it("is automatic for the first version, and with if_better not for one that is only as good", async () => {
    await makeHead(key, "equal");
    await upload(key, "equal", noisy);
    await train(key, "equal");
    expect(await liveOf("equal")).toBe(1);
    await train(key, "equal", { promote: "if_better" });
    expect(await liveOf("equal")).toBe(1);
    expect((await list("equal")).data.map(({ version, live }) => [version, live])).toEqual([
      [2, false],
      [1, true],
    ]);
  });

  it("is automatic with if_better for a better version", async () => {
    await makeHead(key, "better");
    await upload(key, "better", corners());
    await train(key, "better", { options: { l2: 1e6 } });
    await train(key, "better");
    expect(await liveOf("better")).toBe(2);
  });

  it("is automatic for each version with always, and for none with never", async () => {
    await makeHead(key, "told");
    await upload(key, "told", corners());
    await train(key, "told", { promote: "never" });
    expect(await liveOf("told")).toBeNull();
    await train(key, "told", { promote: "always" });
    expect(await liveOf("told")).toBe(2);
    await train(key, "told", { promote: "always", options: { l2: 1e6 } });
    expect(await liveOf("told")).toBe(3);
  });

  it("can be requested, for one version at a time", async () => {
    await makeTrainedHead(key, "by-hand");
    await train(key, "by-hand", { promote: "always" });
    expect(await promote("by-hand", 1)).toMatchObject({ status: 200, body: { version: 1, live: true } });
    expect(await liveOf("by-hand")).toBe(1);
    expect((await list("by-hand")).data.map(({ live }) => live)).toEqual([false, true]);
    expect(await promote("by-hand", 1)).toMatchObject({ status: 200, body: { version: 1, live: true } });
  });
});

describe("the list of versions", () => {
  it("is sorted newest first, in pages, and shows each version as it is shown alone", async () => {
    await makeTrainedHead(key, "three");
    for (const seed of [1, 2]) await train(key, "three", { seed });
    const first = await list("three", "limit=2");
    expect(first.data.map(({ version }) => version)).toEqual([3, 2]);
    expect(await list("three", `limit=2&after=${first.next}`)).toMatchObject({
      data: [{ version: 1 }],
      has_more: false,
    });
    expect(await show("three", 2)).toEqual(first.data[1]);
  });
});
