// The export of a head on pictures: its lines contain files of every size, in the form that uploads accept.

import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Backbone } from "../../src/backbones/backbone.ts";
import type { Page } from "../../src/contract/common.ts";
import type { ExampleView } from "../../src/contract/examples.ts";
import type { ImageInput } from "../../src/contract/inputs/image.ts";
import type { UploadResult } from "../../src/contract/upload-result.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { dataUrl, jpegOf, pngOf } from "../support/files.ts";
import { register } from "../support/guest-backbone.ts";
import { expectProblem } from "../support/problems.ts";
import { call, makeHead, makeTenant, must, send, textOf, upload } from "../support/service.ts";

const pictureSizes: Backbone<ImageInput> = {
  id: "picture-sizes",
  modality: "image",
  dimension: 2,
  shape: "vector",
  revision: "1",
  older: [],
  description: "Sizes of pictures",
  recipe: {},
  embed: async (inputs) => ({
    values: Float32Array.from(inputs.flatMap(({ bytes }) => [bytes.length, bytes[bytes.length - 1] as number])),
    tokens: null,
  }),
};

const PART = LIMITS.exportedFileBytes;
const START = pngOf("").length;
/** Pictures with sizes around the limits up to which a file is stored in the head, and is read in one part. */
const PICTURES: readonly (readonly [id: string, mediaType: string, bytes: Uint8Array])[] = [
  ["small", "image/png", pngOf("small")],
  ["jpeg", "image/jpeg", jpegOf("a jpeg")],
  ["inline", "image/png", pngOf("i".repeat(LIMITS.inlineFileBytes - START))],
  ["bucket", "image/png", pngOf("b".repeat(LIMITS.inlineFileBytes - START + 1))],
  ["one-part", "image/png", pngOf("p".repeat(PART - START))],
  ["two-parts", "image/png", pngOf("q".repeat(PART - START + 1))],
  ["largest", "image/png", pngOf("l".repeat(LIMITS.imageBytes - START))],
  ["last", "image/png", pngOf("last")],
];
const rows = PICTURES.map(([id, mediaType, bytes], i) => ({
  id,
  image: i % 2 === 0 ? toBase64(bytes) : dataUrl(mediaType, bytes),
  label: `label ${i % 3}`,
  split: i === 0 ? ("test" as const) : undefined,
}));

let key = "";
beforeAll(async () => {
  register(pictureSizes as Backbone);
  key = (await makeTenant("exported-files")).key;
  await makePictures("from", {});
  for (const row of rows) expect(await upload(key, "from", [row])).toMatchObject({ added: 1 });
});

const makePictures = (id: string, more: object) => makeHead(key, id, { backbone: "picture-sizes", ...more });
const exported = async (head: string, query = "") =>
  textOf(await send("GET", `/v1/heads/${head}/examples/export${query}`, { key }));
const listed = async (head: string) => {
  const { data } = await must<Page<ExampleView>>("GET", `/v1/heads/${head}/examples`, { key });
  return data.map(({ id, digest, label, split }) => ({ id, digest, label, split }));
};

describe("an export of a head on pictures", () => {
  it.each(["", "?features=true"])(
    "gives the same examples with the same files if it is uploaded into a new head: %s",
    async (query) => {
      const to = `to${query.length}`;
      await makePictures(to, {});
      const headers = { "Content-Type": "application/x-ndjson" };
      const body = await exported("from", query);
      const result = await must<UploadResult>("POST", `/v1/heads/${to}/examples`, { key, body, headers });
      expect(result).toMatchObject({ added: rows.length, rejected: [] });
      expect(await listed(to)).toEqual(await listed("from"));
      for (const [id, mediaType, bytes] of PICTURES) {
        const { image } = await must<ExampleView>("GET", `/v1/heads/${to}/examples/${id}`, { key });
        expect(image === dataUrl(mediaType, bytes), id).toBe(true);
      }
      expect((await exported(to, query)) === body).toBe(true);
    },
  );

  it("has on each line the picture as a data URL with the target, and features if they are requested", async () => {
    const lines = (await exported("from", "?features=true"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    const [, , small] = PICTURES[0] as (typeof PICTURES)[number];
    const features = [small.length, "l".charCodeAt(0)];
    expect(lines[0]).toEqual({
      id: "small",
      image: dataUrl("image/png", small),
      label: "label 0",
      split: "test",
      features,
    });
    expect(lines[1]).toEqual({ ...lines[1], image: rows[1]?.image });
    expect(JSON.parse((await exported("from")).split("\n")[0] as string)).not.toHaveProperty("features");
  });

  it("is refused without features if the head keeps no pictures", async () => {
    await makePictures("unkept", { keep_inputs: false });
    await upload(key, "unkept", rows.slice(0, 3));
    const refused = await call("GET", "/v1/heads/unkept/examples/export", { key });
    expectProblem(refused, 409, "conflict");
    expect(refused.body.detail).toContain("keep_inputs");
    const lines = (await exported("unkept", "?features=true"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => Object.keys(line).sort())).toEqual([
      ["features", "id", "label", "split"],
      ["features", "id", "label"],
      ["features", "id", "label"],
    ]);
  });

  it("is refused if the bucket has lost a picture, and does not leave it out", async () => {
    await makePictures("lost", {});
    await upload(key, "lost", rows.slice(3, 4));
    const lost = (await env.FILES.list()).objects.filter(({ key: name }) => name.includes("/lost/"));
    expect(lost).toHaveLength(1);
    await env.FILES.delete(lost.map(({ key: name }) => name));
    expectProblem(await call("GET", "/v1/heads/lost/examples/export", { key }), 503, "unavailable");
  });
});
