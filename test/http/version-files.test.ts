// Export and import of versions as files: the content of an export, and that an imported version gives the same answers.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadView, NewHead } from "../../src/contract/heads.ts";
import type { NewJob } from "../../src/contract/jobs.ts";
import type { MultilabelMetrics } from "../../src/contract/metrics.ts";
import type { VersionView } from "../../src/contract/versions.ts";
import { expectProblem } from "../support/problems.ts";
import { call, corners, makeHead, makeTenant, must, send, train, upload } from "../support/service.ts";
import { exportFile, importFile, parsed, splitFile } from "../support/version-files.ts";

type Case = Pick<NewHead, "task"> & { readonly id: string; readonly rows: readonly object[]; readonly job: NewJob };

const points = Array.from({ length: 60 }, (_, i) => [2 * Math.sin(i * 7), 2 * Math.cos(i * 5)] as const);
const tags = points.map(([x, y]) => ({
  features: [x, y],
  labels: [...(x > 0.1 * y ? ["right"] : []), ...(y > 0.3 ? ["up"] : [])],
}));
const values = points.map(([x, y], i) => ({ features: [x, y], value: 1_000 + 30 * x - 20 * y + Math.sin(i) }));
const mlp: NewJob = { recipe: "mlp", options: { hidden_units: 6, max_epochs: 4 } };
const CASES: readonly Case[] = [
  { id: "classes", task: "classification", rows: corners(20), job: { recipe: "linear" } },
  { id: "classes-mlp", task: "classification", rows: corners(20), job: mlp },
  { id: "tags", task: "multilabel", rows: tags, job: { recipe: "linear" } },
  { id: "tags-mlp", task: "multilabel", rows: tags, job: mlp },
  { id: "values", task: "regression", rows: values, job: { recipe: "linear" } },
  { id: "values-mlp", task: "regression", rows: values, job: mlp },
];

let key = "";
beforeAll(async () => {
  key = (await makeTenant("version-files")).key;
  for (const { id, task, rows, job } of CASES) {
    await makeHead(key, id, { task });
    await upload(key, id, rows);
    await train(key, id, { ...job, promote: "always" }); // two epochs give no model worth promoting
  }
});

const ask = async (head: string, version: number) => {
  const inputs = points.slice(0, 20).map((features) => ({ features }));
  const body = { inputs, version, coverage: head.startsWith("classes") ? 0.9 : undefined };
  return (await must<{ predictions: unknown[] }>("POST", `/v1/heads/${head}/predict`, { key, body })).predictions;
};
const showHead = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
/** A json file without its information about the version. */
const modelIn = (file: Uint8Array): object => {
  const { version: _, ...model } = parsed(file);
  return model;
};

describe.each(CASES)("a version of $id", ({ id }) => {
  it.each(["json", "safetensors"] as const)(
    "has the same bits after an import from %s, and is not live",
    async (format) => {
      const file = await exportFile(key, id, 1, format);
      const { status, body, headers } = await importFile(key, id, format, file);
      const original = await must<VersionView>("GET", `/v1/heads/${id}/versions/1`, { key });
      const { version, digest, live, job, created_at, recipe, imported, ...told } = body;
      expect([status, version, live, job]).toEqual([format === "json" ? 201 : 200, 2, false, null]);
      expect(headers.get("Location")).toBe(format === "json" ? `/v1/heads/${id}/versions/2` : null);
      expect(original).toMatchObject(told);
      expect(recipe).toEqual({ ...original.recipe, name: "import" });
      expect(imported).toMatchObject({ digest: original.digest, created_at: original.created_at });
      expect(modelIn(await exportFile(key, id, 2, "json"))).toEqual(modelIn(await exportFile(key, id, 1, "json")));
      expect(await ask(id, 2)).toEqual(await ask(id, 1));
      expect((await showHead(id)).live).toBe(1);
    },
  );
});

describe("an export", () => {
  const answered = (query: string, headers = {}) =>
    send("GET", `/v1/heads/tags/versions/1/export${query}`, { key, headers });

  it.each([
    ["json", "application/json", "tags-v1.json"],
    ["safetensors", "application/vnd.safetensors", "tags-v1.safetensors"],
    ["tfjs", "application/json", "tags-v1.tfjs.json"],
    ["onnx", "application/octet-stream", "tags-v1.onnx"],
  ])("has the right type as %s, and is named after its version", async (format, type, name) => {
    const { digest } = await must<VersionView>("GET", "/v1/heads/tags/versions/1", { key });
    const response = await answered(`?format=${format}`);
    expect(response.headers.get("Content-Type")).toBe(type);
    expect(response.headers.get("Content-Disposition")).toBe(`attachment; filename="${name}"`);
    expect(response.headers.get("ETag")).toBe(`"${digest}"`);
    await response.arrayBuffer();
  });

  it("is json by default, and is not sent again to a client that has it", async () => {
    const first = await answered("");
    expect(parsed(new Uint8Array(await first.arrayBuffer()))).toMatchObject({ format: "lastlayer-head" });
    const again = await answered("", { "If-None-Match": first.headers.get("ETag") as string });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("is refused in an unknown format", async () => {
    expectProblem(await call("GET", "/v1/heads/tags/versions/1/export?format=pickle", { key }), 400, "invalid_request");
  });

  it("contains task, labels, scaling, calibration, thresholds and backbone, and the complete record of the version", async () => {
    const version = await must<VersionView>("GET", "/v1/heads/tags/versions/1", { key });
    const { live: _, job: __, promotion: ___, backbone, ...told } = version;
    const file = parsed(await exportFile(key, "tags", 1, "json"));
    expect(file).toMatchObject({
      task: "multilabel",
      kind: "linear",
      labels: ["right", "up"],
      backbone,
      version: told,
    });
    expect(file.temperature).toBe(version.calibration?.temperature);
    expect(file.thresholds).toEqual(
      (version.metrics.validation as MultilabelMetrics).per_label.map(({ threshold }) => threshold),
    );
    expect(Object.keys(file.tensors)).toEqual(["scaler.mean", "scaler.inverse", "layers.0.weight", "layers.0.bias"]);
    const classes = parsed(await exportFile(key, "classes", 1, "json"));
    expect(classes.tensors.conformal).toHaveLength(1_001);
  });

  it("has aligned tensors as safetensors, with the same numbers as json", async () => {
    const bytes = await exportFile(key, "classes-mlp", 1, "safetensors");
    const { header, data } = splitFile(bytes);
    expect((bytes.byteLength - data.byteLength) % 8).toBe(0);
    const { tensors } = parsed(await exportFile(key, "classes-mlp", 1, "json"));
    const { __metadata__: metadata, ...places } = header;
    expect(Object.keys(places)).toEqual(Object.keys(tensors));
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(places)) {
      const values = [...new Float32Array(data.slice(...data_offsets).buffer)];
      expect([dtype, values]).toEqual(["F32", tensors[name]?.flat()]);
      expect(shape.reduce((a, b) => a * b)).toBe(values.length);
    }
    expect(metadata).toMatchObject({ format: "lastlayer-head", task: "classification", labels: '["north","south"]' });
  });
});
