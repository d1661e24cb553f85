// Puts the files of new examples into the bucket.
import type { AppendRequest } from "../../../src/contract/example-rpc.ts";
import { bytesOfFiles, newFilesOf, type PutFiles, putFiles } from "../files/put-files.ts";
import { admitUpload } from "../quota-usage.ts";
import { keepsInputs } from "../store.ts";
import type { HeadTools } from "../tools.ts";
import { filesIn } from "./stored-inputs.ts";

/** Puts the files that the head will store. Call it before the transaction that adds the examples. */
export async function putFilesOf(
  tools: HeadTools,
  { examples, features }: Pick<AppendRequest, "examples" | "features">,
): Promise<PutFiles> {
  const pending = new Set(features.pending);
  const wanted = filesIn(examples).filter(({ digest }) => keepsInputs(tools.store) || pending.has(digest));
  const files = newFilesOf(tools.store, wanted);
  if (files.length > 0) await admitUpload(tools, bytesOfFiles(files));
  return putFiles(tools, files);
}
