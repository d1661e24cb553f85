// Files of inputs in a head's tables and in the simulated bucket: recorded as an intent before they are written, kept while an
// input or a capture needs them, and deleted afterwards, even if the runtime is killed at any step.
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { restoredInputs } from "../../../../durable/head/examples/stored-inputs.ts";
import { deleteUnusedFiles } from "../../../../durable/head/files/delete-files.ts";
import {
  bytesOfFiles,
  newFilesOf,
  type PutTools,
  putFiles,
  useFiles,
} from "../../../../durable/head/files/put-files.ts";
import { readFile } from "../../../../durable/head/files/read-file.ts";
import { type HeadStore, openHeadStore } from "../../../../durable/head/store.ts";
import { filesOf, type NewFile } from "../../../../durable/tables/files.ts";
import type { HeadRpc } from "../../../../src/contract/rpc.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import { Fault, unwrap } from "../../../../src/core/problems.ts";
import { Turns } from "../../../../src/core/turns.ts";
import { digestOfInput, freshName, inObject } from "../../../support/objects.ts";

const bucket = env.FILES;
const HOUR_MS = 3_600_000;

interface Scene {
  readonly store: HeadStore;
  readonly prefix: string;
  /** The clock of the scene. Tests advance it, so nothing really waits. */
  now: number;
  /** How often the platform's alarm was set. */
  armed: number;
}

/** Runs `work` with a new head's store. Alarms are counted, not set, so upkeep runs only when a test calls it. */
async function inHead(work: (scene: Scene) => Promise<void>): Promise<void> {
  const name = freshName();
  const rpc = env.HEADS.getByName(name) as unknown as HeadRpc;
  const backbone = { id: "features", identity: "sha256:test", dimension: 2 } as const;
  const prefix = `tenant.${name}/head/life/`;
  unwrap(
    await rpc.create({ id: "head", task: "classification", backbone, labels: null, description: null, files: prefix }),
  );
  await inObject(name, async (storage) => {
    const store = openHeadStore(storage);
    if (!store) throw new Error("The head was made");
    const scene: Scene = { store, prefix, now: Date.now(), armed: 0 };
    store.alarms.arm = async () => void scene.armed++;
    await work(scene);
  });
}

const fileOf = (input: string, bytes: number = LIMITS.inlineFileBytes + 1): NewFile => ({
  digest: digestOfInput(input),
  mediaType: "image/png",
  bytes: new Uint8Array(bytes).fill(input.length),
});

const putTools = (scene: Scene, over: PutTools["bucket"] = bucket): PutTools => ({
  store: scene.store,
  now: () => scene.now,
  bucket: over,
});

/** Adds inputs with their files, as an upload does. Returns the digests of the files that must be sent again. */
async function add(scene: Scene, files: readonly NewFile[]): Promise<string[]> {
  const put = await putFiles(putTools(scene), files);
  return commit(scene, files, put);
}

const commit = ({ store, now }: Scene, files: readonly NewFile[], put: ReadonlyMap<string, number>): string[] =>
  store.storage.transactionSync(() => {
    const missing = useFiles(store, files, put, now);
    if (missing.length > 0) return missing;
    const added = store.features.missing([...new Set(files.map(({ digest }) => digest))]);
    store.features.add(added.map((digest) => ({ digest, text: null, feature: Float32Array.of(1, 2) })));
    return [];
  });

const capture = ({ store, now }: Scene, { digest }: NewFile): void =>
  store.captures.put({ digest, record: "{}", uncertainty: 0.5, at: now }, `cap_${digest}`);

function forget({ store }: Scene, files: readonly NewFile[]): void {
  const ids = store.features.idsOf(files.map(({ digest }) => digest));
  store.features.forgetUnused([...ids.values()]);
}

const upkeep = ({ store, now }: Scene, over: R2Bucket | null = bucket): Promise<void> =>
  deleteUnusedFiles(store, { now, bucket: over, turns: new Turns() });

const objects = async ({ prefix }: Scene): Promise<number> => (await bucket.list({ prefix })).objects.length;
const rows = ({ store }: Scene): number => store.storage.sql.exec("SELECT id FROM files").toArray().length;
const read = ({ store }: Scene, { digest }: NewFile) => readFile({ store, bucket }, digest);
const isDue = ({ store, now }: Scene): boolean => store.alarms.due(now).includes("files");

/** The bucket, but a call of `method` fails before or after its effect. */
function failing(method: "put" | "delete", when: "before" | "after"): R2Bucket {
  const fail = async (...args: unknown[]): Promise<never> => {
    if (when === "after") await (bucket[method] as (...all: unknown[]) => Promise<unknown>)(...args);
    throw new Error("killed");
  };
  return { put: bucket.put.bind(bucket), delete: bucket.delete.bind(bucket), [method]: fail } as unknown as R2Bucket;
}

it("a small file is stored in the head and a large one in the bucket, and both can be read", () =>
  inHead(async (scene) => {
    const [small, large] = [fileOf("small", LIMITS.inlineFileBytes), fileOf("large")];
    expect(await add(scene, [small, large])).toEqual([]);
    expect(await objects(scene)).toBe(1);
    const at = { mediaType: "image/png" };
    expect(await read(scene, small)).toEqual({ ...at, bytes: small.bytes });
    expect(await read(scene, large)).toEqual({ ...at, bytes: large.bytes });
    expect(await read(scene, fileOf("never"))).toBeNull();
    expect(filesOf(scene.store).bucketBytes()).toBe(large.bytes.byteLength);
  }));

it("a file is stored once if it arrives twice: in one upload, in two uploads, or in two uploads at the same time", () =>
  inHead(async (scene) => {
    const file = fileOf("twice");
    expect(await add(scene, [file, file])).toEqual([]);
    expect(await add(scene, [file])).toEqual([]);
    expect([await objects(scene), rows(scene)]).toEqual([1, 1]);
    const other = fileOf("at once");
    const [first, second] = [await putFiles(putTools(scene), [other]), await putFiles(putTools(scene), [other])];
    expect(commit(scene, [other], first)).toEqual([]);
    expect(commit(scene, [other], second)).toEqual([]);
    expect(await objects(scene)).toBe(3);
    scene.now += HOUR_MS;
    await upkeep(scene);
    expect([await objects(scene), rows(scene)]).toEqual([2, 2]);
    expect((await read(scene, other))?.bytes).toEqual(other.bytes);
  }));

it.each(["before", "after"] as const)("no object remains in the bucket if the runtime is killed %s the put", (when) =>
  inHead(async (scene) => {
    const failure = await putFiles(putTools(scene, failing("put", when)), [fileOf("lost")]).catch((error) => error);
    expect(failure).toBeInstanceOf(Fault);
    expect(failure.data.code).toBe("unavailable");
    expect(await objects(scene)).toBe(when === "after" ? 1 : 0);
    expect([scene.armed, isDue(scene)]).toEqual([1, false]); // the put may still be on its way
    scene.now += HOUR_MS;
    expect(isDue(scene)).toBe(true);
    await upkeep(scene);
    expect([await objects(scene), rows(scene), filesOf(scene.store).bucketBytes()]).toEqual([0, 0, 0]);
    expect(isDue(scene)).toBe(false);
  }),
);

it("no object remains in the bucket if the runtime is killed between the put and the transaction", () =>
  inHead(async (scene) => {
    await putFiles(putTools(scene), [fileOf("abandoned")]);
    expect(await objects(scene)).toBe(1);
    scene.now += HOUR_MS;
    await upkeep(scene);
    expect([await objects(scene), rows(scene)]).toEqual([0, 0]);
  }));

it("the head requests a file again if its copy was abandoned before the transaction, and stores it then", () =>
  inHead(async (scene) => {
    const file = fileOf("slow");
    const put = await putFiles(putTools(scene), [file]);
    scene.now += HOUR_MS;
    await upkeep(scene, failing("delete", "after")).catch(() => undefined);
    expect(commit(scene, [file], put)).toEqual([file.digest]);
    expect(scene.store.features.missing([file.digest])).toEqual([file.digest]);
    expect(await add(scene, [file])).toEqual([]);
    scene.now += HOUR_MS;
    await upkeep(scene);
    expect([await objects(scene), rows(scene)]).toEqual([1, 1]);
    expect((await read(scene, file))?.bytes).toEqual(file.bytes);
  }));

it("an upload uses none of its files if one of them must be sent again", () =>
  inHead(async (scene) => {
    const [lost, other, tiny] = [fileOf("lost"), fileOf("other"), fileOf("tiny", 9)];
    const put = await putFiles(putTools(scene), [other, tiny]);
    expect(commit(scene, [other, tiny, lost], put)).toEqual([lost.digest]);
    scene.now += HOUR_MS;
    await upkeep(scene);
    expect([await objects(scene), rows(scene)]).toEqual([0, 0]);
  }));

it("files are deleted with their last input, by an intent that is recorded in the same transaction", () =>
  inHead(async (scene) => {
    const files = [fileOf("a"), fileOf("b"), fileOf("tiny", 9)];
    await add(scene, files);
    scene.store.storage.transactionSync(() => forget(scene, files));
    expect(isDue(scene)).toBe(true);
    expect([await objects(scene), rows(scene)]).toEqual([2, 2]);
    await upkeep(scene);
    expect([await objects(scene), rows(scene), isDue(scene)]).toEqual([0, 0, false]);
  }));

it("a file is kept while a capture or an input uses it, and is deleted after the last use", () =>
  inHead(async (scene) => {
    const file = fileOf("shared");
    await add(scene, [file]);
    capture(scene, file);
    forget(scene, [file]);
    await upkeep(scene);
    expect((await read(scene, file))?.bytes).toEqual(file.bytes);
    await add(scene, [file]);
    while (scene.store.captures.clearSome());
    await upkeep(scene);
    expect((await read(scene, file))?.bytes).toEqual(file.bytes);
    forget(scene, [file]);
    await upkeep(scene);
    expect([await read(scene, file), await objects(scene)]).toEqual([null, 0]);
  }));

it.each(["before", "after"] as const)(
  "a deletion is repeated if the runtime is killed %s the bucket's answer",
  (when) =>
    inHead(async (scene) => {
      const file = fileOf("twice deleted");
      await add(scene, [file]);
      forget(scene, [file]);
      await expect(upkeep(scene, failing("delete", when))).rejects.toThrow("killed");
      expect(rows(scene)).toBe(1);
      await upkeep(scene);
      expect(rows(scene)).toBe(1); // not at once: the bucket may be in trouble
      scene.now += 2_000;
      await upkeep(scene);
      expect([await objects(scene), rows(scene)]).toEqual([0, 0]);
    }),
);

it("a file is kept if it is written again while its deletion is pending, running or repeated", () =>
  inHead(async (scene) => {
    const file = fileOf("again");
    const isWhole = async (): Promise<void> => expect((await read(scene, file))?.bytes).toEqual(file.bytes);
    await add(scene, [file]);
    forget(scene, [file]);
    await add(scene, [file]); // pending
    await upkeep(scene);
    await isWhole();
    forget(scene, [file]);
    const during = {
      ...failing("delete", "before"),
      delete: (keys: string[]) => add(scene, [file]).then(() => bucket.delete(keys)),
    };
    await upkeep(scene, during as unknown as R2Bucket); // in progress
    await isWhole();
    forget(scene, [file]);
    await upkeep(scene, failing("delete", "before")).catch(() => undefined);
    await add(scene, [file]);
    scene.now += HOUR_MS;
    await upkeep(scene); // repeated
    await isWhole();
    expect([await objects(scene), rows(scene)]).toEqual([1, 1]);
  }));

it("the wait grows after each failed deletion", () =>
  inHead(async (scene) => {
    await add(scene, [fileOf("stubborn")]);
    forget(scene, [fileOf("stubborn")]);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      await upkeep(scene, failing("delete", "before")).catch(() => undefined);
      const next = filesOf(scene.store).nextCheck() ?? 0;
      waits.push((next - scene.now) / 1_000);
      scene.now = next;
    }
    expect(waits).toEqual([1, 4, 16, 64, 256, 1_024, 3_600, 3_600]);
  }));

it("without a bucket, a head stores small files, refuses large ones with a reason, and remembers the files that it cannot delete", () =>
  inHead(async (scene) => {
    await add(scene, [fileOf("large"), fileOf("tiny", 9)]);
    expect((await putFiles(putTools(scene, null), [fileOf("other", 9)])).size).toBe(0);
    const failure = await putFiles(putTools(scene, null), [fileOf("too large")]).catch((error) => error);
    expect(failure.data).toMatchObject({ code: "too_large", detail: expect.stringContaining("no bucket") });
    expect(rows(scene)).toBe(2);
    forget(scene, [fileOf("large")]);
    await upkeep(scene, null);
    expect(rows(scene)).toBe(2);
    scene.now += 2 * HOUR_MS;
    expect(isDue(scene)).toBe(true);
    await upkeep(scene);
    expect([await objects(scene), rows(scene)]).toEqual([0, 1]);
  }));

it.each([true, false])(
  "an upload stores the files of its examples only if the head keeps inputs: %s",
  async (keepInputs) => {
    const name = freshName();
    const stub = env.HEADS.getByName(name);
    const rpc = stub as unknown as HeadRpc;
    const backbone = { id: "features", identity: "sha256:test", dimension: 2 } as const;
    const prefix = `tenant.${name}/head/life/`;
    const config = { id: "head", task: "classification", backbone, labels: null, description: null } as const;
    unwrap(await rpc.create({ ...config, files: prefix, keepInputs }));
    const files = [fileOf("large"), fileOf("tiny", 9)];
    const examples = files.map(({ digest, mediaType, bytes }, index) => {
      const content = { form: "file", mediaType, bytes: bytes.slice() } as const;
      return { index, id: `e${index}`, digest, content, target: { label: "l" } };
    });
    const features = { digests: files.map(({ digest }) => digest), values: Float32Array.of(1, 2, 3, 4) };
    const request = { examples, features, source: "api", examplesQuota: 10 } as const;
    expect(unwrap(await rpc.append(request))).toMatchObject({ added: 2 });
    expect(unwrap(await rpc.append(request))).toMatchObject({ unchanged: 2 });
    const stored = async (): Promise<[number, number]> => [
      (await bucket.list({ prefix })).objects.length,
      await inObject(name, ({ sql }) => sql.exec("SELECT id FROM files WHERE check_at IS NULL").toArray().length),
    ];
    expect(await stored()).toEqual(keepInputs ? [1, 2] : [0, 0]);
    const { size } = unwrap(await rpc.describe());
    const database = await inObject(name, ({ sql }) => sql.databaseSize);
    expect(size.bytes - database).toBe(keepInputs ? files[0]?.bytes.byteLength : 0);
    for (const { id } of examples) unwrap(await rpc.deleteExample(id));
    await vi.waitFor(async () => expect(await stored()).toEqual([0, 0]), 5_000);
  },
);

it("the storage quota counts only files that are not stored yet, each once", () =>
  inHead(async (scene) => {
    const [stored, small, large] = [fileOf("stored"), fileOf("small", 9), fileOf("large")];
    await add(scene, [stored]);
    const files = newFilesOf(scene.store, [stored, large, small, large]);
    expect(files).toEqual([large, small]);
    expect(bytesOfFiles(files)).toBe(large.bytes.byteLength);
  }));

it("the head soon reports to the tenant that storage was freed, but only if a file was deleted", () =>
  inHead(async (scene) => {
    const { meta, alarms } = scene.store;
    meta.set("owner", { tenant: "t", space: "s" });
    await add(scene, [fileOf("large")]);
    await upkeep(scene);
    expect(alarms.at("usage")).toBeNull();
    forget(scene, [fileOf("large")]);
    await upkeep(scene);
    expect(alarms.at("usage")).toBe(scene.now + LIMITS.reportSeconds * 1_000);
  }));

it("the restoring of pending inputs skips one that is deleted before its file is read, and throws if a file is lost", () =>
  inHead(async ({ store }) => {
    const [kept, lost] = [fileOf("kept", 9), fileOf("lost", 9)];
    const images = Object.create(store, { config: { value: { ...store.config, modality: "image" } } }) as HeadStore;
    filesOf(store).put(kept);
    const rows = [fileOf("deleted", 9), kept].map(({ digest }) => ({ digest, text: null }));
    const restored = await restoredInputs({ store: images, bucket }, rows, null);
    expect([...restored.keys()]).toEqual([kept.digest]);
    store.features.add([{ digest: lost.digest, text: null, feature: null }]);
    const restoring = restoredInputs({ store: images, bucket }, [{ digest: lost.digest, text: null }], null);
    await expect(restoring).rejects.toThrow("is not stored");
  }));

it("many files are deleted in several alarms", () =>
  inHead(async (scene) => {
    const { sql } = scene.store.storage;
    const count = LIMITS.filesDeletedAtOnce * LIMITS.fileDeletionsPerAlarm;
    sql.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count + 5})
      INSERT INTO files (digest, media_type, bytes, check_at) SELECT 'd' || i, 'image/png', 1, 0 FROM n`);
    await upkeep(scene);
    expect([rows(scene), isDue(scene)]).toEqual([5, true]);
    await upkeep(scene);
    expect([rows(scene), isDue(scene)]).toEqual([0, false]);
  }));
