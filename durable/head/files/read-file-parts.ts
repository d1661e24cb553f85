// Reads stored files in parts of bounded size: some small files, or a part of a large one, in one call.
import { LIMITS } from "../../../src/core/limits.ts";
import { mapLimited } from "../../../src/core/map-limited.ts";
import { Fault } from "../../../src/core/problems.ts";
import { filesOf, type StoredFile } from "../../tables/files.ts";
import type { HeadTools } from "../tools.ts";
import { keyOf } from "./file-keys.ts";

export interface FilePart {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}

interface Place {
  readonly file: StoredFile;
  readonly offset: number;
  readonly length: number;
}

type FileTools = Pick<HeadTools, "store" | "bucket">;

/**
 * The files of the first inputs in `digests`, as many as fit into `most` bytes; of a larger one the part at `offset`. null: the
 * input has no file.
 */
export async function readFileParts(
  tools: FileTools,
  digests: readonly string[],
  offset: number,
  most: number,
): Promise<(FilePart | null)[]> {
  const places = [...placesWithin(filesIn(tools, digests), offset, most)];
  const parts: (FilePart | null)[] = new Array(places.length).fill(null);
  await mapLimited([...places.entries()], LIMITS.filesPutAtOnce, async ([i, place]) => {
    if (place) parts[i] = await readPart(tools, place);
  });
  return parts;
}

function* filesIn({ store }: FileTools, digests: readonly string[]): Generator<StoredFile | null> {
  const table = filesOf(store);
  for (const digest of digests) yield table.find(digest);
}

/** What to read at once. Only the first file is divided. */
export function* placesWithin<File extends Pick<StoredFile, "bytes">>(
  files: Iterable<File | null>,
  offset: number,
  most: number,
): Generator<{ readonly file: File; readonly offset: number; readonly length: number } | null> {
  let room = most;
  let start = offset;
  for (const file of files) {
    const left = file ? file.bytes - start : 0;
    if (left > room && room < most) return;
    const length = Math.min(left, room);
    yield file && { file, offset: start, length };
    room -= length;
    if (length < left) return;
    start = 0;
  }
}

/** null: the file was deleted before any of it was read. */
async function readPart({ store, bucket }: FileTools, { file, offset, length }: Place): Promise<FilePart | null> {
  const { digest, media_type: mediaType } = file;
  const isLast = offset + length === file.bytes;
  if (file.data) return { mediaType, bytes: new Uint8Array(file.data.slice(offset, offset + length)), isLast };
  const stored = await bucket?.get(keyOf(store, file), { range: { offset, length } });
  if (stored) return { mediaType, bytes: new Uint8Array(await stored.arrayBuffer()), isLast };
  if (offset === 0 && filesOf(store).find(digest)?.id !== file.id) return null;
  throw new Fault("unavailable", "A file of this head cannot be read; try again", { retryAfterSeconds: 1 });
}
