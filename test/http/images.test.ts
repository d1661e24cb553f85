// A head whose inputs are images, on a small backbone of the tests: uploads, feedback, predictions and deletions of files.
import { beforeAll, describe, expect, it } from "vitest";
import { type Backbone, BackboneAway } from "../../src/backbones/backbone.ts";
import type { CaptureView } from "../../src/contract/captures.ts";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { HeadView } from "../../src/contract/heads.ts";
import type { ImageInput } from "../../src/contract/inputs/image.ts";
import type { Predictions } from "../../src/contract/predict.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { isolateMemory } from "../../src/core/memory-budget.ts";
import { dataUrl, jpegOf, pngOf, riffOf } from "../support/files.ts";
import { register } from "../support/guest-backbone.ts";
import { call, makeHead, makeTenant, must, train, upload } from "../support/service.ts";
import { until } from "../support/until.ts";

const DIMENSION = 4;
const HEAD = "/v1/heads/pictures";

/** The shares of the file's bytes by the value of their two highest bits. */
function sharesOf({ bytes }: ImageInput): number[] {
  const counts = [0, 0, 0, 0];
  for (const byte of bytes) counts[byte >> 6] = (counts[byte >> 6] as number) + 1;
  return counts.map((count) => count / bytes.length);
}

const shares: Backbone<ImageInput> = {
  id: "byte-shares",
  modality: "image",
  dimension: DIMENSION,
  shape: "vector",
  revision: "1",
  older: [],
  description: "Shares of the bytes of a file",
  recipe: {},
  embed: async (inputs) => {
    if (isAway) throw new BackboneAway("The backbone is away", 1);
    return { values: Float32Array.from(inputs.flatMap(sharesOf)), tokens: null };
  },
};

let key: string;
let isAway = false;

beforeAll(async () => {
  register(shares as Backbone);
  key = (await makeTenant("images")).key;
  await makeHead(key, "pictures", { backbone: "byte-shares" });
});

const large = pngOf("x".repeat(LIMITS.inlineFileBytes + 1));

describe("an example with an image", () => {
  it("is stored with its file, small or large, and shown with it", async () => {
    const small = pngOf("small");
    const result = await upload(key, "pictures", [
      { id: "small", image: toBase64(small), label: "a" },
      { id: "large", image: dataUrl("image/png", large), label: "b" },
      { id: "again", image: dataUrl("image/png", small), label: "a" },
    ]);
    expect(result).toMatchObject({ added: 3, rejected: [] });
    const shown = (id: string) => must<ExampleView>("GET", `${HEAD}/examples/${id}`, { key });
    expect(await shown("small")).toMatchObject({ image: dataUrl("image/png", small), label: "a" });
    expect((await shown("large")).image).toBe(dataUrl("image/png", large));
    expect((await shown("again")).digest).toBe((await shown("small")).digest);
    expect(await shown("small")).not.toHaveProperty("features");
  });

  it("is unchanged if it is sent again, and keeps its file until the last example with it is deleted", async () => {
    const one = { image: toBase64(jpegOf("kept")), label: "a" };
    await upload(key, "pictures", [
      { ...one, id: "first" },
      { ...one, id: "second" },
    ]);
    expect(await upload(key, "pictures", [{ ...one, id: "first" }])).toMatchObject({ unchanged: 1 });
    await must("DELETE", `${HEAD}/examples/first`, { key });
    expect((await must<ExampleView>("GET", `${HEAD}/examples/second`, { key })).image).toBe(
      dataUrl("image/jpeg", jpegOf("kept")),
    );
  });

  it("gets its file back if it is uploaded again after keep_inputs was turned on", async () => {
    await makeHead(key, "unkept-pictures", { backbone: "byte-shares", keep_inputs: false });
    const files = { small: pngOf("again small"), large: pngOf(`again${"x".repeat(LIMITS.inlineFileBytes)}`) };
    const rows = Object.entries(files).map(([id, file]) => ({ id, image: dataUrl("image/png", file), label: id }));
    await upload(key, "unkept-pictures", rows);
    await must("PATCH", "/v1/heads/unkept-pictures", { key, body: { keep_inputs: true } });
    const shown = (id: string) => must<ExampleView>("GET", `/v1/heads/unkept-pictures/examples/${id}`, { key });
    expect(await shown("large")).not.toHaveProperty("image");
    expect(await upload(key, "unkept-pictures", rows)).toMatchObject({ unchanged: 2 });
    for (const { id, image } of rows) expect((await shown(id)).image).toBe(image);
  });

  it("is rejected with a reason if its file is not an image, or if its input is a text", async () => {
    const { rejected } = await upload(key, "pictures", [
      { image: toBase64(riffOf("WAVE", "")), label: "a" },
      { text: "a picture", label: "a" },
    ]);
    expect(rejected.map(({ detail }) => detail)).toEqual([
      "image is not a file of JPEG, PNG or WebP, by its first bytes",
      'this head takes exactly one input, "image"; got text',
    ]);
  });

  it("may be a longer line of NDJSON than a text", async () => {
    const image = toBase64(pngOf("y".repeat(LIMITS.lineBytes)));
    const headers = { "Content-Type": "application/x-ndjson" };
    const body = `${JSON.stringify({ id: "long", image, label: "a" })}\n` as never;
    expect(await must("POST", `${HEAD}/examples`, { key, body, headers })).toMatchObject({ added: 1 });
  });
});

it("a head of images accepts feedback and predicts, with an error in the place of a bad image", async () => {
  const imageOf = (char: string, i: number) => dataUrl("image/png", pngOf(char.repeat(200 + i)));
  const rows = Array.from({ length: 10 }, (_, i) => [
    { image: imageOf("a", i), label: "letters" },
    { image: imageOf(" ", i), label: "spaces" },
  ]).flat();
  await makeHead(key, "taught", { backbone: "byte-shares" });
  await upload(key, "taught", rows);
  const feedback = { input: { image: imageOf("b", 50) }, label: "letters" };
  expect(await must("POST", "/v1/heads/taught/feedback", { key, body: feedback })).toMatchObject({ added: 1 });
  expect((await train(key, "taught")).status).toBe("succeeded");
  const inputs = [{ image: imageOf("c", 7) }, { image: "AAAA" }, { image: imageOf(" ", 30) }];
  const { body } = await call<Predictions>("POST", "/v1/heads/taught/predict", { key, body: { inputs } });
  expect(body.predictions).toMatchObject([
    { label: "letters" },
    { error: { code: "invalid_input" } },
    { label: "spaces" },
  ]);
});

it("a prediction of more than 8 MiB waits for memory, and releases it afterwards", async () => {
  await makeHead(key, "heavy", { backbone: "byte-shares" });
  await upload(key, "heavy", [
    ...Array.from({ length: 10 }, (_, i) => ({ image: dataUrl("image/png", pngOf("a".repeat(200 + i))), label: "a" })),
    ...Array.from({ length: 10 }, (_, i) => ({ image: dataUrl("image/png", pngOf(" ".repeat(200 + i))), label: "b" })),
  ]);
  await train(key, "heavy", { promote: "always" });
  const ask = (image: string, count: number) =>
    must<Predictions>("POST", "/v1/heads/heavy/predict", { key, body: { inputs: Array(count).fill({ image }) } });
  const all = isolateMemory.take(isolateMemory.capacity);
  expect((await ask(dataUrl("image/png", pngOf("a")), 1)).predictions).toHaveLength(1);
  const waiting = ask(toBase64(pngOf("a".repeat(3.5 * 1024 * 1024))), 2);
  await until(() => isolateMemory.waiting === 1);
  all.release();
  expect((await waiting).predictions).toMatchObject([{ label: "a" }, { label: "a" }]);
  expect([isolateMemory.inUse, isolateMemory.waiting]).toEqual([0, 0]);
});

it("a streamed upload waits for as much memory as the decoding of its longest line needs", async () => {
  await makeHead(key, "streamed", { backbone: "byte-shares" });
  const most = isolateMemory.capacity - LIMITS.requestMemoryBytes;
  const others = isolateMemory.take(most);
  const headers = { "Content-Type": "application/x-ndjson" };
  const body = `${JSON.stringify({ image: toBase64(pngOf("x".repeat(1024 * 1024))), label: "a" })}\n` as never;
  const uploading = must("POST", "/v1/heads/streamed/examples", { key, body, headers });
  await until(() => isolateMemory.waiting === 1);
  others.release();
  expect(await uploading).toMatchObject({ added: 1 });
});

it("a prediction for an image is logged, unless the file has more than 1.4 MB", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({
    image: toBase64(pngOf((i % 2 ? "a" : " ").repeat(200 + i))),
    label: `l${i % 2}`,
  }));
  await makeHead(key, "logged", { backbone: "byte-shares" });
  await upload(key, "logged", rows);
  await train(key, "logged", { promote: "always" });
  await must("PATCH", "/v1/heads/logged", { key, body: { log_hours: 24 } });
  const inputs = [1_400_000, 1_500_000].map((bytes) => ({ image: toBase64(pngOf("a".repeat(bytes))) }));
  const body = { inputs, consistency: "strong" };
  const { predictions } = await must<Predictions>("POST", "/v1/heads/logged/predict", { key, body });
  expect(predictions.map((one) => "id" in one)).toEqual([true, false]);
});

it("an image is captured with its file, and becomes an example with it once the capture is labelled", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({
    image: toBase64(pngOf((i % 2 ? "a" : " ").repeat(200 + i))),
    label: `l${i % 2}`,
  }));
  await makeHead(key, "captured", { backbone: "byte-shares" });
  await upload(key, "captured", rows);
  await train(key, "captured", { promote: "always" });
  await must("PATCH", "/v1/heads/captured", { key, body: { capture: { rate: 1, keep_days: 7 } } });
  const image = dataUrl("image/png", pngOf("a".repeat(1_000_000)));
  const body = { inputs: [{ image }], consistency: "strong" };
  await must("POST", "/v1/heads/captured/predict", { key, body });
  const captures = async () => (await must<Page<CaptureView>>("GET", "/v1/heads/captured/captures", { key })).data;
  await until(async () => (await captures()).length > 0);
  const [capture] = await captures();
  expect(capture?.input).toEqual({ image });
  const path = `/v1/heads/captured/captures/${capture?.id}/label`;
  expect(await must("POST", path, { key, body: { label: "l1" } })).toMatchObject({ added: 1 });
  expect(await captures()).toEqual([]);
  const { data } = await must<Page<ExampleView>>("GET", "/v1/heads/captured/examples?label=l1&limit=200", { key });
  const { id } = data.find(({ source }) => source === "capture") as ExampleView;
  expect(await must("GET", `/v1/heads/captured/examples/${id}`, { key })).toMatchObject({ image, label: "l1" });
});

it.each([true, false])(
  "images that arrived while the backbone was away are embedded, with keep_inputs %s",
  async (keeps) => {
    const path = `/v1/heads/waiting-${keeps}`;
    await makeHead(key, `waiting-${keeps}`, { backbone: "byte-shares", keep_inputs: keeps });
    isAway = true;
    const rows = [pngOf("one"), large, jpegOf("three")].map((file, i) => ({
      id: `e${i}`,
      image: toBase64(file),
      label: "a",
    }));
    expect((await upload(key, `waiting-${keeps}`, rows)).features.pending).toBe(3);
    const hasFile = async (id: string) =>
      "image" in (await must<ExampleView>("GET", `${path}/examples/${id}`, { key }));
    expect(await hasFile("e1")).toBe(true);
    isAway = false;
    const pending = async () => (await must<HeadView>("GET", path, { key })).examples.pending;
    await until(async () => (await pending()) === 0);
    for (const { id } of rows) expect(await hasFile(id)).toBe(keeps);
  },
);
