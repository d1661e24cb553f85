// Reasons why a training would fail are reported with each upload and by the head, not only once a job is requested.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadView } from "../../src/contract/heads.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import type { Warning } from "../../src/contract/warnings.ts";
import { LIMITS, mostLabels } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, must, upload } from "../support/service.ts";

/** Few labels, so that the tests upload little. */
const DIMENSION = LIMITS.dimensions;
const MOST = mostLabels(DIMENSION);

let key = "";
beforeAll(async () => {
  key = (await makeTenant("warnings")).key;
});

const show = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
const codesOf = ({ warnings }: { readonly warnings: readonly Warning[] }) => warnings.map(({ code }) => code);
const labelsOf = (count: number) => Array.from({ length: count }, (_, i) => `label ${i}`);
const vector = (first: number) => Array.from({ length: DIMENSION }, (_, d) => (d === 0 ? first : 0));

describe("the maximum number of labels for a dimension", () => {
  it("limits fixed labels, which are refused above it with the number, and accepted up to it", async () => {
    const body = { id: "fixed", task: "classification", backbone: "features", dimension: DIMENSION };
    const answer = await call("POST", "/v1/heads", { key, body: { ...body, labels: labelsOf(MOST + 1) } });
    expectProblem(answer, 422, "head_too_large");
    expect(answer.body.errors).toMatchObject([
      { pointer: "/labels", detail: expect.stringContaining(`${MOST} labels`) },
    ]);
    await must("POST", "/v1/heads", { key, body: { ...body, labels: labelsOf(MOST) } });
    expect((await show("fixed")).size).toMatchObject({
      labels: MOST,
      most_labels: MOST,
      parameters: MOST * DIMENSION,
      most_parameters: LIMITS.headParameters,
    });
  });

  it("limits uploads row by row, so that a job has no reason to refuse them", async () => {
    await makeHead(key, "open", { task: "multilabel", dimension: DIMENSION });
    const rows = [
      { features: vector(1), labels: labelsOf(MOST) },
      { features: vector(2), labels: labelsOf(MOST) },
      { features: vector(3), labels: ["one more"] },
    ];
    const answer = await upload(key, "open", rows);
    expect(answer).toMatchObject({
      added: 2,
      rejected: [{ index: 2, code: "too_many_labels", detail: expect.stringContaining(`${MOST}`) }],
      warnings: [],
    });
    expect(await show("open")).toMatchObject({ trainable: true, warnings: [], size: { labels: MOST } });
  });
});

describe("too few examples", () => {
  it("are reported by every upload and by the head, until there are enough", async () => {
    await makeHead(key, "few");
    expect(await show("few")).toMatchObject({ trainable: false, warnings: [{ code: "not_enough_examples" }] });
    expect(codesOf(await upload(key, "few", [{ features: [1, 2], label: "a" }]))).toEqual(["not_enough_examples"]);
    expect(codesOf(await upload(key, "few", [...corners(3), { features: [1, 2], label: "a" }]))).toEqual([
      "rare_labels",
    ]);
    const rare = await show("few");
    expect(rare).toMatchObject({ trainable: true, warnings: [{ code: "rare_labels" }] });
    expect(rare.warnings[0]?.detail).toContain('"a" (1)');
    const body = { input: { features: [3, 2] }, label: "a" };
    expect(codesOf(await must<UploadResult>("POST", "/v1/heads/few/feedback", { key, body }))).toEqual([]);
    expect(await show("few")).toMatchObject({ trainable: true, warnings: [] });
  });

  it("are reported even if no row of an upload was accepted", async () => {
    await makeHead(key, "nothing");
    const headers = { "Content-Type": "application/x-ndjson" };
    const answer = await call<UploadResult>("POST", "/v1/heads/nothing/examples", { key, body: "{}\n", headers });
    expect(answer.body).toMatchObject({ rejected_total: 1, warnings: [{ code: "not_enough_examples" }] });
  });
});

describe("a policy", () => {
  it("is refused if its hidden layer is larger than any training allows", async () => {
    await makeHead(key, "hidden", { dimension: DIMENSION });
    const body = { recipe: "mlp", options: { hidden_units: LIMITS.hiddenUnits } };
    expectProblem(await call("PUT", "/v1/heads/hidden/policy", { key, body }), 422, "head_too_large");
    expect((await show("hidden")).policy).toMatchObject({ promote: "if_better" });
  });
});
