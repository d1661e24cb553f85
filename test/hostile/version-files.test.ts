// Files that claim to be exported versions: each is refused with a 4xx problem that names the place, and makes no version.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Page } from "../../src/contract/common.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { expectProblem } from "../support/problems.ts";
import { makeHead, makeTenant, makeTrainedHead, must, type ProblemBody, train, upload } from "../support/service.ts";
import {
  exportFile,
  type Header,
  importFile,
  type JsonFile,
  joinFile,
  parsed,
  splitFile,
} from "../support/version-files.ts";

let key = "";
let json: JsonFile;
let tensors: Uint8Array;
let mlp: JsonFile;
let heads = 0;
const head = (): string => `h-${heads}`;

beforeAll(async () => {
  key = (await makeTenant("version-files-hostile")).key;
  await makeTrainedHead(key, "origin");
  json = parsed(await exportFile(key, "origin", 1, "json"));
  tensors = await exportFile(key, "origin", 1, "safetensors");
  await makeHead(key, "hidden", { task: "regression" });
  await upload(
    key,
    "hidden",
    Array.from({ length: 30 }, (_, i) => ({ features: [Math.sin(i), Math.cos(i)], value: i })),
  );
  await train(key, "hidden", { recipe: "mlp", options: { hidden_units: 3, max_epochs: 2 } });
  mlp = parsed(await exportFile(key, "hidden", 1, "json"));
});
beforeEach(async () => {
  heads++;
  await makeHead(key, head());
});

async function expectRefused(format: "json" | "safetensors", file: Uint8Array | string, pointer?: string) {
  const answer = await importFile<ProblemBody>(key, head(), format, file);
  expectProblem(answer, 400, "invalid_request");
  expect(answer.text.length).toBeLessThan(100_000);
  if (pointer !== undefined) expect(answer.body.errors?.map((error) => error.pointer)).toContain(pointer);
  expect((await must<Page<unknown>>("GET", `/v1/heads/${head()}/versions`, { key })).data).toEqual([]);
}

/** The file with a change at a path, as text, so that it may contain numbers that JSON allows and JavaScript does not write. */
function changed(file: JsonFile, path: readonly (string | number)[], value: unknown, raw?: string): string {
  const copy = structuredClone(file) as Record<string | number, unknown>;
  const last = path.at(-1) as string;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as typeof at;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return raw === undefined ? JSON.stringify(copy) : JSON.stringify(copy).replace('"RAW"', raw);
}

const MANY = 1_000_000;
const nulls = (length: number): null[] => Array<null>(length).fill(null);

describe("an import refuses a json file", () => {
  it.each<[string, (string | number)[], unknown, string]>([
    ["of another format", ["format"], "pickle", "/format"],
    ["of a later version of the format", ["format_version"], 2, "/format_version"],
    ["without a task", ["task"], undefined, "/task"],
    ["with an unknown field", ["colour"], "red", "/colour"],
    ["with one label", ["labels"], ["north"], "/labels"],
    ["with a label twice", ["labels"], ["north", "north"], "/labels"],
    ["with a label that is a lone surrogate", ["labels"], ["north", "\ud800"], "/labels/1"],
    ["with a million labels", ["labels"], nulls(MANY), "/labels"],
    ["with thresholds for a classification", ["thresholds"], [0.5, 0.5], "/thresholds"],
    ["with a temperature of zero", ["temperature"], 0, "/temperature"],
    ["with a temperature so small that scores are not finite", ["temperature"], 1e-308, "/temperature"],
    ["without a backbone's identity", ["backbone"], { id: "features", dimension: 2 }, "/backbone/identity"],
    ["without tensors", ["tensors"], undefined, "/tensors"],
    ["with tensors in a list", ["tensors"], [1, 2], "/tensors"],
    ["without weights", ["tensors", "layers.0.weight"], undefined, "/tensors/layers.0.weight"],
    ["with weights of another shape", ["tensors", "layers.0.weight"], [[1, 2]], "/tensors/layers.0.weight"],
    ["with transposed weights", ["tensors", "layers.0.weight"], [1, 2, 3, 4], "/tensors/layers.0.weight"],
    ["with ragged weights", ["tensors", "layers.0.weight"], [[1, 2], [1]], "/tensors/layers.0.weight/1"],
    [
      "with a million empty rows",
      ["tensors", "layers.0.weight"],
      [nulls(MANY), ...Array(9).fill([])],
      "/tensors/layers.0.weight/1",
    ],
    ["with a million nulls for weights", ["tensors", "layers.0.bias"], nulls(MANY), "/tensors/layers.0.bias/0"],
    ["with a text for a weight", ["tensors", "layers.0.bias"], [1, "2"], "/tensors/layers.0.bias/1"],
    ["with a number for a tensor", ["tensors", "layers.0.bias"], 7, "/tensors/layers.0.bias"],
    ["with a missing mean", ["tensors", "scaler.mean"], [1], "/tensors/scaler.mean"],
    ["with a weight beyond float32", ["tensors", "layers.0.bias"], [1e39, 0], "/tensors/layers.0.bias"],
    [
      "with weights whose sums no float32 holds",
      ["tensors", "layers.0.weight"],
      [
        [3e38, 0],
        [0, 3e38],
      ],
      "/tensors/layers.0.weight",
    ],
    ["with missing conformal thresholds", ["tensors", "conformal"], [0.5], "/tensors/conformal"],
    ["with a surplus tensor", ["tensors", "layers.1.bias"], [1, 2], "/tensors/layers.1.bias"],
    ["with a tensor named like a path", ["tensors", "a/b~c"], [1], "/tensors/a~1b~0c"],
    ["without figures", ["version", "metrics"], undefined, "/version/metrics"],
    [
      "with figures of another task",
      ["version", "metrics"],
      { validation: { rmse: 1 }, baseline: {} },
      "/version/metrics/validation/accuracy",
    ],
    ["with an invalid digest", ["version", "digest"], "sha256:", "/version/digest"],
    [
      "with a confusion of a million nulls",
      ["version", "metrics", "validation", "confusion", "matrix"],
      nulls(MANY),
      "/version/metrics/validation/confusion",
    ],
    ["with a million strengths", ["version", "recipe", "path"], nulls(MANY), "/version/recipe/path"],
    [
      "with a figure of a label a megabyte long",
      ["version", "metrics", "validation", "per_label", 0, "label"],
      "x".repeat(MANY),
      "/version/metrics/validation/per_label/0/label",
    ],
    ["with an unknown field of the version", ["version", "live"], true, "/version/live"],
  ])("%s", async (_, path, value, pointer) => expectRefused("json", changed(json, path, value), pointer));

  it.each(["NaN", "Infinity", "1e400", "-1e400"])("with %s for a weight", async (raw) =>
    expectRefused("json", changed(json, ["tensors", "layers.0.bias"], [0, "RAW"], raw)),
  );

  it.each(["null", "7", "[]", '"file"', "{}", `{"tensors":${"[".repeat(100_000)}${"]".repeat(100_000)}}`])(
    "that consists of %.20s",
    async (text) => expectRefused("json", text),
  );

  it("of a hidden layer without units", async () => {
    await makeHead(key, `${head()}-values`, { task: "regression" });
    const file = changed(mlp, ["tensors", "layers.0.weight"], [[], []]);
    const answer = await importFile<ProblemBody>(key, `${head()}-values`, "json", file);
    expectProblem(answer, 400, "invalid_request");
  });

  it("with a tensor of more numbers than any head has", async () => {
    const file = changed(json, ["tensors", "layers.0.bias"], Array<number>(LIMITS.headParameters + 1).fill(1));
    const answer = await importFile<ProblemBody>(key, head(), "json", file);
    expectProblem(answer, 400, "invalid_request");
    const detail = `must have at most ${LIMITS.headParameters} numbers`;
    expect(answer.body.errors).toEqual([{ pointer: "/tensors/layers.0.bias", detail }]);
  });

  it("with more weights than the limit, as head_too_large", async () => {
    const labels = Array.from({ length: 1_000 }, (_, k) => `label ${k}`);
    const file = JSON.stringify({ ...json, labels, backbone: { ...(json.backbone as object), dimension: 4_096 } });
    expectProblem(await importFile<ProblemBody>(key, head(), "json", file), 422, "head_too_large");
  });
});

describe("an import refuses a safetensors file", () => {
  const first = "scaler.mean";
  /** The header with changed fields of a tensor's entry. */
  const entry = (name: string, fields: object) => (header: Header) => ({
    ...header,
    [name]: { ...header[name], ...fields },
  });
  const metadata = (fields: object) => (header: Header) => ({
    ...header,
    __metadata__: { ...header.__metadata__, ...fields },
  });
  const more = (fields: object) => entry("more", { dtype: "F32", shape: [1], ...fields });

  it.each<[string, (header: Header) => object, string]>([
    ["without metadata", ({ __metadata__: _, ...rest }) => rest, "/__metadata__"],
    ["with metadata in a list", (header) => ({ ...header, __metadata__: ["a"] }), "/__metadata__"],
    ["with metadata that are not strings", metadata({ format: 1 }), "/__metadata__/format"],
    ["with labels that are not JSON", metadata({ labels: "[north" }), "/__metadata__/labels"],
    ["without a backbone", metadata({ backbone: undefined }), "/backbone"],
    ["with half floats", entry(first, { dtype: "F16" }), `/${first}/dtype`],
    ["with an invalid shape", entry(first, { shape: [-2] }), `/${first}/shape`],
    ["with a scalar for a tensor", entry(first, { shape: [] }), `/${first}/shape`],
    ["with a shape beyond its bytes", entry(first, { shape: [2 ** 30, 2 ** 30] }), `/${first}/data_offsets`],
    ["with offsets that run backwards", entry(first, { data_offsets: [8, 0] }), `/${first}/data_offsets`],
    ["with offsets that are fractions", entry(first, { data_offsets: [0.5, 8.5] }), `/${first}/data_offsets`],
    ["with one offset", entry(first, { data_offsets: [8] }), `/${first}/data_offsets`],
    ["with tensors that overlap", entry("scaler.inverse", { data_offsets: [0, 8] }), "/scaler.inverse/data_offsets"],
    ["with null for a tensor", (header) => ({ ...header, [first]: null }), `/${first}/dtype`],
    ["with a tensor beyond its end", more({ data_offsets: [2 ** 40, 2 ** 40 + 4] }), "/more/data_offsets"],
    ["with a surplus empty tensor", more({ shape: [0], data_offsets: [0, 0] }), "/tensors/more"],
  ])("%s", async (_, change, pointer) => {
    const { header, data } = splitFile(tensors);
    await expectRefused("safetensors", joinFile(change(header), data), pointer);
  });

  const withLength = (length: bigint): Uint8Array => {
    const file = tensors.slice();
    new DataView(file.buffer).setBigUint64(0, length, true);
    return file;
  };

  it.each<[string, () => Uint8Array]>([
    ["of no bytes", () => new Uint8Array()],
    ["of seven bytes", () => tensors.slice(0, 7)],
    ["cut in its header", () => tensors.slice(0, 100)],
    ["cut in its tensors", () => tensors.slice(0, -4)],
    ["with bytes after its tensors", () => Uint8Array.from([...tensors, 0, 0, 0, 0])],
    [
      "with bytes between its tensors",
      () => {
        const { header, data } = splitFile(tensors);
        return joinFile(header, Uint8Array.from([0, 0, 0, 0, ...data]));
      },
    ],
    ["with a header of 2⁶⁴ − 1 bytes", () => withLength(2n ** 64n - 1n)],
    ["with a header of 2⁵³ bytes", () => withLength(2n ** 53n)],
    ["with a header of no bytes", () => withLength(0n)],
    ["with a header a byte too long", () => withLength(BigInt(tensors.byteLength - 7))],
    ["with a header that is a list", () => joinFile("[]", new Uint8Array())],
    ["with a header that opens with a space", () => joinFile(" {}", new Uint8Array())],
    [
      "with a header that is not UTF-8",
      () => {
        const file = joinFile('{"a":"b"}', new Uint8Array());
        file[14] = 0xff;
        return file;
      },
    ],
    ["that is json", () => new TextEncoder().encode(JSON.stringify(json))],
  ])("%s", async (_, make) => expectRefused("safetensors", make()));

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "with %d among its numbers",
    async (value) => {
      const { header, data } = splitFile(tensors);
      const [at] = (header["layers.0.bias"] as Header[string]).data_offsets;
      new DataView(data.buffer).setFloat32(at, value, true);
      await expectRefused("safetensors", joinFile(header, data), "/tensors/layers.0.bias");
    },
  );

  it("with one flipped bit, or accepts it, but never fails", async () => {
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const file = tensors.slice();
      const at = (i * 7_919) % file.byteLength;
      file[at] = (file[at] as number) ^ (1 << (i % 8));
      const { status } = await importFile(key, head(), "safetensors", file);
      expect([200, 201, 400, 409, 422]).toContain(status);
      if (status >= 400) refused++;
    }
    expect(refused).toBeGreaterThan(0);
  });
});
