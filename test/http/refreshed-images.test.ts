// A new revision of an image backbone: features are computed again from the stored files, some at a time.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { featuresAt, refreshFeatures } from "../../durable/head/examples/refresh-features.ts";
import { readableTogether } from "../../durable/head/examples/stored-inputs.ts";
import { type HeadStore, openHeadStore } from "../../durable/head/store.ts";
import type { Backbone } from "../../src/backbones/backbone.ts";
import type { ImageInput } from "../../src/contract/inputs/image.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Turns } from "../../src/core/turns.ts";
import { nameOfHead } from "../../src/env.ts";
import { dataUrl, pngOf } from "../support/files.ts";
import { backboneContext, register } from "../support/guest-backbone.ts";
import { spaceOf } from "../support/older-heads.ts";
import { makeHead, makeTenant, train, upload } from "../support/service.ts";

const TENANT = "refreshed-images";
const DIMENSION = 2;

/** Numbers of inputs that were embedded together, since the test began. */
let batches: number[] = [];

/** Embeds a file as its length and its last byte, times `factor`. */
const revisionOf = (
  revision: string,
  factor: number,
  older: readonly Backbone<ImageInput>[],
): Backbone<ImageInput> => ({
  id: "lengths",
  modality: "image",
  dimension: DIMENSION,
  shape: "vector",
  revision,
  older,
  description: "The length of a file",
  recipe: {},
  embed: async (inputs) => {
    batches.push(inputs.length);
    return { values: Float32Array.from(inputs.flatMap(({ bytes }) => valuesOf(bytes, factor))), tokens: null };
  },
});
const valuesOf = (bytes: Uint8Array, factor: number) => [bytes.length * factor, (bytes.at(-1) as number) * factor];

const older = revisionOf("1", 1, []);
const newest = revisionOf("2", 3, [older]);

/** One is too large for a row of the head's object. */
const FILES = Array.from({ length: LIMITS.filesReadAtOnce + 6 }, (_, i) =>
  pngOf(`${i % 2 ? "a" : "b"}`.repeat(i === 5 ? LIMITS.inlineFileBytes : 20 + i)),
);
const featuresOf = (factor: number, files = FILES) =>
  Float32Array.from(files.flatMap((bytes) => valuesOf(bytes, factor)));

let key = "";
beforeAll(async () => {
  register(newest as Backbone);
  key = (await makeTenant(TENANT)).key;
});

const objectOf = async (id: string) =>
  env.HEADS.getByName(nameOfHead({ tenant: TENANT, space: await spaceOf(TENANT) }, id));

/** Runs `work` with the store of a head. */
const inStore = async <T>(id: string, work: (store: HeadStore) => T | Promise<T>): Promise<T> =>
  runInDurableObject(await objectOf(id), (_, { storage }) => {
    const store = openHeadStore(storage, undefined, backboneContext);
    if (!store) throw new Error("The head was made");
    return work(store);
  });

/** A head on all files, with the features of the older revision. No alarm is set for these. */
async function makeOutdated(id: string): Promise<void> {
  await makeHead(key, id, { backbone: "lengths" });
  const rows = FILES.map((bytes, i) => ({ id: `e${i}`, image: dataUrl("image/png", bytes), label: i % 2 ? "a" : "b" }));
  await upload(key, id, rows);
  await inStore(id, ({ features }) => {
    expect(features.block(1)).toEqual(featuresOf(3));
    features.replace(1, featuresOf(1));
    features.outdated.mark("1");
  });
  batches = [];
}

const tools = () => ({ bucket: env.FILES, turns: new Turns() });

it("an alarm embeds stored images again, small and large ones, a few at a time", async () => {
  await makeOutdated("by-alarm");
  await inStore("by-alarm", ({ alarms }) => alarms.note("refresh", 1));
  await runDurableObjectAlarm(await objectOf("by-alarm"));
  expect(batches).toEqual([LIMITS.filesReadAtOnce, 6]);
  await inStore("by-alarm", ({ features }) => {
    expect(features.block(1)).toEqual(featuresOf(3));
    expect(features.outdated.first(1)).toEqual([]);
  });
});

it("a training embeds stored images again before it reads their features", async () => {
  await makeOutdated("by-training");
  expect((await train(key, "by-training")).status).toBe("succeeded");
  await inStore("by-training", ({ features }) => expect(features.block(1)).toEqual(featuresOf(3)));
});

it("features of an older revision are computed from stored images, and are not stored", async () => {
  await makeOutdated("at-older");
  await inStore("at-older", async (store) => {
    await refreshFeatures(store, tools());
    expect(await featuresAt(store, 1, { ...tools(), revision: "1" })).toEqual(featuresOf(1));
    expect(await featuresAt(store, 1, { ...tools(), revision: null })).toEqual(featuresOf(3));
  });
});

/** A bucket without files. Each read first deletes the input `id` from the head, then finds no file. */
function bucketWithout({ storage, features }: HeadStore, id: number): R2Bucket {
  const get = async (): Promise<null> => {
    storage.sql.exec("DELETE FROM examples WHERE input = ?", id);
    features.forgetUnused([id]);
    return null;
  };
  return { get } as unknown as R2Bucket;
}

it("an image that is deleted while its file is read is left out, and interrupts a reading at an older revision", async () => {
  await makeOutdated("deleting");
  await inStore("deleting", async (store) => {
    const large = store.features.inputsIn(1)[5]?.id as number;
    await refreshFeatures(store, { ...tools(), bucket: bucketWithout(store, large) });
    // The last feature of a block takes the place of one that is removed.
    const left = [...FILES.slice(0, 5), FILES.at(-1) as Uint8Array, ...FILES.slice(6, -1)];
    expect(store.features.block(1)).toEqual(featuresOf(3, left));
  });
  await makeOutdated("interrupted");
  await inStore("interrupted", async (store) => {
    const { id } = store.features.inputsIn(1)[5] as { id: number };
    await refreshFeatures(store, tools());
    const reading = featuresAt(store, 1, { ...tools(), bucket: bucketWithout(store, id), revision: "1" });
    await expect(reading).rejects.toThrow("rows_removed");
  });
});

it("the number of files that are read at once is limited by memory, but is at least one, and depends only on their sizes", async () => {
  await makeHead(key, "sizes", { backbone: "lengths" });
  await inStore("sizes", (store) => {
    const sizes = [9, 8, 8, 17, 1].map((mebibytes) => mebibytes * 1024 * 1024);
    const rows = sizes.map((bytes, i) => {
      const insert = "INSERT INTO files (digest, media_type, bytes, check_at) VALUES (?, 'image/png', ?, NULL)";
      store.storage.sql.exec(insert, `d${i}`, bytes); // nothing is in the bucket
      return { digest: `d${i}` };
    });
    const parts: number[] = [];
    for (let at = 0; at < rows.length; at += parts.at(-1) as number)
      parts.push(readableTogether(store, rows.slice(at)).length);
    expect(parts).toEqual([1, 2, 1, 1]);
  });
});
