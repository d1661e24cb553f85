// Heads of label sets and of values from upload to prediction; other files test classifications.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadView } from "../../src/contract/heads.ts";
import type { MultilabelMetrics, RegressionMetrics } from "../../src/contract/metrics.ts";
import type { Labelled, Valued } from "../../src/contract/predict.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { normals, seededRandom } from "../support/random.ts";
import { call, makeHead, makeTenant, must, train, upload } from "../support/service.ts";

let key = "";
const random = seededRandom(3);
const points = Array.from({ length: 60 }, () => [...normals(random, 2)] as [number, number]);

/** The label "right" for x > 0 and "up" for y > 0, so that the third quadrant has no labels. */
const tags = points.map(([x, y]) => ({
  features: [x, y],
  labels: [...(x > 0 ? ["right"] : []), ...(y > 0 ? ["up"] : [])],
}));
/** A plane with little noise. */
const values = points.map(([x, y], i) => ({ features: [x, y], value: 1_000 + 30 * x - 20 * y + Math.sin(i) }));

beforeAll(async () => {
  key = (await makeTenant("tasks")).key;
  await makeHead(key, "tags", { task: "multilabel" });
  await upload(key, "tags", tags);
  await train(key, "tags");
  await makeHead(key, "values", { task: "regression" });
  await upload(key, "values", values);
  await train(key, "values");
});

const ask = (head: string, inputs: readonly unknown[], more: object = {}) =>
  call<{ predictions: unknown[] }>("POST", `/v1/heads/${head}/predict`, { key, body: { inputs, ...more } });
const show = (head: string, version: number) =>
  must<VersionView>("GET", `/v1/heads/${head}/versions/${version}`, { key });

describe.each(["tags", "values"])("the head of %s", (head) => {
  it("has a version in the form of the contract, and a repeated training gives the same digest", async () => {
    const version = await show(head, 1);
    await train(key, head, { promote: "never" });
    expect((await show(head, 2)).digest).toBe(version.digest);
  });

  it("gives answers in the form of the contract, with an error for an invalid input", async () => {
    const { status, body } = await ask(head, [{ features: [1, 2] }, { features: [1] }]);
    expect(status).toBe(200);
    expect(body.predictions[1]).toMatchObject({ error: { code: "invalid_input" } });
  });

  it("gives each input the same bits as alone", async () => {
    const inputs = points.slice(0, 5).map((features) => ({ features }));
    const batch = (await ask(head, inputs)).body.predictions;
    for (const [i, input] of inputs.entries()) expect((await ask(head, [input])).body.predictions).toEqual([batch[i]]);
  });
});

describe("label sets", () => {
  const labelled = async (inputs: readonly unknown[], more: object = {}) =>
    (await ask("tags", inputs, more)).body.predictions as Labelled[];

  it("are predicted correctly, including empty ones", async () => {
    const answers = await labelled(
      [
        [2, 2],
        [2, -2],
        [-2, 2],
        [-2, -2],
      ].map((features) => ({ features })),
    );
    expect(answers.map(({ labels }) => [...labels].sort())).toEqual([["right", "up"], ["right"], ["up"], []]);
    for (const { scores } of answers) {
      for (const { score } of scores) expect(score >= 0 && score <= 1).toBe(true);
      expect(scores.map(({ score }) => score)).toEqual(scores.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  it("contain the labels that reach the request's threshold, if there is one", async () => {
    const input = { features: [0.2, -0.1] };
    const [all, none] = [await labelled([input], { threshold: 0 }), await labelled([input], { threshold: 1 })];
    expect(all[0]?.labels).toHaveLength(2);
    expect(none[0]?.labels).toEqual([]);
  });

  it("are measured by label with individual thresholds, and as whole sets", async () => {
    const { metrics, calibration, dataset } = await show("tags", 1);
    const validation = metrics.validation as MultilabelMetrics;
    expect(dataset.labels).toEqual(["right", "up"]);
    expect(validation.examples).toBe(60);
    expect(validation.per_label.map(({ label }) => label)).toEqual(["right", "up"]);
    expect(validation.micro_f1).toBeGreaterThan(0.9);
    expect(validation.subset_accuracy).toBeGreaterThan(metrics.baseline.accuracy as number);
    expect(calibration).toMatchObject({ temperature: expect.any(Number), reliability: expect.any(Array) });
    expect(calibration).not.toHaveProperty("thresholds");
  });
});

describe("values", () => {
  it("are predicted in their own units", async () => {
    const [answer] = (await ask("values", [{ features: [1, 1] }])).body.predictions as Valued[];
    expect(Math.abs((answer?.value as number) - 1_010)).toBeLessThan(3);
  });

  it("are measured by predictions of models that did not see the row, and compared with the mean", async () => {
    const { metrics, calibration, dataset } = await show("values", 1);
    const { examples, mae, rmse, r2 } = metrics.validation as RegressionMetrics;
    expect([examples, dataset.labels, calibration]).toEqual([60, [], null]);
    expect(mae).toBeLessThan(rmse);
    expect(rmse).toBeLessThan(3);
    expect(r2).toBeGreaterThan(0.98);
    expect(metrics.baseline.mae).toBeGreaterThan(10);
  });

  it("are measured on the given validation split, and separately on test examples", async () => {
    await makeHead(key, "split", { task: "regression" });
    const splits = ["validation", "test", "train", "train"] as const;
    await upload(
      key,
      "split",
      values.map((row, i) => ({ ...row, split: splits[i % 4] })),
    );
    await train(key, "split");
    const { metrics } = await show("split", 1);
    expect(metrics.test?.examples).toBe(15);
    expect(metrics.validation.examples).toBe(15);
  });

  // The live version was once evaluated on the rows that it was fitted on, and the candidate on rows that it had not seen. A fit
  // that passed through every row therefore stayed live forever.
  it("have their versions compared by errors on rows that neither version has seen", async () => {
    const dimension = 25;
    await makeHead(key, "overfit", { task: "regression", dimension });
    const noise = seededRandom(4);
    const rows = Array.from({ length: 40 }, () => {
      const features = [...normals(noise, dimension)];
      return { features, value: (features[0] as number) + noise.normal() };
    });
    await upload(key, "overfit", rows);
    await train(key, "overfit", { options: { l2: 1e-6 }, promote: "always" });
    await train(key, "overfit", { options: { l2: 0.5 } });
    const [first, second] = await Promise.all([show("overfit", 1), show("overfit", 2)]);
    const rmseOf = ({ metrics }: VersionView): number => (metrics.validation as RegressionMetrics).rmse;
    expect(rmseOf(second)).toBeLessThan(rmseOf(first));
    expect((await must<HeadView>("GET", "/v1/heads/overfit", { key })).live).toBe(2);
  });
});

// Seconds since 1970 were once rounded to float32, in steps of 128, before the mean was subtracted. R² was .86 without any noise.
it("a regression learns values far from zero as well as values near zero", async () => {
  const since1970 = 1_750_000_000;
  await makeHead(key, "times", { task: "regression" });
  await upload(
    key,
    "times",
    values.map(({ features, value }) => ({ features, value: since1970 + value })),
  );
  await train(key, "times");
  const [near, far] = [await show("values", 1), await show("times", 1)].map(({ metrics }) => metrics.validation);
  expect((far as RegressionMetrics).rmse).toBeCloseTo((near as RegressionMetrics).rmse, 1);
  const [answer] = (await ask("times", [{ features: [0, 0] }])).body.predictions as Valued[];
  expect(Math.abs((answer?.value ?? 0) - since1970 - 1_000)).toBeLessThan(5);
});
