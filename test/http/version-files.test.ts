// Versions out as files and back in: what an export holds, and that what comes back answers as what went out.
import { beforeAll, describe, expect, it } from "vitest";
import type { HeadView, NewHead } from "../../src/contract/heads.ts";
import type { NewJob } from "../../src/contract/jobs.ts";
import type { ImportFormat } from "../../src/contract/version-files.ts";
import { type VersionView, version as versionSchema } from "../../src/contract/versions.ts";
import { call, corners, makeHead, makeTenant, must, send, train, upload } from "../support/service.ts";

const TYPES = { json: "application/json", safetensors: "application/octet-stream" } as const;
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
    await train(key, id, job);
  }
});

const fileOf = async (head: string, version: number, format: string): Promise<Uint8Array<ArrayBuffer>> => {
  const response = await send("GET", `/v1/heads/${head}/versions/${version}/export?format=${format}`, { key });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
};
const bring = (head: string, format: ImportFormat, body: Uint8Array) =>
  call<VersionView>("POST", `/v1/heads/${head}/versions/import`, {
    ...{ key, body, headers: { "Content-Type": TYPES[format] } },
  });
const ask = async (head: string, version: number) => {
  const inputs = points.slice(0, 20).map((features) => ({ features }));
  const body = { inputs, version, ...(head.startsWith("classes") ? { coverage: 0.9 } : {}) };
  return (await must<{ predictions: unknown[] }>("POST", `/v1/heads/${head}/predict`, { key, body })).predictions;
};
const showHead = (head: string) => must<HeadView>("GET", `/v1/heads/${head}`, { key });
/** The card and the tensors of a json file, without what tells of the version. */
const modelIn = (file: Uint8Array): object => {
  const { version: _, ...model } = JSON.parse(new TextDecoder().decode(file)) as Record<string, unknown>;
  return model;
};

describe.each(CASES)("a version of $id", ({ id }) => {
  it.each(["json", "safetensors"] as const)(
    "comes back from %s with the same bits, and is not live",
    async (format) => {
      const file = await fileOf(id, 1, format);
      const { status, body, headers } = await bring(id, format, file);
      expect(versionSchema().strict().safeParse(body).error?.issues).toBeUndefined();
      const original = await must<VersionView>("GET", `/v1/heads/${id}/versions/1`, { key });
      const { version, digest, live, job, created_at, recipe, imported, ...told } = body;
      expect([status, version, live, job]).toEqual([format === "json" ? 201 : 200, 2, false, null]);
      expect(headers.get("Location")).toBe(format === "json" ? `/v1/heads/${id}/versions/2` : null);
      expect(original).toMatchObject(told);
      expect(recipe).toEqual({ ...original.recipe, name: "import" });
      expect(imported).toMatchObject({ digest: original.digest, created_at: original.created_at });
      expect(modelIn(await fileOf(id, 2, "json"))).toEqual(modelIn(await fileOf(id, 1, "json")));
      expect(await ask(id, 2)).toEqual(await ask(id, 1));
      expect((await showHead(id)).live).toBe(1);
    },
  );
});
