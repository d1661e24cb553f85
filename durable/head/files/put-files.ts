// Stores the files of new inputs, in three steps: a row records the intent to put a copy into the bucket, the copy is put, and
// the transaction that adds the inputs takes it into use. After a kill between two steps, the unused copy is deleted
// (delete-files.ts).
import type { Clock } from "../../../src/core/clock.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { logEvent } from "../../../src/core/log.ts";
import { mapLimited } from "../../../src/core/map-limited.ts";
import { Fault } from "../../../src/core/problems.ts";
import { type BucketCopy, filesOf, type NewFile } from "../../tables/files.ts";
import type { HeadStore } from "../store.ts";
import { keyOf } from "./file-keys.ts";

export interface PutTools {
  readonly store: HeadStore;
  readonly now: Clock;
  readonly bucket: Pick<R2Bucket, "put"> | null;
}

/** Ids of the copies that were put, by digest. */
export type PutFiles = ReadonlyMap<string, number>;

/** Puts the files into the bucket that are too large for a row and not stored yet. */
export async function putFiles({ store, now, bucket }: PutTools, files: readonly NewFile[]): Promise<PutFiles> {
  const large = new Map(newFilesOf(store, files.filter(isLarge)).map((file) => [file.digest, file]));
  if (large.size === 0) return new Map();
  if (!bucket || store.config.files === undefined) throw noBucket(Math.max(...[...large.values()].map(sizeOf)));
  const copies = begin(store, [...large.values()], now());
  await store.alarms.arm();
  try {
    await mapLimited(copies, LIMITS.filesPutAtOnce, (copy) => {
      const { bytes, mediaType } = large.get(copy.digest) as NewFile;
      return bucket.put(keyOf(store, copy), bytes, { httpMetadata: { contentType: mediaType } });
    });
  } catch (error) {
    logEvent("error", "put_file_failed", { head: store.config.id, error: String(error) });
    throw new Fault("unavailable", "The bucket for files does not answer; send the request again", {
      retryAfterSeconds: 1,
    });
  }
  return new Map(copies.map(({ digest, id }) => [digest, id]));
}

function begin(store: HeadStore, files: readonly NewFile[], now: number): BucketCopy[] {
  const until = now + LIMITS.unclaimedFileSeconds * 1_000;
  const table = filesOf(store);
  return store.storage.transactionSync(() => {
    store.alarms.note("files", until);
    return files.map((file) => table.begin(file, until));
  });
}

/**
 * Marks stored files as used by inputs or captures. Call it in the transaction that adds them. Returns the digests whose copy was
 * deleted since `putFiles`, so that the file must be put again; in that case it marks no file.
 */
export function useFiles(store: HeadStore, files: readonly NewFile[], put: PutFiles, now: number): string[] {
  const table = filesOf(store);
  const known = table.known(files.map(({ digest }) => digest));
  const added = new Map(files.filter(({ digest }) => !known.has(digest)).map((file) => [file.digest, file]));
  const copyOf = (digest: string): number => put.get(digest) ?? 0;
  const isLost = (file: NewFile): boolean => isLarge(file) && !table.isUsable(copyOf(file.digest), now);
  const lost = [...added.values()].filter(isLost).map(({ digest }) => digest);
  if (lost.length > 0) return lost;
  for (const [digest, file] of added) {
    if (isLarge(file)) table.use(copyOf(digest));
    else table.put(file);
  }
  return [];
}

/** The files that are not stored yet, each once. */
export function newFilesOf(store: HeadStore, files: readonly NewFile[]): NewFile[] {
  const added = new Map(files.map((file) => [file.digest, file]));
  for (const digest of filesOf(store).known([...added.keys()])) added.delete(digest);
  return [...added.values()];
}

/** Bytes that files take in the bucket if they are new. */
export const bytesOfFiles = (files: readonly NewFile[]): number =>
  files.filter(isLarge).reduce((sum, file) => sum + sizeOf(file), 0);

const sizeOf = ({ bytes }: NewFile): number => bytes.byteLength;
const isLarge = (file: NewFile): boolean => sizeOf(file) > LIMITS.inlineFileBytes;

function noBucket(bytes: number): Fault {
  const detail = `This deployment has no bucket for files, so an image or a sound can have ${LIMITS.inlineFileBytes} bytes at most; one has ${bytes}. The operator can bind a bucket (FILES in wrangler.toml)`;
  return new Fault("too_large", detail);
}
