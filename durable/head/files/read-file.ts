// Reads a stored file.
import type { FileContent } from "../../../src/contract/inputs/kind.ts";
import { filesOf } from "../../tables/files.ts";
import type { HeadTools } from "../tools.ts";
import { keyOf } from "./file-keys.ts";

/** The file of an input or a capture; null if it has none, or if the file is deleted while it is read. */
export async function readFile(
  { store, bucket }: Pick<HeadTools, "store" | "bucket">,
  digest: string,
): Promise<FileContent | null> {
  const file = filesOf(store).find(digest);
  if (!file) return null;
  const data = file.data ?? (await (await bucket?.get(keyOf(store, file)))?.arrayBuffer());
  return data ? { mediaType: file.media_type, bytes: new Uint8Array(data) } : null;
}
